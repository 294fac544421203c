"""What a model is shown at a time: small chunks together, up to a number of tokens, each under its number."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from glede.text.sentences import count_tokens
from glede.types import Chunk, content_hash

WINDOW_TOKENS = 1100
"""Of text in one call: with more at once models leave out more, with less the instruction weighs more."""
MARK_DIGITS = 6
MARK_TOKENS = 5
"""Of the line before a chunk."""
HEADING = 100
"""Characters of the headings above a chunk that are shown."""


@dataclass(frozen=True, slots=True)
class Window:
    """Chunks that are read in one call; `places` are their places in the document, from 0.

    `titled` are the headings that each is shown under, empty where they are those of the one before.
    """

    places: tuple[int, ...]
    texts: tuple[str, ...]
    titled: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """Of the texts, estimated."""
        return sum(map(count_tokens, self.texts))

    def halves(self) -> tuple[Window, ...]:
        """Two windows, each with half of it; none where it is one chunk that cannot be halved."""
        if len(self.places) < 2:
            return _halved(self)
        middle = len(self.places) // 2
        return (
            Window(self.places[:middle], self.texts[:middle], self.titled[:middle]),
            Window(self.places[middle:], self.texts[middle:], self.titled[middle:]),
        )

    def shown(self, missing: Sequence[str] = ()) -> str:
        """The message; `missing` are names that stand in the texts and were not noted."""
        mark = _mark([*self.texts, *self.titled, *missing])
        parts = [
            f"{mark} {number}{f' ({title})' if title else ''}\n{text}"
            for number, (title, text) in enumerate(zip(self.titled, self.texts, strict=True), start=1)
        ]
        if missing:
            parts.append(f"{mark} names in these chunks that were missing from an earlier answer")
            parts += missing
        return "\n".join([*parts, f"{mark} end"])


def _mark(texts: Sequence[str]) -> str:
    """What begins no line of the texts; short, since it goes out with every chunk. See `packing.fence_of`."""
    digest = content_hash("mark", *texts, length=MARK_DIGITS)
    while any(f"=={digest}" in text for text in texts):
        digest = content_hash("mark", digest, *texts, length=MARK_DIGITS)
    return f"=={digest}"


LEAST = 200
"""Tokens of a chunk that are not halved any more."""


def _halved(window: Window) -> tuple[Window, ...]:
    """A single chunk in two, at a line or a word near its middle."""
    text = window.texts[0]
    if window.tokens < LEAST:
        return ()
    middle = len(text) // 2
    cut = max(text.rfind(mark, middle // 2, middle) for mark in ("\n", ". ", " ")) + 1 or middle
    return tuple(Window(window.places, (half,), window.titled) for half in (text[:cut], text[cut:]))


def windows_of(
    chunks: Sequence[Chunk],
    title: str = "",
    most: int = WINDOW_TOKENS,
    only: Container[int] | None = None,
) -> tuple[Window, ...]:
    """The chunks of text in windows of at most `most` tokens; a longer chunk has a window of its own.

    With `only` these places of the document are read and no others. Pictures, tables and equations are left
    out: what is in them is known without this model.
    """
    windows: list[list[tuple[int, Chunk, str]]] = []
    left = 0
    above: Sequence[str] = ()
    for place, chunk in enumerate(chunks):
        if chunk.modality != "text" or not chunk.text.strip() or (only is not None and place not in only):
            continue
        path = tuple(dict.fromkeys((title, *chunk.heading_path)))
        heading = _heading(chunk, path, above)
        cost = count_tokens(chunk.text) + count_tokens(heading) + MARK_TOKENS
        if cost > left:
            windows.append([])
            left = most
            heading = _heading(chunk, path, ())
        windows[-1].append((place, chunk, heading))
        left -= cost
        above = path
    return tuple(
        Window(
            tuple(place for place, _, _ in found),
            tuple(chunk.text.strip() for _, chunk, _ in found),
            tuple(heading for _, _, heading in found),
        )
        for found in windows
    )


def _heading(chunk: Chunk, path: Sequence[str], above: Sequence[str]) -> str:
    """Where a chunk stands, on one line: what was said of the one before, or is in its text, is left out."""
    same = next((place for place, (a, b) in enumerate(zip(path, above, strict=False)) if a != b), len(above))
    text = " ".join(" > ".join(one for one in path[same:] if one not in chunk.text).split())
    return text if len(text) <= HEADING else f"…{text[-HEADING:]}"
