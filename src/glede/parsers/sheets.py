"""Excel workbooks: each sheet a section, the islands of cells on it tables as a person sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from glede.errors import DocumentError, LimitError, MalformedError
from glede.parsers.building import Draft, one_line
from glede.parsers.office_package import DAMAGE, Package
from glede.parsers.office_pictures import kept_picture
from glede.parsers.pacing import announce_pages
from glede.parsers.sheets_blocks import Thing, add_comment, cell_things, open_section
from glede.parsers.sheets_cells import MOST_VALUES, Area, Grid, area_of, read_grid
from glede.parsers.sheets_drawings import Drawing, comments_of, drawings_of
from glede.parsers.sheets_workbook import Sheet, Workbook, read_workbook
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Block, BlockType, Parsed

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PAGE, _LARGE_PAGE = 2**17, 2**20
"""Bytes of XML that pass for a page, in a usual workbook and in a large one, which takes more memory."""
_LARGE = 16 * 2**20
_MARGIN_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-F]{6}|\d+|[A-Z])', re.IGNORECASE)


class SheetsParser:
    """Reads what the cells show: numbers in their formats, formulas by their last results.

    A page is a sheet. Hidden sheets are left out, and sheets that are damaged; a warning tells which.
    """

    name = "sheets"
    version = "1"
    media_types = frozenset({WORKBOOK})
    cost = 0.02
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "tables", "spans", "pictures", "links", "furniture"}
    )
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `LimitError` beyond two million filled cells."""
        package = Package(data)
        try:
            return _Reader(package, options).read(media_type, self.name)
        except DAMAGE as error:
            raise MalformedError("the workbook is damaged: its sheets cannot be found") from error


class _Reader:
    """One workbook, read sheet by sheet into one draft."""

    def __init__(self, package: Package, options: ParseOptions) -> None:
        self._package = package
        self._options = options
        self._draft = Draft(options.max_picture)
        self._left = MOST_VALUES

    def read(self, media_type: str, parser: str) -> Parsed:
        workbook = read_workbook(self._package)
        wanted = self._options.pages
        sheets = [sheet for sheet in workbook.sheets if not wanted or sheet.number in wanted]
        if len(workbook.sheets) > self._options.max_pages:
            raise LimitError(
                f"the workbook has {len(workbook.sheets)} sheets; the limit is {self._options.max_pages}",
                hint="Raise it with GLEDE_MAX_PAGES.",
            )
        self._announce(sheets)
        visible = frozenset(sheet.name for sheet in workbook.sheets if not sheet.hidden)
        failed = [sheet for sheet in sheets if not sheet.hidden and not self._sheet(sheet, workbook, visible)]
        if failed and len(failed) == len(visible):
            raise MalformedError(f"the workbook is damaged: {self._draft.warnings[-1]}")
        if hidden := [sheet.name for sheet in sheets if sheet.hidden]:
            self._draft.warnings.append(f"Hidden sheets were left out: {', '.join(hidden)}.")
        if self._package.has("xl/vbaProject.bin"):
            self._draft.warnings.append("The macros of the workbook were not read.")
        return self._draft.parsed(media_type, parser)

    def _announce(self, sheets: Sequence[Sheet]) -> None:
        """A sheet may be of any size, so its XML is what is counted."""
        size = sum(self._package.size(sheet.part) for sheet in sheets if sheet.part)
        if size > _LARGE:
            announce_pages(size // _LARGE_PAGE, hard=True)
        else:
            announce_pages(len(sheets) + size // _PAGE)

    def _sheet(self, sheet: Sheet, workbook: Workbook, visible: frozenset[str]) -> bool:
        """Add the blocks of a sheet; whether it could be read."""
        before = len(self._draft.blocks)
        try:
            if sheet.part is None:
                raise MalformedError("its part is missing")
            self._read_sheet(sheet, sheet.part, workbook, visible)
        except LimitError:
            raise
        except (DocumentError, *DAMAGE) as error:
            del self._draft.blocks[before:]
            reason = error.message if isinstance(error, DocumentError) else "its content makes no sense"
            self._draft.warnings.append(f"The sheet {sheet.name} could not be read: {reason}.")
            return False
        return True

    def _read_sheet(self, sheet: Sheet, part: str, workbook: Workbook, visible: frozenset[str]) -> None:
        start = len(self._draft.blocks)
        open_section(self._draft, sheet.name, sheet.number)
        content = len(self._draft.blocks)
        grid = read_grid(self._package, part, workbook, self._left)
        self._left -= grid.count
        for _, add in sorted(self._things(grid, part, visible), key=lambda thing: thing[0]):
            add()
        for (row, column), text in comments_of(self._package, part):
            add_comment(self._draft, row, column, text)
        if len(self._draft.blocks) == content:
            del self._draft.blocks[start:]
            return
        self._margins(grid)
        blocks = self._draft.blocks
        blocks[start:] = [replace(block, page=sheet.number) for block in blocks[start:]]

    def _things(self, grid: Grid, part: str, visible: frozenset[str]) -> Iterator[Thing]:
        """All that there is on a sheet."""
        yield from cell_things(self._draft, grid, list(self._tables(part)))
        for key in grid.drawings:
            drawings = self._package.target(part, key)
            for drawing in drawings_of(self._package, drawings) if drawings else ():
                yield (drawing.row, drawing.column), partial(self._drawing, drawing, visible)

    def _tables(self, part: str) -> Iterator[tuple[Area, int]]:
        """What the author made a table, and how many header rows it has."""
        for relation in self._package.relations(part):
            if relation.kind == "table" and self._package.has(relation.target):
                root = self._package.tree(relation.target)
                area = area_of(root.get("ref") or "")
                headers = root.get("headerRowCount") or "1"
                if area is not None:
                    yield area, int(headers) if headers.isdigit() and len(headers) < 3 else 1

    def _drawing(self, drawing: Drawing, visible: frozenset[str]) -> None:
        start = len(self._draft.blocks)
        if drawing.chart is not None:
            self._chart(drawing, visible)
        elif drawing.text:
            self._draft.text(drawing.text)
        elif drawing.picture is not None:
            data = self._package.read(drawing.picture)
            picture = kept_picture(self._draft, data, drawing.alt, self._options.max_pixels)
            self._draft.image(drawing.alt, picture=picture)
        else:
            self._draft.image(drawing.alt)
        if drawing.links and len(self._draft.blocks) > start:
            self._draft.blocks[-1] = replace(self._draft.blocks[-1], links=drawing.links)

    def _chart(self, drawing: Drawing, visible: frozenset[str]) -> None:
        """Its title; the values only where they stand on no sheet that is read."""
        chart = drawing.chart
        if chart is None:
            return
        if chart.tables and not drawing.chart_sources <= visible:
            for table in chart.tables:
                self._draft.table(table, chart.title or drawing.alt)
        else:
            self._draft.image(drawing.alt, chart.title)

    def _margins(self, grid: Grid) -> None:
        """What is printed above and below each page of the sheet."""
        kinds: dict[str, BlockType] = {"oddHeader": "header", "oddFooter": "footer"}
        for name, codes in grid.margins:
            text = one_line(_MARGIN_CODE.sub(" ", codes.replace("&&", "\x00")).replace("\x00", "&"))
            if any(character.isalpha() for character in text):
                self._draft.blocks.append(Block(kinds[name], text, heading_path=self._draft.outline.path))
