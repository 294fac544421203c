"""Folders of an earlier format, whose graph lay in one table sorted by entities, brought into this one."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    insert,
    inspect,
    select,
)

from glede.stores import schema_graph as g
from glede.stores.graph_runs import add_codes
from glede.stores.sql import parts

_places = Table(
    "graph_places",
    MetaData(),
    Column("entity", BigInteger),
    Column("number", Integer),
    Column("name", Text),
    Column("type", Text),
    Column("description", Text),
    Column("count", Integer),
    Column("spots", LargeBinary),
)


def renew(connection: Connection) -> None:
    """Write what an earlier format keeps as this one does, in the transaction that removes it there."""
    if not inspect(connection).has_table(_places.name):
        return
    p = _places.c
    names = ("number", "entity", "name", "type", "description", "count", "spots")
    kept = select(*(p[name] for name in names)).order_by(p.number, p.entity)
    connection.execute(insert(g.told).from_select(names, kept))
    for scope in connection.scalars(select(g.scopes.c.id)).all():
        _index(connection, scope)
    connection.exec_driver_sql("DROP TABLE graph_places")
    connection.exec_driver_sql("ALTER TABLE graph_documents DROP COLUMN entities")


def _index(connection: Connection, scope: int) -> None:
    """The index of a collection from what its documents say."""
    d, c = g.documents.c, g.told.c
    numbers = connection.scalars(select(d.number).where(d.scope == scope).order_by(d.number)).all()
    for part in parts(numbers):
        codes: dict[int, list[int]] = defaultdict(list)
        for row in connection.execute(select(c.entity, c.number, c.spots).where(c.number.in_(part))):
            codes[row.entity] += g.codes_of(row.number, g.spots_of(row.spots))
        add_codes(connection, scope, codes)
