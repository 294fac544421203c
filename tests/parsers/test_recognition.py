"""Lines as they are recognised: the right way up, read again where that helps, and by Tesseract."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from glede.parsers import recognition, tesseract
from glede.parsers.recognition import (
    Corners,
    Reading,
    gap_near_middle,
    quarter_turns,
    read_lines,
    read_well,
)
from glede.parsers.rendering import Pixels
from glede.types import Box
from tests.parsers.scripted_engine import ScriptedEngine


@pytest.mark.parametrize("turns", range(4))
def test_boxes_are_turned_back(turns: int) -> None:
    page = np.zeros((30, 50), np.uint8)
    page[4:9, 10:31] = 1
    upright = np.rot90(page, turns)
    rows, columns = np.nonzero(upright)
    box = Box(columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    reading = Reading((), turns, upright.shape[1], upright.shape[0])
    assert reading.turned_back(box) == Box(10, 4, 31, 9)


class Turning:
    """Reads well only what is lit at its upper left corner."""

    def find(self, pixels: Pixels) -> list[Corners]:
        height, width = pixels.shape[:2]
        return [np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)]

    def read(self, line: Pixels) -> tuple[str, float]:
        return ("kites over the quarry", 0.99) if line[0, 0, 0] else ("sǝʇıʞ", 0.7)


@pytest.mark.parametrize("turns", range(4))
def test_the_better_reading_is_up(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def lay_down(pixels: Pixels, _: Corners) -> Pixels:
        return np.rot90(pixels) if pixels.shape[0] > pixels.shape[1] else pixels

    monkeypatch.setattr(recognition, "crop", lay_down)
    page = np.zeros((20, 200, 3), np.uint8)
    page[0, 0] = 255
    turned = np.ascontiguousarray(np.rot90(page, -turns))
    assert quarter_turns(turned, Turning().find(turned), Turning()) == turns
    assert read_lines(turned, Turning()).turns == turns
    assert quarter_turns(turned, [], Turning()) == 0


class Choosy:
    """Reads a line rightly at one height only."""

    def __init__(self, right: tuple[int, int]) -> None:
        self._right = right

    def find(self, pixels: Pixels) -> list[Corners]:
        return []

    def read(self, line: Pixels) -> tuple[str, float]:
        return ("kite", 0.99) if line.shape[:2] == self._right else ("k t", 0.6)


@pytest.mark.parametrize(("right", "text"), [((40, 300), "kite"), ((60, 450), "kite"), ((9, 9), "k t")])
def test_unsure_lines_are_read_again(right: tuple[int, int], text: str) -> None:
    assert read_well(np.zeros((40, 300, 3), np.uint8), Choosy(right))[0] == text


def test_a_wide_line_is_read_in_halves() -> None:
    line = np.full((20, 400, 3), 255, np.uint8)
    line[5:15, 10:190] = 0
    line[5:15, 205:390] = 0
    assert 190 <= gap_near_middle(line) <= 205
    assert read_well(line, Choosy((20, gap_near_middle(line))))[1] == 0.6


PRETENDED = """#!/bin/sh
case "$*" in
  *--list-langs*) printf 'List of available languages (3):\\neng\\nosd\\nrus\\n' ;;
  *"--psm 0"*) printf 'Orientation in degrees: 0\\nScript: Cyrillic\\n' ;;
  *"-l rus --psm 7 tsv") cat >/dev/null; printf 'level\\n'
     printf '5\\t1\\t1\\t1\\t1\\t1\\t0\\t0\\t9\\t9\\t97.0\\tкрасный\\n'
     printf '5\\t1\\t1\\t1\\t1\\t2\\t0\\t0\\t9\\t9\\t95.0\\tкоршун\\n' ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture
def pretended_tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    program = tmp_path / "tesseract"
    program.write_text(PRETENDED)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    tesseract.languages.cache_clear()
    yield
    tesseract.languages.cache_clear()


class Puzzled(ScriptedEngine):
    """Finds a line that it cannot read."""

    def read(self, line: Pixels) -> tuple[str, float]:
        return "   .", 0.0


@pytest.mark.usefixtures("pretended_tesseract")
def test_tesseract_reads_what_the_engine_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "crop", lambda pixels, _: pixels[:40])
    assert tesseract.languages() == ("eng", "rus")
    (line,) = read_lines(np.zeros((400, 300, 3), np.uint8), Puzzled()).lines
    assert line.text == "красный коршун"
    assert 0.95 < line.score < 0.97


def test_without_tesseract_unsure_lines_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "crop", lambda pixels, _: pixels[:40])
    monkeypatch.setattr(tesseract, "languages", tuple)
    assert read_lines(np.zeros((400, 300, 3), np.uint8), Puzzled()).lines == ()
