"""Bombs and traps do nothing but give one clear error, within their limits (R13)."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from glede.errors import DocumentError
from glede.media import detect
from glede.parsers import recognition
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.registry import choose_parsers
from glede.types import Parsed
from tests.promises.reading import below, strays

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
LIMITS = ParseLimits(seconds=5, seconds_per_page=0.1, memory_bytes=2**30)
CODES = {
    "bomb.png": "limit_exceeded",
    "deep.html": "limit_exceeded",
    "flate.pdf": "limit_exceeded",
    "formbomb.pdf": "limit_exceeded",
    "hugebox.pdf": "malformed",
    "laughs.docx": "malformed",
    "laughs.nxml": "unsupported",
    "loop.pdf": "malformed",
    "sparse.xlsx": None,
    "ssrf.html": None,
    "xxe.docx": "malformed",
}
"""The error that each file must end in; `None` where it is harmless to us and simply read."""


async def outcome(path: Path, password: str | None = None) -> Parsed | DocumentError:
    data = path.read_bytes()
    pool = ParserPool(LIMITS)
    try:
        media_type = detect(data, path.name)
        parser = choose_parsers(media_type, None).steps[0].parser
        options = ParseOptions(name=path.name, password=password)
        return await pool.parse(data, media_type, parser, options)
    except DocumentError as error:
        return error
    finally:
        await pool.close()


@pytest.mark.measured
@pytest.mark.skipif(not (CORPUS / "adversarial").is_dir(), reason="the shared corpus is not here")
@pytest.mark.parametrize("name", sorted(CODES))
def test_adversarial(name: str) -> None:
    before = below()
    began = time.monotonic()
    result = asyncio.run(outcome(CORPUS / "adversarial" / name))
    assert time.monotonic() - began < 10
    assert (result.code if isinstance(result, DocumentError) else None) == CODES[name], result
    assert not strays(before)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.parametrize(
    ("name", "password", "code"),
    [
        ("2206.01062_pg3.pdf", None, "password"),
        ("2206.01062_pg3.pdf", "4321", "password"),
        ("2206.01062_pg3.pdf", "1234", None),
        ("ocr_test.pdf", None, None if recognition.is_installed() else "needs_ocr"),
        ("malformed-from-issue-932.pdf", None, None),
        ("multi_page.pdf", None, None),
        ("right_to_left_01.pdf", None, None),
    ],
)
def test_corpus(name: str, password: str | None, code: str | None) -> None:
    result = asyncio.run(outcome(CORPUS / name, password))
    assert (result.code if isinstance(result, DocumentError) else None) == code, result
