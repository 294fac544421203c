"""Tables that come with a question: computed with, quoted and cited, and kept nowhere."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from glede import Content, Engine, Settings
from glede.answering.questions import Extras
from glede.errors import LimitError, NotFoundError
from glede.results import Answer
from glede.testing.model_server import ModelServer
from glede.testing.model_wire import ChatRequest

PRICES = b"item,price,city\nApples,2.5,Graz\nPears,3.5,Oslo\nPlums,4.5,Graz\n"
STOCK = """# Stock

| item | crates |
| --- | --- |
| Apples | 12 |
| Pears | 30 |
"""


@pytest_asyncio.fixture
async def empty(tmp_path: Path) -> AsyncIterator[Engine]:
    async with Engine.open(Settings(home=tmp_path)) as opened:
        yield opened


async def asked(engine: Engine, question: str, table: bytes = PRICES, name: str = "prices.csv") -> Answer:
    return await engine.ask(question, extras=Extras(table=table, table_name=name))


def sheet(rows: list[list[object]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for row in rows:
        book.active.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


async def test_a_given_table_computes_without_any_document(empty: Engine) -> None:
    answer = await asked(empty, "What is the mean price?")
    assert answer.answered
    assert answer.text.startswith("3.5 ")
    assert answer.computed is not None
    assert "avg" in answer.computed.sql.lower()
    assert answer.computed.rows == (("3.5",),)
    assert answer.computed.source == "prices.csv"
    assert [(one.source, one.row, one.column) for one in answer.citations] == [
        ("prices.csv", 1, "price"),
        ("prices.csv", 2, "price"),
        ("prices.csv", 3, "price"),
    ]
    assert all(one.verified and one.asset is None for one in answer.citations)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PRICES.replace(b",", b"\t"), "prices.tsv"),
        (b"# Prices\n\n| item | price |\n| --- | --- |\n| Apples | 2.5 |\n| Pears | 3.5 |\n", "prices.md"),
        (b"<table><tr><th>item<th>price<tr><td>Apples<td>2.5<tr><td>Pears<td>3.5</table>", "prices.html"),
        (sheet([["item", "price"], ["Apples", 2.5], ["Pears", 3.5]]), "prices.xlsx"),
    ],
)
async def test_any_file_with_a_table_computes(empty: Engine, data: bytes, name: str) -> None:
    answer = await asked(empty, "What is the price of pears?", data, name)
    assert answer.text.startswith("3.5")
    (citation,) = answer.citations
    assert (citation.source, citation.row, citation.column) == (name, 2, "price")


async def test_what_the_given_table_does_not_say_is_refused(empty: Engine) -> None:
    answer = await asked(empty, "Who won the chess championship of 1972?")
    assert not answer.answered
    assert "do not answer" in answer.text


async def test_the_citation_of_a_given_table_can_be_opened(empty: Engine) -> None:
    await asked(empty, "What is the price of plums?")
    citation = await empty.last_citation(1)
    assert citation.is_given
    assert citation.quote == "| Plums | 4.5 | Graz |"
    with pytest.raises(NotFoundError):
        await empty.document(citation.document_id)


async def test_given_and_stored_answer_side_by_side(empty: Engine) -> None:
    await empty.add(Content(STOCK, "stock.md"))
    given = await asked(empty, "What is the price of pears?")
    stored = await asked(empty, "How many crates of pears are there?")
    assert (given.text.split()[0], given.citations[0].source) == ("3.5", "prices.csv")
    assert (stored.text.split()[0], stored.citations[0].source) == ("30", "stock.md")
    assert (stored.citations[0].row, stored.citations[0].column) == (2, "crates")
    assert len(await empty.documents()) == 1


async def test_a_given_table_of_many_rows_is_computed_over_all_of_them(empty: Engine) -> None:
    lines = io.StringIO()
    rows = csv.writer(lines)
    rows.writerow(["order", "price"])
    rows.writerows((f"A{number:05d}", number) for number in range(12_000))
    answer = await asked(empty, "What is the price of A11999?", lines.getvalue().encode(), "orders.csv")
    assert answer.text.startswith("11999")
    assert answer.citations[0].row == 12_000


async def test_a_given_table_that_is_too_large_is_a_clear_error(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path, max_file_mb=0.0001)) as engine:
        with pytest.raises(LimitError, match=r"prices\.csv holds more than"):
            await asked(engine, "What is the mean price?", PRICES * 10)


# With a model


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


async def test_a_model_writes_the_statement_over_a_given_table(tmp_path: Path, server: ModelServer) -> None:
    sql = 'SELECT "item" FROM rows WHERE "city" = \'Graz\' ORDER BY "price" DESC LIMIT 1'

    def answer(request: ChatRequest) -> str:
        if "SELECT statement for DuckDB" in request.messages[0].text:
            return json.dumps({"sql": sql, "columns": ["item", "city", "price"]})
        assert "source 1 (prices.csv)" in request.messages[-1].text
        return 'Plums [1 "| Plums | 4.5 | Graz |"].'

    server.answer = answer
    models = {"chat": "openai:gpt-4o", "openai_url": server.url, "openai_key": "sk-test"}
    settings = Settings.model_validate({"home": tmp_path, "model_tries": 1, **models})
    async with Engine.open(settings) as engine:
        done = await asked(engine, "Of what is sold in Graz, name what one would pay most for.")
    assert done.computed is not None
    assert (done.computed.sql, done.computed.rows) == (sql, (("Plums",),))
    assert done.text == "Plums [1]."
    assert (done.citations[0].source, done.citations[0].row) == ("prices.csv", 3)
    assert done.citations[0].verified
