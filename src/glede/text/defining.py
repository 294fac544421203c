"""Questions for what something is, and sentences that say it: "What is a segment?", "A segment is a file".

Where a name stands in nearly every chunk of a collection, no channel finds the one that says what it is. So
the terms that a text defines or is headed by have numbers of their own in the keyword index.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from glede.text.keywords import number_of

MOST_WORDS = 6
"""Words of a term; what is longer is described, and no text begins a sentence with it."""
LONGEST_QUESTION = 200
STATED = 1.0
"""How far a sentence says what the term is where it says "is a"."""
NAMED = 0.75
"""The same where it says "is called"."""
TOLD = 0.5
"""The same where it says "consists of", "means", "is used", or what it is short for."""
TITLED = 0.3
"""The same of a text that stands under the term as its heading."""

_ARTICLE = (
    r"(?:(?:an?|the|eine?[nmrs]?|der|die|das|les?|la|une?|los|las|el|una|gli|il|i|lo|os|as|uma?)\s+"
    r"|l['’]\s?|un['’]\s?)"
)
_ASKED = re.compile(
    rf"""^\W*(?:
      (?:what(?:['’]s|\ is|\ are|\ was|\ were)|who(?:['’]s|\ is|\ are|\ was|\ were)
        |was\ (?:ist|sind|war|waren|bedeutet|bedeuten|bezeichnet)|wer\ (?:ist|sind|war|waren)
        |qu['’]est[- ]ce\ qu(?:e|['’])|c['’]est\ quoi|qui\ (?:est|sont|était)
        |qué\ (?:es|son|significa)|quién\ (?:es|fue)|(?:che\ )?cos['’](?:è|\ è)|che\ cosa\ è|chi\ (?:è|era)
        |o\ que\ (?:é|são)|quem\ (?:é|foi)|что\ (?:такое|означает)|кто\ (?:такой|такая|такие)
        |ما\ (?:هو|هي|معنى)|من\ (?:هو|هي)|define|explain|definiere|erkläre)\s*
        {_ARTICLE}?(?P<first>[^?？؟]+?)
      |什么是(?P<second>[^?？，,]+?)
      |(?P<third>[^?？，,]+?)是(?:什么|谁)(?:意思)?
      |(?:what\ do(?:es)?\ |was\ ){_ARTICLE}?(?P<fourth>[^?]+?)\ (?:mean|stand\ for|bedeutet)
    )\s*[?？؟.!]*\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
_IS = r"(?:is|are|was|were|ist|sind|war|waren|est|sont|était|es|son|era|è|sono|é|são|это|هو|هي)"
_SAYS = (
    r"(?:means?|refers?\sto|stands?\sfor|denotes?|consists?\sof|represents?|describes?|defines?|indicates?"
    r"|bedeutet|bezeichnet|bezeichnen|steht\sfür|besteht\saus|désignent?|signifie|significa|designa|indica"
    r"|называется|означает|является)"
)
_CALLED = (
    r"(?:called|termed|known\sas|referred\sto\sas|defined\sas|heißt|heißen|nennt\sman|nennen\swir|appelée?s?"
    r"|se\sllaman?|называ[ею]тся)"
)
_OPENING = rf"[^\w\n]*(?:[^.,;:!?|\n]{{2,40}},\s+)?{_ARTICLE}?"
"""What may stand before a term where its sentence begins, as in "In Milvus, a segment is"."""
_OPENS = re.compile(_OPENING, re.IGNORECASE)
_ENDS_CALLED = re.compile(rf"\b{_CALLED}\s{_ARTICLE}?$", re.IGNORECASE)
_ASIDE = r"\W{0,2}(?:\s?\([^()\n]{1,120}\))?(?:,[^.,\n]{1,80},)?"
_OF_A_KIND = r"(?:\s(?:in|of|for|on|within)\s[^.,:;\n]{1,40})?"
_STATED = re.compile(
    rf"{_ASIDE}\s(?:{_IS}\s(?:{_ARTICLE}|one\sof\b|any\b|used\b)|[—–-]\s*(?:это\b)?)", re.IGNORECASE
)
_TOLD = re.compile(rf"{_ASIDE}{_OF_A_KIND}(?:\s(?:{_IS}|{_SAYS})\b|\s?[:—–]\s)", re.IGNORECASE)
_ASIDE_UNSPACED = r"\s*(?:（[^）\n]*）|\([^)\n]*\))?\s*"
_STATED_UNSPACED = re.compile(_ASIDE_UNSPACED + "(?:是|即|指|又称|为)[一指由种用个]")
_TOLD_UNSPACED = re.compile(_ASIDE_UNSPACED + "(?:是|即|指|又称|为)")
_PRONOUNS = """
    it this that these those there here he she they das dies dieses es er sie ce ça cela il elle esto eso ello
    questo quello isso isto это он она оно они هذا هذه ذلك 这 那 它 他 她
"""
_NO_TERMS = frozenset(_PRONOUNS.split())
"""What stands for something that was named before: whatever a sentence says of it means nothing."""
_WORDS = re.compile(r"\w+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_AROUND_TITLES = " \t*_`#:.0123456789"

# These look through every text that is added, so they begin with a letter that is searched for fast.
_TELLING = re.compile(rf" (?:{_IS}\s(?={_ARTICLE}|one\s)|[—–-]\s*это\b)")
_TELLING_UNSPACED = re.compile("是[一指由]")
_CALLING = re.compile(rf" {_CALLED} {_ARTICLE}?([^\n.,;:|()]{{2,80}})")
_SHORT = re.compile(r"\(([A-Z][\w-]{1,9})\)")
_BEFORE = re.compile(rf"{_OPENING}([^\n,;:|()]{{1,80}}?)(?:\s?\([^()\n]{{1,120}}\))?$", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?:;]\s|\n|[。！？，]")
_FARTHEST = 130
"""Characters before "is a" in which the term stands."""


@dataclass(frozen=True, slots=True)
class Term:
    """A term that is asked for, and where it stands in texts, in the singular or plural."""

    text: str
    found: re.Pattern[str]

    @property
    def weights(self) -> dict[int, float]:
        """The sparse vector that finds the chunks to which `definitions_of` gave the term."""
        return {_number("means", self.text): STATED, _number("heads", self.text): TITLED}

    def said_in(self, text: str) -> float:
        """How far a sentence of the text says what the term is, from 0 to 1."""
        return max((_said(text, match) for match in self.found.finditer(text)), default=0.0)

    def is_title(self, heading: str) -> bool:
        """Whether a heading is the term, or the question for it."""
        return _number("heads", self.text) == _number("heads", _titled(heading))


def _said(text: str, term: re.Match[str]) -> float:
    """How far the sentence says what the term in it is."""
    if _UNSPACED.search(term[0]):
        return _after(text, term.end(), _STATED_UNSPACED, _TOLD_UNSPACED)
    begins, before = _sentence_before(text, term.start())
    if _ENDS_CALLED.search(before, begins):
        return NAMED
    if before.endswith("(") and text.startswith(")", term.end()) and _is_short_for(term[0], before[begins:]):
        return TOLD
    return _after(text, term.end(), _STATED, _TOLD) if _OPENS.fullmatch(before, begins) else 0.0


def _after(text: str, place: int, stated: re.Pattern[str], told: re.Pattern[str]) -> float:
    if stated.match(text, place):
        return STATED
    return TOLD if told.match(text, place) else 0.0


def _is_short_for(term: str, before: str) -> bool:
    """Whether the words before a parenthesis may be what its term is short for."""
    words = _WORDS.findall(before)[-len(term) - 2 :]
    return len(words) > 1 and any(word[0].casefold() == term[0].casefold() for word in words)


@lru_cache(maxsize=64)
def asked_term(question: str) -> Term | None:
    """What the question asks the meaning of; `None` where it asks for anything else."""
    match = _ASKED.match(question) if len(question) < LONGEST_QUESTION else None
    if match is None:
        return None
    text = next(group for group in match.groups() if group).strip(" \t\"'«»„“”‘’`*_")
    if not text or len(text.split()) > MOST_WORDS or text.casefold() in _NO_TERMS:
        return None
    term = r"[\s\-]+".join(map(re.escape, re.split(r"[\s\-]+", text)))
    if _UNSPACED.search(text):
        return Term(text, re.compile(term, re.IGNORECASE))
    term += "?" if term.endswith("s") else "(?:e?s)?"
    return Term(text, re.compile(rf"(?<!\w){term}(?!\w)", re.IGNORECASE))


def definitions_of(text: str, headings: Sequence[str]) -> dict[int, float]:
    """The sparse vector of the terms that a text defines, and of the one that it stands under."""
    told = (term for term in _told(text) if len(term.split()) <= MOST_WORDS)
    found = {_number("means", term): 1.0 for term in told}
    title = _titled(headings[-1]) if headings else ""
    if title and len(title.split()) <= MOST_WORDS:
        found[_number("heads", title)] = 1.0
    return found


def _told(text: str) -> Iterator[str]:
    """What stands before "is a" in its sentence, what follows "is called", and short forms in parentheses."""
    unspaced = () if text.isascii() else _TELLING_UNSPACED.finditer(text)
    for match in (*_TELLING.finditer(text), *unspaced):
        begins, before = _sentence_before(text, match.start())
        if subject := _BEFORE.match(before, begins):
            yield subject[1]
    for pattern in (_CALLING, _SHORT):
        for match in pattern.finditer(text):
            yield match[1]


def _sentence_before(text: str, place: int) -> tuple[int, str]:
    """The text shortly before a place, and where in it the last sentence begins."""
    before = text[max(0, place - _FARTHEST) : place]
    return max((stop.end() for stop in _SENTENCE.finditer(before)), default=0), before


def _titled(heading: str) -> str:
    """What a heading is about: that of "What is a segment?" is a segment."""
    title = heading.strip(_AROUND_TITLES)
    asked = asked_term(title)
    return asked.text if asked else title


def _number(relation: str, term: str) -> int:
    """Of a term in the keyword index, apart from all words; "Segments" is "segment"."""
    normal = " ".join(_WORDS.findall(term.casefold()))
    return number_of(f"{relation}:{normal[:-1] if len(normal) > 3 and normal[-1] == 's' else normal}")
