"""Which numbers are one entity, and which are others in some documents: what edits make of it.

A merge says what numbers stand for; a split gives an entity another number in the rows of some documents.
Both follow from the log of edits alone, so that taking one back is playing the others again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from glede.errors import UsageError
from glede.knowledge import Edit
from glede.types import content_hash

MOST_ENTITIES = 1_000
MOST_DOCUMENTS = 10_000


@dataclass(slots=True)
class Identities:
    """`kept` maps numbers to those that stand for them; `split` the numbers of a document to other ones."""

    kept: dict[int, int] = field(default_factory=dict)
    split: dict[str, dict[int, int]] = field(default_factory=dict)

    def merge(self, entities: Sequence[int]) -> None:
        """All that stands for one of these stands for the first."""
        first, *_ = entities
        joined = {self.kept.get(entity, entity) for entity in entities}
        members = {entity for entity, kept in self.kept.items() if kept in joined}
        self.kept.update(dict.fromkeys((*joined, *members, *entities), first))
        del self.kept[first]

    def part(self, entity: int, documents: Sequence[str]) -> None:
        """In these documents, what stands for the entity has a number of its own."""
        kept = self.kept.get(entity, entity)
        members = {kept} | {one for one, meant in self.kept.items() if meant == kept}
        new = {member: parted(member, documents) for member in members}
        for document in documents:
            own = self.split.setdefault(document, {})
            numbers = {number: new[now] for number, now in own.items() if now in new}
            own.update({member: new[member] for member in members if member not in own} | numbers)
        if len(members) > 1:
            self.merge([new[kept], *(new[member] for member in sorted(members))])


def parted(entity: int, documents: Sequence[str]) -> int:
    """The number of an entity after a split, in the documents of the split; equal for equal splits."""
    return (int(content_hash("split", str(entity), *sorted(set(documents)), length=16), 16) >> 1) or 1


def replayed(edits: Iterable[Edit]) -> Identities:
    """What the edits come to, in their order; those that were undone have no part in it."""
    found = Identities()
    for edit in edits:
        if edit.undone:
            continue
        if edit.kind == "merge":
            found.merge(edit.entities)
        else:
            found.part(edit.entities[0], edit.documents)
    return found


def check_edit(kind: str, entities: Sequence[int], documents: Sequence[str]) -> None:
    """Raises `UsageError` for an edit that means nothing, or too much."""
    if kind == "merge" and 2 <= len(set(entities)) <= MOST_ENTITIES and not documents:
        return
    if kind == "split" and len(set(entities)) == 1 and 1 <= len(documents) <= MOST_DOCUMENTS:
        return
    raise UsageError(
        f"{kind} of {len(set(entities))} entities in {len(documents)} documents means nothing",
        hint="`merge` takes two entities or more, `split` one entity and the documents that mean another.",
    )


def renumbering(before: Mapping[int, int], after: Mapping[int, int]) -> dict[int, int]:
    """From the numbers in a document's rows to those that they become when its splits change."""
    change = {before.get(entity, entity): after.get(entity, entity) for entity in {*before, *after}}
    return {old: new for old, new in change.items() if old != new}
