"""What looking after a data folder asks of its catalogue, beside what the lines do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from glede.aside import is_aside
from glede.errors import UsageError
from glede.ports import Catalogue, EmbeddingPack
from glede.types import Document


class Books(Protocol):
    """Whether a catalogue's books are right, and how they are set right."""

    def damages(self, *, deep: bool) -> list[str]:
        """What the database finds wrong with its own file; a deep look also compares tables and indexes."""
        ...

    def scopes(self) -> list[str]:
        """All collections, those of disabled documents among them."""
        ...

    def document_ids(self, collection: str) -> list[str]:
        """The ids of all documents of a collection."""
        ...

    def unverified(self, collection: str, document_id: str) -> Document:
        """A document as far as its row can be read, damaged or not, else its id and names."""
        ...

    def kept_blobs(self, collection: str, document_id: str) -> tuple[str, ...]:
        """The keys of what a document keeps in Blobs."""
        ...

    def pack_rows(self, blobs: Sequence[str]) -> dict[str, int]:
        """How many vectors each of these blobs holds, where it is one of vectors."""
        ...

    def miscounted(self) -> list[str]:
        """The collections whose counts are not those of their documents."""
        ...

    def recount(self) -> None:
        """Count words, chunks and uses of blobs again, from what each document says of itself."""
        ...

    def reindex(self) -> None:
        """Make the indexes of a database file again from its tables."""
        ...

    def forget_packs(self, blobs: Sequence[str]) -> None:
        """Forget which vectors these blobs hold."""
        ...

    def keep_pack(self, pack: EmbeddingPack) -> None:
        """Note which vectors a blob holds that its documents keep already."""
        ...

    def keep_packs(
        self,
        collection: str,
        packs: Sequence[EmbeddingPack],
        kept: Mapping[str, Sequence[str]],
        announced: int,
    ) -> None:
        """Note blobs of vectors, let documents keep them from now on, and take the announcement back."""
        ...

    def release_packs(self, collection: str, needed: Mapping[str, Sequence[str]]) -> None:
        """Let documents keep of vectors only these blobs, and retire those that nobody keeps then."""
        ...

    def sole_packs(self, collection: str, document_id: str) -> dict[str, int]:
        """The blobs of vectors that no other document keeps, each with how many it holds."""
        ...

    def repack(
        self,
        collection: str,
        document_id: str,
        pack: EmbeddingPack,
        instead_of: Sequence[str],
        announced: int,
    ) -> None:
        """Let a document keep a blob of vectors in place of others, and take the announcement back."""
        ...

    def ungraphed(self, collection: str) -> list[str]:
        """The documents of which the graph knows nothing."""
        ...

    def disable(self, collection: str, aside: str, document_ids: Sequence[str]) -> None:
        """Move live documents to the collection `aside`, in one transaction that retires their index rows."""
        ...

    def enable(self, collection: str, aside: str, document_ids: Sequence[str], announced: int) -> None:
        """Move documents back, whose index rows are written again, and take the announcement back."""
        ...


@runtime_checkable
class Booked(Protocol):
    """A catalogue that can be looked after."""

    @property
    def books(self) -> Books:
        """Its books."""
        ...


def searched(books: Books) -> list[str]:
    """The collections that have rows in the index: those of the past too, and no disabled documents."""
    return [scope for scope in books.scopes() if not is_aside(scope)]


def books_of(catalogue: Catalogue) -> Books:
    """The books of a catalogue; raises `UsageError` where it keeps none."""
    if not isinstance(catalogue, Booked):
        raise UsageError("this catalogue cannot be looked after", hint="That takes SQLite or PostgreSQL.")
    return catalogue.books
