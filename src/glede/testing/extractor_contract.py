"""What every extractor must do, as tests to inherit: `class TestMine(ExtractorContract)` with one method."""

from __future__ import annotations

from dataclasses import replace

from glede.adding.chunking import Chunking, cut
from glede.graph.names import LONGEST_NAME, entity_of
from glede.knowledge import Continuing, DocumentGraph, Extractor
from glede.types import Block, Cell, Chunk, Parsed, Table

TEXT = (
    "Ada Lovelace was born in London on 10 December 1815. She wrote notes on the Analytical Engine of "
    "Charles Babbage. The World Health Organization (WHO) is not named after her."
)
HOSTILE = (
    "",
    "\x00\x1f\x7f\u202e\u200b",
    "A\ufffdlice met Bob\u0000.",
    "X" * 3000 + " Met " + "Y" * 3000,
    'Robert\'); DROP TABLE students;-- "quoted" {slash} \\ % | ` $',
    "Älpha Бета عربي 中文 日本語 ไทย हिन्दी " * 40,
    " ".join(f"Name{number} Surname{number} met" for number in range(10_000)),
    "of of of and and and the the the " * 300,
    "((((((((((" * 200 + "“«„" * 200,
    "A.B.C.D.E.F.G. " * 300,
    "- : - : - : \n" * 300,
)


class ExtractorContract:
    """Give `extractor()`, a fresh one."""

    def extractor(self) -> Extractor:
        """The extractor under test."""
        raise NotImplementedError

    async def _read(self, *texts: str, title: str = "Ada Lovelace") -> tuple[DocumentGraph, list[Chunk]]:
        blocks = (Block("heading", title, level=1), *(Block("text", text, (title,)) for text in texts))
        chunks = cut(blocks, "d" * 32, "v", Chunking())
        parsed = Parsed("text/markdown", "fake", blocks, title=title)
        return await self.extractor().extract(parsed, chunks), chunks

    async def test_says_who_it_is(self) -> None:
        """The fingerprint is constant, and written into what is found."""
        graph, _ = await self._read(TEXT)
        assert self.extractor().fingerprint == self.extractor().fingerprint == graph.extractor != ""
        assert graph.document_id == "d" * 32

    async def test_finds_something_in_plain_prose(self) -> None:
        """A page of names is never read as nothing."""
        graph, _ = await self._read(TEXT)
        assert graph.mentions
        assert entity_of("Ada Lovelace") in {entity_of(mention.name) for mention in graph.mentions}

    async def test_same_chunks_same_graph(self) -> None:
        """What is found follows from what is read."""
        assert await self._read(TEXT) == await self._read(TEXT)

    async def test_goes_on_where_chunks_were_left_unread(self) -> None:
        """Where it can: what it says of the rest, and what it was told that is known of the others."""
        extractor = self.extractor()
        if isinstance(extractor, Continuing):
            whole, chunks = await self._read(*(f"{TEXT} {number}" for number in range(40)))
            parsed = Parsed("text/markdown", "fake", (), title="Ada Lovelace")
            left = replace(
                whole, mentions=tuple(one for one in whole.mentions if one.chunk != 1), facts=(), unread=(1,)
            )
            graph = await extractor.go_on(parsed, chunks, left)
            assert graph.extractor == extractor.fingerprint
            assert not graph.unread
            assert {one.chunk for one in graph.mentions} == set(range(len(chunks)))

    async def test_no_chunks_no_graph(self) -> None:
        """A document without chunks says nothing, and is no error."""
        graph = await self.extractor().extract(Parsed("text/plain", "fake", ()), [])
        assert not graph.mentions
        assert not graph.facts

    async def test_hostile_text_is_data(self) -> None:
        """Whatever is written: chunks that exist, names that have a key, bounded numbers of both."""
        for text in HOSTILE:
            graph, chunks = await self._read(text, TEXT)
            _check(graph, len(chunks))

    async def test_hostile_titles_are_data(self) -> None:
        """The same of titles."""
        for title in HOSTILE[1:5]:
            graph, chunks = await self._read(TEXT, title=title or "x")
            _check(graph, len(chunks))

    async def test_tables_are_read(self) -> None:
        """A table, ragged or of empty cells, raises nothing."""
        for cells in (("Name", "Born", "Ada", "1815"), ("", "", "", ""), ("\u202e", "|", "x" * 3000, "\x00")):
            table = Table(2, 2, tuple(Cell(place // 2, place % 2, text) for place, text in enumerate(cells)))
            text = "| {} | {} |\n| --- | --- |\n| {} | {} |".format(*cells)
            blocks = (Block("table", text, table=table),)
            chunks = cut(blocks, "d", "v", Chunking())
            graph = await self.extractor().extract(Parsed("text/markdown", "fake", blocks), chunks)
            _check(graph, len(chunks))


def _check(graph: DocumentGraph, chunks: int) -> None:
    for mention in graph.mentions:
        assert 0 <= mention.chunk < chunks
        assert mention.count >= 0
        assert mention.type
        assert len(mention.name) <= 4 * LONGEST_NAME
        assert entity_of(mention.name)
    for fact in graph.facts:
        assert 0 <= fact.chunk < chunks
        assert fact.label
        assert entity_of(fact.source)
        assert entity_of(fact.target)
    assert all(0 <= place < chunks for place in graph.unread)
    assert all(entity_of(alias.name) and entity_of(alias.other) for alias in graph.aliases)
    assert len(graph.mentions) <= 500 * max(1, chunks)
    assert len(graph.facts) <= 500 * max(1, chunks)
