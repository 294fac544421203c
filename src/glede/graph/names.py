"""When two names are the same: the key of a name, and the number of the entity that it names.

The key takes away what differs in writing and not in meaning: case, accents, quotes, possessives, articles,
what stands in brackets behind a title.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from glede.types import content_hash

LONGEST_NAME = 200
"""Characters of a name that are kept: what is longer is a sentence."""

_ARTICLES = re.compile(r"^(?:the|a|an)\s+(?=\S)")
_POSSESSIVE = re.compile(r"['’](?:s\b)?|[‘“”\"«»„]")
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_OTHERS = re.compile(r"[^\w.+#&/-]+")


@lru_cache(maxsize=2**16)
def key_of(name: str) -> str:
    """The name without what differs in writing only; empty where nothing is left of it."""
    plain = unicodedata.normalize("NFKD", name[: 4 * LONGEST_NAME]).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    plain = _POSSESSIVE.sub("", _BRACKETS.sub("", plain) or plain)
    plain = " ".join(_OTHERS.sub(" ", plain).split()).strip(".-/ ")
    return _ARTICLES.sub("", plain)[:LONGEST_NAME]


@lru_cache(maxsize=2**16)
def entity_of(name: str) -> int:
    """The number of the entity a name means, 1 to 2**63 - 1: a hash of its key; 0 where it has none."""
    key = key_of(name)
    return (int(content_hash("entity", key, length=16), 16) >> 1) or 1 if key else 0
