"""What is exported is read back by other programs' readers, whatever names hold."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import networkx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.graph import exporting
from glede.graph.views import Entity, Evidence, Relation

HOSTILE = (
    "=cmd|' /C calc'!A0", "+1", "-1+1", "@SUM(A1)", "\tTab", "\r\nline", "'=quoted", "''@twice", "＝full",
    "Robert'); MATCH (n) DETACH DELETE n;//", "\\u0027 + '", "back\\slash", 'say "hi"', "</data></node>",
    "&amp;", "]]>", "nul \0 end", "\x1b[31mred", "\ufffe\uffff", "half \ud83d", "\u202eright to left\u202c",
    "محمد", "赤鳶", "🪁", "a,b;c\nd", "x" * 2000, " leading", "{}$%", "line\u2028separator", "${1+1}", "",
)  # fmt: skip
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=30))


def entity(number: int, name: str, **fields: Any) -> Entity:  # noqa: ANN401 - any field of an entity
    return Entity(f"{number:016x}", name, fields.pop("type", "name"), 2, 1, names=(name,), **fields)


def relation(one: Entity, other: Entity, label: str, *chunks: str) -> Relation:
    places = tuple(Evidence(chunk, "d", "s", "") for chunk in chunks)
    return Relation(one.name, other.name, label, one.id, other.id, places)


def pair(first: str, second: str, label: str) -> tuple[list[Entity], list[Relation]]:
    ends = [entity(1, first, descriptions=(second,)), entity(2, second, type=label)]
    return ends, [relation(ends[0], ends[1], label, "c1", "c2")]


def read_graphml(pieces: Iterable[str], folder: Path) -> Any:  # noqa: ANN401 - networkx has no types
    path = folder / "graph.graphml"
    path.write_text("".join(pieces), encoding="utf-8", newline="")
    return networkx.read_graphml(path, force_multigraph=True)


@given(names, names, names)
def test_graphml_is_read_back_by_another_reader(
    tmp_path_factory: pytest.TempPathFactory, first: str, second: str, label: str
) -> None:
    entities, relations = pair(first, second, label)
    read = read_graphml(exporting.graphml(entities, relations), tmp_path_factory.mktemp("graphml"))
    for one in entities:
        found = read.nodes[one.id]
        assert found.get("name", "") == exporting.writable(one.name)
        assert found["mentions"] == 2
    ((source, target, told),) = read.edges(data=True)
    assert (source, target) == (entities[0].id, entities[1].id)
    assert told.get("label", "") == exporting.writable(label)
    assert told["evidence"] == "c1\nc2"


@given(names, names, names)
def test_json_is_read_back_to_the_letter(first: str, second: str, label: str) -> None:
    entities, relations = pair(first, second, label)
    read = json.loads("".join(exporting.json_pieces(entities, relations)))
    assert [one["name"] for one in read["entities"]] == [first, second]
    assert read["relations"][0]["label"] == label
    assert read["relations"][0]["evidence"] == ["c1", "c2"]


@given(names, names, names)
def test_csv_is_read_back_and_holds_no_formula(first: str, second: str, label: str) -> None:
    entities, relations = pair(first, second, label)
    for pieces in (exporting.csv_entities(entities), exporting.csv_relations(relations)):
        rows = list(csv.reader(io.StringIO("".join(pieces), newline="")))
        assert not any(one[:1] in tuple("=+-@\t\r\n＝＋－＠") for row in rows for one in row if one)
    named = list(csv.DictReader(io.StringIO("".join(exporting.csv_entities(entities)), newline="")))
    assert [exporting.uncell(row["name"]) for row in named] == [
        exporting.writable(name) for name in (first, second)
    ]


@given(st.text())
def test_a_cell_is_undone_to_the_letter(text: str) -> None:
    assert exporting.uncell(exporting.cell(text)) == exporting.writable(text)


@given(names, names, names)
def test_cypher_holds_each_name_within_its_quotes(first: str, second: str, label: str) -> None:
    entities, relations = pair(first, second, label)
    statements = list(exporting.cypher(entities, relations))
    assert len(statements) == 4
    for statement in statements:
        skeleton, strings = cypher_strings(statement)
        assert skeleton.count(";") == 1
        assert skeleton.endswith(";\n")
        assert not {"DELETE", "DETACH"} & set(re.findall(r"\w+", skeleton))
        if statement.startswith("MERGE (n:Entity {id: '" + entities[0].id):
            assert as_cypher(first) in strings


def as_cypher(text: str) -> str:
    return exporting.writable(text).replace("\u2028", "\n").replace("\u2029", "\n")


def cypher_strings(statement: str) -> tuple[str, list[str]]:
    """A statement with its strings taken out, read as a server that first turns \\uXXXX into characters."""
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), statement)
    skeleton, place = "", 0
    strings: list[str] = []
    while place < len(text):
        if text[place] != "'":
            skeleton += text[place]
            place += 1
            continue
        place, string = _string(text, place + 1)
        if skeleton.endswith(" + "):
            strings[-1] += string
        else:
            strings.append(string)
    return skeleton, strings


def _string(text: str, place: int) -> tuple[int, str]:
    found = ""
    while text[place] != "'":
        if text[place] == "\\":
            place += 1
            found += {"n": "\n", "r": "\r", "t": "\t"}.get(text[place], text[place])
        else:
            found += text[place]
        place += 1
    return place + 1, found


def test_an_export_is_made_piece_by_piece() -> None:
    """Nothing is collected: each entity is asked for when the one before it has been written."""
    asked: list[int] = []

    def many() -> Iterable[Entity]:
        for number in range(1, 1000):
            asked.append(number)
            yield entity(number, f"E{number}")

    none: Sequence[Relation] = ()
    for write in (exporting.graphml, exporting.json_pieces, exporting.cypher):
        asked.clear()
        pieces = write(many(), none)
        while not asked or asked[-1] < 10:
            next(pieces)
        assert asked[-1] == 10
