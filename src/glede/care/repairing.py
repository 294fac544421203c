"""Makes damaged blobs and documents again: vectors from texts, all else from originals that are whole."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from glede.adding.blob_keys import original_key, packed_vectors
from glede.adding.ingest import Ingest
from glede.adding.ready import Prepared
from glede.adding.runs import Request, identity_of
from glede.adding.storing import Store
from glede.aside import is_aside, is_past
from glede.care.books import Books
from glede.care.checking import Kept, Problem
from glede.care.stored import prepared
from glede.completing import completed
from glede.errors import GledeError
from glede.plugins import parser_names
from glede.ports import EmbeddingPack
from glede.sources.items import Content
from glede.types import Document, sha256_of


@dataclass(slots=True)
class Repairs:
    """What was made again, by file or document, and what could not be."""

    made: list[str] = field(default_factory=list)
    lost: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Repair:
    """Repairs what a check has found; each step leaves what a next run goes on from."""

    store: Store
    books: Books
    ingest: Ingest

    async def blobs(self, damaged: Sequence[Kept], repairs: Repairs) -> None:
        """Make blobs again: originals from the files that they were read from, vectors, and then parses."""
        kinds = {kind: [one for one in damaged if one.key.startswith(f"{kind}/")] for kind in _KINDS}
        for one in kinds.pop("originals"):
            await asyncio.to_thread(self._original, one, repairs)
        for one in kinds.pop("vectors"):
            await self.vectors(one, repairs)
        rest = [one for found in kinds.values() for one in found]
        for one in rest:
            await asyncio.to_thread(self.store.blobs.delete, one.key)
        documents = {who: one.key for one in rest for who in one.documents}
        for (collection, document_id), key in documents.items():
            document = await asyncio.to_thread(self.books.unverified, collection, document_id)
            await self.document(collection, document, f"blobs/{key}", repairs)
        for one in rest:
            if await asyncio.to_thread(self.store.blobs.exists, one.key):
                repairs.made.append(f"blobs/{one.key}")

    def _original(self, kept: Kept, repairs: Repairs) -> None:
        """A file that still holds the same takes the place of a damaged original."""
        sha256 = kept.key.rpartition("/")[2]
        documents = [self.books.unverified(*who) for who in kept.documents]
        for source in dict.fromkeys(name for one in documents for name in one.sources):
            data = _bytes_of(source)
            if data is not None and sha256_of(data) == sha256:
                self.store.blobs.delete(kept.key)
                self.store.blobs.put(kept.key, data)
                repairs.made.append(f"blobs/{kept.key}")
                return
        repairs.lost += [
            _lost(one, f"blobs/{kept.key}", "no file holds the same any more") for one in documents
        ]

    async def vectors(self, kept: Kept, repairs: Repairs) -> None:
        """Embed what a pack held again; what cannot be read now is told by the rows that are missing then."""
        documents: list[Prepared] = []
        for who in kept.documents:
            try:
                sees = self.store.sees is not None
                documents.append(await asyncio.to_thread(prepared, self.store, *who, assets=sees))
            except GledeError:
                continue
        await completed(self.books.forget_packs, [kept.key])
        await completed(self.store.blobs.delete, kept.key)
        embedded = await self.store.embed(documents)
        held = embedded.fresh or {key: vector for key, (vector, _) in embedded.stored.items()}
        if not held:
            return
        rows = np.stack(list(held.values())).astype("<f4")
        data = packed_vectors(rows) if kept.key.endswith(".z") else rows.tobytes()
        await completed(self.store.blobs.put, kept.key, data)
        pack = EmbeddingPack(self.store.embedder.model, kept.key, tuple(held))
        await completed(self.books.keep_pack, pack)
        repairs.made.append(f"blobs/{kept.key}")

    async def document(self, collection: str, document: Document, place: str, repairs: Repairs) -> None:
        """Read a document again from its original, as it was read when it was added."""
        if is_past(collection):
            hint = f"`glede rm --all-versions {document.id}` forgets it."
            repairs.lost.append(Problem("past", place, "belongs to a former version", hint, (document.id,)))
            return
        if is_aside(collection):
            hint = f"`glede enable {document.id}`, then `glede rebuild`."
            repairs.lost.append(
                Problem("disabled", place, "belongs to a disabled document", hint, (document.id,))
            )
            return
        try:
            data = await asyncio.to_thread(self.store.blobs.get, original_key(document.sha256))
        except (GledeError, ValueError) as error:
            said = getattr(error, "message", "its row in the catalogue does not tell its original")
            repairs.lost.append(_lost(document, place, said))
            return
        parsers = [
            name
            for name in (None, *parser_names())
            if identity_of(document.sha256, document.metadata, name) == document.id
        ]
        if not parsers:
            repairs.lost.append(_lost(document, place, "its row does not tell how it was read"))
            return
        request = Request(collection, document.metadata, parsers[0], again=True)
        report = await self.ingest.add([Content(data, document.source)], request)
        for one in report.failed:
            why = one.error.message if one.error else "it cannot be read"
            repairs.lost.append(_lost(document, place, why))
        if not report.failed:
            repairs.made.append(f"document {document.source}")


_KINDS = ("originals", "vectors", "parses", "assets", "unprocessed")


def _bytes_of(source: str) -> bytes | None:
    try:
        path = Path(source)
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError):
        return None


def _lost(document: Document, place: str, why: str) -> Problem:
    """What is lost for good, and how it comes back."""
    hint = f"`glede rm {document.id}`, then add it again: {', '.join(document.sources) or document.id}"
    return Problem("lost", place, why, hint, (document.id,))
