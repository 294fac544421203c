"""Questions for what something is, and what says it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.text.defining import NAMED, STATED, TITLED, TOLD, asked_term, definitions_of


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("What is a segment?", "segment"),
        ("what are query nodes", "query nodes"),
        ("What's Milvus?", "Milvus"),
        ("Who was Marie Curie?", "Marie Curie"),
        ("What does WAL stand for?", "WAL"),
        ("What does 'shard' mean?", "shard"),
        ("Define entropy.", "entropy"),
        ("Was ist ein topologischer Raum?", "topologischer Raum"),
        ("Was bedeutet Eutrophierung?", "Eutrophierung"),
        ("Wer war Alan Turing?", "Alan Turing"),
        ("Qu'est-ce qu'une baleine ?", "baleine"),
        ("¿Qué es el plancton?", "plancton"),
        ("Cos'è un vettore?", "vettore"),
        ("O que é um cardume?", "cardume"),
        ("Что такое сепсис?", "сепсис"),
        ("ما هو الحوت؟", "الحوت"),
        ("什么是分段？", "分段"),
        ("分段是什么意思？", "分段"),
    ],
)
def test_what_is_asked_for(question: str, term: str) -> None:
    asked = asked_term(question)
    assert asked is not None
    assert asked.text == term


@pytest.mark.parametrize(
    "question",
    [
        "",
        "How is data stored?",
        "What is it?",
        "Who is he?",
        "Was ist das?",
        "Which station was the windiest?",
        "What did the king say to the second of his three daughters?",
        "What is the name of the second king of the islands in the north?",
        "What is " + "very " * 60 + "long?",
    ],
)
def test_what_is_no_such_question(question: str) -> None:
    assert asked_term(question) is None


@pytest.mark.parametrize(
    ("question", "text", "how_far"),
    [
        ("What is a segment?", "Data is kept. A segment is a file of it.", STATED),
        ("What is a segment?", "**Segments** are the files.", STATED),
        ("What is a segment?", "In Milvus, a segment is one of its files.", STATED),
        ("What are segments?", "A segment is an automatically created file.", STATED),
        ("What is HNSW?", "HNSW (Hierarchical Navigable Small World) is an index.", STATED),
        ("What is Cardinal?", "Cardinal, developed at home, is a library.", STATED),
        ("What is an entity?", "An entity consists of fields.", TOLD),
        ("What is a field?", "A field in a collection is equivalent to a column.", TOLD),
        ("What is a shard?", "- Shard: a part of a collection", TOLD),
        ("What is a metric?", "Such a function is called a metric if", NAMED),
        ("Was ist eine Metrik?", "Eine Abbildung d heißt Metrik, wenn", NAMED),
        ("Что такое сепсис?", "Сепсис — это тяжёлое состояние.", STATED),
        ("什么是分段？", "在这里，分段是一个文件。", STATED),
        ("什么是分段？", "分段即文件。", TOLD),
        ("What is RCAC?", "It has Row and Column Access Control (RCAC), a feature.", TOLD),
        ("What is RCAC?", "Turn it off (RCAC) first.", 0),
        ("What is a segment?", "To remove a segment is a risk.", 0),
        ("What is a segment?", "The size of a segment is a number.", 0),
        ("What is a segment?", "A segmentation is a cut.", 0),
        ("What is a segment?", "Load the segment.", 0),
    ],
)
def test_how_far_a_text_says_it(question: str, text: str, how_far: float) -> None:
    asked = asked_term(question)
    assert asked is not None
    assert asked.said_in(text) == how_far


@pytest.mark.parametrize(
    ("question", "text", "headings", "weight"),
    [
        ("What is a segment?", "First. A segment is a file.", [], STATED),
        ("What are segments?", "In Milvus, the segment is a file.", [], STATED),
        ("What is Milvus?", "Milvus (short) is the database.", [], STATED),
        ("What is a metric?", "It is called a metric, if", [], STATED),
        ("What is RCAC?", "It has Row and Column Access Control (RCAC).", [], STATED),
        ("什么是分段？", "好。分段是一个文件", [], STATED),
        ("Что такое сепсис?", "Это важно. Сепсис — это болезнь.", [], STATED),
        ("What is a segment?", "Files.", ["Terms", "3.1 Segments"], TITLED),
        ("What is a segment?", "Files.", ["What is a segment?"], TITLED),
        ("What is a segment?", "A segment is a file.", ["Segment"], STATED + TITLED),
        ("What is a segment?", "Load the segment.", ["Loading"], 0),
    ],
)
def test_what_the_index_is_told_is_what_the_question_asks(
    question: str, text: str, headings: list[str], weight: float
) -> None:
    asked, told = asked_term(question), definitions_of(text, headings)
    assert asked is not None
    assert sum(asked.weights.get(number, 0) * share for number, share in told.items()) == weight


def test_a_heading_is_the_term_or_asks_for_it() -> None:
    asked = asked_term("What is a partition key?")
    assert asked is not None
    assert all(map(asked.is_title, ["Partition key", "## 2.1 Partition Keys", "What is a partition key?"]))
    assert not asked.is_title("Use a partition key")


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_is_survived(question: str, text: str) -> None:
    definitions_of(text, [question])
    asked = asked_term(question)
    assert asked is None or 0 <= asked.said_in(text) <= STATED


@pytest.mark.measured
@pytest.mark.parametrize("piece", ["is a ", "segment is ", "(a", "a, ", " — это", "called a ", "a segment "])
def test_hostile_texts_take_little_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    asked = asked_term("What is a segment?")
    assert asked is not None
    began = time.process_time()
    definitions_of(text, [text[:1000]])
    asked.said_in(text)
    assert time.process_time() - began < 3
