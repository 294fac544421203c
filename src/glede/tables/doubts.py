"""What speaks against a plan that weighs how much of a question it explains: a year or a "who" left out.

And what speaks against all plans: that the question is for an explanation.
"""

from __future__ import annotations

import re

from glede.tables import plain_words
from glede.tables.mentions import Reading
from glede.tables.plain_words import keys_in, raw_words
from glede.tables.statements import Plan

_WHO = re.compile(r"\bwho\b")
_ABOUT = re.compile(r"\b(?:says?|said|tells?|told|writes?|wrote|mentions?|mentioned) (?:\w+ )?about\b")
_EXPLAIN = re.compile(
    r"""^\W*(?:please\s|bitte\s)?(?:
      how\s(?:does\b|to\b|(?:do|can|could|should|would|shall)\s(?!you\s(?:say|spell|call|write)\b))
     |why\b|(?:explain|describe|summari[sz]e|outline|discuss)\b|tell\sme\sabout\b
     |wie\s(?:funktionier\w+|kann|können|soll(?:te)?|muss|macht?|richte|erstelle|verwende|benutze|geht)\b
     |(?:warum|weshalb|wieso)\b|(?:erklär|beschreib|erläuter)\w*\b
     |pourquoi\b|comment\b|(?:expliqu|décri)\w+
     |(?:por\s?qu[eéê]|cómo|como|perché|come\s(?:si|posso|funziona))\b|(?:expli[cq]|spieg|descri)\w+
     |(?:почему|зачем|как\s(?:работа|настро|сделать|использ|можно))|(?:объясни|опиши)
     |为什么|为何|如何|怎么|怎样|请?(?:解释|说明|描述)|لماذا|كيف|اشرح
    )""",
    re.IGNORECASE | re.VERBOSE,
)
NOBODY = keys_in(f"{plain_words.SITES} {plain_words.THINGS}")
"""What the headers of rows that are nobody are known by."""

_MOST = frozenset(word for word, degree in plain_words.UP.items() if degree == "superlative")
_LEAST = frozenset(word for word, degree in plain_words.DOWN.items() if degree == "superlative")


def asks_for_words(question: str) -> bool:
    """Whether it is asked why or how, or what a text says about a thing: no cell or sum answers that."""
    return bool(_EXPLAIN.match(question) or _ABOUT.search(question.casefold()))


def doubted(reading: Reading, plan: Plan) -> bool:
    """Whether the plan passes over what the question says."""
    return _leaves_out_time(reading, plan.sql) or _says_nobody(reading, plan)


def turned_round(reading: Reading, plan: Plan) -> bool:
    """Whether the lowest is asked of a column that its header calls the highest, or the reverse."""
    said = frozenset(raw_words(reading.asked.text))
    for column in plan.columns:
        headed = frozenset(raw_words(reading.sheet.rows.columns[column].name))
        for own, other in ((_MOST, _LEAST), (_LEAST, _MOST)):
            if headed & own and not headed & own & said and said & other:
                return True
    return False


def _leaves_out_time(reading: Reading, sql: str) -> bool:
    """Whether a statement passes over a year of the question by which the dates of the table differ."""
    years = [str(year) for year in reading.asked.years]
    rows = reading.sheet.rows
    dates = [place for place, column in enumerate(rows.columns) if column.type == "date"]
    if not years or not dates or '"_place"' in sql.partition(" WHERE ")[2]:
        return False
    held = [values[place] for values in rows.values for place in dates]
    told = {value[:4] for value in held if isinstance(value, str)}
    return len(told) > 1 and any(year in told and year not in sql for year in years)


def _says_nobody(reading: Reading, plan: Plan) -> bool:
    """Whether "who" would be answered by a station, an order or a month."""
    if plan.said != "printed" or not plan.columns or not reading.asked.has(_WHO):
        return False
    return bool(keys_in(reading.sheet.rows.columns[plan.columns[0]].name) & NOBODY)
