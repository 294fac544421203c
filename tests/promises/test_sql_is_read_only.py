"""S15: no statement over tables reads, writes or changes anything, and each ends in its time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.errors import SqlError
from glede.stores.tables import SqlLimits, SqlRunner
from glede.tables.values import Column, Rows

SECONDS = 0.5
MARK = "canary-7f3a91"
READERS = """
read_csv read_csv_auto read_text read_blob read_parquet parquet_scan read_json read_json_auto
read_json_objects read_ndjson read_ndjson_auto read_ndjson_objects sniff_csv glob parquet_metadata
parquet_schema parquet_file_metadata parquet_kv_metadata parquet_bloom_probe read_xlsx sqlite_scan
sqlite_attach postgres_scan mysql_query st_read iceberg_scan delta_scan read_duckdb arrow_scan
arrow_scan_dumb pandas_scan python_map_function query query_table json_execute_serialized_sql
load_aws_credentials duckdb_logs parse_duckdb_log_message
"""
PATHS = ("secret.csv", "/etc/passwd")
SCANNED = (
    "'secret.csv'",
    "'secret.json'",
    "'secret.parquet'",
    "'*.csv'",
    "'/etc/passwd'",
    "'file:///etc/passwd'",
    "'http://127.0.0.1:9/x.csv'",
    "'https://127.0.0.1:9/x.parquet'",
    "'s3://bucket/x.parquet'",
    '"secret.csv"',
    "'secret.db'",
    "'/proc/self/environ'",
    "'~/.ssh/id_rsa'",
    "'./secret.csv'",
    "'../canary/secret.csv'",
    'memory.main."secret.csv"',
    "sys.path",
    "os",
    "rows2",
    "_incoming",
    '"tables"',
    "message",
    "limits",
)
WRITES = """
COPY rows TO 'out.csv'
COPY rows TO 'out.parquet' (FORMAT parquet)
COPY (SELECT * FROM rows) TO 'out.json'
COPY rows FROM 'secret.csv'
COPY rows TO '/dev/stdout'
COPY FROM DATABASE memory TO x
EXPORT DATABASE 'out'
IMPORT DATABASE 'out'
ATTACH 'secret.db' AS x
ATTACH ':memory:' AS x
ATTACH 'out.db'
ATTACH 'https://127.0.0.1:9/x.db'
ATTACH 'secret.db' (TYPE sqlite)
DETACH memory
USE memory
INSTALL httpfs
INSTALL 'out.duckdb_extension'
FORCE INSTALL sqlite FROM community
LOAD httpfs
LOAD 'secret.db'
UPDATE EXTENSIONS
INSERT INTO rows VALUES ('x', 1, 1, false)
INSERT INTO rows SELECT * FROM rows
INSERT OR REPLACE INTO rows SELECT * FROM rows
UPDATE rows SET n = 0
DELETE FROM rows
TRUNCATE rows
MERGE INTO rows USING rows r ON true WHEN MATCHED THEN DELETE
DROP TABLE rows
DROP SCHEMA main CASCADE
ALTER TABLE rows ADD COLUMN x INT
ALTER TABLE rows RENAME TO x
CREATE TABLE x (a INT)
CREATE TABLE x AS SELECT * FROM rows
CREATE OR REPLACE TABLE rows AS SELECT 1 AS name
CREATE TEMP TABLE x AS SELECT 1
CREATE VIEW x AS SELECT 1
CREATE OR REPLACE VIEW rows AS SELECT 1
CREATE MACRO sum(x) AS 0
CREATE OR REPLACE FUNCTION lower(x) AS 'owned'
CREATE MACRO t() AS TABLE SELECT * FROM rows
CREATE SEQUENCE s
CREATE TYPE mood AS ENUM ('a')
CREATE SCHEMA s
CREATE INDEX i ON rows (n)
CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')
CREATE PERSISTENT SECRET s (TYPE http)
CREATE TRIGGER t AFTER INSERT ON rows EXECUTE x()
COMMENT ON TABLE rows IS 'x'
CALL pragma_version()
CALL enable_logging()
CALL enable_profiling()
CALL start_ui()
CALL force_checkpoint()
CHECKPOINT
FORCE CHECKPOINT
VACUUM
ANALYZE
BEGIN
COMMIT
ROLLBACK
PREPARE p AS DROP TABLE rows
EXECUTE p
DEALLOCATE p
EXPLAIN ANALYZE SELECT * FROM rows
EXPLAIN DELETE FROM rows
SET enable_external_access = true
SET lock_configuration = false
SET memory_limit = '100GB'
SET threads = 64
SET temp_directory = 'out'
SET extension_directory = 'out'
SET home_directory = 'out'
SET log_query_path = 'out.log'
SET VARIABLE x = 1
SET search_path = 'x'
SET GLOBAL enable_external_access = true
SET SESSION allowed_directories = ['/']
RESET memory_limit
RESET ALL
PRAGMA version
PRAGMA database_list
PRAGMA enable_external_access
PRAGMA enable_profiling = 'json'
PRAGMA profiling_output = 'out.json'
PRAGMA enable_object_cache
PRAGMA table_info('rows')
PRAGMA memory_limit = '100GB'
PRAGMA import_database('out')
PIVOT rows ON name USING sum(n)
WITH x AS (INSERT INTO rows VALUES ('x', 1, 1, false) RETURNING *) SELECT * FROM x
WITH x AS (UPDATE rows SET n = 0 RETURNING *) SELECT * FROM x
WITH x AS (DELETE FROM rows RETURNING *) SELECT * FROM x
SELECT * FROM (INSERT INTO rows VALUES ('x', 1, 1, false) RETURNING *)
SELECT * FROM (DELETE FROM rows RETURNING *)
SELECT name INTO out FROM rows
SELECT * FROM (COPY rows TO 'out.csv')
SHOW TABLES
SHOW ALL TABLES
SHOW DATABASES
DESCRIBE rows
DESCRIBE SELECT * FROM 'secret.csv'
SUMMARIZE rows
SUMMARIZE 'secret.csv'
SELECT * FROM (DESCRIBE rows)
SELECT * FROM (SHOW TABLES)
SELECT * FROM (SUMMARIZE 'secret.csv')
FROM 'secret.csv'
TABLE "secret.csv"
FROM read_text('secret.csv') SELECT content
""".strip().splitlines()
SYSTEM = """
duckdb_settings() duckdb_secrets() duckdb_tables() duckdb_columns() duckdb_databases() duckdb_functions()
duckdb_extensions() duckdb_memory() duckdb_temporary_files() duckdb_variables() duckdb_views()
duckdb_logs() duckdb_optimizers() duckdb_keywords() duckdb_dependencies() duckdb_constraints()
duckdb_indexes() duckdb_types() duckdb_external_file_cache() duckdb_profiling_settings()
duckdb_log_contexts() duckdb_approx_database_count() pragma_version() pragma_platform()
pragma_user_agent() pragma_table_info('rows') pragma_storage_info('rows') pragma_database_size()
pragma_metadata_info() pragma_show('rows') pragma_collations() pragma_rows() information_schema.tables
information_schema.columns pg_catalog.pg_tables sqlite_master pg_class pg_namespace
which_secret('s3://x','s3') enable_logging() repeat_row(1,num_rows:=10) test_all_types() seq_scan('rows')
force_checkpoint() checkpoint() show_databases() sql_auto_complete('SEL') read_text(['a','b'])
"""
SCALARS = """
getenv('GLEDE_SECRET') current_setting('temp_directory') getvariable('x') version() pg_backend_pid()
txid_current() current_database() current_schema() current_schemas(true) in_search_path('a','b')
nextval('s') currval('s') write_log('x') sleep_ms(60000) setseed(.5) set_config('a','b',true)
json_serialize_sql('SELECT 1') json_execute_serialized_sql('x') json_deserialize_sql('x') pg_sleep(60)
load_extension('x') readfile('secret.csv') writefile('out','x') read_text('secret.csv')
read_blob('secret.csv') system('id') shell('id') lo_import('/etc/passwd') pg_read_file('/etc/passwd')
xp_cmdshell('id') load_file('/etc/passwd') parse_path('a/b') file_exists('secret.csv')
add_parquet_key('k','v') create_sort_key(1,'ASC') getenv('PATH')||getenv('HOME') main.getenv('HOME')
system.main.getenv('HOME') system.main.lower('X') query('DROP TABLE rows') http_get('http://127.0.0.1:9')
"""
HIDDEN = (
    "SELECT 1; DROP TABLE rows",
    "SELECT 1;DROP TABLE rows;",
    ";;DROP TABLE rows",
    "SELECT 1;\n--\nDELETE FROM rows",
    "/* SELECT */ DROP TABLE rows",
    "-- SELECT 1\nDROP TABLE rows",
    "SELECT 1 /* ; */; SET threads=9",
    "SELECT 1 --;\n; COPY rows TO 'out.csv'",
    "DROP/**/TABLE/**/rows",
    "DrOp TaBlE rOwS",
    "\ufeffDROP TABLE rows",
    "SELECT 1; SELECT 2",
    "(SELECT 1); ATTACH 'out.db'",
    "SELECT $$a$$; COPY rows TO 'out.csv'",
    "SELECT * FROM rows WHERE name = '' ; COPY rows TO 'out.csv' --'",
    "SELECT 1 UNION SELECT * FROM 'secret.csv'",
    "WITH rows2 AS (SELECT * FROM 'secret.csv') SELECT * FROM rows2",
    'WITH "secret.csv" AS (SELECT 1) SELECT * FROM main."secret.csv"',
    "SELECT (SELECT content FROM read_text('secret.csv'))",
    "SELECT * FROM rows WHERE name IN (SELECT content FROM read_text('secret.csv'))",
    "SELECT * FROM rows ORDER BY (SELECT content FROM read_text('secret.csv'))",
    "SELECT * FROM rows LIMIT (SELECT length(content) FROM read_text('secret.csv'))",
    "SELECT CASE WHEN EXISTS (SELECT * FROM glob('*')) THEN 1 END",
    "SELECT max(n) FILTER (WHERE getenv('HOME') = 'x') FROM rows",
    "SELECT max(n) OVER (PARTITION BY getenv('HOME')) FROM rows",
    "SELECT list_transform([1], lambda x: getenv('HOME'))",
    "SELECT * FROM rows JOIN glob('*') ON true",
    "SELECT * FROM rows, LATERAL (SELECT * FROM read_text(name))",
    "SELECT * FROM rows TABLESAMPLE 1 ROWS; LOAD x",
    "VALUES ((SELECT content FROM read_text('secret.csv')))",
    "SELECT list_aggregate([1], 'getenv')",
    "SELECT COLUMNS(x -> getenv(x)) FROM rows",
    "SELECT 'x'.getenv()",
    "SELECT * REPLACE (getenv('HOME') AS n) FROM rows",
    "SELECT ?",
    "SELECT $1",
    "",
    ";",
    "--",
    "SELECT",
    "NONSENSE",
    "SELECT '\x00'; DROP TABLE rows",
    "🦆",
    "SELECT * FROM rows GROUP BY getenv('HOME')",
    "SELECT * FROM rows QUALIFY getenv('HOME') = ''",
    "SELECT DISTINCT ON (getenv('HOME')) * FROM rows",
    "SELECT TRY(getenv('HOME'))",
    "SELECT * FROM query_table(['rows', 'secret.csv'])",
    "SELECT * FROM query('SELECT * FROM ''secret.csv''')",
)
BOMBS = (
    "WITH RECURSIVE t AS (SELECT 1 i UNION ALL SELECT i + 1 FROM t) SELECT * FROM t",
    "WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT max(length(s)) FROM t",
    "WITH RECURSIVE t USING KEY (i) AS (SELECT 1 i UNION SELECT i + 1 FROM t) SELECT * FROM t",
    "SELECT count(*) FROM range(1000000000000)",
    "SELECT * FROM range(1000000000000)",
    "SELECT sum(a.range * b.range) FROM range(1000000) a, range(1000000) b",
    "SELECT count(*) FROM generate_series(1, 1000000000000)",
    "SELECT generate_series(1, 10000000000)",
    "SELECT range(10000000000)",
    "SELECT unnest(range(10000000000))",
    "SELECT list_sum(range(1000000000))",
    "SELECT repeat('x', 4000000000)",
    "SELECT repeat([1], 4000000000)",
    "SELECT lpad('x', 2000000000, 'y')",
    "SELECT rpad('x', 2000000000, 'y')",
    "SELECT length(rpad('x', 200000000, 'y')) FROM range(1000)",
    "SELECT string_agg(lpad('x', 100000, 'y'), '') FROM range(10000000)",
    "SELECT array_agg(range) FROM range(10000000000)",
    "SELECT list(range) FROM range(10000000000)",
    "SELECT count(DISTINCT hash) FROM (SELECT range * 7 AS hash FROM range(10000000000))",
    "SELECT * FROM (SELECT range FROM range(1000000000)) ORDER BY range DESC LIMIT 1 OFFSET 999999999",
    "SELECT median(range) FROM range(10000000000)",
    "SELECT mode(range) FROM range(10000000000)",
    "SELECT quantile_cont(range, .5) FROM range(10000000000)",
    "SELECT bitstring('1', 4000000000)",
    "SELECT format('{:>2000000000}', 'x')",
    "SELECT printf('%2000000000d', 1)",
    "SELECT bar(1, 0, 1, 2000000000)",
    "SELECT regexp_matches(lpad('x', 100000000, 'a'), '(a*)*b')",
    "SELECT regexp_replace(lpad('a', 10000000, 'a'), '', 'xxxxxxxxxx', 'g')",
    "SELECT regexp_matches('x', '((((a{1,100}){1,100}){1,100}){1,100}){1,100}')",
    "SELECT regexp_matches('x', '(a{1000}){1000}')",
    "SELECT 'x' SIMILAR TO '(a{1000}){1000}'",
    "SELECT lpad('a', 10000000, 'a') LIKE '%a%a%a%a%a%a%a%a%a%a%b'",
    "SELECT levenshtein(lpad('a', 1000000, 'b'), lpad('c', 1000000, 'd'))",
    "SELECT " + "replace(" * 12 + "'aaaaaaaaaa'" + ", 'a', 'aaaaaaaaaa')" * 12,
    "WITH a AS (SELECT lpad('x', 1000000, 'x') s)"
    + "".join(f", a{place} AS (SELECT s || s AS s FROM a{place - 1 if place else ''})" for place in range(20))
    + " SELECT length(s) FROM a19",
    "SELECT " + "(" * 5000 + "1" + ")" * 5000,
    "SELECT " + "-" * 9001 + "1",
    "SELECT " + "1+" * 9000 + "1",
    "SELECT " + "NOT " * 4000 + "true",
    "SELECT " + "[" * 5000 + "]" * 5000,
    "SELECT " + "x" * 30_000,
    "SELECT " + ", ".join("*" for _ in range(5000)) + " FROM rows",
    "SELECT '" + "a" * 19_000 + "' SIMILAR TO '(a*)*b'",
    "SELECT * FROM " + ", ".join(f"rows r{place}" for place in range(500)),
    "SELECT * FROM " + ", ".join(f"rows r{place}" for place in range(30)),
    "SELECT count(*) FROM " + ", ".join(f"range(1000) r{place}" for place in range(8)),
    "SELECT " + "(SELECT " * 500 + "1" + ")" * 500,
    "SELECT factorial(100000)",
    "SELECT 10::DECIMAL(38,0) ** 1e308",
    "SELECT max(n) OVER (ORDER BY range ROWS 1000000 PRECEDING) FROM rows, range(1000000)",
    "SELECT sum(x) FROM (SELECT unnest(list_transform(range(100000000), lambda x: x * 2)) x)",
    "SELECT * FROM (SELECT range a FROM range(100000)) NATURAL JOIN (SELECT range b FROM range(100000))",
    "SELECT count(*) FROM range(100000000) a JOIN range(100000000) b ON a.range % 7 < b.range % 5",
)


def statements() -> list[str]:
    found = [f"SELECT * FROM {reader}('{path}')" for reader in READERS.split() for path in PATHS]
    found += [f"SELECT * FROM {scanned}" for scanned in SCANNED]
    found += WRITES
    found += [f"SELECT * FROM {one}" for one in SYSTEM.split()]
    found += [f"SELECT {one}" for one in SCALARS.split()]
    return [*found, *HIDDEN, *BOMBS]


ROWS = Rows(
    (Column("name", "Name"), Column("n", "N", "number")),
    (("a", 1.0), ("b", None), ("c", 3.0)),
    (("a", "1"), ("b", "-"), ("c", "3")),
    (1, 2, 3),
)


@pytest.fixture
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "canary"
    folder.mkdir()
    for name in ("secret.csv", "secret.json", "secret.parquet", "secret.db"):
        (folder / name).write_text(f"{MARK}\n{MARK}\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GLEDE_SECRET", MARK)
    monkeypatch.setenv("HOME", str(folder))
    return folder


@pytest.fixture
def runner() -> Iterator[SqlRunner]:
    running = SqlRunner(SqlLimits(seconds=SECONDS))
    yield running
    running.close()


def state(folder: Path) -> list[tuple[str, bytes, int]]:
    return [(path.name, path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))]


def test_at_least_three_hundred() -> None:
    assert len(set(statements())) >= 300


@pytest.mark.measured
def test_hostile_statements_have_no_effect(canary: Path, runner: SqlRunner) -> None:
    before = state(canary)
    given: list[str] = []
    for sql in statements():
        runner("SELECT 1", ROWS)  # a process is there: its start is not charged to the statement
        started = time.monotonic()
        try:
            result = runner(sql, ROWS)
        except SqlError as error:
            assert MARK not in error.message, sql
        else:
            given.append(sql)
            assert MARK not in str(result), sql
            assert "root:" not in str(result), sql
            assert str(canary) not in str(result), sql
        assert time.monotonic() - started < SECONDS + 5, sql
        assert state(canary) == before, sql
    assert not [sql for sql in given if sql not in BOMBS and sql not in HIDDEN], given
    plain = runner('SELECT name, n, "_place", "_total", lower(name), sum(n) OVER () FROM rows', ROWS)
    assert plain == [
        ("a", 1.0, 1, False, "a", 4.0),
        ("b", None, 2, False, "b", 4.0),
        ("c", 3.0, 3, False, "c", 4.0),
    ]


def test_a_result_has_a_limit() -> None:
    runner = SqlRunner(SqlLimits(rows=10, result_bytes=1000))
    with pytest.raises(SqlError, match="more than 10 rows"):
        runner("SELECT * FROM range(11)", ROWS)
    with pytest.raises(SqlError, match="more than 1000 bytes"):
        runner("SELECT lpad('x', 1001, 'y')", ROWS)
    assert len(runner("SELECT * FROM range(10)", ROWS)) == 10
    runner.close()
