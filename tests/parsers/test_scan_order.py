"""Lines of a page in the order in which they are read."""

from __future__ import annotations

from collections.abc import Sequence

from glede.parsers.recognition import Line
from glede.parsers.scan_order import paragraphs
from glede.types import Box


def _line(text: str, x0: float, y0: float, x1: float, height: float = 12) -> Line:
    return Line(text, 0.99, Box(x0, y0, x1, y0 + height))


def _column(name: str, x0: float, top: float, count: int) -> list[Line]:
    return [
        _line(f"{name} line {number} of a column of text", x0, top + 14 * number, x0 + 200)
        for number in range(count)
    ]


def order(lines: Sequence[Line]) -> list[str]:
    return [paragraph.text for paragraph in paragraphs(lines)]


def test_columns_are_read_one_after_another() -> None:
    title = _line("A title across both of them", 100, 20, 420, 20)
    foot = _line("A note below both of the columns, as long as they are wide together", 60, 300, 480)
    lines = [foot, *_column("right", 290, 60, 6), *_column("left", 60, 60, 6), title]
    found = order(lines)
    assert [text.split()[0] for text in found] == ["A", "left", "right", "A"]
    assert found[0].startswith("A title")


def test_cells_are_read_row_by_row() -> None:
    rows = [("Place", "Wind", "Gust"), ("Summit", "7.4", "31.2"), ("Slope", "4.1", "22.8")]
    lines = [
        _line(cell, 60 + 150 * column, 100 + 20 * row, 100 + 150 * column)
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    ]
    assert "\n".join(order(lines)) == "\n".join(" ".join(row) for row in rows)


def test_items_of_a_list_stay_lines() -> None:
    lines = [
        _line("What a kite eats in the course of a year:", 60, 100, 300),
        _line("• voles and mice of the fields and of the", 60, 114, 300),
        _line("barns around them", 60, 128, 300),
        _line("2) worms", 60, 142, 300),
    ]
    assert order(lines) == [
        "What a kite eats in the course of a year:\n"
        "• voles and mice of the fields and of the barns around them\n2) worms"
    ]


def test_lines_become_paragraphs() -> None:
    lines = [
        _line("A word that is hyphen-", 60, 100, 300),
        _line("ated, and one piece", 60, 114, 200),
        _line("beside it.", 206, 114, 300),
        _line("红鸢飞过", 60, 170, 300),
        _line("采石场", 60, 184, 300),
    ]
    assert order(lines) == ["A word that is hyphenated, and one piece beside it.", "红鸢飞过采石场"]
