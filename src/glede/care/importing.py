"""Takes a collection in from the file of an export, without parsing or embedding anything again.

Nothing in the file is believed: what does not fit together is refused, document by document, and no document
that is there already is replaced. Stopped half-way, the same import goes on.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from glede.adding.blob_keys import vectors_of
from glede.adding.parsed_json import load_parsed
from glede.adding.ready import Prepared
from glede.adding.runs import failed, outcome_of
from glede.adding.storing import Embedded, Store, picture_key, pictures_in
from glede.aside import aside_of, is_past, past_of, present_of
from glede.care.package import Manifest, Packed, Reader, opened, unpacked_within
from glede.completing import completed
from glede.errors import DocumentError, GledeError, MalformedError, ModelMismatchError, UsageError
from glede.knowledge import Graphed
from glede.ports import Vectors, fingerprint_of
from glede.results import Added, Version
from glede.retrieval.remembering import Remembering
from glede.text import moments
from glede.types import Parsed, content_hash

BATCH_DOCUMENTS = 64
BATCH_BYTES = 16 * 2**20
MOST_UNPACKED = 2**30
"""What a parse or the vectors of one document may come to."""
_ID = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LENGTH = 0.01
_OTHER_MODEL = (
    "Set GLEDE_EMBED to the model that it was exported with, or add the documents again with this one: the "
    "folder `originals` of the file holds them."
)


@dataclass(slots=True)
class Batch:
    """Documents that are written together."""

    prepared: list[Prepared] = field(default_factory=list)
    vectors: dict[str, Vectors] = field(default_factory=dict)
    names: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    bytes: int = 0

    @property
    def full(self) -> bool:
        """Whether it should be written."""
        return len(self.prepared) >= BATCH_DOCUMENTS or self.bytes >= BATCH_BYTES


@dataclass(slots=True)
class Import:
    """One import; `most` is the largest original that is taken, `name_of` checks a collection's name."""

    store: Store
    most: int
    name_of: Callable[[str], str]
    outcomes: list[Added] = field(default_factory=list)

    async def read(self, path: Path, collection: str | None) -> tuple[Added, ...]:
        """What became of each document of the file."""
        archive = await asyncio.to_thread(opened, path)
        with archive:
            reader = Reader(archive, self.most)
            manifest = await asyncio.to_thread(reader.manifest)
            target = collection or self.name_of(manifest.collection)
            self._check_model(target, manifest)
            await self.store.open(target)
            await self._documents(reader, reader.documents(manifest), target)
            await self._past(reader, manifest, target)
            await self.store.finish(target)
            await asyncio.to_thread(self._edits, target, manifest)
        return tuple(self.outcomes)

    def _check_model(self, collection: str, manifest: Manifest) -> None:
        for found, wanted in (
            (manifest.embedding, fingerprint_of(self.store.embedder)),
            (manifest.pictures, self.store.picture_fingerprint),
        ):
            if found != wanted:
                error = ModelMismatchError(collection, found[:200], wanted)
                error.hint = _OTHER_MODEL
                raise error

    async def _past(self, reader: Reader, manifest: Manifest, collection: str) -> None:
        """What was live once, where it can be kept, and then which source meant it when."""
        catalogue = self.store.catalogue
        if not manifest.versions or not isinstance(catalogue, Remembering):
            return
        versions = [one for one in manifest.versions if _is_sound(one)]
        scope = past_of(collection)
        await self.store.open(scope)
        await self._documents(reader, reader.past(manifest), scope)
        await completed(catalogue.past.restore, collection, versions)

    async def _documents(self, reader: Reader, documents: Iterator[Packed], collection: str) -> None:
        batch = Batch()
        while (packed := await asyncio.to_thread(next, documents, None)) is not None:
            try:
                one = await asyncio.to_thread(self._taken, reader, packed, collection, batch)
            except (DocumentError, UsageError) as error:
                self.outcomes.append(failed(packed.document.source[:500], error))
                continue
            if one is not None:
                batch.prepared.append(one)
            if batch.full:
                await self._keep(collection, batch)
                batch = Batch()
        await self._keep(collection, batch)

    async def _keep(self, collection: str, batch: Batch) -> None:
        if not batch.prepared:
            return
        stored = await asyncio.to_thread(self.store.stored, list(batch.vectors))
        fresh = {key: vector for key, vector in batch.vectors.items() if key not in stored}
        await self.store.keep(collection, Embedded(batch.prepared, stored, fresh))
        for one in batch.prepared:
            attach = self.store.catalogue.attach
            for name, modified in batch.names[one.document.id]:
                await completed(attach, collection, name, one.document.id, modified)
            if is_past(collection):
                continue
            self.outcomes.append(outcome_of(one.document.source, "searchable", one.document))

    def _taken(self, reader: Reader, packed: Packed, collection: str, batch: Batch) -> Prepared | None:
        """The document as if it had just been read; `None` where it is there already."""
        document = packed.document
        _check_identity(packed)
        names = [(name, dict(packed.modified).get(name, 0.0)) for name in document.sources]
        if is_past(collection):
            if self._is_there(present_of(collection), document.id):
                return None
            names = [(document.id, 0.0)]  # until its versions are known
        elif (live := self.store.catalogue.document(collection, document.id)) is not None:
            self.outcomes.append(outcome_of(document.source, "unchanged", live))
            return None
        for source, _ in names:
            if self.store.catalogue.source(collection, source) is not None:
                raise UsageError(f"{source[:200]} is there already, and means another document")
        data = reader.checked(f"originals/{document.sha256}", document.sha256)
        parsed = self._parsed(reader, f"parses/{document.id}", packed.parse_sha256, packed.assets)
        raw = None
        if packed.raw_sha256:
            raw = self._parsed(reader, f"unprocessed/{document.id}", packed.raw_sha256, ())
        _check_spans(packed, parsed)
        first, *others = names
        one = Prepared(0, *first, data, document, parsed, packed.chunks, packed.graph, raw)
        batch.names[document.id] = others
        vectors = self._vectors(reader, packed, one)
        batch.vectors |= vectors
        batch.bytes += len(data) + sum(map(len, parsed.assets.values()))
        return one

    def _is_there(self, collection: str, document_id: str) -> bool:
        """Whether a document is live, disabled or past."""
        scopes = (collection, aside_of(collection), past_of(collection))
        return any(self.store.catalogue.document(scope, document_id) is not None for scope in scopes)

    def _parsed(self, reader: Reader, name: str, sha256: str, assets: tuple[str, ...]) -> Parsed:
        data = unpacked_within(reader.checked(name, sha256), MOST_UNPACKED)
        try:
            parsed = load_parsed(data, {})
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedError(f"{name} is no parse: {error}") from error
        held = {one: reader.checked(f"assets/{one}", one) for one in assets if _SHA256.fullmatch(one)}
        return replace(parsed, assets=held)

    def _vectors(self, reader: Reader, packed: Packed, one: Prepared) -> dict[str, Vectors]:
        """The vector of each text and picture; only for those of this very document."""
        name = f"vectors/{packed.document.id}"
        data = reader.checked(name, packed.vectors_sha256)
        dimension = self.store.embedder.dimension
        rows = np.zeros((0, dimension), dtype="<f4")
        if packed.vectors:
            unpacked = unpacked_within(data, MOST_UNPACKED)
            try:
                rows = vectors_of(name, unpacked, dimension)
            except GledeError as error:
                raise MalformedError(error.message) from error
        right = np.isfinite(rows).all() and (abs(np.linalg.norm(rows, axis=1) - 1) < _LENGTH).all()
        if len(rows) != len(packed.vectors) or not right:
            raise MalformedError(f"{name} does not hold the {len(packed.vectors)} vectors of length 1")
        vectors = dict(zip(packed.vectors, rows, strict=True))
        texts = {content_hash("text", chunk.vector_text()) for chunk in one.chunks}
        pictures = {picture_key(picture) for _, picture in pictures_in(one)}
        if not texts <= vectors.keys() <= texts | pictures:
            raise MalformedError(f"{name} does not hold the vectors of its texts")
        return vectors

    def _edits(self, collection: str, manifest: Manifest) -> None:
        """What users have decided of the graph, where nothing is decided yet."""
        catalogue = self.store.catalogue
        if not isinstance(catalogue, Graphed) or catalogue.graph.edits(collection):
            return
        for edit in manifest.edits:
            if edit.kind in ("merge", "split"):
                catalogue.graph.edit(collection, edit.kind, edit.entities, edit.documents, edit.by)


