from __future__ import annotations

import time

import pytest

from glede.tables.typing import typed
from glede.tables.values import Rows
from glede.types import Cell, Table


def table(text: str, headers: int = 0) -> Table:
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]
    width = max(len(row) for row in rows)
    cells = tuple(
        Cell(place, column, cell, header=place < headers)
        for place, row in enumerate(rows)
        for column, cell in enumerate(row)
    )
    return Table(len(rows), width, cells)


def data(text: str, caption: str | None = None, context: str = "", headers: int = 0) -> Rows:
    rows = typed(table(text, headers), caption, context)
    assert rows is not None
    return rows


def column(rows: Rows, key: str) -> list[object]:
    place = [one.key for one in rows.columns].index(key)
    return [row[place] for row in rows.values]


def names(rows: Rows) -> list[str]:
    return [one.name for one in rows.columns]


def types(rows: Rows) -> list[str]:
    return [one.type for one in rows.columns]


def test_a_financial_table() -> None:
    rows = data(
        """
         | December 31, |
        (In millions) | 2019 | 2018
        Assets allocated to segments:(1) | |
        Food Care | $ 1,997.8 | $ 1,914.4
        Product Care | 2,762.9 | 2,273.8
        Total segments | $ 4,760.7 | $ 4,188.2
        Assets not allocated: | |
        Cash | 262.4 | 271.7
        Held for sale | — | (0.6)
        Total | $ 5,023.1 | $ 4,459.3
        """.replace("        ", "")
    )
    assert names(rows) == ["", "December 31, > 2019", "December 31, > 2018"]
    assert [one.key for one in rows.columns] == ["label", "december_31_2019", "december_31_2018"]
    assert [one.unit for one in rows.columns] == ["", "million $", "million $"]
    assert rows.columns[1].scale == 1e6
    assert column(rows, "label")[0] == "Assets allocated to segments > Food Care"
    assert column(rows, "december_31_2018") == [1914.4, 2273.8, 4188.2, 271.7, -0.6, 4459.3]
    assert column(rows, "december_31_2019")[4] is None
    assert rows.texts[4] == ("Held for sale", "—", "(0.6)")
    assert rows.places == (3, 4, 5, 7, 8, 9)
    assert rows.totals == (2, 5)
    assert rows.labels == (0,)


