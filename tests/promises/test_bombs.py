"""R13: small files that ask for very much are refused, or read as far as is harmless, in little time."""

from __future__ import annotations

import os

import pytest

from glede.parsers.worker import ParseLimits, ParserPool
from glede.types import Parsed
from tests.promises import bombs, office_bombs, pdf_bombs, text_bombs
from tests.promises.bombs import Bomb
from tests.promises.reading import Meter, below, fault_of, outcomes, strays

EVERY = (*bombs.BOMBS, *pdf_bombs.BOMBS, *office_bombs.BOMBS, *text_bombs.BOMBS)
USUAL = (
    "zips-in-zips.zip", "ratio.zip", "overlapping.zip", "members.zip", "giant.png", "comment.png",
    "frames.gif", "fields.tiff", "loop.doc", "forms-deep.pdf", "patterns.pdf", "flate-chained.pdf",
    "image.pdf", "font.pdf", "tree-loop.pdf", "million-pages.pdf", "nested-values.pdf", "letters.pdf",
    "part.docx", "picture.docx", "laughs.docx", "quadratic.docx", "nested-tables.docx",
    "nested-formula.docx", "roman.docx", "spans.docx", "levels.docx", "sparse.xlsx", "shared-string.xlsx",
    "merged-all.xlsx", "row.xlsx", "part.pptx", "groups.pptx", "laughs.epub", "deep.html", "colspan.html",
    "links.html", "picture.html", "deep.json", "number.json", "quote.csv", "uses.svg", "laughs.xml",
    "address.eml", "messages.eml", "nested_content_list.json",
)  # fmt: skip
"""One or two of every kind, those that take little time; all of them are set off with `GLEDE_FULL=1`."""
FULL = bool(os.environ.get("GLEDE_FULL"))
BOMBS = [bomb for bomb in EVERY if FULL or bomb.name in USUAL]
SECONDS = 10.0
"""Of work, and twice as much on the clock, since other tests run beside these."""
MEMORY = 2**30
SMALL = 6 * 2**20
"""No bomb is larger than that: it is what is inside that counts."""

TRAPS = text_bombs.TRAPS if FULL else text_bombs.TRAPS[::10]
"""Runs of signs; each is one document of many to the same parsers."""


def test_there_are_enough_and_no_two_alike() -> None:
    assert len({bomb.name for bomb in EVERY}) == len(EVERY) >= 100
    assert {bomb.name for bomb in EVERY} >= set(USUAL)
    assert len(set(USUAL)) >= 40


@pytest.mark.measured
@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: bomb.name)
async def test_bombs_do_nothing(bomb: Bomb) -> None:
    before = below()
    data = bomb.make()
    assert len(data) < SMALL
    pool = ParserPool(ParseLimits())
    try:
        with Meter() as meter:
            found = await outcomes(pool, data, bomb.name)
    finally:
        await pool.close()
    ends = ["read" if isinstance(one, Parsed) else one.code for one in found]
    said = [one.message for one in found if not isinstance(one, Parsed)]
    print(
        f"{ends[:5]} {said[:5]} {meter.seconds:.1f} s {meter.processor:.1f} s {meter.memory / 2**20:.0f} MiB"
    )
    assert found
    assert set(ends) <= set(bomb.ends), said
    assert not [fault for one in found if (fault := fault_of(one))]
    assert meter.processor < SECONDS
    assert meter.seconds < 2 * SECONDS
    assert meter.memory < MEMORY
    assert not strays(before)


@pytest.mark.measured
@pytest.mark.timeout(900)
async def test_runs_of_signs_are_no_traps() -> None:
    before = below()
    pool = ParserPool(ParseLimits())
    worked = 0.0
    for trap in TRAPS:
        with Meter() as meter:
            found = await outcomes(pool, trap.make(), trap.name)
        ends = {"read" if isinstance(one, Parsed) else one.code for one in found}
        assert ends <= set(trap.ends), (trap.name, found)
        assert not [fault for one in found if (fault := fault_of(one))], trap.name
        # The parser that served the last one may serve this one, and has worked before.
        took = meter.processor - worked if meter.processor >= worked else meter.processor
        assert took < SECONDS, trap.name
        assert meter.seconds < 2 * SECONDS, trap.name
        assert meter.memory < MEMORY, trap.name
        worked = meter.processor
    await pool.close()
    assert not strays(before)
