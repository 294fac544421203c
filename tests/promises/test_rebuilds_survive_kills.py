"""R1 and R7: a kill while the index is made again, from its emptying on, leaves nothing half-told or lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.promises.crashing import Event, Lives, Step

KILLED = -9
REBUILD: Step = ("care", "rebuild")
SOURCES = ["a.md", "b.md", "c.md"]
POINTS = (
    "note.before@1",  # nothing is done yet
    "note.after@1",  # it is noted that the index is emptied, which is still there
    "note.inside@2",  # the index is empty
    "note.after@2",  # and that is noted
    "index.create@1",
    "index.upserted@1",
    "index.flush@1",
    "note.before@3",  # all is written again
)


@pytest.fixture(scope="module")
def lives() -> Iterator[Lives]:
    with Lives() as running:
        yield running


def test_a_kill_while_the_index_is_made_again(tmp_path: Path, lives: Lives) -> None:
    texts = [[name, f"# Bird {name}\n\nThe bird of {name} sings.\n"] for name in SOURCES]
    assert lives.live(tmp_path, ("add", texts)).code == 0
    for point in POINTS:
        killed = lives.live(tmp_path, REBUILD, failpoints=point.replace("@", "=kill@"), afresh=True)
        assert killed.code == KILLED, (point, killed.events)
        looked = lives.live(tmp_path, ("state",))
        refused = looked.told("refused")
        if refused:
            assert refused[0]["code"] == "damaged" and "glede rebuild" in refused[0]["hint"], point
        else:
            _is_whole(looked.states[0], point)
        assert bool(refused) != (point == "note.before@1"), point
        again = lives.live(tmp_path, REBUILD, ("state",), afresh=True)
        assert again.code == 0, (point, again.events)
        _is_whole(again.states[0], point)
    _is_whole(lives.live(tmp_path, ("state",)).states[0], "the end")


def _is_whole(state: Event, point: str) -> None:
    assert sorted(state["sources"]) == SOURCES, point
    assert state["problems"] == [], point
