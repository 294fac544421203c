"""What a model says of a window, read with lenience: one bad item costs that item, never the others."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from pydantic import BaseModel

from glede.endpoints import Schema
from glede.graph.names import LONGEST_NAME
from glede.prompting.structured import bare, schema_of

LONGEST_DESCRIPTION = 300
LONGEST_LABEL = 80
MOST_ITEMS = 400
"""Of one reply: more is a model that does not stop."""
SAME = "same as"
"""The label of a fact that states an alias."""
WRONG_STARTS = 100
"""Places in a broken reply where no item begins after all."""

_LISTS = ("entities", "facts")
Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


@dataclass(frozen=True, slots=True)
class SaidEntity:
    """An entity, as said; `chunk` is the number that the model gives."""

    chunk: int
    name: str
    type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class SaidFact:
    """What is said of two entities."""

    chunk: int
    source: str
    label: str
    target: str

    @property
    def is_alias(self) -> bool:
        """Whether it says that both names mean the same."""
        return self.label.casefold().strip(" .") == SAME


class _Entity(BaseModel):  # what it is and its keys go out with every call: no more words than must be
    chunk: int
    name: str
    type: str
    description: str


class _Fact(BaseModel):
    chunk: int
    source: str
    label: str
    target: str


class _Extraction(BaseModel):
    entities: list[_Entity]
    facts: list[_Fact]


@cache
def schema() -> Schema:
    """What the model is held to."""
    return schema_of(_Extraction)


@dataclass(frozen=True, slots=True)
class Said:
    """What a reply holds. `dropped` counts items that are none, `repeated` those that came before.

    `whole` is false where the reply is no JSON document of that shape.
    """

    entities: tuple[SaidEntity, ...] = ()
    facts: tuple[SaidFact, ...] = ()
    dropped: int = 0
    repeated: int = 0
    whole: bool = True

    @property
    def items(self) -> int:
        """How many there are."""
        return len(self.entities) + len(self.facts)

    @property
    def loops(self) -> bool:
        """Whether the model said the same again and again."""
        return self.repeated > max(5, self.items)


def said_in(reply: str) -> Said:
    """All items of a reply that can be read, each once."""
    text = bare(reply)
    objects, whole = _objects(text)
    found: dict[tuple[object, ...], SaidEntity | SaidFact] = {}
    dropped = repeated = 0
    for one in objects:
        item = _item(one)
        key = None if item is None else _key(item)
        if item is None or key is None or len(found) >= MOST_ITEMS:
            dropped += 1
        elif key in found:
            repeated += 1
        else:
            found[key] = item
    items = found.values()
    return Said(
        tuple(item for item in items if isinstance(item, SaidEntity)),
        tuple(item for item in items if isinstance(item, SaidFact)),
        dropped,
        repeated,
        whole,
    )


def _objects(text: str) -> tuple[list[Json], bool]:
    """The items of a whole document, or those that stand whole in a broken one."""
    try:
        document: Json = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return list(_whole_parts(text)), False
    if not isinstance(document, Mapping):
        return (list(document), False) if isinstance(document, list) else ([], False)
    lists = [document.get(name) for name in _LISTS]
    items = [one for found in lists if isinstance(found, list) for one in found]
    return items, all(isinstance(found, list) for found in lists)


def _whole_parts(text: str) -> Iterator[Json]:
    """Each innermost object that can be read, where the document around it cannot."""
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    wrong = 0
    while start >= 0 and wrong < WRONG_STARTS:
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            wrong += 1
            end = start + 1
        else:
            yield from _flat(value)
        start = text.find("{", end)


def _flat(value: Json) -> Iterator[Json]:
    """An item, or the items of a document that stands in other words."""
    lists = [value.get(name) for name in _LISTS] if isinstance(value, Mapping) else []
    if any(isinstance(found, list) for found in lists):
        yield from (one for found in lists if isinstance(found, list) for one in found)
    else:
        yield value


def _item(one: Json) -> SaidEntity | SaidFact | None:
    """By what it holds, since broken replies do not say what list it stood in."""
    if not isinstance(one, Mapping):
        return None
    chunk = _number(one.get("chunk"))
    if "source" in one or "target" in one:
        source, target = _name(one.get("source")), _name(one.get("target"))
        label = _line(one.get("label"))[:LONGEST_LABEL].strip()
        known = source and target and label
        return SaidFact(chunk, source, label, target) if known else None
    name = _name(one.get("name"))
    if not name:
        return None
    description = _line(one.get("description"))[:LONGEST_DESCRIPTION]
    return SaidEntity(chunk, name, _line(one.get("type"))[:40], description)


def _key(item: SaidEntity | SaidFact) -> tuple[object, ...]:
    """What makes an item the same: not what is said of an entity, nor what type it has."""
    if isinstance(item, SaidEntity):
        return ("entity", item.name.casefold(), item.chunk)
    return ("fact", item.source.casefold(), item.label.casefold(), item.target.casefold(), item.chunk)


def _number(value: Json) -> int:
    """A chunk's number, 0 where none is said; `"2"` and 2.0 are numbers too."""
    try:
        return int(str(value).removesuffix(".0")) if isinstance(value, int | float | str) else 0
    except ValueError:
        return 0


def _name(value: Json) -> str:
    """A name on one line; nothing of what is too long for a name."""
    text = _line(value)
    return text if len(text) <= LONGEST_NAME else ""


def _line(value: Json) -> str:
    """Words on one line, without what does not show."""
    if not isinstance(value, str):
        return ""
    if not value.isprintable():
        value = "".join(" " if unicodedata.category(letter) in ("Cc", "Cs") else letter for letter in value)
    return " ".join(value.split())
