"""Puts prepared documents into the four stores, in the order that loses nothing.

1. The catalogue is told which blobs and rows are about to be written.
2. Blobs, then index rows, under the identities of the new version.
3. One transaction makes the documents live, retires what they replace, and takes back the announcement.
4. What was retired is purged from Index and Blobs, and then forgotten.

A crash between any two steps leaves what the next `sweep` removes and no reader sees.

Pictures have rows in a collection of their own beside, by the ids of their chunks: what a look at them gave,
or vectors of a model that sees pictures in the space of its texts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol

import numpy as np

from glede.adding.blob_keys import (
    VECTORS,
    asset_key,
    original_key,
    packed,
    packed_vectors,
    parse_key,
    raw_key,
    unpacked,
    vectors_key,
    vectors_of,
)
from glede.adding.parsed_json import dump_parsed, load_parsed
from glede.adding.ready import Prepared, Ready
from glede.adding.rehearsal import Rehearsal
from glede.completing import completed
from glede.endpoints import Attachment, PictureEmbedder
from glede.errors import (
    ContentFilterError,
    ContextLengthError,
    DimensionError,
    ModelMismatchError,
    ModelReplyError,
    RefusedRequestError,
    UnavailableError,
)
from glede.pictures import features as visual
from glede.ports import (
    Blobs,
    Catalogue,
    Embedder,
    EmbeddingPack,
    Index,
    IndexRow,
    Vectors,
    fingerprint_of,
)
from glede.precedence import QUESTIONS
from glede.text.labels import labels_of
from glede.types import Chunk, Document, Parsed, Picture, content_hash

PURGE_BATCH = 100
ROWS_AT_ONCE = 512
"""Rows whose keywords are there at once."""
ROWS_ASKED = 16
"""The same while questions are being asked: one waits no longer than for these, 20 ms."""
_ITS_OWN = (ContentFilterError, ContextLengthError, RefusedRequestError)
"""What a model refuses because of one picture, which is then found by its words only."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """A batch with the vector of each text and picture, by its hash: `stored` ones with their blob."""

    batch: Sequence[Prepared]
    stored: Mapping[str, tuple[Vectors, str]]
    fresh: Mapping[str, Vectors]


class Packing(Protocol):
    """Writes blobs of vectors again of which little is used any more."""

    def note(self, collection: str, document_ids: Sequence[str]) -> None:
        """These documents use vectors that came with others, or with what they were before."""
        ...

    def compact(self, store: Store) -> int:
        """Look after what was noted, while nobody else writes; returns how many vectors nobody needed."""
        ...


class Settling(Protocol):
    """Writes the index rows of what was set aside for the past."""

    def settle(self, store: Store) -> None:
        """Write those that are missing."""
        ...


@dataclass(frozen=True, slots=True)
class Store:
    """Writes to all stores; one at a time, since Milvus Lite loses rows to writers side by side."""

    catalogue: Catalogue
    index: Index
    blobs: Blobs
    embedder: Embedder
    sees: PictureEmbedder | None = None
    metered: bool = False
    past: Settling | None = None
    packing: Packing | None = None

    async def open(self, collection: str) -> None:
        """Make the collection, or see that it was made with the same embedding model."""
        await completed(self.index.create, collection, fingerprint_of(self.embedder), self.embedder.dimension)
        pictures = visual.pictures_of(collection)
        found = await asyncio.to_thread(self.index.fingerprint, pictures)
        if found is not None and found != self.picture_fingerprint:
            raise ModelMismatchError(pictures, found, self.picture_fingerprint)

    @property
    def picture_fingerprint(self) -> str:
        """Names what the vectors of pictures are."""
        return visual.FINGERPRINT if self.sees is None else f"{fingerprint_of(self.embedder)} of pictures"

    async def embed(self, batch: Sequence[Prepared]) -> Embedded:
        """The vectors of all texts of the batch; those that were embedded before are read, not computed."""
        texts = _texts(batch)
        stored = await asyncio.to_thread(self.stored, list(texts))
        missing = [key for key in texts if key not in stored]
        fresh = await self._vectors({key: texts[key] for key in missing})
        if self.sees is None:
            return Embedded(batch, stored, fresh)
        seen, shown = await self._embed_pictures(self.sees, batch)
        return Embedded(batch, {**stored, **seen}, {**fresh, **shown})

    async def rehearse(self, batch: Sequence[Prepared], counted: Rehearsal) -> None:
        """Count the texts that would be embedded; an embedder that is metered is asked, and says nothing."""
        texts = _texts(batch)
        stored = await asyncio.to_thread(self.stored, list(texts))
        fresh = {key for key, text in texts.items() if text and key not in stored} - counted.texts
        counted.texts |= fresh
        new = [text for key, text in texts.items() if key in fresh]
        if new and self.metered:
            await self.embedder.embed(new)
        if self.sees is not None:
            await self._embed_pictures(self.sees, batch)

    async def _vectors(self, texts: Mapping[str, str]) -> Mapping[str, Vectors]:
        """The vector of each text; that of no text is near to no question."""
        vectors = {
            key: np.zeros(self.embedder.dimension, np.float32) for key, text in texts.items() if not text
        }
        asked = [key for key, text in texts.items() if text]
        if asked:
            shape = (len(asked), self.embedder.dimension)
            rows = await self.embedder.embed([texts[key] for key in asked])
            vectors |= zip(asked, self._checked(rows, shape), strict=True)
        return vectors

    async def _embed_pictures(
        self, sees: PictureEmbedder, batch: Sequence[Prepared]
    ) -> tuple[Mapping[str, tuple[Vectors, str]], Mapping[str, Vectors]]:
        """The vectors of the batch's pictures, stored and new; those that are refused are missing."""
        pictures = {
            picture_key(picture): Attachment(prepared.parsed.assets[picture.asset], picture.media_type)
            for prepared in batch
            for _, picture in pictures_in(prepared)
        }
        stored = await asyncio.to_thread(self.stored, list(pictures))
        missing = {key: picture for key, picture in pictures.items() if key not in stored}
        return stored, await self._shown(sees, missing)

    async def _shown(
        self, sees: PictureEmbedder, pictures: Mapping[str, Attachment]
    ) -> Mapping[str, Vectors]:
        if not pictures:
            return {}
        shape = (len(pictures), self.embedder.dimension)
        try:
            rows = await sees.embed_pictures(list(pictures.values()))
        except _ITS_OWN:
            if len(pictures) == 1:
                return {}
            alone = [await self._shown(sees, {key: one}) for key, one in pictures.items()]
            return {key: vector for found in alone for key, vector in found.items()}
        return dict(zip(pictures, self._checked(rows, shape), strict=True))

    async def keep(self, collection: str, embedded: Embedded) -> None:
        """Make the documents searchable, all or none."""
        await completed(self._write, collection, embedded)

    def _checked(self, rows: Vectors, shape: tuple[int, int]) -> Vectors:
        """What an embedder must never give enters no store: too few rows, another width, no numbers."""
        if rows.shape != shape:
            raise DimensionError(
                f"the embedding model {self.embedder.model} gave {rows.shape} instead of {shape} numbers"
            )
        if not np.isfinite(rows).all():
            raise ModelReplyError(
                f"the embedding model {self.embedder.model} gave values that are no numbers",
                hint="`glede doctor` asks it for one vector.",
            )
        return rows

    async def finish(self, collection: str) -> None:
        """Make a bulk of writes cheap to search, and purge what it replaced."""
        await completed(self._flush, collection)
        if self.packing is not None:
            await completed(self.packing.compact, self)
        await completed(self.sweep)

    def unprocessed(self, document: Document) -> tuple[bytes, Parsed]:
        """The bytes of a document with unfinished items, and what the parser made of them."""
        parsed = load_parsed(unpacked(self.blobs.get(raw_key(document.version))), {})
        pictures = {block.picture.asset for block in parsed.blocks if block.picture is not None}
        keys = {one: asset_key(one) for one in pictures}
        assets = {one: self.blobs.get(key) for one, key in keys.items() if self.blobs.exists(key)}
        return self.blobs.get(original_key(document.sha256)), replace(parsed, assets=assets)

    async def remove(self, collection: str, document_ids: Sequence[str]) -> None:
        """Take documents out of every store; they are gone from all answers once this begins to purge."""
        await completed(self.catalogue.remove, collection, document_ids)
        try:
            await completed(self.sweep)
        except UnavailableError as error:
            error.hint = "They are gone from every answer; what is left is purged by the next command."
            raise

    async def detach(self, collection: str, sources: Sequence[str]) -> None:
        """Forget sources, and take what nothing names any more out of every store."""
        await completed(self.catalogue.detach, collection, sources)
        await completed(self.sweep)

    def _flush(self, collection: str) -> None:
        self.index.flush(collection)
        pictures = visual.pictures_of(collection)
        if self.index.fingerprint(pictures) is not None:
            self.index.flush(pictures)

    def sweep(self) -> int:
        """Purge all that was retired or left by a crash; returns how many entries there were."""
        swept = 0
        while retired := self.catalogue.retired(PURGE_BATCH):
            for entry in retired:
                live = self.catalogue.chunks(entry.collection, entry.chunk_ids)
                dead = [key for key in entry.chunk_ids if key not in live]
                self.index.delete(entry.collection, dead)
                self.index.delete(visual.pictures_of(entry.collection), dead)
                for key in entry.blobs:
                    if not self.catalogue.uses_blob(key):
                        self.blobs.delete(key)
            self.catalogue.purged([entry.id for entry in retired])
            swept += len(retired)
        if self.past is not None:
            self.past.settle(self)
        return swept

    def stored(self, keys: Sequence[str]) -> dict[str, tuple[Vectors, str]]:
        """Of the texts that were embedded before: the vector, and the blob that holds it."""
        places = self.catalogue.embeddings(self.embedder.model, keys)
        packs = {blob: self._pack(blob) for blob in {blob for blob, _ in places.values()}}
        return {key: (packs[blob][row], blob) for key, (blob, row) in places.items()}

    def _pack(self, blob: str) -> Vectors:
        return vectors_of(blob, self.blobs.get(blob), self.embedder.dimension)

    def _write(self, collection: str, embedded: Embedded) -> None:
        homes = {key: blob for key, (_, blob) in embedded.stored.items()}
        vectors = {key: vector for key, (vector, _) in embedded.stored.items()} | dict(embedded.fresh)
        ready = []
        for prepared in embedded.batch:
            QUESTIONS.give_way()
            ready.append(self._ready(prepared, vectors, homes))
        ids = [chunk.id for prepared in embedded.batch for chunk in prepared.chunks]
        blobs = {key: data for one in ready for key, data in one.blobs.items()}
        announced = self.catalogue.announce(collection, ids, list(blobs))
        QUESTIONS.give_way()
        self.blobs.put_all(blobs)
        rows = (row for one in ready for row in one.rows(vectors))
        while part := list(islice(rows, ROWS_ASKED if QUESTIONS.lately else ROWS_AT_ONCE)):
            QUESTIONS.give_way()
            self.index.upsert(collection, part)
        self._write_pictures(collection, [row for one in ready for row in one.pictures])
        QUESTIONS.give_way()
        self.catalogue.commit(collection, [one.commit() for one in ready], announced)
        if self.packing is not None:
            self.packing.note(collection, [one.prepared.document.id for one in ready if _borrows(one)])

    def _write_pictures(self, collection: str, rows: Sequence[IndexRow]) -> None:
        """Their collection is made with the first of them."""
        if rows:
            name = visual.pictures_of(collection)
            self.index.create(name, self.picture_fingerprint, len(rows[0].vector))
            self.index.upsert(name, rows)

    def _ready(self, prepared: Prepared, vectors: Mapping[str, Vectors], homes: dict[str, str]) -> Ready:
        """What to write for a document; `homes` tells where each vector lies, and learns of new ones."""
        document = prepared.document
        labels = labels_of(document)
        own = [content_hash("text", chunk.vector_text()) for chunk in prepared.chunks]
        keys = list(own)
        pictures = self.picture_rows(prepared, labels, vectors)
        if self.sees is not None:
            keys += [key for _, one in pictures_in(prepared) if (key := picture_key(one)) in vectors]
        blobs = _document_blobs(prepared)
        new = [key for key in dict.fromkeys(keys) if key not in homes]
        pack = None
        if new:
            pack = EmbeddingPack(self.embedder.model, vectors_key(document.version), tuple(new))
            blobs[pack.key] = packed_vectors(np.stack([vectors[key] for key in new]))
            homes.update(dict.fromkeys(new, pack.key))
        # Every pack that a chunk of the document lies in is kept as long as the document.
        kept = tuple(dict.fromkeys((*blobs, *(homes[key] for key in keys))))
        return Ready(prepared, own, pictures, blobs, kept, pack)

    def picture_rows(
        self, prepared: Prepared, labels: tuple[str, ...], vectors: Mapping[str, Vectors]
    ) -> tuple[IndexRow, ...]:
        """Of each chunk that is a picture: its vector, where there is one."""
        rows = []
        for chunk, picture in pictures_in(prepared):
            if self.sees is None:
                vector = visual.vector_of(picture.feature)
            else:
                vector = vectors.get(picture_key(picture))
            if vector is not None:
                rows.append(IndexRow(chunk.id, prepared.document.id, chunk.modality, labels, vector, {}))
        return tuple(rows)


