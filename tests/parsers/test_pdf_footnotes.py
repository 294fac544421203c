"""Footnotes of PDFs, and small text that is none."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from glede.parsers.pdf import PdfParser
from glede.parsing import ParseOptions
from glede.reading.pages import finished
from glede.types import Block

HEIGHT = 842
SHARED = os.environ.get("GLEDE_SHARED", "")
BODY = [
    "The red kite breeds in old oaks above the quarry, and it comes back",
    "to the same nest for many years, as the rings on its legs have told",
    "to all who looked. In the year of the great storm it did not come at",
]


def document(draw: Callable[[Canvas], None]) -> list[Block]:
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, HEIGHT), invariant=True)
    draw(canvas)
    canvas.save()
    return list(finished(PdfParser().parse(stream.getvalue(), "application/pdf", ParseOptions())).blocks)


def lines(canvas: Canvas, texts: list[str], top: float, size: float = 11, left: float = 72) -> None:
    for number, text in enumerate(texts):
        canvas.setFont("Helvetica", size)
        canvas.drawString(left, HEIGHT - top - number * size * 1.25, text)


def raised(canvas: Canvas, mark: str, top: float, left: float, size: float = 6) -> None:
    canvas.setFont("Helvetica", size)
    canvas.drawString(left, HEIGHT - top + 3, mark)


def notes(blocks: list[Block]) -> list[str]:
    return [block.text for block in blocks if block.type == "footnote"]


def test_footnotes() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, BODY, 100)
        raised(canvas, "1", 100, 410)
        raised(canvas, "2", 114, 412)
        lines(canvas, ["all, and the nest was empty until the next spring began."], 142)
        canvas.line(72, HEIGHT - 690, 200, HEIGHT - 690)
        raised(canvas, "1", 702, 72, 5)
        lines(canvas, ["Counted by the ridge office from the hut,", "with a telescope."], 702, 8, 77)
        raised(canvas, "2", 724, 72, 5)
        lines(canvas, ["By the storm of 1999 many were lost."], 724, 8, 77)

    blocks = document(draw)
    assert [note.split(" ", 1)[-1] if note[1] == " " else note[1:] for note in notes(blocks)] == [
        "Counted by the ridge office from the hut, with a telescope.",
        "By the storm of 1999 many were lost.",
    ]
    assert all(block.box is not None and block.page == 1 for block in blocks)


def test_footnotes_of_columns_stand_behind_both() -> None:
    def draw(canvas: Canvas) -> None:
        left = ["The kite breeds in old oaks and it", "comes back to the same old nest.1"] * 18
        lines(canvas, left, 100, 10)
        lines(canvas, ["1 Counted by the ridge office", "with a telescope from the hut."], 600, 7)
        lines(
            canvas,
            ["Rain fell on most of the days and", "the wind blew from the west side."] * 20,
            100,
            10,
            320,
        )

    blocks = document(draw)
    assert notes(blocks) == ["1 Counted by the ridge office with a telescope from the hut."]
    assert blocks[-1].type == "footnote"


@pytest.mark.parametrize(
    "small",
    [
        ["1 Kites are counted here.", "2 Kites are ringed there."],
        ["Source: the ridge office, 2025, and its own counts."],
        ["1. Smith, A.: Kites of the ridge, 1999.", "2. Jones, B.: Kites of the vale, 2001."],
        ["12 345 kites were counted in all."],
    ],
    ids=["without a mark in the text", "source", "references", "figures"],
)
def test_small_text_is_no_footnote(small: list[str]) -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, BODY, 100)
        lines(canvas, small, 700, 8)

    assert notes(document(draw)) == []


def test_text_below_is_no_footnote() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, [*BODY, "all.1"], 100)
        lines(canvas, ["1 Counted by the ridge office from the hut."], 400, 8)
        lines(canvas, BODY, 600)

    assert notes(document(draw)) == []


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_three_columns_of_a_real_document() -> None:
    data = (Path(SHARED) / "corpus" / "federal-register-2020-17221.pdf").read_bytes()
    parsed = PdfParser().parse(data, "application/pdf", ParseOptions(pages=(2,)))
    assert [note.text[0] for note in parsed.blocks if note.type == "footnote"] == list("123456789")
