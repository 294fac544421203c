"""Pictures of parts of pages, drawn where the PDF holds no picture of them."""

from __future__ import annotations

from glede.errors import DocumentError
from glede.parsers.rendering import DPI, LazyPages, png_of
from glede.types import Box, Picture, sha256_of

MOST = 400
"""Parts that are drawn of one document."""
PIXELS = 4_000_000
"""Of one part."""
_MARGIN = 3.0


class Crops:
    """Draws parts of pages, and keeps what it has drawn as `assets`."""

    def __init__(self, source: LazyPages) -> None:
        self.assets: dict[str, bytes] = {}
        self._source = source
        self._left = MOST

    def picture(self, page: int, box: Box, dpi: float = DPI, margin: float = _MARGIN) -> Picture | None:
        """What the page shows there, or `None` where it cannot be drawn."""
        if self._left <= 0:
            return None
        self._left -= 1
        around = Box(box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
        try:
            raster = self._source.opened().crop(page, around, dpi, PIXELS)
        except DocumentError:  # the words have been read: without their picture they are worth as much
            return None
        data = png_of(raster)
        height, width = raster.pixels.shape[:2]
        asset = sha256_of(data)
        self.assets[asset] = data
        return Picture(asset, "image/png", width, height)
