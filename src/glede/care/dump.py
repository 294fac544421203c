"""Everything that is stored, as one JSON value: the oracle that two stores hold the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import TypeAlias

from glede.knowledge import DocumentGraph, Edit, Graphed
from glede.ports import Blobs, Catalogue
from glede.types import Chunk, Document, sha256_of

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
FORMAT = 1


def dumped(catalogue: Catalogue, blobs: Blobs, *, canonical: bool) -> Json:
    """All collections; canonical leaves out times and orders everything by what it is."""
    collections = {
        name: _collection(catalogue, name, canonical=canonical) for name in sorted(catalogue.collections())
    }
    # Which documents share a pack of vectors is a matter of the order in which they came.
    kept = [key for key in sorted(blobs.keys()) if not (canonical and key.startswith("vectors/"))]
    return {
        "format": FORMAT,
        "collections": collections,
        "blobs": [{"key": key, "sha256": sha256_of(blobs.get(key))} for key in kept],
    }


def _collection(catalogue: Catalogue, name: str, *, canonical: bool) -> Json:
    documents = catalogue.documents(name)
    if canonical:
        documents = sorted(documents, key=lambda document: document.id)
    statistics = catalogue.term_statistics(name, ())
    graph = catalogue.graph if isinstance(catalogue, Graphed) else None
    return {
        "documents": [
            {
                **_document(document, catalogue.document_chunks(name, document.id), canonical=canonical),
                "graph": _graph(graph.read(name, document.id) if graph else None),
            }
            for document in documents
        ],
        "edits": [_edit(edit, canonical=canonical) for edit in (graph.edits(name) if graph else ())],
        "chunks": statistics.chunks,
        "average_length": round(statistics.average_length, 6),
    }


def _document(document: Document, chunks: Sequence[Chunk], *, canonical: bool) -> dict[str, Json]:
    fields: dict[str, Json] = {
        "id": document.id,
        "version": document.version,
        "sha256": document.sha256,
        "media_type": document.media_type,
        "parser": document.parser,
        "sources": sorted(document.sources) if canonical else list(document.sources),
        "title": document.title,
        "metadata": dict(sorted(document.metadata.items())),
        "pages": document.pages,
        "blocks": dict(sorted(document.blocks.items())),
        "chunks": [_chunk(chunk) for chunk in chunks],
    }
    if not canonical:
        fields["added_at"] = document.added_at
    return fields


def _chunk(chunk: Chunk) -> Json:
    return {
        "id": chunk.id,
        "ordinal": chunk.ordinal,
        "modality": chunk.modality,
        "text": chunk.text,
        "heading_path": list(chunk.heading_path),
        "page": chunk.page,
        "box": chunk.box.rounded() if chunk.box else None,
        "lead": chunk.lead,
        "asset": chunk.asset,
    }


def _graph(graph: DocumentGraph | None) -> Json:
    """What is kept of what a document says; in a fixed order already."""
    if graph is None:
        return None
    return {
        "extractor": graph.extractor,
        "mentions": [list(astuple(mention)) for mention in graph.mentions],
        "facts": [list(astuple(fact)) for fact in graph.facts],
        "aliases": [list(astuple(alias)) for alias in graph.aliases],
        "unread": list(graph.unread),
        "warnings": list(graph.warnings),
    }


def _edit(edit: Edit, *, canonical: bool) -> Json:
    fields: dict[str, Json] = {
        "kind": edit.kind,
        "entities": list(edit.entities),
        "documents": list(edit.documents),
        "by": edit.by,
        "undone": edit.undone,
    }
    return fields if canonical else {"id": edit.id, "made_at": edit.made_at, **fields}
