"""What questions have read is at hand until something changes, and no longer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection

from glede.graph.names import entity_of
from glede.knowledge import Mention
from glede.ports import StoredChunk
from glede.results import Filter
from glede.stores import graph_meaning, graph_rows, graph_runs, graph_writing
from glede.stores.at_hand import AtHand
from glede.stores.catalogue import SqlCatalogue
from glede.stores.sql import Row, rows_of
from glede.testing.catalogue_contract import HERE, sample_commit
from glede.testing.graph_samples import ALL, telling

HUB = entity_of("Hub")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqlCatalogue]:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield catalogue
    catalogue.close()


def _stored(catalogue: SqlCatalogue, key: str) -> StoredChunk | None:
    with catalogue.snapshot():
        return catalogue.chunks(HERE, [key]).get(key)


def _naming(catalogue: SqlCatalogue, where: Filter = ALL) -> list[int]:
    """The documents in which the hub is named, and those whose chunks say that they name it."""
    with catalogue.snapshot():
        places = catalogue.graph.places(HERE, [HUB], 9, where).get(HUB, [])
        chunks = [place.chunk for place in places]
        contents = catalogue.graph.contents(HERE, chunks, where)
        ids = catalogue.graph.chunk_ids(HERE, chunks)
        assert catalogue.graph.numbers(HERE, list(ids.values())) == {ids[one]: one for one in chunks}
        assert [one for one in chunks if HUB in {c.entity for c in contents[one]}] == chunks
        return chunks


def test_a_chunk_is_read_once_of_a_state(catalogue: SqlCatalogue) -> None:
    kite, owl = sample_commit("kite", "a.txt"), sample_commit("owl", "b.txt")
    key = kite.chunks[0].id
    assert _stored(catalogue, key) is None
    catalogue.commit(HERE, [kite])
    first = _stored(catalogue, key)
    assert first is not None
    catalogue.remember("note", "nothing that is read")
    assert _stored(catalogue, key) is first
    catalogue.commit(HERE, [owl])
    again = _stored(catalogue, key)
    assert again == first
    assert again is not first
    catalogue.attach(HERE, "c.txt", kite.document.id, 0.0)
    named = _stored(catalogue, key)
    assert named is not None
    assert named.source == "c.txt"
    catalogue.remove(HERE, [kite.document.id])
    assert _stored(catalogue, key) is None


def test_what_stands_around_a_chunk_is_read_once_of_a_state(catalogue: SqlCatalogue) -> None:
    kite = sample_commit("kite", "a.txt")
    catalogue.commit(HERE, [kite])
    first, second = kite.chunks[:2]
    around = catalogue.neighbours(HERE, [first, second], 1)
    assert around[first.id][0] == second
    again = catalogue.neighbours(HERE, [second, first], 1)
    assert again == around
    assert again[first.id] is around[first.id]
    catalogue.remove(HERE, [kite.document.id])
    assert catalogue.neighbours(HERE, [first], 1) == {first.id: []}


def test_what_an_older_state_held_is_not_at_hand_of_a_newer(catalogue: SqlCatalogue) -> None:
    kite = sample_commit("kite", "a.txt")
    key = kite.chunks[0].id
    catalogue.commit(HERE, [kite])
    with ThreadPoolExecutor(1) as other, catalogue.snapshot():
        other.submit(catalogue.remove, HERE, [kite.document.id]).result()
        assert key in catalogue.chunks(HERE, [key])
        assert other.submit(_stored, catalogue, key).result() is None
    assert _stored(catalogue, key) is None


def test_the_graph_of_now_is_seen(catalogue: SqlCatalogue) -> None:
    assert _naming(catalogue) == []
    commits = [telling(name, [Mention("Hub", "name", place)]) for place, name in enumerate(("kite", "owl"))]
    catalogue.commit(HERE, commits[:1])
    (first,) = _naming(catalogue)
    catalogue.commit(HERE, commits[1:])
    assert len(_naming(catalogue)) == 2
    only = Filter(documents=frozenset({commits[0].document.id}))
    assert _naming(catalogue, only) == [first]
    assert len(_naming(catalogue)) == 2
    catalogue.remove(HERE, [commits[1].document.id])
    assert _naming(catalogue) == [first]


def test_a_merge_is_seen_at_once(catalogue: SqlCatalogue) -> None:
    mentions = [Mention("Hub", "name", 0), Mention("Node", "name", 1)]
    catalogue.commit(HERE, [telling("kite", mentions)])
    assert len(_naming(catalogue)) == 1
    catalogue.graph.edit(HERE, "merge", [HUB, entity_of("Node")], (), "somebody")
    assert len(_naming(catalogue)) == 2
    catalogue.graph.undo(HERE)
    assert len(_naming(catalogue)) == 1


def test_what_is_the_same_for_all_of_the_graph_is_read_once_of_a_state(
    catalogue: SqlCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def told(connection: Connection, statement: str, *values: str | int | bytes) -> Iterator[Row]:
        read.append(statement)
        return rows_of(connection, statement, *values)

    for module in (graph_meaning, graph_rows, graph_runs, graph_writing):
        monkeypatch.setattr(module, "rows_of", told)
    mentions = [Mention("Hub", "name", 0), Mention("Node", "name", 1)]
    catalogue.commit(HERE, [telling("kite", mentions)])
    catalogue.graph.edit(HERE, "merge", [HUB, entity_of("Node")], (), "somebody")
    assert len(_naming(catalogue)) == 2
    assert read
    read.clear()
    assert len(_naming(catalogue)) == 2
    with catalogue.snapshot():  # what nobody has asked for before
        assert catalogue.graph.places(HERE, [entity_of("Node")], 5, ALL)
    tables = " ".join(read)
    assert [table for table in ("scopes", "runs", "identities", "aliases", "splits") if table in tables] == []
    catalogue.graph.undo(HERE)
    assert len(_naming(catalogue)) == 1
    assert "graph_identities" in " ".join(read)


def test_asks_for_what_is_missing_in_the_order_of_the_keys() -> None:
    asked: list[Sequence[int]] = []

    def ask(keys: Sequence[int]) -> dict[int, str]:
        asked.append(keys)
        return {key: str(key) for key in reversed(keys) if key % 2}

    at_hand = AtHand()
    assert list(at_hand.read("odd", [3, 4, 1], ask, len)) == [3, 1]
    assert list(at_hand.read("odd", [5, 4, 3, 7], ask, len)) == [5, 3, 7]
    assert at_hand.read("others", [4], ask, len) == {}
    assert asked == [[3, 4, 1], [5, 7], [4]]


def test_forgets_what_nobody_asks_for_where_it_would_hold_too_much() -> None:
    asked: list[int] = []

    def ask(keys: Sequence[int]) -> dict[int, bytes]:
        asked.extend(keys)
        return {key: bytes(1000) for key in keys}

    at_hand = AtHand(most=8000)
    for key in range(2, 30):
        for one in (1, key):
            assert at_hand.read("kind", [one], ask, len) == {one: bytes(1000)}
    assert asked == list(range(1, 30))
    held = [*at_hand._new.values(), *at_hand._old.values()]
    assert sum(map(len, held)) <= 8000
    at_hand.read("kind", [2], ask, len)
    assert asked[-1] == 2
