"""Citations that are true: a quote counts only where it stands, word for word, in the cited chunk."""

from __future__ import annotations

import re
import unicodedata

from glede.results import Citation, Hit
from glede.types import Box, Chunk, union_of

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
    """The citation of a quote from a hit, or from a `chunk` beside it, with its page and box if known."""
    chunk = chunk or hit.chunk
    page, box = place_of(chunk, quote)
    return Citation(
        marker=marker,
        chunk_id=chunk.id,
        document_id=chunk.document_id,
        source=hit.source,
        quote=quote,
        verified=stands_in(quote, chunk.text),
        modality=chunk.modality,
        heading_path=chunk.heading_path,
        page=page,
        box=box,
        asset=chunk.asset,
    )


def place_of(chunk: Chunk, quote: str) -> tuple[int | None, Box | None]:
    """Page and box of the blocks that the quote touches; of the whole chunk where it is not found."""
    found = _pattern(quote).search(chunk.text) if quote.strip() else None
    if found is None:
        return chunk.page, chunk.box
    start, end = found.span()
    touched = [span for span in chunk.spans if span.start < end and span.end > start]
    if not touched:
        return chunk.page, chunk.box
    page = touched[0].page
    return page, union_of(span.box for span in touched if span.box is not None and span.page == page)
