"""Pictures made findable: looked at offline, put into words by a vision model where there is one.

Each picture of a document is looked at once, in the parser process. Ornaments (icons, rules, blanks, logos
that come back on pages) are marked in `Picture.kind` and cost nothing else. Without a model a picture is
found by its caption, the words in it, what refers to it, and the text around it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from weakref import WeakValueDictionary

from glede.endpoints import Attachment, ChatModel, Responses
from glede.errors import DocumentError, GledeError, ModelError, ModelReplyError
from glede.parsing import Parse, ParseOptions
from glede.pictures.context import (
    Mentions,
    around,
    context_of,
    is_captioned,
    label_of,
    mentions_in,
    recurring,
    shortened,
)
from glede.pictures.features import ORNAMENTS, fitted
from glede.processing import Tools, unfinished
from glede.processors.image_analysis import Analysis, Analyst, Asking, in_another_language
from glede.tables.markdown import one_line, table_markdown
from glede.types import Block, Parsed, Picture, Unfinished

LOOK = "glede.parsers.look:LookParser"
GLANCE = "glede.parsers.look:GlanceParser"
SCALE = "glede.parsers.look:ScaleParser"
LEAST_PIXELS = 32
"""Smaller pictures, in width or height, are bullets, rules and icons: where nobody looks at them."""
LOOKS = 4
"""Pictures of a document that are looked at side by side."""
READ = 60
"""In so many pictures of a document the words are read: that takes a second each."""
AID_TOKENS = 200
"""Of the text around a picture; from 60 to 300 its MRR by words is the same (.76 to .81, bench.pictures)."""
READ_TOKENS = 200
SURENESS = 0.6
"""What the data are worth that a model reads off a chart."""
_LOOKED_AT = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff"})
_SENT_AS_IT_IS = frozenset({"image/png", "image/jpeg", "image/webp"})
_CALLED = {"photo": "Photo", "chart": "Chart", "drawing": "Drawing", "text": "Picture of text"}
"""What stands for a picture of which nothing else is known."""

Failed = ModelError | DocumentError
"""Why a picture is known by what stands around it only: the others, and the document, go on."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """A picture that was looked at, and the words in it; or why it could not be."""

    picture: Picture
    words: str = ""
    confidence: float = 1.0
    failed: DocumentError | None = None


@dataclass(frozen=True, slots=True)
class _Page:
    """A document on its way: its blocks with looked-at pictures, and what was seen, by asset."""

    parsed: Parsed
    blocks: tuple[Block, ...]
    seen: Mapping[str, _Seen]
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class ImageProcessor:
    """Says of each image block what it shows; equal pictures of a document are asked for once.

    `look_version` is what the words of pictures depend on: the version of the OCR engine.
    """

    vision: ChatModel | None = None
    look: Parse | None = None
    kept: Responses | None = None
    look_version: str = ""
    max_pixels: int = 100_000_000
    context_tokens: int = 300
    version: str = "4"
    asking: Asking = field(default_factory=WeakValueDictionary, repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """Names this way of describing."""
        looked = f"look{self.look_version}" if self.look else ""
        return f"image@{self.version}:{self.vision.model if self.vision else ''}:{looked}"

    async def process(self, parsed: Parsed) -> Parsed:
        """The document with its pictures described; one that cannot be is kept without that, and marked."""
        places = [place for place, block in enumerate(parsed.blocks) if _asset(block, parsed)]
        if not places:
            return parsed
        page = await self._looked(parsed, places)
        ornaments = recurring(page.blocks)
        telling = [place for place in places if place not in ornaments and not _is_ornament(page, place)]
        analyses = await self._analysed(page, telling)
        blocks: list[tuple[int, Block]] = []
        marks: list[Unfinished] = []
        for place, block in enumerate(page.blocks):
            if place in telling:
                found = analyses.get(_asset(block, parsed))
                marks += self._marks(page, place, found)
                analysis = found if isinstance(found, Analysis) else None
                blocks += [(place, made) for made in self._told(page, place, analysis)]
            else:
                blocks.append((place, _of_kind(block, "logo") if place in ornaments else block))
        return _rebuilt(parsed, blocks, marks)

    def _marks(self, page: _Page, place: int, found: Analysis | Failed | None) -> list[Unfinished]:
        """Why a picture is not described, or not as it should be."""
        block = page.blocks[place]
        error: GledeError | None = found if isinstance(found, GledeError) else _seen(page, place).failed
        if isinstance(found, Analysis) and in_another_language(found, self._context(page, place)):
            error = ModelReplyError("it was described in another language", retryable=True)
        return [unfinished(block, place, error)] if error is not None else []

    def _context(self, page: _Page, place: int) -> str:
        return context_of(page.blocks, place, page.mentions, self.context_tokens)

    async def _looked(self, parsed: Parsed, places: Sequence[int]) -> _Page:
        """Everything looked at, each asset once."""
        first = {_asset(parsed.blocks[place], parsed): place for place in reversed(places)}
        order = sorted(first.values())
        read = parsed.media_type in _LOOKED_AT  # the parser of pictures has read its words
        gate = asyncio.Semaphore(LOOKS)

        async def one(rank: int, place: int) -> _Seen:
            async with gate:
                picture = parsed.blocks[place].picture
                return await self._look(parsed, picture, GLANCE if read or rank >= READ else LOOK)

        found = await asyncio.gather(*(one(rank, place) for rank, place in enumerate(order)))
        seen = {_asset(parsed.blocks[place], parsed): one for place, one in zip(order, found, strict=True)}
        blocks = list(parsed.blocks)
        for place in places:
            blocks[place] = _with_look(blocks[place], seen[_asset(blocks[place], parsed)])
        return _Page(parsed, tuple(blocks), seen, mentions_in(blocks))

    async def _look(self, parsed: Parsed, picture: Picture | None, job: str) -> _Seen:
        if picture is None:
            raise AssertionError("only blocks with a picture are looked at")
        if self.look is None or picture.media_type not in _LOOKED_AT:
            kind = "icon" if min(picture.width, picture.height) < LEAST_PIXELS else ""
            return _Seen(replace(picture, kind=picture.kind or kind))
        data = parsed.assets[picture.asset]
        try:
            looked = await self.look.parse(data, picture.media_type, job, self._options)
        except DocumentError as error:
            return _Seen(picture, failed=error)
        (block,) = looked.blocks
        found = block.picture or picture
        return _Seen(found, shortened(block.text, READ_TOKENS), block.confidence)

    @property
    def _options(self) -> ParseOptions:
        return ParseOptions(max_pixels=self.max_pixels)

    async def _analysed(self, page: _Page, places: Sequence[int]) -> Mapping[str, Analysis | Failed]:
        """What the model says of each asset that can be seen, in the context of its first place."""
        if self.vision is None:
            return {}
        places = [place for place in places if _seen(page, place).failed is None]
        analyst = Analyst(self.vision, self.kept, self.version, self.asking)
        first = {_asset(page.blocks[place], page.parsed): place for place in reversed(places)}
        found = await asyncio.gather(*(self._analyse(analyst, page, place) for place in first.values()))
        return dict(zip(first, found, strict=True))

    async def _analyse(self, analyst: Analyst, page: _Page, place: int) -> Analysis | Failed:
        picture = page.blocks[place].picture
        if picture is None:
            raise AssertionError("only blocks with a picture are described")
        context = self._context(page, place)
        try:
            return await analyst.analyse(picture.asset, await self._sent(page.parsed, picture), context)
        except (ModelError, DocumentError) as error:
            return error

    async def _sent(self, parsed: Parsed, picture: Picture) -> Attachment:
        """The picture as the model is shown it: no larger than it looks at."""
        data = parsed.assets[picture.asset]
        size = (picture.width, picture.height)
        fits = fitted(*size) == size and picture.media_type in _SENT_AS_IT_IS
        if fits or self.look is None or picture.media_type not in _LOOKED_AT:
            return Attachment(data, picture.media_type)
        scaled = await self.look.parse(data, picture.media_type, SCALE, self._options)
        small = scaled.blocks[0].picture or picture
        return Attachment(scaled.assets[small.asset], small.media_type)

    def _told(self, page: _Page, place: int, analysis: Analysis | None) -> list[Block]:
        """The block with all that is known of its picture, and the data of a chart as a table after it."""
        block, seen = page.blocks[place], _seen(page, place)
        words = seen.words
        aid = [*page.mentions.of(block), *around(page.blocks, place, AID_TOKENS)]
        if analysis is None:
            return [_undescribed(block, seen, aid)]
        block = _as_seen(block, analysis)
        if analysis.kind in ORNAMENTS and not is_captioned(block):
            return [block]
        said = " ".join(f"{analysis.description} {analysis.meaning}".split())
        if in_another_language(analysis, self._context(page, place)):
            return [_undescribed(block, seen, [said, analysis.facts, *aid]), *_data(block, analysis)]
        own = block.text.strip()
        told = _joined(said, _new(analysis.text, f"{own}\n{said}"))
        told = "" if one_line(told) in one_line(own) else told
        said_of = _with_derived(block, own, told)
        aid = [analysis.facts, _new(words, said_of.text), *aid]
        return [replace(said_of, aid=_joined(*aid)), *_data(block, analysis)]


def _asset(block: Block, parsed: Parsed) -> str:
    """The picture of an image block whose bytes are there, else nothing."""
    picture = block.picture
    if block.type != "image" or picture is None or picture.asset not in parsed.assets:
        return ""
    return picture.asset


def _seen(page: _Page, place: int) -> _Seen:
    return page.seen[_asset(page.blocks[place], page.parsed)]


def _is_ornament(page: _Page, place: int) -> bool:
    return _seen(page, place).picture.kind in ORNAMENTS


def _with_look(block: Block, seen: _Seen) -> Block:
    if block.picture is None:
        return block
    found = seen.picture
    picture = replace(block.picture, hash=found.hash, feature=found.feature, kind=found.kind)
    return replace(block, picture=picture)


def _of_kind(block: Block, kind: str) -> Block:
    return replace(block, picture=replace(block.picture, kind=kind)) if block.picture else block


def _as_seen(block: Block, analysis: Analysis) -> Block:
    """The block with what the model sees in its picture, so that the graph needs no call of its own."""
    if block.picture is None:
        return block
    picture = replace(block.picture, kind=analysis.kind, objects=analysis.things(), relations=analysis.ties())
    return replace(block, picture=picture)


def _undescribed(block: Block, seen: _Seen, aid: Sequence[str]) -> Block:
    """The block with what is known without a model: its own words, those in it, or what stands for them."""
    text = block.text.strip()
    confidence = block.confidence if text or not seen.words else min(block.confidence, seen.confidence)
    text = text or seen.words
    block = _with_derived(block, text, "" if text else _stand_in(block, aid))
    return replace(block, confidence=confidence, aid=_joined(_new(seen.words, block.text), *aid))


def _with_derived(block: Block, own: str, derived: str) -> Block:
    """The block with the words of the document, and after them what does not stand in it."""
    text = _joined(own, derived)
    return replace(block, text=text, derived_from=len(text) - len(derived) if derived else None)


def _stand_in(block: Block, aid: Sequence[str]) -> str:
    """Words for a picture that has none, so that it is found by those around it."""
    kind = _CALLED.get(block.picture.kind if block.picture else "", "Picture")
    heading = block.heading_path[-1] if block.heading_path else ""
    return ": ".join(part for part in (kind, heading) if part) if kind and aid else ""


def _new(words: str, text: str) -> str:
    """The words, where the text does not hold them already."""
    words = " ".join(words.split())
    return "" if one_line(words).casefold() in one_line(text).casefold() else words


def _joined(*parts: str) -> str:
    return "\n".join(dict.fromkeys(part for part in parts if part.strip()))


def _data(block: Block, analysis: Analysis) -> list[Block]:
    """What a model reads off a chart as a table, so that it can be computed with."""
    table = analysis.table()
    if table is None:
        return []
    name = label_of(block) or shortened(block.caption or block.text, 12) or "a picture"
    caption = f"Data of {name}, read by a model"
    return [
        Block(
            "table",
            table_markdown(table, caption),
            heading_path=block.heading_path,
            page=block.page,
            box=block.box,
            table=table,
            caption=caption,
            confidence=SURENESS,
            derived_from=0,
        )
    ]


def _rebuilt(parsed: Parsed, blocks: Sequence[tuple[int, Block]], marks: Sequence[Unfinished]) -> Parsed:
    """The document of these blocks, each with the number that it, or what it was added to, had before."""
    numbers: dict[int, list[int]] = {}
    for number, (place, _) in enumerate(blocks):
        numbers.setdefault(place, []).append(number)
    pieces = [tuple(numbers[place][0] for place in piece) for piece in parsed.pieces]
    pieces += [(number,) for added in numbers.values() for number in added[1:]] if pieces else []
    return replace(
        parsed,
        blocks=tuple(block for _, block in blocks),
        pieces=tuple(sorted(pieces)),
        unfinished=tuple(
            mark if mark.block is None else replace(mark, block=numbers[mark.block][0])
            for mark in (*parsed.unfinished, *marks)
        ),
    )


def open_image_processor(tools: Tools) -> ImageProcessor:
    """With the vision model, if there is one; without it a picture is looked at only."""
    return ImageProcessor(
        vision=tools.vision,
        look=tools.look,
        kept=tools.kept,
        look_version=tools.look_version,
        max_pixels=tools.max_pixels,
        context_tokens=tools.context_tokens,
    )
