"""A DoclingDocument as our blocks: one walk through its tree in reading order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from glede.errors import LimitError
from glede.parsers.building import Draft, ListText, one_line
from glede.parsers.docling_items import joined_text, place_of, table_of
from glede.parsers.pictures import embedded_picture
from glede.parsing import ParseOptions
from glede.reading.outline import Outline
from glede.types import Block, union_of

if TYPE_CHECKING:
    from docling_core.types.doc import (
        DoclingDocument,
        FloatingItem,
        NodeItem,
        PictureItem,
        SectionHeaderItem,
        TableItem,
        TextItem,
    )

_LISTS = frozenset({"list", "ordered_list"})
_LEFT_OUT = frozenset({"page_header", "page_footer", "empty_value", "marker"})
_CHECKBOXES = {"checkbox_selected": "[x] ", "checkbox_unselected": "[ ] "}
_DISPLAY = re.compile(r"\$\$(.+?)\$\$", re.DOTALL)
_SHEET = "sheet: "
_NUMBER = re.compile(r"\d{1,9}")


class Reader:
    """Collects the blocks of a document into `draft`.

    `places` tells for the reference of each item that was read the number of its block; `points` is how
    many points a unit of the document's coordinates is, `None` where they are none of a page.
    """

    def __init__(self, document: DoclingDocument, options: ParseOptions, points: float | None) -> None:
        self.draft = Draft(options.max_picture)
        self.places: dict[str, int] = {}
        self.title = ""
        self._document = document
        self._options = options
        self._points = points
        self._titled = any(item.label.value == "title" for item in document.texts)
        self._layers = {"body"}
        self._captions = {
            caption.cref for item in (*document.tables, *document.pictures) for caption in item.captions
        }

    def read(self, notes: bool = False) -> None:
        """Read the whole document, with the speaker's notes of a presentation where `notes` is true."""
        self._layers = {"body", "notes"} if notes else {"body"}
        self._below(self._document.body, 0)

    def _below(self, node: NodeItem, depth: int) -> None:
        if depth > self._options.max_depth:
            raise LimitError(
                f"the document nests deeper than {self._options.max_depth} levels",
                hint="Raise it with GLEDE_MAX_DEPTH.",
            )
        for child in self._children(node):
            self._read(child, depth + 1)

    def _children(self, node: NodeItem) -> Iterator[NodeItem]:
        for reference in node.children:
            if reference.cref not in self._captions:
                yield reference.resolve(self._document)

    def _read(self, node: NodeItem, depth: int) -> None:
        label = node.label.value
        if node.content_layer.value not in self._layers:
            self._below(node, depth)
        elif label in _LISTS:
            self._list(node, depth)
        elif label == "inline":
            self._line(node, depth, self.draft.text)
        elif label in ("table", "document_index"):
            self._table(node, depth)
        elif label in ("picture", "chart"):
            self._picture(node)
        elif hasattr(node, "text"):
            self._text(node, label, depth)
        else:
            self._group(node, label)
            self._below(node, depth)

    def _group(self, node: NodeItem, label: str) -> None:
        """A sheet is a section of its name; on a new slide nothing of the one before is open."""
        sheet = label == "sheet" or node.name.startswith(_SHEET)
        if sheet or label == "slide" or node.name.startswith("slide"):
            self.draft.outline = Outline()
        if sheet and node.children:
            self.draft.heading(node.name.removeprefix(_SHEET), 1)

    def _text(self, item: TextItem, label: str, depth: int) -> None:
        """A text, and what hangs below it: of a heading in some formats the whole section."""
        text, rest = item.text, list(self._children(item))
        parts: list[NodeItem] = [item]
        aside: list[NodeItem] = []
        if not text.strip() and rest and rest[0].label.value == "inline":
            line = rest.pop(0)
            text = self._line_text(line, parts, aside)
        if label not in _LEFT_OUT:
            self._add(parts, lambda: self._words(item, label, text))
        for node in (*aside, *rest):
            self._read(node, depth + 1)

    def _words(self, item: TextItem, label: str, text: str) -> None:
        display = _DISPLAY.fullmatch(text.strip())
        if label in ("title", "section_header"):
            self._heading(item, label, text)
        elif label == "formula":
            self._formula(item)
        elif display:
            self.draft.equation(display[1])
        elif label == "code":
            self.draft.code(text)
        elif label == "list_item":
            self.draft.list(f"{item.marker or '-'} {text.strip()}" if text.strip() else "")
        else:
            self.draft.text(_CHECKBOXES.get(label, "") + text.strip() if text.strip() else "")

    def _heading(self, item: SectionHeaderItem, label: str, text: str) -> None:
        level = 1 if label == "title" else item.level + self._titled
        self.draft.heading(text, level)
        if level == 1 and not self.title:
            self.title = one_line(text)

    def _formula(self, item: TextItem) -> None:
        """LaTeX, or where the format has none the characters as they are printed."""
        if item.text.strip():
            self.draft.equation(item.text)
        elif item.orig.strip():
            path = self.draft.outline.path
            self.draft.blocks.append(Block("equation", item.orig.strip(), heading_path=path))

    def _line(self, group: NodeItem, depth: int, add: Callable[[str], None]) -> None:
        parts: list[NodeItem] = []
        aside: list[NodeItem] = []
        text = self._line_text(group, parts, aside)
        display = _DISPLAY.fullmatch(text)
        self._add(parts, lambda: self.draft.equation(display[1]) if display else add(text))
        for node in aside:
            self._read(node, depth + 1)

    def _line_text(self, group: NodeItem, parts: list[NodeItem], aside: list[NodeItem]) -> str:
        """The text of a line; appends its items to `parts`, and what cannot stand in a line to `aside`."""
        texts = []
        for node in self._children(group):
            if node.label.value == "inline":
                texts.append(self._line_text(node, parts, aside))
            elif hasattr(node, "text") and not node.children:
                parts.append(node)
                texts.append(f"${node.text.strip()}$" if node.label.value == "formula" else node.text)
            else:
                aside.append(node)
        return joined_text(texts)

    def _list(self, group: NodeItem, depth: int) -> None:
        """A list with all that is nested in it is one block; tables and pictures follow it."""
        listing = ListText()
        parts: list[NodeItem] = [group]
        aside: list[NodeItem] = []
        self._items(group, listing, parts, aside)
        self._add(parts, lambda: self.draft.list(listing.take()))
        for node in aside:
            self._read(node, depth + 1)

    def _items(
        self, group: NodeItem, listing: ListText, parts: list[NodeItem], aside: list[NodeItem]
    ) -> None:
        if listing.depth >= self._options.max_depth:
            raise LimitError(f"lists nest deeper than {self._options.max_depth} levels")
        nodes = list(self._children(group))
        listing.open(_first_number(nodes))
        for node in nodes:
            if node.label.value == "list_item":
                listing.item()
            self._entry(node, listing, parts, aside)
        listing.close()

    def _entry(self, node: NodeItem, listing: ListText, parts: list[NodeItem], aside: list[NodeItem]) -> None:
        """An item of a list, or what is in one."""
        label = node.label.value
        if label in _LISTS:
            self._items(node, listing, parts, aside)
        elif label == "inline":
            listing.add(self._line_text(node, parts, aside))
        elif hasattr(node, "text") and node.content_layer.value in self._layers:
            parts.append(node)
            text = f"$${node.text.strip()}$$" if label == "formula" else node.text.strip()
            listing.add(text)
            for child in self._children(node):
                self._entry(child, listing, parts, aside)
        else:
            aside.append(node)

    def _table(self, item: TableItem, depth: int) -> None:
        table = table_of(item, self._document, self._points)
        caption = self._caption(item)
        if not self._add([item], lambda: self.draft.table(table, caption)):
            self._add([item], lambda: self.draft.text(caption))
        for node in self._children(item):
            if any(node.self_ref == note.cref for note in item.footnotes):
                self._read(node, depth + 1)
            else:
                self._pictures_of_cells(node)

    def _pictures_of_cells(self, node: NodeItem) -> None:
        if node.label.value == "picture":
            self._picture(node)
        for child in self._children(node):
            self._pictures_of_cells(child)

    def _picture(self, item: PictureItem) -> None:
        described = item.meta.description if item.meta is not None else None
        alt = described.text if described is not None else ""
        picture = None
        if item.image is not None:
            source = str(item.image.uri)
            picture = embedded_picture(self.draft, source, alt, self._options.max_pixels)
        self._add([item], lambda: self.draft.image(alt, self._caption(item), picture))

    def _caption(self, item: FloatingItem) -> str:
        nodes = [reference.resolve(self._document) for reference in item.captions]
        return one_line(" ".join(node.text or self._line_of(node) for node in nodes))

    def _line_of(self, node: NodeItem) -> str:
        return " ".join(self._line_text(child, [], []) for child in self._children(node))

    def _add(self, items: Sequence[NodeItem], add: Callable[[], None]) -> bool:
        """Have a block added and say where on the pages it stands; whether there was anything to add."""
        before = len(self.draft.blocks)
        add()
        if len(self.draft.blocks) == before:
            return False
        places = [place_of(item, self._document, self._points) for item in items if hasattr(item, "prov")]
        page = next((page for page, _ in places if page is not None), None)
        box = union_of(box for number, box in places if box is not None and number == page)
        self.draft.blocks[-1] = replace(self.draft.blocks[-1], page=page, box=box)
        for item in items:
            self.places[item.self_ref] = before
            for caption in getattr(item, "captions", ()):
                self.places[caption.cref] = before
        return True


def _first_number(nodes: Sequence[NodeItem]) -> int | None:
    """The number of the first item of a numbered list, `None` of one with dashes."""
    first = next((node for node in nodes if node.label.value == "list_item"), None)
    if first is None or not first.enumerated:
        return None
    number = _NUMBER.search(first.marker or "")
    return int(number[0]) if number else 1
