"""Personalised PageRank over chunks and the entities they name.

A walker goes from a chunk to an entity it names and on to another chunk that names it, along heavy ties more
often than along light ones, and starts again from the seeds with a fixed chance (HippoRAG 2, arXiv
2502.14802; that chunks and entities suffice, without relations between entities, is from LinearRAG).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from glede.graph.neighbourhood import Tie

RESTART = 0.2
STEPS = 12
FROM_ENTITIES = 0.8
"""The share of starts from entities of the question; the rest is from the best chunks."""

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Walk:
    """How often a walker is at each chunk and each entity; together 1, or nothing at all."""

    chunks: Mapping[int, float]
    entities: Mapping[int, float]


def walk(ties: Sequence[Tie], entities: Mapping[int, float], chunks: Mapping[int, float]) -> Walk:
    """Where a walker from these seeds is found; the seeds' numbers are weights of any sum.

    A walker that has nowhere to go starts again.
    """
    rows = _places([*(tie.chunk for tie in ties), *chunks])
    columns = _places([*(tie.entity for tie in ties), *entities])
    chunk_start, entity_start = _starts(rows, columns, entities, chunks)
    if chunk_start.sum() + entity_start.sum() == 0:
        return Walk({}, {})
    row = np.fromiter((rows[tie.chunk] for tie in ties), np.intp, len(ties))
    column = np.fromiter((columns[tie.entity] for tie in ties), np.intp, len(ties))
    weight = np.fromiter((tie.weight for tie in ties), np.float64, len(ties))
    from_chunk = weight / np.bincount(row, weight, len(rows))[row]
    from_entity = weight / np.bincount(column, weight, len(columns))[column]
    at_chunk, at_entity = chunk_start, entity_start
    for _ in range(STEPS):
        to_chunk = np.bincount(row, from_entity * at_entity[column], len(rows))
        to_entity = np.bincount(column, from_chunk * at_chunk[row], len(columns))
        again = 1 - (1 - RESTART) * (to_chunk.sum() + to_entity.sum())
        at_chunk = (1 - RESTART) * to_chunk + again * chunk_start
        at_entity = (1 - RESTART) * to_entity + again * entity_start
    return Walk(
        dict(zip(rows, at_chunk.tolist(), strict=True)), dict(zip(columns, at_entity.tolist(), strict=True))
    )


def _places(numbers: Sequence[int]) -> dict[int, int]:
    return {number: place for place, number in enumerate(dict.fromkeys(numbers))}


def _starts(
    rows: Mapping[int, int],
    columns: Mapping[int, int],
    entities: Mapping[int, float],
    chunks: Mapping[int, float],
) -> tuple[_Floats, _Floats]:
    """The chances to start at each chunk and each entity, together 1 or all 0."""
    chunk_start, entity_start = np.zeros(len(rows)), np.zeros(len(columns))
    for number, value in chunks.items():
        chunk_start[rows[number]] = value
    for number, value in entities.items():
        entity_start[columns[number]] = value
    of_chunks, of_entities = chunk_start.sum(), entity_start.sum()
    share = FROM_ENTITIES if of_chunks > 0 and of_entities > 0 else float(of_entities > 0)
    return (
        # Divided first: the reciprocal of what is nearly nothing is infinite.
        chunk_start / of_chunks * (1 - share) if of_chunks > 0 else chunk_start,
        entity_start / of_entities * share if of_entities > 0 else entity_start,
    )
