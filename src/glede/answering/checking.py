"""Checks what a model cites: a citation is true only where its words stand in the source it names.

A quote must stand there word for word. A mark without a quote is held against the sentences of its source:
one must say most of what the claim says, with all of its numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from glede.answering.citing import cite, stands_in, words_of
from glede.prompting.markers import Mark
from glede.prompting.packing import Source
from glede.results import Citation
from glede.text.keywords import analyse, language_of
from glede.text.sentences import sentence_spans
from glede.types import Chunk

SHARE = 0.6
"""The share of a claim's words that a sentence must have to stand for it."""
SHARE_UNMARKED = 0.75
"""The same for a sentence that the model did not cite at all."""
LEAST_WORDS = 2
LEAST_CHARACTERS = 8
"""A quote of fewer words and characters proves nothing: it stands anywhere."""
LEAST_TERMS = 3
"""A claim of fewer words is read together with the question that it answers."""
WINDOW = 2
"""How many sentences side by side may stand for a claim together."""
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?")
_IDENTIFIER = re.compile(
    r"\b(?=\w*[A-Za-z])(?:\w*\d\w*|\w+_\w+|[A-Za-z]+[a-z][A-Z]\w*|[A-Z]{2,}\w*)\b", re.ASCII
)
_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
_LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
LATIN = frozenset(("en", "fr", "es", "it", "pt", "nl", "und"))
NOUNS_ARE_CAPITAL = frozenset(("de",))
_TRIMMED = " \t\n\"'“”„‘’«»「」"
_STOPS = ".,;:!?…"


@dataclass(slots=True)
class Checked:
    """The citations of one answer so far; marks are numbered as they come, the same quote once."""

    sources: Sequence[Source]
    question: str = ""
    citations: list[Citation] = field(default_factory=list)
    _markers: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, mark: Mark) -> str:
        """What the reader sees for a mark: `[1]`, `[2?]` if not verified, `[?]` if no source."""
        return "".join(dict.fromkeys(self._shown(number, mark) for number in mark.numbers))

    def _shown(self, number: int, mark: Mark) -> str:
        source = next((one for one in self.sources if one.number == number), None)
        if source is None:
            return "[?]"
        found = self._evidence(source, mark)
        quote = found[1] if found else (trimmed(mark.quote) or mark.claim)
        marker = self._markers.get((number, quote))
        if marker is None:
            marker = self._markers[number, quote] = len(self.citations) + 1
            self.citations.append(self._citation(marker, source, quote, found and found[0]))
        return f"[{marker}]" if self.citations[marker - 1].verified else f"[{marker}?]"

    def _citation(self, marker: int, source: Source, quote: str, chunk: Chunk | None) -> Citation:
        cited = cite(marker, source.hit, quote, chunk)
        if chunk is None and (cited.verified or cited.described):  # which does not bear the claim out
            return replace(cited, quote=quote, verified=False, described="")
        return cited

    def _evidence(self, source: Source, mark: Mark) -> tuple[Chunk, str] | None:
        """The chunk and its words that bear the claim out."""
        quote = trimmed(mark.quote)
        if not quote:
            return self._supporting(source, mark.claim, SHARE)
        for chunk in _nearest_first(source):
            for words in _readings(quote):
                if _telling(words) and stands_in(words, chunk.text) and self._numbers_hold(mark.claim, chunk):
                    return chunk, words_of(words, chunk.text)
        return None

    def _supporting(self, source: Source, claim: str, share: float) -> tuple[Chunk, str] | None:
        language = language_of(f"{claim} {self.question}")
        wanted = set(analyse(claim, language))
        asked = set(analyse(self.question, language))
        best: tuple[float, Chunk, str] | None = None
        for chunk in _nearest_first(source):
            around = f"{' '.join(chunk.heading_path)} {chunk.lead} {self.question}"
            for passage in _passages(chunk):
                if not _holds(claim, f"{passage} {around}", language):
                    continue
                value = _covered(wanted, asked, set(analyse(passage, language)))
                if best is None or value > best[0]:
                    best = (value, chunk, passage)
        return (best[1], best[2]) if best is not None and best[0] >= share else None

    def _numbers_hold(self, claim: str, chunk: Chunk) -> bool:
        """Whether all numbers of the claim stand in the chunk, its headings, or the question."""
        return _has_numbers(claim, f"{chunk.embedding_text()} {self.question}")

    def find(self, sentence: str) -> Mark | None:
        """The mark that a sentence without one should have, if a source clearly says the same."""
        for source in self.sources:
            if self._supporting(source, sentence, SHARE_UNMARKED) is not None:
                return Mark((source.number,), "", sentence)
        return None


