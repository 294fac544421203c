"""The rows of a very large table by which a question is read; the statement is then run over all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from glede.tables.questions import is_function
from glede.tables.values import Rows

EXCERPT_CELLS = 20_000
"""Cells of an excerpt: their words are gone through in half a second."""
_WORD = re.compile(r"\w+")
_PLACES = re.compile(r'"_place" (?:NOT )?IN \(')


def excerpt(question: str, rows: Rows) -> Rows:
    """The rows that share most words with the question, then the first ones, in their order; all totals."""
    most = max(1, EXCERPT_CELLS // len(rows.columns))
    shared = _shared(question, rows)
    best = sorted(range(len(rows.texts)), key=lambda row: (-shared[row], row))[:most]
    kept = sorted({*best, *rows.totals})
    number_of = {row: number for number, row in enumerate(kept)}
    return replace(
        rows,
        values=tuple(rows.values[row] for row in kept),
        texts=tuple(rows.texts[row] for row in kept),
        places=tuple(rows.places[row] for row in kept),
        totals=tuple(number_of[row] for row in rows.totals),
    )


def holds_for_all(sql: str) -> bool:
    """Whether a statement made from an excerpt says the same of all rows: it lists none by their places."""
    return not _PLACES.search(sql)


def _shared(question: str, rows: Rows) -> list[int]:
    """How many different words of the question stand in each row."""
    words = sorted(_telling(_WORD.findall(question.casefold())), key=len, reverse=True)
    if not words:
        return [0] * len(rows.texts)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")
    return [len(set(pattern.findall(" ".join(texts).casefold()))) for texts in rows.texts]


def _telling(words: Iterable[str]) -> set[str]:
    return {word for word in words if not is_function(word)}
