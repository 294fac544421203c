"""Two catalogues that are given one Milvus server do not take each other's rows for their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.errors import ConfigurationError
from glede.ports import fingerprint_of
from glede.stores.milvus import MilvusIndex
from glede.testing.fakes import FakeEmbedder
from tests.milvus import serving

KITE = Content("The red kite nests in an oak.", "kite.txt")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path) as address:
        yield address


async def test_another_catalogue_is_refused_and_harms_nobody(tmp_path: Path, address: str) -> None:
    mine = Settings(home=tmp_path / "mine", milvus_uri=address)
    theirs = Settings(home=tmp_path / "theirs", milvus_uri=address)
    async with Engine.open(mine, embedder=FakeEmbedder()) as engine:
        await engine.add(KITE)
    for afresh in (False, True):
        with pytest.raises(ConfigurationError, match="another Glede") as refused:
            async with Engine.open(theirs, embedder=FakeEmbedder(), afresh=afresh):
                pass
        assert "GLEDE_MILVUS_PREFIX" in refused.value.hint
    apart = theirs.model_copy(update={"milvus_prefix": "theirs"})
    async with Engine.open(apart, embedder=FakeEmbedder()) as engine:
        await engine.add(Content("A buzzard is no kite.", "buzzard.txt"))
        assert [hit.source for hit in await engine.search("kite")] == ["buzzard.txt"]
    async with Engine.open(mine, embedder=FakeEmbedder()) as engine:
        assert [hit.source for hit in await engine.search("kite")] == ["kite.txt"]


async def test_a_collection_that_names_no_catalogue_is_taken(tmp_path: Path, address: str) -> None:
    embedder = FakeEmbedder()
    index = MilvusIndex(address)
    index.create("default", fingerprint_of(embedder), embedder.dimension)
    index.close()
    async with Engine.open(Settings(home=tmp_path / "mine", milvus_uri=address), embedder=embedder) as engine:
        report = await engine.add(KITE)
    assert [one.status for one in report.documents] == ["searchable"]


def test_nothing_of_another_catalogue_is_dropped(address: str) -> None:
    first, second = MilvusIndex(address, owner="first"), MilvusIndex(address, owner="second")
    first.create("default", "fake", 8)
    with pytest.raises(ConfigurationError):
        second.drop("default")
    assert first.fingerprint("default") == "fake"
    first.drop("default")
    second.create("default", "fake", 8)
    assert second.fingerprint("default") == "fake"
    first.close()
    second.close()
