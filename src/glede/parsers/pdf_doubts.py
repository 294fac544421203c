"""What makes a page of a PDF hard to read by its text layer alone: signals that cost next to nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from glede.types import Doubt

if TYPE_CHECKING:
    from liteparse.types import ParsedPage

MATH_PART = 0.02
"""The part of a page's characters in fonts of formulas from which it shows some."""
MATH_FONTS = re.compile(r"(?:CMMI|CMSY|CMEX|MSAM|MSBM|EUFM|Math|STIX.*(?:Italic|Math)|Symbol|MTSY|MTMI)")


def doubts_of(page: ParsedPage) -> tuple[Doubt, ...]:
    """Why the page may be another than its text layer tells; empty where nothing speaks for it."""
    doubts = []
    layout = page.complexity.layout if page.complexity else None
    if layout is not None and layout.column_count >= 2:
        doubts.append(Doubt("headings", f"{layout.column_count} columns"))
    if layout is not None and layout.text_table_run_count and not layout.ruled_table_count:
        doubts.append(Doubt("tables", "columns of text without rulings"))
    if math := _math_fonts(page):
        doubts.append(Doubt("equations", f"fonts of formulas ({math})"))
    return tuple(doubts)


def _math_fonts(page: ParsedPage) -> str:
    """The names of such fonts, if enough of the page is set in them."""
    total = found = 0
    names: dict[str, None] = {}
    for item in page.text_items:
        total += len(item.text)
        if item.font_name and (match := MATH_FONTS.search(item.font_name)):
            found += len(item.text)
            names[match.group()] = None
    return ", ".join(names) if found > MATH_PART * total else ""
