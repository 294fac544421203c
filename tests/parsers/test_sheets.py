"""Workbooks, made with openpyxl where it can, else by writing or changing the XML."""

from __future__ import annotations

import io
import os
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Font
from openpyxl.worksheet.table import Table as TableObject
from PIL import Image

from glede.errors import LimitError, MalformedError, UnsupportedError
from glede.media import detect
from glede.parsers import sheets, sheets_cells
from glede.parsers.sheets import WORKBOOK, SheetsParser
from glede.parsers.sheets_cells import Area, area_of, place_of
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Link, Parsed
from tests.parsers.damage import check_flipped_bits

SHARED = os.environ.get("GLEDE_SHARED", "")
BOLD = Font(bold=True)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
Build = Callable[[openpyxl.Workbook], None]


def workbook(build: Build) -> bytes:
    made = openpyxl.Workbook()
    build(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def filled(rows: list[list[object]], name: str = "Birds") -> bytes:
    def build(made: openpyxl.Workbook) -> None:
        made.active.title = name
        for row in rows:
            made.active.append(row)

    return workbook(build)


def raw(sheet: str, **parts: str) -> bytes:
    """A workbook of one sheet, given as the XML inside it."""
    stream = io.BytesIO()
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {
            "_rels/.rels": f'{relations}<Relationship Id="r1" Type="{kinds}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{kinds}"><sheets>'
            '<sheet name="Birds" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{relations}<Relationship Id="r1" Type="{kinds}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{kinds}/sharedStrings" '
            'Target="sharedStrings.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
            **parts,
        }.items():
            archive.writestr(name, text)
    return stream.getvalue()


def read(data: bytes, options: ParseOptions = ParseOptions()) -> Parsed:  # noqa: B008 - frozen
    return SheetsParser().parse(data, WORKBOOK, options)


def outline(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.type, block.text) for block in parsed.blocks]


def full() -> bytes:
    """With all that a sheet may have."""

    def build(made: openpyxl.Workbook) -> None:
        sheet = made.active
        sheet.title = "Birds"
        for row in (["bird", "counted", None], [None, 2023, 2024], ["kite", 3, 0.5], ["eagle", 4, 0.25]):
            sheet.append(row)
        sheet.merge_cells("B1:C1")
        sheet.merge_cells("A1:A2")
        sheet["C3"].number_format = sheet["C4"].number_format = "0.0%"
        sheet["A3"].hyperlink = "https://example.org/kite"
        sheet["B3"].comment = Comment("Two of them young.", "Zoë")
        stream = io.BytesIO()
        Image.new("RGB", (40, 20), "red").save(stream, "PNG")
        sheet.add_image(SheetImage(stream), "A20")
        chart = BarChart()
        chart.title = "Pairs"
        chart.add_data(Reference(sheet, min_col=2, min_row=2, max_row=4), titles_from_data=True)
        sheet.add_chart(chart, "E2")
        sheet.oddFooter.center.text = "Seen by Zoë"
        made.create_sheet("Empty")
        hidden = made.create_sheet("Notes")
        hidden["A1"] = "secret"
        hidden.sheet_state = "hidden"

    return workbook(build)


class TestSheetsContract(ParserContract):
    parser = SheetsParser()
    samples = ((full(), WORKBOOK), (filled([["bird", "years"], ["kite", 10]]), WORKBOOK))


def test_all_that_a_sheet_may_have() -> None:
    assert detect(full(), "birds.xlsx") == WORKBOOK
    parsed = read(full())
    assert outline(parsed) == [
        ("heading", "Birds"),
        ("table", "| bird | counted 2023 | counted 2024 |\n| --- | --- | --- |\n"
         "| kite | 3 | 50.0% |\n| eagle | 4 | 25.0% |"),
        ("image", "Pairs"),
        ("image", "Picture"),
        ("text", "Comment on B3: Two of them young."),
        ("footer", "Seen by Zoë"),
    ]  # fmt: skip
    table = parsed.blocks[1]
    assert table.links == (Link("kite", "https://example.org/kite"),)
    assert table.page == 1
    assert table.table is not None
    assert [(cell.row_span, cell.column_span, cell.header) for cell in table.table.cells[:2]] == [
        (2, 1, True),
        (1, 2, True),
    ]
    assert parsed.blocks[3].picture is not None
    assert parsed.warnings == ("Hidden sheets were left out: Notes.",)


