"""What is stored, to be looked at: documents, what was made of them, and what models have cost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.adding.blob_keys import asset_key, original_key, parse_key, unpacked
from glede.adding.parsed_json import load_parsed
from glede.aside import aside_of, past_of
from glede.doors.last_answer import LastAnswer
from glede.doors.naming import one_of
from glede.endpoints import Account, Accountable, Spending
from glede.errors import NotFoundError, UsageError
from glede.parsing import PageImages
from glede.ports import Blobs, Catalogue, Readable
from glede.results import Citation, Filter
from glede.settings import COLLECTION_NAME, COLLECTION_NAME_SAID
from glede.types import (
    Block,
    Chunk,
    Document,
    MetadataValue,
    Parsed,
    Standing,
    metadata_text,
)

if TYPE_CHECKING:
    from glede.doors.graph import GraphView
    from glede.doors.jobs import JobView
    from glede.doors.past import PastView
    from glede.settings import Settings

MOST_DOCUMENTS = 4000
"""Documents that a filter names one by one; where more pass, the index looks at their labels."""
_ASSET = re.compile(r"[0-9a-f]{64}")
_COLLECTION = re.compile(COLLECTION_NAME)


class Library:
    """What is stored, to be looked at; needs no model, no index and no lock."""

    def __init__(
        self, catalogue: Catalogue, blobs: Blobs, settings: Settings, page_images: PageImages
    ) -> None:
        self.catalogue = catalogue
        self.blobs = blobs
        self.settings = settings
        self.page_images = page_images

    @classmethod
    @contextmanager
    def look(cls, settings: Settings | None = None) -> Iterator[Library]:
        """Open a data folder to look at it, beside a process that may hold it."""
        from glede.looking import looked_at  # only the builders know the adapters
        from glede.settings import load

        with looked_at(settings or load().settings) as library:
            yield library

    @property
    def jobs(self) -> JobView:
        """What was asked and how far it came, to be looked at."""
        from glede.doors.jobs import JobView  # loads for those who look there

        return JobView(self)

    @property
    def graph(self) -> GraphView:
        """The knowledge graph, to be looked at."""
        from glede.doors.graph import GraphView  # loads for those who look there

        return GraphView(self)

    @property
    def past(self) -> PastView:
        """What was live once, to be looked at."""
        from glede.doors.past import PastView  # loads for those who look there

        return PastView(self)

    async def documents(self, collection: str | None = None) -> list[Document]:
        """All documents of a collection."""
        return await asyncio.to_thread(self.catalogue.documents, self.name_of(collection))

    async def disabled(self, collection: str | None = None) -> list[Document]:
        """The documents of a collection that are in no answer until they are enabled."""
        return await asyncio.to_thread(self.catalogue.documents, aside_of(self.name_of(collection)))

    async def page(
        self, limit: int, after: str = "", collection: str | None = None, *, disabled: bool = False
    ) -> list[Document]:
        """The next documents in the order of their first sources, those above `after`; or disabled ones."""
        name = self.name_of(collection)
        scope = aside_of(name) if disabled else name
        return await asyncio.to_thread(self.catalogue.page, scope, after, limit)

    async def named(
        self, name: str, collection: str | None = None, *, disabled: bool = False
    ) -> list[Document]:
        """All documents of that id, beginning of an id, source, or end of a source; or disabled ones."""
        place = self.name_of(collection)
        scope = aside_of(place) if disabled else place
        return await asyncio.to_thread(self.catalogue.find, scope, name)

    async def extent(self, collection: str | None = None) -> tuple[int, int]:
        """How many documents a collection has, and how many chunks."""
        return await asyncio.to_thread(self.catalogue.extent, self.name_of(collection))

    async def document(self, name: str, collection: str | None = None) -> Document:
        """The one document of that id, beginning of an id, source, or end of a source."""
        found = await self.named(name, collection)
        if not found and await self.named(name, collection, disabled=True):
            raise NotFoundError(
                f"the document {name!r} is disabled", hint="`glede enable` lets it be found again."
            )
        return one_of(found, name)

    async def opened(self, name: str, collection: str | None = None) -> tuple[Document, Standing]:
        """The one document of that name to be looked at: the live one, else one that is disabled, else what
        was live once, by its whole id.
        """
        if live := await self.named(name, collection):
            return one_of(live, name), "searchable"
        if aside := await self.named(name, collection, disabled=True):
            return one_of(aside, name), "disabled"
        former = await self.past.former(name, collection)
        return one_of([former] if former else [], name), "past"

    async def parsed(self, document: Document) -> Parsed:
        """What the parsers made of a document: blocks in reading order, and who read each page and why.

        The bytes of its pictures are left out; see `asset`.
        """
        data = await asyncio.to_thread(self.blobs.get, parse_key(document.version))
        return await asyncio.to_thread(lambda: load_parsed(unpacked(data), {}))

    async def blocks(self, document: Document) -> tuple[Block, ...]:
        """The blocks of a document, in reading order."""
        return (await self.parsed(document)).blocks

    async def chunks(self, document: Document, collection: str | None = None) -> list[Chunk]:
        """The chunks of a document, live, disabled or past, in order."""
        name = self.name_of(collection)
        for scope in (name, aside_of(name), past_of(name)):
            if found := await asyncio.to_thread(self.catalogue.document_chunks, scope, document.id):
                return found
        return []

    async def original(self, document: Document) -> bytes:
        """The document's bytes as they were added."""
        return await asyncio.to_thread(self.blobs.get, original_key(document.sha256))

    async def asset(self, sha256: str) -> bytes:
        """The bytes of a picture, or of the rows of a table; `sha256` as its block or hit names it."""
        if not _ASSET.fullmatch(sha256):
            raise NotFoundError(f"there is no asset {sha256[:80]!r}", hint="A hit names its asset.")
        return await asyncio.to_thread(self.blobs.get, asset_key(sha256))

    async def page_image(self, document: Document, number: int, password: str | None = None) -> bytes:
        """A page of a PDF, counted from 1, as PNG: to show where a box is. Boxes are in points, so that
        `width of the picture / width of the page` turns them into pixels.
        """
        if not 1 <= number <= document.pages:
            raise NotFoundError(
                f"{document.source} has no page {number} to be shown",
                hint=f"It has {document.pages} pages." if document.pages else "Only PDFs have such pages.",
            )
        data = await self.original(document)
        return await self.page_images.page_image(data, document.media_type, number, password)

    async def usage(self, by: Account = "role", name: str | None = None) -> list[Spending]:
        """What calls of models have used and cost, summed by role, model, document or day; or that of one
        of them, as a document by its id.
        """
        if not isinstance(self.catalogue, Accountable):
            return []
        return await asyncio.to_thread(self.catalogue.ledger.spending, by, name)

    async def last_citation(self, marker: int, collection: str | None = None) -> Citation:
        """A citation of the last answer, by its number."""
        name = self.name_of(collection)
        citation = await LastAnswer(self.catalogue, name).citation(marker)
        await self._check_live(citation, name)
        return citation

    async def cited(self, citation: Citation, collection: str | None = None) -> Document:
        """The document that a citation stands in, of the past where that was asked."""
        found = await self.past.document(citation, collection)
        if found is None:
            raise NotFoundError(f"there is no document {citation.document_id!r}")
        return found

    async def _check_live(self, citation: Citation, collection: str) -> None:
        """What was deleted is not shown, though an answer has cited it."""
        if citation.is_given:
            return
        if await self.past.document(citation, collection) is None:
            raise NotFoundError(
                f"the document that citation {citation.marker} stands in is not there any more"
            )

    def name_of(self, collection: str | None) -> str:
        """The name of a collection, that of the settings where none is given."""
        if collection is None:
            return self.settings.collection
        if not _COLLECTION.fullmatch(collection):
            raise UsageError(
                f"{collection[:80]!r} is no name of a collection",
                hint=f"Use {COLLECTION_NAME_SAID}.",
            )
        return collection

    async def filter_of(
        self, where: Mapping[str, MetadataValue], collection: str, reading: Readable | None = None
    ) -> Filter:
        """The filter of metadata that must be equal; `source` and `document` name documents.

        They are those of `reading`, which may be the past; without it those that are live.
        """
        chosen, read = Filter(), reading or self.catalogue
        for key, value in where.items():
            chosen = await self._narrowed(chosen, collection, key, value, read)
        return await self._by_documents(chosen, collection, read) if chosen.labels else chosen

    async def _by_documents(self, chosen: Filter, collection: str, reading: Readable) -> Filter:
        """Documents in the place of labels, where they are few: the index finds those faster."""
        labelled = reading.labelled
        ids = await asyncio.to_thread(labelled, collection, chosen.labels, MOST_DOCUMENTS)
        if ids is None:
            return chosen
        return replace(
            chosen, labels=(), documents=ids if chosen.documents is None else chosen.documents & ids
        )

    async def _narrowed(
        self, chosen: Filter, collection: str, key: str, value: MetadataValue, reading: Readable
    ) -> Filter:
        """The filter with one more condition; `source` and `document` name documents, the rest metadata."""
        if key not in ("source", "document"):
            return replace(chosen, labels=(*chosen.labels, (key, metadata_text(value))))
        found = await asyncio.to_thread(reading.find, collection, metadata_text(value))
        ids = frozenset(document.id for document in found)
        return replace(chosen, documents=ids if chosen.documents is None else chosen.documents & ids)