def trimmed(quote: str) -> str:
    """A quote without the quotation marks around it."""
    return quote.strip(_TRIMMED)


def _readings(quote: str) -> list[str]:
    """The quote, with and without its last stop, its first letter as given or of the other case."""
    bare = quote.rstrip(_STOPS + " ")
    forms = [quote, bare]
    forms += [form[:1].swapcase() + form[1:] for form in (quote, bare)]
    return list(dict.fromkeys(form for form in forms if form))


def _telling(quote: str) -> bool:
    return len(quote.split()) >= LEAST_WORDS or len(quote) >= LEAST_CHARACTERS or bool(_NUMBER.search(quote))


def _nearest_first(source: Source) -> list[Chunk]:
    own = source.hit.chunk
    return sorted(source.chunks, key=lambda chunk: abs(chunk.ordinal - own.ordinal))


def _passages(chunk: Chunk) -> Iterable[str]:
    """Sentences, alone and two by two; of a table its rows. The document's own words come first."""
    if chunk.modality == "table":
        yield from (line for line in chunk.text.splitlines() if any(map(str.isalnum, line)))
        return
    for text in (chunk.own_text, chunk.derived_text):
        spans = sentence_spans(text)
        for width in range(1, WINDOW + 1):
            for place in range(len(spans) - width + 1):
                yield text[spans[place][0] : spans[place + width - 1][1]]


def _covered(wanted: set[str], asked: set[str], said: set[str]) -> float:
    """The share of the claim's words that are said, of those the question did not bring if that is less.

    "In Paris" stands anywhere: of so short a claim all must be said, and most of the question with it.
    """
    if not wanted:
        return 0.0
    if len(wanted) < LEAST_TERMS:
        return len((wanted | asked) & said) / len(wanted | asked) if wanted <= said else 0.0
    shares = [len(wanted & said) / len(wanted)]
    if new := wanted - asked:
        shares.append(len(new & said) / len(new))
    return min(shares)


def _holds(claim: str, text: str, language: str) -> bool:
    """Whether the text has all numbers and all names of the claim, without which it cannot say the same."""
    folded = text.casefold()
    return _has_numbers(claim, text) and all(name in folded for name in _names(claim, language))


def _has_numbers(claim: str, text: str) -> bool:
    known = set(_numbers(text))
    return all(number in known for number in _numbers(claim) if len(number) > 1)


def _names(claim: str, language: str) -> set[str]:
    """What is written as a name: identifiers, capitals inside a sentence, Latin words in another script."""
    names = {match.group().casefold() for match in _IDENTIFIER.finditer(claim)}
    if language in NOUNS_ARE_CAPITAL:
        return names
    pattern = _CAPITAL if language in LATIN else _LATIN_WORD
    return names | {match.group().casefold() for match in pattern.finditer(claim)}


def _numbers(text: str) -> list[str]:
    """The numbers of a text, without thousands separators and zeros at the end of a fraction."""
    found = []
    for match in _NUMBER.finditer(text):
        number = re.sub(r"[.,\u00a0\u202f ](?=\d{3}(?!\d))", "", match.group()).replace(",", ".")
        found.append(number.rstrip("0").rstrip(".") if "." in number else number)
    return found
