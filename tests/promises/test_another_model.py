"""R1 of `glede rebuild --embed`: kill -9 at any step of it leaves a folder that one of both models searches.

The next run goes on, comes to the same end, and pays for no text again whose vector was kept.
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.testing.model_server import ModelServer
from tests.promises.crashing import Life, Lives, Step

FULL = bool(os.environ.get("GLEDE_FULL"))
KILLS = 6
KILLED = -9
AGAIN: Step = ("care", "embed_again")
LOOK: Step = ("search", "Which bird sings 3 songs?")
TEXTS = [[f"{number}.md", f"# Bird {number}\n\nBird {number} sings {number} songs."] for number in range(9)]


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


def settings(server: ModelServer, dimension: int) -> dict[str, object]:
    return {
        "embed": "openai:text-embedding-3-small",
        "embed_dimension": dimension,
        "openai_url": server.url,
        "openai_key": "sk-test",
    }


def embedded(server: ModelServer) -> Counter[str]:
    """How often each text was to be embedded, questions and what they name aside."""
    texts = [text for call in server.calls for text in call.body.get("input", ())]
    return Counter(text for text in texts if text.startswith("Bird "))


def answered(life: Life) -> bool:
    """Whether the model of the settings searches the folder; the other one is told to embed again."""
    codes = {one["code"] for one in life.told("error")}
    assert codes <= {"model_mismatch"}
    return not codes


def test_a_kill_at_any_step_of_embedding_again(tmp_path: Path, lives: Lives, server: ModelServer) -> None:
    old, new = settings(server, 64), settings(server, 32)
    lives.live(tmp_path / "base", ("add", TEXTS), settings=old)
    shutil.copytree(tmp_path / "base", tmp_path / "whole")
    watched: tuple[Step, ...] = (("arm", "graph.after=delay:0"), AGAIN, ("reached",), ("state",))
    whole = lives.live(tmp_path / "whole", *watched, settings=new)
    steps = whole.told("reached")[0]["counts"]["*"]
    (state,) = whole.states
    assert state["problems"] == []
    assert len(state["sources"]) == len(TEXTS)
    swapped = []
    for kill in range(1, steps + 1, 1 if FULL else max(1, steps // KILLS)):
        home = tmp_path / str(kill)
        shutil.copytree(tmp_path / "base", home)
        server.clear()
        life = lives.live(home, ("arm", f"*=kill@{kill}"), AGAIN, settings=new)
        assert life.code == KILLED
        swapped.append(answered(lives.live(home, LOOK, settings=new)))
        assert answered(lives.live(home, LOOK, settings=old)) is not swapped[-1]
        last = lives.live(home, AGAIN, LOOK, ("state",), settings=new)
        assert answered(last)
        assert last.states == [state]
        assert max(embedded(server).values()) <= 2
        assert sum(embedded(server).values()) <= 2 * len(TEXTS)
    assert swapped == sorted(swapped), "once it is swapped it stays so"
    assert {swapped[0], swapped[-1]} == {False, True}
