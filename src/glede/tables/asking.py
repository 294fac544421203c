"""What a question asks of a table's rows, the conditions that choose them, and how well both are grounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glede.tables.mentions import Mention, Reading
from glede.tables.questions import is_function, words_of
from glede.tables.statements import Plan, literal, name, numeric

EXTREME = re.compile(
    r"\b(?:(?P<most>most|highest|largest|greatest|biggest|longest|tallest|maximum|top|heaviest|deepest|widest"
    r"|richest)|(?P<least>least|lowest|smallest|fewest|shortest|minimum|lightest|narrowest))\b"
)
FIRST = re.compile(
    r"\b(?:(?P<first>first|earliest|oldest)|(?P<last>last|latest|most recent(?:ly)?|newest|final))\b"
)
BESIDE = re.compile(
    r"\b(?P<after>after|following|follows|below|next to|succeeded|next)\b|"
    r"\b(?P<before>before|preceding|precedes|preceded|previous(?:ly)? to|prior to|above|previous)\b"
)
LISTED = re.compile(r"\b(?:above|below|listed|list|chart|table)\b")
COUNT = re.compile(r"\bhow many\b|\b(?:total )?number of\b|\bcount of\b|\btotal (?:amount )?of\b")
DIFFERENCE = re.compile(
    r"\bdifference\b"
    r"|\bhow (?:many|much) (?:more|fewer|less|longer|higher|larger|taller|greater)\b[^?]*\bthan\b"
)
AVERAGE = re.compile(r"\b(?:average|mean)\b")
COMPARED = re.compile(
    r"\b(?:(?P<ge>at least|no less than|(?:a )?minimum of)"
    r"|(?P<le>at most|no more than|(?:a )?maximum of|up to)"
    r"|(?P<gt>(?:more|greater|higher|larger|longer|later|older) than|over|above|exceed(?:s|ed|ing)?|after)"
    r"|(?P<lt>(?:less|fewer|lower|smaller|shorter|earlier|younger) than|under|below|before|prior to))"
    r" \$?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<unit> (?:million|billion|thousand))?(?! or | ?-)"
)
SAME = re.compile(r"\bsame\b")
UNSURE = re.compile(
    r"\b(?:not|n't|never|no|without|except|besides|other than|consecutive|in a row|streak|each|per|why|both|"
    r"how (?:long|old|far)|between \d+ and|once|twice|times|before or after|after or before|ratio|"
    r"percentage of|"
    r"(?:above|more|higher|taller|longer|larger) ?(?:or|/) ?(?:below|less|lower|shorter|smaller))\b"
    r"|didn't|wasn't"
)
"""What no form here takes in."""
_PERSONS = (
    "name player driver athlet artist win rider swimmer competitor manag coach director candid author recipi "
    "medalist member golfer actor singer champion presid contest cyclist person incumb repres"
)
PERSON = tuple(_PERSONS.split())
TIME = ("year", "date", "season")
PLACE = ("locat", "venu", "place", "citi", "site", "stadium", "country", "town", "state", "counti", "region")
_ADJECTIVES = {
    "tallest": "height", "taller": "height", "longest": "length durat", "longer": "length durat",
    "heaviest": "weight", "weighs": "weight", "shortest": "length height", "biggest": "area popul size",
    "largest": "area popul size", "deepest": "depth",
}  # fmt: skip
_WH = re.compile(
    r"\b(?:which|what|whose|how many|name (?:the|a|an|all|one)|list (?:the|all|each)?|who|when|where"
    r"|number of)\b"
)
_VERB_LIST = (
    "is was are were did do does has have had the of in with for that who which to from on at be been won "
    "between and or by a an than got came comes placed received made as"
)
_VERBS = frozenset(_VERB_LIST.split())
FORM_WORDS = re.compile(
    r"\b(?:more|most|higher|highest|larger|largest|greater|greatest|biggest|longest|tallest|maximum|minimum|least"
    r"|lowest|smallest|fewest|shortest|first|earliest|oldest|last|latest|recent|newest|final|after|following"
    r"|follows|below|next|before|preceding|previous|prior|above|taller|longer|bigger|better|fewer|less|lower"
    r"|smaller|shorter|earlier|later|older|difference|how|many|much|number|count|average|mean|different|distinct"
    r"|unique|which|what|whose|name|list|who|when|where|only|total|all|immediately|directly|right|listed|same|than"
    r"|combined|together|amount)\b"
)


@dataclass(frozen=True, slots=True)
class Asking:
    """The column that is asked for, and how surely."""

    column: int
    fit: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with a number: its condition, column and sureness, and where it stands in the question."""

    condition: str
    column: int
    fit: float
    start: int
    end: int


