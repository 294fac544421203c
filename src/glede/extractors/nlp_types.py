"""What kind of thing a name means, by the words in it and beside it; `name` where nothing tells."""

from __future__ import annotations

import re

from glede.extractors.nlp_words import ROLES

_ORGANIZATION = (
    "inc incorporated ltd limited llc plc corp corporation company co gmbh ag kg se sa s.a srl university "
    "universität université universidad college institute institut institution academy school schule ministry "
    "ministerium department bureau agency commission committee council association society union federation "
    "foundation stiftung party partei bank group holdings records pictures studios entertainment productions "
    "airlines airways railways railway orchestra band club team f.c fc a.c bc verein verband hospital "
    "laboratory laboratories library museum church press times post gazette network "
    "broadcasting army navy force forces regiment brigade senate parliament congress court police "
    "democrats republicans league organization organisation nations authority board office trust fund "
    "университет институт министерство компания академия партия банк"
)
_PLACE = (
    "river fluss lake see mountain mountains mount range hill hills valley county city town village township "
    "municipality district province region state territory island islands isle peninsula bay gulf sea ocean "
    "strait channel creek street avenue road boulevard square park forest desert beach airport station bridge "
    "castle palace cathedral stadium arena tower fort harbor harbour port republic kingdom empire "
    "straße strasse platz berg burg brücke stadt край область река озеро улица город"
)
_EVENT = (
    "war battle siege revolution olympics cup championship championships festival treaty election elections "
    "conference games massacre uprising rebellion crisis awards award prize crusade expedition tournament "
    "grand-prix война битва революция"
)
_WORK = "film album song novel book series trilogy symphony opera anthem soundtrack poem magazine newspaper"
_LAST = {
    word: kind
    for kind, words in (
        ("organization", _ORGANIZATION), ("place", _PLACE), ("event", _EVENT), ("work", _WORK),
    )
    for word in words.split()
}  # fmt: skip
_HEADED = {
    "university": "organization", "ministry": "organization", "department": "organization",
    "bank": "organization", "institute": "organization", "church": "organization", "house": "organization",
    "board": "organization", "college": "organization", "council": "organization", "republic": "place",
    "kingdom": "place", "county": "place", "city": "place", "state": "place", "isle": "place",
    "province": "place", "gulf": "place", "bay": "place", "battle": "event", "siege": "event",
    "treaty": "event", "war": "event", "duke": "person", "king": "person", "queen": "person",
}  # fmt: skip
"""What a name is that begins with one of these words and "of"."""
_FIRST = {
    "lake": "place", "mount": "place", "mt": "place", "cape": "place", "fort": "place", "river": "place",
    "port": "place", "st": "name", "operation": "event", "universität": "organization",
}  # fmt: skip
_BRACKETED = re.compile(r"\(([^()]{2,40})\)$")
_BRACKETS = (
    (re.compile(r"\b(?:film|album|song|novel|book|series|play|musical|opera|magazine|newspaper|game|ep)\b", re.IGNORECASE), "work"),
    (re.compile(r"\b(?:band|company|group|label|party|organi[sz]ation)\b", re.IGNORECASE), "organization"),
    (re.compile(r"\b(?:\w+er|politician|musician|artist|born|king|queen|bishop|actor|actress|judge|physicist)\b", re.IGNORECASE), "person"),
    (re.compile(r"\b(?:city|town|village|county|river|lake|island|state|district|\w+ county)\b", re.IGNORECASE), "place"),
)  # fmt: skip
_BORN = re.compile(
    r"[ ,]*\((?:[^()]{0,60}[;,] ?)?(?:born|b\.|née|geboren|род|\* ?\d|\d{1,2} \w+ \d{4} ?[–-]|\w+ \d{1,2}, ?\d{4} ?[–-]|\d{4} ?[–-])"
)
_DOES = re.compile(
    r"[ ,]+(?:(?:also|first|then|later|who) )?(?:said|says|wrote|writes|married|was born|died|told|argued|starred|"
    r"directed|played|sang|graduated|studied|painted|was (?:an?|the) (?:\w+ ){0,3}(?:actor|actress|writer|singer|"
    r"politician|player|footballer|director|composer|poet|painter|scientist|physicist|lawyer|journalist|author)|"
    r"is an? (?:\w+ ){0,3}(?:actor|actress|writer|singer|politician|player|footballer|director|composer|poet))\b"
)
_IS_WORK = re.compile(
    r"\"?[ ,]+(?:is|was) (?:an?|the) (?:[\w-]+ ){0,5}(?:film|album|song|novel|book|series|single|play|game|magazine|"
    r"newspaper|opera|drama|comedy|thriller|musical|documentary)\b"
)
_IS_PLACE = re.compile(
    r"[ ,]+(?:is|was) (?:an?|the) (?:[\w-]+ ){0,4}(?:city|town|village|municipality|river|county|lake|island|district|"
    r"commune|country|province|mountain|suburb|settlement|township)\b"
)
_IS_ORGANIZATION = re.compile(
    r"[ ,]+(?:is|was) (?:an?|the) (?:[\w-]+ ){0,5}(?:company|band|organi[sz]ation|club|team|corporation|party|"
    r"university|school|agency|manufacturer|publisher|airline|bank)\b"
)
_INITIAL = re.compile(r"^[^\W\d_]\w+ [^\W\d_]\. [^\W\d_]\w+$|^(?:[^\W\d_]\. ?)+[^\W\d_]\w+$")
_IDENTIFIER = re.compile(r"\d|_")
_BEFORE_PERSON = re.compile(
    r"\b(?:by|actor|actress|singer|writer|author|director|producer|composer|son of|daughter of|wife|husband|"
    r"brother|sister|father|mother|named|politician|physicist|poet|mr\.?|mrs\.?|ms\.?|dr\.?|prof\.?|herr|frau|sir)\s$",
    re.IGNORECASE,
)
_BEFORE_PLACE = re.compile(
    r"\b(?:born in|died in|lives in|city of|town of|village of|located in|based in|near|capital of|north of|south of|east of|west of)\s$",
    re.IGNORECASE,
)
WINDOW = 60
"""Characters before and after a name that may tell its kind."""


