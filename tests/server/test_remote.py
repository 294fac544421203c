"""A second process is no accident: the command line goes through the server while that holds the folder."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypedDict

import pytest

from glede import errors
from glede.engine import Engine
from glede.errors import UsageError
from glede.events import Telling
from glede.results import Answer
from glede.server import telling
from glede.server.client import Remote
from glede.server.presence import presence
from glede.settings import Settings
from glede.shapes import results as shapes
from glede.types import Modality
from tests.cli.running import GLEDE, environment, glede, watching
from tests.server.serving import SAMPLES, Running, key, serving

QUESTION = "How many pairs of red kites nest at the observatory?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("remote")
    key(folder, "somebody", "read:nothing")  # from now on nobody is let in without a key; the owner is
    with serving(folder) as running:
        done = glede("add", *sorted(SAMPLES.iterdir()), "--json", cwd=folder)
        assert done.code == 0, done.err
        yield running


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A folder that no server holds, with the same documents."""
    return Settings(home=tmp_path_factory.mktemp("alone") / "data")


async def test_the_values_are_those_of_an_engine(server: Running, alone: Settings) -> None:
    found = presence(server.folder / "data")
    assert found is not None
    async with Engine.open(alone) as engine, Remote.open(found, "default") as remote:
        await engine.add(*sorted(SAMPLES.iterdir()))
        for question in (QUESTION, "Which wind speed was measured at the summit mast?", "Who is Zorro?"):
            here, there = await remote.ask(question), await engine.ask(question)
            assert told_of(here) == told_of(there)
            assert all(isinstance(one.described, str) for one in here.citations)
            pieces = [piece async for piece in remote.stream(question)]
            assert isinstance(pieces[-1], Answer)
            assert told_of(pieces[-1]) == told_of(there)
        for options in (Options(limit=5), Options(types=("table",)), Options(filter={"source": "faq.txt"})):
            hits = await remote.search(QUESTION, **options)
            expected = await engine.search(QUESTION, **options)
            assert [shapes.hit(hit) for hit in hits] == [shapes.hit(hit) for hit in expected]
            assert hits
        with pytest.raises(UsageError, match="8192"):
            await remote.ask("x" * 10_000)


def told_of(answer: Answer) -> shapes.Json:
    """An answer as JSON tells it, without how long it took."""
    assert {"dense", "keyword", "answer"} <= {one.name for one in answer.stages}
    return shapes.answer(replace(answer, seconds=0.0, stages=()))


class Options(TypedDict, total=False):
    limit: int
    types: tuple[Modality, ...]
    filter: dict[str, str | int | float | bool]


async def test_add_reports_as_it_does_alone(server: Running, alone: Settings) -> None:
    owl, empty = server.folder / "owl.txt", server.folder / "empty.txt"
    owl.write_text("The owl hunts at night.")
    empty.write_text("")
    found = presence(server.folder / "data")
    assert found is not None
    told: list[list[tuple[str, str]]] = []
    reports = []
    async with Engine.open(alone) as engine, Remote.open(found, "owls") as remote:
        for adding in (remote.add, partial(engine.add, collection="owls")):
            events: list[tuple[str, str]] = []
            watching = Telling(lambda event, events=events: events.append((event.stage, event.item)))  # type: ignore[misc]
            reports.append(await adding(owl, empty, metadata={"k": "v"}, progress=watching))
            told.append(sorted(event for event in events if event[0] == "done"))
    here, there = (replace(one, seconds=0.0, job=None) for one in reports)
    assert here == there
    assert [one.status for one in here.documents] == ["searchable", "failed"]
    assert told[0] == told[1] == [("done", str(empty)), ("done", str(owl))]


def test_the_commands_go_through(server: Running) -> None:
    asked = glede("ask", QUESTION, cwd=server.folder)
    assert asked.code == 0, asked.err
    assert asked.out.startswith("Fourteen pairs")
    assert "faq.txt" in asked.out
    found = glede("search", QUESTION, "-k", "2", "--json", cwd=server.folder)
    assert [hit["rank"] for hit in found.json["hits"]] == [1, 2]


