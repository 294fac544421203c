"""A table as data: named and typed columns, and rows of values that can be computed with.

Made of a `glede.types.Table` by `glede.tables.typing`, kept as Parquet, and asked in SQL (see
`glede.tables.answers`). A value keeps its row in the table that it came from, so that it can be cited.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ColumnType = Literal["text", "number", "date", "boolean"]
Value: TypeAlias = "str | float | bool | None"
"""Of a date its ISO form, which orders as dates do."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` is its name in SQL, unique in the table; `name` what its header says.

    `unit` is what its numbers count ("%", "$", "m", "thousand $"), `scale` the factor that turns them into
    plain units (1000 for thousands, .01 for percent), where header, caption or cells tell.
    """

    key: str
    name: str
    type: ColumnType = "text"
    unit: str = ""
    scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Rows:
    """A table that can be computed with.

    `values[i][j]` is typed as column j says, `texts[i][j]` is how it is printed, `places[i]` is the row of
    the original table, counted from 0, header rows included. `totals` are the numbers i of rows that sum
    up others. `labels` are the numbers j of columns that name the rows.
    """

    columns: tuple[Column, ...]
    values: tuple[tuple[Value, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    places: tuple[int, ...]
    caption: str = ""
    labels: tuple[int, ...] = (0,)
    totals: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Computation:
    """What a question asks of a table, as one SQL statement over the table `rows`.

    `value` is the answer as it is said, `rows` the places in the original table that it rests on,
    `columns` the keys used, `form` names the kind of question, and `confidence` is from 0 to 1.
    """

    sql: str
    value: tuple[str, ...]
    rows: tuple[int, ...]
    columns: tuple[str, ...]
    form: str
    confidence: float
    unit: str = ""
