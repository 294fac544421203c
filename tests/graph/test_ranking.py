from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.graph.linking import Stretch
from glede.graph.neighbourhood import Asked, Neighbourhood, Tie
from glede.graph.ranking import BOOST, boosted, bridges, opening, ranked
from glede.graph.reading import NODE_BITS
from glede.graph.tracing import Trace, Tracer
from glede.knowledge import Content, Place

FILM, MAKER, TOWN = 1, 2, 3
"""Entities."""


def chunk(document: int, place: int = 0) -> int:
    return document << NODE_BITS | place


def asked(*places: Place, rarity: float = 1.0, telling: bool = True, entity: int = FILM) -> Asked:
    return Asked(entity, Stretch(0, 4, "Film", entity, True), places, rarity, telling)


def around(contents: dict[int, list[Content]]) -> Neighbourhood:
    """The neighbourhood of chunks with these contents; every entity is as rare."""
    ties = tuple(
        Tie(at, one.entity, 3.0 if one.subject else 1.0, one.subject)
        for at, named in contents.items()
        for one in named
    )
    places = {
        entity: [Place(tie.chunk, 1, tie.subject) for tie in ties if tie.entity == entity]
        for entity in {tie.entity for tie in ties}
    }
    return Neighbourhood(ties, places, contents, dict.fromkeys(places, 1.0))


CHAIN = {
    chunk(1): [Content(FILM, 1, True), Content(MAKER, 1, False)],
    chunk(2): [Content(MAKER, 1, True), Content(TOWN, 1, False)],
    chunk(3): [Content(TOWN, 1, True)],
    chunk(4): [],
}


def test_of_a_chunk_that_names_nothing_the_graph_says_nothing() -> None:
    scores = {chunk(4): 0.9, chunk(1): 0.5}
    assert chunk(4) not in {one.chunk for one in ranked({}, scores, [], around(CHAIN)).graded}
    assert chunk(4) in {one.chunk for one in ranked(scores, scores, [], around(CHAIN)).graded}


@pytest.mark.parametrize(
    "one",
    [
        asked(Place(chunk(1), 1, subject=False)),
        asked(Place(chunk(1), 1, subject=True), rarity=0.49),
        asked(Place(chunk(1), 1, subject=True), telling=False),
    ],
    ids=["no chunk is about it", "too common", "a common word"],
)
def test_what_does_not_open_the_graph(one: Asked) -> None:
    assert opening([one]) == []


def test_a_rare_title_opens_the_graph() -> None:
    one = asked(Place(chunk(1), 1, subject=True))
    assert opening([one]) == [one]


def test_documents_of_one_name_share_the_boost_by_their_plain_scores() -> None:
    one = asked(Place(chunk(1), 1, True), Place(chunk(2), 1, True), Place(chunk(3), 1, True))
    scores = boosted({chunk(1): 0.8, chunk(2): 0.4}, [one])
    assert scores[chunk(1)] == pytest.approx(0.8 + BOOST)
    assert scores[chunk(2)] == pytest.approx(0.4 + BOOST * 0.75)
    assert scores[chunk(3)] == pytest.approx(BOOST * 0.5)


def test_a_bridge_leads_to_what_the_best_chunk_names_and_not_back_to_the_question() -> None:
    one = asked(Place(chunk(1), 1, True))
    found = bridges({chunk(1): 1.0}, around(CHAIN), [one])
    assert set(found) == {chunk(2)}
    assert (found[chunk(2)].source, found[chunk(2)].entity) == (chunk(1), MAKER)


def test_a_bridge_to_a_chunk_about_it_is_wider_than_to_one_that_names_it() -> None:
    contents = CHAIN | {chunk(5): [Content(MAKER, 1, False)]}
    found = bridges({chunk(1): 1.0}, around(contents), [asked(Place(chunk(1), 1, True))])
    assert found[chunk(2)].score > found[chunk(5)].score > 0


def test_no_bridge_stays_within_a_document() -> None:
    contents = {chunk(1): [Content(MAKER, 1, False)], chunk(1, 1): [Content(MAKER, 1, True)]}
    assert bridges({chunk(1): 1.0}, around(contents), []) == {}


def test_two_hops_rise_above_plain_candidates_that_lead_nowhere() -> None:
    one = asked(Place(chunk(1), 1, True))
    plain = {chunk(1): 0.9, chunk(4): 0.8}
    found = ranked(plain, boosted(plain, [one]), [one], around(CHAIN))
    assert [grade.chunk for grade in found.graded][:2] == [chunk(1), chunk(2)]
    assert next(grade for grade in found.graded if grade.chunk == chunk(4)).score >= 0.8


def test_the_way_to_a_chunk_begins_at_the_question() -> None:
    one = asked(Place(chunk(1), 1, True))
    plain = {chunk(1): 0.9, chunk(4): 0.8}
    near = around(CHAIN)
    tracer = Tracer([one], near, ranked(plain, boosted(plain, [one]), [one], near))
    assert tracer.way(chunk(1)) == (Trace(FILM, chunk(1), "about"),)
    assert tracer.way(chunk(2)) == (
        Trace(FILM, chunk(1), "about"),
        Trace(MAKER, chunk(1), "names"),
        Trace(MAKER, chunk(2), "about"),
    )
    assert tracer.way(chunk(4)) == ()


contents = st.dictionaries(
    st.integers(0, 9).map(chunk),
    st.lists(st.builds(Content, st.integers(1, 6), st.integers(1, 9), st.booleans()), max_size=6),
    max_size=8,
)
plain_scores = st.dictionaries(st.integers(0, 9).map(chunk), st.floats(0, 1), max_size=8)


@given(contents, plain_scores, st.booleans())
def test_the_graph_only_adds_to_the_plain_scores(
    named: dict[int, list[Content]], plain: dict[int, float], subject: bool
) -> None:
    one = asked(*(Place(at, 1, subject) for at in named))
    found = ranked(plain, boosted(plain, opening([one])), [one], around(named))
    assert plain.keys() <= {grade.chunk for grade in found.graded}
    assert all(grade.gain >= -1e-12 for grade in found.graded)
    assert [grade.score for grade in found.graded] == sorted(
        (grade.score for grade in found.graded), reverse=True
    )
