"""Chunkers by name: the tutorial's splitter, and the pieces of a parser that cuts by itself."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.adding.chunkers import MOST_TOKENS, block_places, chunker_named, chunks_of
from glede.adding.chunking import Chunking, cut
from glede.adding.parsed_json import dump_parsed, load_parsed
from glede.errors import ConfigurationError
from glede.parsers.markdown import MarkdownParser
from glede.parsing import ParseOptions
from glede.types import Block, Chunk, Page, Parsed, Picture

KITES = """---
title: Birds of prey
summary: Kites and owls
---

# Kites

The red kite soars.

### How long does it live?

Some *ten* years, says [the book](https://example.org/book).

| bird | years |
|------|-------|
| kite | 10    |

# Owls
They wait.
"""
SHARED = os.environ.get("GLEDE_SHARED", "")


def parsed(source: str) -> Parsed:
    return MarkdownParser().parse(source.encode(), "text/markdown", ParseOptions())


def by_heading(source: str) -> list[Chunk]:
    return chunks_of(source.encode(), parsed(source), "d", "v", Chunking(name="heading"))


def test_unknown_names_list_the_known_ones() -> None:
    with pytest.raises(ConfigurationError) as caught:
        chunker_named("sentences")
    assert caught.value.hint == "Known: docling:hierarchical, heading, structure."


def test_structure_is_the_default() -> None:
    document = parsed(KITES)
    made = chunks_of(KITES.encode(), document, "d", "v", Chunking())
    assert made == cut(document.blocks, "d", "v", Chunking())
    assert Chunking().fingerprint == "structure@2:160:480"
    assert Chunking(name="heading").fingerprint == "heading@2:160:480"


def test_chunks_know_what_their_pages_are_called() -> None:
    blocks = tuple(Block("text", f"Kites of valley {page}.", page=page) for page in (1, 2, 3, 4))
    pages = tuple(Page(page, 600, 800, label=label) for page, label in ((1, ""), (2, "i"), (3, "1")))
    made = chunks_of(b"", Parsed("application/pdf", "pdf", blocks, pages), "d", "v", Chunking())
    assert [(span.page, span.label) for chunk in made for span in chunk.spans] == [
        (1, ""), (2, "i"), (3, "1"), (4, ""),
    ]  # fmt: skip
    assert made[0].label_of(2) == "i"
    assert made[0].label_of(4) == made[0].label_of(None) == ""


def test_heading_keeps_the_source_as_it_stands() -> None:
    assert [chunk.text for chunk in by_heading(KITES)] == [
        "---\ntitle: Birds of prey\nsummary: Kites and owls\n---",
        "Kites\n\nThe red kite soars.",
        KITES[KITES.index("How long") : KITES.index("\n\n# Owls")],
        "Owls\nThey wait.",
    ]


def test_heading_knows_the_blocks_of_each_piece() -> None:
    document = parsed(KITES)
    front, kites, question, owls = by_heading(KITES)
    assert front.spans == ()
    assert [document.blocks[span.block].text for span in kites.spans] == ["Kites", "The red kite soars."]
    assert [span.type for span in question.spans] == ["heading", "text", "table"]
    assert question.text[question.spans[1].start :].startswith("Some *ten* years")
    assert question.heading_path == ("Kites", "How long does it live?")
    assert [chunk.ordinal for chunk in (front, kites, question, owls)] == [0, 1, 2, 3]


def test_heading_leaves_other_formats_to_structure() -> None:
    document = Parsed("application/pdf", "pdf", (Block("text", "The kite # soars."),))
    (chunk,) = chunks_of(b"%PDF-", document, "d", "v", Chunking(name="heading"))
    assert chunk.text == "The kite # soars."


def test_heading_keeps_a_piece_within_what_models_take() -> None:
    made = by_heading("The kite soars above the hill. " * 3000)
    assert len(made) > 1
    assert max(chunk.tokens for chunk in made) <= MOST_TOKENS
    assert all(chunk.spans for chunk in made)


LINES = st.lists(
    st.sampled_from(["# Kites", "## Red", "soar", "C# is a key", "#", "", "- one", "x # y", "$a$"])
)


@given(LINES)
def test_heading_makes_the_pieces_of_the_tutorial(lines: list[str]) -> None:
    source = "\n".join(["words", *lines])
    made = by_heading(source)
    parts = [re.sub(r"(?:^|\n)#+\Z", "", part).strip() for part in source.split("# ")]
    assert [chunk.text for chunk in made] == [part for part in parts if part]
    for chunk in made:
        assert chunk.text in source
        ends = [0, *(span.end for span in chunk.spans)]
        assert all(span.start >= end for span, end in zip(chunk.spans, ends, strict=False))
        assert max(ends) <= len(chunk.text)


def test_blocks_that_are_not_in_the_source_stand_with_the_one_before() -> None:
    blocks = [Block("text", text) for text in ("One.", "nowhere to be found", "Two.", "...")]
    places = block_places("One.\n\nTwo.", blocks)
    assert places == sorted(places)
    assert (places[0], places[2]) == (0, 6)


def test_pieces_of_a_parser_become_chunks() -> None:
    picture = Picture("a" * 64, "image/png", 9, 9)
    blocks = (
        Block("heading", "Kites", level=1),
        Block("text", "They soar.", ("Kites",)),
        Block("list", "- red\n- black", ("Kites",)),
        Block("image", "A kite.", ("Kites",), picture=picture),
        Block("image", "", ("Kites",), picture=picture),
    )
    document = Parsed("text/markdown", "docling", blocks, pieces=((1, 2), (3,), (4,)))
    both, image = chunks_of(b"", document, "d", "v", Chunking(name="docling:hierarchical"))
    assert (both.text, both.modality, both.heading_path) == (
        "They soar.\n\n- red\n- black",
        "text",
        ("Kites",),
    )
    assert [(span.block, both.text[span.start : span.end]) for span in both.spans] == [
        (1, "They soar."),
        (2, "- red\n- black"),
    ]
    assert (image.text, image.modality, image.asset) == ("A kite.", "image", "a" * 64)
    assert load_parsed(dump_parsed(document), {}) == document


def test_without_pieces_the_structure_is_followed() -> None:
    made = chunks_of(KITES.encode(), parsed(KITES), "d", "v", Chunking(name="docling:hierarchical"))
    texts = [chunk.text for chunk in made]
    assert texts == [chunk.text for chunk in chunks_of(KITES.encode(), parsed(KITES), "d", "v", Chunking())]


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_milvus_faq_gives_the_72_pieces_of_the_tutorial() -> None:
    folder = Path(SHARED) / "data" / "milvus_docs" / "corpus" / "faq"
    sources = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))]
    assert len(sources) == 4
    made = [by_heading(source) for source in sources]
    assert sum(len(chunks) for chunks in made) == sum(len(text.split("# ")) for text in sources) == 72
    assert sum(1 for chunks in made for chunk in chunks if not chunk.spans) == 4  # the front matters
