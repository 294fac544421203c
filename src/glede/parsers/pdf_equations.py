"""Display equations: lines of formulas alone, which liteparse leaves in or between paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glede.parsers.pdf_crops import Crops
from glede.parsers.pdf_doubts import MATH_FONTS
from glede.types import Block, Box, union_of

if TYPE_CHECKING:
    from liteparse.types import ParsedPage, TextItem

INDENT = 15.0
"""Points by which an equation stands further in than the lines around it."""
LEAST = 5
"""Characters of an equation; what is shorter is part of one, or a letter in a drawing."""
OTHERS = 0.3
"""The part of an equation that is not written in fonts of formulas, and that of a word in it."""
SMALL = 0.85
"""How high a line is at most, compared with the text, that stands above or below a sign."""
GROWTH = 12.0
"""Points that fractions and the limits of sums reach beyond the line they are told to stand in."""
LIMIT = 12
"""Characters above or below a sign."""
NEAR = 4.0
CONFIDENCE = 0.6
"""Letters and signs are right, how they stand above each other may not be."""
_NUMBER = re.compile(r"\(\s*(?:[A-Z]{1,2}[.\-]?)?\d{1,3}(?:[.\-]\d{1,3})*\s?[a-z]?['′*]?\s*\)")
_RELATION = re.compile(
    r"[=<>≤≥≈∼≡≠∈⊂⊆→↦⇒⇔∝:]|\\(?:leq?|geq?|neq?|sim|simeq|cong|approx|equiv|in|subset\w*|supset\w*|to|mapsto"
    r"|\w*arrow|propto|sum|int|prod|frac)\b"
)
_TALL = re.compile(r"\\(?:frac|sum|int|prod|big\w*|binom|begin|underbrace|lim|sup|inf|sqrt)")
_LATEX = re.compile(r"\$[^$]*\$")
_COMMAND = re.compile(r"\\[A-Za-z]+|[\\${}^_\s]")
_WORDS = re.compile(r"[^\W\d_]{4,}")


def with_equations(blocks: Sequence[Block], page: ParsedPage, body: float, crops: Crops) -> list[Block]:
    """The blocks of a page with its display equations as blocks of their own, each with its picture."""
    formulas = [item for item in page.text_items if _is_formula(item)]
    if not formulas:
        return list(blocks)
    made: list[Block] = []
    for block in blocks:
        if (
            block.type == "text"
            and block.box is not None
            and any(_lies_in(item, block.box) for item in formulas)
        ):
            made += _parted(block, block.box, page, SMALL * body)
        else:
            made.append(block)
    if len(made) == len(blocks) and not any(block.type == "equation" for block in made):
        return made
    return [_pictured(block, page, crops) for block in _whole(made)]


def _is_formula(item: TextItem) -> bool:
    """Whether liteparse has written it as LaTeX, or it is set in a font of formulas."""
    if item.font_name is None:
        return item.text.startswith("$")
    return MATH_FONTS.search(item.font_name) is not None


def _lies_in(item: TextItem, box: Box) -> bool:
    x, y = item.x + item.width / 2, item.y + item.height / 2
    return box.x0 - 1 <= x <= box.x1 + 1 and box.y0 - 1 <= y <= box.y1 + 1


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands in one line."""

    items: tuple[TextItem, ...]

    @property
    def box(self) -> Box:
        """The box around it."""
        found = union_of(Box(one.x, one.y, one.x + one.width, one.y + one.height) for one in self.items)
        return found or Box(0.0, 0.0, 0.0, 0.0)

    @property
    def text(self) -> str:
        """Its words from left to right."""
        return " ".join(item.text.strip() for item in self.items)

    @property
    def numbered(self) -> bool:
        """Whether the number of an equation ends it."""
        return len(self.items) > 1 and _NUMBER.fullmatch(self.items[-1].text.strip()) is not None

    def is_equation(self, least: float) -> bool:
        """Whether it holds a formula, `least` points high, and hardly a word beside it and its number."""
        rest = self.items[:-1] if self.numbered else self.items
        others = sum(len(item.text) for item in rest if not _is_formula(item))
        text = " ".join(item.text for item in rest)
        words = _WORDS.findall(_LATEX.sub(" ", text))
        return (
            others <= OTHERS * len(text)
            and len(words) <= 1
            and sum(map(len, words)) <= OTHERS * len(text)
            and max((item.height for item in rest), default=0.0) >= least
            and len(_COMMAND.sub("", text)) >= LEAST
            and _RELATION.search(text) is not None
        )


