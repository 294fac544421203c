"""An extractor that loads when it is needed: a question needs none, and its rules take a while to load."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from glede.knowledge import DocumentGraph, Extractor
from glede.types import Chunk, Parsed


@dataclass(frozen=True, slots=True)
class LateExtractor:
    """What `opened` opens once, with the first document or the first look at its fingerprint."""

    opened: Callable[[], Extractor]

    @property
    def fingerprint(self) -> str:
        """That of the extractor."""
        return self.opened().fingerprint

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """What the extractor finds."""
        return await self.opened().extract(parsed, chunks)
