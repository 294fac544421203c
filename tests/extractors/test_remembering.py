"""A document is read once for the line that adds it and the model that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from glede.adding.chunking import Chunking, cut
from glede.extractors.nlp import NlpExtractor
from glede.extractors.remembering import RememberingExtractor
from glede.knowledge import DocumentGraph, Extractor
from glede.testing.extractor_contract import ExtractorContract
from glede.types import Block, Chunk, Parsed


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts what it is asked to read."""

    read: list[str] = field(default_factory=list)
    fingerprint: str = "counting@1"

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        self.read.append(parsed.title)
        return DocumentGraph(chunks[0].document_id, self.fingerprint, warnings=(parsed.title,))


class TestRemembering(ExtractorContract):
    def extractor(self) -> Extractor:
        return RememberingExtractor(NlpExtractor())


def document(title: str, paragraphs: int = 1) -> tuple[Parsed, list[Chunk]]:
    blocks = tuple(Block("text", f"{title} says {number}. " * 400) for number in range(paragraphs))
    return Parsed("text/plain", "fake", blocks, title=title), cut(blocks, title, "v", Chunking())


async def test_the_second_who_asks_gets_what_the_first_was_given() -> None:
    base = Counting()
    extractor = RememberingExtractor(base)
    first = [await extractor.extract(*document(title)) for title in "ab"]
    second = [await extractor.extract(*document(title)) for title in "ba"]
    assert first == second[::-1]
    assert base.read == ["a", "b"]
    await extractor.extract(*document("a"))
    assert base.read == ["a", "b", "a"]  # nothing is kept once it has served its purpose


async def test_what_is_read_and_not_asked_for_again_is_bounded() -> None:
    base = Counting()
    _, chunks = document("a", 5)
    extractor = RememberingExtractor(base, most_chunks=2 * len(chunks))
    for title in "abc":
        await extractor.extract(*document(title, 5))
    for title in "bca":
        await extractor.extract(*document(title, 5))
    assert base.read == ["a", "b", "c", "a"]