def test_islands() -> None:
    def build(made: openpyxl.Workbook) -> None:
        sheet = made.active
        for reference, value in {
            "A1": "A note by itself",
            "A3": "Table 1: birds",
            "A4": "bird", "B4": "years", "A5": "kite", "B5": 10, "A6": "eagle", "B6": 20,
            "D4": "where", "E4": "how many", "D5": "north", "E5": 3,
            "A8": "gull", "B8": 30,
            "A12": "name", "B12": "wings", "A13": "bat", "B13": 2,
        }.items():  # fmt: skip
            sheet[reference] = value

    parsed = read(workbook(build))
    assert [(block.type, block.caption) for block in parsed.blocks[1:]] == [
        ("text", None),
        ("table", "Table 1: birds"),
        ("table", None),
        ("table", None),
        ("table", None),
    ]
    tables = [block.table for block in parsed.blocks if block.table]
    assert [(table.rows, table.columns) for table in tables] == [(3, 2), (2, 2), (1, 2), (2, 2)]


def test_one_empty_row_does_not_end_a_table() -> None:
    rows: list[list[object]] = [["bird", "years"], ["kite", 10], ["eagle", 20], [], ["gull", 30]]
    parsed = read(filled(rows))
    assert len(parsed.blocks) == 2
    assert parsed.blocks[1].text.endswith("| eagle | 20 |\n| gull | 30 |")
    assert len(read(filled([*rows[:4], ["name", "wings"], ["bat", 2]])).blocks) == 3


def test_a_column_of_texts_is_no_table() -> None:
    rows: list[list[object]] = [["They soar."], ["They eat mice."]]
    assert outline(read(filled(rows)))[1:] == [("text", "They soar.\nThey eat mice.")]
    assert read(filled([[3], [4]])).blocks[1].type == "table"


def test_headers_are_told_by_what_the_author_did() -> None:
    def header_rows(change: Callable[[openpyxl.Workbook], None], rows: list[list[object]]) -> int:
        def build(made: openpyxl.Workbook) -> None:
            for row in rows:
                made.active.append(row)
            change(made)

        table = read(workbook(build)).blocks[1].table
        assert table is not None
        return sum(any(cell.header for cell in table.cells if cell.row == row) for row in range(table.rows))

    words: list[list[object]] = [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]

    def bold(made: openpyxl.Workbook) -> None:
        for cell in (*made.active[1], *made.active[2]):
            cell.font = BOLD

    def frozen(made: openpyxl.Workbook) -> None:
        made.active.freeze_panes = "A4"

    def table(made: openpyxl.Workbook) -> None:
        made.active.add_table(TableObject(displayName="Birds", ref="A1:B4"))

    assert header_rows(lambda _: None, words) == 1
    assert header_rows(bold, words) == 2
    assert header_rows(frozen, words) == 3
    assert header_rows(table, words) == 1
    assert header_rows(lambda _: None, [["bird", 2023, 2024], ["kite", 1, 2]]) == 1
    assert header_rows(lambda _: None, [["kite", 1], ["eagle", 2]]) == 0


