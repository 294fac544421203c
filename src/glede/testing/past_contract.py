"""What every store of the past must do, as tests to inherit with a fixture."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import pytest

from glede.aside import past_of
from glede.knowledge import DocumentGraph, Fact, Mention, WholeGraph
from glede.ports import Catalogue, Commit, TermStatistics
from glede.results import Version
from glede.retrieval.remembering import Past
from glede.testing.catalogue_contract import (
    HERE,
    VOCABULARY,
    expected_statistics,
    sample_commit,
    text_key,
    waiting,
)
from glede.text import moments

GONE = past_of(HERE)
BEFORE, AFTER = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"


class KeepingCatalogue(Catalogue, Protocol):
    """A catalogue that keeps what was live once."""

    @property
    def past(self) -> Past:
        """What was live once."""
        ...

    @property
    def graph(self) -> WholeGraph:
        """What the documents say."""
        ...


class Clock:
    """The time by which what happens is dated, as minutes of one day."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.minute = 0
        monkeypatch.setattr(moments, "now", lambda: minute(self.minute))


def minute(number: int) -> str:
    """A moment, as the past writes it."""
    return f"2026-05-01T{number // 60:02}:{number % 60:02}:00Z"


def made(content: str, source: str, clock: Clock, version: str = "1") -> Commit:
    """A document that is added now."""
    commit = sample_commit(content, source, version=version)
    return replace(commit, document=replace(commit.document, added_at=minute(clock.minute)))


def live_then(catalogue: KeepingCatalogue, number: int) -> Mapping[str, str]:
    """What was live then, of what can still be read: since when, by the ids of documents."""
    past = catalogue.past
    there = past.ids_of(HERE) | past.ids_of(GONE)
    found = past.live_at(HERE, minute(number)).items()
    return {document_id: since for document_id, since in found if document_id in there}


def places(catalogue: KeepingCatalogue) -> tuple[set[str], set[str]]:
    """The documents that are live, and those of the past."""
    return set(catalogue.past.ids_of(HERE)), set(catalogue.past.ids_of(GONE))


