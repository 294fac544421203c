"""What `nlp` finds is pinned: a rule that changes it takes another VERSION, and documents are read anew."""

from __future__ import annotations

from glede.adding.chunking import Chunking, cut
from glede.extractors.nlp import VERSION, NlpExtractor
from glede.types import Block, Cell, Parsed, Table, content_hash

TEXTS = (
    "Ada Lovelace was born in London on 10 December 1815. She wrote notes on the Analytical Engine, which "
    "Charles Babbage designed. Figure 1 shows fourteen wheels of 12 kg at 7.4 m/s.",
    "The World Health Organization (WHO) is based in Geneva, the capital of the canton. It is also known as "
    "OMS. Call `collection.insert()` of v2.4.1; vector index and vector index are repeated.",
    "Die Universität Heidelberg wurde 1386 von Ruprecht I. gegründet. Sie liegt in Heidelberg am Neckar.",
    "Лев Толстой родился в Ясной Поляне. Его роман «Война и мир» вышел в 1869 году.",
    "阿尔伯特·爱因斯坦出生于乌尔姆。他在柏林大学工作,著有《相对论》。",
    "ولد نجيب محفوظ في مدينة القاهرة. درس في جامعة القاهرة وكتب رواية أولاد حارتنا.",
)
PINNED = {"3": "5ca81f8e5aa92ece"}
"""What the texts above come to, by version. Put a new version and its hash in the place of the old one."""


def test_what_is_found_is_that_of_its_version() -> None:
    found = []
    table = Table(
        2, 2, tuple(Cell(n // 2, n % 2, text) for n, text in enumerate(("Name", "Born", "Ada", "1815")))
    )
    for number, text in enumerate(TEXTS):
        title = f"Document {number}" if number % 2 else "Ada Lovelace"
        blocks = (
            Block("heading", title, level=1),
            Block("text", text, (title,)),
            Block("table", "| Name | Born |\n| --- | --- |\n| Ada | 1815 |", (title,), table=table),
        )
        chunks = cut(blocks, "document", "v", Chunking())
        graph = NlpExtractor().read(Parsed("text/markdown", "fake", blocks, title=title), chunks)
        found.append(repr((graph.mentions, graph.facts, graph.aliases)))
    assert {VERSION: content_hash(*found, length=16)} == PINNED