def test_what_comes_from_standard_input_goes_along(server: Running) -> None:
    done = glede(
        "add", "-", "--name", "note.txt", "--json", cwd=server.folder, stdin=b"Herons wade in the Aller."
    )
    assert done.code == 0, done.err
    assert done.json["documents"][0]["source"] == "note.txt"
    removed = glede("rm", "note.txt", "--json", cwd=server.folder)
    assert [one["source"] for one in removed.json["documents"]] == ["note.txt"]
    again = glede("rm", "note.txt", "--json", cwd=server.folder)
    assert again.code == 2
    assert again.json["error"]["code"] == "not_found"


def test_another_collection(server: Running) -> None:
    (server.folder / "crane.txt").write_text("Cranes dance at Lake Mirow in March.")
    assert glede("add", "crane.txt", "--collection", "cranes", cwd=server.folder).code == 0
    done = glede("search", "cranes", "--collection", "cranes", "--json", cwd=server.folder)
    assert done.json["hits"][0]["source"].endswith("crane.txt")


def test_a_folder_is_synced_through_it(server: Running) -> None:
    birds = server.folder / "birds"
    birds.mkdir()
    for name in ("gull", "tern"):
        (birds / f"{name}.txt").write_text(f"The {name} breeds on the shore.")
    first = glede("sync", "birds", "--collection", "shore", "--json", cwd=server.folder)
    assert first.code == 0, first.err
    assert [one["status"] for one in first.json["documents"]] == ["searchable"] * 2
    (birds / "gull.txt").unlink()
    (birds / "tern.txt").rename(birds / "sterna.txt")
    again = glede("sync", "birds", "--collection", "shore", "--json", cwd=server.folder)
    assert again.code == 0, again.err
    assert again.json["usage"]["embedded_texts"] == 0
    assert len(again.json["removed"]) == 2
    listed = server.as_(server.pass_).get("/v1/collections/shore/documents").json()["documents"]
    assert [Path(one["source"]).name for one in listed] == ["sterna.txt"]
    (birds / "sterna.txt").unlink()
    empty = glede("sync", "birds", "--collection", "shore", "--json", cwd=server.folder)
    assert empty.code != 0
    assert "allow-empty" in empty.err + empty.out


def test_the_graph_is_mended_through_it(server: Running) -> None:
    states = '{"entities": [{"name": "Red kite", "type": "bird"}, {"name": "Milan royal", "type": "bird"}]}'
    (server.folder / "names.json").write_text(states)
    added = glede("graph", "add", "names.json", "--collection", "names", "--json", cwd=server.folder)
    assert added.code == 0, added.err
    merged = glede(
        "graph", "merge", "Red kite", "Milan royal", "--collection", "names", "--json", cwd=server.folder
    )
    assert merged.code == 0, merged.err
    assert merged.json["edit"]["kind"] == "merge"
    one, other = (
        glede("graph", "show", name, "--collection", "names", "--json", cwd=server.folder).json["asked"]
        for name in ("Red kite", "Milan royal")
    )
    assert one == other
    undone = glede("graph", "undo", "--collection", "names", "--json", cwd=server.folder)
    assert undone.json["edit"]["undone"] is True
    assert undone.json["edit"]["names"] == merged.json["edit"]["names"]
    nothing = glede("graph", "undo", "--collection", "names", "--json", cwd=server.folder)
    assert nothing.code == 2
    assert nothing.json["error"]["code"] == "not_found"


