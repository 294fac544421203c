"""Finds the citations in an answer as it comes: `[1]`, `[1, 2]`, `[1 "the exact words"]`, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glede.text.sentences import sentence_spans

LONGEST = 2000
"""Characters of one marker; what goes on longer is text."""
_NUMBERS = re.compile(r"\[\s*\^?(?:[Ss]ources?\s*)?(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*")
_BEGINS = re.compile(
    r"\[\s*\^?(?:[Ss](?:o(?:u(?:r(?:c(?:e(?:s)?)?)?)?)?)?\s*)?(?:\d{1,3}(?:\s*[,;]?\s*\d{0,3})*)?\s*\Z"
)
_OPENS = {'"': '"', "“": "”", "„": "“”", "«": "»", "'": "'", "‘": "’", "「": "」", "”": "”"}
_WIDE_BRACKETS = str.maketrans({"【": "[", "】": "]"})


@dataclass(frozen=True, slots=True)
class Mark:
    """A citation in the answer: the numbers of sources, the quoted words if any, the claim before it."""

    numbers: tuple[int, ...]
    quote: str
    claim: str


class MarkReader:
    """Takes pieces of an answer and gives back text and marks; holds back what may become a mark."""

    def __init__(self) -> None:
        self._held = ""
        self._since = ""
        self._claim = ""

    def feed(self, piece: str) -> list[str | Mark]:
        """What is certain by now."""
        self._held += piece.translate(_WIDE_BRACKETS)
        return list(self._take(final=False))

    def close(self) -> list[str | Mark]:
        """The rest, at the end of the answer."""
        return list(self._take(final=True))

    def _take(self, *, final: bool) -> Iterator[str | Mark]:
        while self._held:
            start = self._held.find("[")
            if start != 0:
                text = self._held if start < 0 else self._held[:start]
                self._held = self._held[len(text) :]
                self._since += text
                yield text
                continue
            found = _mark_at(self._held)
            if found is None and not final and len(self._held) < LONGEST and _may_become(self._held):
                return
            if found is None:
                self._since += "["
                self._held = self._held[1:]
                yield "["
                continue
            numbers, quote, length = found
            self._held = self._held[length:]
            yield Mark(numbers, quote, self._claimed())

    def _claimed(self) -> str:
        """The sentence that the mark stands after; marks side by side share one."""
        text = self._since.strip(" \t\n.,;:")
        if text:
            self._claim = _last_sentence(self._since)
        self._since = ""
        return self._claim


def _last_sentence(text: str) -> str:
    """An item of a list is a sentence of its own."""
    for start, end in reversed(sentence_spans(text)):
        for line in reversed(text[start:end].splitlines()):
            if any(map(str.isalnum, line)):
                return line.strip(" -*•#>")
    return text.strip()


def _mark_at(text: str) -> tuple[tuple[int, ...], str, int] | None:
    """The mark that the text begins with, and its length."""
    match = _NUMBERS.match(text)
    if match is None:
        return None
    numbers = tuple(int(number) for number in re.findall(r"\d+", match[1]))
    place = match.end()
    if text[place : place + 1] == "]":
        return numbers, "", place + 1
    opening = re.compile(r"[:,—–-]?\s*").match(text, place)
    place = opening.end() if opening else place
    closers = _OPENS.get(text[place : place + 1])
    if closers is None:
        return None
    closing = re.compile(rf"[{re.escape(closers)}]\s*\]").search(text, place + 1)
    if closing is None:
        return None
    return numbers, text[place + 1 : closing.start()].strip(), closing.end()


def _may_become(text: str) -> bool:
    """Whether more text could make a mark of it."""
    if _BEGINS.match(text):
        return True
    match = _NUMBERS.match(text)
    if match is None:
        return False
    rest = text[match.end() :]
    return re.fullmatch(rf"[:,—–-]?\s*(?:[{re.escape(''.join(_OPENS))}].*)?", rest, re.DOTALL) is not None
