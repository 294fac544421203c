"""What stands in one paragraph of Word: text, formulas, links, notes, and what hangs on it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lxml import etree

from glede.parsers.omml import latex_of
from glede.parsers.word_fields import EndedField, Fields, web_address
from glede.parsers.word_styles import Styles
from glede.parsers.word_symbols import shown_text, symbol_text
from glede.parsers.word_xml import (
    ALTERNATE,
    REMOVED,
    M,
    R,
    W,
    child,
    is_placeholder,
    shown_choice,
    switch,
    value,
)
from glede.types import Link

_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")
_CHARACTERS = {
    f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "\u2011", f"{W}softHyphen": "",
}  # fmt: skip
_NOTES = {
    f"{W}footnoteReference": "footnotes",
    f"{W}endnoteReference": "endnotes",
    f"{W}commentReference": "comments",
}
_FIGURES = frozenset({f"{W}drawing", f"{W}pict", f"{W}object"})
_IGNORED = REMOVED | {f"{W}pPr", f"{W}rPr", f"{W}sdtPr", f"{W}rt"}


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of a paragraph; `display` where it stands on a line of its own."""

    latex: str
    display: bool

    @property
    def text(self) -> str:
        """The LaTeX between dollars."""
        return f"$${self.latex}$$" if self.display else f"${self.latex}$"


@dataclass(frozen=True, slots=True)
class NoteMark:
    """Where a paragraph refers to a footnote, an endnote or a comment; `mark` is what is printed there."""

    kind: str
    id: str
    mark: str


Piece = str | Formula | NoteMark


@dataclass(frozen=True, slots=True)
class Words:
    """All that a paragraph says; `figures` are drawings and text boxes, not yet read."""

    pieces: tuple[Piece, ...] = ()
    links: tuple[Link, ...] = ()
    figures: tuple[etree._Element, ...] = ()
    fields: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The text with its formulas and marks, white space as it is shown."""
        return tidy(text_of(self.pieces))

    @property
    def plain(self) -> str:
        """The text without the marks of notes."""
        return tidy(text_of(piece for piece in self.pieces if not isinstance(piece, NoteMark)))

    @property
    def code(self) -> str:
        """The text with all its blanks."""
        return text_of(self.pieces)

    @property
    def notes(self) -> tuple[NoteMark, ...]:
        """The notes that are referred to."""
        return tuple(piece for piece in self.pieces if isinstance(piece, NoteMark))

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """The formulas in order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Formula))

    @property
    def beside_formulas(self) -> str:
        """What text there is but formulas."""
        return tidy(" ".join(piece for piece in self.pieces if isinstance(piece, str)))


def text_of(pieces: Iterable[Piece]) -> str:
    """Pieces in a row, formulas between dollars."""
    return "".join(
        piece if isinstance(piece, str) else piece.text if isinstance(piece, Formula) else piece.mark
        for piece in pieces
    )


def tidy(text: str) -> str:
    """One space for a run of blanks, none beside a line break, no empty line."""
    return _BREAKS.sub("\n", _BLANKS.sub(" ", text)).strip()


