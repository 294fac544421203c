from __future__ import annotations

import numpy as np
import pytest

from glede.adding.chunking import Chunking, cut
from glede.answering import extractive
from glede.answering.extractive import Question, units_of
from glede.parsers.building import table_from_grid, table_markdown
from glede.ports import TermStatistics
from glede.results import Hit
from glede.text.keywords import query_terms
from glede.types import Block

GRID = [["Station", "Height"], ["Ridge", "1,240 m"], ["Valley", "310 m"]]
TABLE = table_from_grid(GRID)
BLOCKS = [
    Block("heading", "Where do kites nest?", level=1),
    Block("text", "They nest in old oaks. Pairs return each spring.", ("Where do kites nest?",)),
    Block("list", "- oak\n- beech", ("Where do kites nest?",)),
    Block("table", table_markdown(TABLE, None), ("Where do kites nest?",), table=TABLE),
]


def hits() -> list[Hit]:
    made = cut(BLOCKS, "d", "v", Chunking())
    return [Hit(place, 1.0 / place, chunk, "kites.md", {}) for place, chunk in enumerate(made, 1)]


def question(text: str) -> Question:
    statistics = TermStatistics(100, 10.0, {})
    return Question(text, query_terms(text).rarity(statistics))


def test_units_are_sentences_items_and_rows_but_not_headings() -> None:
    units = units_of(hits())
    assert [unit.quote for unit in units] == [
        "They nest in old oaks.",
        "Pairs return each spring.",
        "- oak",
        "- beech",
        "| Ridge | 1,240 m |",
        "| Valley | 310 m |",
    ]
    assert units[4].text == "Station: Ridge; Height: 1,240 m"
    assert all(unit.quote in unit.hit.chunk.text for unit in units)


def test_the_sentence_that_covers_the_question_wins_and_is_answerable() -> None:
    asked = question("When do the pairs return?")
    units = units_of(hits())
    vectors = np.eye(len(units), 8, dtype=np.float32)
    query = vectors[1]
    scored = extractive.score(asked, query, units, vectors, {})
    assert scored[0].unit.quote == "Pairs return each spring."
    assert extractive.answerable(asked, scored)
    assert extractive.chosen(scored)[0].quote == "Pairs return each spring."


@pytest.mark.parametrize("text", ["Who painted the Mona Lisa in Florence?", "zxqv"])
def test_what_the_sources_do_not_cover_is_refused(text: str) -> None:
    asked = question(text)
    units = units_of(hits())
    vectors = np.eye(len(units), 8, dtype=np.float32)
    query = np.full(8, 0.1, dtype=np.float32)
    scored = extractive.score(asked, query, units, vectors, {})
    assert extractive.support(asked, scored) < extractive.ANSWERABLE
    assert not extractive.answerable(asked, scored)


def test_nothing_found_is_not_answerable() -> None:
    assert not extractive.answerable(question("Why?"), [])
    assert extractive.chosen([]) == []


def made(*blocks: Block) -> list[Hit]:
    chunks = cut(list(blocks), "d", "v", Chunking())
    return [Hit(place, 1.0, chunk, "a.md", {}) for place, chunk in enumerate(chunks, 1)]


def test_a_sentence_that_says_what_the_term_is_goes_before_one_that_speaks_of_it() -> None:
    units = units_of(made(Block("text", "The segment and the segment. A segment is a sealed file.")))
    vectors = np.eye(2, 8, dtype=np.float32)
    query = np.ones(8, dtype=np.float32)
    scored = extractive.score(question("What is a segment?"), query, units, vectors, {})
    assert [one.unit.quote for one in scored] == [
        "A segment is a sealed file.",
        "The segment and the segment.",
    ]


def test_code_does_not_say_what_a_term_is() -> None:
    units = units_of(
        made(Block("code", "segment = segment(a)"), Block("text", "Each segment is sealed once."))
    )
    vectors = np.eye(2, 8, dtype=np.float32)
    scored = extractive.score(question("What is a segment?"), vectors[0], units, vectors, {})
    assert [one.unit.code for one in scored] == [False, True]


def test_a_label_is_not_quoted() -> None:
    text = "Definition 29\n\nA manifold is a space. Fields:\n\nIn 1 of 3 cases it is not.\n\nPopulation 4521"
    assert [unit.quote for unit in units_of(made(Block("text", text)))] == [
        "A manifold is a space.",
        "In 1 of 3 cases it is not.",
        "Population 4521",
    ]
