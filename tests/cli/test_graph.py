"""`glede graph` as a user runs it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from glede.cli.graph import graph
from glede.lock import hold
from tests.cli.running import glede

KNOWN = {
    "entities": [{"name": "Aller", "type": "place", "description": "A river."}],
    "relations": [
        {"source": "Red kite", "label": "nests near", "target": "Aller"},
        {"source": "Aller", "label": "flows into", "target": "Weser"},
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a document, and what a user states, added to its data folder."""
    made = tmp_path_factory.mktemp("graph")
    (made / "birds.md").write_text("# Birds\n\nThe Red Kite was seen by Ada Lovelace in Verden in 1843.\n")
    (made / "empty.json").write_text('{"entities": []}')
    (made / "known.json").write_text(json.dumps(KNOWN))
    assert glede("add", "birds.md", cwd=made).code == 0
    added = glede("graph", "add", "known.json", "--json", cwd=made)
    assert added.code == 0, added.err
    assert [one["status"] for one in added.json["documents"]] == ["searchable"]
    yield made


def test_every_command_has_help_and_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text()
    section = page[page.index("## glede graph") : page.index("## The others")]
    documented = re.findall(r"^\| (`.*?)\| ", section, re.M)
    named = {word for row in documented for word in re.findall(r"`([a-z]+)", row)}
    assert named == set(graph.commands)
    for name, command in graph.commands.items():
        done = CliRunner().invoke(graph, [name, "--help"])
        assert done.exit_code == 0, done.output
        options = [one for each in command.params for one in each.opts if one.startswith("--")]
        own = {"--home", "--collection", "--json", "--verbose", "--quiet"}
        row = next(row for row in documented if re.search(rf"`{name}\b", row))
        assert all(option in row for option in options if option not in own), (row, options)


def test_the_json_of_show_is_that_of_the_contract(folder: Path) -> None:
    shown = glede("graph", "show", "red kite", "--json", cwd=folder).json
    kite = shown["entities"][0]
    assert kite["name"].casefold() == "red kite"
    assert {"name", "type", "mentions", "sources"} <= kite.keys()
    assert {Path(one).name for one in kite["sources"]} == {"birds.md", "known.json"}
    nests = next(one for one in shown["relations"] if one["label"] == "nests near")
    assert {"source", "target", "label", "evidence"} <= nests.keys()
    quote = nests["quotes"][0]
    assert nests["evidence"] == [quote["chunk_id"]]
    chunks = glede("show", "known.json", "--json", cwd=folder).json["chunks"]
    assert quote["chunk_id"] in {chunk["chunk_id"] for chunk in chunks}
    assert quote["quote"] in "\n".join(chunk["text"] for chunk in chunks)
    assert shown["asked"] == [kite["id"]]


def test_people_are_told_names_relations_and_places(folder: Path) -> None:
    out = glede("graph", "show", "Aller", cwd=folder).out
    assert "Aller (place)" in out
    assert "A river." in out
    assert "Aller — flows into → Weser" in out
    assert "known.json" in out
    out = glede("graph", "path", "Ada Lovelace", "Weser", cwd=folder).out
    assert re.search(r"Ada Lovelace → (?i:red kite) → Aller → Weser", out), out
    out = glede("graph", "stats", cwd=folder).out
    assert "entities" in out
    assert "read by" in out
    assert not re.search(r"\b1 (?:documents|edits)\b", out)


def test_what_all_commands_take_may_stand_before_the_name_of_a_group(folder: Path) -> None:
    for before, between in (
        ((), ("--home", "data")),
        (("--home", "data"), ()),
        (("--home", "no"), ("--home", "data")),
    ):
        done = glede(*before, "graph", *between, "stats", "--json", cwd=folder, env={"GLEDE_HOME": "nowhere"})
        assert done.code == 0, done.err
        assert done.json["counts"]["facts"] > 0


def test_one_is_told_in_the_singular(tmp_path: Path) -> None:
    (tmp_path / "bird.json").write_text('{"entities": [{"name": "Aller"}]}')
    assert glede("graph", "add", "bird.json", cwd=tmp_path).code == 0
    assert (
        "1 entity · 1 mention · 0 facts · 1 chunk · 1 document" in glede("graph", "stats", cwd=tmp_path).out
    )
    assert glede("rm", "bird.json", cwd=tmp_path).out.endswith("(1 chunk)\n")


def test_a_path_in_json_names_its_steps(folder: Path) -> None:
    found = glede("graph", "path", "Red Kite", "Weser", "--json", cwd=folder).json
    names = {one["id"]: one["name"] for one in found["entities"]}
    assert [names[key] for key in found["paths"][0]][1:] == ["Aller", "Weser"]


def test_a_picture_is_drawn(folder: Path) -> None:
    done = glede("graph", "show", "Aller", "--depth", "2", "--svg", "aller.svg", "--json", cwd=folder)
    assert done.json["svg"] == "aller.svg"
    root = etree.parse(folder / "aller.svg").getroot()
    texts = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Aller", "Weser", "flows into"} <= set(texts)
    failed = glede("graph", "show", "Aller", "--svg", "no/such/aller.svg", cwd=folder)
    assert failed.code in (2, 4)
    assert failed.err.startswith("error[")


