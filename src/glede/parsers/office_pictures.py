"""Pictures among the parts of an Office file."""

from __future__ import annotations

import hashlib
import re

from glede.errors import LimitError, MalformedError, UnsupportedError
from glede.media import detect
from glede.parsers.building import Draft, one_line
from glede.parsers.pictures import beyond, image_size
from glede.types import Picture

_SPACER = 3
_BY_MACHINE = re.compile(
    r"\s*Description automatically generated.*|\s*AI-generated content may be incorrect\.?", re.DOTALL
)


def described(alt: str | None) -> str:
    """An alternative text, without what a program says of having written it."""
    return one_line(_BY_MACHINE.sub("", alt or ""))


def kept_picture(draft: Draft, data: bytes, alt: str, max_pixels: int) -> Picture | None:
    """Keep a picture among the draft's assets; `None` of a spacer, and with a warning what cannot be shown.

    Drawings in the formats of Windows (EMF, WMF) are among the latter.
    """
    media_type = detect(data[:4096])
    size = image_size(data, media_type)
    if size is None:
        _warn(draft, "A picture in a format that is not read (such as EMF) was left out.")
        draft.left_out("image", UnsupportedError.code, "it is in a format that is not read, and was left out")
        return None
    if not all(size):
        draft.left_out("image", MalformedError.code, "it has no pixels, and was left out")
        return None
    if min(size) < _SPACER:
        return None
    if draft.is_too_large(len(data)):
        return None
    if size[0] * size[1] > max_pixels:
        _warn(draft, f"A picture of {size[0]} x {size[1]} pixels was left out.")
        draft.left_out("image", LimitError.code, beyond(size))
        return None
    asset = hashlib.sha256(data).hexdigest()
    draft.assets[asset] = data
    return Picture(asset=asset, media_type=media_type, width=size[0], height=size[1], alt=alt)


def _warn(draft: Draft, warning: str) -> None:
    if warning not in draft.warnings:
        draft.warnings.append(warning)
