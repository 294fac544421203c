"""Reads a document once for two that ask: the line that adds it, and the model that follows right after."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from glede.knowledge import DocumentGraph, Extractor
from glede.types import Chunk, Parsed, content_hash

MOST_CHUNKS = 4096
"""Of documents that are read and not asked for again: some ten megabytes."""


@dataclass(frozen=True, slots=True)
class RememberingExtractor:
    """What `base` finds, kept until it is asked for again; the oldest goes where there is too much."""

    base: Extractor
    most_chunks: int = MOST_CHUNKS
    _found: OrderedDict[str, tuple[DocumentGraph, int]] = field(default_factory=OrderedDict, compare=False)

    @property
    def fingerprint(self) -> str:
        """That of `base`."""
        return self.base.fingerprint

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """What `base` finds, or has found."""
        key = content_hash(parsed.title, *(part for one in chunks for part in (one.id, one.lead, one.aid)))
        known, _ = self._found.pop(key, (None, 0))
        if known is not None:
            return known
        found = await self.base.extract(parsed, chunks)
        self._keep(key, found, len(chunks))
        return found

    def _keep(self, key: str, found: DocumentGraph, chunks: int) -> None:
        self._found[key] = found, chunks
        kept = sum(count for _, count in self._found.values())
        while kept > self.most_chunks:
            _, (_, count) = self._found.popitem(last=False)
            kept -= count
