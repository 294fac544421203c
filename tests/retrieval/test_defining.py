"""What says the meaning of a term comes before what only speaks of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glede.ports import StoredChunk
from glede.retrieval.defining import CANDIDATES, CHANNEL, defining
from glede.retrieval.fusion import Fused
from glede.text.defining import Term, asked_term
from glede.types import Chunk, Modality


def term() -> Term:
    asked = asked_term("What is a segment?")
    assert asked is not None
    return asked


def chunk(name: str, text: str, *headings: str, ordinal: int = 0, modality: Modality = "text") -> Chunk:
    return Chunk(name, "d", ordinal, text, modality, heading_path=headings)


def ranked(ranking: Sequence[Fused], *chunks: Chunk) -> list[Fused]:
    stored = {one.id: StoredChunk(one, one.document_id) for one in chunks}

    def read(ids: Sequence[str]) -> Mapping[str, StoredChunk]:
        return {key: stored[key] for key in ids if key in stored}

    return defining(term(), ranking, read)


def test_what_says_it_comes_first_and_then_what_is_headed_by_it() -> None:
    found = [Fused("loads", 0.9, {}), Fused("headed", 0.5, {}), Fused("says", 0.2, {})]
    texts = [
        chunk("loads", "Load the segment of the segment."),
        chunk("headed", "It can be sealed.", "Terms", "Segment"),
        chunk("says", "A segment is a file."),
    ]
    after = ranked(found, *texts)
    assert [one.id for one in after] == ["says", "headed", "loads"]
    assert all(0 <= one.score <= 1 for one in after)


def test_where_nothing_says_it_the_ranking_stays() -> None:
    found = [Fused("loads", 0.9, {}), Fused("other", 0.5, {})]
    assert ranked(found, chunk("loads", "Load the segment."), chunk("other", "Text.")) == found


def test_of_those_that_say_it_alike_the_first_of_a_document_leads() -> None:
    found = [Fused("late", 0.0, {}), Fused("early", 0.0, {})]
    texts = [chunk("late", "A segment is a file.", ordinal=9), chunk("early", "A segment is a file.")]
    assert [one.id for one in ranked(found, *texts)] == ["early", "late"]


def test_what_only_the_index_knows_to_say_it_is_looked_at() -> None:
    others = [Fused(f"other{place:03}", 0.9, {}) for place in range(CANDIDATES + 5)]
    found = [*others, Fused("unseen", 0.0, {CHANNEL: None}), Fused("says", 0.0, {CHANNEL: 1})]
    texts = [chunk("says", "A segment is a file."), chunk("unseen", "A segment is a file.")]
    after = ranked(found, *texts)
    assert after[0].id == "says"
    assert after[-1].id == "unseen"


def test_a_cell_says_no_meaning() -> None:
    found = [Fused("text", 0.9, {}), Fused("table", 0.5, {})]
    table = chunk("table", "A segment is a file.", modality="table")
    assert [one.id for one in ranked(found, chunk("text", "Load."), table)] == ["text", "table"]
