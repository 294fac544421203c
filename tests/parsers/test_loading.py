"""The time in which a parser loads its library is its own, and not the document's."""

from __future__ import annotations

import asyncio
import time

import pytest

from glede.errors import GledeError, LimitError, MalformedError
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.types import Parsed

STUBS = "tests.parsers.stub_loading"
LIMITS = ParseLimits(seconds=1.0, seconds_per_page=0.5, memory_bytes=256 * 2**20)


def outcome(stub: str, text: str = "0") -> Parsed | GledeError:
    async def parse() -> Parsed | GledeError:
        pool = ParserPool(LIMITS, modules=[STUBS])
        try:
            return await pool.parse(text.encode(), "text/plain", f"{STUBS}:{stub}", ParseOptions())
        except GledeError as error:
            return error
        finally:
            await pool.close()

    return asyncio.run(parse())


@pytest.mark.measured
def test_loading_is_not_charged_to_the_document() -> None:
    assert isinstance(outcome("Slow", "2.5"), Parsed)


@pytest.mark.measured
def test_what_follows_is() -> None:
    began = time.monotonic()
    error = outcome("SlowThenHang", "1.5")
    assert isinstance(error, LimitError)
    assert error.message == "parsing took more than 1 s"
    assert time.monotonic() - began < 6


def test_loading_itself_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.parsers.worker.LOADING_SECONDS", 0.5)
    assert isinstance(outcome("Slow", "100"), LimitError)


def test_failing_to_load_is_one_error() -> None:
    error = outcome("Broken")
    assert isinstance(error, MalformedError)
    assert "no such library" in error.message


def test_loading_comes_before_the_document() -> None:
    error = outcome("Cheat")
    assert isinstance(error, MalformedError)
    assert error.message == "the parser answered nonsense"
