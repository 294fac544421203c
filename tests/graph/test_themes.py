"""What a collection is about: found when asked for, kept, found again when it has changed, and filtered."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glede.graph.themes import Themes
from glede.knowledge import Mention
from glede.ports import Commit
from glede.testing.catalogue_contract import HERE
from glede.testing.graph_samples import ALL, GraphCatalogue, numbers_of, only, telling

BIRDS = ("Kite", "Owl", "Heron", "Stork")
BOATS = ("Ketch", "Sloop", "Yawl", "Cutter")


@pytest.fixture
def themes(catalogue: GraphCatalogue) -> Themes:
    return Themes(catalogue.graph, catalogue)


def about(prefix: str, names: Sequence[str], count: int) -> list[Commit]:
    mentions = [Mention(name, "term", 0) for name in names]
    return [telling(f"{prefix} {number}", mentions, chunks=1) for number in range(count)]


def names_of(catalogue: GraphCatalogue, entities: Sequence[int]) -> set[str]:
    return {one.names[0] for one in catalogue.graph.named(HERE, entities, ALL).values()}


def test_themes_are_the_entities_that_stand_together(catalogue: GraphCatalogue, themes: Themes) -> None:
    birds, boats = about("bird", BIRDS, 6), about("boat", BOATS, 5)
    catalogue.commit(HERE, [*birds, *boats])
    found = themes.all(HERE, ALL)
    assert {frozenset(names_of(catalogue, one.entities)) for one in found} == {
        frozenset(BIRDS), frozenset(BOATS),
    }  # fmt: skip
    (first, *_) = themes.themes_for(HERE, numbers_of(["Owl"]), [], ALL)
    assert names_of(catalogue, first.entities) == set(BIRDS)
    ids = catalogue.graph.chunk_ids(HERE, first.chunks)
    assert set(ids.values()) <= {commit.chunks[0].id for commit in birds}
    assert len(first.chunks) == 6
    node = catalogue.graph.numbers(HERE, [boats[0].chunks[0].id])
    (first, *_) = themes.themes_for(HERE, [], list(node.values()), ALL)
    assert names_of(catalogue, first.entities) == set(BOATS)


def test_a_filter_binds_themes(catalogue: GraphCatalogue, themes: Themes) -> None:
    birds, boats = about("bird", BIRDS, 6), about("boat", BOATS, 5)
    catalogue.commit(HERE, [*birds, *boats])
    (found,) = themes.all(HERE, only(birds[0], birds[1]))
    ids = set(catalogue.graph.chunk_ids(HERE, found.chunks).values())
    assert ids == {birds[0].chunks[0].id, birds[1].chunks[0].id}
    assert themes.themes_for(HERE, numbers_of(["Sloop"]), [], only(*birds)) == []


def test_they_are_kept_until_a_tenth_has_changed(
    catalogue: GraphCatalogue, themes: Themes, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue.commit(HERE, [*about("bird", BIRDS, 10), *about("boat", BOATS, 10)])
    built: list[str] = []
    found = Themes._found

    def counted(self: Themes, collection: str) -> object:
        built.append(collection)
        return found(self, collection)

    monkeypatch.setattr(Themes, "_found", counted)
    before = themes.all(HERE, ALL)
    fresh = Themes(catalogue.graph, catalogue)
    assert fresh.all(HERE, ALL) == before
    assert built == [HERE]
    tents = about("tent", ("Pole", "Peg", "Guy line"), 2)
    catalogue.commit(HERE, tents)
    assert len(themes.all(HERE, ALL)) == 2
    assert built == [HERE]
    catalogue.commit(HERE, about("more tent", ("Pole", "Peg", "Guy line"), 1))
    assert len(themes.all(HERE, ALL)) == 3
    assert built == [HERE, HERE]
    catalogue.remove(HERE, [commit.document.id for commit in about("boat", BOATS, 10)])
    assert {frozenset(names_of(catalogue, one.entities)) for one in themes.all(HERE, ALL)} == {
        frozenset(BIRDS), frozenset(("Pole", "Peg", "Guy line")),
    }  # fmt: skip
    assert len(built) == 3


def test_what_is_new_belongs_where_its_company_does(catalogue: GraphCatalogue, themes: Themes) -> None:
    catalogue.commit(HERE, [*about("bird", BIRDS, 10), *about("boat", BOATS, 10)])
    themes.all(HERE, ALL)
    catalogue.commit(HERE, [telling("new", ["Buzzard", "Owl", "Kite", "Sloop"])])
    (first, *_) = themes.themes_for(HERE, numbers_of(["Buzzard"]), [], ALL)
    assert names_of(catalogue, first.entities) == set(BIRDS)


def test_nothing_has_no_theme(catalogue: GraphCatalogue, themes: Themes) -> None:
    assert themes.all(HERE, ALL) == []
    assert themes.themes_for(HERE, numbers_of(["Owl"]), [7], ALL) == []
    catalogue.commit(HERE, [telling("one", ["Owl"])])
    assert themes.all(HERE, ALL) == []


def test_dates_and_amounts_are_what_nothing_is_about(catalogue: GraphCatalogue, themes: Themes) -> None:
    dates = [Mention(name, "date", 0) for name in ("2019", "2020", "2021", "2022")]
    catalogue.commit(HERE, [telling(f"d{number}", dates) for number in range(5)])
    assert themes.all(HERE, ALL) == []


def test_a_hub_is_central_and_merges_count(catalogue: GraphCatalogue, themes: Themes) -> None:
    catalogue.commit(HERE, about("bird", BIRDS, 6))
    catalogue.graph.edit(HERE, "merge", numbers_of(["Owl", "Stork"]), (), "user")
    (found,) = themes.all(HERE, ALL)
    assert found.size == 3