def type_of(name: str, before: str = "", after: str = "", quoted: bool = False) -> str:
    """The type of a name, by what is in it, else by what stands before and after it."""
    return _by_name(name) or _by_context(before, after) or ("work" if quoted else "name")


def _by_name(name: str) -> str:
    if bracketed := _BRACKETED.search(name):
        for pattern, kind in _BRACKETS:
            if pattern.search(bracketed[1]):
                return kind
        name = name[: bracketed.start()].rstrip()
    words = name.casefold().replace(",", "").split()
    if len(words) > 1:
        if words[1] in ("of", "de", "for") and words[0] in _HEADED:
            return _HEADED[words[0]]
        if kind := _LAST.get(words[-1].rstrip(".")) or _FIRST.get(words[0]):
            return kind
        if words[0].rstrip(".") in ROLES:
            return "person"
        if _INITIAL.match(name):
            return "person"
    return _by_letters(name)


def _by_letters(name: str) -> str:
    """Acronyms and identifiers by their letters."""
    if " " in name:
        return ""
    if name.isalpha():
        return "acronym" if 2 <= len(name) <= 6 and name.isascii() and name.isupper() else ""
    return "identifier" if _IDENTIFIER.search(name) else ""


def _by_context(before: str, after: str) -> str:
    if _BORN.match(after) or _DOES.match(after):
        return "person"
    for pattern, kind in ((_IS_WORK, "work"), (_IS_PLACE, "place"), (_IS_ORGANIZATION, "organization")):
        if pattern.match(after):
            return kind
    if _BEFORE_PERSON.search(before):
        return "person"
    return "place" if _BEFORE_PLACE.search(before) else ""