def asking(reading: Reading) -> Asking:
    """The column that the question wants: the noun after its question word, or what names the rows."""
    match = _WH.search(reading.asked.text)
    label = label_column(reading)
    if match is None:
        return Asking(label, 0.3)
    found = nouns(reading, match.end())
    kinds = {"who": PERSON, "when": TIME, "where": PLACE}.get(match.group())
    for take in (found, found[-1:], found[:1]):
        named = reading.column_for(take)
        if match.group() == "who" and named is not None and reading.is_numeric(named[0]):
            continue
        if take and named is not None and named[1] >= (0.3 if kinds is None else 0.5):
            return Asking(named[0], 0.6 + 0.4 * named[1])
    if kinds is not None:
        column = column_of(reading, kinds)
        return Asking(label if column is None else column, 0.5 if column is None else 0.9)
    return Asking(label, 0.5 if found else 0.3)


def nouns(reading: Reading, start: int) -> list[str]:
    """The words after a question word, up to the verb."""
    found: list[str] = []
    for word, first, last in reading.spans:
        if first < start:
            continue
        raw = reading.asked.text[first:last]
        named = any(
            mention.start <= first < mention.end for mention in reading.mentions if mention.quality == 1
        )
        if (raw in _VERBS and found) or len(found) == 4 or named:
            break
        if not (is_function(word) or raw in _VERBS or EXTREME.fullmatch(raw) or FIRST.fullmatch(raw)):
            found.append(word)
    return found


def column_of(reading: Reading, kinds: Sequence[str]) -> int | None:
    """The column whose header holds one of the words, the first words first."""
    for kind in kinds:
        for column, given in enumerate(reading.sheet.rows.columns):
            if kind in words_of(given.name):
                return column
    return None


def label_column(reading: Reading) -> int:
    """The column that names the rows in words."""
    rows = reading.sheet.rows
    columns: list[int] = [*rows.labels, *range(len(rows.columns))]
    texts = [j for j in columns if rows.columns[j].type == "text" and not reading.is_numeric(j)]
    return (texts or columns)[0]


def condition(reading: Reading, mentions: Sequence[Mention], wide: bool = False, totals: bool = False) -> str:
    """The condition that rows meet that hold all that is mentioned; of one column, any of it."""
    rows = reading.sheet.rows
    parts = []
    for column in dict.fromkeys(mention.column for mention in mentions):
        chosen = [row for m in mentions if m.column == column for row in (m.wide if wide else m.rows)]
        values = [
            value for value in dict.fromkeys(rows.values[row][column] for row in chosen) if value is not None
        ]
        if not values:
            listed = ", ".join(str(rows.places[row]) for row in chosen)
            parts.append(f'"_place" IN ({listed})')
            continue
        listed = ", ".join(map(literal, values))
        parts.append(f"{name(rows, column)} {f'IN ({listed})' if len(values) > 1 else f'= {listed}'}")
    if rows.totals and not totals:
        parts.append(f'"_place" NOT IN ({", ".join(str(rows.places[row]) for row in rows.totals)})')
    return " AND ".join(parts)


def rows_of(reading: Reading, mentions: Sequence[Mention]) -> tuple[int, ...]:
    """The rows that hold all that is mentioned; of one column, any of it."""
    chosen = set(range(len(reading.sheet.rows.values)))
    for column in {mention.column for mention in mentions}:
        chosen &= {row for mention in mentions if mention.column == column for row in mention.rows}
    return tuple(sorted(chosen))


