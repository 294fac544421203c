"""The pictures of a PDF: which are worth keeping, and what is known of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.parsers.pdf_crops import Crops
from glede.parsers.pictures import image_size
from glede.parsers.rendering import DPI
from glede.types import Block, Picture, sha256_of

if TYPE_CHECKING:
    from liteparse.types import ExtractedImage

SMALLEST = 8
"""Pictures with fewer pixels on a side are rules and dots."""
SHARPER = 1.1
"""By how much wider a picture must be in the PDF to be drawn again."""
MEDIA_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


class Pictures:
    """The embedded pictures by their ids; one that stands on most pages decorates, and is left out."""

    def __init__(self, images: Iterable[ExtractedImage], pages: int, max_pixels: int) -> None:
        self._images: dict[str, ExtractedImage] = {}
        self._hashes: dict[str, str] = {}
        self._pixels: dict[str, int] = {}
        self._drawn: dict[str, Picture | None] = {}
        for image in images:
            if image.width * image.height <= max_pixels:
                self._images[image.id] = image
                self._hashes[image.id] = sha256_of(image.bytes)
                if image.format.lower() == "png":
                    self._pixels[self._hashes[image.id]] = image.width
        shown: Counter[str] = Counter()
        for image_id, image in self._images.items():
            if image.duplicate_of is None or image.duplicate_of in self._images:
                shown[self._hash(image_id)] += 1
        self._everywhere = {one for one, count in shown.items() if pages > 2 and count > pages / 2}

    def _hash(self, image_id: str) -> str:
        original = self._images[image_id].duplicate_of
        return self._hashes[original if original in self._hashes else image_id]

    def decorates(self, image_id: str | None) -> bool:
        """Whether the picture is a rule, a dot, or stands on most pages."""
        if image_id is None or image_id not in self._images:
            return False
        image = self._images[image_id]
        return min(image.width, image.height) < SMALLEST or self._hash(image_id) in self._everywhere

    def picture(self, image_id: str | None) -> Picture | None:
        """What is known of the picture, `None` where its pixels were not kept."""
        if image_id is None or image_id not in self._images:
            return None
        image = self._images[image_id]
        media_type = MEDIA_TYPES.get(image.format.lower(), f"image/{image.format.lower()}")
        # What is no JPEG is drawn anew, a pixel to a point, and then smaller than the PDF says.
        width, height = image_size(image.bytes, media_type) or (image.width, image.height)
        return Picture(self._hash(image_id), media_type, width, height)

    def sharper(self, blocks: Sequence[Block], crops: Crops) -> list[Block]:
        """The blocks of a page, with pictures that liteparse made smaller as large as the PDF has them."""
        return [self._sharpened(block, crops) for block in blocks]

    def _sharpened(self, block: Block, crops: Crops) -> Block:
        if block.picture is None or block.page is None or block.box is None:
            return block
        asset = block.picture.asset
        pixels = self._pixels.get(asset)
        if pixels is None or pixels <= SHARPER * block.picture.width or block.type != "image":
            return block
        if asset not in self._drawn:
            dpi = min(DPI, 72 * pixels / max(block.box.x1 - block.box.x0, 1.0))
            self._drawn[asset] = crops.picture(block.page, block.box, dpi, margin=0.0)
        drawn = self._drawn[asset]
        better = drawn is not None and drawn.width > block.picture.width
        return replace(block, picture=drawn) if better else block

    def kept(self, blocks: Sequence[Block]) -> dict[str, bytes]:
        """The bytes of the pictures that the blocks show, by their SHA-256."""
        wanted = {block.picture.asset for block in blocks if block.picture is not None}
        return {
            self._hashes[image_id]: image.bytes
            for image_id, image in self._images.items()
            if self._hashes[image_id] in wanted and image.bytes
        }
