"""The sorted runs of the index of who is named where: written, merged a piece at a time, and emptied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, select, update

from glede.stores import schema_graph as g
from glede.stores.sql import append, numbered, parts, rows_of

FAN = 8
"""Runs of a size that are merged into one."""
SMALLEST = 64
"""Rows of a run of the lowest level; each level above holds `FAN` times as many."""
PIECE = 2048
"""Rows that are moved at a time, and with a small document: what one more document may have to wait for."""
MOVED_A_ROW = 6
"""Rows that may be moved for each that is written: more than there are levels, so that merges keep up."""
Run: TypeAlias = Row[tuple[object, ...]]


def runs_of(connection: Connection, scope: int) -> list[int]:
    """The runs of a collection, oldest first."""
    rows = rows_of(connection, f"SELECT id FROM graph_runs WHERE scope = {int(scope)} ORDER BY id")  # noqa: S608
    return [row[0] for row in rows]


def add_codes(connection: Connection, scope: int, codes: Mapping[int, Sequence[int]]) -> None:
    """Write where documents name entities, in a run of its own; then merge what is due."""
    if not codes:
        return
    packed = [row for entity in sorted(codes) for row in _parts(entity, sorted(codes[entity]))]
    numbers = {g.document_of(code) for found in codes.values() for code in found}
    run = _begun(connection, scope, _level(len(packed)), min(numbers), max(numbers))
    _insert(connection, run, packed)
    _settle(connection, scope, len(packed))


def _begun(connection: Connection, scope: int, level: int, first: int, last: int) -> int:
    row = {"scope": scope, "level": level, "target": 0, "first": first, "last": last}
    return numbered(connection, g.runs, row)


def _level(rows: int) -> int:
    level = 0
    while rows >= SMALLEST * FAN ** (level + 1):
        level += 1
    return level


def _parts(entity: int, codes: Sequence[int]) -> Iterator[tuple[int, int, bytes]]:
    """Sorted codes of an entity as rows of `(entity, part, codes)`."""
    for part, first in enumerate(range(0, len(codes), g.MOST_CODES)):
        yield entity, part, g.packed_codes(codes[first : first + g.MOST_CODES])


def _insert(connection: Connection, run: int, packed: Sequence[tuple[int, int, bytes]]) -> None:
    append(connection, g.spots, [(run, *row) for row in packed])


def _settle(connection: Connection, scope: int, written: int) -> None:
    """Merge runs where there are many of a size, as far as what was written pays for it."""
    left = max(PIECE, MOVED_A_ROW * written)
    c = g.runs.c
    while left > 0:
        runs = connection.execute(select(g.runs).where(c.scope == scope).order_by(c.id)).all()
        due = _merging(runs) or _full(connection, scope, runs)
        if due is None:
            break
        left -= _moved(connection, *due)


def _merging(runs: Sequence[Run]) -> tuple[int, list[int]] | None:
    """The smallest merge that was begun: its target, and the runs that go into it."""
    levels = {run.id: run.level for run in runs}
    sources: dict[int, list[int]] = defaultdict(list)
    for run in runs:
        if run.target:
            sources[run.target].append(run.id)
    target = min(sources, key=lambda one: (levels[one], one), default=0)
    return (target, sources[target]) if target else None


def _full(connection: Connection, scope: int, runs: Sequence[Run]) -> tuple[int, list[int]] | None:
    """A merge that is begun, of the oldest runs of the lowest level that is full."""
    levels: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        levels[run.level].append(run)
    level = min((level for level, of_it in levels.items() if len(of_it) >= FAN), default=None)
    if level is None:
        return None
    old = levels[level][:FAN]
    ids = [run.id for run in old]
    first, last = min(run.first for run in old), max(run.last for run in old)
    target = _begun(connection, scope, level + 1, first, last)
    connection.execute(update(g.runs).where(g.runs.c.id.in_(ids)).values(target=target))
    return target, ids


def _moved(connection: Connection, target: int, sources: Sequence[int]) -> int:
    """Move the next entities of the sources into the target, at best all; returns how many rows that were."""
    c = g.spots.c
    end = _end(connection, sources)
    which: list[ColumnElement[bool]] = [c.run.in_(sources)]
    which += [c.entity <= end] if end is not None else []
    found: dict[int, list[bytes]] = defaultdict(list)
    rows = connection.execute(select(c.entity, c.codes).where(*which)).all()
    for entity, data in rows:
        found[entity].append(data)
    connection.execute(delete(g.spots).where(*which))
    _insert(connection, target, [row for entity in sorted(found) for row in _merged(entity, found[entity])])
    if end is None:
        connection.execute(delete(g.runs).where(g.runs.c.id.in_(sources)))
        _forget_empty(connection, [target])
    return len(rows)


def _end(connection: Connection, sources: Sequence[int]) -> int | None:
    """The entity up to which a piece of the sources reaches; `None` where that is all of them."""
    c = g.spots.c
    ends: list[int] = []
    for run in sources:
        order = select(c.entity).where(c.run == run).order_by(c.entity, c.part)
        ends += connection.scalars(order.limit(1).offset(PIECE // len(sources)))
    return min(ends, default=None)


def _merged(entity: int, found: Sequence[bytes]) -> Iterable[tuple[int, int, bytes]]:
    if len(found) == 1:
        return [(entity, 0, found[0])]
    return _parts(entity, sorted(g.unpacked_codes(b"".join(found))))


def drop_codes(connection: Connection, scope: int, numbers: Sequence[int], entities: Sequence[int]) -> None:
    """Remove where these documents name these entities."""
    if not numbers:
        return
    gone = frozenset(numbers)
    c, r = g.spots.c, g.runs.c
    here = and_(r.scope == scope, r.first <= max(gone), r.last >= min(gone))
    runs = connection.scalars(select(r.id).where(here)).all()
    for part in parts(entities):
        rows = connection.execute(select(g.spots).where(c.run.in_(runs), c.entity.in_(part))).all()
        found: dict[tuple[int, int], list[Run]] = defaultdict(list)
        for row in sorted(rows, key=lambda row: row.part):
            found[row.run, row.entity].append(row)
        _rewrite(connection, [change for of_it in found.values() for change in _without(of_it, gone)])
    _forget_empty(connection, runs)


def _without(rows: Sequence[Run], gone: frozenset[int]) -> Iterator[tuple[Run, bytes]]:
    """The parts of an entity that change when documents go, and what is left for them, if anything.

    Where a part would be empty, all are cut anew: none is missing before the last.
    """
    left = [[code for code in g.unpacked_codes(row.codes) if g.document_of(code) not in gone] for row in rows]
    if not all(left):
        codes = [code for of_it in left for code in of_it]
        packed = [data for _, _, data in _parts(0, codes)]
        left_data = [*packed, *(b"" for _ in range(len(rows) - len(packed)))]
    else:
        left_data = [g.packed_codes(codes) for codes in left]
    for row, data in zip(rows, left_data, strict=True):
        if data != row.codes:
            yield row, data


def _rewrite(connection: Connection, changes: Sequence[tuple[Run, bytes]]) -> None:
    c = g.spots.c
    one = and_(c.run == bindparam("r"), c.entity == bindparam("e"), c.part == bindparam("p"))
    gone = [{"r": row.run, "e": row.entity, "p": row.part} for row, data in changes if not data]
    if gone:
        connection.execute(delete(g.spots).where(one), gone)
    kept = [{"r": row.run, "e": row.entity, "p": row.part, "d": data} for row, data in changes if data]
    if kept:
        connection.execute(update(g.spots).where(one).values(codes=bindparam("d")), kept)


def _forget_empty(connection: Connection, runs: Sequence[int]) -> None:
    """Forget runs without rows, unless others are being moved into them."""
    for run in runs:
        filled = select(g.spots.c.run).where(g.spots.c.run == run).limit(1)
        awaited = select(g.runs.c.id).where(g.runs.c.target == run).limit(1)
        if connection.scalar(filled) is None and connection.scalar(awaited) is None:
            connection.execute(delete(g.runs).where(g.runs.c.id == run))
