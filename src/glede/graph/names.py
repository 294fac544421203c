"""When two names are the same: the key of a name, and the number of the entity that it names.

The key takes away what differs in writing and not in meaning: case, accents, widths, quotes, possessives,
articles, plurals, the order of "Einstein, Albert", what stands in brackets behind a title, and the script
where a table turns its letters into Latin ones. It never raises, and the key of a key is that key.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from glede.graph.spelling import REGIONS, in_latin, singular, without_umlauts
from glede.types import content_hash

LONGEST_NAME = 200
"""Characters of a name that are kept: what is longer is a sentence."""
ROUNDS = 8
"""How often the rules are gone through at most, until they find nothing more to take away."""

_VOICING = (0, 7, 8, 9)
"""Classes of combining marks that are letters' own: those of kana and of Indian scripts."""
_INVERTED = re.compile(
    r"\s*([^\W\d_][\w'’.\- ]{0,60}), ((?:[^\W\d_][\w'’.\-]*)(?: [^\W\d_][\w'’.\-]*){0,2})\s*"
)
_LARGE_WORDS = re.compile(r"(?:^|\s)([^\W\d_])")
_PARTICLES = frozenset(("van", "von", "de", "der", "den", "di", "da", "la", "le", "bin", "ibn", "al", "zu"))
_ARTICLES = re.compile(r"^(?:(?:the|an?)\s+)+(?=\S)")
_POSSESSIVE = re.compile(r"(?<=\w)\s?['’ʼ]s\b|(?<=s)['’](?!\w)")
_MARKS = re.compile(r"['’‘ʼʻʹ`´“”\"«»„‚‹›]")
_BRACKETS = re.compile(r"\s*[(（\[][^()（）\[\]]*[)）\]]\s*$")
_DOTTED = re.compile(r"\b(\w)\.\s?(?=\w\.)")
_DOTS = re.compile(r"(?<!\S)[./]+|[./]+(?!\S)")
_OTHERS = re.compile(r"[^\w.+#&/]+")
_PLAIN = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


@lru_cache(maxsize=2**16)
def key_of(name: str) -> str:
    """The name without what differs in writing only; empty where nothing is left of it."""
    key = _folded(_in_order(name[: 4 * LONGEST_NAME]))
    for _ in range(ROUNDS):
        shorter = _reduced(key)
        if shorter == key:
            break
        key = shorter
    return key


@lru_cache(maxsize=2**16)
def entity_of(name: str) -> int:
    """The number of the entity a name means, 1 to 2**63 - 1: a hash of its key; 0 where it has none."""
    key = key_of(name)
    return (int(content_hash("entity", key, length=16), 16) >> 1) or 1 if key else 0


def _in_order(name: str) -> str:
    """ "Einstein, Albert" as "Albert Einstein"; not "Paris, Texas"."""
    match = _INVERTED.fullmatch(name) if "," in name else None
    if match is None:
        return name
    last, first = match[1].split(), match[2].split()
    surname = [word for word in last if word.casefold() not in _PARTICLES]
    given = all(word[0].isupper() for word in (*first, *surname)) and len(surname) == 1
    if not given or any(word.casefold().strip(".") in REGIONS for word in first):
        return name
    return f"{match[2]} {match[1]}"


def _folded(name: str) -> str:
    """The name in small letters of the usual width, without accents and invisible characters."""
    if name.isascii():
        return name.lower()
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    plain = unicodedata.normalize("NFKD", in_latin(_own_letters(whole)))
    return unicodedata.normalize("NFC", _own_letters(plain))


def _own_letters(text: str) -> str:
    """A text without accents that stand by themselves and what cannot be seen; digits as 0 to 9."""
    letters = []
    for letter in text:
        kind = unicodedata.category(letter)
        if kind == "Nd":
            letters.append(str(unicodedata.decimal(letter)))
        elif kind not in ("Cf", "Cs", "Me") and unicodedata.combining(letter) in _VOICING:
            letters.append(letter)
    return "".join(letters)


def _reduced(key: str) -> str:
    """One round of the rules over a folded name."""
    if not key.isascii():
        key = _folded(key)
    if _PLAIN.fullmatch(key) is None:
        key = _POSSESSIVE.sub("", _BRACKETS.sub("", key) or key)
        key = _DOTTED.sub(r"\1", _MARKS.sub("", key)).replace(" & ", " and ")
        key = " ".join(_DOTS.sub(" ", _OTHERS.sub(" ", key)).split())
    key = _ARTICLES.sub("", key)[:LONGEST_NAME].rstrip()
    return without_umlauts(singular(key))
