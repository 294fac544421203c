"""What a catalogue knows of what was live once: the seam between those who ask the past and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from glede.results import Version


class Past(Protocol):
    """What a catalogue knows of what was live once; times are as `glede.text.moments` writes them."""

    def is_kept(self, collection: str) -> bool:
        """Whether there is anything of the past."""
        ...

    def versions(self, collection: str, name: str) -> list[Version]:
        """The former versions of sources of that name, or end of a name; the oldest first."""
        ...

    def every(self, collection: str) -> list[Version]:
        """All former versions of documents that are live or past; the oldest first."""
        ...

    def restore(self, collection: str, versions: Sequence[Version]) -> None:
        """Note versions from elsewhere, of documents that are there, live or past.

        Those of the past have been committed to their scope under names of no meaning, which they lose; what
        no version names goes.
        """
        ...

    def live_at(self, collection: str, moment: str) -> dict[str, str]:
        """The documents that were live then, each with since when."""
        ...

    def ids_of(self, scope: str) -> frozenset[str]:
        """The documents that lie in a scope."""
        ...

    def find(self, collection: str, name: str) -> list[str]:
        """The documents that sources of that name, or end of a name, have meant."""
        ...

    def unindexed(self, limit: int) -> list[tuple[str, str]]:
        """Documents whose rows in the index are still to be written, each with the scope it lies in."""
        ...

    def indexed(self, documents: Sequence[tuple[str, str]]) -> None:
        """Note that these rows are written."""
        ...

    def purge(self, collection: str, moment: str) -> int:
        """Forget versions that had ended by then; returns how many documents went with them."""
        ...

    def erase(self, collection: str, document_ids: Sequence[str]) -> None:
        """Take documents out for good, live or past, with all that says they ever were."""
        ...


@runtime_checkable
class Remembering(Protocol):
    """A catalogue that can keep what was live once."""

    @property
    def past(self) -> Past:
        """What was live once."""
        ...
