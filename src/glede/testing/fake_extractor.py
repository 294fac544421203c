"""An extractor without rules worth the name: capitalised words are entities, neighbours know each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from glede.graph.names import LONGEST_NAME, entity_of
from glede.knowledge import DocumentGraph, Fact, Mention
from glede.types import Chunk, Parsed

_NAME = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)*")
MOST = 100


@dataclass
class FakeExtractor:
    """Says of each chunk which capitalised words stand in it; `read` holds the documents it was asked for."""

    version: str = "1"
    read: list[str] = field(default_factory=list)

    @property
    def fingerprint(self) -> str:
        """Names it."""
        return f"fake@{self.version}"

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """The names of each chunk; the title is what all of them are about."""
        document_id = chunks[0].document_id if chunks else ""
        self.read.append(document_id)
        mentions: list[Mention] = []
        facts: list[Fact] = []
        for place, chunk in enumerate(chunks):
            found = [name[:LONGEST_NAME] for name in _NAME.findall(chunk.text)]
            names = [name for name in dict.fromkeys(found) if entity_of(name)][:MOST]
            title = parsed.title[:LONGEST_NAME]
            mentions += [Mention(title, "document", place, subject=True)] if entity_of(title) else []
            mentions += [Mention(name, "name", place) for name in names]
            facts += [Fact(one, "stands by", two, place) for one, two in pairwise(names)]
        return DocumentGraph(document_id, self.fingerprint, tuple(mentions), tuple(facts))
