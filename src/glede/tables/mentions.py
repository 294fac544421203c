"""The cells and columns that a question names: the longest runs of its words in cells, and headers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from glede.tables.grounding import Sheet
from glede.tables.questions import Asked, is_faint, is_function, spans_of, words_of

LONGEST = 10
_NUMBER = re.compile(
    r"[~$£€+-]? ?\d[\d,]*+(?:\.\d++)?%?(?: ?[^\W\d]{1,12}\.?)?(?: ?\([^()]*+\)| ?\[[^\[\]]*+\]){0,3}"
)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_REFERENCES = (("ref",), ("refer",))
_RANKS = frozenset(("rank", "posit", "no", "number", "round", "place", "year", "season"))


@dataclass(frozen=True, slots=True)
class Mention:
    """Words of a question, at `start` to `end`, that stand in the cells of one column, in these rows.

    `rows` are those of cells that hold nothing else where there are any, `wide` all. `quality` is 1 where
    they are all of a cell, else the share of the cell that they are.
    """

    column: int
    rows: tuple[int, ...]
    wide: tuple[int, ...]
    quality: float
    start: int
    end: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A question with what it names in a table."""

    sheet: Sheet
    asked: Asked

    @cached_property
    def spans(self) -> tuple[tuple[str, int, int], ...]:
        """The question's words and where they stand."""
        return spans_of(self.asked.text)

    @cached_property
    def _cells(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        return tuple(tuple(words_of(text) for text in texts) for texts in self.sheet.rows.texts)

    @cached_property
    def _places(self) -> dict[str, set[tuple[int, int]]]:
        found: dict[str, set[tuple[int, int]]] = defaultdict(set)
        wanted = {word for word, _, _ in self.spans}
        totals = set(self.sheet.rows.totals)
        references = {
            number
            for number, column in enumerate(self.sheet.rows.columns)
            if words_of(column.name) in _REFERENCES
        }
        for row, cells in enumerate(self._cells):
            if row in totals:
                continue
            for column, words in enumerate(cells):
                if column in references:
                    continue
                for word in wanted.intersection(words):
                    found[word].add((row, column))
        return found

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """What the question names, in its order; no two share a word."""
        taken: set[int] = set()
        found: list[Mention] = []
        for length in range(min(LONGEST, len(self.spans)), 0, -1):
            for first in range(len(self.spans) - length + 1):
                numbers = range(first, first + length)
                if taken.isdisjoint(numbers):
                    mention = self._mention(first, first + length)
                    if mention is not None:
                        found.append(mention)
                        taken.update(numbers)
        return tuple(sorted(found, key=lambda mention: mention.start))

    def _mention(self, first: int, last: int) -> Mention | None:
        words = tuple(word for word, _, _ in self.spans[first:last])
        content = [word for word in words if not is_function(word)]
        if not content or self._in_header(words):
            return None
        places = set.intersection(*(self._places[word] for word in set(words))) if words else set()
        columns: dict[int, list[int]] = defaultdict(list)
        for row, column in sorted(places):
            if _holds(self._cells[row][column], words):
                columns[column].append(row)
        choices = [
            choice
            for column, rows in columns.items()
            if (choice := self._choice(column, rows, words, first, last)) is not None
        ]
        return max(choices, key=self._preference, default=None)

    def _in_header(self, words: tuple[str, ...]) -> bool:
        """Whether a number or word belongs to a header that the question names, as in "3 dart average"."""
        said = {word for word, _, _ in self.spans}
        return len(words) == 1 and any(
            words[0] in (header := words_of(column.name)) and (len(header) == 1 or said.issuperset(header))
            for column in self.sheet.rows.columns
        )

    def _choice(
        self, column: int, rows: list[int], words: tuple[str, ...], first: int, last: int
    ) -> Mention | None:
        whole = [row for row in rows if _bare(self._cells[row][column]) == _bare(words)]
        edge = is_function(words[0]) or is_function(words[-1])
        if edge and not (whole and len(words) > 1):
            return None
        numeric = all(word[0].isdigit() for word in words)
        kind = self.sheet.rows.columns[column].type
        if not whole and numeric and not (len(words[0]) == 4 and self._is_time(column)):
            return None
        if not whole and len(words) == 1 and (kind == "number" or is_faint(words[0])):
            return None
        if not whole and len(rows) > max(3, len(self._cells) / 4):
            return None
        if numeric and kind == "number" and len(words[0]) < 4 and not self._says_header(column):
            return None
        quality = 1.0 if whole or numeric else self._share(column, rows, words)
        start, end = self.spans[first][1], self.spans[last - 1][2]
        chosen = whole if whole and not self._lists(column, rows) else rows
        return Mention(column, tuple(chosen), tuple(rows), quality, start, end, words)

    def _says_header(self, column: int) -> bool:
        return self.header_fit(column, {word for word, _, _ in self.spans}) >= 0.5

    def _share(self, column: int, rows: list[int], words: tuple[str, ...]) -> float:
        shortest = min(len(_bare(self._cells[row][column])) for row in rows)
        return min(0.95, len(_bare(words)) / max(1, shortest) + 0.1)

    def _lists(self, column: int, rows: list[int]) -> bool:
        return any("\n" in self.sheet.rows.texts[row][column] for row in rows)

    def _is_time(self, column: int) -> bool:
        return self.sheet.rows.columns[column].type == "date" or bool(
            {"year", "date", "season", "open", "built", "born"}
            & set(words_of(self.sheet.rows.columns[column].name))
        )

    def _preference(self, mention: Mention) -> tuple[float, float, int]:
        named = self.header_fit(mention.column, {word for word, _, _ in self.spans})
        label = 0.15 if mention.column in self.sheet.rows.labels else 0.0
        text = 0.3 if self.sheet.rows.columns[mention.column].type != "number" else 0.0
        if mention.words[0][0].isdigit() and self._is_time(mention.column) and len(mention.words[0]) == 4:
            text += 0.4
        return (mention.quality + 0.5 * named + label + text, -len(mention.rows), -mention.column)

    def header_fit(self, column: int, words: Iterable[str]) -> float:
        """The share of a header that stands in the words, by weight."""
        header = set(words_of(self.sheet.rows.columns[column].name))
        header = {word for word in header if not is_function(word)} or header
        if not header:
            return 0.0
        weights = {word: 0.5 if len(word) < 3 and not word.isdigit() else 1.0 for word in header}
        return sum(weights[word] for word in header & set(words)) / sum(weights.values())

    def column_for(self, words: Sequence[str], numeric: bool = False) -> tuple[int, float] | None:
        """The column whose header the words name best, and the share of the header that they name."""
        found = [
            (self.header_fit(column, words), -column)
            for column in range(len(self.sheet.rows.columns))
            if not numeric or self.is_numeric(column)
        ]
        best = max(found, default=(0.0, 0))
        return (-best[1], best[0]) if best[0] > 0 else None

    def is_numeric(self, column: int) -> bool:
        """Whether most cells of a column are a number, perhaps with a unit."""
        given = self.sheet.rows.columns[column]
        if given.type == "number":
            return True
        texts = [texts[column].strip() for texts in self.sheet.rows.texts if texts[column].strip()]
        numbers = sum(_NUMBER.fullmatch(text) is not None for text in texts)
        return given.type == "text" and bool(texts) and numbers >= 0.8 * len(texts)

    def is_amount(self, column: int) -> bool:
        """Whether the numbers of a column can be summed: they are neither years nor ranks."""
        if not self.is_numeric(column) or _RANKS & set(words_of(self.sheet.rows.columns[column].name)):
            return False
        years = sum(_YEAR.fullmatch(texts[column].strip()) is not None for texts in self.sheet.rows.texts)
        return years < 0.5 * len(self.sheet.rows.texts)

    def words_in(self, start: int, end: int, used: Sequence[Mention] = ()) -> tuple[str, ...]:
        """The content words in a part of the question that no mention holds."""
        return tuple(
            word
            for word, first, last in self.spans
            if start <= first
            and last <= end
            and not is_function(word)
            and not any(mention.start <= first < mention.end for mention in used)
        )


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if not is_function(word)) or tuple(words)


def _holds(cell: Sequence[str], words: Sequence[str]) -> bool:
    length = len(words)
    return any(tuple(cell[place : place + length]) == tuple(words) for place in range(len(cell) - length + 1))
