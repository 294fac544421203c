"""A picture as a document of one image block."""

from __future__ import annotations

import re
from pathlib import PurePath

from glede.errors import LimitError, MalformedError
from glede.parsers.building import Draft
from glede.parsers.pictures import image_size
from glede.ports import ParseOptions
from glede.types import Block, Parsed, Picture, sha256_of

_SEPARATORS = re.compile(r"[\s_\-.]+")


class PictureParser:
    """Reads the header only; what is in the picture is told by a vision model, where there is one."""

    name = "picture"
    version = "1"
    media_types = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """One image block, whose text is the name of the file in words."""
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
        draft.blocks.append(Block("image", title, picture=picture))
        return draft.parsed(media_type, self.name, title)
