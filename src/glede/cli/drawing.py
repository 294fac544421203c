"""The page that a citation stands on as a picture, with its box."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from glede.errors import NotFoundError, UnavailableError

if TYPE_CHECKING:
    from glede.doors.library import Library
    from glede.results import Citation

INK = (200, 30, 30)
MARGIN = 3.0
"""Points between the words and the line around them."""


async def draw_citation(library: Library, citation: Citation, target: Path) -> None:
    """Write the page as PNG, the box of the citation drawn on it."""
    if citation.page is None:
        raise NotFoundError("the citation stands on no page that could be drawn")
    document = await library.cited(citation)
    parsed = await library.parsed(document)
    width = next((page.width for page in parsed.pages if page.number == citation.page), 0.0)
    drawn = await library.page_image(document, citation.page)
    try:
        target.write_bytes(_boxed(drawn, citation, width))
    except OSError as error:
        raise UnavailableError(f"{target} cannot be written: {error.strerror}") from error


def _boxed(drawn: bytes, citation: Citation, width: float) -> bytes:
    """The picture of a page `width` points wide, with the box; it is our own, and safe to decode."""
    from PIL import Image, ImageDraw

    if citation.box is None or not width:
        return drawn
    with Image.open(io.BytesIO(drawn)) as opened:
        picture = opened.convert("RGB")
    scale = picture.width / width
    box = citation.box
    edges = (box.x0 - MARGIN, box.y0 - MARGIN, box.x1 + MARGIN, box.y1 + MARGIN)
    ImageDraw.Draw(picture).rectangle([edge * scale for edge in edges], outline=INK, width=max(2, int(scale)))
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()
