"""What candidates are given for the company they keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.ports import Match, StoredChunk, TermStatistics
from glede.retrieval.fusion import Fused, fuse
from glede.retrieval.support import CANDIDATES, WINDOW, Asked, supported
from glede.text.keywords import query_terms, weigh
from glede.types import Chunk, Modality, Span

QUESTION = "cost of goods in Iceland"
STATISTICS = TermStatistics(100, 60.0, {})


def chunk(name: str, text: str, ordinal: int = 0, page: int | None = 1, modality: Modality = "text") -> Chunk:
    document = name.partition("-")[0]
    return Chunk(name, document, ordinal, text, modality, spans=(Span(0, len(text), 0, page=page),))


def asked(dense: Sequence[Match] = (), keyword: Sequence[Match] = ()) -> Asked:
    terms = query_terms(QUESTION)
    shares = {"dense": 1.0, "keyword": 1.0}
    return Asked(terms.weights(STATISTICS), terms.ideal(STATISTICS), dense, keyword, shares)


def ranked(ranking: Mapping[str, float], *chunks: Chunk, question: Asked | None = None) -> dict[str, float]:
    stored = {one.id: StoredChunk(one, one.document_id) for one in chunks}
    found = [Fused(name, score, {}) for name, score in ranking.items()]

    def read(ids: Sequence[str]) -> Mapping[str, StoredChunk]:
        return {key: stored[key] for key in ids if key in stored}

    return {one.id: one.score for one in supported(found, question or asked(), read)}


def test_a_page_whose_chunks_complete_each_other_comes_first() -> None:
    scores = ranked(
        {"other-1": 0.8, "right-1": 0.78, "right-2": 0.4},
        chunk("other-1", "the cost of goods"),
        chunk("right-1", "the cost of goods", 0),
        chunk("right-2", "everything here is about Iceland", 1),
    )
    assert list(scores) == ["right-1", "other-1", "right-2"]
    assert scores["right-2"] / scores["right-1"] == pytest.approx(0.4 / 0.78)


@pytest.mark.parametrize(("page", "ordinal"), [(2, 1), (None, WINDOW)])
def test_another_page_is_no_company(page: int | None, ordinal: int) -> None:
    scores = ranked(
        {"a-1": 0.8, "b-1": 0.78, "b-2": 0.4},
        chunk("a-1", "the cost of goods"),
        chunk("b-1", "the cost of goods", 0, None if page is None else 1),
        chunk("b-2", "about Iceland", ordinal, page),
    )
    assert scores == {"a-1": 0.8, "b-1": 0.78, "b-2": 0.4}


def test_saying_the_same_again_adds_nothing() -> None:
    text = "the cost of goods in Iceland"
    given_scores = {"a-1": 0.8, "b-1": 0.78, "b-2": 0.4}
    chunks = [chunk("a-1", text), chunk("b-1", text), chunk("b-2", text, 1)]
    assert ranked(given_scores, *chunks) == given_scores


def test_a_table_found_by_words_is_not_held_back_by_its_vector() -> None:
    dense = [Match("text-1", 0.6), Match("table-1", 0.1)]
    keyword = [Match("table-1", 9.0), Match("text-1", 2.0)]
    question = asked(dense, keyword)
    ranking = {
        one.id: one.score
        for one in fuse({"dense": dense, "keyword": keyword[:1]}, {"dense": 2, "keyword": 1})
    }
    assert next(iter(ranking)) == "text-1"
    text = chunk("text-1", "prices")
    for modality, first in (("table", "table-1"), ("text", "text-1")):
        table = Chunk("table-1", "table", 0, "goods", modality)  # type: ignore[arg-type]
        assert next(iter(ranked(ranking, text, table, question=question))) == first


def test_what_is_no_longer_stored_keeps_its_place() -> None:
    assert ranked({"gone-1": 0.9, "here-1": 0.5}, chunk("here-1", "goods")) == {"gone-1": 0.9, "here-1": 0.5}


def test_a_question_without_words_changes_nothing() -> None:
    assert ranked({"a-1": 0.9, "a-2": 0.5}, question=Asked({}, 0.0, (), (), {})) == {"a-1": 0.9, "a-2": 0.5}


@given(
    st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=CANDIDATES + 9).map(sorted),
    st.lists(st.sampled_from(["cost", "goods in Iceland", "Iceland", "rain"]), min_size=29, max_size=29),
    st.lists(st.integers(0, 3), min_size=29, max_size=29),
)
def test_scores_stay_in_order_and_range_and_nothing_is_lost(
    scores: list[float], texts: list[str], documents: list[int]
) -> None:
    names = [f"{document}-{place}" for place, document in enumerate(documents)]
    given_scores = dict(zip(names, reversed(scores), strict=False))
    made = ranked(given_scores, *(chunk(name, text) for name, text in zip(names, texts, strict=True)))
    assert made.keys() == given_scores.keys()
    assert all(0 <= score <= 1 for score in made.values())
    assert list(made.values()) == sorted(made.values(), reverse=True)


def test_numbers_make_a_text_half_as_long_as_words() -> None:
    assert weigh("apple pear plum cherry").length == 4
    assert weigh("apple 12 3.5 1,000 2024").length == 3
