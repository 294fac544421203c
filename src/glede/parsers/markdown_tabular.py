"""Tables in LaTeX: `tabular` and its kin, as they stand in Markdown that a recogniser wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock

from glede.tables.markdown import one_line
from glede.types import Cell, Table

TOKEN = "latex_table"  # noqa: S105 - the name of a token of Markdown
MOST_COLUMNS = 500
"""A column number beyond it is a mistake; a table of so many cells would be made of empty ones."""
_KINDS = r"tabular\*?|tabularx|tabulary|longtable"
_FRAMES = rf"table\*?|{_KINDS}"
_START = re.compile(rf"\\begin\{{({_FRAMES})\}}")
_BEGIN = re.compile(rf"\\begin\{{({_KINDS})\}}(?:\s*\[[^\]\n]*\])?")
_EDGE = re.compile(r"(?<!\\)(?:\\\\)*\\(begin|end)\{([A-Za-z]+\*?)\}")
_MOST_STYLES = 4
"""Marks of style around one another that are taken off."""
_SIZED = ("tabular*", "tabularx", "tabulary")
"""Their width comes before their columns."""
_CAPTION = re.compile(r"\\caption\s*(?:\[[^\]]*\]\s*)?(?=\{)")
_RULES = re.compile(
    r"(?:\s*\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot"
    r"|c(?:line|midrule)\s*(?:\([^)]*\))?\s*\{[^}]*\})(?:\s*\[[^\]]*\])?)+"
)
_SPAN = re.compile(r"\s*\\multi(column|row)\s*")
_OPTION = re.compile(r"\s*(?:\[[^\]]*\]\s*)*")
_WRAPPED = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|sc|up|normal)?|math(?:rm|bf|it|sf|tt)|emph|underline|overline|makecell"
    r"|boldsymbol|mbox|footnotesize|small)\s*(?:\[[^\]]*\])?\s*\{([^{}]*)\}"
)
_ESCAPED = re.compile(r"\\([$%#&_{}])")
_MATH = re.compile(r"(?<!\\)\$((?:[^$\\]|\\.)+)(?<!\\)\$")
_FORMULA = re.compile(r"\\[A-Za-z]|[\^_=]")
_INNER = re.compile(r"\\(?:begin|end)\{[A-Za-z]+\*?\}(?:\s*\{[^{}]*\})?|(?<!\\)\\\\(?:\s*\[[^\]]*\])?")
_DISPLAYED = re.compile(r"(?<!\\)\$\$")


@dataclass(frozen=True, slots=True)
class LatexTable:
    """A table with what its frame says of it."""

    table: Table
    caption: str


def latex_table_plugin(markdown: MarkdownIt) -> None:
    """Tokens `latex_table` of environments that begin and end a line, whatever blank lines are in them."""
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    markdown.block.ruler.before("code", TOKEN, _latex_table, {"alt": interrupts})


def _latex_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    opening = _START.match(first)
    if opening is None or state.is_code_block(start) or state.env.get(_UNCLOSED):
        return False
    depth = 0
    for line in range(start, end):
        text = state.src[state.bMarks[line] : state.eMarks[line]].rstrip()
        for edge in _EDGE.finditer(text):
            if edge[2] == opening[1]:
                depth += 1 if edge[1] == "begin" else -1
        if depth <= 0:
            return text.endswith("}") and _accept(state, start, line + 1, silent)
    state.env[_UNCLOSED] = True  # looking once to the end is enough: the work stays linear
    return False


_UNCLOSED = "unclosed_latex_table"


def _accept(state: StateBlock, start: int, following: int, silent: bool) -> bool:
    content = state.getLines(start, following, state.blkIndent, False)
    if _BEGIN.search(content) is None:
        return False
    if not silent:
        token = state.push(TOKEN, "", 0)
        token.content, token.map = content, [start, following]
        state.line = following
    return True


def latex_tables(source: str) -> list[LatexTable]:
    """The outermost tables in a source; the caption of their frame stands with each."""
    caption = _CAPTION.search(source)
    said = cell_text(_braced(source, caption.end())[0]) if caption else ""
    return [LatexTable(_table(body), said) for body in _bodies(source)]


def _bodies(source: str) -> Iterator[str]:
    """What stands between beginning and end of each outermost table, its columns' kinds left out."""
    place = 0
    while begin := _BEGIN.search(source, place):
        depth = 1
        end = place = len(source)
        for edge in _EDGE.finditer(source, begin.end()):
            if edge[2] == begin[1]:
                depth += 1 if edge[1] == "begin" else -1
            if not depth:
                end, place = edge.start(1) - 1, edge.end()
                break
        start = begin.end()
        for _ in range(2 if begin[1] in _SIZED else 1):
            start = _braced(source, start)[1]
        yield source[start:end]