class PastContract:
    """Define a fixture `keeping` that gives an empty catalogue, which keeps what is replaced and removed."""

    @pytest.fixture
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> Clock:
        """Midnight, until a test sets another minute."""
        return Clock(monkeypatch)

    def replaced(self, keeping: KeepingCatalogue, clock: Clock) -> tuple[Commit, Commit]:
        """A source that means one document from minute 10, and another from minute 20."""
        clock.minute = 10
        old = made("old", "/a/one.txt", clock)
        keeping.commit(HERE, [old])
        clock.minute = 20
        new = made("new", "/a/one.txt", clock)
        keeping.commit(HERE, [new])
        return old, new

    def test_there_is_none_at_first(self, keeping: KeepingCatalogue) -> None:
        """Nothing is found, and nothing fails."""
        past = keeping.past
        assert not past.is_kept(HERE)
        assert past.versions(HERE, "one.txt") == []
        assert past.find(HERE, "one.txt") == []
        assert past.unindexed(9) == []
        assert past.live_at(HERE, AFTER) == {}
        assert past.ids_of(HERE) == past.ids_of(GONE) == frozenset()
        assert past.purge(HERE, AFTER) == 0
        past.indexed([(GONE, "0" * 32)])
        past.erase(HERE, ["0" * 32])

    def test_what_is_replaced_is_of_the_past(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """Whole, with its names, under its own scope; the present is as if it had never been."""
        old, new = self.replaced(keeping, clock)
        past = keeping.past
        assert past.is_kept(HERE) and not past.is_kept("other")
        assert places(keeping) == ({new.document.id}, {old.document.id})
        assert keeping.document(GONE, old.document.id) == old.document
        assert keeping.document_chunks(GONE, old.document.id) == list(old.chunks)
        stored = keeping.chunks(GONE, [chunk.id for chunk in old.chunks])
        assert {one.source for one in stored.values()} == {"/a/one.txt"} and len(stored) == 3
        assert keeping.labelled(GONE, [("year", "2020")], 9) == frozenset((old.document.id,))
        assert keeping.term_statistics(GONE, VOCABULARY) == expected_statistics([old])
        assert keeping.term_statistics(HERE, VOCABULARY) == expected_statistics([new])
        assert keeping.documents(HERE) == [new.document]
        assert keeping.collections() == [HERE]
        assert waiting(keeping) == ({chunk.id for chunk in old.chunks}, set())
        assert all(keeping.uses_blob(key) for key in old.blobs)
        assert len(keeping.embeddings("fake", map(text_key, old.chunks))) == 3

    def test_versions_have_a_beginning_and_an_end(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """They are found by their source, the end of it, or their id."""
        old, new = self.replaced(keeping, clock)
        past = keeping.past
        version = Version("/a/one.txt", old.document.id, minute(10), minute(20))
        for name in ("/a/one.txt", "one.txt", "./a/one.txt", old.document.id):
            assert past.versions(HERE, name) == [version]
            assert past.find(HERE, name) == [old.document.id]
        for name in ("ONE.txt", "ne.txt", "%", new.document.id):
            assert past.versions(HERE, name) == []
        then, now = {old.document.id: minute(10)}, {new.document.id: minute(20)}
        for number, live in {9: {}, 10: then, 19: then, 20: now, 1000: now}.items():
            assert live_then(keeping, number) == live
        assert past.live_at(HERE, BEFORE) == {}
        assert past.live_at(HERE, AFTER) == {new.document.id: minute(20)}
        assert past.live_at("other", minute(15)) == {}

    def test_what_is_removed_is_of_the_past(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """With its last name: be it removed, or no file's any more."""
        commits = [made(name, f"{name}.txt", clock) for name in ("one", "two", "three")]
        one, two, three = (commit.document.id for commit in commits)
        keeping.commit(HERE, commits)
        keeping.attach(HERE, "copy.txt", two, 1.0)
        clock.minute = 30
        keeping.remove(HERE, [one])
        keeping.detach(HERE, ["two.txt"])
        keeping.attach(HERE, "three.txt", two, 2.0)
        assert set(live_then(keeping, 29)) == {one, two, three}
        assert set(live_then(keeping, 30)) == {two} == keeping.past.ids_of(HERE)
        clock.minute = 40
        keeping.detach(HERE, ["copy.txt", "three.txt"])
        assert set(live_then(keeping, 39)) == {two}
        assert live_then(keeping, 40) == {}
        assert [one.since for one in keeping.past.versions(HERE, "three.txt")] == [minute(0), minute(30)]

    def test_rows_are_missing_until_they_are_written(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """And where the document goes before that, nobody waits for them."""
        old, _ = self.replaced(keeping, clock)
        past = keeping.past
        assert past.unindexed(9) == [(GONE, old.document.id)]
        assert past.unindexed(0) == []
        past.indexed(past.unindexed(9))
        assert past.unindexed(9) == []
        clock.minute = 30
        keeping.commit(HERE, [made("third", "/a/one.txt", clock)])
        assert len(past.unindexed(9)) == 1
        past.purge(HERE, AFTER)
        assert past.unindexed(9) == []

    def test_what_comes_back_is_live_and_was(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """It lies in one place only, and its rows of the past are retired."""
        old, new = self.replaced(keeping, clock)
        keeping.past.indexed(keeping.past.unindexed(9))
        keeping.purged([entry.id for entry in keeping.retired(100)])
        clock.minute = 30
        keeping.commit(HERE, [made("old", "/a/one.txt", clock)])
        past = keeping.past
        assert places(keeping) == ({old.document.id}, {new.document.id})
        entries = {(entry.collection, key) for entry in keeping.retired(100) for key in entry.chunk_ids}
        assert entries == {(GONE, chunk.id) for chunk in old.chunks} | {
            (HERE, chunk.id) for chunk in new.chunks
        }
        assert waiting(keeping)[1] == set()
        told = [live_then(keeping, number) for number in (15, 25, 35)]
        ids = (old.document.id, new.document.id, old.document.id)
        assert told == [{ids[0]: minute(10)}, {ids[1]: minute(20)}, {ids[2]: minute(30)}]
        assert [one.document_id for one in past.versions(HERE, "one.txt")] == list(ids[:2])

    def test_what_it_says_is_of_the_past_with_it(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """Today's graph knows nothing of it, that of the past all, until it is forgotten."""
        mentions = (Mention("Red Kite", "term", 0), Mention("Bern", "place", 0))
        old = made("old", "/a/one.txt", clock)
        told = DocumentGraph(old.document.id, "nlp 1", mentions, (Fact("Red Kite", "nests in", "Bern", 0),))
        keeping.commit(HERE, [replace(old, graph=told)])
        before = keeping.graph.read(HERE, old.document.id)
        assert before is not None and keeping.graph.numbers(HERE, [old.chunks[0].id])
        clock.minute = 10
        keeping.commit(HERE, [made("new", "/a/one.txt", clock)])
        assert keeping.graph.read(HERE, old.document.id) is None
        assert keeping.graph.read(GONE, old.document.id) == before
        numbers = keeping.graph.numbers(GONE, [old.chunks[0].id])
        assert keeping.graph.chunk_ids(GONE, list(numbers.values())) == {
            numbers[old.chunks[0].id]: old.chunks[0].id
        }
        assert keeping.graph.counts(HERE).entities == 0
        keeping.past.purge(HERE, AFTER)
        assert keeping.graph.read(GONE, old.document.id) is None

    def test_a_document_that_is_read_anew_was_what_it_is(
        self, keeping: KeepingCatalogue, clock: Clock
    ) -> None:
        """Since its first reading, in its latest."""
        keeping.commit(HERE, [made("kite", "a.txt", clock)])
        clock.minute = 10
        again = made("kite", "a.txt", clock, version="2")
        keeping.commit(HERE, [again])
        assert live_then(keeping, 5) == {again.document.id: minute(0)}
        assert live_then(keeping, 10) == {again.document.id: minute(10)}
        assert keeping.past.ids_of(GONE) == frozenset()
        assert keeping.term_statistics(GONE, VOCABULARY) == TermStatistics(0, 0.0, {})

    def test_of_one_instant_the_last_counts(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """What was replaced within it was live at no time, and is listed before what came of it."""
        commits = [made(content, "a.txt", clock) for content in ("one", "two", "three", "one", "two")]
        for commit in commits:
            keeping.commit(HERE, [commit])
        last = commits[-1].document.id
        assert set(live_then(keeping, 0)) == {last}
        clock.minute = 10
        keeping.remove(HERE, [last])
        assert (set(live_then(keeping, 9)), live_then(keeping, 10)) == ({last}, {})
        versions = keeping.past.versions(HERE, "a.txt")
        assert {one.document_id for one in versions} == {one.document.id for one in commits}
        assert (versions[-1].document_id, versions[-1].until) == (last, minute(10))

    def test_a_clock_that_is_set_back_mixes_no_versions(
        self, keeping: KeepingCatalogue, clock: Clock
    ) -> None:
        """Of one source one document at most is told for each moment, and none ends before it begins."""
        for number, content in ((10, "one"), (20, "two"), (5, "three"), (6, "four"), (30, "five")):
            clock.minute = number
            keeping.commit(HERE, [made(content, "a.txt", clock)])
            assert all(len(live_then(keeping, at)) <= 1 for at in range(40))
        versions = keeping.past.versions(HERE, "a.txt")
        assert len(versions) == 4
        assert all(one.since <= one.until for one in versions)
        ends = [one.until for one in versions]
        assert ends == sorted(ends)
        assert live_then(keeping, 15) == {versions[0].document_id: minute(10)}
        assert live_then(keeping, 30) == {sample_commit("five", "a.txt").document.id: minute(30)}

    def test_a_purge_forgets_what_had_ended(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """With its blobs, but for what another version needs, or the present."""
        old, _ = self.replaced(keeping, clock)
        clock.minute = 30
        keeping.commit(HERE, [made("old", "/b/two.txt", clock)])
        clock.minute = 40
        keeping.remove(HERE, [old.document.id])
        clock.minute = 50
        keeping.purged([entry.id for entry in keeping.retired(100)])
        past = keeping.past
        assert past.purge(HERE, minute(19)) == 0 and len(past.versions(HERE, "one.txt")) == 1
        assert past.purge(HERE, minute(20)) == 0
        assert past.versions(HERE, "one.txt") == [] and live_then(keeping, 15) == {}
        assert set(live_then(keeping, 35)) >= {old.document.id}
        assert past.purge("other", AFTER) == 0
        assert past.purge(HERE, minute(40)) == 1
        assert past.ids_of(GONE) == frozenset() and not past.is_kept(HERE)
        assert waiting(keeping) == ({chunk.id for chunk in old.chunks}, set(old.blobs))
        assert len(keeping.documents(HERE)) == 1

    def test_erasing_leaves_no_trace(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """Of what was and what is; others stay as they were."""
        old, new = self.replaced(keeping, clock)
        other = made("other", "b.txt", clock)
        keeping.commit(HERE, [other])
        clock.minute = 30
        keeping.past.erase(HERE, [old.document.id, new.document.id, "0" * 32])
        past = keeping.past
        assert past.versions(HERE, "one.txt") == [] and past.unindexed(9) == []
        assert keeping.source(HERE, "/a/one.txt") is None and keeping.find(HERE, "one.txt") == []
        assert set(live_then(keeping, 15)) == set() and set(live_then(keeping, 25)) == {other.document.id}
        assert keeping.documents(HERE) == [other.document]
        assert not any(keeping.uses_blob(key) for key in (*old.blobs, *new.blobs))
        assert waiting(keeping)[1] == {*old.blobs, *new.blobs}

    def test_a_past_from_elsewhere_is_taken_in(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """Versions of documents that are there, wherever; the rest is left out, also the second time."""
        old, new = (made(content, "x", clock) for content in ("old", "new"))
        keeping.commit(HERE, [replace(new, source="/a/one.txt")])
        keeping.commit(
            GONE, [replace(one, source=one.document.id) for one in (old, made("lost", "x", clock))]
        )
        versions = [
            Version("/a/one.txt", new.document.id, minute(1), minute(5)),
            Version("/a/one.txt", old.document.id, minute(10), minute(20)),
        ]
        for _ in range(2):
            keeping.past.restore(HERE, [*versions, Version("b.txt", "0" * 32, minute(1), minute(2))])
            assert keeping.past.every(HERE) == keeping.past.versions(HERE, "one.txt") == versions
            assert places(keeping) == ({new.document.id}, {old.document.id})
            document = keeping.document(GONE, old.document.id)
            assert document is not None and document.sources == ("/a/one.txt",)
        assert live_then(keeping, 15) == {old.document.id: minute(10)}
        assert keeping.past.purge(HERE, AFTER) == 1
        assert keeping.past.every(HERE) == [] and keeping.past.ids_of(GONE) == frozenset()

    def test_collections_have_a_past_each(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """What happens in one leaves the other as it is."""
        keeping.commit("other", [made("old", "/a/one.txt", clock)])
        old, _ = self.replaced(keeping, clock)
        assert not keeping.past.is_kept("other")
        keeping.past.erase(HERE, [old.document.id])
        assert set(keeping.past.live_at("other", AFTER)) == {old.document.id}
        assert all(keeping.uses_blob(key) for key in old.blobs)

    def test_every_moment_is_told_as_it_was(self, keeping: KeepingCatalogue, clock: Clock) -> None:
        """After anything that may happen to a few sources."""
        draw = random.Random(11)  # noqa: S311 - numbers that repeat, not secrets
        was: dict[int, frozenset[str]] = {}
        for number in range(90):
            clock.minute = number // 2  # two things within each minute
            name, content = (f"{draw.choice(letters)}.txt" for letters in ("abc", "wxyz"))
            live = [document.id for document in keeping.documents(HERE)]
            what = draw.random()
            if what < 0.5 or not live:
                keeping.commit(HERE, [made(content, name, clock, version=draw.choice("12"))])
            elif what < 0.7:
                keeping.attach(HERE, name, draw.choice(live), 1.0)
            elif what < 0.85:
                keeping.detach(HERE, [name])
            else:
                keeping.remove(HERE, [draw.choice(live)])
            was[clock.minute] = keeping.past.ids_of(HERE)
            assert not was[clock.minute] & keeping.past.ids_of(GONE)
        for number, live_ids in was.items():
            assert set(live_then(keeping, number)) == live_ids, number
