"""The whole graph in files, as other programs read it."""

from __future__ import annotations

import csv
import gc
import io
import json
import tracemalloc
import zipfile
from collections.abc import Sequence
from pathlib import Path

import networkx
import pytest

from glede.errors import UnavailableError, UsageError
from glede.graph.exporting import uncell
from glede.graph.listing import Listing
from glede.graph.views import entity_id
from glede.knowledge import ALL, Fact, Listed, Mention, Named
from glede.results import Filter
from glede.testing.catalogue_contract import HERE
from glede.testing.fake_graph import MemoryGraph
from glede.testing.fakes import MemoryCatalogue
from glede.testing.graph_samples import HOSTILE, GraphCatalogue, numbers_of, telling


@pytest.fixture
def listing(catalogue: GraphCatalogue) -> Listing:
    return Listing(catalogue, catalogue.graph)


def test_all_formats_hold_the_same(catalogue: GraphCatalogue, listing: Listing, tmp_path: Path) -> None:
    commit = telling(
        "one",
        [Mention("Milvus", "product", 0, description="A database.")],
        [Fact("Milvus", "uses", "etcd", 1)],
    )
    catalogue.commit(HERE, [commit, telling("two", ["etcd"])])
    milvus, etcd = (entity_id(one) for one in numbers_of(["Milvus", "etcd"]))
    for name in ("g.graphml", "g.json", "g.csv", "g.zip", "g.cypher"):
        listing.write(HERE, tmp_path / name)
    read = json.loads((tmp_path / "g.json").read_text())
    assert {one["id"]: one["name"] for one in read["entities"]} == {milvus: "Milvus", etcd: "etcd"}
    (relation,) = read["relations"]
    assert (relation["source"], relation["label"], relation["target"]) == ("Milvus", "uses", "etcd")
    assert relation["evidence"] == [commit.chunks[1].id]
    graph = networkx.read_graphml(tmp_path / "g.graphml")
    assert {key: graph.nodes[key]["type"] for key in graph} == {milvus: "product", etcd: "name"}
    assert graph.nodes[milvus]["descriptions"] == "A database."
    assert graph.edges[milvus, etcd]["label"] == "uses"
    with zipfile.ZipFile(tmp_path / "g.zip") as archive:
        for name in ("entities.csv", "relations.csv"):
            assert archive.read(name).decode() == (tmp_path / f"g.{name}").read_bytes().decode()
    rows = list(csv.DictReader((tmp_path / "g.relations.csv").open(newline="")))
    assert [(row["source_id"], row["target"]) for row in rows] == [(milvus, "etcd")]
    assert (tmp_path / "g.cypher").read_text().count("MERGE (n:Entity") == 2
    assert sorted(path.name for path in tmp_path.glob(".g.*")) == []


def test_merged_entities_are_one_and_split_ones_two(catalogue: GraphCatalogue, listing: Listing) -> None:
    one = telling("one", ["Aa", "Bb"], [Fact("Aa", "near", "Cc", 0), Fact("Aa", "is", "Bb", 0)])
    other = telling("other", ["Aa", "Cc"])
    catalogue.commit(HERE, [one, other])
    catalogue.graph.edit(HERE, "merge", numbers_of(["Bb", "Aa"]), (), "user")
    names = [set(entity.names) for entity in listing.entities(HERE)]
    assert sorted(map(sorted, names)) == [["Aa", "Bb"], ["Cc"]]
    told = {(found.label, found.source_id) for found in listing.relations(HERE)}
    assert told == {("near", entity_id(numbers_of(["Bb"])[0]))}  # what it was said to be, it now is
    catalogue.graph.undo(HERE)
    catalogue.graph.edit(HERE, "split", numbers_of(["Aa"]), [other.document.id], "user")
    assert sorted(entity.name for entity in listing.entities(HERE)) == ["Aa", "Aa", "Bb", "Cc"]


