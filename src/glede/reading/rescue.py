"""What can be saved of a document that takes more than it may: its pages, some together or alone."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from glede.errors import ExhaustedError, MalformedError, NeedsOcrError
from glede.parsing import Parse, ParseOptions
from glede.reading.pages import assembled
from glede.types import Page, Parsed

PARTS = 16
"""A long document is first taken apart into so many: each part costs another opening of the file."""
TOGETHER = 8
"""Pages of a part that is not halved any more when it fails: each of its pages is tried alone."""
HOPELESS = 3
"""Single pages that fail before any page is read, after which the document is given up."""
SECONDS = 60.0
SECONDS_PER_PAGE = 1.0
"""How long the rescue may take in all; pages that are not reached in time are left out as well."""


async def page_by_page(
    parser: Parse, data: bytes, media_type: str, name: str, options: ParseOptions, cause: ExhaustedError
) -> Parsed:
    """The document with the pages that can be read; the others are named, with what was wrong with each.

    Raises `cause`, which tells how many pages there are, where none can be read.
    """
    count = min(cause.pages or 0, options.max_pages)
    clock = asyncio.get_running_loop().time
    deadline = clock() + SECONDS + SECONDS_PER_PAGE * count
    waiting = deque(_together(count))
    parts: list[Parsed] = []
    failed: dict[int, str] = {}
    while waiting:
        numbers = waiting.popleft()
        if clock() > deadline or (len(failed) >= HOPELESS and not parts):
            failed.update(dict.fromkeys(numbers, cause.message))
            continue
        try:
            parts.append(await parser.parse(data, media_type, name, replace(options, pages=numbers)))
        except (ExhaustedError, MalformedError, NeedsOcrError) as error:
            if len(numbers) > 1:
                waiting.extendleft(reversed(_apart(numbers)))
            else:
                failed[numbers[0]] = error.message
    if not parts:
        raise cause
    missing = [Page(number, 0.0, 0.0, parser=name, failed=why) for number, why in failed.items()]
    return assembled(parts, missing)


def _together(count: int) -> list[tuple[int, ...]]:
    size = max(TOGETHER, math.ceil(count / PARTS))
    return _cut(range(1, count + 1), size)


def _apart(numbers: Sequence[int]) -> list[tuple[int, ...]]:
    """Two halves of a part that fails, or each of its pages where it has few."""
    return _cut(numbers, math.ceil(len(numbers) / 2) if len(numbers) > TOGETHER else 1)


def _cut(pages: Sequence[int], size: int) -> list[tuple[int, ...]]:
    return [tuple(pages[start : start + size]) for start in range(0, len(pages), size)]
