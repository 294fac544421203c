"""R1 with a history: a kill between any two steps leaves a version live or past, and erases all or none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.crashing import Event, Lives, Step

KILLED = -9
KEPT = {"history": True}
OLD, NEW = "The bird of old sings.", "The bird of new is silent."
ADDED: tuple[Step, ...] = (("clock", "2026-03-01"), ("add", [["a.md", OLD], ["b.md", "A bird sleeps."]]))
CHANGED: tuple[Step, ...] = (("clock", "2026-04-01"), ("add", [["a.md", NEW]]))
ERASED: Step = ("past", "erase", ["a.md"])
LOOKED: tuple[Step, ...] = (("state",), ("asked", "2026-03-15"), ("asked", "2026-04-15"))
WHILE_CHANGED = (
    "announce.after", "index.upserted@1", "commit.before", "commit.inside", "commit.after", "index.delete",
    "purged.inside", "index.create", "index.upsert@2", "index.upserted@2", "history.before", "history.inside",
    "history.after",
)  # fmt: skip
WHILE_ERASED = ("history.before", "history.inside", "history.after", "index.delete", "index.deleted",
                "blobs.delete", "blobs.deleted", "purged.before", "purged.after")  # fmt: skip


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


def at(point: str) -> str:
    name, _, time = point.partition("@")
    return f"{name}=kill@{time}" if time else f"{name}=kill"


@pytest.mark.parametrize("point", WHILE_CHANGED)
def test_a_kill_while_a_document_is_replaced(point: str, tmp_path: Path, lives: Lives) -> None:
    assert lives.live(tmp_path, *ADDED, settings=KEPT).code == 0
    killed = lives.live(tmp_path, ("arm", at(point)), *CHANGED, settings=KEPT)
    assert killed.code == KILLED, (point, killed.events)
    looked = lives.live(tmp_path, *LOOKED, settings=KEPT)
    before, after = _told(looked.events)
    assert OLD in before and NEW not in before
    assert (OLD in after) != (NEW in after)
    whole = lives.live(tmp_path, *CHANGED, *LOOKED, settings=KEPT)
    before, after = _told(whole.events)
    assert OLD in before and NEW not in before
    assert NEW in after and OLD not in after


@pytest.mark.parametrize("point", WHILE_ERASED)
def test_a_kill_while_all_versions_are_erased(point: str, tmp_path: Path, lives: Lives) -> None:
    assert lives.live(tmp_path, *ADDED, *CHANGED, settings=KEPT).code == 0
    killed = lives.live(tmp_path, ("arm", at(point)), ERASED, settings=KEPT)
    assert killed.code == KILLED, (point, killed.events)
    begun = point in ("history.before", "history.inside")
    before, after = _told(lives.live(tmp_path, *LOOKED, settings=KEPT).events)
    assert (OLD in before, NEW in after) == (begun, begun)
    if begun:
        before, after = _told(lives.live(tmp_path, ERASED, *LOOKED, settings=KEPT).events)
    assert before == after == ["A bird sleeps."]


def _told(events: list[Event]) -> list[list[str]]:
    """What is found as of each day; the stores have to agree."""
    (state,) = (one for one in events if one["event"] == "state")
    assert state["problems"] == []
    return [one["texts"] for one in events if one["event"] == "asked"]
