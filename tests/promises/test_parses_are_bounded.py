"""R11: what one parse does, it does to itself: it ends in time, with one clear error, and alone."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Mapping
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from glede import Content, Engine, Settings
from glede.errors import ExhaustedError, GledeError, LimitError, MalformedError
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.testing.fakes import FakeEmbedder
from glede.types import Parsed
from tests.promises.pdf_files import Pdf, nested_forms, page_of
from tests.promises.reading import below, strays

SEED = 11
GOOD = "tests.parsers.stub_parsers"
BAD = "tests.promises.bad_parsers"
LIMITS = ParseLimits(seconds=2.0, seconds_per_page=0.5, memory_bytes=256 * 2**20, output_bytes=4 * 2**20)
GRACE = 5.0
"""What R11 allows beyond the limit."""
SLEEP = f"98765.{os.getpid()}"
"""How long the children of bad parsers sleep: told by it from all other processes."""
ENDS: Mapping[str, type[GledeError]] = {
    f"{GOOD}:Hang": ExhaustedError,
    f"{GOOD}:Spin": ExhaustedError,
    f"{GOOD}:SpinInC": ExhaustedError,
    f"{GOOD}:Allocate": LimitError,
    f"{GOOD}:AllocateAtOnce": LimitError,
    f"{GOOD}:Crash": MalformedError,
    f"{GOOD}:Abort": MalformedError,
    f"{GOOD}:Killed": MalformedError,
    f"{GOOD}:Leave": MalformedError,
    f"{GOOD}:Scribble": MalformedError,
    f"{GOOD}:Babble": LimitError,
    f"{GOOD}:Fail": MalformedError,
    f"{GOOD}:Recurse": LimitError,
    f"{GOOD}:HangWithChild": ExhaustedError,
    f"{BAD}:HangWithDetachedChild": ExhaustedError,
    f"{BAD}:HangWithOrphan": ExhaustedError,
    f"{BAD}:CrashWithChild": MalformedError,
    f"{BAD}:SpinInChildren": ExhaustedError,
    f"{BAD}:AllocateInChild": ExhaustedError,
    f"{BAD}:Stop": ExhaustedError,
    f"{BAD}:Deaf": ExhaustedError,
    f"{BAD}:CloseAll": ExhaustedError,
    f"{BAD}:Flood": ExhaustedError,
    f"{BAD}:Lie": MalformedError,
    f"{BAD}:FillDisk": ExhaustedError,
}
"""How each bad parser must end."""
DOCUMENTS = 1000 if os.environ.get("GLEDE_FULL") else 50


def left(before: set[int]) -> list[str]:
    """Processes that a parser started, or is: of ours, or strayed from us."""
    asleep = (one for one in psutil.process_iter(["cmdline"]) if SLEEP in (one.info["cmdline"] or ()))
    running = [str(one) for one in asleep if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    return running + strays(before)


@pytest.mark.measured
async def test_bad_parses_end_and_good_ones_do_not_notice() -> None:
    before = below()
    seeded = random.Random(SEED)
    stubs = [*ENDS, *(seeded.choice([f"{GOOD}:Stub", *ENDS]) for _ in range(DOCUMENTS // 2 - len(ENDS)))]
    stubs += [f"{GOOD}:Stub"] * (DOCUMENTS - len(stubs))
    seeded.shuffle(stubs)
    print(f"seed {SEED}, {len(stubs)} documents")
    pool = ParserPool(LIMITS, size=2, modules=[GOOD, BAD])
    places = asyncio.Semaphore(2)

    async def outcome(number: int, stub: str) -> tuple[float, Parsed | GledeError]:
        async with places:
            began = time.monotonic()
            try:
                text = f"Kite {number}." if stub == f"{GOOD}:Stub" else SLEEP
                result: Parsed | GledeError = await pool.parse(
                    text.encode(), "text/plain", stub, ParseOptions()
                )
            except GledeError as error:
                result = error
            return time.monotonic() - began, result

    try:
        outcomes = await asyncio.gather(*(outcome(number, stub) for number, stub in enumerate(stubs)))
        for number, (stub, (seconds, result)) in enumerate(zip(stubs, outcomes, strict=True)):
            assert seconds < LIMITS.seconds + GRACE, (stub, seconds)
            if stub in ENDS:
                assert isinstance(result, ENDS[stub]), (stub, result)
                assert result.message, stub
                assert result.hint, stub
                assert "Traceback" not in result.message
            else:
                assert isinstance(result, Parsed), (stub, result)
                assert result.blocks[0].text == f"Kite {number}."
                assert list(result.assets.values()) == [b"\x89PNG not really"]
        assert isinstance((await outcome(7, f"{GOOD}:Stub"))[1], Parsed)
    finally:
        await pool.close()
    assert not left(before)


@pytest.mark.timeout(120)
async def test_one_bad_page_costs_no_other(tmp_path: Path) -> None:
    """The page that is a bomb is named with the reason; what stands on the others is found."""
    before = below()
    words = [
        "Red kites nest in the quarry below the ridge.",
        "The summit mast measures wind at all hours.",
        "",
        "Rain fell on forty days of the summer.",
        "Visitors may not leave the path in spring.",
    ]
    pdf = Pdf()
    pages = [page_of(pdf, text) for text in words]
    pages[2] = nested_forms(pdf, depth=12, width=8)
    content = Content(pdf.written(pages), "bomb.pdf")
    settings = Settings(home=tmp_path, parse_seconds=1.5, parse_seconds_per_page=0.1)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.add(content, Content("Kites soar over the ridge.", "good.txt"))
        bomb, good = report.documents
        assert (bomb.status, good.status) == ("searchable", "searchable"), report.documents
        document = await engine.document("bomb.pdf")
        (partial,) = document.partial
        assert partial.startswith("page 3: parsing took more than"), partial
        assert document.pages == 5
        texts = [block.text for block in await engine.blocks(document)]
        assert [text for text in texts if text.strip()] == [words[0], words[1], words[3], words[4]]
    assert not left(before)