def _texts(batch: Sequence[Prepared]) -> dict[str, str]:
    """What stands for the chunks of a batch in the space of vectors, by the hashes of the texts."""
    texts = (chunk.vector_text() for prepared in batch for chunk in prepared.chunks)
    return {content_hash("text", text): text for text in texts}


def pictures_in(prepared: Prepared) -> list[tuple[Chunk, Picture]]:
    """The chunks that are pictures whose bytes are there."""
    blocks = prepared.parsed.blocks
    found = []
    for chunk in prepared.chunks:
        pictures = [blocks[span.block].picture for span in chunk.spans if chunk.modality == "image"]
        picture = next((one for one in pictures if one is not None), None)
        if picture is not None and picture.asset in prepared.parsed.assets:
            found.append((chunk, picture))
    return found


def picture_key(picture: Picture) -> str:
    """What the vector of a picture is found by."""
    return content_hash("picture", picture.asset)


def _borrows(one: Ready) -> bool:
    """Whether vectors of it lie with those of another document, or of what it was before."""
    return any(key.startswith(VECTORS) and key not in one.blobs for key in one.kept)


def _document_blobs(prepared: Prepared) -> dict[str, bytes]:
    document = prepared.document
    blobs = {
        original_key(document.sha256): prepared.data,
        parse_key(document.version): packed(dump_parsed(prepared.parsed)),
    }
    for sha256, data in prepared.parsed.assets.items():
        blobs[asset_key(sha256)] = data
    if prepared.raw is not None:
        blobs[raw_key(document.version)] = packed(dump_parsed(prepared.raw))
    return blobs
