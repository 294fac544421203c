"""A table as its solver reads it: the words and years of each row's label and of each column's header.

A cell is addressed by the words of its row, of the heading rows above it and of its column. Cells that
differ only in their year form a series, whether the years stand in the header or in the labels.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from glede.tables.questions import is_faint, is_function, words_of, years_of
from glede.tables.values import Rows

_JOINT = " > "
"""What `glede.tables.typing` puts between the headings above a row and its label."""
_DAY_YEAR = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)?,?\s+(?=(?:19|20)\d\d\b)|(?:19|20)\d\d")
_NOTE = re.compile(r"\(\d{1,2}\)|\[[^\]]*\]|\(note[^)]*\)|\(restated[^)]*\)", re.IGNORECASE)
NONE = re.compile(r"[-—–\s]*|n/?a|nm|nil", re.IGNORECASE)
"""How a table prints that there is nothing."""
TIME_WORDS = frozenset(
    words_of(
        """fiscal year years ended end ending period for the as of at and in on to months month quarter
        december january february march april may june july august september october november
        thousands millions
        billions dollars except per share data percentages three six nine twelve"""
    )
)
"""Words that only say which time is meant."""
_FOUND_IN_CONTEXT = 0.15
_UNKNOWN = 0.6


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell by the numbers of its row and column in `Rows`."""

    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Series:
    """The cells of one quantity, by year (0 where the table gives none), and how well they fit."""

    cells: Mapping[int, Cell]
    score: float
    margin: float = 0.0


