"""Pictures that travel inside a document as `data:` URIs, and the size that a picture's header tells."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from urllib.parse import unquote_to_bytes

from glede.errors import LimitError, MalformedError
from glede.media import detect
from glede.parsers.building import Draft
from glede.types import Picture

_DATA_URI = re.compile(r"\s*data:[^,;]*(?:;[^,;]*)*?(;base64)?,", re.IGNORECASE)
_RASTER = re.compile(r"\s*data:image/(?:png|jpe?g|gif|webp|bmp|tiff?)[;,]", re.IGNORECASE)
_HEADER = 30
"""Bytes below which nothing is a picture: such as stand where a script shows another one."""
_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def embedded_picture(draft: Draft, source: str, alt: str, max_pixels: int) -> Picture | None:
    """Keep the picture of a `data:` URI among the draft's assets; any other address is never followed.

    `None` also for what is no picture of a known format, a spacer, or beyond the limits; the last with a
    warning.
    """
    match = _DATA_URI.match(source)
    if match is None:
        return None
    if draft.is_too_large(len(source) * 3 // 4):
        return None
    data = _payload(source[match.end() :], is_base64=match[1] is not None)
    if _RASTER.match(source) and len(data) >= _HEADER and image_size(data, detect(data)) is None:
        draft.left_out("image", MalformedError.code, "it is damaged, and was left out")
        return None
    return kept_picture(draft, data, alt, max_pixels)


def kept_picture(draft: Draft, data: bytes, alt: str, max_pixels: int) -> Picture | None:
    """Keep the bytes of a picture; `None` for what is none of a known format, a spacer, or too large."""
    media_type = detect(data)
    size = image_size(data, media_type)
    if size is None or 0 < min(size) < 3:
        return None
    if not all(size):
        draft.left_out("image", MalformedError.code, "it has no pixels, and was left out")
        return None
    if size[0] * size[1] > max_pixels:
        draft.warnings.append(f"A picture of {size[0]} x {size[1]} pixels was left out.")
        draft.left_out("image", LimitError.code, beyond(size))
        return None
    asset = hashlib.sha256(data).hexdigest()
    draft.assets[asset] = data
    return Picture(asset=asset, media_type=media_type, width=size[0], height=size[1], alt=alt)


def beyond(size: tuple[int, int]) -> str:
    """That a picture has too many pixels, and what lets it in."""
    return f"it has {size[0]} x {size[1]} pixels, and was left out: raise GLEDE_MAX_PIXELS and `glede retry`"


def image_size(data: bytes, media_type: str) -> tuple[int, int] | None:
    """Width and height in pixels as the header tells them; `None` where it does not."""
    if media_type not in _TYPES or len(data) < _HEADER:
        return None
    if media_type == "image/png":
        return _big(data[16:20]), _big(data[20:24])
    if media_type == "image/gif":
        return _little(data[6:8]), _little(data[8:10])
    if media_type == "image/bmp":
        return _little(data[18:22]), abs(int.from_bytes(data[22:26], "little", signed=True))
    if media_type == "image/tiff":
        return _tiff_size(data)
    return _jpeg_size(data) if media_type == "image/jpeg" else _webp_size(data)


def _payload(text: str, *, is_base64: bool) -> bytes:
    data = unquote_to_bytes(text)
    if not is_base64:
        return data
    data = re.sub(rb"\s+", b"", data)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return b""


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """From the first frame header; segments say how long they are."""
    place = 2
    while place + 9 <= len(data) and data[place] == 0xFF:
        if data[place + 1] in _JPEG_FRAMES:
            return _big(data[place + 7 : place + 9]), _big(data[place + 5 : place + 7])
        place += 2 + _big(data[place + 2 : place + 4])
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    if data[12:16] == b"VP8X":
        return _little(data[24:27]) + 1, _little(data[27:30]) + 1
    if data[12:16] == b"VP8L":
        bits = _little(data[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return _little(data[26:28]) & 0x3FFF, _little(data[28:30]) & 0x3FFF


def _tiff_size(data: bytes) -> tuple[int, int] | None:
    """From the first directory: tags 256 and 257, each one number of two bytes or four."""
    number = _little if data[:2] == b"II" else _big
    place = number(data[4:8])
    sizes: dict[int, int] = {}
    for entry in range(place + 2, place + 2 + 12 * min(number(data[place : place + 2]), 200), 12):
        length = {3: 2, 4: 4}.get(number(data[entry + 2 : entry + 4]), 0)
        sizes[number(data[entry : entry + 2])] = number(data[entry + 8 : entry + 8 + length])
    return (sizes[256], sizes[257]) if {256, 257} <= sizes.keys() else None


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
