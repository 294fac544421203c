"""Sentences and token estimates for text in any script, without a model."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(
    r"""
      [.!?\u061f\u0964\u2026]+ ["'\u00bb\u201c\u201d\u2019)\]]* (?=\s)   # a stop, closing marks, white space
    | [\u3002\uff01\uff1f]+ ["\u300d\u300f\u201d\u2019)\uff09]*          # CJK stops need no space after
    | \n\s*\n                                                            # an empty line
    """,
    re.VERBOSE,
)
_ABBREVIATION = re.compile(
    r"""(?:^|[\s(\["'])(?:
        [A-Z\u0410-\u042f] | [a-z]\.[a-z] | [A-Z]\.[A-Z]
      | (?i:dr|mr|mrs|ms|prof|st|fig|figs|eq|eqs|tab|sec|no|nr|vol|pp?|ca|cf|vs|etc|approx|resp|al|abb|bzw|
          ca|z\.b|d\.h|u\.a|e\.g|i\.e|inc|ltd|co|jr|sr|\u0440\u0438\u0441|\u0441\u0442\u0440|\u0433)
    )$""",
    re.VERBOSE,
)
_FOLLOWING = re.compile(r"[ \t]*(.)", re.DOTALL)
_INK = re.compile(r"\S")
_WIDE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
CHARACTERS_PER_TOKEN = 4


def count_tokens(text: str) -> int:
    """An estimate that needs no vocabulary: a token for 4 characters, or for each CJK or Thai one."""
    wide = 0 if text.isascii() else len(_WIDE.findall(text))  # most are, and a prompt is long
    return wide + -(-(len(text) - wide) // CHARACTERS_PER_TOKEN)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where each sentence starts and ends, white space around it left out; together they cover the rest."""
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _stops(text):
        _append(spans, text, start, stop)
        start = stop
    _append(spans, text, start, len(text))
    return spans


def _stops(text: str) -> Iterator[int]:
    for match in _END.finditer(text):
        if match.group().startswith(".") and _goes_on(text, match.start(), match.end()):
            continue
        yield match.end()


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether a full stop ends an abbreviation, or is followed by a small letter."""
    following = _FOLLOWING.match(text, end)  # a slice of the rest would copy it for each sentence
    if following and following[1].islower():
        return True
    return bool(_ABBREVIATION.search(text[max(0, start - 12) : start]))


def _append(spans: list[tuple[int, int]], text: str, start: int, stop: int) -> None:
    piece = text[start:stop]
    left = start + len(piece) - len(piece.lstrip())
    right = start + len(piece.rstrip())
    if left < right:
        spans.append((left, right))


def split_text(text: str, budget: int) -> list[tuple[int, int]]:
    """Pieces of at most `budget` tokens: whole sentences where they fit, else words, else characters."""
    pieces: list[tuple[int, int]] = []
    for start, end in sentence_spans(text):
        if pieces and count_tokens(text[pieces[-1][0] : end]) <= budget:
            pieces[-1] = (pieces[-1][0], end)
        elif count_tokens(text[start:end]) <= budget:
            pieces.append((start, end))
        else:
            pieces.extend(_split_words(text, start, end, budget))
    return pieces


def _split_words(text: str, start: int, end: int, budget: int) -> Iterator[tuple[int, int]]:
    while start < end:
        stop = _fitting(text, start, end, budget)
        if stop < end:
            space = max(text.rfind(" ", start, stop + 1), text.rfind("\n", start, stop + 1))
            stop = space if space > start else stop
        piece = text[start:stop]
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        following = _INK.search(text, stop, end)  # a slice of the rest would copy it for each piece
        start = following.start() if following else end


def _fitting(text: str, start: int, end: int, budget: int) -> int:
    """The furthest place up to which the text holds no more than `budget` tokens, by bisection."""
    low, high = start + 1, min(end, start + budget * CHARACTERS_PER_TOKEN)
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(text[start:middle]) <= budget:
            low = middle
        else:
            high = middle - 1
    return low