@pytest.mark.parametrize(
    ("cells", "values", "unit", "scale"),
    [
        ("1,234 | 56 | 7,000,000", [1234, 56, 7_000_000], "", 1),
        ("1.234 | 56,5 | 7.000.000", [1234, 56.5, 7_000_000], "", 1),
        ("1 234 | 56 | 7 000 000,5", [1234, 56, 7_000_000.5], "", 1),
        ("1'234 | 56.5 | 7'000", [1234, 56.5, 7000], "", 1),
        ("1.234 | 2.345 | 0.999", [1.234, 2.345, 0.999], "", 1),
        ("1.234 € | 5.678 € | 910 €", [1234, 5678, 910], "€", 1),
        ("(12) | 3- | −4", [-12, -3, -4], "", 1),
        ("$(1,234) | $ 5 | -$6", [-1234, 5, -6], "$", 1),
        ("38 % | (5)% | 1.5%", [38, -5, 1.5], "%", 0.01),
        ("US$ 3 million | US$ 400,000 | n/a", [3e6, 4e5, None], "$", 1),
        ("3 Mio. € | 4,5 Mio. € | 1 Mrd. €", [3e6, 4.5e6, 1e9], "€", 1),
        ("5 млн руб. | 1,5 млн руб. | нет", [5e6, 1.5e6, None], "₽", 1),
        ("5万元 | 3亿元 | 无", [5e4, 3e8, None], "RMB", 1),
        ("١٬٢٣٤ | ٥٦٫٧ | ٨", [1234, 56.7, 8], "", 1),
        ("１２３ | ４ | －５", [123, 4, -5], "", 1),
        ("1,234* | 56 [3] | 7†", [1234, 56, 7], "", 1),
        ("1st | 2nd | 13th (tie)", [1, 2, 13], "", 1),
        ("#4 | #10 | #7", [4, 10, 7], "", 1),
        ("one | two | 12", [1, 2, 12], "", 1),
        ("14,505 ft 4421 m | 9,832 ft 2997 m", [14505, 9832], "ft", 1),
        ("100.0 % | 40.0 | 33.1", [100, 40, 33.1], "%", 0.01),
        ("$— | 67 | (67)", [None, 67, -67], "", 1),
        ("½ | 1 1/2 | 3/4", [0.5, 1.5, 0.75], "", 1),
        ("4 episodes | 1 episode | 20 episodes", [4, 1, 20], "episodes", 1),
        ("5 kg | 7.5 kg | .5 kg", [5, 7.5, 0.5], "kg", 1),
        ("47 mm | 9.5 mm | 1 mm", [47, 9.5, 1], "mm", 1),
        ("$47 mm | $9.5 mm | $1 mm", [47e6, 9.5e6, 1e6], "$", 1),
        ("12 | - | 13 | n/a | . | – | 14", [12, None, 13, None, None, None, 14], "", 1),
        ("1 | 2 | 3 | 4 | Ret | DNF", [1, 2, 3, 4, None, None], "", 1),
        ("1999 | 2004 | 2010", [1999, 2004, 2010], "", 1),
    ],
)
def test_numbers(cells: str, values: list[object], unit: str, scale: float) -> None:
    body = "\n".join(f"row {place} | {cell.strip()}" for place, cell in enumerate(cells.split("|")))
    rows = data(f"What | Value\n{body}", headers=1)
    assert (rows.columns[1].type, rows.columns[1].unit, rows.columns[1].scale) == ("number", unit, scale)
    assert column(rows, "value") == values


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        ("2019-03-01 | 2020-12-31", ["2019-03-01", "2020-12-31"]),
        ("1 March 2019 | 2nd of May 2020", ["2019-03-01", "2020-05-02"]),
        ("May 24, 1936 | Sept. 3, 1940 | 1941", ["1936-05-24", "1940-09-03", "1941"]),
        ("03/01/2019 | 04/25/2019", ["2019-03-01", "2019-04-25"]),
        ("03/01/2019 | 25/04/2019", ["2019-01-03", "2019-04-25"]),
        ("03.01.2019 | 04.02.19", ["2019-01-03", "2019-02-04"]),
        ("1. März 2019 | 24. Dezember 2020", ["2019-03-01", "2020-12-24"]),
        ("1 марта 2019 г. | 9 мая 1945", ["2019-03-01", "1945-05-09"]),
        ("2019年3月1日 | 2019年12月", ["2019-03-01", "2019-12"]),
        ("١ مارس ٢٠١٩ | ٢ أبريل ٢٠٢٠", ["2019-03-01", "2020-04-02"]),
        ("Q1 2019 | Q4 2018", ["2019-Q1", "2018-Q4"]),
        ("9–4–2010 | 11–27–2010", ["2010-09-04", "2010-11-27"]),
        ("1871 | 1872 | January 1, 2014", ["1871", "1872", "2014-01-01"]),
        ("FY2019 | FY 2020", ["2019", "2020"]),
        ("August 1 | Sunday, August 13", ["--08-01", "--08-13"]),
        ("August 7, 1986 (age 27) | June 3, 1979 (age 35)", ["1986-08-07", "1979-06-03"]),
    ],
)
def test_dates(cells: str, values: list[str]) -> None:
    body = "\n".join(f"row {place} | {cell.strip()}" for place, cell in enumerate(cells.split("|")))
    rows = data(f"What | When\n{body}", headers=1)
    assert types(rows)[1] == "date"
    assert column(rows, "when") == values


@pytest.mark.parametrize(
    "cells",
    [
        "2019/20 | 2020/21", "1859–1864 | 1869–1880", "5–10 | 10–20", "6–2, 6–2 | 7–5, 6–3",
        "007 | 012",
        "12 A | 7 Main Street",
        "1.2.3 | 1.10.0", "alpha | 3", "+4 Laps | Electrical", "1:24:29.588 | +2.739 s",
    ],
)  # fmt: skip
def test_words_stay_words(cells: str) -> None:
    body = "\n".join(f"row {place} | {cell.strip()}" for place, cell in enumerate(cells.split("|")))
    rows = data(f"What | Value\n{body}", headers=1)
    assert types(rows)[1] == "text"
    assert column(rows, "value") == [cell.strip() for cell in cells.split("|")]


