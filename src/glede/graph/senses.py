"""Homonyms kept apart: which documents mean the same by one name.

Two signs are looked at: types that exclude one another (a person is no place), and the company that a name
keeps, the other entities in the chunks that name it. Where there is too little to tell, documents stay
together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

MOST_DOCUMENTS = 60
"""Documents of a name that are compared with one another."""
ENOUGH_DOCUMENTS = 2
ENOUGH_COMPANY = 3
"""Documents, and other entities in them, from which the company of a name tells it apart from another."""
SAME_COMPANY = 3
"""Shared entities that outweigh types which exclude one another: one of them was a mistake."""

_VAGUE = frozenset({"", "name", "term", "acronym", "identifier", "document", "section"})
_ALIKE = (
    frozenset({"organization", "place"}),  # countries and universities act and are stood in
    frozenset({"organization", "product"}),
    frozenset({"product", "work"}),
    frozenset({"event", "work"}),
    frozenset({"event", "place"}),
)


@dataclass(frozen=True, slots=True)
class Use:
    """How one document uses a name: as what type, beside which other entities, how often."""

    document_id: str
    type: str
    company: frozenset[int]
    mentions: int = 1


def exclude(one: str, other: str) -> bool:
    """Whether nothing can be of both types."""
    if one == other or one in _VAGUE or other in _VAGUE:
        return False
    return frozenset({one, other}) not in _ALIKE


def senses_of(uses: Sequence[Use]) -> list[tuple[Use, ...]]:
    """The uses in groups that mean the same, the largest group first; one group where nothing tells apart.

    At most `MOST_DOCUMENTS` uses are compared, those with the most mentions; the rest joins the first group.
    """
    ordered = sorted(uses, key=lambda use: (-use.mentions, use.document_id))
    compared = ordered[:MOST_DOCUMENTS]
    groups = _joined(compared, list(_linked(compared)))
    groups = _settled(groups)
    groups.sort(key=_size, reverse=True)
    if groups and len(ordered) > MOST_DOCUMENTS:
        groups[0] += ordered[MOST_DOCUMENTS:]
    return [tuple(group) for group in groups]


def _linked(uses: Sequence[Use]) -> Iterator[tuple[int, int]]:
    """Pairs of uses that mean the same by the company they share."""
    common = Counter(entity for use in uses for entity in use.company)
    # What stands beside the name nearly everywhere tells no sense from another, if there are many to tell.
    everywhere = {entity for entity, count in common.items() if len(uses) > 6 and count > 0.8 * len(uses)}
    for (one, first), (other, second) in combinations(enumerate(uses), 2):
        shared = len((first.company & second.company) - everywhere)
        if shared >= (SAME_COMPANY if exclude(first.type, second.type) else 1):
            yield one, other


def _joined(uses: Sequence[Use], pairs: Sequence[tuple[int, int]]) -> list[list[Use]]:
    """The uses that pairs connect, in groups."""
    leader = list(range(len(uses)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    for one, other in pairs:
        leader[find(other)] = find(one)
    groups: dict[int, list[Use]] = {}
    for place, use in enumerate(uses):
        groups.setdefault(find(place), []).append(use)
    return list(groups.values())


def _settled(groups: Sequence[list[Use]]) -> list[list[Use]]:
    """Groups that stand on their own, each of the others joined to the largest that it may belong to."""
    ordered = sorted(groups, key=_size, reverse=True)
    kept: list[list[Use]] = []
    for group in ordered:
        home = next((other for other in kept if not _apart(group, other)), None)
        if home is None:
            kept.append(group)
        else:
            home += group
    return kept


def _apart(group: Sequence[Use], other: Sequence[Use]) -> bool:
    """Whether there is enough to say that two groups do not mean the same."""
    one, two = _type(group), _type(other)
    if exclude(one, two):
        return True
    return _enough(group) and _enough(other)


def _enough(group: Sequence[Use]) -> bool:
    company = Counter(entity for use in group for entity in use.company)
    shared = sum(count > 1 for count in company.values())
    return len(group) >= ENOUGH_DOCUMENTS and len(company) >= ENOUGH_COMPANY and shared > 0


def _type(group: Sequence[Use]) -> str:
    """The type that most of its mentions have, vague ones aside."""
    counted: Counter[str] = Counter()
    for use in group:
        if use.type not in _VAGUE:
            counted[use.type] += use.mentions
    return counted.most_common(1)[0][0] if counted else ""


def _size(group: Sequence[Use]) -> tuple[int, int]:
    return len(group), sum(use.mentions for use in group)


def company_of(contents: Mapping[int, Sequence[int]], chunks: Sequence[int], entity: int) -> frozenset[int]:
    """The other entities in the chunks that name one; `contents` are those of each chunk."""
    return frozenset(other for chunk in chunks for other in contents.get(chunk, ()) if other != entity)
