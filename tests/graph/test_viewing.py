"""The graph looked at from one entity, over the fake and over SQLite alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from glede.errors import NotFoundError, UsageError
from glede.graph.names import entity_of
from glede.graph.paths import TOGETHER
from glede.graph.viewing import Viewing
from glede.graph.views import View
from glede.knowledge import Fact, Mention
from glede.ports import Commit
from glede.stores.catalogue import SqlCatalogue
from glede.testing.catalogue_contract import HERE
from glede.testing.graph_samples import ALL, HOSTILE, GraphCatalogue, numbers_of, only, telling
from glede.types import Box, Span


@pytest.fixture
def viewing(catalogue: GraphCatalogue) -> Viewing:
    return Viewing(catalogue, catalogue.graph)


def show(viewing: Viewing, name: str, depth: int = 1, limit: int = 30) -> View:
    return viewing.show(HERE, name, depth, limit, ALL)


def said(view: View) -> set[tuple[str, str, str]]:
    return {(one.source, one.label, one.target) for one in view.relations}


def worded(commit: Commit, *sentences: str) -> Commit:
    """The commit with these sentences in its first chunk, each on a page of its own."""
    spans, start = [], 0
    for page, sentence in enumerate(sentences, 1):
        spans.append(Span(start, start + len(sentence), page, page=page, box=Box(page, page, 9, 9)))
        start += len(sentence) + 1
    first = replace(commit.chunks[0], text=" ".join(sentences), spans=tuple(spans))
    return replace(commit, chunks=(first, *commit.chunks[1:]))


MILVUS = Mention("Milvus", "product", 0, 2, description="A vector database.")


def test_what_documents_say_is_shown_together_with_its_evidence(
    catalogue: GraphCatalogue, viewing: Viewing
) -> None:
    one = telling("one", [MILVUS], [Fact("Milvus", "made by", "Zilliz", 0)])
    other = telling("other", [Mention("milvus", "name", 1)], [Fact("Milvus", "made by", "Zilliz", 1)])
    one = worded(one, "It is fast.", "Milvus was made by Zilliz in 2019.", "The end.")
    catalogue.commit(HERE, [one, other])
    view = show(viewing, "MILVUS")
    milvus = view.entities[0]
    assert view.asked == (milvus.id,)
    assert (milvus.name, milvus.type, milvus.mentions, milvus.documents) == ("Milvus", "product", 3, 2)
    assert milvus.names[0] == "Milvus"
    assert milvus.descriptions == ("A vector database.",)
    assert set(milvus.sources) == {"one.txt", "other.txt"}
    (made,) = view.relations
    assert (made.source, made.label, made.target) == ("Milvus", "made by", "Zilliz")
    evidence = {place.document_id: place for place in made.evidence}
    assert evidence[one.document.id].quote == "Milvus was made by Zilliz in 2019."
    assert evidence[one.document.id].chunk_id == one.chunks[0].id
    assert evidence[other.document.id].source == "other.txt"
    assert (evidence[one.document.id].page, evidence[one.document.id].box) == (2, Box(2, 2, 9, 9))


def test_a_filter_binds_all_that_is_shown(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    mine = telling("mine", [MILVUS, "etcd"], [Fact("Milvus", "uses", "etcd", 0)])
    theirs = telling("theirs", ["Milvus", "Secret"], [Fact("Milvus", "sold to", "Secret", 0)])
    catalogue.commit(HERE, [mine, theirs])
    view = viewing.show(HERE, "Milvus", 2, 30, only(mine))
    assert said(view) == {("Milvus", "uses", "etcd")}
    assert "theirs" not in repr(view)
    assert "Secret" not in repr(view)
    with pytest.raises(NotFoundError) as caught:
        viewing.show(HERE, "Secrets", 1, 30, only(mine))
    assert "Did you mean" not in caught.value.hint
    with pytest.raises(NotFoundError):
        viewing.path(HERE, "etcd", "Secret", only(mine))
    assert viewing.path(HERE, "etcd", "Secret", ALL).paths


def test_a_name_that_is_not_there_brings_the_nearest(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    catalogue.commit(HERE, [telling("one", ["Aller Ridge Observatory", "Milvus", "Zilliz"])])
    for asked, expected in (
        ("Milvsu", "Milvus"),
        ("the Aller observatory", "Aller Ridge"),
        ("Dr Zilliz", "Zilliz"),
    ):
        with pytest.raises(NotFoundError) as caught:
            show(viewing, asked)
        assert expected in caught.value.hint
    for hopeless in ("", "?", "\0", "x" * 5000):
        with pytest.raises(NotFoundError):
            show(viewing, hopeless)


def test_an_entity_is_found_by_its_id_too(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    catalogue.commit(HERE, [telling("one", ["Milvus"])])
    (entity,) = show(viewing, "Milvus").entities
    assert show(viewing, entity.id).entities == (entity,)
    with pytest.raises(NotFoundError):
        show(viewing, "f" * 16)


def test_depth_and_limit_hold(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    chain = [Fact(f"Node {number}", "leads to", f"Node {number + 1}", number) for number in range(6)]
    catalogue.commit(HERE, [telling("chain", [], chain, chunks=6)])
    near, far = show(viewing, "Node 2"), show(viewing, "Node 2", depth=2)
    assert {one.name for one in near.entities} == {"Node 1", "Node 2", "Node 3"}
    assert {one.name for one in far.entities} == {f"Node {number}" for number in range(5)}
    assert near.more is False
    few = show(viewing, "Node 2", depth=4, limit=1)
    assert len(few.entities) == 2
    assert few.more
    for depth, limit in ((0, 5), (5, 5), (1, 0), (1, 201)):
        with pytest.raises(UsageError):
            show(viewing, "Node 2", depth, limit)


def test_what_only_stands_together_is_shown_once_and_as_that(
    catalogue: GraphCatalogue, viewing: Viewing
) -> None:
    catalogue.commit(
        HERE, [telling("one", ["Milvus", "etcd", "MinIO"], [Fact("etcd", "beside", "MinIO", 0)])]
    )
    view = show(viewing, "Milvus", depth=2)
    together = [one for one in view.relations if one.label == TOGETHER]
    assert {frozenset((one.source, one.target)) for one in together} == {
        frozenset(("Milvus", "etcd")), frozenset(("Milvus", "MinIO")),
    }  # fmt: skip
    assert len(together) == 2


def uses_of(kind: str, prefix: str, company: Sequence[str]) -> list[Commit]:
    return [
        telling(f"{prefix}-{number}", [Mention("John Smith", kind, 0), *company], chunks=1)
        for number in range(3)
    ]


def test_two_john_smiths_are_shown_apart(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    brewer = uses_of("person", "brewer", ["Tadcaster", "Magnet", "Ale"])
    captain = uses_of("person", "captain", ["Jamestown", "Pocahontas", "Virginia"])
    catalogue.commit(HERE, [*brewer, *captain])
    view = show(viewing, "John Smith")
    assert len(view.asked) == 2
    by_id = {one.id: one for one in view.entities}
    sources = [set(by_id[key].sources) for key in view.asked]
    assert {frozenset(one) for one in sources} == {
        frozenset(f"brewer-{number}.txt" for number in range(3)),
        frozenset(f"captain-{number}.txt" for number in range(3)),
    }
    for relation in view.relations:
        own = relation.source_id if relation.source_id in view.asked else relation.target_id
        prefix = by_id[own].sources[0].split("-")[0]
        assert all(place.source.startswith(prefix) for place in relation.evidence)
        assert {"Tadcaster": "brewer", "Virginia": "captain"}.get(relation.target, prefix) == prefix
    assert show(viewing, view.asked[0]).asked == view.asked


def test_a_split_and_a_merge_are_seen_and_undone(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    planet = telling("planet", [Mention("Mercury", "name", 0), "Venus"])
    god = telling("god", [Mention("Mercury", "name", 0), "Jupiter"])
    catalogue.commit(HERE, [planet, god])
    (entity,) = numbers_of(["Mercury"])
    assert len(show(viewing, "Mercury").asked) == 1
    catalogue.graph.edit(HERE, "split", [entity], [god.document.id], "user")
    view = show(viewing, "Mercury")
    assert len(view.asked) == 2
    assert [set(one.sources) for one in view.entities[:2]] == [{"planet.txt"}, {"god.txt"}]
    catalogue.graph.undo(HERE)
    assert len(show(viewing, "Mercury").asked) == 1
    catalogue.graph.edit(HERE, "merge", numbers_of(["Venus", "Jupiter"]), (), "user")
    assert set(show(viewing, "Jupiter").entities[0].names) == {"Venus", "Jupiter"}
    assert show(viewing, "Jupiter").asked == show(viewing, "Venus").asked


def test_cyclic_merges_end(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    catalogue.commit(HERE, [telling("one", ["Aa", "Bb", "Cc"], [Fact("Aa", "is", "Cc", 0)])])
    for pair in (["Aa", "Bb"], ["Bb", "Cc"], ["Cc", "Aa"], ["Bb", "Aa"]):
        catalogue.graph.edit(HERE, "merge", numbers_of(pair), (), "user")
    views = [show(viewing, name) for name in ("Aa", "Bb", "Cc")]
    assert len({view.asked for view in views}) == 1
    assert set(views[0].entities[0].names) == {"Aa", "Bb", "Cc"}
    with pytest.raises(UsageError):
        viewing.path(HERE, "Aa", "Cc", ALL)
    for _ in range(4):
        catalogue.graph.undo(HERE)
    assert len({show(viewing, name).asked for name in ("Aa", "Bb", "Cc")}) == 3


def test_a_path_tells_each_step_and_where(catalogue: GraphCatalogue, viewing: Viewing) -> None:
    catalogue.commit(
        HERE,
        [
            telling("one", [], [Fact("Milvus", "made by", "Zilliz", 0)]),
            telling("two", [], [Fact("Redwood City", "home of", "Zilliz", 1)]),
            telling("three", ["Redwood City", "California"]),
        ],
    )
    view = viewing.path(HERE, "milvus", "California", ALL)
    names = {one.id: one.name for one in view.entities}
    assert [[names[key] for key in chain] for chain in view.paths] == [
        ["Milvus", "Zilliz", "Redwood City", "California"]
    ]
    assert said(view) == {
        ("Milvus", "made by", "Zilliz"), ("Redwood City", "home of", "Zilliz"),
        ("Redwood City", TOGETHER, "California"),
    }  # fmt: skip
    assert all(one.evidence for one in view.relations)
    catalogue.commit(HERE, [telling("alone", ["Island"])])
    assert viewing.path(HERE, "Milvus", "Island", ALL).paths == ()


def test_a_chain_of_facts_is_told_beside_a_shorter_one_of_company(
    catalogue: GraphCatalogue, viewing: Viewing
) -> None:
    facts = [Fact("Aa", "leads to", "Bb", 1), Fact("Bb", "leads to", "Cc", 2)]
    catalogue.commit(HERE, [telling("one", ["Aa", "Cc"], facts)])
    view = viewing.path(HERE, "Aa", "Cc", ALL)
    assert [len(chain) for chain in view.paths] == [2, 3]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown(catalogue: GraphCatalogue, viewing: Viewing, name: str) -> None:
    catalogue.commit(HERE, [telling("one", [name, "Milvus"], [Fact("Milvus", name, f"{name} more", 0)])])
    if not entity_of(name):  # signs only: a name of nothing
        with pytest.raises(NotFoundError):
            show(viewing, name)
        return
    view = show(viewing, name)
    assert "Milvus" in {one.name for one in view.entities}
    assert viewing.path(HERE, name, "Milvus", ALL).paths


@pytest.mark.measured
def test_a_hub_of_ten_thousand_mentions_is_shown_in_a_moment(tmp_path: Path) -> None:
    """Issue 6: under 50 ms; in CPU time, the best of twelve, since the machine is shared."""
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    viewing = Viewing(catalogue, catalogue.graph)
    catalogue.commit(HERE, [_about_hub(number) for number in range(1000)])
    times = []
    for _ in range(12):
        began = time.thread_time()
        view = show(viewing, "Hub")
        times.append(time.thread_time() - began)
    assert len(view.entities) == 31
    assert catalogue.graph.counts(HERE).mentions >= 10_000
    assert min(times) < 0.05, times
    catalogue.close()


def _about_hub(number: int) -> Commit:
    beside = [Mention(f"Entity {(number * 7 + place) % 900}", "person", place % 5) for place in range(20)]
    hub = [Mention("Hub", "organization", place, 2) for place in range(5)]
    facts = [Fact("Hub", "owns", beside[place].name, place) for place in range(3)]
    return telling(f"document {number}", [*hub, *beside], facts, chunks=5)