def test_edits_are_made_listed_and_undone(folder: Path) -> None:
    made = glede("graph", "merge", "Weser", "Verden", "--json", cwd=folder).json["edit"]
    assert made["names"] == ["Weser", "Verden"]
    assert "Verden" in glede("graph", "show", "Weser", cwd=folder).out
    listed = glede("graph", "edits", "--json", cwd=folder).json["edits"]
    assert [one["id"] for one in listed] == [made["id"]]
    undone = glede("graph", "undo", str(made["id"]), cwd=folder)
    assert "(undone)" in undone.out
    split = glede("graph", "split", "Red Kite", "known.json", "--json", cwd=folder).json["edit"]
    assert len(glede("graph", "show", "Red Kite", "--json", cwd=folder).json["asked"]) == 2
    assert glede("graph", "undo", "--json", cwd=folder).json["edit"]["id"] == split["id"]


@pytest.mark.parametrize("name", ["g.graphml", "g.json", "g.csv", "g.zip", "g.cypher"])
def test_an_export_names_its_files(folder: Path, name: str) -> None:
    done = glede("graph", "export", name, "--json", cwd=folder)
    assert done.code == 0, done.err
    assert len(done.json["files"]) == (2 if name == "g.csv" else 1)
    for file in done.json["files"]:
        assert (folder / file).stat().st_size > 100


def test_themes_are_told(folder: Path) -> None:
    themes = glede("graph", "themes", "--json", cwd=folder).json["themes"]
    for theme in themes:
        assert theme["entities"]
        assert theme["evidence"]
        assert theme["summary"] is None
    refused = glede("graph", "themes", "--summaries", cwd=folder)
    assert refused.code == 3
    assert "GLEDE_CHAT" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["show", "Allr"], 2, "Did you mean 'Aller'"),
        (["show", "\x1b]0;owned\x07"], 2, "error[not_found]"),
        (["show", "Aller", "--depth", "9"], 2, "The depth is 1 to 4"),
        (["show", "Aller", "--filter", "x"], 2, "KEY=VALUE"),
        (["path", "Aller", "aller"], 2, "`glede graph edits` what was merged"),
        (["merge", "Aller"], 2, "Name two entities"),
        (["merge", "Aller", "Nobody"], 2, "error[not_found]"),
        (["split", "Aller", "missing.md"], 2, "error[not_found]"),
        (["split", "Aller", "birds.md"], 2, "none of these documents names"),
        (["undo", "99"], 2, "`glede graph edits`"),
        (["export", "graph.docx"], 2, ".graphml"),
        (["add", "empty.json"], 1, "states no knowledge"),
        (["add", "birds.md"], 1, "does not read text/markdown"),
        (["nothing"], 2, "No such command"),
    ],
)
def test_each_wrong_call_has_its_code_and_a_way_out(
    folder: Path, arguments: list[str], code: int, said: str
) -> None:
    done = glede("graph", *arguments, cwd=folder)
    assert done.code == code, (done.out, done.err)
    assert said in done.err
    assert "hint: " in done.err
    assert "Traceback" not in done.err
    assert "\x1b" not in done.err + done.out
    as_json = glede("graph", *arguments, "--json", cwd=folder)
    assert as_json.code == code
    assert as_json.json


def test_looking_works_while_another_process_writes(folder: Path) -> None:
    with hold(folder / "data"):
        assert glede("graph", "show", "Aller", cwd=folder).code == 0
        assert glede("graph", "export", "held.json", cwd=folder).code == 0
        assert glede("graph", "merge", "Aller", "Weser", cwd=folder).code == 4


def test_what_was_added_without_a_graph_is_told_the_way_to_one(tmp_path: Path) -> None:
    (tmp_path / "birds.md").write_text("# Birds\n\nThe Red Kite was seen by Ada Lovelace in Verden.\n")
    assert glede("add", "birds.md", cwd=tmp_path, env={"GLEDE_EXTRACTOR": "none"}).code == 0
    assert "`glede retry`" in glede("graph", "stats", cwd=tmp_path).out
    assert glede("retry", cwd=tmp_path).code == 0
    assert "Ada Lovelace" in glede("graph", "show", "Red Kite", cwd=tmp_path).out
    assert "`glede retry`" not in glede("graph", "stats", cwd=tmp_path).out


def test_two_that_nothing_ties_are_told_without_a_list_that_is_empty(tmp_path: Path) -> None:
    (tmp_path / "birds.md").write_text("The Red Kite was seen by Ada Lovelace.\n")
    (tmp_path / "boats.md").write_text("A sloop was built by Otto Dix in Bremen.\n")
    assert glede("add", "birds.md", "boats.md", cwd=tmp_path).code == 0
    done = glede("graph", "path", "Ada Lovelace", "Otto Dix", cwd=tmp_path)
    assert "Ada Lovelace" in done.out + done.err
    assert not re.search(r": *$", done.out, re.MULTILINE), done.out
