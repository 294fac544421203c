"""What kind of thing a name means, by the words in it and beside it; `name` where nothing tells."""

from __future__ import annotations

import re
from functools import lru_cache

from glede.extractors.nlp_words import MONTHS, ROLES, words_of

_LAST = {
    **dict.fromkeys(
        words_of(
            """inc incorporated ltd limited llc plc corp corporation company co gmbh ag kg se sa srl
            university universität université universidad college institute institut institution academy
            school schule ministry ministerium department bureau agency commission committee council
            association society union federation foundation stiftung party partei bank group holdings
            records pictures studios entertainment productions airlines airways railways railway
            orchestra band club team f.c fc a.c bc verein verband hospital laboratory laboratories
            library museum church press times post gazette network broadcasting army navy force forces
            regiment brigade senate parliament congress court police democrats republicans league
            organization organisation nations authority board office trust fund университет институт
            министерство компания академия партия банк"""
        ),
        "organization",
    ),
    **dict.fromkeys(
        words_of(
            """river fluss lake see mountain mountains mount range hill hills valley county city town
            village township municipality district province region state territory island islands isle
            peninsula bay gulf sea ocean strait channel creek street avenue road boulevard square park
            forest desert beach airport station bridge castle palace cathedral stadium arena tower fort
            harbor harbour port republic kingdom empire straße strasse platz berg burg brücke stadt край
            область река озеро улица город"""
        ),
        "place",
    ),
    **dict.fromkeys(
        words_of(
            """war battle siege revolution olympics cup championship championships festival treaty
            election elections conference games massacre uprising rebellion crisis awards award prize
            crusade expedition tournament война битва революция"""
        ),
        "event",
    ),
    **dict.fromkeys(
        words_of("film album song novel book series trilogy symphony opera anthem soundtrack poem magazine"),
        "work",
    ),
}
"""What a name of several words is that ends with one of these."""
_HEADED = {
    **dict.fromkeys(
        words_of("university ministry department bank institute church house board college council"),
        "organization",
    ),
    **dict.fromkeys(words_of("republic kingdom county city state isle province gulf bay"), "place"),
    **dict.fromkeys(words_of("battle siege treaty war"), "event"),
    **dict.fromkeys(words_of("duke king queen"), "person"),
}
"""What a name is that begins with one of these words and "of"."""
_FIRST = {
    **dict.fromkeys(words_of("lake mount mt cape fort river port"), "place"),
    "operation": "event",
    "universität": "organization",
}
_BRACKETED = re.compile(r"\(([^()]{2,40})\)$")
_BRACKETS = {
    **dict.fromkeys(
        words_of("film album song novel book series play musical opera magazine newspaper game ep video"),
        "work",
    ),
    **dict.fromkeys(words_of("band company group label party organization organisation"), "organization"),
    **dict.fromkeys(
        words_of(
            """politician musician artist born king queen bishop actor actress judge physicist singer
            writer footballer director producer painter composer rapper swimmer wrestler boxer cricketer
            drummer"""
        ),
        "person",
    ),
    **dict.fromkeys(words_of("city town village county river lake island state district"), "place"),
}
"""What is behind a title in brackets to tell it from others."""
_LIVES = re.compile(
    r"[ ,]*\((?:[^()]{0,60}[;,] ?)?"
    r"(?:born|b\.|née|geboren|род|\* ?\d|\d{1,2} \w+ \d{4} ?[–-]|\w+ \d{1,2}, ?\d{4} ?[–-]|\d{4} ?[–-])"
)
"""Dates of a life in brackets."""
_ACTS = words_of(
    """said says wrote writes married died told argued starred directed played sang graduated studied
    painted believed announced explained replied admitted joked emigrated retired"""
)
"""What a person does, directly after the name."""
_KIND = re.compile(r"[ ,\"”]+(?:is|was|are|were) (?:an?|the|one of the) ([\w'’-]+(?: [\w'’-]+){0,6})")
_KINDS = {
    **dict.fromkeys(
        words_of(
            """actor actress writer singer politician player footballer director composer poet painter
            scientist physicist lawyer journalist author musician rapper producer swimmer boxer cricketer
            mathematician philosopher historian novelist screenwriter model engineer businessman
            businesswoman chemist biologist economist guitarist drummer filmmaker architect activist"""
        ),
        "person",
    ),
    **dict.fromkeys(
        words_of(
            """film album song novel book single play game magazine newspaper opera drama comedy thriller
            musical documentary sitcom miniseries poem"""
        ),
        "work",
    ),
    **dict.fromkeys(
        words_of(
            """city town village municipality river county lake island district commune country province
            mountain suburb settlement township hamlet"""
        ),
        "place",
    ),
    **dict.fromkeys(
        words_of(
            """company band organization organisation club team corporation party university school
            agency manufacturer publisher airline bank retailer startup"""
        ),
        "organization",
    ),
}
"""What a sentence says that a name is: "was an Italian actress"."""
_SMALL = words_of(
    """of in by from that which who and at for with on to as directed written based born released
    produced starring published set located founded known"""
)
_BEFORE = {
    **dict.fromkeys(
        words_of(
            """actor actress actors singer writer author director producer composer wife husband brother
            sister father mother politician physicist poet mr mrs ms dr prof herr frau sir"""
        ),
        "person",
    ),
    **dict.fromkeys(("son of", "daughter of", "directed by", "written by", "sung by"), "person"),
    **dict.fromkeys(("born in", "died in", "lives in", "city of", "town of", "village of"), "place"),
    **dict.fromkeys(("located in", "based in", "capital of", "north of", "south of"), "place"),
}
"""The word, or the two words, directly before a name."""
_INITIAL = re.compile(r"^[^\W\d_]\w+ [^\W\d_]\. [^\W\d_]\w+$|^(?:[^\W\d_]\. ?)+[^\W\d_]\w+$")
_IDENTIFIER = re.compile(r"\d|_")
WINDOW = 60
"""Characters before and after a name that may tell its kind."""


