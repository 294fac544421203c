from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.errors import SqlError, UnavailableError
from glede.stores.tables import SqlLimits, SqlRunner
from glede.tables.parquet import SMALL, packed, unpacked
from glede.tables.values import Column, Rows

ROWS = Rows(
    columns=(
        Column("city", "City"),
        Column("people", "People", "number", "thousand", 1000.0),
        Column("founded", "Founded", "date"),
        Column("capital", "Capital", "boolean"),
    ),
    values=(("Oslo", 700.5, "1048", True), ("Bergen", 290.0, None, False), ("Total", 990.5, None, None)),
    texts=(("Oslo", "700.5", "1048", "yes"), ("Bergen", "290", "–", "no"), ("Total", "990.5", "", "")),
    places=(1, 2, 4),
    caption="Cities of Norway",
    totals=(2,),
    notes=("* estimated",),
)


@pytest.fixture(scope="module")
def run() -> Iterator[SqlRunner]:
    runner = SqlRunner()
    yield runner
    runner.close()


def test_a_table_comes_back_from_parquet_as_it_was() -> None:
    assert unpacked(packed(ROWS)) == ROWS
    assert packed(ROWS) == packed(replace(ROWS))


@pytest.mark.parametrize(("times", "compression"), [(1, "UNCOMPRESSED"), (SMALL // 9, "ZSTD")])
def test_only_large_tables_are_compressed(times: int, compression: str) -> None:
    rows = replace(ROWS, values=ROWS.values * times, texts=ROWS.texts * times, places=ROWS.places * times)
    data = packed(rows)
    group = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data)).metadata.row_group(0)
    columns = [group.column(place) for place in range(group.num_columns)]
    assert {column.compression for column in columns} == {compression}
    assert not any(column.is_stats_set for column in columns)
    assert unpacked(data) == rows


def test_what_is_no_table_says_so() -> None:
    with pytest.raises(UnavailableError, match="damaged"):
        unpacked(b"PAR1")
    with pytest.raises(UnavailableError, match="damaged"):
        unpacked(packed(ROWS)[:-20])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text()),
            st.one_of(st.none(), st.floats(allow_nan=False)),
            st.one_of(st.none(), st.booleans()),
        ),
        max_size=8,
    )
)
def test_any_values_come_back(values: list[tuple[str | None, float | None, bool | None]]) -> None:
    rows = Rows(
        (Column("a", "A"), Column("b", "B", "number"), Column("c", "C", "boolean")),
        tuple(values),
        tuple((str(a), str(b), str(c)) for a, b, c in values),
        tuple(range(len(values))),
    )
    surrogates = any("\ud800" <= one <= "\udfff" for a, _, _ in values if a for one in a)
    if not surrogates:
        assert unpacked(packed(rows)) == rows


def test_sql_over_one_table(run: SqlRunner) -> None:
    assert run("SELECT sum(people) FROM rows WHERE NOT _total", ROWS) == [(990.5,)]
    assert run("SELECT city, capital FROM rows ORDER BY people DESC, _place LIMIT 1 OFFSET 1", ROWS) == [
        ("Oslo", True)
    ]
    assert run("SELECT \"_place\" FROM rows WHERE founded < '1900'", ROWS) == [(1,)]
    assert run("WITH big AS (FROM rows WHERE people > 300) SELECT count(*) FROM big", ROWS) == [(2,)]
    assert run("SELECT avg(people)::DECIMAL(9, 2), date '2020-02-01' FROM rows", ROWS) == [
        (660.33, "2020-02-01")
    ]


def test_sql_over_several_tables(run: SqlRunner) -> None:
    other = replace(
        ROWS, values=(("Oslo", 1.0, None, None),), texts=(("Oslo", "1", "", ""),), places=(1,), totals=()
    )
    result = run.query(
        "SELECT a.people, b.people AS more FROM a JOIN b USING (city)", {"a": ROWS, "b": other}
    )
    assert result.columns == ("people", "more")
    assert result.rows == ((700.5, 1.0),)
    with pytest.raises(SqlError, match="no table a"):
        run("SELECT * FROM a", ROWS)


def test_the_next_table_takes_the_place_of_the_last(run: SqlRunner) -> None:
    for people in (1.0, 2.0, 3.0):
        rows = replace(ROWS, values=(("Oslo", people, None, None),), places=(1,), totals=())
        assert run("SELECT people FROM rows", rows) == [(people,)]


def test_what_is_wrong_is_told(run: SqlRunner) -> None:
    with pytest.raises(SqlError, match="peeple"):
        run("SELECT peeple FROM rows", ROWS)
    with pytest.raises(SqlError, match="syntax"):
        run("SELEC people", ROWS)
    with pytest.raises(SqlError, match="only SELECT"):
        run("DROP TABLE rows", ROWS)


def test_a_process_that_was_ended_is_replaced() -> None:
    runner = SqlRunner(SqlLimits(seconds=1.5))
    with pytest.raises(SqlError, match="longer than"):
        runner("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", ROWS)
    with pytest.raises(SqlError, match="memory"):
        runner("SELECT list_sum(range(1000000000))", ROWS)
    assert runner("SELECT count(*) FROM rows", ROWS) == [(3,)]
    runner.close()
    assert runner("SELECT count(*) FROM rows", ROWS) == [(3,)]
    runner.close()


def test_threads_share_a_runner(run: SqlRunner) -> None:
    found: list[object] = []

    def ask(number: int) -> None:
        rows = replace(ROWS, values=(("Oslo", float(number), None, None),), places=(1,), totals=())
        found.append(run("SELECT people FROM rows", rows)[0][0] == number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8