def test_yes_and_no() -> None:
    assert column(data("Name | Done\na | yes\nb | no\nc | -", headers=1), "done") == [True, False, None]
    assert column(data("Name | Done\na | 是\nb | 否", headers=1), "done") == [True, False]
    assert column(data("Name | Done\na | ✓\nb | \nc | ✓", headers=1), "done") == [True, None, True]


@pytest.mark.parametrize(
    ("header", "caption", "unit", "scale"),
    [
        ("Weight (kg)", None, "kg", 1), ("Weight, kg", None, "kg", 1), ("Price in €", None, "€", 1),
        ("Share (%)", None, "%", 0.01), ("Sales ($m)", None, "million $", 1e6),
        ("Sales ($ million)", None, "million $", 1e6), ("Sales ($ mm)", None, "million $", 1e6),
        ("Rain (mm)", None, "mm", 1), ("Rain mm", None, "", 1), ("Sales", "Sales (USD mm)", "million $", 1e6),
        ("Sales", "Sales by region (in thousands)", "thousand", 1e3),
        ("Sales", "Sales in millions of U.S. dollars", "million $", 1e6),
        ("Sales", "(€ in millions, except per share data)", "million €", 1e6),
        ("Umsatz", "Umsatz (in Tsd. EUR)", "thousand €", 1e3),
        ("Выручка", "Выручка (млн руб.)", "million ₽", 1e6),
        ("收入", "收入（万元）", "ten thousand RMB", 1e4),
        ("Year", "(in thousands)", "thousand", 1e3), ("Number of shops", "(in $ thousands)", "", 1),
    ],
)  # fmt: skip
def test_units_of_headers_and_captions(header: str, caption: str | None, unit: str, scale: float) -> None:
    rows = data(f"Region | {header}\nNorth | 1,5\nSouth | 2,5\nWest | 12", caption, headers=1)
    assert (rows.columns[1].unit, rows.columns[1].scale) == (unit, scale)


def test_years_have_no_unit() -> None:
    rows = data("Year | Sales\n2018 | 1,200\n2019 | 1,500", "(in thousands)", headers=1)
    assert [one.unit for one in rows.columns] == ["", "thousand"]


def test_several_header_rows_and_what_they_span() -> None:
    rows = data(
        " | | Years Ended | | | Change | |\n"
        "(Dollars in thousands) | 2019 | 2018 | 2017 | 2019 over 2018 | | 2018 over 2017 |\n"
        "Modules | $ 1,460,116 | $ 502,001 | $ 806,398 | $ 958,115 | 191% | $(304,397) | (38)%\n"
        "Systems | 1,603,001 | 1,742,043 | 2,134,926 | (139,042) | (8)% | (392,883) | (18)%"
    )
    assert names(rows)[1:5] == [
        "Years Ended > 2019", "Years Ended > 2018", "Years Ended > 2017", "Change > 2019 over 2018",
    ]  # fmt: skip
    assert names(rows)[5] == "Change > 2019 over 2018"
    assert [one.unit for one in rows.columns[1:]] == ["thousand $"] * 4 + ["%", "thousand $", "%"]


def test_real_spans() -> None:
    cells = (
        Cell(0, 0, "Region", row_span=2, header=True), Cell(0, 1, "2019", column_span=2, header=True),
        Cell(1, 1, "Revenue", header=True), Cell(1, 2, "Profit", header=True),
        Cell(2, 0, "Europe", row_span=2, header=True), Cell(2, 1, "5"), Cell(2, 2, "1"),
        Cell(3, 1, "6"), Cell(3, 2, "2"),
    )  # fmt: skip
    rows = typed(Table(4, 3, cells), None)
    assert rows is not None
    assert names(rows) == ["Region", "2019 > Revenue", "2019 > Profit"]
    assert rows.values == (("Europe", 5.0, 1.0), ("Europe", 6.0, 2.0))
    assert rows.labels == (0,)


