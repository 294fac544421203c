"""Tables that are odd, long or wide: whole, found and computed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.adding.chunking import Chunking
from glede.parsers.delimited import MAX_ROWS
from glede.tables.parquet import unpacked
from glede.tables.parts import MOST_VECTORS
from tests.items import added, blocks_of


@pytest.fixture
def offline(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def html(*rows: str) -> str:
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    text = f"<p>Pairs of red kites, by valley.</p><table>{body}</table><p>All were counted twice.</p>"
    return f"<html><body><h1>Kites</h1>{text}</body></html>"


def cells(*texts: object, tag: str = "td") -> str:
    return "".join(f"<{tag}>{text}</{tag}>" for text in texts)


TABLES = {
    "merged headers": html(
        "<th rowspan=2>Valley</th><th colspan=2>Pairs</th>",
        cells(2019, 2020, tag="th"),
        cells("Aller", 3, 4),
        cells("Wern", 5, 6),
    ),
    "ragged rows": html(
        cells("Valley", "Pairs", "Broods", tag="th"), cells("Aller", 3), cells("Wern", 5, 6, 7)
    ),
    "no header": html(cells("Aller", 3), cells("Wern", 5)),
    "one column": html(cells("Valley", tag="th"), cells("Aller"), cells("Wern")),
    "mixed types": html(
        cells("Valley", "Pairs", tag="th"),
        cells("Aller", "12 %"),
        cells("Wern", "2020-01-01"),
        cells("Au", "-"),
    ),
    "the same name twice": html(
        cells("Valley", "Pairs", "Pairs", "", tag="th"), cells("Aller", 1, 2, "Wern")
    ),
    "spans beyond its end": html(
        "<th rowspan=99>Valley</th><th colspan=3>Pairs</th>", cells("Aller"), cells("Wern")
    ),
    "500 columns": html(
        cells("Valley", *(f"site {site}" for site in range(499)), tag="th"),
        cells("Aller", *range(499)),
        cells("Wern", *range(499)),
    ),
}


@pytest.mark.parametrize("name", TABLES)
async def test_an_odd_table_is_whole(offline: Settings, name: str) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content(TABLES[name], "kites.html"))
        assert (one.status, one.unfinished, one.partial) == ("searchable", (), ())
        (block,) = await blocks_of(engine, one, "table")
        assert block.table is not None
        assert {"Aller", "Wern"} <= {text for row in block.table.grid() for text in row}
        assert block.data is not None
        rows = unpacked(await engine.asset(block.data))
        assert {"Aller", "Wern"} <= {str(value) for row in (*rows.values, *rows.texts) for value in row}
        assert await engine.search("Aller", types=["table"])


@pytest.mark.parametrize("rows", [["Aller", "Wern", "Tauber"], ["Aller,1", "Wern,2,3,4", ",,", "Tauber"]])
async def test_an_odd_file_of_rows_is_searchable(offline: Settings, rows: list[str]) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("\n".join(["Valley", *rows]), "kites.csv"))
        assert (one.status, one.partial) == ("searchable", ())
        assert await engine.search("Tauber")


async def test_a_table_with_too_many_rows_fails_plainly(offline: Settings) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("name,pairs\n" + "Aller,3\n" * MAX_ROWS, "kites.csv"))
        assert one.error is not None
        assert (one.status, one.error.code, one.error.retryable) == ("failed", "limit_exceeded", False)
        assert f"{MAX_ROWS:,} rows" in one.error.message


async def test_a_long_table_is_found_to_its_last_row_and_computed_over_all(offline: Settings) -> None:
    """Beyond the rows that have vectors, words find each row, and the citation is that row."""
    count = 12_000
    lines = [
        f"kite {row},Aller {row % 7},{row % 1000},{('open', 'paid')[row > count - 30]}"
        for row in range(count)
    ]
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("\n".join(["name,valley,price,status", *lines]), "orders.csv"))
        assert (one.status, one.partial) == ("searchable", ())
        hit, *_ = await engine.search(f"kite {count - 1}")
        assert hit.chunk.words_only
        assert count in [span.row for span in hit.chunk.spans]
        answer = await engine.ask(f"What is the price of kite {count - 1}?")
        assert [citation.quote for citation in answer.citations] == [
            f"| kite {count - 1} | Aller {(count - 1) % 7} | 999 | paid |"
        ]
        assert all(citation.verified for citation in answer.citations)
        answer = await engine.ask("What is the average price?")
        assert answer.text.startswith("499.5")
        document = await engine.document(one.id or "")
        assert sum(not chunk.words_only for chunk in await engine.chunks(document)) == MOST_VECTORS


async def test_a_wide_table_is_cut_by_columns_and_found_by_any(offline: Settings) -> None:
    names = ["station", *(f"reading {column}" for column in range(499))]
    lines = [",".join([f"station {row}", *(f"{row}.{column}" for column in range(499))]) for row in range(20)]
    async with Engine.open(offline) as engine:
        one = await added(engine, Content("\n".join([",".join(names), *lines]), "stations.csv"))
        chunks = await engine.chunks(await engine.document(one.id or ""))
        assert all(chunk.tokens <= Chunking().table_tokens for chunk in chunks)
        assert all(chunk.text.startswith("| station | reading ") for chunk in chunks)
        answer = await engine.ask("What is reading 321 of station 17?")
        assert answer.text.startswith("17.321")
