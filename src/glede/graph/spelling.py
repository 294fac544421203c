"""Tables and rules for how the same name is spelt: letters of other scripts, plurals, names before commas."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(letters: str, latin: str) -> dict[str, str]:
    """What stands for each letter; `_` is nothing."""
    return {letter: one.strip("_") for letter, one in zip(letters, latin.split(), strict=True)}


def _names(text: str) -> frozenset[str]:
    return frozenset(" ".join(text.split()).split(", "))


_CYRILLIC = _table(
    "абвгдежзийклмнопрстуфхцчшщъыьэюяєіїґўђјљњћџё",
    """a b v g d e zh z i y k l m n o p r s t u f kh ts ch sh shch _ y _ e yu ya ye i i g u dj j lj nj c dz
    e""",
)
_ARABIC = _table(
    "ءابتثجحخدذرزسشصضطظعغفقكلمنهويىةپچژگکیآأإؤئ",
    "_ a b t th j h kh d dh r z s sh s d t z _ gh f q k l m n h w y a a p ch zh g k y a a a w y",
)
_EUROPEAN = _table("ßøæœłđðþıħ", "ss o a o l d d th i h")
_LETTERS = str.maketrans({**_CYRILLIC, **_ARABIC, **_EUROPEAN})
"""Cyrillic after BGN/PCGN and Arabic after ALA-LC, both without marks, and what Unicode does not take apart
of Latin; ö and ä lose their dots elsewhere, and their e in `without_umlauts`."""
_CYRILLIC_CASE = re.compile(
    r"\b([\u0400-\u052f]{3,}?)(?:иями|ией|иях|иям|ами|ями|ого|его|ому|ему|ыми|ими|ой|ей|ый|ий|ые|ие|ых|их|ым|им|"
    r"ом|ем|ам|ям|ах|ях|ию|ия|ии|ью|ою|ею|а|я|ы|и|у|ю|е|о|ь|й)\b"
)
"""Endings of case of nouns and adjectives; those of Russian surnames (-ov, -in) stay."""
_ARABIC_LETTER = re.compile("[\u0600-\u06ff]")
_ARABIC_ARTICLE = re.compile("\\bال(?=[\u0621-\u06ff]{2})")
_TATWEEL = re.compile("\u0640")

_UMLAUT = re.compile(r"(?:(?<=[bcdfghjklmnprstvwxz])|\b)([aou])e(?=[bcdfghjklmnpqrstvwxz])")
_ADJECTIVE = re.compile(r"\b(\w+(?:isch|lich)|deutsch)e[nrsm]\b")
_PLURALS = (
    (re.compile(r"(?:(?<=\wung)|(?<=[hk]eit)|(?<=tion)|(?<=schaft)|(?<=\wtat))en$|(?<=\w\win)nen$"), ""),
    (re.compile(r"(?<=\w\w[b-df-hj-np-tv-xz])ies$"), "y"),
    (re.compile(r"(?<=\wch)es$|(?<=\wsh)es$|(?<=\wss)es$|(?<=\w\wx)es$"), ""),
    (re.compile(r"(?<=\w\w\w[b-hj-rtv-z])s$|(?<=\w\w\w[ao])s$"), ""),
)  # fmt: skip
_SINGULAR = _words(
    """texas paris kansas arkansas dallas vegas athens wales james charles williams adams edwards
    richards roberts peters stephens daniels davids phillips evans johns jacobs simons andrews matthews
    abrams collins hopkins jenkins perkins jones davies hughes rogers harris morris lewis thomas nicholas
    lucas douglas jonas silas midas atlas canvas bias gas always perhaps news mathematics physics
    economics politics ethics series species means mars hans jens lars niels klaus andreas mathias
    matthias tobias elias dickens brooks banks woods rhodes myers meyers powers summers winters sanders
    saunders barnes haynes hayes keynes naples brussels flanders los las les des aws gps dns https css
    ios kubernetes pandas redis postgres chaos cosmos christmas thanks"""
)
"""Words that end in s and are no plural, or a name of their own."""
PLACES = _names(
    """alabama, alaska, arizona, arkansas, california, colorado, connecticut, delaware, florida, georgia,
    hawaii, idaho, illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland, massachusetts,
    michigan, minnesota, mississippi, missouri, montana, nebraska, nevada, ohio, oklahoma, oregon,
    pennsylvania, tennessee, texas, utah, vermont, virginia, washington, wisconsin, wyoming, ontario,
    quebec, alberta, manitoba, saskatchewan, england, scotland, wales, ireland, france, germany,
    deutschland, italy, spain, portugal, austria, switzerland, belgium, netherlands, denmark, sweden,
    norway, finland, poland, russia, ukraine, greece, turkey, china, japan, korea, india, pakistan, iran,
    iraq, israel, egypt, australia, canada, mexico, brazil, argentina, chile, peru, usa, uk, europe, asia,
    africa, bavaria, bayern, saxony, tuscany, lombardy, catalonia, andalusia, provence, normandy,
    brittany, queensland, victoria, tasmania, cornwall, devon, kent, essex, sussex, surrey, yorkshire,
    lancashire, cumbria, norfolk, suffolk, london, berlin, paris, new york, new jersey, new mexico, new
    hampshire, north carolina, south carolina, north dakota, south dakota, west virginia, rhode island,
    british columbia, nova scotia, new brunswick, new south wales, new zealand, south africa, south
    australia, western australia, northern ireland, united states, united kingdom"""
)
"""Countries and regions, which stand behind a comma after a place that lies in them."""
REGIONS = frozenset(word for place in PLACES for word in place.split()) | _words(
    "inc ltd llc plc corp co gmbh ag jr sr phd md ii iii iv esq"
)
"""What stands behind a comma and is no first name: a place within a place, a company's form, a suffix."""


def in_latin(text: str) -> str:
    """A case-folded text with Cyrillic and Arabic words in Latin letters, without their endings of case."""
    if not text.isascii():
        text = _CYRILLIC_CASE.sub(r"\1", text)
        if _ARABIC_LETTER.search(text):
            text = _ARABIC_ARTICLE.sub("", _TATWEEL.sub("", text))
        text = text.translate(_LETTERS)
    return text


def without_umlauts(text: str) -> str:
    """Mueller as Muller, which Müller is without its dots."""
    return _UMLAUT.sub(r"\1", text) if "ae" in text or "oe" in text or "ue" in text else text


def singular(text: str) -> str:
    """A text whose last word is no plural, by light rules for English and German."""
    last = text.rpartition(" ")[2]
    if last[-1:] not in ("s", "n") or last in _SINGULAR:
        return _ADJECTIVE.sub(r"\1e", text) if "isch" in text or "lich" in text else text
    for pattern, ending in _PLURALS:
        shorter = pattern.sub(ending, last)
        if shorter != last:
            last = shorter
            break
    text = text[: text.rfind(" ") + 1] + last
    return _ADJECTIVE.sub(r"\1e", text) if "isch" in text or "lich" in text else text
