"""A look at one picture, and a smaller copy of it for a model, made where a hostile picture does no harm.

These are jobs for the parser process, not parsers to choose: `glede.build` names this module to the pool.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glede.errors import LimitError, MalformedError
from glede.parsers.pacing import announce_pages, loading
from glede.parsers.pictures import image_size
from glede.parsers.recognition import engine_version, is_installed, load_engine
from glede.parsers.scan import SLOWNESS, picture_text
from glede.parsing import Feature, ParseOptions, always_available
from glede.pictures.features import (
    HASH_SIDE,
    ORNAMENTS,
    SIDE,
    VERSION,
    feature_of,
    fitted,
    grey_of,
    hash_of,
    kind_of,
)
from glede.types import Block, Parsed, Picture, sha256_of

if TYPE_CHECKING:
    from PIL import Image

SHARP_SIDE = 512
"""Pixels of the longer side at which colours and lines are counted."""
QUALITY = 85
_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
_SHOWN_TYPES = frozenset({"image/png", "image/jpeg"})
"""What every model takes."""


@dataclass(frozen=True, slots=True)
class _Squares:
    """A picture in the sizes that it is looked at in: red, green and blue, the first not blended."""

    sharp: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    square: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    tiny: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


class GlanceParser:
    """Gives one image block: its picture with hash, feature and kind, and no text."""

    name = "look"
    media_types = _TYPES
    cost = 0.05
    recovers: frozenset[Feature] = frozenset({"text", "pictures"})
    available = always_available
    reads = False

    def __init__(self) -> None:
        self.version = f"1.{VERSION}{engine_version() if self.reads else ''}"

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """One clear error where the picture cannot be decoded, or is larger than `max_pixels`."""
        if self.reads and is_installed():
            with loading():
                load_engine()
        width, height = checked_size(data, media_type, options.max_pixels)
        seen = _seen(data)
        picture_hash = hash_of(grey_of(seen.tiny))
        picture = Picture(
            sha256_of(data),
            media_type,
            width,
            height,
            hash=picture_hash,
            feature=feature_of(seen.square, picture_hash),
            kind=kind_of(seen.sharp, width, height),
        )
        words, confidence = "", 1.0
        if self.reads and is_installed() and picture.kind not in ORNAMENTS:
            announce_pages(SLOWNESS, hard=True)
            words, confidence = picture_text(data, options.max_pixels, load_engine())
        block = Block("image", words, picture=picture, confidence=confidence if words else 1.0)
        return Parsed(media_type, self.name, (block,), assets={picture.asset: data})


class LookParser(GlanceParser):
    """The same, with the words in the picture as text where OCR is installed."""

    reads = True


class ScaleParser:
    """Gives the picture as a model is shown it: turned upright, on white, of few pixels, PNG or JPEG."""

    name = "scale"
    media_types = _TYPES
    cost = 0.05
    recovers: frozenset[Feature] = frozenset({"text", "pictures"})
    available = always_available
    version = "1"

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Small pictures of a common type are given as they are, if they are whole."""
        width, height = checked_size(data, media_type, options.max_pixels)
        size = fitted(width, height)
        if size != (width, height) or media_type not in _SHOWN_TYPES or len(data) > 4 * width * height:
            data, media_type, size = _scaled(data, size)
        else:
            _opened(data, SIDE)
        picture = Picture(sha256_of(data), media_type, *size)
        block = Block("image", "", picture=picture)
        return Parsed(media_type, self.name, (block,), assets={picture.asset: data})


def checked_size(data: bytes, media_type: str, max_pixels: int) -> tuple[int, int]:
    """The size that the header tells; raises `MalformedError` or `LimitError`."""
    size = image_size(data, media_type)
    if size is None or min(size) < 1:
        raise MalformedError(
            "this is no picture that can be read: its header does not tell its size",
            hint="Give a PNG, JPEG, GIF, WebP, TIFF or BMP; a table goes with --table.",
        )
    if size[0] * size[1] > max_pixels:
        raise LimitError(
            f"the picture has {size[0]} x {size[1]} pixels; the limit is {max_pixels:,}",
            hint="Raise GLEDE_MAX_PIXELS, or make it smaller.",
        )
    return size


def _seen(data: bytes) -> _Squares:
    from PIL import Image

    picture = _opened(data, 4 * SHARP_SIDE)
    scale = min(1.0, SHARP_SIDE / max(picture.size))
    sharp_size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    sharp = picture.resize(sharp_size, Image.Resampling.NEAREST)
    square = picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    tiny = square.resize((HASH_SIDE, HASH_SIDE), Image.Resampling.BOX)
    return _Squares(np.asarray(sharp), np.asarray(square), np.asarray(tiny))


def _opened(data: bytes, least_side: int) -> Image.Image:
    """The first picture of the file in red, green and blue; JPEGs are decoded no larger than needed."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(data)) as opened:
            side = min(1.0, least_side / max(opened.size))
            opened.draft("RGB", (math.ceil(opened.width * side), math.ceil(opened.height * side)))
            return _on_white(ImageOps.exif_transpose(opened))
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise MalformedError("the picture is damaged: its pixels cannot be read") from error


def _on_white(picture: Image.Image) -> Image.Image:
    from PIL import Image

    if picture.mode.startswith(("I", "F")):  # 16 bits and more: Pillow would cut off what is light
        values = np.asarray(picture).astype(np.float32)
        low, high = float(values.min()), float(values.max())
        top = 65535.0 if picture.mode != "F" and 255 < high <= 65535 and low >= 0 else max(high, 1.0)
        return Image.fromarray(np.clip(values * 255 / top, 0, 255).astype(np.uint8)).convert("RGB")
    if "A" in picture.mode or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    return picture.convert("RGB")


def _scaled(data: bytes, size: tuple[int, int]) -> tuple[bytes, str, tuple[int, int]]:
    """A drawing as PNG, since JPEG blurs its letters; a photo as JPEG."""
    from PIL import Image

    picture = _opened(data, 2 * max(size))
    if (picture.width > picture.height) != (size[0] > size[1]):
        size = fitted(*picture.size)  # its header turns it
    picture.thumbnail(size, Image.Resampling.LANCZOS)
    kind = kind_of(np.asarray(picture), *picture.size)
    stream = io.BytesIO()
    if kind == "photo":
        picture.save(stream, "JPEG", quality=QUALITY)
        return stream.getvalue(), "image/jpeg", picture.size
    picture.save(stream, "PNG")
    return stream.getvalue(), "image/png", picture.size