class InlineReader:
    """Reads the paragraphs of one story (the body, a header, a note) one after the other."""

    def __init__(
        self, styles: Styles, address: Callable[[str], str], mark: Callable[[str, str], str]
    ) -> None:
        self._styles = styles
        self._address = address
        self._mark = mark
        self._fields = Fields()
        self.torn_fields = False
        """Whether there are fields that never end: then none reaches beyond its paragraph."""
        self._hidden_style: bool | None = None
        self._pieces: list[Piece] = []
        self._links: list[Link] = []
        self._figures: list[etree._Element] = []
        self._names: set[str] = set()

    def read(self, paragraphs: Iterable[etree._Element]) -> Words:
        """A paragraph; several where the mark between them was removed by a tracked change."""
        self._pieces, self._links, self._figures, self._names = [], [], [], set()
        for paragraph in paragraphs:
            style = value(paragraph, "pPr/pStyle") or self._styles.default
            self._hidden_style = self._styles.hidden(style)
            self._names |= self._fields.names()
            self._walk(paragraph)
        for field in self._fields.next_paragraph():
            self._link(field.address, field.start)
        if self.torn_fields:
            self._fields.drop()
        return Words(
            tuple(self._pieces), tuple(self._links), tuple(self._figures), frozenset(self._names - {""})
        )

    def _walk(self, element: etree._Element) -> None:
        for one in element:
            tag = one.tag
            if tag in _IGNORED or not isinstance(tag, str):
                continue
            if tag == f"{W}r":
                self._run(one)
            elif tag == f"{W}hyperlink":
                start = len(self._pieces)
                self._walk(one)
                self._link(self._target(one), start)
            elif tag == f"{W}fldSimple":
                self._simple_field(one)
            elif tag in (f"{M}oMath", f"{M}oMathPara"):
                self._math(one)
            elif tag == ALTERNATE:
                choice = shown_choice(one)
                if choice is not None:
                    self._walk(choice)
            elif tag != f"{W}sdt" or not is_placeholder(one):
                self._walk(one)

    def _target(self, hyperlink: etree._Element) -> str:
        address = web_address(self._address(str(hyperlink.get(f"{R}id") or "")))
        anchor = hyperlink.get(f"{W}anchor")
        return f"{address}#{anchor}" if address and anchor and "#" not in address else address

    def _simple_field(self, element: etree._Element) -> None:
        self._fields.begin(str(element.get(f"{W}instr") or "") or " ", len(self._pieces))
        self._names |= self._fields.names()
        self._walk(element)
        self._close(self._fields.end())

    def _math(self, element: etree._Element) -> None:
        if not self._fields.shows:
            return
        display = element.tag == f"{M}oMathPara"
        for formula in element.iterchildren(f"{M}oMath") if display else [element]:
            if latex := latex_of(formula):
                self._pieces.append(Formula(latex, display))

    def _run(self, run: etree._Element) -> None:
        shown = not self._is_hidden(run)
        font = value(run, "rPr/rFonts", "ascii") or ""
        for one in run:
            if one.tag == f"{W}fldChar":
                self._field_mark(str(one.get(f"{W}fldCharType")))
            elif one.tag == f"{W}instrText":
                self._fields.instruct(one.text or "")
            elif shown and self._fields.shows:
                self._content(one, font, run)

    def _is_hidden(self, run: etree._Element) -> bool:
        own = switch(run, "rPr/vanish")
        if own is None and (style := value(run, "rPr/rStyle")) is not None:
            own = self._styles.hidden(style)
        return bool(self._hidden_style if own is None else own)

    def _content(self, element: etree._Element, font: str, run: etree._Element) -> None:
        tag = element.tag
        if tag == f"{W}t":
            self._pieces.append(shown_text(element.text or "", font))
        elif tag in _CHARACTERS:
            self._pieces.append(_CHARACTERS[str(tag)])
        elif tag == f"{W}br":
            self._pieces.append("\n" if element.get(f"{W}type") in (None, "textWrapping") else " ")
        elif tag == f"{W}sym":
            self._pieces.append(_symbol(element))
        elif tag in _NOTES:
            self._note(_NOTES[str(tag)], element)
        elif tag == f"{W}ruby":
            self._ruby(element)
        elif tag in _FIGURES:
            self._figures.append(element)
        elif tag == ALTERNATE and (choice := shown_choice(element)) is not None:
            for one in choice:
                self._content(one, font, run)

    def _ruby(self, element: etree._Element) -> None:
        """The base, and how it is spoken in brackets behind it."""
        base = child(element, "rubyBase")
        spoken = "".join(text.text or "" for text in element.iterfind(f"{W}rt/{W}r/{W}t"))
        if base is not None:
            self._walk(base)
        if spoken:
            self._pieces.append(f"({spoken})")

    def _note(self, kind: str, element: etree._Element) -> None:
        key = str(element.get(f"{W}id") or "")
        own_mark = element.get(f"{W}customMarkFollows") in ("1", "true", "on")
        self._pieces.append(NoteMark(kind, key, "" if own_mark else self._mark(kind, key)))

    def _field_mark(self, kind: str) -> None:
        if kind == "begin":
            self._fields.begin()
        elif kind == "separate":
            self._names.add(self._fields.separate(len(self._pieces)))
        elif kind == "end":
            self._close(self._fields.end())

    def _close(self, field: EndedField | None) -> None:
        if field is not None:
            self._names.add(field.name)
            self._link(field.address, field.start)

    def _link(self, address: str, start: int) -> None:
        if address and (text := tidy(text_of(self._pieces[start:]))):
            self._links.append(Link(text, address))


def _symbol(element: etree._Element) -> str:
    try:
        code = int(str(element.get(f"{W}char")), 16)
    except ValueError:
        return ""
    return symbol_text(code, str(element.get(f"{W}font") or ""))
