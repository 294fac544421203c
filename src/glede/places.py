"""Where in the index a collection lies: under its own name, or where another embedding model has put it.

Vectors of another model are written to a place beside the one that is searched. One note in the catalogue
then says that the collection lies there; what lay in the old place is removed after.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import orjson

from glede.errors import UnavailableError
from glede.pictures.features import pictures_of
from glede.ports import Index, IndexRow, Match, Vectors
from glede.results import Filter

_NOTE = "place of the index: "
_PICTURES = pictures_of("")


class Notes(Protocol):
    """What keeps small texts durably: the catalogue."""

    def remember(self, key: str, value: str) -> None:
        """Keep a small text under a key."""
        ...

    def recall(self, key: str) -> str | None:
        """The text kept under a key."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where a collection lies, under its own name where `now` is empty; `next` is being made beside it.

    `left` are places that nobody reads any more, to be removed. `made` counts the places there have been.
    """

    now: str = ""
    next: str = ""
    left: tuple[str, ...] = ()
    made: int = 0


@dataclass(slots=True)
class Places:
    """The places of all collections, as the catalogue notes them."""

    notes: Notes
    _known: dict[str, Place] = field(default_factory=dict)

    def of(self, collection: str) -> Place:
        """The place of a collection."""
        if collection not in self._known:
            noted = self.notes.recall(_NOTE + collection)
            self._known[collection] = _place_of(noted) if noted else Place()
        return self._known[collection]

    def begin(self, collection: str) -> Place:
        """A place beside, for another model: the one that was begun before, or a new one."""
        place = self.of(collection)
        if not place.next:
            made = place.made + 1
            self._note(collection, replace(place, next=f"{collection}.{made}", made=made))
        return self.of(collection)

    def swap(self, collection: str) -> None:
        """Let the collection lie in the place beside from now on, at once."""
        place = self.of(collection)
        left = (*place.left, place.now or collection)
        self._note(collection, replace(place, now=place.next, next="", left=left))

    def forget(self, collection: str) -> None:
        """Note that what was left is removed, and that nothing is being made."""
        self._note(collection, replace(self.of(collection), next="", left=()))

    def forget_left(self, collection: str) -> None:
        """Note that what was left is removed; what is being made goes on."""
        self._note(collection, replace(self.of(collection), left=()))

    def unread(self, collection: str) -> tuple[str, ...]:
        """The places of a collection that nobody reads: those that were left, and the one being made."""
        place = self.of(collection)
        return (*place.left, place.next) if place.next else place.left

    def _note(self, collection: str, place: Place) -> None:
        value = orjson.dumps([place.now, place.next, place.left, place.made]).decode()
        self.notes.remember(_NOTE + collection, value)
        self._known[collection] = place


def _place_of(noted: str) -> Place:
    now, following, left, made = orjson.loads(noted)
    return Place(now, following, tuple(left), made)


@dataclass(frozen=True, slots=True)
class PlacedIndex:
    """The index, asked by the names of collections; `pinned` says where those lie that are not looked up.

    What is deleted is deleted in every place. Who reads a pinned place that was removed meanwhile gets an
    error, and no empty answer.
    """

    index: Index
    places: Places
    pinned: dict[str, str] = field(default_factory=dict)

    def anew(self) -> PlacedIndex:
        """The index with each collection where it lies from now on, and will."""
        return PlacedIndex(self.index, self.places)

    def beside(self, collections: Sequence[str]) -> PlacedIndex:
        """The index with these collections in the places that are being made."""
        return replace(self, pinned={name: self.places.of(name).next for name in collections})

    def pin(self, collections: Sequence[str]) -> None:
        """Let whoever has this index in hand go on to read these collections where they lie now."""
        self.pinned.update({name: self.places.of(name).now or name for name in collections})

    def fingerprint(self, collection: str) -> str | None:
        """See `glede.ports.Index`; so for the others."""
        return self.index.fingerprint(self._at(collection))

    def create(self, collection: str, fingerprint: str, dimension: int) -> None:
        """Make the collection where it lies."""
        self.index.create(self._at(collection), fingerprint, dimension)

    def upsert(self, collection: str, rows: Sequence[IndexRow]) -> None:
        """Write rows where the collection lies."""
        self.index.upsert(self._at(collection), rows)

    def delete(self, collection: str, ids: Sequence[str]) -> None:
        """Remove rows wherever they lie."""
        for name in self._all(collection):
            self.index.delete(name, ids)

    def flush(self, collection: str) -> None:
        """Make what was written cheap to search."""
        self.index.flush(self._at(collection))

    def dense(self, collection: str, vector: Vectors, limit: int, where: Filter) -> list[Match]:
        """The rows of the highest cosine."""
        return self.index.dense(self._at(collection), vector, limit, where)

    def keyword(
        self, collection: str, weights: Mapping[int, float], limit: int, where: Filter
    ) -> list[Match]:
        """The rows of the highest inner product."""
        return self.index.keyword(self._at(collection), weights, limit, where)

    def ids(self, collection: str, ids: Sequence[str]) -> set[str]:
        """Those of `ids` that are present."""
        return self.index.ids(self._at(collection), ids)

    def all_ids(self, collection: str) -> Iterator[Sequence[str]]:
        """The ids of all rows."""
        return self.index.all_ids(self._at(collection))

    def count(self, collection: str) -> int:
        """How many rows there are."""
        return self.index.count(self._at(collection))

    def drop(self, collection: str) -> None:
        """Remove the collection in every place."""
        for name in self._all(collection):
            if self.index.fingerprint(name) is not None:
                self.index.drop(name)

    def sweep(self, collection: str) -> None:
        """Remove the places of a collection that nobody reads."""
        unread = self.places.unread(collection)
        for name in unread:
            self._drop(name)
        if unread:
            self.places.forget(collection)

    def sweep_left(self, collection: str) -> None:
        """Remove the places that a collection has left, as where a process was killed before it could."""
        left = self.places.of(collection).left
        for name in left:
            self._drop(name)
        if left:
            self.places.forget_left(collection)

    def _drop(self, place: str) -> None:
        for one in (place, pictures_of(place)):
            if self.index.fingerprint(one) is not None:
                self.index.drop(one)

    def close(self) -> None:
        """Release files and connections."""
        self.index.close()

    def _at(self, name: str) -> str:
        collection, ending = _parts(name)
        pinned = self.pinned.get(collection)
        if pinned is not None and pinned not in self._all(collection):
            raise UnavailableError("another embedding model has taken its place", hint="Ask again.")
        return (pinned or self.places.of(collection).now or collection) + ending

    def _all(self, name: str) -> Iterator[str]:
        collection, ending = _parts(name)
        place = self.places.of(collection)
        for one in dict.fromkeys((place.now or collection, place.next, *place.left)):
            if one:
                yield one + ending


def _parts(name: str) -> tuple[str, str]:
    """A collection, and the ending of the name that its pictures have."""
    base = name.removesuffix(_PICTURES)
    return base, name[len(base) :]
