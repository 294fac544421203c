"""Writes a collection into one file, a document at a time, with all that was made of it."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from glede.adding.blob_keys import asset_key, original_key, packed_vectors, parse_key, raw_key
from glede.adding.storing import Store
from glede.aside import past_of
from glede.care.books import Books
from glede.care.package import (
    DOCUMENTS,
    FORMAT,
    MANIFEST,
    PAST,
    PIECE,
    VERSION,
    Manifest,
    Packed,
    lines,
    manifests,
)
from glede.care.stored import prepared, rows_of, vectors_for
from glede.errors import unavailable
from glede.knowledge import Graphed
from glede.ports import fingerprint_of
from glede.retrieval.remembering import Remembering
from glede.types import sha256_of


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in the file."""

    file: Path
    documents: int
    chunks: int
    size: int


@dataclass(frozen=True, slots=True)
class _Lines:
    """A member with a line for each document: how many those are, and its SHA-256."""

    documents: int
    chunks: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Export:
    """Reads one collection, with its past, out of the stores; disabled documents stay."""

    store: Store
    books: Books
    collection: str

    def write(self, target: Path) -> Exported:
        """All of it; the file is there when it is whole, and replaces one of that name."""
        temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("xb") as stream:
                counts = self._write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(target)
        except OSError as error:
            told = unavailable(f"the file {target}", error)
            told.hint = "Name a file in a folder that is there, may be written to, and has room."
            raise told from error
        finally:
            with suppress(OSError):
                temporary.unlink()
        return Exported(target, *counts, target.stat().st_size)

    def _write(self, stream: IO[bytes]) -> tuple[int, int]:
        written: set[str] = set()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
            live = self._documents(archive, DOCUMENTS, self.collection, written)
            past = past_of(self.collection)
            gone = self._documents(archive, PAST, past, written) if self.books.document_ids(past) else None
            manifest = self._manifest(live, gone)
            archive.writestr(zipfile.ZipInfo(MANIFEST), manifests().dump_json(manifest, indent=1))
        return live.documents, live.chunks

    def _documents(self, archive: zipfile.ZipFile, name: str, scope: str, written: set[str]) -> _Lines:
        """The documents of a scope, and a member with a line for each."""
        documents = chunks = 0
        digest = hashlib.sha256()
        with tempfile.TemporaryFile() as aside:
            for document_id in self.books.document_ids(scope):
                packed = self._packed(archive, scope, document_id, written)
                line = lines().dump_json(packed) + b"\n"
                digest.update(line)
                aside.write(line)
                documents += 1
                chunks += len(packed.chunks)
            aside.seek(0)
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as member:
                while piece := aside.read(PIECE):
                    member.write(piece)
        return _Lines(documents, chunks, digest.hexdigest())

    def _manifest(self, live: _Lines, gone: _Lines | None) -> Manifest:
        catalogue, store = self.store.catalogue, self.store
        edits = catalogue.graph.edits(self.collection) if isinstance(catalogue, Graphed) else []
        return Manifest(
            FORMAT,
            VERSION,
            self.collection,
            fingerprint_of(store.embedder),
            store.picture_fingerprint,
            live.documents,
            live.chunks,
            live.sha256,
            tuple(edit for edit in edits if not edit.undone),
            gone.sha256 if gone is not None else "",
            tuple(catalogue.past.every(self.collection)) if isinstance(catalogue, Remembering) else (),
        )

    def _packed(self, archive: zipfile.ZipFile, scope: str, document_id: str, written: set[str]) -> Packed:
        """The line of a document, whose members are written before."""
        catalogue, blobs = self.store.catalogue, self.store.blobs
        one = prepared(self.store, scope, document_id)
        document = one.document
        vectors = vectors_for(self.store, [one])
        rows_of(self.store, one, vectors)  # none of them is missing
        keys = tuple(vectors)
        packed = packed_vectors(np.stack([vectors[key] for key in keys])) if keys else b""
        parse = blobs.get(parse_key(document.version))
        kept = self.books.kept_blobs(scope, document_id)
        raw = blobs.get(raw_key(document.version)) if raw_key(document.version) in kept else b""
        assets = tuple(sorted(key.rpartition("/")[2] for key in kept if key.startswith("assets/")))
        members: Iterator[tuple[str, str]] = ((f"assets/{name}", asset_key(name)) for name in assets)
        for name, key in ((f"originals/{document.sha256}", original_key(document.sha256)), *members):
            if name not in written:
                written.add(name)
                archive.writestr(zipfile.ZipInfo(name), blobs.get(key))
        for name, data in (("parses", parse), ("unprocessed", raw)):
            if data:
                archive.writestr(zipfile.ZipInfo(f"{name}/{document.id}"), data)
        archive.writestr(zipfile.ZipInfo(f"vectors/{document.id}"), packed)
        states = [(name, catalogue.source(scope, name)) for name in document.sources]
        graph = catalogue.graph.read(scope, document_id) if isinstance(catalogue, Graphed) else None
        return Packed(
            document,
            tuple((name, state.modified if state else 0.0) for name, state in states),
            one.chunks,
            graph,
            keys,
            sha256_of(packed),
            sha256_of(parse),
            sha256_of(raw) if raw else "",
            assets,
        )
