"""Progress in plain lines: nobody waits in silence."""

from __future__ import annotations

import re
import time

import pytest

from glede.cli import progress as progress_module
from glede.cli.progress import PlainProgress, left
from glede.events import Event
from glede.results import Added


def test_one_long_document_is_not_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_module, "HEARTBEAT", 0.02)
    told = ""
    with PlainProgress() as progress:
        progress.start(1)
        progress.stage("embed", "book.pdf")
        deadline = time.monotonic() + 10
        while told.count("0 of 1 done, now: embed book.pdf\n") < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
            told += capsys.readouterr().err
    assert told.count("0 of 1 done, now: embed book.pdf\n") >= 2
    assert capsys.readouterr().err.endswith("0 of 1 done\n")


def test_the_time_left_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(progress_module, "HEARTBEAT", 0.02)
    told = ""
    with PlainProgress() as progress:
        progress.start(100)
        time.sleep(0.05)
        progress.done(Added("book.pdf", "searchable"))
        deadline = time.monotonic() + 10
        while " left" not in told and time.monotonic() < deadline:
            time.sleep(0.01)
            told += capsys.readouterr().err
    assert re.search(r"^1 of 100 done, 0:\d\d:\d\d left$", told, re.MULTILINE)


@pytest.mark.parametrize(("eta", "told"), [(None, ""), (0.0, ""), (80.4, "0:01:20 left")])
def test_the_bar_and_the_lines_tell_the_same_time(eta: float | None, told: str) -> None:
    assert left(Event(1, "embed", "book.pdf", 1, 2, 0, 0.1, eta)) == told


def test_waiting_for_other_work_is_not_silent(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress_module, "HEARTBEAT", 0.02)
    told = ""
    with PlainProgress():
        deadline = time.monotonic() + 10
        while "waiting" not in told and time.monotonic() < deadline:
            time.sleep(0.01)
            told += capsys.readouterr().err
    assert "waiting for other work to end\n" in told
