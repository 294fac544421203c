"""Words of a question that stand nowhere in a small table or around it: it is asked about something else."""

from __future__ import annotations

import re

from glede.tables import plain_words
from glede.tables.asking import COMPARED, FORM_WORDS
from glede.tables.mentions import Reading
from glede.tables.plain_words import keys_in, keys_of
from glede.tables.questions import is_faint, is_function
from glede.tables.series import ASKING, CHANGE

MOST_ROWS = 12
"""Of larger tables, questions use other words than the table more often than they ask something else."""
BRIEF = 60
"""More words around a table are not all about it."""
_CUES = (*plain_words.OPERATIONS.values(), COMPARED, FORM_WORDS, CHANGE, ASKING)
_WORD = re.compile(r"[^\W_]+(?:[.,]\d+)*")
_KNOWN = frozenset(
    (
        *plain_words.LIGHT,
        *plain_words.DOUBTED,
        *plain_words.UP,
        *plain_words.DOWN,
        *plain_words.VERBS,
        *plain_words.PEOPLE,
        *plain_words.YEARS,
        *plain_words.RECORDS,
    )
)


def has_strange_words(reading: Reading) -> bool:
    """Whether a word of the question is neither in the small table, nor around it, nor says what to do."""
    sheet = reading.sheet
    if len(sheet.rows.texts) > MOST_ROWS or not 0 < len(sheet.context.split()) <= BRIEF:
        return False
    cells = (text for texts in sheet.rows.texts for text in texts)
    headers = (column.name for column in sheet.rows.columns)
    known = keys_in(" ".join((sheet.rows.caption, sheet.context, *headers, *cells)))
    text = reading.asked.text
    for cue in _CUES:
        text = cue.sub(" ", text)
    return any(not (_is_plain(word) or keys_of(word) & known) for word in _WORD.findall(text))


def _is_plain(word: str) -> bool:
    """Whether a word is known without the table."""
    said = word in _KNOWN or is_function(word) or bool(plain_words.senses(word))
    return said or any(map(is_faint, keys_of(word)))
