"""The heads of tables without rulings: several lines, and headings over several columns."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from glede.parsers.pdf import PdfParser
from glede.parsing import ParseOptions
from glede.types import Table

HEIGHT = 842
SHARED = os.environ.get("GLEDE_SHARED", "")
PLACES = ["Summit mast", "South slope", "Quarry roost", "Visitor hut", "Old oak", "North cliff", "Mill pond"]
RIGHT = (220, 290, 380, 450)
"""Where the figures of each column end."""


def parse(heads: Sequence[tuple[str, float, float]], above: str = "") -> list[Table]:
    """Heads are words, their middle and their distance from the top of the page."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, HEIGHT), invariant=True)
    canvas.setFont("Helvetica", 9)
    if above:
        canvas.drawString(60, HEIGHT - 80, above)
    canvas.setFont("Helvetica-Bold", 9)
    for text, middle, top in heads:
        canvas.drawCentredString(middle, HEIGHT - top, text)
    canvas.setFont("Helvetica", 9)
    for row, place in enumerate(PLACES):
        canvas.drawString(60, HEIGHT - 140 - 13 * row, place)
        for column, right in enumerate(RIGHT):
            canvas.drawRightString(right, HEIGHT - 140 - 13 * row, f"{row * 37 % 90 + 10}.{column}")
    canvas.save()
    parsed = PdfParser().parse(stream.getvalue(), "application/pdf", ParseOptions())
    return [block.table for block in parsed.blocks if block.table]


def heads_of(table: Table) -> list[tuple[int, int, int, int, str]]:
    return sorted(
        (cell.row, cell.column, cell.row_span, cell.column_span, cell.text)
        for cell in table.cells
        if cell.header
    )


def middle(column: int, text: str) -> float:
    return RIGHT[column] - float(stringWidth(text, "Helvetica-Bold", 9)) / 2 + 4


LEAVES = [("Mean", 0), ("Gust of", 1), ("Mean", 2), ("Gust of", 3)]


def two_levels() -> list[tuple[str, float, float]]:
    found = [(text, middle(column, text), 116.0) for text, column in LEAVES]
    found += [("the day", middle(column, "the day"), 126.0) for column in (1, 3)]
    found += [("Place", 85.0, 116.0), ("Year 2024", 245.0, 98.0), ("Year 2025", 405.0, 98.0)]
    return found


def test_headings_over_several_columns() -> None:
    (table,) = parse(two_levels())
    assert heads_of(table) == [
        (0, 0, 2, 1, "Place"),
        (0, 1, 1, 2, "Year 2024"),
        (0, 3, 1, 2, "Year 2025"),
        (1, 1, 1, 1, "Mean"),
        (1, 2, 1, 1, "Gust of the day"),
        (1, 3, 1, 1, "Mean"),
        (1, 4, 1, 1, "Gust of the day"),
    ]
    assert table.header_rows() == 2
    assert table.rows == len(PLACES) + 2
    assert [row[0] for row in table.grid()[2:]] == PLACES


def test_a_remark_above_is_no_heading() -> None:
    (table,) = parse(two_levels(), above="(Metres in a second)")
    assert all("Metres" not in cell.text for cell in table.cells)


def test_one_line_stays_as_it_is() -> None:
    heads = [
        (text, middle(column, text), 124.0) for column, text in enumerate(("Mean", "Gust", "Low", "High"))
    ]
    (table,) = parse([("Place", 85.0, 124.0), *heads])
    assert [text for *_, text in heads_of(table)] == ["Place", "Mean", "Gust", "Low", "High"]
    assert table.header_rows() == 1


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_real_table() -> None:
    data = (Path(SHARED) / "corpus" / "us-001.pdf").read_bytes()
    parsed = PdfParser().parse(data, "application/pdf", ParseOptions(pages=(3,)))
    (table,) = [block.table for block in parsed.blocks if block.table]
    spans = [(cell.column, cell.column_span, cell.text) for cell in table.cells if cell.column_span > 1]
    assert spans == [
        (1, 5, "Age-adjusted disability rate"),
        (6, 5, "Unadjusted disability rate"),
        (1, 2, "2005"),
        (3, 2, "2010"),
        (6, 2, "2005"),
        (8, 2, "2010"),
    ]
