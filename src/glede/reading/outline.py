"""The headings above a place in a document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from glede.types import Block


class Outline:
    """The headings above the place that a reader has reached."""

    def __init__(self) -> None:
        self._open: list[tuple[int, str]] = []

    @property
    def path(self) -> tuple[str, ...]:
        """The headings that are open, outermost first."""
        return tuple(text for _, text in self._open)

    def heading(self, text: str, level: int) -> tuple[str, ...]:
        """Open a heading, closing those of its level and deeper; returns the path above it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        above = self.path
        self._open.append((level, text))
        return above


def placed(blocks: Iterable[Block]) -> list[Block]:
    """The blocks below the headings that stand above them."""
    outline = Outline()
    found = []
    for block in blocks:
        path = outline.heading(block.text, block.level) if block.type == "heading" else outline.path
        found.append(block if block.heading_path == path else replace(block, heading_path=path))
    return found
