"""One call of a vision model for a picture: what it is, what it shows, and the data of a chart."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from weakref import WeakValueDictionary

from pydantic import BaseModel, Field, ValidationError

from glede.endpoints import Attachment, ChatModel, Message, Prompt, Responses, document
from glede.errors import ModelReplyError
from glede.prompting.packing import fence_of
from glede.prompting.structured import structured
from glede.prompts import filled
from glede.text.keywords import language_of
from glede.text.sentences import count_tokens
from glede.types import Cell, Table, content_hash

DESCRIPTION_TOKENS = 1500
LEAST_TOKENS = 15
"""A shorter text does not tell its language."""
MOST_CELLS = 2000
MOST_THINGS = 40
"""Objects and relations of a picture, of 20 that are asked for."""
LONGEST_NAME = 120

_REFUSAL = re.compile(
    r"\W*(?:(?:i[’']?m |i am )?sorry\b|i (?:can[’']?t|cannot|can not|am unable|won[’']t)\b|as an ai\b|"
    r"es tut mir leid|je suis désolé|lo siento|извините|抱歉|很抱歉|对不起|申し訳)",
    re.IGNORECASE,
)
"""How models begin that will not look at a picture, even where they answer in JSON."""

SeenKind = Literal[
    "photo", "diagram", "chart", "table", "screenshot", "scan", "equation", "map", "drawing", "logo", "icon"
]  # fmt: skip


class Relation(BaseModel):
    """How two things in a picture are connected."""

    source: str
    relation: str
    target: str


class Analysis(BaseModel):
    """What a model sees in a picture; `meaning` is what it is there for in the text around it."""

    kind: SeenKind
    description: str
    meaning: str = ""
    text: str = ""
    objects: list[str] = Field(default_factory=list)
    relations: list[Relation] = Field(default_factory=list)
    columns: list[str] = Field(default_factory=list)
    rows: list[list[str]] = Field(default_factory=list)

    @property
    def facts(self) -> str:
        """Objects and relations, a line for each relation."""
        lines = [", ".join(one.strip() for one in self.objects if one.strip())]
        lines += [f"{one.source} {one.relation} {one.target}" for one in self.relations]
        return "\n".join(line for line in lines if line.strip())

    def things(self) -> tuple[str, ...]:
        """The names of the things in it."""
        names = (_name(one) for one in self.objects[:MOST_THINGS])
        return tuple(dict.fromkeys(name for name in names if name))

    def ties(self) -> tuple[tuple[str, str, str], ...]:
        """How they are connected: source, relation, target."""
        said = ((one.source, one.relation, one.target) for one in self.relations[:MOST_THINGS])
        named = ((_name(source), _name(relation), _name(target)) for source, relation, target in said)
        return tuple(dict.fromkeys(one for one in named if all(one)))

    def table(self) -> Table | None:
        """The data of a chart; `None` where there are none."""
        width = len(self.columns)
        rows = [[*row[:width], *[""] * (width - len(row))] for row in self.rows if any(map(str.strip, row))]
        if width < 2 or not rows or width * len(rows) > MOST_CELLS:
            return None
        cells = [Cell(0, column, name.strip(), header=True) for column, name in enumerate(self.columns)]
        for place, row in enumerate(rows):
            cells += [Cell(place + 1, column, text.strip()) for column, text in enumerate(row)]
        return Table(len(rows) + 1, width, tuple(cells))


def _name(text: str) -> str:
    """A name on one line, and nothing where it is none."""
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_NAME else ""


class _Kept(BaseModel):
    context: str
    analysis: Analysis


Asking: TypeAlias = "WeakValueDictionary[bytes, asyncio.Lock]"
"""The pictures that are being asked about: who comes second waits for what the first is told."""


@dataclass(frozen=True, slots=True)
class Analyst:
    """Asks a model about a picture once: for the same pixels elsewhere it gives what can be seen in them.

    What an analysis says of the text around a picture is never given to another document.
    """

    vision: ChatModel
    kept: Responses | None = None
    version: str = "2"
    asking: Asking = field(default_factory=WeakValueDictionary)

    async def analyse(self, asset: str, picture: Attachment, context: str) -> Analysis:
        """Raises what the model does, and `ModelReplyError` where it sees nothing.

        What is in another language than the context is doubted once, and may come back all the same.
        """
        key = bytes.fromhex(content_hash("analysis", self.version, self.vision.model, asset))
        lock = self.asking.setdefault(key, asyncio.Lock())
        async with lock:
            return await self._analysed(key, picture, context)

    async def _analysed(self, key: bytes, picture: Attachment, context: str) -> Analysis:
        ours = content_hash("context", context)
        known = await self._known(key)
        if known is not None and not in_another_language(known.analysis, context):
            same = known.context == ours
            return known.analysis if same else known.analysis.model_copy(update={"meaning": ""})
        found = await self._ask(picture, context)
        if self.kept is not None and not in_another_language(found, context):
            value = _Kept(context=ours, analysis=found).model_dump_json().encode()
            await asyncio.to_thread(self.kept.keep, {key: value}, document.get())
        return found

    async def _known(self, key: bytes) -> _Kept | None:
        if self.kept is None:
            return None
        value = (await asyncio.to_thread(self.kept.load, [key])).get(key)
        try:
            return None if value is None else _Kept.model_validate_json(value)
        except ValidationError:
            return None

    async def _ask(self, picture: Attachment, context: str) -> Analysis:
        shown = context or "(none)"
        text = filled("describe", fence=fence_of([shown]), context=shown)
        prompt = Prompt((Message("user", text, (picture,)),), max_tokens=DESCRIPTION_TOKENS)
        found = await structured(self.vision, prompt, Analysis, lambda one: _doubt(one, context))
        if _is_refusal(found):
            raise ModelReplyError(f"{self.vision.model} said nothing about it")
        return found


def _doubt(found: Analysis, context: str) -> str:
    """What is wrong with an answer that is JSON of the right shape."""
    if _is_refusal(found):
        return "description: it tells nothing of what can be seen in the picture"
    if in_another_language(found, context):
        return (
            f"description, meaning: they must be in the language of the text around ({language_of(context)})"
        )
    return ""


def _is_refusal(found: Analysis) -> bool:
    return not found.description.strip() or bool(_REFUSAL.match(found.description))


def in_another_language(analysis: Analysis, context: str) -> bool:
    """Whether the description is not in the language of the text around the picture."""
    if min(count_tokens(context), count_tokens(analysis.description)) < LEAST_TOKENS:
        return False
    spoken, written = language_of(analysis.description), language_of(context)
    return spoken != written and "und" not in (spoken, written)
