"""Pictures as models are shown them: scaled in the parser process, under a budget of tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from glede.endpoints import Attachment, PictureEmbedder
from glede.errors import DocumentError, RefusedRequestError, UnavailableError
from glede.media import detect
from glede.parsing import Parse, ParseOptions
from glede.pictures.features import tokens_of
from glede.ports import Blobs, Vectors
from glede.prompting.packing import Source
from glede.types import Chunk

SCALE = "glede.parsers.look:ScaleParser"
MOST_BYTES = 3 * 2**20
_TAKEN = frozenset({"image/png", "image/jpeg"})
MOST = 4
"""How many pictures are shown with one question."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as a model is shown it, and what that costs."""

    picture: Attachment
    tokens: int


Showing: TypeAlias = Callable[[str], Awaitable[Shown | None]]
"""Gives a picture by its asset; `None` where it cannot be shown."""


@dataclass(frozen=True, slots=True)
class KeptPictures:
    """The pictures of documents from where they are kept, scaled; `key` makes a blob's key of an asset."""

    blobs: Blobs
    scale: Parse
    key: Callable[[str], str]
    max_pixels: int = 100_000_000

    async def show(self, asset: str) -> Shown | None:
        """The picture as it is shown; `None` for one that is gone, or cannot be decoded."""
        try:
            data = await asyncio.to_thread(self.blobs.get, self.key(asset))
            options = ParseOptions(max_pixels=self.max_pixels)
            parsed = await self.scale.parse(data, detect(data), SCALE, options)
        except (DocumentError, UnavailableError):
            return None
        picture = parsed.blocks[0].picture
        if picture is None:
            return None
        attachment = Attachment(parsed.assets[picture.asset], picture.media_type)
        return Shown(attachment, tokens_of(picture.width, picture.height))


@dataclass(frozen=True, slots=True)
class FittedPictures:
    """Pictures made small enough, and of a kind that every model takes, before they are embedded."""

    sees: PictureEmbedder
    scale: Parse
    max_pixels: int = 100_000_000

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Vectors:
        """One row for each picture; raises `RefusedRequestError` for one that cannot be decoded."""
        return await self.sees.embed_pictures(await asyncio.gather(*map(self._fitted, pictures)))

    async def _fitted(self, picture: Attachment) -> Attachment:
        if picture.media_type in _TAKEN and len(picture.data) <= MOST_BYTES:
            return picture
        options = ParseOptions(max_pixels=self.max_pixels)
        try:
            parsed = await self.scale.parse(picture.data, picture.media_type, SCALE, options)
        except DocumentError as error:
            raise RefusedRequestError(error.message) from error
        small = parsed.blocks[0].picture
        return picture if small is None else Attachment(parsed.assets[small.asset], small.media_type)


async def shown_with(
    sources: Sequence[Source], show: Showing, tokens: int
) -> tuple[tuple[int, Attachment], ...]:
    """The pictures of the sources, each with the number of its source: the best ones that fit.

    What was found as a picture comes before what only stands beside a hit.
    """
    chosen: list[tuple[int, Attachment]] = []
    for number, asset in _assets(sources):
        if len(chosen) == MOST:
            break
        found = await show(asset)
        if found is not None and found.tokens <= tokens:
            chosen.append((number, found.picture))
            tokens -= found.tokens
    return tuple(sorted(chosen, key=lambda one: one[0]))


def _assets(sources: Sequence[Source]) -> list[tuple[int, str]]:
    """Number and asset of each picture, once."""
    own = [(source, source.hit.chunk) for source in sources]
    beside = [(source, chunk) for source in sources for chunk in source.chunks]
    found: dict[str, int] = {}
    for source, chunk in [*own, *beside]:
        if _is_picture(chunk) and chunk.asset is not None:
            found.setdefault(chunk.asset, source.number)
    return [(number, asset) for asset, number in found.items()]


def _is_picture(chunk: Chunk) -> bool:
    return chunk.modality == "image" and chunk.asset is not None
