"""A page of a PDF as a picture, for those who want to see where something stands."""

from __future__ import annotations

from glede.errors import LimitError, MalformedError
from glede.parsers.pacing import announce_pages
from glede.parsers.rendering import open_pdf, png_of
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Block, Box, Page, Parsed, Picture, sha256_of

DPI = 110.0
MAX_PIXELS = 4_000_000


class PageImage:
    """Draws the pages that are asked for, the first one if none is; reads nothing, and chooses nothing."""

    name = "page_image"
    version = "1"
    media_types = frozenset({"application/pdf"})
    cost = 1.0
    recovers: frozenset[Feature] = frozenset()
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """One image block for each page, as large as it; raises `LimitError` for pages that there are not."""
        numbers = options.pages or (1,)
        blocks: list[Block] = []
        pages: list[Page] = []
        assets: dict[str, bytes] = {}
        if b"%PDF-" not in data[:1024]:
            raise MalformedError("the content does not begin as a PDF does")
        with open_pdf(data, options.password) as source:
            if not len(source):
                raise MalformedError("the PDF holds no page that can be read")
            announce_pages(len(numbers), hard=True)
            for number in numbers:
                if not 1 <= number <= len(source):
                    raise LimitError(f"there is no page {number}: the PDF has {len(source)}")
                width, height = source.size(number)
                raster = source.render(number, DPI, min(MAX_PIXELS, options.max_pixels))
                image = png_of(raster)
                asset = sha256_of(image)
                assets[asset] = image
                down, across = raster.pixels.shape[:2]
                picture = Picture(asset, "image/png", across, down, alt=f"page {number}")
                box = Box(0.0, 0.0, width, height)
                blocks.append(Block("image", "", page=number, box=box, picture=picture))
                pages.append(Page(number, width, height, parser=self.name))
        return Parsed(media_type, self.name, tuple(blocks), tuple(pages), assets=assets)
