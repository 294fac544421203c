"""What the sheets of a workbook share: their names, the texts they refer to by number, and the formats."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from glede.errors import LimitError, UnsupportedError
from glede.parsers.office_package import MOST_XML, RELATION_ID, Package, elements
from glede.parsers.sheets_formats import BUILT_IN, NumberFormat

_MOST_TEXTS = 2_000_000
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its place in the workbook, counted from 1; one without a `part` is damaged."""

    number: int
    name: str
    hidden: bool
    part: str | None


@dataclass(frozen=True, slots=True)
class Style:
    """How the cells of one style are shown."""

    pattern: NumberFormat
    bold: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets in order, the shared texts, and the styles by number."""

    sheets: tuple[Sheet, ...]
    texts: Sequence[str]
    styles: tuple[Style, ...]


def read_workbook(package: Package) -> Workbook:
    """Raises `UnsupportedError` for a workbook in binary parts."""
    main = package.main()
    if main.endswith(".bin"):
        raise UnsupportedError(
            "the workbook is a binary one (xlsb), which no parser reads",
            hint="Save it as xlsx, and add that.",
        )
    root = package.tree(main)
    properties = root.find("{*}workbookPr")
    is_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    texts = package.related(main, "sharedStrings")
    styles = package.related(main, "styles")
    return Workbook(
        sheets=tuple(
            Sheet(
                number,
                sheet.get("name") or f"Sheet {number}",
                sheet.get("state") in ("hidden", "veryHidden"),
                package.target(main, sheet.get(f"{RELATION_ID}id")),
            )
            for number, sheet in enumerate(root.iterfind("{*}sheets/{*}sheet"), 1)
        ),
        texts=list(_texts(package, texts)) if texts else (),
        styles=_styles(package.tree(styles), is_1904) if styles else (),
    )


def rich_text(element: etree._Element) -> str:
    """The text of a string item: its runs, without the pronunciation that East Asian texts carry."""
    parts = [
        node.text or ""
        for child in element
        for node in (child.iterchildren("{*}t") if child.tag.endswith("}r") else (child,))
        if node.tag.endswith("}t")
    ]
    text = "".join(parts)
    if "_x" in text:
        text = _ESCAPED.sub(lambda match: _character(int(match[1], 16)), text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _character(code: int) -> str:
    return chr(code) if code in (9, 10) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE else ""


def _texts(package: Package, part: str) -> Iterator[str]:
    total = 0
    for number, element in enumerate(elements(package, part, "si")):
        text = rich_text(element)
        total += len(text)
        if total > MOST_XML or number >= _MOST_TEXTS:
            raise LimitError(f"the workbook has more than {_MOST_TEXTS:,} texts, or too long ones")
        yield text


def _styles(root: etree._Element, is_1904: bool) -> tuple[Style, ...]:
    codes = dict(BUILT_IN)
    for element in root.iterfind("{*}numFmts/{*}numFmt"):
        codes[_whole(element.get("numFmtId"))] = element.get("formatCode") or "General"
    bold = [_is_bold(font) for font in root.iterfind("{*}fonts/{*}font")]
    patterns = {number: NumberFormat(code, is_1904) for number, code in codes.items()}
    plain = NumberFormat("General", is_1904)
    return tuple(
        Style(
            patterns.get(_whole(element.get("numFmtId")), plain),
            bold[font] if (font := _whole(element.get("fontId"))) < len(bold) else False,
        )
        for element in root.iterfind("{*}cellXfs/{*}xf")
    )


def _is_bold(font: etree._Element) -> bool:
    element = font.find("{*}b")
    return element is not None and element.get("val") not in ("0", "false")


def _whole(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else 0
