"""R1: kill -9 at any moment loses nothing acknowledged, doubles nothing, and brings nothing back.

Real processes with SQLite, Milvus Lite and the parsers in processes of their own are killed at every named
failpoint and at random instants; the next one opens the same folder and is compared with a model.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from glede import failpoints
from glede.testing.model_server import ModelServer
from tests.extractors.llm_serving import reads
from tests.promises.crashing import Life, Lives, Step, World

FULL = bool(os.environ.get("GLEDE_FULL"))
SEED = 7
INSTANTS = 200 if FULL else 14
KILLED = -9


@dataclass(frozen=True)
class Scene:
    """Steps in which a failpoint kills; `fresh` in a folder of its own."""

    doomed: tuple[Step, ...]
    fresh: bool = False
    history: bool = False


def texts(number: int, *names: str) -> list[list[str]]:
    words = f"In {number} the Red Kite met Paul Klee in Bern.\n\n# Nest\n\nA bird.\n"
    return [[name, f"# Bird {number} {name}\n\n{words}"] for name in names]


def spare(number: int) -> str:
    """A document that is there from the beginning, for one scene to use up."""
    return f"spare-{number}.md"


def adding(number: int) -> Scene:
    return Scene((("add", texts(number, "changed.md", f"{number}.md")),))


def creating(number: int) -> Scene:
    return Scene((("add", texts(number, "a.md", "b.md")),), fresh=True)


def removing(number: int) -> Scene:
    return Scene((("delete", spare(number)),))


def copying(number: int) -> Scene:
    ((_, text),) = texts(0, spare(number))
    return Scene((("add", [[f"copy-{number}.md", text]]),))


def reading(number: int) -> Scene:
    return Scene((("enrich", spare(number)),))


def asking(number: int) -> Scene:
    return Scene((("ask", "Whom did the Red Kite meet?"),))


def merging(number: int) -> Scene:
    return Scene((("merge", "Paul Klee", "Red Kite"), ("undo",)))


def caring(number: int) -> Scene:
    return Scene((("care", "disable", spare(number)), ("care", "enable", spare(number)), ("care", "rebuild")))


def replacing(number: int) -> Scene:
    return Scene((("add", texts(number, "changed.md")),), history=True)


def leaving(number: int) -> Scene:
    return Scene((("leave",), ("care", "embed_again")))


SCENES: Mapping[str, Callable[[int], Scene]] = {
    "blobs.delete": removing,
    "blobs.deleted": removing,
    "blobs": adding,
    "index.create": creating,
    "index.created": creating,
    "index.delete": removing,
    "index.deleted": removing,
    "index.drop": leaving,
    "index.dropped": leaving,
    "index": adding,
    "schema": creating,
    "announce": adding,
    "commit": adding,
    "attach": copying,
    "remove": removing,
    "purged": removing,
    "note": asking,
    "responses": reading,
    "spending": reading,
    "graph": reading,
    "graph_edit": merging,
    "jobs": adding,
    "books": caring,
    "disable": caring,
    "enable": caring,
    "history": replacing,
}
"""What leads to a failpoint, by its name or the part before the dot: a new one needs a scene here."""


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = reads
        yield running


def with_model(server: ModelServer) -> dict[str, object]:
    return {
        "extractor": "llm", "extract": "openai:gpt-4o", "extract_url": server.url, "openai_key": "sk-test",
    }  # fmt: skip


def scene_of(name: str, number: int) -> Scene:
    made = SCENES.get(name) or SCENES.get(name.partition(".")[0])
    assert made is not None, f"no crash test leads to the failpoint {name}: give it a scene"
    return made(number)


def test_a_kill_at_every_failpoint(tmp_path: Path, lives: Lives, server: ModelServer) -> None:
    times = 3 if FULL else 1
    world = World()
    steps: tuple[Step, ...] = (("add", texts(0, *map(spare, range(times * len(failpoints.NAMES))))),)
    last = lives.live(tmp_path / "data", *steps, settings=with_model(server))
    for number, name in enumerate(failpoints.NAMES * times):
        scene = scene_of(name, number)
        if scene.fresh:
            _in_a_new_folder(tmp_path / str(number), lives, scene, name)
            continue
        now: tuple[Step, ...] = (("state",), ("arm", f"{name}=kill"), *scene.doomed)
        settings = {**with_model(server), "history": scene.history}
        life = lives.live(tmp_path / "data", *now, settings=settings)
        assert life.code == KILLED, f"{name} was not reached: {life.events}"
        world.check(steps, last, life.states[0])
        steps, last = now, life
    world.check(steps, last, lives.live(tmp_path / "data", ("state",)).states[0])


def _in_a_new_folder(home: Path, lives: Lives, scene: Scene, name: str) -> None:
    """Where the folder itself is being made: killed, opened again, completed."""
    world = World()
    killed = lives.live(home, *scene.doomed, failpoints=f"{name}=kill")
    assert killed.code == KILLED, f"{name} was not reached"
    whole = lives.live(home, ("state",), *scene.doomed, ("state",))
    world.check(scene.doomed, killed, whole.states[0])
    world.check((("state",), *scene.doomed), whole, whole.states[1])


def test_kills_at_random_instants(tmp_path: Path, lives: Lives) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    world, longest = World(), 0.5
    steps: tuple[Step, ...] = ()
    last: Life | None = None
    kills = number = 0
    while kills < INSTANTS:
        number += 1
        now = (("state",), *_walk(chance, number))
        if number % 2:
            life = lives.live(tmp_path, *now, kill_after=chance.uniform(0.02, longest))
        else:
            life = lives.live(tmp_path, *now, failpoints=f"*=kill@{chance.randint(1, 40)}")
        assert life.code in (0, KILLED), life.events
        kills += life.code == KILLED
        if life.code == 0:
            longest = max(0.2, longest * 0.8)
        if life.states:
            if last is not None:
                world.check(steps, last, life.states[0])
            steps, last = now, life
        elif last is not None:
            # Killed while it opened the folder: the one after it still answers for what was before.
            steps = (*steps, *((kind, *rest) for kind, *rest in now))
    final = lives.live(tmp_path, ("state",))
    assert last is not None
    world.check(steps, last, final.states[0])


def _walk(chance: random.Random, number: int) -> list[Step]:
    """Additions, changes, copies and removals of a dozen sources."""
    names = [f"{place}.md" for place in range(12)]
    steps: list[Step] = []
    for part in range(4):
        chosen = chance.sample(names, chance.randint(1, 4))
        same = chance.random() < 0.3
        pairs = texts(100 * number + part, *chosen)
        steps.append(("add", [[name, pairs[0][1] if same else text] for name, text in pairs]))
        if chance.random() < 0.7:
            steps.append(("delete", chance.choice(chosen)))
    return steps
