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
from glede.care.books import Books
from glede.care.package import DOCUMENTS, FORMAT, MANIFEST, PIECE, VERSION, Manifest, Packed, lines, manifests
from glede.care.stored import prepared, rows_of, vectors_for
from glede.errors import unavailable
from glede.knowledge import Graphed
from glede.ports import fingerprint_of
from glede.types import sha256_of


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in the file."""

    file: Path
    documents: int
    chunks: int
    size: int


@dataclass(frozen=True, slots=True)
class Export:
    """Reads one collection out of the stores; disabled documents stay."""

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
            raise unavailable(f"the file {target}", error) from error
        finally:
            with suppress(OSError):
                temporary.unlink()
        return Exported(target, *counts, target.stat().st_size)

    def _write(self, stream: IO[bytes]) -> tuple[int, int]:
        documents = chunks = 0
        digest = hashlib.sha256()
        written: set[str] = set()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive, tempfile.TemporaryFile() as aside:
            for document_id in self.books.document_ids(self.collection):
                packed = self._packed(archive, document_id, written)
                line = lines().dump_json(packed) + b"\n"
                digest.update(line)
                aside.write(line)
                documents += 1
                chunks += len(packed.chunks)
            aside.seek(0)
            info = zipfile.ZipInfo(DOCUMENTS)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as member:
                while piece := aside.read(PIECE):
                    member.write(piece)
            manifest = self._manifest(documents, chunks, digest.hexdigest())
            archive.writestr(zipfile.ZipInfo(MANIFEST), manifests().dump_json(manifest, indent=1))
        return documents, chunks

    def _manifest(self, documents: int, chunks: int, sha256: str) -> Manifest:
        catalogue, store = self.store.catalogue, self.store
        edits = catalogue.graph.edits(self.collection) if isinstance(catalogue, Graphed) else []
        return Manifest(
            FORMAT,
            VERSION,
            self.collection,
            fingerprint_of(store.embedder),
            store.picture_fingerprint,
            documents,
            chunks,
            sha256,
            tuple(edit for edit in edits if not edit.undone),
        )

    def _packed(self, archive: zipfile.ZipFile, document_id: str, written: set[str]) -> Packed:
        """The line of a document, whose members are written before."""
        catalogue, blobs = self.store.catalogue, self.store.blobs
        one = prepared(self.store, self.collection, document_id)
        document = one.document
        vectors = vectors_for(self.store, [one])
        rows_of(self.store, one, vectors)  # none of them is missing
        keys = tuple(vectors)
        packed = packed_vectors(np.stack([vectors[key] for key in keys])) if keys else b""
        parse = blobs.get(parse_key(document.version))
        kept = self.books.kept_blobs(self.collection, document_id)
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
        states = [(name, catalogue.source(self.collection, name)) for name in document.sources]
        graph = catalogue.graph.read(self.collection, document_id) if isinstance(catalogue, Graphed) else None
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
