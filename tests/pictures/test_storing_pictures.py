"""The rows of pictures: beside those of the texts, with the same care."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from glede.adding.chunking import Chunking, cut
from glede.adding.ready import Prepared
from glede.adding.storing import Store
from glede.endpoints import Attachment
from glede.errors import ModelMismatchError, RefusedRequestError, UnavailableError
from glede.parsers.look import GlanceParser
from glede.parsing import ParseOptions
from glede.pictures import features as visual
from glede.ports import Blobs, Catalogue, Index, IndexRow, Vectors
from glede.results import Filter
from glede.stores.milvus import MilvusIndex
from glede.testing import FakeEmbedder, MemoryBlobs, MemoryCatalogue, MemoryIndex
from glede.types import Block, Document, Parsed

PICTURES = visual.pictures_of("default")
ANY = Filter()


def drawn(place: int) -> bytes:
    picture = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(picture).rectangle((place, 10, place + 50, 60), fill=(200, place, 30))
    stream = BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def looked(data: bytes) -> Block:
    (block,) = GlanceParser().parse(data, "image/png", ParseOptions()).blocks
    return block


def prepared(name: str, *blocks: Block, data: Sequence[bytes] = ()) -> Prepared:
    parsed = Parsed(
        "text/html", "fake", blocks, assets={hashlib.sha256(one).hexdigest(): one for one in data}
    )
    key = hashlib.sha256(name.encode()).hexdigest()[:32]
    chunks = tuple(cut(blocks, key, key, Chunking()))
    document = Document(key, key, key, "text/html", 1, "fake", (name,), metadata={"year": 2024})
    return Prepared(0, name, 0.0, name.encode(), document, parsed, chunks)


def illustrated(name: str, data: bytes) -> Prepared:
    block = looked(data)
    return prepared(
        name, Block("text", f"About {name}."), Block("image", name, picture=block.picture), data=[data]
    )


def store(
    index: Index | None = None, sees: Seeing | None = None, catalogue: Catalogue | None = None
) -> Store:
    blobs: Blobs = MemoryBlobs()
    return Store(catalogue or MemoryCatalogue(), index or MemoryIndex(), blobs, FakeEmbedder(), sees)


class Seeing:
    """Sees in a picture how many bytes it has; refuses those of `refused`."""

    def __init__(self, refused: frozenset[bytes] = frozenset()) -> None:
        self.refused = refused
        self.seen = 0

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Vectors:
        if any(one.data in self.refused for one in pictures):
            raise RefusedRequestError("too large")
        self.seen += len(pictures)
        rows = np.zeros((len(pictures), 64), np.float32)
        for row, one in zip(rows, pictures, strict=True):
            row[len(one.data) % 64] = 1
        return rows


async def add(into: Store, *documents: Prepared) -> None:
    await into.open("default")
    await into.keep("default", await into.embed(documents))
    await into.finish("default")


async def test_a_picture_finds_its_like(tmp_path: Path) -> None:
    for index in (MemoryIndex(), MilvusIndex(str(tmp_path / "index.db"))):
        into = store(index)
        one, other = illustrated("one", drawn(10)), illustrated("other", drawn(140))
        await add(into, one, other)
        vector = visual.vector_of(looked(drawn(12)).picture.feature)  # type: ignore[union-attr]
        assert vector is not None
        matches = index.dense(PICTURES, vector, 2, ANY)
        assert [match.id for match in matches] == [one.chunks[-1].id, other.chunks[-1].id]
        only = Filter(documents=frozenset([other.document.id]))
        assert [match.id for match in index.dense(PICTURES, vector, 2, only)] == [other.chunks[-1].id]
        labelled = Filter(labels=(("year", "2024"),), modalities=("image",))
        assert len(index.dense(PICTURES, vector, 2, labelled)) == 2
        await into.remove("default", [one.document.id])
        assert index.ids(PICTURES, [one.chunks[-1].id, other.chunks[-1].id]) == {other.chunks[-1].id}
        index.close()


async def test_without_pictures_there_is_no_collection_of_them() -> None:
    index = MemoryIndex()
    await add(store(index), prepared("plain", Block("text", "No picture.")))
    assert index.fingerprint(PICTURES) is None


async def test_a_picture_that_nobody_looked_at_has_no_row() -> None:
    index, data = MemoryIndex(), drawn(10)
    picture = looked(data).picture
    assert picture is not None
    plain = prepared(
        "a", Block("image", "A", picture=type(picture)(picture.asset, "image/png", 9, 9)), data=[data]
    )
    await add(store(index), plain)
    assert index.count("default") == 1
    assert index.fingerprint(PICTURES) is None


class Failing(MemoryIndex):
    """Takes texts, and no pictures until it is mended."""

    broken = True

    def upsert(self, collection: str, rows: Sequence[IndexRow]) -> None:
        super().upsert(collection, rows)
        if self.broken and collection == PICTURES:
            raise UnavailableError("killed")


async def test_a_crash_before_the_commit_leaves_what_the_next_sweep_removes() -> None:
    index, catalogue = Failing(), MemoryCatalogue()
    into = store(index, catalogue=catalogue)
    document = illustrated("one", drawn(10))
    with pytest.raises(UnavailableError):
        await add(into, document)
    assert index.count(PICTURES) == 1
    assert catalogue.documents("default") == []
    into.sweep()
    assert index.count(PICTURES) == index.count("default") == 0
    index.broken = False
    await add(into, document)
    await add(into, document)
    assert index.count(PICTURES) == 1


async def test_a_model_that_sees_gives_the_vectors_and_is_asked_once() -> None:
    index, sees = MemoryIndex(), Seeing()
    into = store(index, sees)
    await add(into, illustrated("one", drawn(10)), illustrated("two", drawn(10)))
    assert sees.seen == 1
    assert index.count(PICTURES) == 2
    await add(into, illustrated("three", drawn(10)))
    assert sees.seen == 1
    assert index.fingerprint(PICTURES) == "fake:words@1 (64 dimensions) of pictures"
    with pytest.raises(ModelMismatchError):
        await store(index).open("default")


async def test_a_picture_that_a_model_refuses_is_found_by_its_words() -> None:
    index, sees = MemoryIndex(), Seeing(frozenset([drawn(10)]))
    await add(store(index, sees), illustrated("one", drawn(10)), illustrated("two", drawn(90)))
    assert index.count("default") == 4
    assert index.count(PICTURES) == 1
