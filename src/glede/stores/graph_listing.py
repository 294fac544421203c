# ruff: noqa: S608 - nothing but integers gets into the statements
"""Entities one after another, from all runs of a collection's index."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from glede.knowledge import Listed
from glede.stores.graph_spots import Spots, documents_in, told_of
from glede.stores.sql import rows_of

EVERY = 2**31
"""More documents than can be numbered."""


def entities_after(connection: Connection, runs: Sequence[int], after: int, limit: int) -> list[int]:
    """The next entities by their numbers; of each run no more is read."""
    branches = " UNION ".join(
        f"SELECT entity FROM (SELECT entity FROM graph_spots WHERE run = {run} AND entity > {int(after)}"
        f" AND part = 0 ORDER BY entity LIMIT {int(limit)}) AS r{run}"
        for run in runs
    )
    if not branches:
        return []
    return [row[0] for row in rows_of(connection, f"{branches} ORDER BY entity LIMIT {int(limit)}")]


def listed_in(connection: Connection, spots: Spots, entities: Sequence[int]) -> list[Listed]:
    """The entities as all documents name them."""
    found = spots.first(entities, EVERY)
    said = {entity: list(documents_in(entity, found[entity])) for entity in entities}
    told = told_of(connection, (one for documents in said.values() for one in documents))
    rows = {entity: [told[one.number, one.entity] for one in documents] for entity, documents in said.items()}
    return [
        Listed(entity, min(row[2] for row in of_it), min(row[3] for row in of_it), len(of_it))
        for entity, of_it in rows.items()
    ]
