"""What users state of entities, as a document: read only where it is asked for."""

from __future__ import annotations

import json

from glede.extractors.stated import StatedExtractor, with_stated
from glede.knowledge import Alias, DocumentGraph, Fact, Mention
from glede.parsers.knowledge import KnowledgeParser
from glede.parsing import ParseOptions
from glede.plugins import parser_names
from glede.registry import choose_parsers
from glede.testing.parser_contract import ParserContract
from glede.types import Chunk, Parsed, Span

KNOWN = {
    "entities": [{"name": "Aller", "type": "place", "description": "A | river."}],
    "relations": [
        {"source": "Aller", "label": "flows into", "target": "Weser"},
        {"source": "Kite", "label": "Same As", "target": "Milvus milvus"},
    ],
}


class TestKnowledge(ParserContract):
    parser = KnowledgeParser()
    samples = (
        (json.dumps(KNOWN).encode(), "application/json"),
        (b"name,type\nAller,place\n", "text/csv"),
        (b"source\tlabel\ttarget\nAller\tflows into\tWeser\n", "text/tab-separated-values"),
    )


def test_nobody_reads_json_so_who_did_not_ask_for_it() -> None:
    assert "knowledge" in parser_names()
    for media_type in KnowledgeParser.media_types:
        assert "knowledge" not in {step.parser for step in choose_parsers(media_type, None).steps}
    assert [step.parser for step in choose_parsers("text/csv", "knowledge").steps] == ["knowledge"]


def parsed_and_cut() -> tuple[Parsed, list[Chunk]]:
    """What is stated, each table a chunk whose rows are its spans."""
    parsed = KnowledgeParser().parse(json.dumps(KNOWN).encode(), "application/json", ParseOptions())
    tables = [number for number, block in enumerate(parsed.blocks) if block.table is not None]
    chunks = [
        Chunk(f"c{place}", "d", place, "", "table", spans=(Span(0, 1, number, "table", row=1),))
        for place, number in enumerate(tables)
    ]
    return parsed, chunks


async def test_what_is_stated_is_taken_word_for_word() -> None:
    found = await StatedExtractor(None).extract(*parsed_and_cut())
    assert found.mentions == (Mention("Aller", "place", 0, subject=True, description="A | river."),)
    assert found.facts == (Fact("Aller", "flows into", "Weser", 1),)
    assert found.aliases == (Alias("Kite", "Milvus milvus", 2),)
    assert found.document_id == "d"


class _Other:
    fingerprint = "other@1"

    async def extract(self, parsed: Parsed, chunks: list[Chunk]) -> DocumentGraph:
        return DocumentGraph("d", self.fingerprint, (Mention("Told by the other", "name", 0),))


async def test_all_else_is_left_to_the_other_extractor() -> None:
    extractor = with_stated(_Other())  # type: ignore[arg-type]
    assert extractor.fingerprint == "other@1"
    parsed, chunks = parsed_and_cut()
    assert (await extractor.extract(parsed, chunks)).mentions[0].name == "Aller"
    plain = Parsed("text/plain", "plain", parsed.blocks)
    assert (await extractor.extract(plain, chunks)).mentions[0].name == "Told by the other"
    assert (await with_stated(None).extract(plain, chunks)).mentions == ()
