"""Collections in dictionaries: what a catalogue in memory is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from glede.ports import Commit
from glede.types import Document

Naming = Callable[[str], tuple[str, ...]]
"""Tells the names of a document."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A collection: live documents as they were committed, and what each source means, latest last.

    Documents of the past have the names that they had, which `former` tells.
    """

    live: dict[str, Commit] = field(default_factory=dict)
    sources: dict[str, tuple[str, float]] = field(default_factory=dict)
    former: Naming | None = None

    def names(self, document_id: str) -> tuple[str, ...]:
        """The sources of a document."""
        if self.former is not None and (names := self.former(document_id)):
            return names
        return tuple(name for name, (meant, _) in list(self.sources.items()) if meant == document_id)

    def document(self, document_id: str) -> Document:
        """A document with its sources."""
        commit = self.live[document_id]
        return replace(commit.document, sources=self.names(document_id), chunks=len(commit.chunks))


class Scopes:
    """All collections of a catalogue, by name."""

    def __init__(self) -> None:
        self._known: dict[str, Scope] = {}

    def of(self, name: str) -> Scope:
        """The collection of that name; an empty one that nobody keeps where there is none."""
        return self._known.get(name) or Scope()

    def made(self, name: str, former: Naming | None = None) -> Scope:
        """The collection of that name, kept from now on."""
        return self._known.setdefault(name, Scope(former=former))

    def names(self) -> list[str]:
        """The names of all that are kept."""
        return sorted(self._known)