@dataclass(frozen=True)
class Sheet:
    """A table with the words of its axes."""

    rows: Rows
    context: str = ""

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What names each row, without the headings above it."""
        return tuple(
            _NOTE.sub(" ", " ".join(dict.fromkeys(texts[column] for column in self.rows.labels)))
            for texts in self.rows.texts
        )

    @cached_property
    def label_words(self) -> tuple[tuple[str, ...], ...]:
        """The words of each label, without years."""
        return tuple(words_of(_DAY_YEAR.sub(" ", label)) for label in self.labels)

    @cached_property
    def header_words(self) -> tuple[tuple[str, ...], ...]:
        """The words of each header, without years."""
        return tuple(
            words_of(_DAY_YEAR.sub(" ", _NOTE.sub(" ", column.name))) for column in self.rows.columns
        )

    @cached_property
    def header_years(self) -> tuple[tuple[int, ...], ...]:
        """The year in each header; a change from one year to another belongs to none."""
        found = (years_of(column.name) for column in self.rows.columns)
        return tuple(years if len(years) == 1 else () for years in found)

    @cached_property
    def label_years(self) -> tuple[tuple[int, ...], ...]:
        """The years in each label, or else in the headings above it."""
        pairs = zip(self.labels, self.headings, strict=True)
        return tuple(years_of(label) or years_of(heading)[-1:] for label, heading in pairs)

    @cached_property
    def header_keys(self) -> tuple[tuple[str, ...], ...]:
        """What tells columns of the same year apart: nothing where there are none of the same year."""
        years = Counter(years for years in self.header_years if years)
        if all(count == 1 for count in years.values()):
            return tuple(
                () if years else words
                for years, words in zip(self.header_years, self.header_words, strict=True)
            )
        plain = tuple(tuple(word for word in words if word not in TIME_WORDS) for words in self.header_words)
        pairs = Counter(zip(plain, self.header_years, strict=True))
        return self.header_words if max(pairs.values()) > 1 else plain

    @cached_property
    def value_columns(self) -> tuple[int, ...]:
        """The columns that name no rows."""
        return tuple(j for j in range(len(self.rows.columns)) if j not in self.rows.labels)

    @cached_property
    def filled(self) -> tuple[int, ...]:
        """The rows with at least one value."""
        return tuple(
            i
            for i, texts in enumerate(self.rows.texts)
            if any(texts[column].strip() for column in self.value_columns)
        )

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The headings above each row: what its label says before what is printed in the row."""
        if not self.rows.labels:
            return ("",) * len(self.rows.texts)
        column = self.rows.labels[0]
        parts = (str(values[column] or "").split(_JOINT) for values in self.rows.values)
        return tuple(_JOINT.join(part[:-1]) for part in parts)

    @cached_property
    def sections(self) -> tuple[tuple[str, ...], ...]:
        """The words of the headings above each row."""
        return tuple(map(words_of, self.headings))

    @cached_property
    def reports(self) -> bool:
        """Whether its columns are years, as in the tables of reports."""
        return len({year for years in self.header_years for year in years}) > 1

    @cached_property
    def _frequencies(self) -> Counter[str]:
        counted: Counter[str] = Counter()
        for words in (*self.label_words, *self.header_words):
            counted.update(set(words))
        return counted

    @cached_property
    def _context_words(self) -> frozenset[str]:
        return frozenset(words_of(f"{self.rows.caption} {self.context}"))

    def weight(self, word: str) -> float:
        """How much a word tells about which cell is meant."""
        if is_function(word):
            return 0.05
        frequency = self._frequencies[word]
        if frequency:
            weight = max(0.25, float(frequency**-0.5))
        else:
            weight = _FOUND_IN_CONTEXT if word in self._context_words else _UNKNOWN
        return weight * (0.35 if is_faint(word) and word != "total" else 1.0)

    def weigh(self, words: Iterable[str]) -> float:
        """The weights of different words, summed."""
        return sum(map(self.weight, set(words)))

    def fit(self, words: Collection[str], cell: Cell) -> float:
        """How well words address a cell: 1 where row and column are named in full and nothing else is."""
        wanted = set(words)
        label, header = set(self.label_words[cell.row]), set(self.header_words[cell.column])
        section = set(self.sections[cell.row])
        asked = self.weigh(wanted)
        explained = self.weigh(wanted & (label | header)) + 0.9 * self.weigh(
            (wanted & section) - label - header
        )
        named = self.weigh(label & wanted) / (self.weigh(label) or 1.0) if label else 0.3
        headed = self._headed(wanted, cell.column)
        return 0.5 * (explained / asked if asked else 0.0) + 0.4 * named + 0.1 * headed

    def _headed(self, wanted: set[str], column: int) -> float:
        telling = set(self.header_words[column]) - self.common
        return self.weigh(telling & wanted) / self.weigh(telling) if telling else 0.7

    @cached_property
    def common(self) -> frozenset[str]:
        """The words that all headers of values share."""
        headers = [set(self.header_words[column]) for column in self.value_columns]
        return frozenset(set.intersection(*headers)) if headers else frozenset()

    def coverage(self, words: Collection[str], cells: Iterable[Cell]) -> float:
        """The share of the words that stand in the labels and headers of the cells, by weight."""
        known: set[str] = set()
        for cell in cells:
            known.update(self.label_words[cell.row], self.header_words[cell.column], self.sections[cell.row])
        total = self.weigh(words)
        return self.weigh(set(words) & known) / total if total else 0.0

    def is_none(self, cell: Cell) -> bool:
        """Whether the table prints a dash, or that nothing applies."""
        return NONE.fullmatch(self.text(cell)) is not None

    def text(self, cell: Cell) -> str:
        """The cell as it is printed."""
        return self.rows.texts[cell.row][cell.column].strip()

    def number(self, cell: Cell) -> float | None:
        """The number in a cell, 0 for a dash."""
        value = self.rows.values[cell.row][cell.column]
        if isinstance(value, float | int) and not isinstance(value, bool):
            return float(value)
        return 0.0 if value is None and self.text(cell) and self.is_none(cell) else None

    def series(self, words: Sequence[str], years: Sequence[int]) -> Series | None:
        """The quantity that the words name, in those years, or in all where none are asked for."""
        if len(years) == 1 and not any(self.header_years) and not any(self.label_years):
            found = self.series(words, ())
            return found and Series(
                {years[0]: next(iter(found.cells.values()))}, 0.85 * found.score, found.margin
            )
        scored = sorted(
            (
                (self._series_fit(words, cells), -order, cells)
                for order, cells in enumerate(self._grouped(years))
                if all(year in cells for year in years)
            ),
            key=lambda found: (-found[0], -found[1]),
        )
        if not scored:
            return None
        best, _, cells = scored[0]
        second = scored[1][0] if len(scored) > 1 else 0.0
        return Series(cells, best, best - second)

    def _series_fit(self, words: Sequence[str], cells: Mapping[int, Cell]) -> float:
        return sum(self.fit(words, cell) for cell in cells.values()) / len(cells)

    def _grouped(self, years: Sequence[int]) -> list[dict[int, Cell]]:
        """Cells by what is left of their labels and headers without the year."""
        groups: dict[tuple[object, object], dict[int, Cell]] = {}
        wanted = set(years)
        for row in self.filled:
            for column in self.value_columns:
                if not self.rows.texts[row][column].strip():
                    continue
                in_header, in_label = self.header_years[column], self.label_years[row]
                if in_header and (not wanted or wanted & set(in_header)):
                    key: tuple[object, object] = (row, self.header_keys[column])
                    found = in_header
                elif in_label and (not wanted or wanted & set(in_label)):
                    key = (self.label_words[row], column)
                    found = in_label
                elif wanted and (in_header or in_label):
                    continue
                else:
                    key, found = (row, column), (0,)
                for year in found:
                    groups.setdefault(key, {}).setdefault(year, Cell(row, column))
        return list(groups.values())