def _parted(block: Block, box: Box, page: ParsedPage, least: float) -> list[Block]:
    """The block, or the paragraphs and equations that it consists of."""
    rows = _rows([item for item in page.text_items if item.text.strip() and _lies_in(item, box)])
    equations = [row for row in rows if row.is_equation(least)]
    left = min((row.box.x0 for row in rows if row not in equations), default=None)
    shown = [row for row in equations if left is None or row.numbered or row.box.x0 - left >= INDENT]
    if not shown:
        return [block]
    if len(shown) == len(rows):
        return [_equation(block, "\n".join(row.text for row in rows), box)]
    return _cut(block, box, shown)


def _cut(block: Block, box: Box, shown: Sequence[_Row]) -> list[Block]:
    """The paragraphs between the equations; equations that follow each other are one."""
    parts: list[Block] = []
    rest, top = block.text, box.y0
    for row in shown:
        first, last = row.items[0].text.strip(), row.items[-1].text.strip()
        start = rest.find(first)
        end = rest.find(last, start) if start >= 0 else -1
        if end < 0:
            continue
        before = rest[:start].strip()
        if before:
            parts.append(replace(block, text=before, box=replace(box, y0=top, y1=max(top, row.box.y0))))
        formula = _equation(block, rest[start : end + len(last)], row.box)
        if not before and parts and parts[-1].type == "equation":
            both = parts[-1].box.union(row.box) if parts[-1].box else row.box
            parts[-1] = replace(parts[-1], text=f"{parts[-1].text}\n{formula.text}", box=both)
        else:
            parts.append(formula)
        rest, top = rest[end + len(last) :], row.box.y1
    if rest.strip():
        parts.append(replace(block, text=rest.strip(), box=replace(box, y0=min(top, box.y1))))
    return parts


def _equation(block: Block, text: str, box: Box) -> Block:
    return replace(block, type="equation", text=text, box=box, confidence=CONFIDENCE)


def _rows(items: Sequence[TextItem]) -> list[_Row]:
    """The lines from the top; a formula is higher than the words beside it."""
    rows: list[list[TextItem]] = []
    for item in sorted(items, key=lambda item: item.y + item.height / 2):
        middle = item.y + item.height / 2
        if rows and any(
            other.y <= middle <= other.y + other.height
            or item.y <= other.y + other.height / 2 <= item.y + item.height
            for other in rows[-1]
        ):
            rows[-1].append(item)
        else:
            rows.append([item])
    return [_Row(tuple(sorted(row, key=lambda item: item.x))) for row in rows]


def _whole(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, with what stands small above or below the sign of an equation put to it."""
    gone: set[int] = set()
    made: list[Block] = []
    for block in blocks:
        equation = block
        if block.type == "equation":
            for place, part in enumerate(blocks):
                if part.type == "text" and place not in gone and _is_limit(part, equation):
                    gone.add(place)
                    equation = _with(equation, part)
        made.append(equation)
    return [block for place, block in enumerate(made) if place not in gone]


def _with(equation: Block, part: Block) -> Block:
    box = union_of(box for box in (equation.box, part.box) if box is not None)
    return replace(equation, text=f"{equation.text} {part.text}", box=box)


def _is_limit(part: Block, equation: Block) -> bool:
    if part.box is None or equation.box is None or len(part.text) > LIMIT or _WORDS.search(part.text):
        return False
    gap = max(part.box.y0 - equation.box.y1, equation.box.y0 - part.box.y1)
    within = equation.box.x0 - 2 <= part.box.x0 and part.box.x1 <= equation.box.x1 + 2
    return within and gap <= NEAR and part.box.y1 - part.box.y0 <= NEAR * 3


def _pictured(block: Block, page: ParsedPage, crops: Crops) -> Block:
    if block.type != "equation" or block.box is None or block.page is None:
        return block
    shown = _grown(block.box, page) if _TALL.search(block.text) else block.box
    return replace(block, picture=crops.picture(block.page, shown))


def _grown(box: Box, page: ParsedPage) -> Box:
    """The box as far up and down as nothing else stands there."""
    above, below = box.y0 - GROWTH, box.y1 + GROWTH
    for item in page.text_items:
        middle = item.y + item.height / 2
        if item.x > box.x1 or item.x + item.width < box.x0 or len(item.text.strip()) < LEAST:
            continue
        if middle < box.y0:
            above = max(above, item.y + item.height)
        elif middle > box.y1:
            below = min(below, item.y)
    return Box(box.x0, min(above, box.y0), box.x1, max(below, box.y1))
