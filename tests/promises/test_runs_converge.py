"""R2: a run that was killed, however often, ends as one that was not, and pays for nothing twice.

Embeddings, pictures and the graph are asked of a scripted model over real connections, so that every call
that is made again is seen.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.testing.model_log import Call
from glede.testing.model_server import ChatRequest, ModelServer
from tests.extractors.llm_serving import reads
from tests.processors.test_image import analysis, png, sees
from tests.promises.crashing import Life, Lives

FULL = bool(os.environ.get("GLEDE_FULL"))
DOCUMENTS = 10_000 if FULL else 12
PICTURES = 2
CONCURRENCY = 4
SEED = 11
KILLED = -9


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = _answer
        yield running


def _answer(request: ChatRequest) -> str:
    return analysis() if sees(request) else reads(request)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """Documents of three chunks, one of which they all have, and pictures."""
    folder = tmp_path / "docs"
    folder.mkdir()
    shared = "# Seen\n\nAll birds were seen from the tower in May.\n"
    for number in range(DOCUMENTS):
        words = (
            f"# Kite {number}\n\nKite{number} met Paul Klee.\n\n# Nest {number}\n\nIt has {number} eggs.\n"
        )
        (folder / f"{number:05}.md").write_text(f"{words}\n{shared}")
    for number in range(PICTURES):
        (folder / f"{number}.png").write_bytes(png(90 + number))
    return folder


def settings(server: ModelServer) -> dict[str, object]:
    return {
        "embed": "openai:text-embedding-3-small",
        "embed_dimension": 64,
        "openai_url": server.url,
        "openai_key": "sk-test",
        "extractor": "llm",
        "extract": "openai:gpt-4o",
        "extract_url": server.url,
        "vision": "dashscope:qwen-vl-max",
        "vision_url": server.url,
        "dashscope_key": "sk-test",
        "model_concurrency": CONCURRENCY,
        "model_tries": 1,
    }


def asked(calls: list[Call]) -> Counter[str]:
    """How often each text was to be embedded, and each prompt to be answered."""
    found: Counter[str] = Counter()
    for call in calls:
        if "input" in call.body:
            found.update(f"embed {text}" for text in call.body["input"])
        else:
            found[json.dumps(call.body, sort_keys=True)] += 1
    return found


def dump_of(life: Life) -> bytes:
    return json.dumps(life.told("dump")[0]["dump"], sort_keys=True).encode()


def dying(calls: list[Call]) -> set[str]:
    """What may have been on its way as the process was killed: the last calls, as many as run at a time.

    The texts of a batch are embedded by several calls too, where they are more than one call takes.
    """
    embeddings = [call for call in calls if "input" in call.body]
    prompts = [call for call in calls if "input" not in call.body]
    return set(asked([*embeddings[-CONCURRENCY:], *prompts[-CONCURRENCY:]]))


def test_killed_runs_come_to_the_same_end(
    tmp_path: Path, lives: Lives, server: ModelServer, corpus: Path
) -> None:
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    model, run = settings(server), ("files", str(corpus))
    watched = (("arm", "graph.after=delay:0"), run, ("reached",), ("dump",))
    whole = lives.live(tmp_path / "whole", *watched, settings=model)
    places = whole.told("reached")[0]["counts"]["*"]
    once = asked(server.calls)
    assert set(once.values()) == {1}, "an uninterrupted run asks for something twice"

    ever: set[str] = set()
    kept: set[str] = set()
    repeated: set[str] = set()
    for _ in range(40 if FULL else 8):
        server.clear()
        armed = f"*=kill@{chance.randint(1, max(2, places // 3))}"
        life = lives.live(tmp_path / "killed", run, failpoints=armed, settings=model)
        now = asked(server.calls)
        ever |= set(now)
        repeated |= kept & set(now)
        kept |= set(now) if life.code == 0 else set(now) - dying(server.calls)
    assert repeated == set()
    server.clear()
    last = lives.live(tmp_path / "killed", run, ("dump",), settings=model)
    assert last.code == 0
    assert dump_of(last) == dump_of(whole)
    assert not kept & set(asked(server.calls))
    assert ever | set(asked(server.calls)) == set(once)
    assert lives.live(tmp_path / "killed", ("state",), settings=model).states[0]["problems"] == []


@pytest.mark.parametrize("failpoint", ["announce.before", "commit.inside", "graph.before@3", "purged.before"])
def test_what_is_finished_is_not_done_again(
    tmp_path: Path, lives: Lives, server: ModelServer, corpus: Path, failpoint: str
) -> None:
    name, at, number = failpoint.partition("@")
    model, run = settings(server), ("files", str(corpus))
    if name == "purged.before":  # something has to be purged
        lives.live(tmp_path / "data", run, settings=model)
        (corpus / "00000.md").write_text("# Kite\n\nAnother kite.\n")
    if name == "graph.before":  # what a model says of new documents is mostly stored with them
        lives.live(tmp_path / "data", run, settings={**model, "extractor": "nlp"})
        server.clear()
    killed = lives.live(tmp_path / "data", run, failpoints=f"{name}=kill{at}{number}", settings=model)
    assert killed.code == KILLED
    before = asked(server.calls)
    committed = {one["source"] for one in killed.told("done") if one["status"] != "failed"}
    server.clear()
    life = lives.live(tmp_path / "data", run, run, settings=model)
    repeated = set(asked(server.calls)) & set(before)
    assert not [one for one in repeated if one.startswith("embed ")]
    assert len(repeated) <= CONCURRENCY  # what a model was being asked in the moment of the kill
    done = [one for one in life.told("done") if one["step"] == 0 and one["source"] in committed]
    assert {one["status"] for one in done} <= {"unchanged"}
    assert {one["status"] for one in life.told("done") if one["step"] == 1} == {"unchanged"}
    server.clear()
    assert not lives.live(tmp_path / "data", run, settings=model).told("error")
    assert server.count() == 0
