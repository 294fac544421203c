"""Pictures, tables and equations as entities of their own, tied to what they show and to where they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_pictures import tell_seen
from glede.extractors.nlp_tally import Tally
from glede.extractors.nlp_titles import heading_name
from glede.graph.untitled import ID_LETTERS
from glede.types import Block, Chunk, Modality, Parsed, Table

LONGEST_CAPTION = 120
LONGEST_TITLE = 60
LONGEST_CELL = 80
MOST_TIES = 24
"""Facts of one picture, table or equation beside those of a table's rows."""
MOST_CELLS = 40
"""Cells of one chunk of a table that become facts."""
_KINDS: dict[Modality, str] = {"image": "Figure", "table": "Table", "equation": "Equation"}
_CAPTION = re.compile(
    r"^\s*(?:\*\*|_)?((?:table|tab\.|figure|fig\.|chart|equation|eq\.|scheme|tabelle|abbildung|abb\.|gleichung|таблица|"
    r"рисунок|рис\.|уравнение|الجدول|جدول|الشكل|شكل|المعادلة|表|图|圖|公式)\s?\d+(?:[.\-]\d+)*[a-z]?)\s?[.:：]?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
"""A label with its number, and what is said of it."""
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_RULE = re.compile(r"^\|[-| :]+\|$", re.MULTILINE)
_SYMBOL = re.compile(r"([^\s:;]{1,16}): ([^;\n]{2,80})")
_LATEX_WORDS = re.compile(r"\b(?:equals|squared|plus|minus|times|over|sub|to the)\b")


@dataclass(slots=True)
class Modal:
    """The pictures, tables and equations of one document, each with a name that no other has."""

    parsed: Parsed
    title: str
    document_id: str
    _names: dict[int, str] = field(default_factory=dict)
    _taken: dict[str, int] = field(default_factory=dict)
    _numbers: list[int] = field(default_factory=list)
    _grids: dict[int, tuple[list[list[str]], list[str]]] = field(default_factory=dict)

    def tell(self, tally: Tally, chunk: Chunk, named: Sequence[Found]) -> None:
        """The chunk's own node, and its ties to the names found in it."""
        place = self._block_of(chunk)
        if place is None:
            return
        node = self.name_of(place, chunk.modality)
        block = self.parsed.blocks[place]
        told = [_short(part) for part in (block.caption or self._plain(place), chunk.aid)]
        about = " — ".join(part for part in told if part)
        tally.add(node, chunk.modality, subject=True, description=about)
        for where in (*(heading_name(heading) for heading in chunk.heading_path[-1:]), self.title):
            tally.state(node, "belongs to", where)
        label = "shows" if chunk.modality == "image" else "names"
        for found in list(dict.fromkeys(one.name for one in named))[:MOST_TIES]:
            tally.state(node, label, found)
        if block.picture is not None:
            tell_seen(tally, block.picture, node)
        if chunk.modality == "table":
            self._rows(tally, chunk, block, place, node)
        elif chunk.modality == "equation":
            self._symbols(tally, chunk, node)

    def around(self, chunk: Chunk) -> str:
        """What is said beside a picture, table or equation: caption, sentence before it, and what is seen."""
        place = self._block_of(chunk)
        if place is None:
            return ""
        aid = chunk.aid if chunk.modality == "image" else ""
        return "\n".join(part for part in (self._caption(place)[1], chunk.lead, aid) if part)

    def name_of(self, place: int, modality: Modality) -> str:
        """Label, caption and document of a block, so that no other document has the name."""
        if place in self._names:
            return self._names[place]
        label, caption = self._caption(place)
        if not label:
            label = f"{_KINDS.get(modality, 'Item')} {self._number(place)}"
        name = f"{label}: {caption[:LONGEST_CAPTION]}" if caption else label
        name = f"{name} — {self.title[:LONGEST_TITLE]}" if self.title else self._untitled(name, place)
        self._taken[name] = self._taken.get(name, 0) + 1
        if self._taken[name] > 1:
            name = f"{name} {self._taken[name]}"
        self._names[place] = name
        return name

    def _number(self, place: int) -> int:
        """Which of its type a block is, counted once for all of them."""
        if not self._numbers:
            counts = Counter[str]()
            for block in self.parsed.blocks:
                counts[block.type] += 1
                self._numbers.append(counts[block.type])
        return self._numbers[place]

    def _untitled(self, name: str, place: int) -> str:
        """A name by the page and the document's id, which is shown as its file (`glede.graph.untitled`)."""
        page = self.parsed.blocks[place].page
        return f"{name}{'' if page is None else f', page {page}'} — {self.document_id[:ID_LETTERS]}"

    def _block_of(self, chunk: Chunk) -> int | None:
        if chunk.modality == "text":
            return None
        places = (span.block for span in chunk.spans if span.type == chunk.modality)
        return next((place for place in places if place < len(self.parsed.blocks)), None)

    def _caption(self, place: int) -> tuple[str, str]:
        """The label ("Table 2") and what is said behind it, of a block or of the text beside it."""
        blocks = self.parsed.blocks
        block = blocks[place]
        own = block.caption or (block.text if block.type == "image" else "")
        texts = [own, *(blocks[near].text for near in (place - 1, place + 1) if 0 <= near < len(blocks))]
        for text in texts:
            match = _CAPTION.match(text[: 4 * LONGEST_CAPTION])
            if match and (text is own or _fits(match[1], block)):
                return " ".join(match[1].split()), " ".join(match[2].split())
        return "", " ".join(own.split())

    def _plain(self, place: int) -> str:
        """What a block says for want of a caption: a table the names of its columns."""
        block = self.parsed.blocks[place]
        if block.table is None:
            return block.text
        return ", ".join(header for header in self._grid(place, block.table)[1] if header.strip())

    def _grid(self, place: int, table: Table) -> tuple[list[list[str]], list[str]]:
        """The texts of a table, and the names of its columns, read once."""
        if place not in self._grids:
            grid = table.grid()
            self._grids[place] = grid, grid[max(0, table.header_rows() - 1)] if grid else []
        return self._grids[place]

    def _rows(self, tally: Tally, chunk: Chunk, block: Block, place: int, node: str) -> None:
        """Each row of a chunk: its label belongs to the table, and is tied to its cells by their headers."""
        if block.table is None:
            return
        grid, headers = self._grid(place, block.table)
        left = MOST_CELLS
        for row in dict.fromkeys(
            span.row for span in chunk.spans if span.block == place and span.row is not None
        ):
            if row < len(grid) and left > 0:
                left -= _row(tally, headers, grid[row], node)

    def _symbols(self, tally: Tally, chunk: Chunk, node: str) -> None:
        """What the symbols of an equation mean, and what it is called, as its processor has said."""
        for line in chunk.aid.splitlines():
            meanings = _SYMBOL.findall(line)
            for symbol, meaning in meanings:
                tally.add(meaning, "term")
                tally.state(node, f"{symbol} is", meaning)
            if not meanings and not _LATEX_WORDS.search(line):
                for name in re.split(r"[;,] ", line)[:4]:
                    if 3 < len(name) <= LONGEST_CELL:
                        tally.add(name, "term", subject=True)
                        tally.state(node, "is called", name)


def _short(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(text[: 4 * LONGEST_CAPTION].split())[: 2 * LONGEST_CAPTION]


def body_of(chunk: Chunk) -> str:
    """The text of a chunk in which names are looked for: of a table without its header, of LaTeX nothing."""
    if chunk.modality == "equation":
        return ""
    return _RULE.split(chunk.text, maxsplit=1)[-1] if chunk.modality == "table" else chunk.text


def _fits(label: str, block: Block) -> bool:
    """Whether a label beside a block is one of its kind."""
    first = label[:2].casefold()
    kinds = {
        "table": ("ta", "та", "表", "جد", "ال"),
        "image": ("fi", "ch", "ab", "ри", "图", "圖", "شك", "ال", "sc"),
    }
    return any(first.startswith(kind) for kind in kinds.get(block.type, ("eq", "gl", "ур", "公", "ال")))


def _row(tally: Tally, headers: Sequence[str], cells: Sequence[str], node: str) -> int:
    """Facts of one row: how many."""
    label = next((cell for cell in cells[:2] if _LETTERS.search(cell)), "")
    label = " ".join(label.split())[:LONGEST_CELL]
    if not label:
        return 0
    tally.add(label, "name" if label[:1].isupper() else "term", subject=True)
    tally.state(label, "row of", node)
    count = 1
    for header, value in _cells(headers, cells, label):
        tally.add(value, "name" if value[:1].isupper() and len(value.split()) <= 5 else "term")
        tally.state(label, header, value)
        count += 1
    return count


def _cells(headers: Sequence[str], cells: Sequence[str], label: str) -> Iterator[tuple[str, str]]:
    """Header and text of the cells of a row that name something beside its label; numbers name nothing."""
    seen = {label}
    for place, cell in enumerate(cells):
        text = " ".join(cell.split())
        if text[:1].isalpha() and text not in seen and len(text) <= LONGEST_CELL and _LETTERS.search(text):
            seen.add(text)
            header = " ".join(headers[place].split()) if place < len(headers) else ""
            yield header[:LONGEST_CELL] or "has", text
