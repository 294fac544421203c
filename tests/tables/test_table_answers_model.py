from __future__ import annotations

import json

import pytest

from glede.errors import ModelReplyError
from glede.stores.tables import SqlRunner
from glede.tables.written import asked, excerpt
from glede.testing.fake_models import FakeChatModel, Script
from tests.tables.table_examples import FERRIES, REPORT


def said(sql: str, *columns: str) -> str:
    return json.dumps({"sql": sql, "columns": list(columns)})


GOOD = said('SELECT "ship" FROM rows WHERE "home_port" = \'Oslo\'', "ship", "home_port")


async def test_the_statement_is_run(run: SqlRunner) -> None:
    chat = FakeChatModel(Script([GOOD]))
    found = await asked(chat, "Which ship is at home in Oslo?", FERRIES, run)
    assert found is not None
    assert (found.value, found.rows, found.columns) == (("Dione",), (4,), ("ship", "home_port"))


async def test_a_statement_that_fails_is_mended_once(run: SqlRunner) -> None:
    script = Script([said("SELECT nothing FROM rows"), GOOD])
    found = await asked(FakeChatModel(script), "Which ship is at home in Oslo?", FERRIES, run)
    assert found is not None and found.value == ("Dione",)
    assert script.calls == 2


@pytest.mark.parametrize(
    "sql", ["DROP TABLE rows", "SELECT * FROM read_csv('/etc/passwd')", "SELECT 1; SELECT 2"]
)
async def test_what_may_not_run_gives_nothing(sql: str, run: SqlRunner) -> None:
    script = Script([said(sql), said(sql), GOOD])
    assert await asked(FakeChatModel(script), "Which ship?", FERRIES, run) is None
    assert script.calls == 2


async def test_an_empty_statement_is_no_answer(run: SqlRunner) -> None:
    assert await asked(FakeChatModel(Script([said("")])), "Who is the captain?", FERRIES, run) is None


async def test_no_row_is_no_answer(run: SqlRunner) -> None:
    empty = said('SELECT "ship" FROM rows WHERE "home_port" = \'Rome\'')
    assert await asked(FakeChatModel(Script([empty])), "Which ship is in Rome?", FERRIES, run) is None


async def test_what_is_no_json_is_an_error(run: SqlRunner) -> None:
    with pytest.raises(ModelReplyError):
        await asked(FakeChatModel(Script(["I would rather not.", "No."])), "Which ship?", FERRIES, run)


def test_the_card_names_columns_units_and_rows() -> None:
    shown = excerpt(REPORT)
    assert "number, in million $" in shown
    assert "Ferry tickets" in shown
    assert "Rows (" in shown
