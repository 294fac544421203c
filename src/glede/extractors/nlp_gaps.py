"""What stands between two names that follow one another: an alias, a part, a tie in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from glede.extractors.nlp_clauses import Tie
from glede.extractors.nlp_parts import Found
from glede.text.languages import stopwords_of

LONGEST_GAP = 40
MOST_WORDS = 5
_ALIAS = re.compile(
    r"[\s,(\"“]*(?:(?:who is |which is |is |was |are )?"
    r"(?:also|better|formerly|originally|commonly|sometimes|otherwise) )?"
    r"(?:known|called|referred to|named)(?: simply)?(?: as)?(?: the)?[\s\"“(]*"
    r"|[\s,(]*(?:a\.?k\.?a\.?|a/k/a|alias|née|nee|short for|abbreviated(?: as| to)?|genannt|auch|bekannt als|"
    r"также известн\w+ как|также|или)(?: the)?[\s\"“]*"
)
_PART = re.compile(
    r" (?:is|are|was|were|ist|sind) (?:an? |the |eine? |one )?"
    r"(?:part|component|member|subsidiary|division|Teil)"
    r" (?:of|von) (?:the |der |des )?"
)
_APPOSED = re.compile(r", (?:the|an?|his|her|its) ((?:[\w-]+ ){1,4}(?:of|in|at|for|to|by|from))(?: the)? ")
_BREAK = re.compile(r"[.!?;:\n|()\[\]{}=,，。、；：！？（）《》،؛؟]|  ")


def aliases_in(text: str, nodes: Sequence[Found]) -> Iterator[tuple[str, str]]:
    """Pairs of neighbouring names that a text says mean the same."""
    for one, two in pairwise(nodes):
        gap = text[one.end : two.start]
        if 2 < len(gap) <= LONGEST_GAP and _ALIAS.fullmatch(gap):
            yield one.name, two.name


def gaps_in(text: str, nodes: Sequence[Found], language: str) -> Iterator[Tie]:
    """Ties of neighbouring names by the few words between them; those of English clauses are read whole."""
    stopwords = stopwords_of(language)
    for one, two in pairwise(nodes):
        if not 2 < two.start - one.end <= LONGEST_GAP or one.name[:1].isdigit():
            continue
        gap = text[one.end : two.start]
        if _PART.fullmatch(gap):
            yield Tie(one.name, "part of", two.name)
        elif apposed := _APPOSED.fullmatch(gap):
            yield Tie(one.name, apposed[1], two.name)
        elif language != "en" and not _BREAK.search(gap):
            words = gap.split()
            tells = any(word.isalpha() and word.casefold() not in stopwords for word in words)
            if tells and len(words) <= MOST_WORDS:
                yield Tie(one.name, " ".join(words), two.name)
