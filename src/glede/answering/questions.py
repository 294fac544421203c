"""Questions that are more than words: a picture, a table or an equation, alone or with words."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from glede.answering.given import Given, given_tables
from glede.endpoints import Attachment, PictureEmbedder
from glede.errors import LimitError, UsageError
from glede.formulas.reading import reading
from glede.media import detect
from glede.parsing import Parse, ParseOptions
from glede.pictures.features import vector_of
from glede.pictures.shown import SCALE
from glede.ports import Vectors
from glede.reading.choosing import Choose, Reading

LOOK = "glede.parsers.look:LookParser"
WORDS_OF_PICTURE = 600
LONGEST_EQUATION = 4000
UNNAMED = "the given table"


@dataclass(frozen=True, slots=True)
class Extras:
    """What comes with a question: the bytes of a picture, the bytes and name of a table, LaTeX."""

    image: bytes | None = None
    table: bytes | None = None
    table_name: str = ""
    equation: str = ""

    def __bool__(self) -> bool:
        return self.image is not None or self.table is not None or bool(self.equation)


NOTHING = Extras()


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it is searched for: its words with those of what came along, and its picture.

    `picture` is the visual feature, or its vector among the texts; `shown` is as a model is shown it. `given`
    is a file of tables, of which `text` says nothing.
    """

    text: str
    picture: Vectors | None = None
    shown: Attachment | None = None
    given: Given | None = None


@dataclass(frozen=True, slots=True)
class Questions:
    """Reads what comes with questions, where it can do no harm.

    With an embedder that sees, a picture is placed among the texts, else it is compared with pictures only.
    """

    look: Parse
    reading: Reading
    choose: Choose
    options: ParseOptions
    sees: PictureEmbedder | None = None
    max_bytes: int = 100 * 2**20

    async def understood(self, words: str, extras: Extras) -> Understood:
        """Raises a `DocumentError` where a picture or table cannot be read, or is larger than it may be."""
        parts = [words.strip()]
        if extras.equation:
            parts.append(_equation(extras.equation))
        given = None if extras.table is None else await self._given(extras.table, extras.table_name)
        if extras.image is None:
            return Understood(_joined(parts), given=given)
        self._check(extras.image, "the picture")
        looked = await self.look.parse(extras.image, detect(extras.image), LOOK, self.options)
        block = looked.blocks[0]
        text, shown = _joined([*parts, block.text[:WORDS_OF_PICTURE]]), await self._shown(extras.image)
        if self.sees is not None and shown is not None:
            vector = (await self.sees.embed_pictures([shown]))[0]
            return Understood(text, vector, shown, given)
        feature = vector_of(block.picture.feature) if block.picture else None
        return Understood(text, feature, shown, given)

    def _check(self, data: bytes, what: str) -> None:
        if len(data) > self.max_bytes:
            raise LimitError(
                f"{what} holds more than {self.max_bytes / 2**20:g} MiB",
                hint="Raise it with GLEDE_MAX_FILE_MB.",
            )

    async def _shown(self, data: bytes) -> Attachment | None:
        scaled = await self.look.parse(data, detect(data), SCALE, self.options)
        picture = scaled.blocks[0].picture
        return Attachment(scaled.assets[picture.asset], picture.media_type) if picture else None

    async def _given(self, data: bytes, name: str) -> Given:
        """The tables of a file."""
        self._check(data, name or "the table")
        media_type = detect(data, name)
        options = replace(self.options, name=name)
        parsed = await self.reading.read(data, media_type, self.choose(media_type, None), options)
        given = await asyncio.to_thread(given_tables, parsed, data, name or UNNAMED)
        if given is None:
            raise UsageError(
                f"there is no table in {name or 'what was given'}",
                hint="Give a CSV, a sheet or a document with a table; a picture goes with --image.",
            )
        return given


def _joined(parts: Sequence[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _equation(latex: str) -> str:
    """The formula, for its structure, and how it is read, for its meaning."""
    bare = latex.strip().strip("$").strip()
    if len(bare) > LONGEST_EQUATION:
        raise UsageError(f"the equation holds more than {LONGEST_EQUATION:,} characters")
    return f"${bare}$\n{reading(bare)}"
