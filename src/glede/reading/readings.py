"""What two readings of one page have in common: places, and words however they are spaced or hyphenated."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from glede.types import Block, Box

_FEWEST = 4
"""Letters that a gap must have before it counts: less is a sign that one engine splits otherwise."""
_PIECE = 3
_SPELT_OTHERWISE = 0.5
"""The part of letters in pieces of `_PIECE` from which other words at the same place are the same ones."""
_INSIDE = 0.5
"""The part of a block that a table at its place must cover."""
_TOGETHER = 3
"""Words that must stand together elsewhere before they count as said there."""


def squeezed(text: str) -> str:
    """Letters and digits only, in lower case: the same however words are spaced, hyphenated or marked."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def area(box: Box) -> float:
    """In square points."""
    return max(0.0, box.x1 - box.x0) * max(0.0, box.y1 - box.y0)


def shared(one: Box | None, other: Box | None) -> float:
    """The part of the smaller box that the other covers."""
    if one is None or other is None:
        return 0.0
    smaller = min(area(one), area(other))
    return _common(one, other) / smaller if smaller > 0 else 0.0


def covered(inner: Box | None, outer: Box | None) -> float:
    """The part of `inner` that lies in `outer`."""
    if inner is None or outer is None or area(inner) <= 0:
        return 0.0
    return _common(inner, outer) / area(inner)


def _common(one: Box, other: Box) -> float:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return max(0.0, width) * max(0.0, height)


def agreement(ours: Iterable[Block], theirs: Iterable[Block]) -> float:
    """From 0 to 1: how much of the letters of two readings stand in words that both have."""
    counts = [_letters_by_word(blocks) for blocks in (ours, theirs)]
    total = sum(count.total() for count in counts)
    return 2 * (counts[0] & counts[1]).total() / total if total else 1.0


def _letters_by_word(blocks: Iterable[Block]) -> Counter[str]:
    found: Counter[str] = Counter()
    for block in blocks:
        for word in _words(block):
            found[word] += len(word)
    return found


def _words(block: Block) -> list[str]:
    return [word for word in map(squeezed, words_of(block)) if word]


def words_of(block: Block) -> list[str]:
    """The words of a block; those of a table cell by cell, none twice."""
    if block.table is None:
        return block.text.split()
    said = [word for cell in block.table.cells for word in cell.text.split()]
    return [*(block.caption or "").split(), *said]


class Said:
    """What some blocks say, to look up what another says beside it."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._blocks = blocks
        self._all = "\n".join(squeezed(" ".join(words_of(block))) for block in blocks)

    def gaps(self, block: Block) -> list[str]:
        """The runs of words of a block that are nowhere; what stands at their place instead is the same."""
        words = words_of(block)
        tables = [near for near in self._blocks if near.table and shared(near.box, block.box) > _INSIDE]
        absent = self._absent(words, {squeezed(word) for table in tables for word in words_of(table)})
        if not any(absent):
            return []
        beside = [word for near in self._blocks if shared(near.box, block.box) > 0 for word in words_of(near)]
        return [
            " ".join(run)
            for run in _runs(words, [squeezed(word) for word in beside], absent)
            if len(squeezed(" ".join(run))) >= _FEWEST or len(run) == len(words)
        ]

    def _absent(self, words: Sequence[str], in_cells: set[str]) -> list[bool]:
        """Of each word whether none of the short runs around it is said; signs alone are never absent.

        Cells are read in any order, so that of words `in_cells` each counts on its own.
        """
        here = [squeezed(word) for word in words]
        said = [not word or word in in_cells for word in here]
        size = min(_TOGETHER, len(here))
        for start in range(len(here) - size + 1):
            if "".join(here[start : start + size]) in self._all:
                said[start : start + size] = [True] * size
        return [not one for one in said]


def _runs(words: Sequence[str], beside: Sequence[str], absent: Sequence[bool]) -> list[list[str]]:
    here = [squeezed(word) for word in words]
    runs: list[list[str]] = []
    for what, start, end, there, until in SequenceMatcher(None, here, beside, autojunk=False).get_opcodes():
        if what not in ("delete", "replace") or not any(absent[start:end]):
            continue
        ours, theirs = "".join(here[start:end]), "".join(beside[there:until])
        if _alike(ours, theirs) <= _SPELT_OTHERWISE * len(ours):
            runs.append(list(words[start:end]))
    return runs


def _alike(ours: str, theirs: str) -> int:
    """How many letters stand in pieces that both have."""
    same = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return sum(piece.size for piece in same if piece.size >= _PIECE)