def test_formulas_are_what_they_gave() -> None:
    cells = (
        '<c r="A1" t="str"><f>A2&amp;"x"</f><v>ax</v></c><c r="B1"><f>1+2</f><v>3</v></c>'
        '<c r="C1"><f>SUM(A1:B1)</f></c><c r="D1" t="e"><f>1/0</f><v>#DIV/0!</v></c>'
        '<c r="E1" t="b"><v>1</v></c><c r="F1" t="inlineStr"><is><t>here</t></is></c>'
        '<c r="G1" t="s"><v>0</v></c><c r="H1" t="s"><v>9</v></c><c r="I1" t="str"><f>""</f><v></v></c>'
        '<c r="J1"><f>HYPERLINK("https://example.org","site")</f><v>site</v></c>'
    )
    shared = (
        f'<sst xmlns="{MAIN}"><si><r><t>rich </t></r><r><rPr/><t>text</t></r>'
        '<rPh sb="0" eb="1"><t>x</t></rPh></si></sst>'
    )
    parsed = read(raw(f'<sheetData><row r="1">{cells}</row></sheetData>', **{"xl/sharedStrings.xml": shared}))
    table = parsed.blocks[1].table
    assert table is not None
    assert [cell.text for cell in table.cells] == [
        "ax",
        "3",
        "=SUM(A1:B1)",
        "#DIV/0!",
        "TRUE",
        "here",
        "rich text",
    ]
    assert [parsed.blocks[2].text, parsed.blocks[2].links] == ["site", (Link("site", "https://example.org"),)]


def test_dates_are_dates() -> None:
    parsed = read(filled([["when", "what"], [datetime(2024, 2, 29, 13, 5), "leap"]]))
    assert "| 2024-02-29 13:05:00 | leap |" in parsed.blocks[1].text


def test_a_chart_of_hidden_values_is_a_table() -> None:
    def build(made: openpyxl.Workbook) -> None:
        data = made.create_sheet("Data")
        for row in (["bird", "pairs"], ["kite", 3]):
            data.append(row)
        data.sheet_state = "hidden"
        chart = BarChart()
        chart.title = "Pairs"
        chart.add_data(Reference(data, min_col=2, min_row=1, max_row=2), titles_from_data=True)
        made.active.add_chart(chart, "E2")

    assert outline(read(workbook(build)))[1:] == [("image", "Pairs")]  # openpyxl keeps no values in the chart


def test_places() -> None:
    assert place_of("A1") == (0, 0)
    assert place_of("$XFD$1048576") == (1_048_575, 16_383)
    assert place_of("XFE1") is place_of("A0") is place_of("1") is None
    assert area_of("B2:C5") == Area(1, 1, 4, 2)
    assert area_of("C5:B2") is None


def test_only_the_sheets_that_are_wanted() -> None:
    def build(made: openpyxl.Workbook) -> None:
        made.active["A1"] = "one"
        made.create_sheet("Second")["A1"] = "two"

    assert outline(read(workbook(build), ParseOptions(pages=(2,)))) == [
        ("heading", "Second"),
        ("text", "two"),
    ]


@pytest.mark.measured
def test_cells_far_apart_are_two_texts() -> None:
    start = time.perf_counter()
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    parsed = read(raw(f"<sheetData>{cells}</sheetData>"))
    assert [block.text for block in parsed.blocks] == ["Birds", "1", "2"]
    merged = '<mergeCells><mergeCell ref="A1:XFD1048575"/></mergeCells>'
    with pytest.raises(LimitError):
        read(raw(f"<sheetData>{cells}</sheetData>{merged}"))
    assert time.perf_counter() - start < 2


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    laughs = f'<!DOCTYPE x [<!ENTITY a "aaaa">]><sst xmlns="{MAIN}"><si><t>&a;</t></si></sst>'
    with pytest.raises(MalformedError):
        read(raw("<sheetData/>", **{"xl/sharedStrings.xml": laughs}))
    diagonal = "".join(
        f'<row r="{n}"><c r="{c}{n}"><v>1</v></c><c r="{d}{n}"><v>1</v></c></row>' for n, c, d in _steps()
    )
    with pytest.raises(LimitError) as caught:
        read(raw(f"<sheetData>{diagonal}</sheetData>"))
    assert "most of them empty" in caught.value.message
    monkeypatch.setattr(sheets, "MOST_VALUES", 3)
    with pytest.raises(LimitError) as caught:
        read(filled([["a", "b"], ["c", "d"]]))
    assert "filled cells" in caught.value.message
    deep = "<a>" * 300 + "</a>" * 300
    with pytest.raises(MalformedError):
        read(raw(f"<sheetData>{deep}</sheetData>"))


