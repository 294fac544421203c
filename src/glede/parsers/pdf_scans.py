"""Which pages of a PDF are pictures of text, why, and what OCR reads on them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glede.parsers import recognition
from glede.parsers.pacing import announce_pages
from glede.parsers.recognition import INSTALL
from glede.parsers.rendering import open_pdf
from glede.parsers.scan import SLOWNESS, ScannedPage, read_pages
from glede.parsing import ParseOptions
from glede.reading.pages import named
from glede.types import Block

if TYPE_CHECKING:
    from liteparse.types import ParsedPage

HARDLY = 50
"""Letters of a text layer that may be a stamp or a page number on a scan."""
COVERED = 0.5
"""The part of a page that its picture covers if the page is a scan."""
GARBAGE = 0.3
"""The part of a text layer that may be signs of no meaning before it is not believed."""
ENOUGH = 20
"""Letters from which the garbage among them is counted."""
LOADING_PAGES = 10
"""The engine is loaded once the document is known to need it, so that time is asked for in pages."""
_MEANINGLESS = re.compile(r"[\ufffd\ue000-\uf8ff\x00-\x08\x0e-\x1f\U000f0000-\U0010ffff]|\(cid:\d+\)")
_NO_TEXT = "a picture without text"
_HARDLY_ANY = "a picture with hardly any text"
_GARBLED = "garbled text"


def reason_to_scan(page: ParsedPage) -> str | None:
    """Why the page should be read by OCR; `None` where its text layer can be believed."""
    text = page.text.strip()
    if not text:
        return _NO_TEXT if page.content_bounds is not None else None
    if is_garbled(text):
        return _GARBLED
    if len(text) < 4 * HARDLY and _letters(text) < HARDLY and _is_covered(page):
        return _HARDLY_ANY
    return None


def is_garbled(text: str) -> bool:
    """Whether much of a text is replacement characters, private ones, or glyphs without a letter."""
    found = _MEANINGLESS.findall(text)
    return bool(found) and _letters(text) >= ENOUGH and sum(map(len, found)) > GARBAGE * _letters(text)


def _letters(text: str) -> int:
    return len("".join(text.split()))


def _is_covered(page: ParsedPage) -> bool:
    signals = page.complexity
    if signals is None:
        return False
    if signals.full_page_image or "scanned" in signals.reasons:
        return True
    return bool(signals.largest_image_coverage >= COVERED)


def read_scans(
    data: bytes, reasons: Mapping[int, str], pages: int, options: ParseOptions
) -> dict[int, ScannedPage]:
    """What OCR reads on the pages named; nothing where it is not installed."""
    if not reasons or not recognition.is_installed():
        return {}
    announce_pages(pages + SLOWNESS * len(reasons) + LOADING_PAGES, hard=True)
    with open_pdf(data, options.password) as pdf:
        return dict(read_pages(pdf, sorted(reasons), options.max_pixels, recognition.load_engine()))


def chosen(layer: Sequence[Block], page: ParsedPage, scanned: ScannedPage | None) -> tuple[list[Block], bool]:
    """The blocks of a page, and whether they are those of OCR: where it read more than the layer holds.

    Small pictures stay; one that covers the page is the page itself.
    """
    held = 0 if is_garbled(page.text) else _letters(page.text)
    if scanned is None or scanned.letters <= held:
        return list(layer), False
    area = COVERED * page.width * page.height
    pictures = [block for block in layer if block.type == "image" and _area(block) < area]
    return [*scanned.blocks, *pictures], True


def _area(block: Block) -> float:
    box = block.box
    return 0.0 if box is None else (box.x1 - box.x0) * (box.y1 - box.y0)


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a page was taken for a scan, and what OCR made of it; `None` where it is not installed."""

    reason: str
    scanned: ScannedPage | None
    used: bool

    @property
    def outcome(self) -> str:
        """What became of the page."""
        if self.scanned is None:
            return f"needs OCR ({INSTALL})"
        if self.used:
            return "read by OCR"
        return "OCR found lines that it cannot read" if self.scanned.unread else "OCR found no more"

    def __str__(self) -> str:
        """With what is of this page only: by how much it was turned, and how sure its words are."""
        said = f"{self.reason}; {self.outcome}"
        if self.scanned is None or not self.used:
            return said
        turned = f", turned by {self.scanned.turns * 90} degrees" if self.scanned.turns else ""
        unread = f", lines that could not be read: {self.scanned.unread}" if self.scanned.unread else ""
        return f"{said}{turned}, confidence {self.scanned.confidence:.2f}{unread}"


def summary(remarks: Mapping[int, Remark]) -> list[str]:
    """The remarks on all pages, those alike together."""
    alike: dict[tuple[str, str], list[int]] = {}
    for number, remark in remarks.items():
        alike.setdefault((remark.reason, remark.outcome), []).append(number)
    said = []
    for (reason, outcome), numbers in alike.items():
        if len(numbers) == 1:
            said.append(f"page {numbers[0]}: {remarks[numbers[0]]}")
            continue
        scanned = [page for number in numbers if (page := remarks[number].scanned) is not None]
        least = f", confidence {min(page.confidence for page in scanned):.2f} or more" if scanned else ""
        unread = sum(page.unread for page in scanned)
        least += f", lines that could not be read: {unread}" if unread else ""
        said.append(f"{named(numbers)}: {reason}; {outcome}{least if remarks[numbers[0]].used else ''}")
    return said
