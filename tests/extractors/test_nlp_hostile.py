"""Text that was written to break rules: any letters at all, and patterns that make them slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.extractors.nlp import NlpExtractor
from glede.extractors.nlp_tally import MOST_FACTS, MOST_MENTIONS
from glede.graph.names import entity_of
from glede.knowledge import DocumentGraph
from glede.types import Chunk, Parsed

PIECES = (
    "A ", "A.", "Aa ", "A-", "A's ", "A and ", "A of ", "King ", "Dr. ", "A, Duke of ", "U.S. ", "May 3 ",
    "(", ")", '"', "“", "«", "1", "1,", "1999 ", "$", "aa bb ",
    "- a: b\n", "/a", "a.b.", "a_", "|", " ", "\n",
    "的", "王小明说", "大学", "阿", "ا", "محمد بن ", "مدينة ", "Великого ", "Der Hund ", "is ", "A is a ",
    "a b c (ABC) ", "’s", "\u00a0", "\u202e", "\x00",
)  # fmt: skip
SECONDS = 1.0
"""CPU time for 6,000 characters of one pattern; plain prose takes 0.005."""


def read(text: str, title: str = "") -> DocumentGraph:
    chunk = Chunk("c", "d", 0, text, "text", (title,) if title else ())
    return NlpExtractor().read(Parsed("text/plain", "fake", (), title=title), [chunk])


@given(
    st.one_of(st.text(max_size=400), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)),
    st.text(max_size=40),
)
@settings(max_examples=300, deadline=None)
def test_any_text_is_read(text: str, title: str) -> None:
    graph = read(text, title)
    assert len(graph.mentions) <= MOST_MENTIONS
    assert len(graph.facts) <= MOST_FACTS
    assert all(entity_of(mention.name) for mention in graph.mentions)
    assert all(entity_of(fact.source) != entity_of(fact.target) for fact in graph.facts)


@pytest.mark.measured
@pytest.mark.parametrize("piece", PIECES)
def test_no_pattern_is_slow(piece: str) -> None:
    text = (piece * 6000)[:6000]
    began = time.thread_time()
    read(text, text[:2000])
    read(f"The house is of the man. {text}")
    assert time.thread_time() - began < SECONDS
