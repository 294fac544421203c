"""Citations that are true: a quote counts only where it stands, word for word, in the cited chunk."""

from __future__ import annotations

import re
import unicodedata

from glede.results import Citation, Hit
from glede.tables.markdown import cells_of, header_of
from glede.types import Box, Chunk, Span, union_of

_SPACE = re.compile(r"\s+")
_EMPHASIS = re.compile(r"\*\*|__|`")
_QUOTES = "'\"‘’‚‛“”„‟"
_DASHES = "-‐‑‒–—−\u00ad"
_SAME = str.maketrans(dict.fromkeys("‘’‚‛", "'") | dict.fromkeys("“”„‟", '"') | dict.fromkeys(_DASHES, "-"))


def normalised(text: str) -> str:
    """Text as it is compared: forms, quotes and dashes folded, one space for white space, no emphasis."""
    folded = unicodedata.normalize("NFKC", text).translate(_SAME)
    return _SPACE.sub(" ", _EMPHASIS.sub("", folded)).strip()


def stands_in(quote: str, text: str) -> bool:
    """Whether the quote stands in the text, whole words, apart from white space and compatibility forms."""
    needle, hay = normalised(quote), normalised(text)
    if not needle:
        return False
    place = hay.find(needle)
    while place >= 0:
        if _whole(hay, place, place + len(needle)):
            return True
        place = hay.find(needle, place + 1)
    return False


def _whole(text: str, start: int, end: int) -> bool:
    return not (_inside(text, start) or _inside(text, end))


def _inside(text: str, place: int) -> bool:
    """Whether a place falls between two characters of one word; scripts without spaces have none."""
    if place <= 0 or place >= len(text):
        return False
    return all(one.isalnum() and unicodedata.category(one) != "Lo" for one in text[place - 1 : place + 1])


def words_of(quote: str, text: str) -> str:
    """The quote as it is written in the text, or itself where it is not found letter for letter."""
    match = _pattern(quote).search(text)
    return match.group() if match else quote


def _pattern(quote: str) -> re.Pattern[str]:
    """The quote with any white space between its words, and any form of quotes and dashes."""
    return re.compile(r"\s+".join("".join(map(_class_of, word)) for word in quote.split()))


def _class_of(character: str) -> str:
    for family in (_QUOTES, _DASHES):
        if character in family:
            return f"[{re.escape(family)}]"
    return re.escape(character)


def cite(marker: int, hit: Hit, quote: str, chunk: Chunk | None = None) -> Citation:
    """The citation of a quote from a hit, or from a `chunk` beside it, with its page and box if known.

    Words that stand in the chunk and not in its document are no quote, but what a model says of the item.
    """
    chunk = chunk or hit.chunk
    page, box = place_of(chunk, quote)
    verified = stands_in(quote, chunk.own_text)
    described = quote if not verified and stands_in(quote, chunk.text) else ""
    return Citation(
        marker=marker,
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        source=hit.source,
        quote="" if described else quote,
        verified=verified,
        modality=chunk.modality,
        heading_path=chunk.heading_path,
        page=page,
        box=box,
        asset=chunk.asset,
        described=described,
        row=row_of(chunk, quote),
        column=column_of(chunk, quote),
        page_label=chunk.label_of(page),
    )


def place_of(chunk: Chunk, quote: str) -> tuple[int | None, Box | None]:
    """Page and box of the blocks that the quote touches; of the whole chunk where it is not found."""
    touched = _touched(chunk, quote)
    if not touched:
        return chunk.page, chunk.box
    page = touched[0].page
    return page, union_of(span.box for span in touched if span.box is not None and span.page == page)


def _touched(chunk: Chunk, quote: str) -> list[Span]:
    """The spans of the chunk that a quote touches; none where it is not found."""
    found = _pattern(quote).search(chunk.text) if quote.strip() else None
    if found is None:
        return []
    start, end = found.span()
    return [span for span in chunk.spans if span.start < end and span.end > start]


def row_of(chunk: Chunk, quote: str, first: int | None = None) -> int | None:
    """The first row of a table that a quote touches, counted from 1 below the header.

    `first` is how many rows the table's header has. A chunk with the row after a single one tells it; the
    later rows of a table that was split do not, and then there is no number.
    """
    rows = [span.row for span in _touched(chunk, quote) if span.row is not None]
    if not rows:
        return None
    if first is None and 1 in (span.row for span in chunk.spans):
        first = 1
    return None if first is None else rows[0] - first + 1


def column_of(chunk: Chunk, quote: str) -> str | None:
    """The name of the column of a quote that is one cell of a table's row, and of no other."""
    touched = _touched(chunk, quote)
    if len(touched) != 1 or touched[0].row is None:
        return None
    header = header_of(chunk.text)
    cells = cells_of(chunk.text[touched[0].start : touched[0].end])
    held = [place for place, cell in enumerate(cells) if normalised(cell) == normalised(quote)]
    return header[held[0]] or None if len(held) == 1 and len(header) == len(cells) else None
