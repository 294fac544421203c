"""S17: of planted answers no false citation is shown as verified, and nearly all right ones are kept."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from glede.answering.checking import Checked
from glede.prompting.markers import Mark, MarkReader
from glede.prompting.packing import Source
from glede.results import Hit
from glede.types import Chunk

Plant = Callable[[list[Source], random.Random], str]
CASES = 100
SEED = 17
SUBJECTS = ("red kite", "barn owl", "grey heron", "common swift", "white stork", "peregrine", "marsh harrier")
PLACES = ("the northern quarry", "the old mill", "the salt meadow", "Linden Hill", "the harbour wall")
VERBS = ("was counted near", "nested beside", "was ringed at", "was photographed above", "wintered close to")
REASONS = (
    "after the floods had drained away",
    "because the farmers left the stubble standing",
    "while the restoration of the reed beds went on",
    "although the summer had been unusually dry",
    "once the power lines were laid underground",
)


def fact(chance: random.Random) -> str:
    return (
        f"A {chance.choice(SUBJECTS)} {chance.choice(VERBS)} {chance.choice(PLACES)} "
        f"{chance.randint(11, 999)} times in {chance.randint(1950, 2025)}, {chance.choice(REASONS)}."
    )


def sources(chance: random.Random) -> list[Source]:
    made = []
    for number in range(1, 6):
        text = " ".join(fact(chance) for _ in range(5))
        chunk = Chunk(f"c{number}", f"d{number}", 0, text, "text", heading_path=("Observations",))
        made.append(Source(number, Hit(number, 1.0, chunk, f"{number}.txt", {}), (chunk,)))
    return made


def sentences(source: Source) -> list[str]:
    return [f"{part}." for part in source.text.rstrip(".").split(". ")]


def reading(checked: Checked, answer: str, chance: random.Random) -> str:
    """The answer as it is shown, fed in pieces of any length."""
    reader, shown = MarkReader(), []
    while answer:
        size = chance.randint(1, 12)
        shown += reader.feed(answer[:size])
        answer = answer[size:]
    shown += reader.close()
    return "".join(checked.add(one) if isinstance(one, Mark) else one for one in shown)


def other(chance: random.Random, number: int) -> int:
    return chance.choice([n for n in range(1, 6) if n != number])


def right(made: list[Source], chance: random.Random) -> str:
    source = chance.choice(made)
    sentence = chance.choice(sentences(source))
    words = sentence.split()
    begin = chance.randint(0, len(words) - 8)
    quote = " ".join(words[begin : begin + chance.randint(6, 12)])
    forms = (
        f'{sentence} [{source.number} "{quote}"]',
        f"{sentence} [{source.number}: “{quote}”]",
        f"{sentence} [{source.number}]",
        f'{sentence[:-1]} [{source.number} "{quote.upper()[0] + quote[1:]}"].',
    )
    return chance.choice(forms)


def fabricated(made: list[Source], chance: random.Random) -> str:
    while True:
        sentence = fact(chance)
        if not any(sentence in source.text for source in made):
            break
    number = chance.randint(1, 5)
    return chance.choice((f'{sentence} [{number} "{sentence}"]', f"{sentence} [{number}]", f"{sentence} [9]"))


def stitched(made: list[Source], chance: random.Random) -> str:
    source = chance.choice(made)
    one, two = chance.sample(sentences(source), 2)
    half, rest = one.split(" times in ")[0], two.split(" times in ")[1]
    joint = chance.choice((" times in ", " ... ", " [...] "))
    claim = f"{half} times in {rest}"
    if claim in source.text:
        return fabricated(made, chance)
    return f'{claim} [{source.number} "{half}{joint}{rest}"]'


def misattributed(made: list[Source], chance: random.Random) -> str:
    source = chance.choice(made)
    sentence = chance.choice(sentences(source))
    number = other(chance, source.number)
    return chance.choice((f'{sentence} [{number} "{sentence}"]', f"{sentence} [{number}]"))


@pytest.mark.parametrize("plant", [fabricated, stitched, misattributed])
def test_no_false_citation_is_shown_as_verified(plant: Plant) -> None:
    chance = random.Random(f"{SEED} {plant.__name__}")
    for _ in range(CASES):
        made = sources(chance)
        checked = Checked(made, "What was seen?")
        planted = plant(made, chance)
        shown = reading(checked, planted, chance)
        assert not any(citation.verified for citation in checked.citations), planted
        assert "?]" in shown


def test_right_citations_are_kept() -> None:
    chance = random.Random(SEED)
    kept = 0
    for _ in range(CASES):
        made = sources(chance)
        checked = Checked(made, "What was seen?")
        planted = right(made, chance)
        reading(checked, planted, chance)
        (citation,) = checked.citations
        source = next(one for one in made if one.hit.chunk.id == citation.chunk_id)
        assert not citation.verified or citation.quote in source.text
        kept += citation.verified
    assert kept >= 0.98 * CASES
