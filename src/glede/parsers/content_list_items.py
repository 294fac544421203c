"""The shapes of content lists made alike: MinerU's, versions 1, 2 and 4, and RAG-Anything's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glede.errors import MalformedError
from glede.parsers.json import Value
from glede.types import Box

_THOUSANDTHS = 1000.0
_INLINE_MATH = frozenset({"equation_inline", "inline_equation", "inline_formula"})


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list: its type and fields, and where it stands. Pages count from 1."""

    type: str
    fields: dict[str, Value]
    page: int | None
    box: Box | None
    page_size: tuple[float, float] | None

    def words(self, *names: str, between: str = " ") -> str:
        """The text of the first of these fields that has any."""
        for name in names:
            if found := plain(self.fields.get(name), between).strip():
                return found
        return ""

    def number(self, *names: str) -> int:
        """The first of these fields that is a number above 0; else 0."""
        return next((found for name in names if (found := _integer(self.fields.get(name)) or 0) > 0), 0)


def items_of(value: Value) -> list[Item]:
    """All items, ordered by page; raises `MalformedError` where it is no content list."""
    if isinstance(value, dict):
        value = value.get("content_list") or value.get("pages")
    if not isinstance(value, list) or not all(isinstance(entry, (dict, list)) for entry in value):
        raise MalformedError("This is no content list: a list of items is expected.")
    found: list[Item] = []
    page: int | None = None
    for item in _items(value):
        page = item.page if item.page is not None else page
        found.append(Item(item.type, item.fields, page, item.box, item.page_size))
    return sorted(found, key=lambda item: item.page or 0)


def plain(value: Value, between: str = " ") -> str:
    """The characters of a text, of spans, or of a list of texts, which `between` is put between."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        glue = "" if any(isinstance(part, dict) for part in value) else between
        return glue.join(text for part in value if (text := plain(part, between)))
    if isinstance(value, dict):
        text = next((found for name in _SPAN if (found := plain(value.get(name), between))), "")
        return f"${text.strip().strip('$')}$" if value.get("type") in _INLINE_MATH and text else text
    return ""


_SPAN = ("content", "children", "text", "item_content", "latex")


def _items(value: list[Value]) -> Iterator[Item]:
    for place, entry in enumerate(value):
        if isinstance(entry, list):  # version 2: a page is a list
            for inner in entry:
                if isinstance(inner, dict):
                    yield _item(inner, place + 1, None, _THOUSANDTHS)
        elif isinstance(entry, dict) and isinstance(blocks := entry.get("blocks"), list):  # version 4
            number = _integer(entry.get("page_idx"))
            page = place + 1 if number is None else number + 1
            for inner in blocks:
                if isinstance(inner, dict):
                    yield _item(inner, page, _size(entry), 1.0)
        elif isinstance(entry, dict):
            number = _integer(entry.get("page_idx"))
            yield _item(entry, None if number is None or number < 0 else number + 1, None, _THOUSANDTHS)


def _item(entry: dict[str, Value], page: int | None, size: tuple[float, float] | None, unit: float) -> Item:
    content = entry.get("content")
    fields = {**entry, **content} if isinstance(content, dict) else entry
    size = size or _size(entry)
    kind = entry.get("type")
    return Item(kind if isinstance(kind, str) else "", fields, page, _box(entry, size, unit), size)


def _size(entry: dict[str, Value]) -> tuple[float, float] | None:
    """A page's size in points, where the list tells it."""
    both = entry.get("page_size")
    if not isinstance(both, list):
        both = [entry.get("page_width"), entry.get("page_height")]
    numbers = _numbers(both)
    if len(numbers) != 2 or min(numbers) <= 0:
        return None
    return numbers[0], numbers[1]


def _box(entry: dict[str, Value], size: tuple[float, float] | None, unit: float) -> Box | None:
    """In points; without the size of the page a share of it says nothing that we could show."""
    numbers = _numbers(entry.get("bbox"))
    if size is None or len(numbers) != 4:
        return None
    x0, x1 = sorted((numbers[0] / unit * size[0], numbers[2] / unit * size[0]))
    y0, y1 = sorted((numbers[1] / unit * size[1], numbers[3] / unit * size[1]))
    return Box(x0, y0, x1, y1)


def _numbers(value: Value) -> list[float]:
    """Numbers, which the reader of JSON left as the text they were."""
    texts = value if isinstance(value, list) else []
    return [float(text) for text in texts if isinstance(text, str) and _NUMBER.fullmatch(text)]


def _integer(value: Value) -> int | None:
    return int(value) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,40})?(?:[eE]-?\d{1,2})?", re.ASCII)
_INTEGER = re.compile(r"-?\d{1,9}", re.ASCII)