def type_of(name: str, before: str = "", after: str = "", quoted: bool = False) -> str:
    """The type of a name, by what is in it, else by what stands before and after it."""
    return _by_name(name) or _by_context(before, after) or (_quoted(name) if quoted else "name")


def _quoted(name: str) -> str:
    """What quotation marks say: of a title that it is one, of a small word that it is spoken of."""
    return "work" if name[:1].isupper() or (not name[:1].isascii() and " " in name) else "term"


@lru_cache(maxsize=2**14)
def _by_name(name: str) -> str:
    if name.endswith(")") and (bracketed := _BRACKETED.search(name)):
        for word in reversed(bracketed[1].casefold().split()):
            if word in _BRACKETS:
                return _BRACKETS[word]
        name = name[: bracketed.start()].rstrip()
    words = name.casefold().replace(",", "").split()
    if len(words) < 2:
        return _by_letters(name.strip())
    if words[0] in MONTHS and words[1][:1].isdigit():
        return "date"
    if words[1] in ("of", "de", "for") and words[0] in _HEADED:
        return _HEADED[words[0]]
    kind = _LAST.get(words[-1].rstrip(".")) or _FIRST.get(words[0])
    if kind is None and (words[0].rstrip(".") in ROLES or ("." in name and _INITIAL.match(name))):
        return "person"
    return kind or ""


def _by_letters(name: str) -> str:
    """Acronyms and identifiers by their letters."""
    if name.isalpha():
        return "acronym" if 2 <= len(name) <= 6 and name.isascii() and name.isupper() else ""
    return "identifier" if _IDENTIFIER.search(name) else ""


def _stated_kind(words: list[str]) -> str:
    """The kind by the last noun that tells before a small word: a "film director" is no film."""
    kind = ""
    for word in words:
        if word in _SMALL:
            break
        kind = _KINDS.get(word, kind)
    return kind


def _by_context(before: str, after: str) -> str:
    following = after.lstrip(' ,"”')
    if following.startswith("(") and _LIVES.match(after):
        return "person"
    if following.partition(" ")[0] in _ACTS or following.startswith(("was born", "who was born")):
        return "person"
    stated = _KIND.match(after)
    if stated and (kind := _stated_kind(stated[1].casefold().split())):
        return kind
    words = before[-24:].casefold().rsplit(None, 2)[-2:]
    last = words[-1].strip(".") if words else ""
    return _BEFORE.get(last) or _BEFORE.get(" ".join(words), "")
