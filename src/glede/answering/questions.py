"""Questions that are more than words: a picture, a table or an equation, alone or with words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glede.endpoints import Attachment, PictureEmbedder
from glede.errors import UsageError
from glede.formulas.reading import reading
from glede.media import detect
from glede.parsing import Parse, ParseOptions
from glede.pictures.features import vector_of
from glede.pictures.shown import SCALE
from glede.ports import Vectors
from glede.reading.choosing import Choose, Reading
from glede.types import modality_of

LOOK = "glede.parsers.look:LookParser"
WORDS_OF_PICTURE = 600
TABLE_CHARACTERS = 4000
LONGEST_EQUATION = 4000


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

    `picture` is the visual feature, or its vector among the texts; `shown` is as a model is shown it.
    """

    text: str
    picture: Vectors | None = None
    shown: Attachment | None = None


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

    async def understood(self, words: str, extras: Extras) -> Understood:
        """Raises a `DocumentError` where a picture or table cannot be read."""
        parts = [words.strip()]
        if extras.equation:
            parts.append(_equation(extras.equation))
        if extras.table is not None:
            parts.append(await self._table(extras.table, extras.table_name))
        if extras.image is None:
            return Understood("\n\n".join(part for part in parts if part))
        looked = await self.look.parse(extras.image, detect(extras.image), LOOK, self.options)
        block = looked.blocks[0]
        parts.append(block.text[:WORDS_OF_PICTURE])
        text, shown = "\n\n".join(part for part in parts if part), await self._shown(extras.image)
        if self.sees is not None and shown is not None:
            return Understood(text, (await self.sees.embed_pictures([shown]))[0], shown)
        return Understood(text, vector_of(block.picture.feature) if block.picture else None, shown)

    async def _shown(self, data: bytes) -> Attachment | None:
        scaled = await self.look.parse(data, detect(data), SCALE, self.options)
        picture = scaled.blocks[0].picture
        return Attachment(scaled.assets[picture.asset], picture.media_type) if picture else None

    async def _table(self, data: bytes, name: str) -> str:
        """The first table of a file, or as much of it as a question may hold."""
        media_type = detect(data, name)
        options = replace(self.options, name=name)
        parsed = await self.reading.read(data, media_type, self.choose(media_type, None), options)
        tables = [block.text for block in parsed.blocks if modality_of(block) == "table"]
        if not tables:
            raise UsageError(
                f"there is no table in {name or 'what was given'}",
                hint="Give a CSV, a sheet or a document with a table; a picture goes with --image.",
            )
        return tables[0][:TABLE_CHARACTERS]


def _equation(latex: str) -> str:
    """The formula, for its structure, and how it is read, for its meaning."""
    bare = latex.strip().strip("$").strip()
    if len(bare) > LONGEST_EQUATION:
        raise UsageError(f"the equation holds more than {LONGEST_EQUATION:,} characters")
    return f"${bare}$\n{reading(bare)}"
