"""The graph as JSON (docs/command-line.md); a change here is a change to the product."""

from __future__ import annotations

from pathlib import Path

from glede.doors.graph import Stats
from glede.graph.document_names import NamedHere
from glede.graph.exporting import entity_json, relation_json
from glede.graph.resolving import Resolution
from glede.graph.views import Entity, Evidence, Identity, Relation, ShownTheme, View
from glede.shapes.results import Json, box


def stats(value: Stats) -> Json:
    """How much there is, and what most documents name."""
    counts = value.counts
    return {
        "counts": {
            "entities": counts.entities,
            "mentions": counts.mentions,
            "facts": counts.facts,
            "chunks": counts.chunks,
            "documents": sum(counts.documents.values()),
            "edits": value.edits,
        },
        "extractors": dict(counts.documents),
        "outdated": value.outdated,
        "entities": [entity(one) for one in value.entities],
        "relations": [],
    }


def view(value: View, svg: Path | None = None) -> Json:
    """A part of the graph."""
    return {
        "entities": [entity(one) for one in value.entities],
        "relations": [relation(one) for one in value.relations],
        "asked": list(value.asked),
        "paths": [list(one) for one in value.paths],
        "more": value.more,
        "svg": None if svg is None else str(svg),
    }


def entity(value: Entity) -> Json:
    """One entity."""
    return entity_json(value)


def named_here(value: NamedHere) -> Json:
    """One entity as a document names it."""
    return {
        "id": value.id,
        "name": value.name,
        "type": value.type,
        "mentions": value.mentions,
        "chunks": value.chunks,
    }


def relation(value: Relation) -> Json:
    """One relation, its evidence as ids of chunks, and once more with the words and their places."""
    return {**relation_json(value), "quotes": [_evidence(one) for one in value.evidence]}


def _evidence(value: Evidence) -> Json:
    return {
        "chunk_id": value.chunk_id,
        "document_id": value.document_id,
        "source": value.source,
        "quote": value.quote,
        "page": value.page,
        "box": box(value.box),
    }


def theme(value: ShownTheme) -> Json:
    """One theme."""
    return {
        "id": value.id,
        "size": value.size,
        "summary": value.summary or None,
        "entities": [entity(one) for one in value.entities],
        "sources": list(value.sources),
        "evidence": [one.chunk_id for one in value.evidence],
        "quotes": [_evidence(one) for one in value.evidence],
    }


def resolution(value: Resolution) -> Json:
    """What `resolve` joined, or would."""
    return {
        "joined": [
            {
                "edit": one.edit or None,
                "by": one.by,
                "entities": [
                    {"name": entity.name, "type": entity.type, "documents": entity.documents}
                    for entity in one.entities
                ],
            }
            for one in value.joined
        ],
        "judged": value.judged,
        "failed": value.failed,
    }


def edit(value: Identity) -> Json:
    """One merge or split."""
    return {
        "id": value.id,
        "kind": value.kind,
        "names": list(value.names),
        "documents": list(value.documents),
        "by": value.by,
        "made_at": value.made_at,
        "undone": value.undone,
    }
