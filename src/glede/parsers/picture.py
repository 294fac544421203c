"""A picture as a document of one image block, with the words that OCR reads in it."""

from __future__ import annotations

import re
from pathlib import PurePath

from glede.errors import LimitError, MalformedError
from glede.parsers.building import Draft
from glede.parsers.pacing import announce_pages, loading
from glede.parsers.pictures import image_size
from glede.parsers.recognition import engine_version, is_installed, load_engine
from glede.parsers.scan import SLOWNESS, picture_text
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Block, Parsed, Picture, sha256_of

_SEPARATORS = re.compile(r"[\s_\-.]+")


class PictureParser:
    """Reads the words in it where OCR is installed; a vision model, where there is one, tells the rest."""

    name = "picture"
    media_types = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
    cost = 0.5
    recovers: frozenset[Feature] = frozenset({"text", "pictures"})
    available = always_available

    def __init__(self) -> None:
        self.version = f"2{engine_version()}"

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """One image block, whose text is the name of the file in words and what is written in it."""
        if is_installed():
            with loading():
                load_engine()
        size = image_size(data, media_type)
        if size is None or min(size) < 1:
            raise MalformedError("the picture's header does not tell its size")
        if size[0] * size[1] > options.max_pixels:
            raise LimitError(
                f"the picture has {size[0]} x {size[1]} pixels; the limit is {options.max_pixels:,}",
                hint="Raise GLEDE_MAX_PIXELS, or make it smaller.",
            )
        title = _SEPARATORS.sub(" ", PurePath(options.name).stem).strip() or "picture"
        picture = Picture(sha256_of(data), media_type, size[0], size[1], alt=title)
        draft = Draft()
        draft.assets[picture.asset] = data
        words, confidence = _words(data, options, draft)
        text = f"{title}\n\n{words}" if words else title
        draft.blocks.append(Block("image", text, picture=picture, confidence=confidence))
        return draft.parsed(media_type, self.name, title)


def _words(data: bytes, options: ParseOptions, draft: Draft) -> tuple[str, float]:
    """What is written in the picture; nothing without OCR, or where the pixels are damaged."""
    if not is_installed():
        return "", 1.0
    announce_pages(SLOWNESS)
    try:
        words, confidence = picture_text(data, options.max_pixels, load_engine())
    except MalformedError as error:
        draft.warnings.append(error.message)
        return "", 1.0
    return words, confidence if words else 1.0
