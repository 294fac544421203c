"""What is no entity although it looks like a name: numbers, units, references."""

from __future__ import annotations

import pytest

from glede.adding.chunking import Chunking, cut
from glede.extractors.nlp import NlpExtractor
from glede.extractors.nlp_noise import is_noise
from glede.graph.names import key_of
from glede.knowledge import DocumentGraph
from glede.types import Block, Parsed

NOISE = (
    "Fourteen", "Twenty-five", "Zwölf", "двадцать", "三百", "15", "80", "3.5", "km", "MB", "GHz",
    "Figure 1", "Fig. 2a", "Table A.1", "Section 3.1", "Chapter IV", "Eq. (3)", "Appendix B", "Abb. 4",
    "Abschnitt 2.1", "Рисунок 3", "图 3", "第三章", "الشكل 2", "P A F", "Figure", "ISBN", "THEN", "et al",
)  # fmt: skip
NAMES = (
    "Seven Samurai", "Apollo 11", "Henry V", "Route 66", "U2", "Vitamin C", "MS", "WHO", "US", "1815", "One",
    "Table Mountain", "Figure skating", "Chapter House", "Fourteen Points", "Part of Me", "B2", "三星",
)  # fmt: skip


def graph_of(text: str, title: str = "Red kites", heading: str = "Nests") -> DocumentGraph:
    path = (title, heading)
    blocks = (Block("heading", title, level=1), Block("heading", heading, level=2), Block("text", text, path))
    chunks = cut(blocks, "document", "v", Chunking())
    return NlpExtractor().read(Parsed("text/markdown", "fake", blocks, title=title), chunks)


@pytest.mark.parametrize("name", NOISE)
def test_noise(name: str) -> None:
    assert is_noise(name)


@pytest.mark.parametrize("name", NAMES)
def test_names_that_begin_or_end_like_noise(name: str) -> None:
    assert not is_noise(name)


def test_a_text_of_references_and_counts_leaves_its_names_only() -> None:
    text = (
        "Fourteen pairs nested near Aller Ridge in 2019, as Figure 1 and Table 2 show. Twelve of them, "
        "see Section 3.1 and ISBN 3-16-148410-0, weighed 15 kg. Anna Berg measured GHz and MB."
    )
    graph = graph_of(text)
    found = {key_of(mention.name) for mention in graph.mentions}
    assert {"aller ridge", "anna berg", "2019", "15 kg"} <= found
    assert not found & {"fourteen", "twelve", "figure 1", "table 2", "section 3.1", "isbn", "ghz", "mb"}
    ends = {key_of(name) for fact in graph.facts for name in (fact.source, fact.target)}
    assert not ends & {"fourteen", "twelve", "figure 1", "table 2", "free", "similar"}


def test_a_heading_that_is_a_reference_names_nothing_and_a_title_does() -> None:
    graph = graph_of("Kites nest in June.", title="Seven", heading="Figure 1")
    kinds = {mention.name: mention.type for mention in graph.mentions if mention.subject}
    assert kinds == {"Seven": "document"}


def test_what_a_thing_is_like_ties_it_to_nothing() -> None:
    graph = graph_of("Milvus is free. The nests are similar. Its tools are open and available.")
    assert not {fact.target for fact in graph.facts} & {"free", "similar", "open", "available"}
