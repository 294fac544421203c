from __future__ import annotations

import pytest

from glede.answering.checking import Checked
from glede.prompting.markers import Mark, MarkReader
from glede.prompting.packing import Source
from glede.results import Hit
from glede.types import Chunk, Modality

KITES = "Red kites eat mice. In 2024 the rangers of Linden Hill counted 412 pairs. MySQL is not a bird."
TABLE = "| Place | Height |\n| --- | --- |\n| Summit mast | 612 m |\n| Valley | 88 m |"
STORED = "Milvus 将插入的数据存储在持久化存储中。元数据存储在 etcd 中。"


def verified(text: str, answer: str, question: str = "", modality: Modality = "text") -> list[bool]:
    chunk = Chunk("c", "d", 0, text, modality, ("Birds",))
    checked = Checked([Source(1, Hit(1, 1.0, chunk, "a.txt", {}), (chunk,))], question)
    reader = MarkReader()
    for one in [*reader.feed(answer), *reader.close()]:
        if isinstance(one, Mark):
            checked.add(one)
    return [citation.verified for citation in checked.citations]


@pytest.mark.parametrize(
    ("text", "answer", "question", "expected"),
    [
        (KITES, "The rangers counted 412 pairs of kites [1].", "How many kites are there?", [True]),
        (KITES, "412 [1].", "How many pairs were counted in 2024?", [True]),
        (KITES, "The rangers counted 415 pairs [1].", "How many?", [False]),
        (KITES, "The rangers of Oak Hill counted 412 pairs in 2024 [1].", "How many?", [False]),
        (KITES, "PostgreSQL is not a bird [1].", "Which database is a bird?", [False]),
        (KITES, "Fish [1].", "What do red kites eat?", [False]),
        (KITES, "Mice [1].", "What do red kites eat?", [True]),
        (KITES, "- **mice** [1]\n- 512 pairs [1]", "What do red kites eat?", [True, False]),
        (STORED, "元数据存储在 etcd 中 [1]。", "元数据在哪里？", [True]),
        (STORED, "元数据存储在 MySQL 中 [1]。", "元数据在哪里？", [False]),
        (
            "Use **port 19530** for `gRPC`.",
            'Port 19530 [1 "Use port 19530 for gRPC"].',
            "Which port?",
            [True],
        ),
        (
            "Prices rose by 1,234.5 euros in 2024.",
            "Prices rose by €1234.50 in 2024 [1].",
            "By how much?",
            [True],
        ),
    ],
)
def test_marks_without_and_with_quotes(text: str, answer: str, question: str, expected: list[bool]) -> None:
    assert verified(text, answer, question) == expected


def test_a_row_of_a_table_bears_a_claim_out_alone() -> None:
    question = "How high are they?"
    assert verified(TABLE, "The summit mast is 612 m high [1].", question, "table") == [True]
    assert verified(TABLE, "The valley is 612 m high [1].", question, "table") == [False]
    assert verified(TABLE, 'The mast is 612 m high [1 "Summit mast | 612 m"].', question, "table") == [True]


def test_the_same_quote_has_one_marker() -> None:
    answer = 'Mice [1 "Red kites eat mice"]. They eat mice [1 "Red kites eat mice"].'
    assert verified(KITES, answer, "What do they eat?") == [True]


def test_a_source_that_does_not_exist_is_no_citation() -> None:
    assert verified(KITES, "Mice [4].", "What do they eat?") == []
