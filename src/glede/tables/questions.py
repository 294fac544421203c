"""A question to a table as its solver reads it: words, years, and the cues of what is to be done.

English first; the commonest question words of German, Russian and Chinese are turned into English cues,
since everything else of a question is matched with the words of the table itself.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from glede.text.keywords import analyse
from glede.text.languages import STOPWORDS, stem

_TOKEN = re.compile(r"\d[\d,]*(?:\.\d+)?%?|[^\W\d_]+")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_YEAR = re.compile(r"(?<![\d,.$])(?:fy\s?|')?((?:1[6-9]|20)\d\d)(?![\d%]|,\d)")
_SHORT_YEAR = re.compile(r"\bfy\s?'?(\d\d)\b")
_RANGE = re.compile(r"((?:1[6-9]|20)\d\d)\s*(?:-|–|to|through|until|bis|по|至|到)\s*((?:1[6-9]|20)\d\d)")
LONGEST = 600
"""Characters of a question that are read."""
LONGEST_RANGE = 12
"""More years than this between two are not meant one by one."""
_FAINT = frozenset(
    stem(word, "en")
    for word in [
        "amount",
        "value",
        "number",
        "company",
        "table",
        "year",
        "years",
        "fiscal",
        "period",
        "ended",
        "end",
        "respective",
        "respectively",
        "shown",
        "listed",
        "list",
        "according",
        "chart",
        "following",
        "given",
        "presented",
        "reported",
        "recorded",
        "total",
        "figure",
        "data",
        "compared",
        "december",
    ]
)
"""Words that say little about which cell is meant."""
_FUNCTION = (STOPWORDS["en"] - {"other"}) | frozenset(
    ["s", "t", "us", "vs", "much", "many", "one", "also", "per"]
)
_SAME = {
    "won": "win", "winner": "win", "winners": "win", "winning": "win", "lost": "loss", "lose": "loss",
    "losing": "loss", "loser": "loss", "losses": "loss", "nation": "country", "nations": "country",
    "nationality": "country", "nationalities": "country", "one": "1", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "movie": "film",
    "movies": "film", "song": "track", "songs": "track", "1st": "1", "2nd": "2", "3rd": "3",
}  # fmt: skip
_FOREIGN = (
    (r"\bim durchschnitt\b|\bdurchschnittlich\b", " average "),
    (r"\binsgesamt\b|\bzusammen\b", " in total "),
    (r"\balle[nm]?\b", " all "),
    (r"\bum wie ?viele?\b", " how much "),
    (r"\bwie alt\b", " how old "),
    (r"\bwie gro(?:ß|ss) (?:ist|war) (?!der\b|die\b|das\b)", " how tall is "),
    (r"\bwer\b", " who "),
    (r"\bwo\b", " where "),
    (r"\boder\b", " or "),
    (r"\bals\b(?! \w+ (?:von|der|des)\b)", " than "),
    (r"\bmehr\b", " more "),
    (r"\bweniger\b", " fewer "),
    (r"\bgrö(?:ß|ss)er\b", " taller "),
    (r"\bkleiner\b", " smaller "),
    (r"\bälter\b", " older "),
    (r"\bälteste[nrsm]?\b", " oldest "),
    (r"\bjünger\b", " younger "),
    (r"\bjüngste[nrsm]?\b", " youngest "),
    (r"\bteuerste[nrsm]?\b", " dearest "),
    (r"\blängste[nrsm]?\b", " longest "),
    (r"\bschwerste[nrsm]?\b", " heaviest "),
    (r"\b(?:wohnt|wohnen|lebt|leben)\b", " live "),
    (r"\b(?:personen|leute|menschen)\b", " people "),
    (r"\b(?:gestiegen|stieg|wuchs|gewachsen|zugenommen|zunahme)\b", " increased "),
    (r"\b(?:gesunken|sank|gefallen|abgenommen|abnahme|rückgang)\b", " decreased "),
    (r"\banzahl\b", " number of "),
    ("wie viele|wieviele|сколько|多少个|多少次|多少名|有多少|几个", " how many "),
    (
        "wie hoch|wie viel|wie gro(?:ß|ss)|was ist|was war|каков[аоы]?|какой|какая|какое|чему равн[аоы]",
        " what is ",
    ),
    (
        "prozentuale (?:änderung|veränderung)|процентное изменение|百分比变化|变化百分比|增长率",
        " percent change ",
    ),
    ("veränderung|änderung|unterschied|differenz|изменение|разница|разность|变化|差额|差异|相差", " change "),
    ("durchschnittliche[rns]?|durchschnitt|mittelwert|средн(?:ее|ий|яя|юю)|平均值|平均", " average "),
    ("summe|gesamtsumme|сумма|总和|合计", " sum of "),
    ("welche[rsmn]?|какие|哪些|哪个|哪一?", " which "),
    ("in jahr|im jahr|году|году|年份", " year "),
    (r"\bjahre?n?\b|\bгод(?:у|а|ы|ах)?\b|年", " year "),
    (
        "höchste[nrsm]?|grö(?:ß|ss)te[nrsm]?|meisten|наибольш\\w+|самый большой|самая большая|最高|最大|最多",
        " highest ",
    ),
    ("niedrigste[nrsm]?|kleinste[nrsm]?|wenigsten|наименьш\\w+|самый маленький|最低|最小|最少", " lowest "),
    ("zwischen|между|之间", " between "),
    (r"\bund\b|\bи\b|和", " and "),
    ("的|是|多少|在|为|从|到|至", " "),
    ("anteil|доля|占比|比例", " percentage "),
)
_WORD = re.compile(r"[^\W\d_]+")
_FOREIGN_FUNCTION = (STOPWORDS["de"] | STOPWORDS["ru"]) - STOPWORDS["en"]
_FOREIGN_CUES = tuple((re.compile(pattern), cue) for pattern, cue in _FOREIGN)


@lru_cache(maxsize=2**14)
def words_of(text: str) -> tuple[str, ...]:
    """The stems of a text in order, numbers without separators; pairs of characters of wide scripts."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'").replace("'s ", " ")
    if _WIDE.search(plain):
        return tuple(analyse(plain))
    return tuple(_word(match.group()) for match in _TOKEN.finditer(plain))


