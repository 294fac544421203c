"""A second process is no accident: the command line goes through the server while that holds the folder."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import errors
from glede.server import telling
from tests.cli.running import GLEDE, environment, glede
from tests.server.serving import SAMPLES, Running, key, serving

QUESTION = "How many pairs of red kites nest at the observatory?"
TIMES = ("seconds",)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that no server holds, with the same documents."""
    folder = tmp_path_factory.mktemp("alone")
    assert glede("add", *sorted(SAMPLES.iterdir()), cwd=folder).code == 0
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("remote")
    key(folder, "somebody", "read:nothing")  # from now on nobody is let in without a key; the owner is
    with serving(folder) as running:
        done = glede("add", *sorted(SAMPLES.iterdir()), "--json", cwd=folder)
        assert done.code == 0, done.err
        yield running


def test_search_and_ask_print_the_same(server: Running, alone: Path) -> None:
    for command in (
        ("search", QUESTION, "-k", "5"),
        ("search", "wind speed", "--type", "table"),
        ("search", QUESTION, "--filter", "source=faq.txt"),
        ("ask", QUESTION),
        ("ask", "Which wind speed was measured at the summit mast?"),
    ):
        here = glede(*command, "--json", cwd=server.folder)
        there = glede(*command, "--json", cwd=alone)
        assert (here.code, here.err) == (there.code, there.err)
        assert without_times(here.json) == without_times(there.json)
    here, there = (glede("ask", QUESTION, cwd=folder) for folder in (server.folder, alone))
    assert here.out == there.out
    here, there = (glede("search", QUESTION, "-k", "2", cwd=folder) for folder in (server.folder, alone))
    assert here.out == there.out


def without_times(value: object) -> object:
    if isinstance(value, dict):
        return {name: without_times(one) for name, one in value.items() if name not in TIMES}
    return [without_times(one) for one in value] if isinstance(value, list) else value


def test_add_reports_as_it_does_alone(server: Running, alone: Path) -> None:
    for folder in (server.folder, alone):
        (folder / "owl.txt").write_text("The owl hunts at night.")
        (folder / "empty.txt").write_text("")
    here, there = (
        glede("add", "owl.txt", "empty.txt", "--metadata", "k=v", "--json", cwd=folder)
        for folder in (server.folder, alone)
    )
    assert here.code == there.code == 1
    found, expected = without_times(here.json), without_times(there.json)
    assert isinstance(found, dict)
    assert isinstance(expected, dict)
    for one in (found, expected):
        one.pop("job")
    told = json.dumps(found).replace(str(server.folder), "DIR")
    assert told == json.dumps(expected).replace(str(alone), "DIR")
    assert "2 of 2" in glede("add", "owl.txt", "empty.txt", "-v", cwd=server.folder).err
    listed = glede("docs", "--json", cwd=server.folder).json["documents"]
    assert str(server.folder / "owl.txt") in [one["source"] for one in listed]


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


def test_errors_keep_their_codes(server: Running) -> None:
    wrong = glede("ask", "x" * 10_000, "--json", cwd=server.folder)
    assert wrong.code == 2
    assert wrong.json["error"]["code"] == "usage"


@pytest.mark.parametrize(
    "command",
    [
        ("sync", "."),
        ("retry",),
        ("add", "owl.txt", "--dry-run"),
        ("add", "owl.txt", "--max-calls", "3"),
        ("ask", "Who?", "--model", "none"),
        ("graph", "merge", "A", "B"),
        ("rebuild",),
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
    for command in (("docs",), ("jobs",), ("usage",), ("graph", "stats"), ("show", "faq.txt")):
        done = glede(*command, "--json", cwd=server.folder)
        assert done.code == 0, (command, done.err)


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
