"""What concerns the pages of a document together: put in order, and tidied once all of them are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glede.reading.continued import joined
from glede.reading.furniture import marked
from glede.reading.outline import placed
from glede.reading.page_labels import labelled
from glede.types import Page, Parsed


def assembled(parts: Sequence[Parsed], missing: Sequence[Page] = ()) -> Parsed:
    """One document of parts that hold different pages; `missing` are pages that nobody could read."""
    ordered = sorted(parts, key=lambda part: min((page.number for page in part.pages), default=0))
    pages = sorted([page for part in ordered for page in part.pages] + list(missing), key=_number)
    assets = {key: data for part in ordered for key, data in part.assets.items()}
    return replace(
        ordered[0],
        blocks=tuple(placed(block for part in ordered for block in part.blocks)),
        pages=tuple(pages),
        title=next((part.title for part in ordered if part.title), ""),
        warnings=tuple(dict.fromkeys(warning for part in ordered for warning in part.warnings)),
        assets=assets,
        pieces=(),
        unfinished=tuple(mark for part in ordered for mark in part.unfinished),
    )


def _number(page: Page) -> int:
    return page.number


def finished(parsed: Parsed) -> Parsed:
    """The document as it is kept: what runs along on its pages is told apart, and tables are whole."""
    if not parsed.pages:
        return parsed
    blocks = marked(parsed.blocks, parsed.pages)
    if not parsed.pieces:  # they name blocks by their numbers
        blocks = joined(blocks)
    return replace(parsed, blocks=tuple(placed(blocks)), pages=labelled(blocks, parsed.pages))


def missing_pages(pages: Sequence[Page]) -> tuple[str, ...]:
    """Which pages are missing and why, those of one reason together: `pages 3-5: took more than ...`."""
    reasons: dict[str, list[int]] = {}
    for page in pages:
        if page.failed:
            reasons.setdefault(page.failed, []).append(page.number)
    return tuple(f"{named(numbers)}: {reason}" for reason, numbers in reasons.items())


def named(numbers: Sequence[int]) -> str:
    """Pages by their numbers, those that follow each other as `1-3`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    listed = ", ".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
    return f"page {listed}" if len(numbers) == 1 else f"pages {listed}"
