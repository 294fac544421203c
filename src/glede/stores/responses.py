"""What models have answered, and what that has cost: two tables of the catalogue's database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from typing import TypeAlias

from sqlalchemy import Connection, delete, func, select, update

from glede.endpoints import Account, Expense, Spending
from glede.stores import schema as t
from glede.stores.group_commit import GroupCommit
from glede.stores.sql import Database, increment, marks, parts, rows_of, upsert

BILLIONTHS = 10**9
_Row: TypeAlias = Mapping[str, object]
_SUMS = ("calls", "prompt_tokens", "completion_tokens", "cost", "unpriced")


class SqlResponses:
    """Answers by key; each `keep` is durable when it returns, and those side by side share a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._committing = GroupCommit(self._write)

    def load(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers to those of the keys that are kept."""
        found: dict[bytes, bytes] = {}
        with self._database.read() as connection:
            for part in parts(keys):
                statement = f"SELECT key, answer FROM responses WHERE key IN ({marks(part)})"  # noqa: S608 - marks
                found.update(rows_of(connection, statement, *part))
        return found

    def keep(self, answers: Mapping[bytes, bytes], document: str = "") -> None:
        """Keep answers durably, all or none."""
        self._committing.write(
            {key: {"key": key, "document": document, "answer": answer} for key, answer in answers.items()}
        )

    def _write(self, kept: Sequence[Mapping[bytes, _Row]]) -> None:
        rows = {key: row for answers in kept for key, row in answers.items()}
        with self._database.write("responses") as connection:
            upsert(connection, t.responses, list(rows.values()))


class SqlLedger:
    """Expenses, summed in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spend(self, expenses: Sequence[Expense]) -> None:
        """Note expenses durably, all or none."""
        with self._database.write("spending") as connection:
            increment(connection, t.spending, [_row(expense) for expense in expenses], _SUMS)

    def total(self) -> Decimal:
        """What all of them have cost."""
        with self._database.read() as connection:
            return _money(connection.scalar(select(func.sum(t.spending.c.cost))) or 0)

    def spending(self, by: Account, name: str | None = None) -> list[Spending]:
        """The sums by role, model, document or day, in the order of their names; or that of one name."""
        of = t.spending.c[by]
        sums = (func.sum(t.spending.c[column]).label(column) for column in _SUMS)
        with self._database.read() as connection:
            asked = select(of.label("name"), *sums).group_by(of)
            rows = connection.execute(asked if name is None else asked.where(of == name)).all()
        found = [
            Spending(
                name=row.name,
                calls=int(row.calls),
                prompt_tokens=int(row.prompt_tokens),
                completion_tokens=int(row.completion_tokens),
                cost=_money(row.cost),
                unpriced=int(row.unpriced),
            )
            for row in rows
        ]
        return sorted(found, key=lambda one: one.name)  # databases sort text each in its own way


def _row(expense: Expense) -> dict[str, object]:
    return {
        "day": expense.day,
        "role": expense.role,
        "model": expense.model,
        "document": expense.document,
        "calls": 1,
        "prompt_tokens": expense.prompt_tokens,
        "completion_tokens": expense.completion_tokens,
        "cost": int((expense.cost * BILLIONTHS).to_integral_value(ROUND_CEILING)),
        "unpriced": int(not expense.priced),
    }


def _money(billionths: int) -> Decimal:
    return Decimal(int(billionths)) / BILLIONTHS


def forget_vectors(connection: Connection, keys: Sequence[bytes]) -> None:
    """Drop the copies of vectors that lie in a pack from now on."""
    if connection.scalar(select(t.responses.c.key).limit(1)) is None:
        return
    for part in parts(keys):
        connection.execute(delete(t.responses).where(t.responses.c.key.in_(part)))


def inherit_answers(connection: Connection, document_id: str, successor: str) -> None:
    """Let what models have said of a document be said of the one that takes its place, and go with it."""
    where = t.responses.c.document == document_id
    connection.execute(update(t.responses).where(where).values(document=successor))


def forget_answers(connection: Connection, document_ids: Sequence[str]) -> None:
    """Drop what models have said of documents."""
    for part in parts(document_ids):
        connection.execute(delete(t.responses).where(t.responses.c.document.in_(part)))
