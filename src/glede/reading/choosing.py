"""Which parser reads a document, and which one each of its pages.

The cheapest parser of the type reads first. Where it fails, the next one does. Pages that it doubts are read
again by a parser that recovers what they are doubted for, and pages that take more than they may are left
out, so that the others are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from glede.errors import (
    DocumentError,
    ExhaustedError,
    GledeError,
    MalformedError,
    NeedsOcrError,
    UnavailableError,
    UnsupportedError,
)
from glede.parsing import Feature, Parse, ParseOptions
from glede.reading.merging import merged
from glede.reading.pages import finished
from glede.reading.rescue import page_by_page
from glede.types import FURNITURE, Doubt, Parsed

_TRY_ANOTHER = (MalformedError, NeedsOcrError, UnsupportedError)
"""Another parser may read what one cannot; what a limit or a password stops is stopped for all."""


MANY_LETTERS = 1500
"""A text of so many letters has headings, or else they were not seen."""
LITTLE_SECONDS = 10.0
"""Processor time for which a document is read again as a whole when some of its pages are doubted."""


@dataclass(frozen=True, slots=True)
class Step:
    """A parser that may be asked, what a page costs it, and what it recovers."""

    parser: str
    cost: float
    recovers: frozenset[Feature]


@dataclass(frozen=True, slots=True)
class Plan:
    """The parsers that may read a document, in the order in which they are asked; never empty.

    `fingerprint` changes whenever the same bytes may be read in another way.
    """

    steps: tuple[Step, ...]
    fingerprint: str


class Choose(Protocol):
    """Plans who reads a media type.

    `wanted` is the only one that may, `preferred` the one that is asked first where it does.
    """

    def __call__(self, media_type: str, wanted: str | None, preferred: str | None = None) -> Plan:
        """Raises `UnsupportedError` where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads documents by their plans; `parser` is the pool of processes that all of them run in."""

    parser: Parse

    async def read(self, data: bytes, media_type: str, plan: Plan, options: ParseOptions) -> Parsed:
        """The document as the parsers of the plan make it; raises what the first of them raised."""
        failure: GledeError | None = None
        for number, step in enumerate(plan.steps):
            try:
                parsed = await self._whole(data, media_type, step, options)
            except _TRY_ANOTHER as error:
                failure = failure or error
                continue
            if failure is not None:
                said = f"{plan.steps[0].parser} could not read it ({failure.message}); {step.parser} did"
                return finished(replace(parsed, warnings=(said, *parsed.warnings)))
            rest = plan.steps[number + 1 :]
            return finished(await self._doubted(parsed, data, rest, options))
        raise failure or UnsupportedError("there is no parser for it")

    async def _whole(self, data: bytes, media_type: str, step: Step, options: ParseOptions) -> Parsed:
        try:
            return await self.parser.parse(data, media_type, step.parser, options)
        except ExhaustedError as error:
            if not options.pages and error.pages is not None and error.pages > 1:
                return await page_by_page(self.parser, data, media_type, step.parser, options, error)
            raise

    async def _doubted(
        self, parsed: Parsed, data: bytes, steps: Sequence[Step], options: ParseOptions
    ) -> Parsed:
        """The document with its doubted pages as another parser reads them, where one can.

        One that holds pages on which a parser had to be ended is not given to a costlier one.
        """
        if any(page.failed for page in parsed.pages):
            return parsed
        parsed = _without_headings(parsed)
        doubted = [page.number for page in parsed.pages if page.doubts]
        wanted = {doubt.feature for page in parsed.pages for doubt in page.doubts}
        for step in _able(steps, wanted) if doubted else ():
            numbers = _read_again(parsed, doubted, step)
            try:
                other = await self.parser.parse(
                    data, parsed.media_type, step.parser, replace(options, pages=numbers)
                )
            except (DocumentError, UnavailableError) as error:
                said = f"{step.parser} could not read doubtful pages ({error.message})"
                parsed = replace(parsed, warnings=(*parsed.warnings, said))
            else:
                return merged(parsed, other, frozenset(numbers))
        return parsed


def _without_headings(parsed: Parsed) -> Parsed:
    """The document, its pages doubted where it is long enough for headings, and none was found."""
    letters = sum(len(block.text) for block in parsed.blocks if block.type not in FURNITURE)
    if letters < MANY_LETTERS or any(block.type == "heading" for block in parsed.blocks):
        return parsed
    doubt = Doubt("headings", "a document without headings")
    pages = [replace(page, doubts=(*page.doubts, doubt)) for page in parsed.pages]
    return replace(parsed, pages=tuple(pages))


def _read_again(parsed: Parsed, doubted: Sequence[int], step: Step) -> tuple[int, ...]:
    """The pages to read again: all where that costs little, since headings and furniture concern them all."""
    there = tuple(page.number for page in parsed.pages)
    return there if step.cost * len(there) <= LITTLE_SECONDS else tuple(doubted)


def _able(steps: Sequence[Step], wanted: set[str]) -> list[Step]:
    """The parsers that recover what pages are doubted for: most of it first, then the most thorough."""
    able = [step for step in steps if wanted & step.recovers]
    return sorted(able, key=lambda step: (-len(wanted & step.recovers), -step.cost))