def test_documents_are_disabled_and_enabled_through_it(server: Running) -> None:
    (server.folder / "stork.txt").write_text("The white stork clatters on chimneys.")
    here = ("--collection", "storks", "--json")
    assert glede("add", "stork.txt", *here, cwd=server.folder).code == 0
    disabled = glede("disable", "stork.txt", *here, cwd=server.folder)
    assert [one["status"] for one in disabled.json["documents"]] == ["disabled"]
    assert glede("search", "stork", *here, cwd=server.folder).json["hits"] == []
    unknown = glede("disable", "stork.txt", *here, cwd=server.folder)
    assert (unknown.code, unknown.json["error"]["code"]) == (2, "not_found")
    enabled = glede("enable", "stork.txt", *here, cwd=server.folder)
    assert [one["status"] for one in enabled.json["documents"]] == ["searchable"]
    assert len(glede("search", "stork", *here, cwd=server.folder).json["hits"]) == 1


def test_entities_are_joined_through_it(server: Running) -> None:
    states = """{"entities": [{"name": "Anna Weber", "type": "person"},
        {"name": "Anna Webber", "type": "person"}, {"name": "Aller", "type": "place"}], "relations": [
        {"source": "Anna Weber", "label": "lives at", "target": "Aller"},
        {"source": "Anna Webber", "label": "lives at", "target": "Aller"}]}"""
    (server.folder / "people.json").write_text(states)
    here = ("--collection", "people", "--json")
    assert glede("graph", "add", "people.json", *here, cwd=server.folder).code == 0
    planned = glede("graph", "resolve", "--dry-run", *here, cwd=server.folder)
    assert planned.code == 0, planned.err
    joined = glede("graph", "resolve", *here, cwd=server.folder).json
    assert [len(one["entities"]) for one in joined["joined"]] == [
        len(one["entities"]) for one in planned.json["joined"]
    ]
    assert joined.keys() == {"joined", "judged", "failed"}
    themes = glede("graph", "themes", "--summaries", *here, cwd=server.folder)
    assert (themes.code, themes.json["error"]["code"]) == (3, "configuration")  # it has no chat model


def test_a_folder_is_watched_through_it(server: Running) -> None:
    marsh = server.folder / "marsh"
    marsh.mkdir()
    (marsh / "bittern.txt").write_text("The bittern booms in the reeds.")
    with watching("marsh", "--collection", "marsh", cwd=server.folder) as watcher:
        first = watcher.told()
        assert [one["status"] for one in first["documents"]] == ["searchable"]
        (marsh / "bittern.txt").rename(marsh / "heron.txt")
        moved = watcher.told()
        assert moved["removed"] == [str(marsh / "bittern.txt")]
        assert moved["usage"]["embedded_texts"] == 0
        assert watcher.stopped() in (0, 5)
    found = glede("search", "bittern", "--collection", "marsh", "--json", cwd=server.folder)
    assert [Path(one["source"]).name for one in found.json["hits"]] == ["heron.txt"]


def test_what_has_failed_is_tried_again_through_it(server: Running) -> None:
    file = server.folder / "late.pdf"
    file.write_bytes(b"%PDF-1.7 and no more")
    assert glede("add", "late.pdf", "--collection", "late", cwd=server.folder).code == 1
    file.write_text("The swift is late this year.")
    done = glede("retry", "--failed", "--collection", "late", "--json", cwd=server.folder)
    assert done.code == 0, done.err
    assert [one["status"] for one in done.json["documents"]] == ["searchable"]
    nothing = glede("retry", "--failed", "--collection", "late", "--json", cwd=server.folder)
    assert (nothing.code, nothing.json["documents"]) == (0, [])
    whole = glede("retry", "--collection", "late", "--json", cwd=server.folder)
    assert whole.code == 0, whole.err
    unknown = glede("retry", "nothing.txt", "--collection", "late", "--json", cwd=server.folder)
    assert unknown.json["error"]["code"] == "not_found"


def test_only_the_owner_names_folders(server: Running) -> None:
    writer = key(server.folder, "writer", "admin:*")
    with server.as_(writer) as client:
        asked = client.post("/v1/collections/shore/sync", json={"folder": str(server.folder)})
    assert asked.status_code == 403
    assert asked.json()["code"] == "forbidden"