def spans_of(text: str) -> tuple[tuple[str, int, int], ...]:
    """The words of a text with where they begin and end; for scripts that set words apart."""
    plain = text.replace("'s ", "   ")
    return tuple((_word(match.group()), match.start(), match.end()) for match in _TOKEN.finditer(plain))


def _word(token: str) -> str:
    if token in _SAME:
        return _SAME[token]
    if token[0].isdigit():
        token = token.replace(",", "").rstrip("%")
        return token.rstrip("0").rstrip(".") if "." in token else token
    return stem(token, "en")


@lru_cache(maxsize=2**14)
def is_function(word: str) -> bool:
    """Whether a word only holds a sentence together."""
    return word in _FUNCTION or word in _FUNCTION_STEMS


_FUNCTION_STEMS = frozenset(stem(word, "en") for word in _FUNCTION)


def is_faint(word: str) -> bool:
    """Whether a word says little about which cell is meant."""
    return word in _FAINT


def years_of(text: str) -> tuple[int, ...]:
    """The years that a text names, in order, each once."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    found = [(match.start(), int(match.group(1))) for match in _YEAR.finditer(plain)]
    found += [(match.start(), 2000 + int(match.group(1))) for match in _SHORT_YEAR.finditer(plain)]
    return tuple(dict.fromkeys(year for _, year in sorted(found)))


def year_range(text: str) -> tuple[int, ...]:
    """All years of a range such as "2017 to 2019", the first one first; none where there is no range."""
    match = _RANGE.search(text.casefold())
    if match is None:
        return ()
    first, last = int(match.group(1)), int(match.group(2))
    if abs(first - last) > LONGEST_RANGE:
        return ()
    step = 1 if first <= last else -1
    return tuple(range(first, last + step, step))


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in lower case, with English cues, and the years it names."""

    text: str
    years: tuple[int, ...]

    def has(self, cue: re.Pattern[str]) -> bool:
        """Whether the cue stands in the question."""
        return cue.search(self.text) is not None


def asked(question: str) -> Asked:
    """The question as the solver reads it."""
    text = unicodedata.normalize("NFKC", question[:LONGEST]).casefold().replace("’", "'").strip()
    foreign = not text.isascii() or _is_german(text)
    for pattern, cue in _FOREIGN_CUES if foreign else ():
        text = pattern.sub(cue, text)
    if foreign:
        text = _WORD.sub(_without_foreign, text)
    return Asked(re.sub(r"[ \t\n]+", " ", text), years_of(text))


def _without_foreign(match: re.Match[str]) -> str:
    """A word of the question, or nothing where it only holds a German or Russian sentence together."""
    return " " if match.group() in _FOREIGN_FUNCTION else match.group()


def _is_german(text: str) -> bool:
    """Whether more of its words are only German than are only English: "Aller" is a valley, too."""
    words = re.findall(r"\w+", text)
    german = sum(word in STOPWORDS["de"] - STOPWORDS["en"] for word in words)
    return german > sum(word in STOPWORDS["en"] - STOPWORDS["de"] for word in words)


def content(text: str, cue: re.Pattern[str] | None = None) -> tuple[str, ...]:
    """The words of a text that must be found in a table: no cue, no years, no function words."""
    if cue is not None:
        text = cue.sub(" ", text)
    text = _YEAR.sub(" ", text)
    return tuple(word for word in words_of(text) if not is_function(word))