def _braced(source: str, place: int) -> tuple[str, int]:
    """What is in the braces at a place, and where they end; one character where there are none."""
    while place < len(source) and source[place].isspace():
        place += 1
    if place >= len(source) or source[place] != "{":
        return source[place : place + 1], min(place + 1, len(source))
    depth = 0
    escaped = False
    for at in range(place, len(source)):
        if escaped:
            escaped = False
        elif source[at] == "\\":
            escaped = True
        elif source[at] in "{}":
            depth += 1 if source[at] == "{" else -1
            if not depth:
                return source[place + 1 : at], at + 1
    return source[place + 1 :], len(source)


def _table(body: str) -> Table:
    cells: list[Cell] = []
    taken: dict[int, int] = {}  # how far down a cell of several rows reaches, by its column
    row = 0
    for line in _rows(body):
        column = 0
        for source in line:
            cell = _cell(source, row, column)
            column += cell.column_span
            if column > MOST_COLUMNS:
                break
            # Recognisers repeat the text of a spanning cell, or leave the places below it empty.
            if cell.text or taken.get(cell.column, -1) < row:
                cells.append(cell)
                taken |= dict.fromkeys(range(cell.column, column), row + cell.row_span - 1)
        row += 1
    columns = max((cell.column + cell.column_span for cell in cells), default=0)
    shown = tuple(_without_overlap([_unspread(cell, columns) for cell in cells], row))
    return Table(row, columns, shown)


def _unspread(cell: Cell, columns: int) -> Cell:
    """A heading over the whole width says nothing of each column, and is not repeated in all of them."""
    return replace(cell, column_span=1) if cell.row and cell.column_span == columns else cell


def _without_overlap(cells: Sequence[Cell], rows: int) -> Iterator[Cell]:
    """The cells, none reaching over the next one in its column or below the table."""
    lowest: dict[int, int] = {}
    for cell in reversed(cells):
        span = range(cell.column, cell.column + cell.column_span)
        end = min([rows, cell.row + cell.row_span, *(lowest[at] for at in span if at in lowest)])
        lowest |= dict.fromkeys(span, cell.row)
        height = max(1, end - cell.row)
        yield replace(cell, row_span=height)


def _rows(body: str) -> Iterator[list[str]]:
    """The cells of each row as they are written; rules between rows are left out."""
    for line in _split(body, rows=True):
        rules = _RULES.match(line)
        cells = _split(line[rules.end() :] if rules else line, rows=False)
        if any(map(str.strip, cells)):
            yield cells


def _split(source: str, *, rows: bool) -> list[str]:
    r"""Cut at `\\`, or at `&`, but not inside braces and environments, where these are closed."""
    places, closed = _cuts(source, rows, nested=True)
    if not closed:
        places, _ = _cuts(source, rows, nested=False)
    starts = [0, *(end for _, end in places)]
    ends = [*(start for start, _ in places), len(source)]
    return [source[start:end] for start, end in zip(starts, ends, strict=True)]


def _cuts(source: str, rows: bool, *, nested: bool) -> tuple[list[tuple[int, int]], bool]:
    """Where to cut, and whether everything that was opened is closed."""
    places: list[tuple[int, int]] = []
    depth = 0
    for sign in _SIGNS.finditer(source):
        text = sign[0]
        if text.startswith(("{", "\\begin")):
            depth += nested
        elif text.startswith(("}", "\\end")):
            depth = max(0, depth - 1)
        elif not depth and (text.startswith("\\\\") if rows else text == "&"):
            places.append(sign.span())
    return places, not depth


_SIGNS = re.compile(
    r"\\(?:begin|end)\{[A-Za-z]+\*?\}|\\\\\*?(?:[ \t]*\[-?[\d.]+[a-z]{2}\])?|\\tabularnewline\b|\\.|[{}&]",
    re.DOTALL,
)


def _cell(source: str, row: int, column: int) -> Cell:
    width = height = 1
    for _ in ("column", "row"):
        span = _SPAN.match(source)
        if span is None:
            break
        place = _OPTION.match(source, span.end())
        count, place_after = _braced(source, place.end() if place else span.end())
        number = int(count) if count.strip().isdecimal() else 1
        second = _OPTION.match(source, place_after)
        _, place_after = _braced(source, second.end() if second else place_after)
        third = _OPTION.match(source, place_after)
        content, end = _braced(source, third.end() if third else place_after)
        if span[1] == "column":
            width = max(1, min(number, MOST_COLUMNS))
        else:
            height = max(1, number)
        source = f"{content} {source[end:]}".strip()
    return Cell(row, column, cell_text(source), height, width)


def cell_text(source: str) -> str:
    """A cell as it reads: marks of style gone, numbers out of dollars, formulas kept between them."""
    text = _INNER.sub(" ", _DISPLAYED.sub("$", source))
    text = _MATH.sub(lambda found: _plain_math(found[1]), text)
    text = _unwrapped(text)
    return one_line(_ESCAPED.sub(r"\1", text).replace("~", " "))


def _plain_math(latex: str) -> str:
    plain = _unwrapped(latex)
    return f"${latex}$" if _FORMULA.search(_ESCAPED.sub("", plain)) else plain


def _unwrapped(text: str) -> str:
    for _ in range(_MOST_STYLES):
        text = _WRAPPED.sub(r"\1", text)
    return text
