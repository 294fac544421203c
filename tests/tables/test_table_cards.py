from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from glede.processors.table import TableProcessor, with_data
from glede.tables.cards import card
from glede.tables.parquet import unpacked
from glede.tables.typing import typed
from glede.tables.values import Column, Rows
from glede.text.sentences import count_tokens
from glede.types import Block, Cell, Parsed, Table
from tests.tables.test_typing_tables import data, table

CITIES = data(
    "City | People | Founded | Capital\n"
    "Oslo | 700.5 | May 1048 | yes\nBergen | 290 | 1 June 1070 | no\nTotal | 990.5 | | ",
    "Cities (in thousands)",
    headers=1,
)


def test_a_card() -> None:
    assert card(CITIES).splitlines() == [
        "Cities (in thousands). 3 rows, 4 columns.",
        "City (text): Oslo, Bergen",
        "People (number, thousand): 700.5, 290",
        "Founded (date): 1048-05, 1070-06-01",
        "Capital (boolean): yes, no",
        "Oslo | 700.5 | May 1048 | yes",
        "Bergen | 290 | 1 June 1070 | no",
    ]


def test_a_card_sums_up_long_columns() -> None:
    rows = data(
        "What | Value | When\n" + "\n".join(f"w{n} | {n * 1.5} | 2019-01-{n + 1:02}" for n in range(20)),
        headers=1,
    )
    assert "What (text): w0, w1, w2, w3, w4 (20 distinct)" in card(rows)
    assert "Value (number): 0 to 28.5, mean 14.25" in card(rows)
    assert "When (date): 2019-01-01 to 2019-01-20" in card(rows)


def test_the_card_of_a_wide_table_stays_short() -> None:
    columns = tuple(Column(f"column_{n}", f"A column with a long name {n}", "number") for n in range(500))
    wide = Rows(
        columns, (tuple(1.0 for _ in columns),) * 4, (tuple("1.0" for _ in columns),) * 4, (1, 2, 3, 4)
    )
    assert count_tokens(card(wide)) <= 350
    assert "more columns" in card(wide)


async def test_the_processor_keeps_rows_and_says_by_what_they_are_found() -> None:
    blocks = (
        Block("text", "The next table is in prose (in thousands)."),
        Block(
            "table", "| a |", table=table("City | People\nOslo | 700.5\nBergen | 290", 1), caption="Cities"
        ),
        Block("table", "", table=Table(0, 0, ())),
    )
    parsed = Parsed("text/markdown", "markdown", blocks)
    processed = await TableProcessor().process(parsed)
    assert processed == with_data(parsed)
    text, block, empty = processed.blocks
    assert (text, empty) == (blocks[0], blocks[2])
    assert block.text == "| a |"
    assert block.data is not None
    rows = unpacked(processed.assets[block.data])
    assert rows.caption == "Cities"
    assert rows.columns[1] == Column("people", "People", "number", "thousand", 1000.0)
    assert block.aid == card(rows)
    without = Parsed("text/markdown", "markdown", blocks[:1])
    assert await TableProcessor().process(without) is without


CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "1,234",
            "(5)",
            "$ 3",
            "5%",
            "2019",
            "Total",
            "Assets:",
            "",
            "-",
            "1 March 2019",
            "kg",
            "½",
            "１２",
            "٣",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=7), st.integers(0, 3), st.text(max_size=20))
def test_any_table_is_typed_or_none(texts: list[list[str]], headers: int, caption: str) -> None:
    cells = tuple(
        Cell(row, column, text, header=row < headers)
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
    )
    rows = typed(Table(len(texts), max((len(line) for line in texts), default=0), cells), caption, caption)
    if rows is None:
        return
    assert all(len(row) == len(rows.columns) for row in (*rows.values, *rows.texts))
    assert len(rows.values) == len(rows.texts) == len(rows.places)
    assert len({column.key for column in rows.columns}) == len(rows.columns)
    assert all(0 <= label < len(rows.columns) for label in rows.labels)
    kinds = {"number": float, "text": str, "date": str, "boolean": bool}
    for row in rows.values:
        for column, value in zip(rows.columns, row, strict=True):
            assert value is None or isinstance(value, kinds[column.type])
    assert card(rows)
