"""Hits, answers, documents and reports as JSON (docs/command-line.md); a change here changes the product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from glede.results import Added, Answer, Citation, Computed, Estimate, Failure, Hit, Report, Usage, Version
from glede.types import Block, Box, Chunk, Document, Page, Unfinished

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


def report(value: Report) -> Json:
    """What `add` did."""
    return {
        "documents": [_added(document) for document in value.documents],
        "usage": usage(value.usage),
        "seconds": round(value.seconds, 3),
        "stopped": failure(value.stopped),
        "job": value.job,
        "removed": list(value.removed),
        "kept": value.kept,
        "estimate": _estimate(value.estimate),
    }


def _estimate(value: Estimate | None) -> Json:
    if value is None:
        return None
    return {
        "files": value.files,
        "pages": value.pages,
        "pictures": value.pictures,
        "chunks": value.chunks,
        "embedded_texts": value.embedded_texts,
        "model_calls": value.calls,
        "tokens": value.tokens,
        "cost": None if value.cost is None else round(float(value.cost), 9),
        "seconds": round(value.seconds, 1),
        "models": [
            {
                "role": one.role,
                "model": one.model,
                "calls": one.calls,
                "prompt_tokens": one.prompt_tokens,
                "completion_tokens": one.completion_tokens,
                "cost": None if one.cost is None else round(float(one.cost), 9),
            }
            for one in value.models
        ],
    }


def _added(value: Added) -> Json:
    return {
        "id": value.id,
        "source": value.source,
        "status": value.status,
        "parser": value.parser,
        "pages": value.pages,
        "chunks": value.chunks,
        "blocks": dict(value.blocks),
        "warnings": list(value.warnings),
        "partial": list(value.partial),
        "unfinished": [_unfinished(one) for one in value.unfinished],
        "error": failure(value.error),
    }


def _unfinished(value: Unfinished) -> Json:
    return {
        "kind": value.kind,
        "block": value.block,
        "page": value.page,
        "code": value.code,
        "message": value.message,
        "retryable": value.retryable,
    }


def failure(value: Failure | None) -> Json:
    """Why something was not added."""
    if value is None:
        return None
    return {
        "code": value.code,
        "message": value.message,
        "hint": value.hint,
        "retryable": value.retryable,
    }


def usage(value: Usage) -> Json:
    """What models were asked for it."""
    return {
        "model_calls": value.model_calls,
        "prompt_tokens": value.prompt_tokens,
        "completion_tokens": value.completion_tokens,
        "embedded_texts": value.embedded_texts,
    }


def box(value: Box | None) -> Json:
    """`[x0, y0, x1, y1]` in points from the top left of the page."""
    return value.rounded() if value else None


def hit(value: Hit) -> Json:
    """One hit of a search."""
    chunk = value.chunk
    return {
        "rank": value.rank,
        "score": round(value.score, 6),
        "chunk_id": chunk.id,
        "document_id": chunk.document_id,
        "source": value.source,
        "modality": chunk.modality,
        "text": chunk.text,
        "described": chunk.derived_text or None,
        "heading_path": list(chunk.heading_path),
        "page": chunk.page,
        "page_label": chunk.label_of(chunk.page) or None,
        "box": box(chunk.box),
        "asset": chunk.asset,
        "ranks": {"graph": None, **value.ranks},
        "path": [
            {"entity": step.entity, "type": step.type, "label": step.label, "chunk_id": step.chunk_id}
            for step in value.path
        ],
        "version_date": value.version_date or None,
    }


def citation(value: Citation) -> Json:
    """One citation of an answer."""
    return {
        "marker": value.marker,
        "chunk_id": value.chunk_id,
        "document_id": value.document_id,
        "source": value.source,
        "page": value.page,
        "box": box(value.box),
        "heading_path": list(value.heading_path),
        "quote": value.quote,
        "verified": value.verified,
        "modality": value.modality,
        "asset": value.asset,
        "described": value.described or None,
        "row": value.row,
        "column": value.column,
        "page_label": value.page_label or None,
        "version_date": value.version_date or None,
    }


def version(value: Version) -> Json:
    """What a source meant for a while; `until` is null for what is live."""
    return {
        "source": value.source,
        "document_id": value.document_id,
        "since": value.since,
        "until": value.until or None,
    }


def answer(value: Answer) -> Json:
    """What `ask` answers."""
    return {
        "question": value.question,
        "answer": value.text,
        "complete": value.complete,
        "answered": value.answered,
        "model": value.model,
        "rewritten": value.rewritten or None,
        "citations": [citation(one) for one in value.citations],
        "computed": _computed(value.computed),
        "usage": usage(value.usage),
        "seconds": round(value.seconds, 3),
        "stages": {one.name: round(one.seconds, 4) for one in value.stages},
    }


def _computed(value: Computed | None) -> Json:
    if value is None:
        return None
    rows = [list(row) for row in value.rows]
    return {
        "sql": value.sql,
        "columns": list(value.columns),
        "rows": rows,
        "document_id": value.document_id,
        "source": value.source,
    }


def document(value: Document, status: str = "searchable") -> Json:
    """One document in a list; `status` is `searchable`, `disabled` or `past`."""
    return {
        "id": value.id,
        "source": value.source,
        "sources": list(value.sources),
        "status": status,
        "title": value.title,
        "media_type": value.media_type,
        "size": value.size,
        "parser": value.parser,
        "pages": value.pages,
        "chunks": value.chunks,
        "blocks": dict(value.blocks),
        "metadata": dict(value.metadata),
        "warnings": list(value.warnings),
        "partial": list(value.partial),
        "unfinished": [_unfinished(one) for one in value.unfinished],
        "added_at": value.added_at,
    }


def page(value: Page) -> Json:
    """One page of a document: its size in points, who read it, and why."""
    return {
        "page": value.number,
        "label": value.label or None,
        "width": round(value.width, 2),
        "height": round(value.height, 2),
        "parser": value.parser,
        "reason": value.reason,
        "confidence": round(value.confidence, 3),
        "warnings": list(value.warnings),
        "failed": value.failed or None,
    }


def block(value: Block) -> Json:
    """One block of a document."""
    return {
        "type": value.type,
        "text": value.text,
        "heading_path": list(value.heading_path),
        "level": value.level,
        "page": value.page,
        "box": box(value.box),
        "table": {"rows": value.table.rows, "columns": value.table.columns} if value.table else None,
        "asset": value.picture.asset if value.picture else value.data,
        "latex": value.latex,
        "caption": value.caption,
        "links": [{"text": link.text, "address": link.address} for link in value.links],
        "confidence": value.confidence,
    }


def chunk(value: Chunk) -> Json:
    """One chunk of a document."""
    return {
        "chunk_id": value.id,
        "ordinal": value.ordinal,
        "modality": value.modality,
        "text": value.text,
        "heading_path": list(value.heading_path),
        "page": value.page,
        "box": box(value.box),
        "tokens": value.tokens,
        "asset": value.asset,
    }
