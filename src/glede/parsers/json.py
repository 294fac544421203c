"""JSON and JSON Lines as text that reads: `key.path: value`, records, and tables of like objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TypeAlias

from glede.errors import LimitError, MalformedError
from glede.parsers.building import Draft, table_from_grid
from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Parsed

Value: TypeAlias = "dict[str, Value] | list[Value] | str | bool | None"
"""Numbers stay the text they were, so that 1.10 is not 1.1."""

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
_BODY_KEYS = ("text", "content")
_MAX_CELL = 300
_MAX_COLUMNS = 60
_SHORT_LIST = 200


class JsonParser:
    """Reads one JSON value, or one on each line.

    An object becomes headings of its keys and lines below them, an array of like objects a table, another
    array a record for each item. A record with a field `text` or `content` begins with that.
    """

    name = "json"
    version = "1"
    media_types = frozenset({"application/json", "application/jsonl"})
    cost = 0.001
    recovers: frozenset[Feature] = frozenset({"text", "headings", "tables"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `LimitError` where brackets nest deeper than `options.max_depth`."""
        text, _ = decode(data)
        draft = Draft()
        if media_type == "application/jsonl":
            _read_lines(draft, text, options.max_depth)
        else:
            _read_value(draft, load_value(text, options.max_depth))
        return draft.parsed(media_type, self.name)


def load_value(text: str, max_depth: int) -> Value:
    """The value; numbers as texts. Raises `LimitError` where brackets nest deeper than `max_depth`."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > max_depth:
            raise LimitError(f"The brackets nest deeper than {max_depth} levels.")
    try:
        value: Value = json.loads(
            text, object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=str
        )
    except json.JSONDecodeError as error:
        message = f"This is not JSON: {error.msg} (line {error.lineno}, column {error.colno})."
        raise MalformedError(message) from error
    except RecursionError as error:
        raise LimitError("The brackets nest too deeply.") from error
    return value


def _object(pairs: list[tuple[str, Value]]) -> dict[str, Value]:
    """A key that comes twice keeps both values."""
    result: dict[str, Value] = {}
    for key, value in pairs:
        name, count = key, 1
        while name in result:
            count += 1
            name = f"{key} ({count})"
        result[name] = value
    return result


def _read_lines(draft: Draft, text: str, max_depth: int) -> None:
    bad: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            _read_record(draft, load_value(line, max_depth))
        except MalformedError:
            bad.append(number)
    if bad and not draft.blocks:
        raise MalformedError(f"No line is JSON; the first bad one is line {bad[0]}.")
    draft.warnings += [f"Line {number} is not JSON and was left out." for number in bad[:20]]
    if len(bad) > 20:
        draft.warnings.append(f"{len(bad) - 20} more lines are not JSON and were left out.")


def _read_value(draft: Draft, value: Value) -> None:
    if isinstance(value, dict):
        _read_object(draft, value)
    elif isinstance(value, list):
        if not _read_table(draft, value, None):
            for item in value:
                _read_record(draft, item)
    else:
        draft.text(_scalar(value))


def _read_object(draft: Draft, value: dict[str, Value]) -> None:
    """First the plain values of an object, then a section for each of the others."""
    nested = {key: inner for key, inner in value.items() if isinstance(inner, (dict, list)) and inner}
    draft.text("\n".join(_lines({key: inner for key, inner in value.items() if key not in nested}, "")))
    for key, inner in nested.items():
        draft.heading(_clean(key) or "(no name)", 1)
        _read_section(draft, inner, key)


def _read_section(draft: Draft, value: Value, path: str) -> None:
    """Lines of a value, interrupted by the tables in it."""
    if isinstance(value, dict):
        pending: dict[str, Value] = {}
        for key, inner in value.items():
            if isinstance(inner, list) and _table_rows(inner):
                draft.text("\n".join(_lines(pending, path)))
                pending = {}
                _read_table(draft, inner, f"{path}.{key}")
            else:
                pending[key] = inner
        draft.text("\n".join(_lines(pending, path)))
    elif isinstance(value, list) and not _read_table(draft, value, path):
        for place, item in enumerate(value):
            if isinstance(item, (dict, list)):
                draft.text("\n".join(_lines(item, f"{path}[{place}]")))
            else:
                draft.text(_scalar(item))


def _read_record(draft: Draft, value: Value) -> None:
    if not isinstance(value, dict):
        draft.text("\n".join(_lines(value, "")))
        return
    body = next((key for key in _BODY_KEYS if isinstance(value.get(key), str) and value[key]), None)
    rest = "\n".join(_lines({key: inner for key, inner in value.items() if key != body}, ""))
    parts = [_scalar(value[body])] if body else []
    draft.text("\n\n".join([*parts, rest]).strip("\n"))


def _read_table(draft: Draft, value: list[Value], caption: str | None) -> bool:
    rows = _table_rows(value)
    if rows:
        draft.table(table_from_grid(rows), _clean(caption) if caption else None)
    return bool(rows)


def _table_rows(value: list[Value]) -> list[list[str]]:
    """The rows of an array of two or more flat objects that share most keys; else none."""
    records = [item for item in value if isinstance(item, dict)]
    if len(records) < 2 or len(records) < len(value):
        return []
    keys = dict.fromkeys(key for record in records for key in record)
    if not keys or len(keys) > _MAX_COLUMNS or sum(map(len, records)) < 0.6 * len(keys) * len(records):
        return []
    rows = [[_clean(key) for key in keys]]
    for record in records:
        if any(isinstance(inner, (dict, list)) for inner in record.values()):
            return []
        row = [_scalar(record[key]) if key in record else "" for key in keys]
        if max(map(len, row)) > _MAX_CELL:
            return []
        rows.append(row)
    return rows


def _lines(value: Value, path: str) -> Iterator[str]:
    """`path.key: value` for each plain value, in order; an array of short values is one line."""
    stack: list[tuple[str, Value]] = [(path, value)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, dict) and value:
            stack += [(f"{path}.{key}" if path else key, value[key]) for key in reversed(value)]
        elif isinstance(value, list) and value:
            plain = [_scalar(item) for item in value if not isinstance(item, (dict, list))]
            if len(plain) == len(value) and sum(map(len, plain)) <= _SHORT_LIST:
                yield _line(path, ", ".join(plain))
            else:
                stack += [(f"{path}[{place}]", value[place]) for place in reversed(range(len(value)))]
        elif not isinstance(value, (dict, list)):
            yield _line(path, _scalar(value))


def _line(path: str, text: str) -> str:
    return f"{_clean(path)}: {text}" if path else text


def _scalar(value: Value) -> str:
    if isinstance(value, str):
        return _clean(value)
    return "null" if value is None else str(value).lower()


def _clean(text: str) -> str:
    """Escapes may spell what is no character: NUL, and halves of surrogate pairs."""
    return _UNPRINTABLE.sub("\ufffd", text)