def test_what_would_be_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LimitError) as caught:
        read(raw(f'<sheetData><row r="1">{"<c><v>1</v></c>" * 16_385}</row></sheetData>'))
    assert "16,384" in caught.value.message
    assert read(raw(f'<sheetData><row r="1">{"<c><v>1</v></c>" * 16_384}</row></sheetData>')).blocks
    merges = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, 200_002))
    with pytest.raises(LimitError) as caught:
        read(raw(f"<sheetData/><mergeCells>{merges}</mergeCells>"))
    assert "merged cells" in caught.value.message
    monkeypatch.setattr(sheets_cells, "MOST_SHOWN", 100)
    text = '<row r="1"><c r="A1" t="str"><v>kite</v></c></row>'
    assert read(raw(f"<sheetData>{text * 25}</sheetData>")).blocks
    with pytest.raises(LimitError) as caught:
        read(raw(f"<sheetData>{text * 26}</sheetData>"))
    assert "characters" in caught.value.message
    spread = (
        '<row r="9"><c r="C9"><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:C9"/></mergeCells>'
    )
    with pytest.raises(LimitError) as caught:
        read(raw(f"<sheetData>{text}{spread}"))
    assert "characters" in caught.value.message


@pytest.mark.measured
def test_a_row_is_refused_before_it_is_read_to_its_end() -> None:
    cells = "<c><v>1</v></c>" * 1_000_000
    start = time.process_time()
    with pytest.raises(LimitError):
        read(raw(f'<sheetData><row r="1">{cells}</row></sheetData>'))
    assert time.process_time() - start < 2


@pytest.mark.measured
def test_many_links_take_little_time() -> None:
    cells = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 20_001))
    links = "".join(f'<hyperlink ref="A{n}" r:id="r{n}"/>' for n in range(1, 20_001))
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{kinds}/hyperlink" Target="http://k.eu/{n}" TargetMode="External"/>'
        for n in range(1, 20_001)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    related = {
        "xl/worksheets/_rels/sheet1.xml.rels": f'<Relationships xmlns="{package}">{relations}</Relationships>'
    }
    start = time.process_time()
    parsed = read(
        raw(f'<sheetData>{cells}</sheetData><hyperlinks xmlns:r="{kinds}">{links}</hyperlinks>', **related)
    )
    assert len(parsed.blocks[-1].links) == 20_000
    assert time.process_time() - start < 4


def _steps() -> list[tuple[int, str, str]]:
    names = [openpyxl.utils.get_column_letter(column) for column in range(1, 3002)]
    return [(number + 1, names[number], names[number + 1]) for number in range(3000)]


def test_a_binary_workbook_is_refused() -> None:
    data = raw("<sheetData/>").replace(b"workbook.xml", b"workbook.bin")
    with pytest.raises((UnsupportedError, MalformedError)):
        read(data)


def test_flipped_bits_are_a_result_or_one_error() -> None:
    check_flipped_bits(read, full(), 61)


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_the_samples() -> None:
    parsed = read((Path(SHARED) / "corpus" / "xlsx_01.xlsx").read_bytes())
    assert [block.text for block in parsed.blocks if block.type == "heading"] == [
        "Sheet1",
        "Sheet2",
        "Sheet3",
    ]
    tables = [block.table for block in parsed.blocks if block.table]
    assert [(table.rows, table.columns) for table in tables] == [
        (7, 3),
        (9, 4),
        (5, 3),
        (5, 3),
        (7, 3),
        (7, 3),
    ]
    sparse = read((Path(SHARED) / "corpus" / "adversarial" / "sparse.xlsx").read_bytes())
    assert len(sparse.blocks) == 3
