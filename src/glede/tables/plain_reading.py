"""A question to a table with every word accounted for: rows, columns, what is measured, what to do.

Other forms weigh how much of a question they explain. Here nothing may be left over, so that short
questions to plain tables can be answered surely, and those about another year, row or measure not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from glede.tables import plain_words
from glede.tables.asking import PERSON, label_column
from glede.tables.mentions import Mention, Reading
from glede.tables.plain_periods import Period, holds_days, holds_years, is_month, period_of, time_of
from glede.tables.plain_words import Graded, Word, keys_in, keys_of, raw_words, senses
from glede.tables.questions import is_function, words_of, year_range, years_of

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_HALF = 0.5
_FEW = 4
_BRIEF = 60
"""Words around a table that can all be about it; of more, only the caption is."""
_PERSONS = frozenset((*PERSON, *words_of("student employee")))
_COMPOUND = 5
"""Letters that a word must have to be known as the end of a compound."""


@dataclass(frozen=True)
class Account:
    """The words of a question, each with what it stands for."""

    reading: Reading

    @cached_property
    def limit(self) -> re.Match[str] | None:
        """A comparison with a number."""
        return plain_words.COMPARED.search(self.reading.asked.text)

    @cached_property
    def period(self) -> Period | None:
        """The time that the rows are to be of."""
        return period_of(self.reading)

    @cached_property
    def text(self) -> str:
        """The question, blanks where it compares with a number or names a time."""
        text = self.reading.asked.text
        idle = [match.span() for match in (self.limit, *plain_words.IDLE.finditer(text)) if match]
        if self.period is not None:
            idle.append((self.period.start, self.period.end))
        for start, end in idle:
            text = text[:start] + " " * (end - start) + text[end:]
        return text

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words outside of such a comparison."""
        found = re.finditer(r"[^\W_]+(?:[.,]\d+)*%?", self.text.replace("'s ", "   "))
        return tuple(Word(match.group(), match.start(), match.end()) for match in found)

    @cached_property
    def operations(self) -> frozenset[str]:
        """What is to be done, by the names of `OPERATIONS`, and "most", "least", "more", "less"."""
        headers = [_BRACKETS.sub(" ", column.name) for column in self.reading.sheet.rows.columns]
        text = plain_words.without_means(self.text, headers)
        found = {name for name, cue in plain_words.OPERATIONS.items() if cue.search(text)}
        names = {(True, "superlative"): "most", (False, "superlative"): "least"}
        names |= {(True, "comparative"): "more", (False, "comparative"): "less"}
        return frozenset(found | {names[one.up, one.degree] for one in self.graded if one.degree != "base"})

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The cells that are named in full, or in part where they are one."""
        apart = [match.span() for match in (self.limit,) if match]
        apart += [(self.period.start, self.period.end)] if self.period else []
        return tuple(
            mention
            for mention in self.reading.mentions
            if self._is_named(mention)
            and not any(mention.start < end and start < mention.end for start, end in apart)
            and not any(one.word.start == mention.start for one in self.graded)
        )

    def _is_named(self, mention: Mention) -> bool:
        """Whether enough of a cell is said: all of it in reports, whose labels differ by a word."""
        sheet = self.reading.sheet
        least = 1.0 if sheet.reports and len(sheet.labels) > _FEW else _HALF
        return mention.quality == 1 or (len(mention.rows) == 1 and mention.quality >= least)

    @cached_property
    def graded(self) -> tuple[Graded, ...]:
        """The words that order."""
        found = []
        for word in self.words:
            graded = self.grade(word)
            if graded is not None:
                found.append(graded)
        return tuple(found)

    def grade(self, word: Word) -> Graded | None:
        """What a word orders by."""
        for sense in senses(word.raw):
            column = self.headed(sense.headers)
            if column is not None:
                return Graded(word, sense.up, sense.degree, column)
        for up, known in ((True, plain_words.UP), (False, plain_words.DOWN)):
            if word.raw in known:
                return Graded(word, up, known[word.raw], None)
        if word.raw in plain_words.LATER | plain_words.EARLIER and self.year_named is not None:
            return Graded(word, word.raw in plain_words.LATER, "superlative", self.year_named)
        return None

    @cached_property
    def year_named(self) -> int | None:
        """The column of years whose header the question names, if it is one."""
        said = frozenset(key for word in self.words for key in keys_of(word.raw))
        found = [j for j in self.numbers if self.is_year(j) and self.header_keys[j] & said]
        return found[0] if len(found) == 1 else None

    def is_year(self, column: int) -> bool:
        """Whether a column of numbers holds years."""
        return holds_years(self.reading.sheet.rows, column)

    @cached_property
    def time(self) -> int | None:
        """The column that tells the time of a row, if it is one: of dates, or of years that name the rows."""
        return time_of(self.reading.sheet.rows)

    @cached_property
    def word_of_limit(self) -> Graded | None:
        """What the comparison with a number orders by."""
        word = self.limit.group("word") if self.limit is not None else None
        return self.grade(Word(word, 0, 0)) if word else None

    def headed(self, headers: str) -> int | None:
        """The column whose header holds one of these words, the first words first."""
        for wanted in headers.split():
            for column, keys in enumerate(self.header_keys):
                if keys & keys_of(wanted):
                    return column
        return None

    @cached_property
    def header_keys(self) -> tuple[frozenset[str], ...]:
        """What the words of each header are known by, without units."""
        columns = self.reading.sheet.rows.columns
        return tuple(keys_in(_BRACKETS.sub(" ", column.name) or column.name) for column in columns)

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """The columns of numbers that name no rows."""
        sheet = self.reading.sheet
        return tuple(j for j in sheet.value_columns if sheet.rows.columns[j].type == "number")

    @cached_property
    def label(self) -> int:
        """The column that names the rows."""
        return label_column(self.reading)

    @cached_property
    def periods(self) -> bool:
        """Whether all columns but those that name rows hold the same at different times."""
        columns = self.reading.sheet.value_columns
        return len(columns) > 1 and len(self.numbers) == len(columns) and all(map(self._is_period, columns))

    def _is_period(self, column: int) -> bool:
        name = self._name(column).casefold()
        return bool(self.reading.sheet.header_years[column]) or bool(plain_words.PERIOD.fullmatch(name))

    @cached_property
    def said(self) -> frozenset[str]:
        """What the question's words are known by."""
        return frozenset(key for word in self.words for key in keys_of(word.raw))

    @cached_property
    def named(self) -> tuple[int, ...]:
        """The columns that headers or years name, in the order of the question."""
        found = {column: place for column in range(len(self.header_keys)) if (place := self._place(column))}
        full = {column for column in found if self._full(column)}
        chosen = full or set(found)
        return tuple(sorted(chosen, key=lambda column: found[column]))

    def _place(self, column: int) -> int:
        """Where a header is named, counted from 1; 0 where it is not."""
        sheet, asked = self.reading.sheet, self.reading.asked
        years = sheet.header_years[column]
        if years and not set(years) <= set(asked.years):
            return 0
        if years:
            telling = set(sheet.header_words[column]) - sheet.common
            if not telling <= self.said:
                return 0
            return 1 + max(0, asked.text.find(str(years[0])))
        own = self.header_keys[column] - self._shared
        places = [word.start for word in self.words if keys_of(word.raw) & own and not self._held(word)]
        return 1 + places[0] if places else 0

    def _full(self, column: int) -> bool:
        """Whether all that a header says is said."""
        if self.reading.sheet.header_years[column]:
            return True
        header = _BRACKETS.sub(" ", self.reading.sheet.rows.columns[column].name)
        return all(keys_of(word) & self.said for word in raw_words(header) if not is_function(word))

    @cached_property
    def _shared(self) -> frozenset[str]:
        """What more than one header says."""
        seen: set[str] = set()
        shared: set[str] = set()
        for keys in self.header_keys:
            shared |= seen & keys
            seen |= keys
        return frozenset(shared)

    def _held(self, word: Word) -> bool:
        return any(mention.start <= word.start < mention.end for mention in self.mentions)

    @cached_property
    def context(self) -> frozenset[str]:
        """What the words of caption and context are known by."""
        return keys_in(self._around)

    @cached_property
    def _around(self) -> str:
        sheet = self.reading.sheet
        brief = len(sheet.context.split()) <= _BRIEF
        return f"{sheet.rows.caption} {sheet.context if brief else ''}"

    @cached_property
    def _compounds(self) -> tuple[str, ...]:
        return tuple(word for word in raw_words(self._around) if len(word) > 7)

    def measured(self, word: Word) -> bool:
        """Whether caption or context say the word: what the table is about, and mostly counts."""
        if any(one.isdigit() for one in word.raw):
            return self._only_year(word.raw)
        if keys_of(word.raw) & self.context:
            return True
        ending = len(word.raw) >= _COMPOUND and not is_function(word.raw)
        return ending and any(known.endswith(word.raw) for known in self._compounds)

    def _only_year(self, raw: str) -> bool:
        """Whether a year is that of the whole table."""
        sheet = self.reading.sheet
        inner = any(sheet.header_years) or any(sheet.label_years)
        return not inner and raw in map(str, years_of(self._around))

    @cached_property
    def counted(self) -> bool:
        """Whether a word of caption or context says what the table counts."""
        return any(
            self.measured(word) and not self.names_rows(word) and not is_function(word.raw)
            for word in self.words
        )

    def names_rows(self, word: Word) -> bool:
        """Whether a word says what each row is."""
        header = self.header_keys[self.label]
        if word.raw in plain_words.PEOPLE:
            return bool(header & _PERSONS)
        return word.raw in plain_words.RECORDS or bool(keys_of(word.raw) & header)

    @cached_property
    def complete(self) -> bool:
        """Whether each word is accounted for."""
        return bool(self.words) and all(map(self._accounted, self.words)) and self._years_found

    @cached_property
    def _years_found(self) -> bool:
        known = {year for column in self.named for year in self.reading.sheet.header_years[column]}
        cells = {word for mention in self.mentions for word in mention.words}
        return all(
            year in known
            or str(year) in cells
            or self._only_year(str(year))
            or self.limit is not None
            or self.period is not None
            for year in self.reading.asked.years
        )

    def _accounted(self, word: Word) -> bool:
        if self._held(word) or any(one.word == word for one in self.graded):
            return True
        if self._names_column(word) or self.names_rows(word) or self._called(word.raw):
            return True
        if self._in_operation(word) or self._of_time(word):
            return True
        if is_month(word.raw):
            return False
        if word.raw in plain_words.DOUBTED:
            return word.raw == "between" and bool(
                self.operations & {"change", "difference", "average", "total"}
            )
        return is_function(word.raw) or word.raw in plain_words.LIGHT or self.measured(word)

    @cached_property
    def _timed(self) -> bool:
        named = any(self.is_year(column) for column in self.named if column in self.numbers)
        return self.periods or bool(self.reading.asked.years) or self.time is not None or named

    def _of_time(self, word: Word) -> bool:
        if word.raw in ("day", "date"):
            return self.time is not None and holds_days(self.reading.sheet.rows, self.time)
        return word.raw in plain_words.YEARS and self._timed

    def _in_operation(self, word: Word) -> bool:
        return any(
            match.start() <= word.start < match.end()
            for cue in plain_words.OPERATIONS.values()
            for match in cue.finditer(self.text)
        )

    def _names_column(self, word: Word) -> bool:
        sheet = self.reading.sheet
        for column in self.named:
            if word.raw in map(str, sheet.header_years[column]):
                return True
            if keys_of(word.raw) & self.header_keys[column]:
                return True
        return bool(sheet.common & keys_of(word.raw))

    def _called(self, raw: str) -> bool:
        return raw in plain_words.VERBS and self.headed(plain_words.VERBS[raw]) is not None

    @cached_property
    def targets(self) -> tuple[int, ...]:
        """The columns of numbers that are asked about, in the order of the question."""
        graded = [one.column for one in self.graded if one.column is not None]
        called = [self.headed(plain_words.VERBS[word.raw]) for word in self.words if self._called(word.raw)]
        held = {mention.column for mention in self.mentions}
        found = [column for column in self.named if column in self.numbers and column not in held]
        found = found or [column for column in (*graded, *called) if column in self.numbers]
        if found:
            return tuple(dict.fromkeys(found))
        named = len(self.numbers) == 1 and any(map(str.isalpha, self._name(self.numbers[0])))
        return self.numbers if named and self.counted else ()

    def _name(self, column: int) -> str:
        return self.reading.sheet.rows.columns[column].name

    @cached_property
    def span(self) -> tuple[int, ...]:
        """The columns of a range of years, or those asked about, or all where none is and all are periods."""
        between = year_range(self.reading.asked.text) or self._between
        if between and self.periods:
            years = self.reading.sheet.header_years
            inside = [j for j in self.numbers if min(between) <= (years[j] or (0,))[0] <= max(between)]
            return tuple(inside)
        return self.targets or (self.numbers if self.periods else ())

    @cached_property
    def _between(self) -> tuple[int, ...]:
        match = re.search(r"\bbetween (\d{4}) and (\d{4})\b", self.reading.asked.text)
        return (int(match.group(1)), int(match.group(2))) if match else ()

    @cached_property
    def wanted(self) -> int | None:
        """The column of words that is asked for, where it is not the one that names the rows."""
        held = {mention.column for mention in self.mentions}
        found = [j for j in self.named if j not in self.numbers and j not in held and j != self.label]
        if not found and re.search(r"\bwhere\b", self.text):
            place = self.headed(plain_words.PLACES)
            found = [place] if place is not None and place not in held else []
        return found[0] if len(found) == 1 else None
