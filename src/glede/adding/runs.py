"""One `add` on its way: what is asked, what has become of each item, and which models have failed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from glede.adding.trouble import Trouble
from glede.errors import BudgetError, FetchError, GledeError, LimitError, ModelError, PausedError
from glede.knowledge import DocumentGraph
from glede.ports import Progress
from glede.reading.choosing import Plan
from glede.reading.pages import named
from glede.results import Added, Failure
from glede.types import Chunk, Document, MetadataValue, Parsed, Unfinished, content_hash


async def _nothing_follows(_: Parsed, __: Sequence[Chunk], ___: DocumentGraph | None) -> None:
    return None


def _nothing_aside(_: str) -> Failure | None:
    return None


def _nothing_stops() -> GledeError | None:
    return None


_CALLED: Mapping[str, str] = {"image": "picture"}
FIRST_DOCUMENTS = 2
"""Documents of an `add` that go before all others, until the first of them is found by a search: beside
hundreds that are parsed and read for the graph it would take as long as those do."""
FIRST_SECONDS = 2.0
"""So long the others wait while those are being read, as where they are scans."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an `add` asks for beside the sources; `aside` tells why one of them is not tried any more, `stop`
    why no other is begun, and `follow` is rehearsed with each document of a dry run and what is known of it.

    `again` reads also what is there already.
    """

    collection: str
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)
    parser: str | None = None
    password: str | None = None
    dry_run: bool = False
    aside: Callable[[str], Failure | None] = _nothing_aside
    stop: Callable[[], GledeError | None] = _nothing_stops
    follow: Callable[[Parsed, Sequence[Chunk], DocumentGraph | None], Awaitable[object]] = _nothing_follows
    again: bool = False


@dataclass(slots=True)
class Run:
    """The state of one `add`: outcomes by place, and who brings which document.

    `under_way` are documents that are being read or parsed; `found` is whether a search finds one already;
    `plans` tell who reads each media type.
    """

    request: Request
    progress: Progress | None
    total: int
    begun: int = 0
    under_way: int = 0
    found: bool = False
    outcomes: dict[int, Added] = field(default_factory=dict)
    bringing: dict[str, int] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    embedded: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    extracting: asyncio.Lock = field(default_factory=asyncio.Lock)
    describing: Trouble = field(default_factory=Trouble)
    embedding: Trouble = field(default_factory=Trouble)
    halted: GledeError | None = None

    def end(self, place: int, outcome: Added) -> None:
        """Note what became of an item."""
        self.outcomes[place] = outcome
        self.found = self.found or outcome.status in ("searchable", "planned")
        self.ended.set()
        if self.progress is not None:
            self.progress.done(outcome)

    def halt(self) -> bool:
        """Whether nothing more is to be begun; to be asked where something would be."""
        self.halted = self.halted or self.request.stop()
        return self.halted is not None

    def more(self, count: int) -> range:
        """The places of so many more items, behind all others."""
        places = range(self.total, self.total + count)
        self.total += count
        if self.progress is not None and count:
            self.progress.start(count)
        return places

    async def turn(self) -> None:
        """Wait until another document may be begun: behind the first ones."""
        while not self.found and self.begun - len(self.outcomes) - len(self.copies) >= FIRST_DOCUMENTS:
            self.ended.clear()
            try:
                async with asyncio.timeout(FIRST_SECONDS):
                    await self.ended.wait()
            except TimeoutError:
                # Where they are read already it is the embedder that is slow, and slower beside others.
                self.found = self.found or self.under_way > 0
        self.begun += 1

    def copy(self, copy: Copy) -> None:
        """Note a source whose content another source of the run brings."""
        self.copies.append(copy)
        self.ended.set()

    def stage(self, name: str, source: str) -> None:
        """Tell who watches what happens to a source."""
        if self.progress is not None:
            self.progress.stage(name, source)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an item turned out to be; `version` is that of a document with nothing unfinished in it.

    Its source is `known` where it means a document already.
    """

    data: bytes
    modified: float
    media_type: str
    sha256: str
    document_id: str
    version: str
    plan: str
    metadata: Mapping[str, MetadataValue]
    known: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """A source with the content of another source of the same run."""

    place: int
    source: str
    document_id: str
    version: str
    modified: float


def failed(source: str, error: GledeError) -> Added:
    """The outcome for a source that cannot be added."""
    return Added(source, "failed", error=failure_of(error))


def failure_of(error: GledeError) -> Failure:
    """An error as it is reported."""
    later = (
        error.retryable
        if isinstance(error, ModelError | FetchError)
        else isinstance(error, BudgetError | PausedError)
    )
    return Failure(error.code, error.message, error.hint, later, error.exit_code)


def outcome_of(
    source: str, status: Literal["searchable", "unchanged", "planned"], document: Document
) -> Added:
    """The outcome for a source whose document is known."""
    return Added(
        source,
        status,
        document.id,
        document.parser,
        document.pages,
        document.chunks,
        document.blocks,
        document.warnings,
        document.partial,
        document.unfinished,
    )


def identity_of(sha256: str, metadata: Mapping[str, MetadataValue], parser: str | None) -> str:
    """The id of a document: of its content, its metadata, and the parser that was asked for."""
    canonical = json.dumps(dict(metadata), sort_keys=True, ensure_ascii=False)
    return content_hash("document", sha256, canonical, parser or "")


def version_of(version: str, unfinished: Sequence[Unfinished]) -> str:
    """The version of a document with these marks: another one than it will have without them."""
    if not unfinished:
        return version
    return content_hash("unfinished", version, *(f"{one.kind}:{one.block}:{one.code}" for one in unfinished))


def is_left_out(mark: Unfinished) -> bool:
    """Whether a limit keeps the item out of its document: under a higher one it is read again."""
    return mark.block is None and mark.code == LimitError.code


def can_be_completed(mark: Unfinished) -> bool:
    """Whether something of the item is there to be completed, or only a limit keeps it out."""
    return mark.block is not None or is_left_out(mark)


def unfinished_items(unfinished: Sequence[Unfinished]) -> tuple[str, ...]:
    """Which items are known in part only and why, alike ones together: `2 pictures on pages 3, 4: ...`."""
    alike: dict[tuple[str, str], list[Unfinished]] = {}
    for one in unfinished:
        alike.setdefault((_CALLED.get(one.kind, one.kind), one.message), []).append(one)
    return tuple(f"{_items(what, ones)}: {why}" for (what, why), ones in alike.items())


def _items(what: str, ones: Sequence[Unfinished]) -> str:
    pages = sorted({one.page for one in ones if one.page is not None})
    counted = f"1 {what}" if len(ones) == 1 else f"{len(ones)} {what}s"
    return f"{counted} on {named(pages)}" if pages else counted
