"""The graph in the languages of others: GraphML, JSON, CSV and Cypher, written piece by piece.

Names come from documents and may hold anything. What a format cannot hold (control characters in XML) becomes
U+FFFD; what it would take for its own (quotes, markup, a spreadsheet's formulas) is escaped.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias
from xml.sax.saxutils import escape

from glede.graph.views import Entity, Relation

JsonField: TypeAlias = "int | str | Sequence[str]"
Format = Literal["graphml", "json", "csv", "cypher"]
ENTITY_COLUMNS = ("id", "name", "type", "mentions", "documents", "names", "descriptions")
RELATION_COLUMNS = ("source_id", "target_id", "source", "target", "label", "evidence", "descriptions")
_ENDS = ("id", "source_id", "target_id", "source", "target")
BETWEEN = "\n"
"""Stands between several values in one cell."""

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_CYPHER = {
    "\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\u2028": "\\n",
    "\u2029": "\\n",
}  # fmt: skip


def writable(text: str) -> str:
    """Text without what XML 1.0 (section 2.2) cannot hold, which other readers stumble over as well."""
    return _UNWRITABLE.sub("\ufffd", text)


def cell(text: str) -> str:
    """Text as a cell that no spreadsheet takes for a formula (OWASP, CSV injection); see `uncell`."""
    text = writable(text)
    return f"'{text}" if _FORMULA.match(text) else text


def uncell(text: str) -> str:
    """The text of a cell that `cell` has made."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def cypher_text(text: str) -> str:
    """Text as a string of Cypher. Older servers turn `\\uXXXX` into characters before they parse, behind an
    escaped backslash too, so that none may stand before a `u`.
    """
    written = "".join(_CYPHER.get(letter, letter) for letter in writable(text))
    return "'" + re.sub(r"\\(?=[uU])", r"\\' + '", written) + "'"


def graphml(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """GraphML 1.0, directed; several values of a field stand in lines of their own."""
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    )
    for kind, columns in (("node", ENTITY_COLUMNS[1:]), ("edge", RELATION_COLUMNS[4:])):
        for name in columns:
            number = "long" if name in ("mentions", "documents") else "string"
            yield f'<key id="{kind}_{name}" for="{kind}" attr.name="{name}" attr.type="{number}"/>\n'
    yield '<graph id="glede" edgedefault="directed">\n'
    for entity in entities:
        yield f'<node id="{entity.id}">{_data("node", ENTITY_COLUMNS, entity_fields(entity))}</node>\n'
    for relation in relations:
        ends = f'source="{relation.source_id}" target="{relation.target_id}"'
        yield f"<edge {ends}>{_data('edge', RELATION_COLUMNS, relation_fields(relation))}</edge>\n"
    yield "</graph>\n</graphml>\n"


def _data(kind: str, columns: tuple[str, ...], fields: tuple[str, ...]) -> str:
    return "".join(
        f'<data key="{kind}_{name}">{escape(writable(text), {chr(13): "&#13;"})}</data>'
        for name, text in zip(columns, fields, strict=True)
        if text and name not in _ENDS
    )


def json_pieces(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """One JSON object, an entity or relation a line, of the shape of `glede graph --json`."""
    yield '{"entities": ['
    yield from _lines(entity_json(entity) for entity in entities)
    yield '],\n"relations": ['
    yield from _lines(relation_json(relation) for relation in relations)
    yield "]}\n"


def _lines(values: Iterable[object]) -> Iterator[str]:
    for place, value in enumerate(values):
        yield f"{',' if place else ''}\n{json.dumps(value)}"


def csv_entities(entities: Iterable[Entity]) -> Iterator[str]:
    """The entities as CSV (RFC 4180) with a header."""
    return _csv(ENTITY_COLUMNS, map(entity_fields, entities))


def csv_relations(relations: Iterable[Relation]) -> Iterator[str]:
    """The relations as CSV with a header; ends by id and by name."""
    return _csv(RELATION_COLUMNS, map(relation_fields, relations))


def _csv(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow(map(cell, row))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def cypher(entities: Iterable[Entity], relations: Iterable[Relation]) -> Iterator[str]:
    """Statements that make the graph in Neo4j, Memgraph or Kuzu's like, or bring it up to date there."""
    yield "CREATE CONSTRAINT glede_entity IF NOT EXISTS FOR (n:Entity) REQUIRE n.id IS UNIQUE;\n"
    for entity in entities:
        values = zip(ENTITY_COLUMNS[1:], entity_fields(entity)[1:], strict=True)
        pairs = ", ".join(
            f"n.{name} = {text if name in ('mentions', 'documents') else cypher_text(text)}"
            for name, text in values
        )
        yield f"MERGE (n:Entity {{id: '{entity.id}'}}) SET {pairs};\n"
    for relation in relations:
        ends = f"(a:Entity {{id: '{relation.source_id}'}}), (b:Entity {{id: '{relation.target_id}'}})"
        chunks = ", ".join(cypher_text(one.chunk_id) for one in relation.evidence)
        said = cypher_text(BETWEEN.join(relation.descriptions))
        yield (
            f"MATCH {ends} MERGE (a)-[r:RELATES {{label: {cypher_text(relation.label)}}}]->(b) "
            f"SET r.evidence = [{chunks}], r.descriptions = {said};\n"
        )


def entity_fields(entity: Entity) -> tuple[str, ...]:
    """The columns of an entity as text."""
    return (
        entity.id,
        entity.name,
        entity.type,
        str(entity.mentions),
        str(entity.documents),
        BETWEEN.join(entity.names),
        BETWEEN.join(entity.descriptions),
    )


def relation_fields(relation: Relation) -> tuple[str, ...]:
    """The columns of a relation as text."""
    return (
        relation.source_id,
        relation.target_id,
        relation.source,
        relation.target,
        relation.label,
        BETWEEN.join(one.chunk_id for one in relation.evidence),
        BETWEEN.join(relation.descriptions),
    )


def entity_json(entity: Entity) -> Mapping[str, JsonField]:
    """An entity as `glede graph --json` writes it."""
    return {
        "id": entity.id,
        "name": entity.name,
        "type": entity.type,
        "mentions": entity.mentions,
        "documents": entity.documents,
        "sources": list(entity.sources),
        "names": list(entity.names),
        "types": list(entity.types),
        "descriptions": list(entity.descriptions),
    }


def relation_json(relation: Relation) -> Mapping[str, JsonField]:
    """A relation as an export holds it, its evidence the ids of chunks."""
    return {
        "source": relation.source,
        "target": relation.target,
        "label": relation.label,
        "evidence": [one.chunk_id for one in relation.evidence],
        "source_id": relation.source_id,
        "target_id": relation.target_id,
        "descriptions": list(relation.descriptions),
    }
