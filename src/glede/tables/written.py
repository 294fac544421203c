"""Questions to a table as SQL that a language model writes; a statement that fails is mended once."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, Field

from glede.endpoints import ChatModel, Message, Prompt
from glede.errors import SqlError
from glede.prompting.packing import fence_of
from glede.prompting.structured import structured
from glede.prompts import filled
from glede.tables.answers import plain
from glede.tables.statements import Run
from glede.tables.values import Column, Computation, Rows

SQL_TOKENS = 500
SAMPLES = 5
LONGEST_CELL = 80
MOST_COLUMNS = 60
"""A wider table is shown with its first columns only."""
MOST_ROWS = 50
"""More rows than this are no answer."""
CONFIDENCE = 0.75
"""What is assumed of a statement that ran; how often a model is right depends on the model."""
FORM = "written by a model"


class Statement(BaseModel):
    """What the model answers."""

    sql: str = Field(description="One SELECT over rows, or nothing where the table cannot answer.")
    columns: list[str] = Field(description="The columns that the statement reads.")


async def asked(chat: ChatModel, question: str, rows: Rows, run: Run) -> Computation | None:
    """The model's statement and what it gives, `None` where it knows none or it gives nothing.

    `run` refuses what is no SELECT; that, and any other `SqlError`, the model may mend once. Raises what
    `chat` raises.
    """
    prompt = _prompt(question, rows)
    statement = await structured(chat, prompt, Statement)
    for attempt in (1, 2):
        if not statement.sql.strip():
            return None
        try:
            return _computation(statement, rows, run(statement.sql, rows))
        except SqlError as error:
            if attempt == 1:
                statement = await structured(chat, _mended(prompt, statement, str(error)), Statement)
    return None


def excerpt(rows: Rows) -> str:
    """The table as the model is shown it: its columns and some of its rows."""
    shown = rows.columns[:MOST_COLUMNS]
    lines = [f"Caption: {rows.caption}"] if rows.caption else []
    lines += ["Columns:", *map(_described, shown)]
    lines += [f"Rows ({len(rows.values)} in all):"]
    for values in rows.values[:SAMPLES]:
        lines.append(" | ".join(_short(value) for value in values[: len(shown)]))
    return "\n".join(lines)


def _described(column: Column) -> str:
    unit = f", in {column.unit}" if column.unit else ""
    key = column.key.replace('"', '""')
    return f'- "{key}": {column.type}{unit}; {column.name or "no header"}'


def _short(value: object) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "..."


def _prompt(question: str, rows: Rows) -> Prompt:
    shown = excerpt(rows)
    text = filled("sql", fence=fence_of([shown]), card=shown, question=question)
    return Prompt((Message("user", text),), SQL_TOKENS)


def _mended(prompt: Prompt, statement: Statement, problem: str) -> Prompt:
    text = filled("sql_repair", fence=fence_of([problem]), problem=problem)
    messages = (Message("assistant", statement.model_dump_json()), Message("user", text))
    return Prompt((*prompt.messages, *messages), SQL_TOKENS)


def _computation(
    statement: Statement, rows: Rows, result: Sequence[tuple[object, ...]]
) -> Computation | None:
    value = tuple(_said(cell) for row in result for cell in row if cell is not None)
    if not value or len(result) > MOST_ROWS:
        return None
    used = tuple(
        column
        for column in rows.columns
        if f'"{column.key}"' in statement.sql or column.key in statement.columns
    )
    units = {column.unit for column in used if column.type == "number"}
    return Computation(
        statement.sql,
        value,
        _places(rows, value),
        tuple(column.key for column in used),
        FORM,
        CONFIDENCE,
        units.pop() if len(units) == 1 else "",
    )


def _said(cell: object) -> str:
    return plain(float(cell)) if isinstance(cell, float | int) and not isinstance(cell, bool) else str(cell)


def _places(rows: Rows, value: Sequence[str]) -> tuple[int, ...]:
    """The rows that hold what was answered, or all, since the statement may have read any."""
    answered = set(value)
    found = tuple(
        place
        for place, values in zip(rows.places, rows.values, strict=True)
        if any(cell is not None and _said(cell) in answered for cell in values)
    )
    return found or rows.places
