"""What a statement over tables may say: DuckDB's own parser reads it, and lists of what is allowed decide.

A list of what is forbidden would have to know each function of each version. What is not on the lists is
refused: other statements, files and functions that read them, the catalogue, settings, recursion.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from glede.errors import SqlError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
_SOURCES = frozenset(
    {"BASE_TABLE", "JOIN", "SUBQUERY", "EXPRESSION_LIST", "TABLE_FUNCTION", "EMPTY", "EMPTY_FROM", "PIVOT"}
)
_EXPRESSIONS = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
        "FUNCTION",
        "LAMBDA", "LAMBDA_REF", "OPERATOR", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "WINDOW", "TYPE",
    }
)  # fmt: skip
TABLE_FUNCTIONS = frozenset({"unnest", "range", "generate_series"})
_FUNCTIONS = """
+ - * / // % ** ^ ~~ !~~ ~~~ ~~* !~~* || ~ !~ & | << >> @ @> <@ = <> != < > <= >= abs add ceil ceiling
divide exp floor fmod gcd greatest lcm least ln log log10 log2 mod multiply pi pow power round round_even
sign sqrt cbrt subtract trunc even isnan isinf isfinite nextafter random radians degrees sin cos tan asin
acos atan atan2 bit_count xor factorial gamma lgamma ascii chr concat concat_ws contains ends_with suffix
starts_with prefix instr left right length len strlen lower lcase ltrim rtrim trim position strpos
regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
replace lpad rpad reverse split split_part str_split string_split string_split_regex substr substring
substring_grapheme translate ucase unicode upper nfc_normalize strip_accents like_escape not_like_escape
ilike_escape not_ilike_escape ord length_grapheme coalesce ifnull nullif if iff constant_or_null typeof
error try century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day
dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms era extract hour isodow isoyear last_day
make_date make_timestamp millennium millisecond minute month monthname quarter second strftime strptime
try_strptime time_bucket week weekday weekofyear year yearweek to_days to_months to_years to_weeks
to_hours to_minutes to_seconds age any_value approx_count_distinct approx_quantile arg_max arg_min argmax
argmin max_by min_by array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count count_if count_star
countif covar_pop covar_samp entropy favg first fsum group_concat kahan_sum kurtosis last list listagg mad
max mean median min mode product quantile quantile_cont quantile_disc regr_avgx regr_avgy regr_count
regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness stddev stddev_pop stddev_samp
string_agg sum sum_no_overflow sumkahan var_pop var_samp variance cume_dist dense_rank first_value lag
last_value lead nth_value ntile percent_rank rank rank_dense row_number array_contains array_distinct
array_extract array_has array_length array_position array_slice array_sort list_aggregate list_avg
list_contains list_count list_distinct list_element list_extract list_filter list_first list_has list_last
list_max list_mean list_median list_min list_position list_reverse_sort list_slice list_sort list_sum
list_transform list_unique list_value row struct_extract struct_pack unnest alias grouping grouping_id
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())


def check(database: DuckDBPyConnection, sql: str, tables: Sequence[str]) -> str:
    """The statement as it may be run; raises `SqlError` where it may not."""
    statements = database.extract_statements(sql)
    if len(statements) != 1:
        raise SqlError("there must be exactly one statement", hint="Write one SELECT.")
    (statement,) = statements
    if statement.type.name not in ("SELECT", "SELECT_STATEMENT"):
        raise SqlError("only SELECT may be used", hint="Write one SELECT.")
    tree = _tree(database, str(statement.query))
    allowed = {name.lower() for name in tables} | {name.lower() for name in _common_tables(tree)}
    for part in _parts(tree):
        _check_part(part, allowed)
    return str(statement.query)


def _tree(database: DuckDBPyConnection, sql: str) -> Any:  # noqa: ANN401 - JSON
    """The statement as DuckDB's parser sees it; only what reads can be written as such a tree."""
    import orjson

    row = database.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    tree: dict[str, Any] = orjson.loads(row[0]) if row else {}
    statements = tree.get("statements", [])
    if tree.get("error") or len(statements) != 1:
        raise SqlError(str(tree.get("error_message") or "the statement cannot be read"))
    return statements[0]


def _parts(tree: object) -> Iterator[dict[str, Any]]:
    """All objects inside; without recursion, since a stranger decides how deep they lie."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _common_tables(tree: object) -> Iterator[str]:
    """The names that WITH gives."""
    for part in _parts(tree):
        entries = part.get("cte_map")
        if isinstance(entries, dict):
            yield from (str(entry["key"]) for entry in entries.get("map", ()))
        if part.get("type") == "CTE_NODE":
            yield str(part.get("cte_name", ""))


def _check_part(part: dict[str, Any], tables: set[str]) -> None:
    kind = part.get("type")
    if "function_name" in part:
        _check_function(part)
    if "table_name" in part:
        _check_table(part, tables)
    if "class" in part:
        _allow(str(part["class"]), _EXPRESSIONS)
    elif (isinstance(kind, str) and "select_list" in part) or (
        isinstance(kind, str) and kind.endswith("_NODE")
    ):
        _allow(kind, _NODES)
    elif isinstance(kind, str) and "sample" in part and "alias" in part:
        _allow(kind, _SOURCES)
        if kind == "TABLE_FUNCTION":
            _check_source(str(part["function"]["function_name"]))


def _check_source(function: str) -> None:
    if function.lower() not in TABLE_FUNCTIONS:
        raise SqlError(f"the function {function} may not be used as a table")


def _allow(kind: str, allowed: frozenset[str]) -> None:
    if kind not in allowed:
        raise SqlError(f"{kind.lower().replace('_', ' ')} may not be used in a question over tables")


def _check_function(part: dict[str, Any]) -> None:
    name = str(part["function_name"]).lower()
    if part.get("schema") or part.get("catalog") or (name not in FUNCTIONS and name not in TABLE_FUNCTIONS):
        raise SqlError(f"the function {name} may not be used", hint="Use plain SQL functions.")


def _check_table(part: dict[str, Any], tables: set[str]) -> None:
    name = str(part["table_name"])
    if part.get("schema_name") or part.get("catalog_name") or name.lower() not in tables:
        raise SqlError(f"there is no table {name}", hint=f"There is {', '.join(sorted(tables))}.")