@pytest.mark.parametrize(
    "command",
    [
        ("add", "owl.txt", "--dry-run"),
        ("add", "owl.txt", "--max-calls", "3"),
        ("ask", "Who?", "--model", "none"),
    ],
)
def test_what_cannot_go_through_it_says_who_stands_in_the_way(
    server: Running, command: tuple[str, ...]
) -> None:
    done = glede(*command, "--json", cwd=server.folder)
    assert done.code == 4, done.out
    error = done.json["error"]
    assert error["code"] == "locked"
    assert str(server.process.pid) in error["message"]
    assert error["hint"]
    assert "Traceback" not in done.err


def test_what_only_looks_needs_nobody(server: Running) -> None:
    done = glede("docs", "--json", cwd=server.folder)
    assert done.code == 0, done.err
    assert len(done.json["documents"]) >= 5


def test_a_server_that_dies_meanwhile_is_no_traceback(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.txt").write_text(f"Heron {number} wades in the Aller. " * 200)
    with serving(tmp_path) as server:
        adding = subprocess.Popen(
            [GLEDE, "add", *(f"{number}.txt" for number in range(300)), "--json"],
            cwd=tmp_path,
            env=environment(tmp_path),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not server.client.get("/v1/jobs").json()["jobs"]:
            assert adding.poll() is None
        server.process.kill()
        out, err = adding.communicate(timeout=30)
    assert adding.returncode == 4, out
    assert json.loads(out)["error"]["code"] == "unavailable"
    assert b"Traceback" not in err


def test_every_error_of_ours_comes_back_as_itself() -> None:
    waiting: list[type[errors.GledeError]] = [errors.GledeError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__ != "glede.errors" or kind is errors.ExhaustedError:
            continue
        found = telling.error_of({"code": kind.code, "detail": "what", "hint": "how"})
        assert type(found) is kind
        assert (found.message, found.hint, found.exit_code) == ("what", "how", kind.exit_code)


def test_lines_are_added_as_they_come(server: Running) -> None:
    lines = (
        {"source": "owl", "text": "The eagle owl of the quarry hunts at night."},
        {"source": "notes/heron.txt", "text": "The heron fishes at dawn.", "metadata": {"year": 2024}},
        {"source": "owl", "text": "The eagle owl of the quarry hunts hedgehogs."},
        {"text": "nameless"},
    )
    command: list[str | Path] = [GLEDE, "add", "-", "--lines", "--json", "--metadata", "kind=bird"]
    done = subprocess.run(
        command,
        input="".join(f"{json.dumps(line)}\n" for line in lines),
        capture_output=True,
        text=True,
        cwd=server.folder,
        env=environment(server.folder),
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {(one["line"], one["source"], one["status"]) for one in told if one["error"] is None} == {
        (1, "owl", "searchable"),
        (2, "notes/heron.txt", "searchable"),
        (3, "owl", "searchable"),
    }
    (failed,) = [one for one in told if one["error"] is not None]
    assert (failed["line"], failed["error"]["code"]) == (4, "malformed")
    question = "What does the eagle owl hunt?"
    found = glede("search", question, "--json", "--filter", "kind=bird", cwd=server.folder)
    assert "hedgehogs" in found.json["hits"][0]["text"]
    shown = glede("show", "notes/heron.txt", "--json", cwd=server.folder).json
    assert shown["document"]["metadata"] == {"kind": "bird", "year": 2024}
    for name in ("owl", "notes/heron.txt"):
        assert glede("rm", name, cwd=server.folder).code == 0


async def test_the_path_of_a_file_may_be_a_text(server: Running) -> None:
    found = presence(server.folder / "data")
    assert found is not None
    (server.folder / "wren.txt").write_text("The wren sings in winter.")
    async with Remote.open(found, "wrens") as remote:
        report = await remote.add(str(server.folder / "wren.txt"))
    assert [one.status for one in report.documents] == ["searchable"]