def test_what_is_only_merged_into_is_listed_once(catalogue: GraphCatalogue, listing: Listing) -> None:
    gone = telling("gone", ["Kept"])
    catalogue.commit(HERE, [gone, telling("one", ["Bb", "Cc"])])
    catalogue.graph.edit(HERE, "merge", numbers_of(["Kept", "Bb", "Cc"]), (), "user")
    catalogue.remove(HERE, [gone.document.id])
    (only,) = listing.entities(HERE)
    assert set(only.names) == {"Bb", "Cc"}
    assert only.id == entity_id(numbers_of(["Kept"])[0])


def test_every_end_of_a_relation_is_listed(catalogue: GraphCatalogue, listing: Listing) -> None:
    catalogue.commit(HERE, [telling(f"d{n}", [], [Fact(f"E{n}", "to", f"E{n + 1}", 0)]) for n in range(30)])
    ids = {entity.id for entity in listing.entities(HERE)}
    relations = list(listing.relations(HERE))
    assert len(relations) == 30
    assert {end for one in relations for end in (one.source_id, one.target_id)} <= ids


def test_hostile_names_survive_every_format(
    catalogue: GraphCatalogue, listing: Listing, tmp_path: Path
) -> None:
    facts = [Fact("Milvus", name, name, 0) for name in HOSTILE]
    catalogue.commit(HERE, [telling("one", ["Milvus", *HOSTILE], facts)])
    names = sorted(entity.name for entity in listing.entities(HERE))
    assert len(names) >= len(HOSTILE)
    for name in ("g.graphml", "g.json", "g.csv", "g.cypher"):
        listing.write(HERE, tmp_path / name)
    read = json.loads((tmp_path / "g.json").read_text())
    assert sorted(one["name"] for one in read["entities"]) == names
    graph = networkx.read_graphml(tmp_path / "g.graphml")
    assert sorted(graph.nodes[key]["name"] for key in graph) == names
    rows = csv.DictReader(io.StringIO((tmp_path / "g.entities.csv").read_bytes().decode(), newline=""))
    assert sorted(uncell(row["name"]) for row in rows) == names


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left(
    catalogue: GraphCatalogue, listing: Listing, tmp_path: Path
) -> None:
    catalogue.commit(HERE, [telling("one", ["Milvus"])])
    with pytest.raises(UsageError) as caught:
        listing.write(HERE, tmp_path / "graph.docx")
    assert ".graphml" in caught.value.hint
    with pytest.raises(UnavailableError):
        listing.write(HERE, tmp_path / "no" / "such" / "folder.json")
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(UnavailableError):
        listing.write(HERE, tmp_path / "folder.json")
    assert not list(tmp_path.glob(".*.part"))


class MadeUpGraph(MemoryGraph):
    """A graph of so many entities, each made up when it is asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(MemoryCatalogue())
        self.size = size

    def entities(self, collection: str, after: int, limit: int) -> list[Listed]:
        last = min(self.size, after + limit)
        return [Listed(number, f"E{number}", "name", 1) for number in range(after + 1, last + 1)]

    def canonical(
        self, collection: str, entities: Sequence[int], where: Filter = ALL
    ) -> dict[int, tuple[int, ...]]:
        return {entity: (entity,) for entity in entities}

    def named(self, collection: str, entities: Sequence[int], where: Filter) -> dict[int, Named]:
        return {one: Named(one, (f"E{one} {'long ' * 20}",), ("name",), 1, 1) for one in entities}


def peak_of_writing(size: int, target: Path) -> int:
    """In bytes; other threads of the test's process are counted too, hence the best of several."""
    gc.collect()
    tracemalloc.start()
    Listing(MemoryCatalogue(), MadeUpGraph(size)).write(HERE, target)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


@pytest.mark.measured
def test_a_large_graph_takes_the_memory_of_a_small_one(tmp_path: Path) -> None:
    target = tmp_path / "graph.graphml"
    peaks, sizes = [], []
    for size in (2_000, 40_000):
        peaks.append(min(peak_of_writing(size, target) for _ in range(3)))
        sizes.append(target.stat().st_size)
    assert sizes[1] > 19 * sizes[0]
    assert peaks[1] < 1.1 * peaks[0], peaks
