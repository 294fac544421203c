from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from glede.graph.senses import MOST_DOCUMENTS, Use, exclude, senses_of


def use(document: str, kind: str, *company: str, mentions: int = 1) -> Use:
    return Use(document, kind, frozenset(hash(name) for name in company), mentions)


def documents(groups: Sequence[Sequence[Use]]) -> list[set[str]]:
    return [{one.document_id for one in group} for group in groups]


def test_two_john_smiths_are_told_apart_by_their_company() -> None:
    uses = [
        use("brewer-1", "person", "Tadcaster", "brewery", "ale"),
        use("brewer-2", "person", "Tadcaster", "Heineken", "ale"),
        use("brewer-3", "person", "brewery", "Magnet"),
        use("captain-1", "person", "Jamestown", "Pocahontas", "Virginia"),
        use("captain-2", "person", "Pocahontas", "New England", "Virginia"),
    ]
    assert documents(senses_of(uses)) == [{"brewer-1", "brewer-2", "brewer-3"}, {"captain-1", "captain-2"}]


def test_a_paris_in_texas_is_not_that_of_france() -> None:
    uses = [
        use("france-1", "place", "Seine", "France", "Louvre"),
        use("france-2", "place", "France", "Eiffel Tower"),
        use("france-3", "name", "Seine", "Louvre"),
        use("texas-1", "place", "Lamar County", "Texas", "cotton"),
        use("texas-2", "place", "Texas", "Lamar County", "Dallas"),
    ]
    assert documents(senses_of(uses)) == [{"france-1", "france-2", "france-3"}, {"texas-1", "texas-2"}]


def test_mercury_is_three_things_by_its_types() -> None:
    uses = [
        use("planet-1", "planet", "Sun", "Venus", "orbit"),
        use("planet-2", "planet", "Venus", "crater"),
        use("element-1", "element", "zinc", "thermometer"),
        use("god-1", "god", "Jupiter", "Maia"),
        use("planet-3", "planet", "Jupiter"),  # one shared name outweighs no type
    ]
    assert documents(senses_of(uses)) == [{"planet-1", "planet-2", "planet-3"}, {"element-1"}, {"god-1"}]


def test_one_thing_in_strange_company_stays_one() -> None:
    """Two documents that share nothing say nothing: most names stand in many subjects."""
    alone = [use("a", "organization", "x"), use("b", "organization", "y"), use("c", "name", "z")]
    assert documents(senses_of(alone)) == [{"a", "b", "c"}]
    assert documents(senses_of([use("a", "place"), use("b", "place")])) == [{"a", "b"}]


def test_a_wrong_type_among_the_same_company_is_a_mistake() -> None:
    uses = [
        use("a", "person", "Seine", "France", "Louvre"),
        use("b", "place", "Seine", "France", "Louvre"),
        use("c", "place", "France"),
    ]
    assert documents(senses_of(uses)) == [{"a", "b", "c"}]


def test_vague_types_exclude_nothing() -> None:
    assert exclude("person", "place")
    assert not exclude("person", "name")
    assert not exclude("organization", "place")
    assert not exclude("place", "place")


uses = st.lists(
    st.builds(
        Use,
        st.uuids().map(str),
        st.sampled_from(["person", "place", "name", "term", "product", "god"]),
        st.frozensets(st.integers(0, 30), max_size=6),
        st.integers(1, 5),
    ),
    max_size=90,
    unique_by=lambda one: one.document_id,
)


@given(uses)
def test_every_document_is_in_one_group_and_the_order_of_reading_does_not_matter(found: list[Use]) -> None:
    groups = senses_of(found)
    assert sorted(one.document_id for group in groups for one in group) == sorted(
        one.document_id for one in found
    )
    assert documents(groups) == documents(senses_of(found[::-1]))
    assert len(groups) <= max(1, min(len(found), MOST_DOCUMENTS)) if found else groups == []