def _is_sound(version: Version) -> bool:
    """Whether its times are points in time, in their order; what is not is left out."""
    try:
        whole = all(moments.end_of(one) == one for one in (version.since, version.until))
    except UsageError:
        return False
    return whole and version.since <= version.until


def _check_identity(packed: Packed) -> None:
    """Ids are what follows from what they name, as far as that is in the file."""
    document = packed.document
    well = (
        _ID.fullmatch(document.id)
        and _ID.fullmatch(document.version)
        and _SHA256.fullmatch(document.sha256)
        and document.sources
        and document.chunks == len(packed.chunks)
        and (packed.graph is None or packed.graph.document_id == document.id)
    )
    if not well:
        raise MalformedError("a document does not fit what is said of it")
    for place, chunk in enumerate(packed.chunks):
        identity = content_hash("chunk", document.version, str(place), chunk.text)
        if (chunk.id, chunk.ordinal, chunk.document_id) != (identity, place, document.id):
            raise MalformedError(f"chunk {place} does not have the id that follows from its text")


def _check_spans(packed: Packed, parsed: Parsed) -> None:
    """What chunks point at is there."""
    blocks = len(parsed.blocks)
    for chunk in packed.chunks:
        if any(not 0 <= span.block < blocks for span in chunk.spans):
            raise MalformedError(f"chunk {chunk.ordinal} stands in no block of the document")
        if chunk.asset is not None and chunk.asset not in parsed.assets:
            raise MalformedError(f"chunk {chunk.ordinal} names a picture or table that is not in the file")
