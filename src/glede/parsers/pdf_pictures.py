"""The pictures of a PDF: which are worth keeping, and what is known of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from glede.parsers.pictures import image_size
from glede.types import Block, Picture, sha256_of

if TYPE_CHECKING:
    from liteparse.types import ExtractedImage

SMALLEST = 8
"""Pictures with fewer pixels on a side are rules and dots."""
MEDIA_TYPES = {"jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


class Pictures:
    """The embedded pictures by their ids; one that stands on most pages decorates, and is left out."""

    def __init__(self, images: Iterable[ExtractedImage], pages: int, max_pixels: int) -> None:
        self._images: dict[str, ExtractedImage] = {}
        self._hashes: dict[str, str] = {}
        for image in images:
            if image.width * image.height <= max_pixels:
                self._images[image.id] = image
                self._hashes[image.id] = sha256_of(image.bytes)
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

    def kept(self, blocks: Sequence[Block]) -> dict[str, bytes]:
        """The bytes of the pictures that the blocks show, by their SHA-256."""
        wanted = {block.picture.asset for block in blocks if block.picture is not None}
        return {
            self._hashes[image_id]: image.bytes
            for image_id, image in self._images.items()
            if self._hashes[image_id] in wanted and image.bytes
        }
