"""Pictures described in words by a vision model, so that they are found and cited like text."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glede.endpoints import Attachment, ChatModel, Message, Prompt
from glede.errors import ContentFilterError, ContextLengthError, ModelReplyError, RefusedRequestError
from glede.packing import fence_of
from glede.prompts import filled
from glede.types import Block, Parsed

LEAST_PIXELS = 32
"""Smaller pictures, in width or height, are bullets, rules and icons."""
DESCRIPTION_TOKENS = 600
AROUND = 2
"""How many blocks before and after a picture the model is shown."""
AROUND_CHARACTERS = 600
_ITS_OWN = (ContentFilterError, ContextLengthError, RefusedRequestError, ModelReplyError)
"""What has to do with this picture: the others, and the document, go on without its description."""


@dataclass(frozen=True, slots=True)
class ImageProcessor:
    """Adds to each image block what the model sees in it; equal pictures of a document are asked for once."""

    vision: ChatModel
    version: str = "1"

    @property
    def fingerprint(self) -> str:
        """Names this way of describing."""
        return f"image@{self.version}:{self.vision.model}"

    async def process(self, parsed: Parsed) -> Parsed:
        """The document with its pictures described; one that cannot be is left with a warning."""
        places = [place for place, block in enumerate(parsed.blocks) if _worthwhile(block, parsed)]
        if not places:
            return parsed
        first = {_asset(parsed.blocks[place]): place for place in reversed(places)}
        said = await asyncio.gather(*(self._describe(parsed, place) for place in first.values()))
        words = dict(zip(first, said, strict=True))
        blocks = list(parsed.blocks)
        warnings = list(parsed.warnings)
        for place in places:
            description = words[_asset(blocks[place])]
            if isinstance(description, str):
                blocks[place] = _described(blocks[place], description)
            else:
                warnings.append(f"A picture{_where(blocks[place])} was not described: {description.message}")
        return replace(parsed, blocks=tuple(blocks), warnings=tuple(warnings))

    async def _describe(
        self, parsed: Parsed, place: int
    ) -> str | ContentFilterError | ContextLengthError | RefusedRequestError | ModelReplyError:
        block = parsed.blocks[place]
        if block.picture is None:
            raise AssertionError("only blocks with a picture are described")
        context = _context(parsed.blocks, place)
        text = filled("describe", fence=fence_of([context]), context=context)
        picture = Attachment(parsed.assets[block.picture.asset], block.picture.media_type)
        prompt = Prompt((Message("user", text, (picture,)),), max_tokens=DESCRIPTION_TOKENS)
        try:
            reply = await self.vision.chat(prompt)
        except _ITS_OWN as error:
            return error
        if not (reply.complete or reply.finish == "length"):
            return ModelReplyError(f"{reply.model} broke off its description")
        return " ".join(reply.text.split())


def _worthwhile(block: Block, parsed: Parsed) -> bool:
    picture = block.picture
    if picture is None or picture.asset not in parsed.assets:
        return False
    return min(picture.width, picture.height) >= LEAST_PIXELS


def _asset(block: Block) -> str:
    return block.picture.asset if block.picture else ""


def _described(block: Block, description: str) -> Block:
    """What a reader sees of it first, then what the model saw."""
    return replace(block, text="\n".join(part for part in (block.text.strip(), description) if part))


def _context(blocks: Sequence[Block], place: int) -> str:
    """The headings, the caption, and the text before and after."""
    block = blocks[place]
    near = (*blocks[max(0, place - AROUND) : place], *blocks[place + 1 : place + 1 + AROUND])
    parts = [" > ".join(block.heading_path), block.caption or block.text]
    parts += [one.text[:AROUND_CHARACTERS] for one in near if one.type != "image"]
    return "\n".join(part for part in parts if part.strip()) or "(none)"


def _where(block: Block) -> str:
    return f" on page {block.page}" if block.page is not None else ""
