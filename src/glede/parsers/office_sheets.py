"""Excel workbooks of before 2007, by xlrd: cells in their formats, sheets by their names."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.errors import LimitError
from glede.parsers.building import Draft
from glede.parsers.sheets_blocks import add_comment, cell_things, open_section
from glede.parsers.sheets_cells import MOST_VALUES, Area, Grid, Row
from glede.parsers.sheets_formats import NumberFormat, shown, shown_text
from glede.parsers.sheets_workbook import Style
from glede.parsing import ParseOptions

if TYPE_CHECKING:
    from xlrd.book import Book
    from xlrd.sheet import Sheet

_EMPTY, _TEXT, _NUMBER, _DATE, _BOOLEAN, _ERROR, _BLANK = range(7)
_PLAIN = Style(NumberFormat("General"), bold=False)


class UnreadWorkbookError(Exception):
    """xlrd cannot make sense of it, or it is encrypted, and xlrd opens no such workbooks."""


def read_old_workbook(data: bytes, options: ParseOptions) -> Draft:
    """The blocks of all sheets that are shown; raises `UnreadWorkbookError` and `LimitError`."""
    import xlrd

    try:
        with xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        ) as book:
            return _drafted(book, options)
    except (
        xlrd.XLRDError,
        xlrd.compdoc.CompDocError, struct.error, ValueError, LookupError, TypeError, AttributeError,
        AssertionError, ArithmeticError, NotImplementedError,
    ) as error:  # fmt: skip
        raise UnreadWorkbookError(str(error)) from error


def _drafted(book: Book, options: ParseOptions) -> Draft:
    draft = Draft()
    hidden = []
    left = MOST_VALUES
    patterns = {
        key: NumberFormat(form.format_str or "", book.datemode == 1) for key, form in book.format_map.items()
    }
    styles = [
        Style(patterns.get(xf.format_key, _PLAIN.pattern), bool(book.font_list[xf.font_index].bold))
        for xf in book.xf_list
    ]
    for number, sheet in enumerate(book.sheets(), 1):
        if options.pages and number not in options.pages:
            continue
        if sheet.visibility:
            hidden.append(sheet.name)
            continue
        grid = _grid(sheet, styles, left)
        left -= grid.count
        _add(draft, grid, sheet, number)
    if hidden:
        draft.warnings.append(f"Hidden sheets were left out: {', '.join(hidden)}.")
    return draft


def _add(draft: Draft, grid: Grid, sheet: Sheet, number: int) -> None:
    start = len(draft.blocks)
    open_section(draft, sheet.name, number)
    content = len(draft.blocks)
    for _, add in sorted(cell_things(draft, grid, ()), key=lambda thing: thing[0]):
        add()
    for (row, column), note in sorted(sheet.cell_note_map.items()):
        add_comment(draft, row, column, note.text.strip())
    if len(draft.blocks) == content:
        del draft.blocks[start:]
    draft.blocks[start:] = [replace(block, page=number) for block in draft.blocks[start:]]


def _grid(sheet: Sheet, styles: list[Style], most: int) -> Grid:
    grid = Grid()
    for number in range(sheet.nrows):
        row = Row()
        for column, text, is_number, bold in _values(sheet, number, styles):
            row.values[column] = text
            row.numbers |= is_number << column
            row.bold |= bold << column
        if row.values:
            grid.rows[number] = row
            grid.count += len(row.values)
            if grid.count > most:
                raise LimitError(f"the workbook has more than {MOST_VALUES:,} filled cells")
    grid.merged = [Area(top, left, bottom - 1, right - 1) for top, bottom, left, right in sheet.merged_cells]
    if sheet.panes_are_frozen:
        grid.frozen = min(sheet.horz_split_pos, 100)
    for link in sheet.hyperlink_list:
        if link.type == "url" and link.url_or_path:
            address = link.url_or_path
            grid.links[link.frowx, link.fcolx] = (
                address if isinstance(address, str) else address.decode("latin-1")
            )
    return grid


def _values(sheet: Sheet, number: int, styles: list[Style]) -> Iterator[tuple[int, str, bool, bool]]:
    """The filled cells of a row: column, text, whether it is a number, whether it is bold."""
    from xlrd.biffh import error_text_from_code

    for column in range(sheet.row_len(number)):
        kind = sheet.cell_type(number, column)
        if kind in (_EMPTY, _BLANK):
            continue
        value = sheet.cell_value(number, column)
        place = sheet.cell_xf_index(number, column)
        style = styles[place] if place < len(styles) else _PLAIN
        if kind == _TEXT:
            text = shown_text(str(value).strip(), style.pattern)
        elif kind in (_NUMBER, _DATE):
            text = shown(repr(float(value)), style.pattern)
        elif kind == _BOOLEAN:
            text = "TRUE" if value else "FALSE"
        else:
            text = error_text_from_code.get(value, "#ERROR") if kind == _ERROR else ""
        if text:
            yield column, text, kind in (_NUMBER, _DATE), style.bold
