"""What users state themselves of entities, as it is written down and read again: JSON or CSV.

    {"entities": [{"name": "Milvus", "type": "product", "description": "A vector database."}],
     "relations": [{"source": "Milvus", "label": "made by", "target": "Zilliz"}]}

CSV has a header: `name,type,description` for entities, `source,label,target,description` for relations. What
`glede graph export` writes is read as well.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice

from glede.errors import LimitError, MalformedError
from glede.graph.exporting import uncell
from glede.graph.names import LONGEST_NAME, entity_of

MOST_STATED = 20_000
"""Entities, and relations, of one file."""
DEFAULT_LABEL = "related to"
ENTITY_HEADER = ("name", "type", "description")
RELATION_HEADER = ("source", "label", "target", "description")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class StatedEntity:
    """An entity as a user states it."""

    name: str
    type: str = "name"
    description: str = ""


@dataclass(frozen=True, slots=True)
class StatedRelation:
    """A relation as a user states it, from one entity to another by name."""

    source: str
    target: str
    label: str = DEFAULT_LABEL
    description: str = ""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that one file states; `warnings` name what of it was left out."""

    entities: tuple[StatedEntity, ...] = ()
    relations: tuple[StatedRelation, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What is stated of one entity: under one name, what it is, and the relations that begin with it."""

    name: str
    entities: tuple[StatedEntity, ...]
    relations: tuple[StatedRelation, ...]


def by_subject(known: Knowledge) -> list[About]:
    """What is stated, in the order in which entities come first: what has nothing in common is kept apart."""
    names: dict[int, str] = {}
    entities: dict[int, list[StatedEntity]] = {}
    relations: dict[int, list[StatedRelation]] = {}
    for entity in known.entities:
        names.setdefault(entity_of(entity.name), entity.name)
        entities.setdefault(entity_of(entity.name), []).append(entity)
    for relation in known.relations:
        names.setdefault(entity_of(relation.source), relation.source)
        relations.setdefault(entity_of(relation.source), []).append(relation)
    return [
        About(name, tuple(entities.get(key, ())), tuple(relations.get(key, ())))
        for key, name in names.items()
    ]


def stated_json(entities: Iterable[StatedEntity], relations: Iterable[StatedRelation]) -> str:
    """What is stated as JSON, equal for equal statements."""
    made = {"entities": list(map(asdict, entities)), "relations": list(map(asdict, relations))}
    return json.dumps(made, ensure_ascii=False, sort_keys=True, indent=1)


def knowledge_of(value: object) -> Knowledge:
    """What a JSON value states; raises `MalformedError` where it has neither entities nor relations."""
    if not isinstance(value, Mapping) or not ("entities" in value or "relations" in value):
        raise MalformedError(
            "it states no knowledge: there are neither entities nor relations",
            hint='Write {"entities": [{"name": ...}], "relations": [{"source", "label", "target"}]}.',
        )
    entities = [_entity(one) for one in _items(value.get("entities"), "entities")]
    relations = [_relation(one) for one in _items(value.get("relations"), "relations")]
    return _checked(entities, relations)


def knowledge_of_csv(text: str) -> Knowledge:
    """What the rows of CSV with a header state; commas, semicolons and tabs are understood."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        names = {(name or "").strip().lower().lstrip("\ufeff"): name for name in reader.fieldnames or ()}
        rows = [
            {name: uncell(row.get(own) or "") for name, own in names.items()}
            for row in islice(reader, MOST_STATED + 1)
        ]
    except csv.Error as error:
        raise MalformedError(f"line {reader.line_num} cannot be read as CSV: {error}") from error
    _limited(rows)
    if {"source", "target"} <= names.keys():
        return _checked([], [_relation(row) for row in rows])
    if "name" in names:
        return _checked([_entity(row) for row in rows], [])
    raise MalformedError(
        "it states no knowledge: the header names neither entities nor relations",
        hint="Begin with a line `name,type,description` or `source,label,target,description`.",
    )


def _items(value: object, what: str) -> Sequence[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedError(f"the {what} are no list")
    _limited(value)
    return value


def _limited(items: Sequence[object]) -> None:
    if len(items) > MOST_STATED:
        raise LimitError(f"it states more than {MOST_STATED:,}", hint="Split it into several files.")


def _entity(item: object) -> StatedEntity:
    return StatedEntity(
        _text(item, "name"),
        _text(item, "type") or "name",
        _text(item, "description") or _text(item, "descriptions"),
    )


def _relation(item: object) -> StatedRelation:
    return StatedRelation(
        _text(item, "source"),
        _text(item, "target"),
        _text(item, "label") or DEFAULT_LABEL,
        _text(item, "description") or _text(item, "descriptions"),
    )


def _text(item: object, name: str) -> str:
    value = item.get(name) if isinstance(item, Mapping) else None
    if isinstance(value, list):
        value = " ".join(one for one in value if isinstance(one, str))
    if not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value)[:_LONGEST].split())


def _checked(entities: Iterable[StatedEntity], relations: Iterable[StatedRelation]) -> Knowledge:
    """What names something; the rest is counted in a warning."""
    given, stated = list(entities), list(relations)
    kept = [one for one in given if _names(one.name)]
    tied = [one for one in stated if _names(one.source) and _names(one.target)]
    lost = len(given) + len(stated) - len(kept) - len(tied)
    warnings = (f"{lost} statements name no entity and were left out.",) if lost else ()
    if not kept and not tied:
        raise MalformedError("it states no knowledge: no entity has a name")
    return Knowledge(tuple(kept), tuple(tied), warnings)


def _names(name: str) -> bool:
    return bool(entity_of(name)) and len(name) <= 10 * LONGEST_NAME