def test_a_header_of_sparse_rows_and_of_units() -> None:
    rows = data(
        " | | As of December 31, 2019 | \n | Amortized | Unrealized | Fair\n | Cost | Gains | Value\n"
        " | £000 | £000 | £000\nBonds | 129,499 | — | 126,066\nBills | 99,700 | — | 97,719"
    )
    assert names(rows)[1] == "As of December 31, 2019 > Amortized > Cost"
    assert rows.columns[3].unit == "thousand £"
    assert column(rows, rows.columns[3].key) == [126_066, 97_719]


def test_a_header_said_again_with_other_dates() -> None:
    rows = data(
        "(In millions) | Dec 29, 2018 | Bought | Moved | Other\nA | 5 | 1 | — | 2\n"
        "(In millions) | Dec 30, 2017 | Bought | Moved | Other\nB | 6 | 2 | 480 | 1"
    )
    assert [row[0] for row in rows.values] == ["A", "B"]
    assert types(rows)[1:] == ["number"] * 4


def test_no_header() -> None:
    rows = data("Alpha | 5 | 2019-01-01\nBeta | 6 | 2019-01-02\nGamma | 7 | 2019-01-03")
    assert names(rows) == ["", "", ""]
    assert [one.key for one in rows.columns] == ["c1", "c2", "c3"]
    assert len(rows.values) == 3
    assert rows.places == (0, 1, 2)


def test_repeated_headers_empty_rows_notes_and_a_title() -> None:
    rows = data(
        "Medals | | \nName | Gold | Silver\nA | 1 | 2\n | | \nName | Gold | Silver\nB | 3 | 4\n"
        "* Preliminary | | ",
        headers=1,
    )
    assert rows.caption == "Medals"
    assert rows.values == (("A", 1.0, 2.0), ("B", 3.0, 4.0))
    assert rows.notes == ("* Preliminary",)
    assert rows.places == (2, 5)


@pytest.mark.parametrize("word", ["Total", "Sum", "Insgesamt", "Итого", "合计", "المجموع", "Grand total"])
def test_totals(word: str) -> None:
    rows = data(f"What | Count\na | 5\nb | 6\nc | 7\n{word} | 11", headers=1)
    assert rows.totals == (3,)


def test_net_is_a_total_only_where_it_adds_up() -> None:
    assert data("What | Value\na | 5\nb | 6\nNet sales | 11\nc | 1", headers=1).totals == (2,)
    assert data("What | Value\na | 5\nNet sales | 12\nc | 1", headers=1).totals == ()


def test_nothing_to_compute_with() -> None:
    assert typed(Table(0, 0, ()), None) is None
    assert typed(Table(1, 2, (Cell(0, 0, "a", header=True), Cell(0, 1, "b", header=True))), None) is None
    assert typed(Table(2, 2, ()), None) is None


def test_ragged_and_single_columns() -> None:
    assert data("Name\nalpha\nbeta", headers=1).values == (("alpha",), ("beta",))
    assert data("Name | Size | \na | 1\nb\nc | 3", headers=1).values == (("a", 1.0), ("b", None), ("c", 3.0))


@pytest.mark.measured
def test_long_and_hostile_cells_take_no_time() -> None:
    cells = (
        "*" * 5000 + "x",
        "1" * 5000,
        "(" * 3000,
        "1 " * 3000,
        "[a]" * 2000,
        "in " * 3000,
        "," * 5000,
        "9,999" * 900,
    )
    started = time.process_time()
    for cell in cells:
        rows = [[cell, cell[:190]], [cell[:75], cell[:190][::-1]], ["a", "5"]]
        flat = tuple(Cell(r, c, text) for r, row in enumerate(rows) for c, text in enumerate(row))
        assert typed(Table(3, 2, flat), cell, cell) is not None
    assert time.process_time() - started < 5


@pytest.mark.measured
def test_sizes() -> None:
    long = Table(
        100_001,
        3,
        tuple(Cell(row, column, f"{row * 7 + column:,}") for row in range(100_001) for column in range(3)),
    )
    started = time.process_time()
    rows = typed(long, None)
    assert rows is not None
    assert len(rows.values) >= 100_000
    wide = Table(
        100, 500, tuple(Cell(row, column, str(row + column)) for row in range(100) for column in range(500))
    )
    assert typed(wide, None) is not None
    assert time.process_time() - started < 30
