"""Parsers that take their time to load a library; workers import this module by name."""

from __future__ import annotations

import time

from glede.parsers.pacing import announce_pages, loading
from glede.parsing import ParseOptions
from glede.types import Parsed
from tests.parsers.stub_parsers import Stub


class Slow(Stub):
    """Loads for the seconds that the text says."""

    def act(self, text: str) -> None:
        with loading():
            time.sleep(float(text))


class SlowThenHang(Slow):
    def act(self, text: str) -> None:
        super().act(text)
        time.sleep(1000)


class Broken(Stub):
    """Fails while it loads."""

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        with loading():
            raise ImportError("no such library")


class Cheat(Stub):
    """Claims to load again once it has seen the document."""

    def act(self, text: str) -> None:
        announce_pages(1)
        with loading():
            time.sleep(1000)