def value_column(reading: Reading, words: Sequence[str]) -> Asking | None:
    """The column of numbers that the words name, or that an adjective calls for."""
    found = reading.column_for(words, numeric=True)
    if found is not None and found[1] >= 0.3:
        return Asking(found[0], 0.5 + 0.5 * found[1])
    for adjective, headers in _ADJECTIVES.items():
        if re.search(rf"\b{adjective}\b", reading.asked.text):
            found = reading.column_for(headers.split(), numeric=True)
            if found is not None:
                return Asking(found[0], 0.7)
    return None


def comparison(reading: Reading) -> Comparison | None:
    """The comparison with a number in the question, where its column can be told."""
    text, rows = reading.asked.text, reading.sheet.rows
    match = COMPARED.search(text)
    if match is None:
        return None
    amount = float(match.group("number").replace(",", ""))
    amount *= {"million": 1e6, "billion": 1e9, "thousand": 1e3}.get((match.group("unit") or "").strip(), 1.0)
    after = reading.words_in(match.end(), min(len(text), match.end() + 30))
    before = reading.words_in(max(0, match.start() - 40), match.start())
    found = reading.column_for(after[:1], numeric=True) or reading.column_for((*after, *before), numeric=True)
    time = column_of(reading, TIME)
    if found is None and 1500 < amount < 2100 and time is not None:
        found = (time, 0.9)
    if found is None:
        return None
    column = numeric(rows, found[0])
    if rows.columns[found[0]].type == "date":
        column = f"TRY_CAST(substr(CAST({name(rows, found[0])} AS VARCHAR), 1, 4) AS DOUBLE)"
    amount /= rows.columns[found[0]].scale if amount >= 1e5 else 1.0
    signs = {"ge": ">=", "le": "<=", "gt": ">", "lt": "<"}
    sign = next(sign for group, sign in signs.items() if match.group(group))
    return Comparison(
        f"{column} {sign} {literal(amount)}", found[0], 0.4 + 0.6 * found[1], match.start(), match.end()
    )


def grounding(
    reading: Reading, used: Sequence[Mention], columns: Sequence[int], fit: float, also: Sequence[str] = ()
) -> float:
    """How much of the question is explained, how fully values are named, and how surely the columns are."""
    text, rows = reading.asked.text, reading.sheet.rows
    cues = [match.span() for cue in (FORM_WORDS, COMPARED) for match in cue.finditer(text)]
    known = {word for column in columns for word in words_of(rows.columns[column].name)} | set(also)
    total = explained = 0.0
    for word, first, _ in reading.spans:
        if is_function(word) or any(start <= first < end for start, end in cues):
            continue
        weight = 0.5 if word in known else reading.sheet.weight(word)
        mention = next((mention for mention in used if mention.start <= first < mention.end), None)
        total += weight
        explained += weight * (mention.quality if mention is not None else float(word in known))
    quality = min((mention.quality for mention in used), default=0.8)
    return 0.6 * (explained / total if total else 0.5) + 0.2 * quality + 0.2 * fit


def cells_plan(
    reading: Reading,
    form: str,
    sql: str,
    used: Sequence[Mention],
    columns: Sequence[int],
    fit: float,
    most: int = 1,
) -> Plan:
    """A plan whose answer is printed cells of the first of `columns`."""
    rows = tuple(dict.fromkeys(row for mention in used for row in mention.rows))
    found = grounding(reading, used, columns, fit)
    return Plan(form, sql, found, "printed", rows, tuple(dict.fromkeys(columns)), most)


def number_plan(
    reading: Reading,
    form: str,
    sql: str,
    used: Sequence[Mention],
    columns: Sequence[int],
    fit: float,
    also: Sequence[str] = (),
) -> Plan:
    """A plan whose answer is a computed number."""
    rows = rows_of(reading, used) if used else ()
    found = grounding(reading, used, columns, fit, also)
    return Plan(form, sql, found, "number", rows, tuple(dict.fromkeys(columns)))
