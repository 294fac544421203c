"""What a hit is to other frameworks: its text, and flat metadata by which it can be cited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from glede.blocking import Engine
from glede.results import Hit
from glede.types import MetadataValue, Modality, Mode

Metadata = dict[str, "str | int | float | list[str] | list[float] | None"]


@dataclass(frozen=True, slots=True)
class Search:
    """How to search: as `Engine.search`."""

    limit: int = 8
    mode: Mode = "mix"
    types: tuple[Modality, ...] = ()
    filter: Mapping[str, MetadataValue] = field(default_factory=dict)
    collection: str | None = None

    def hits(self, engine: Engine, query: str, limit: int | None = None) -> list[Hit]:
        """The best chunks, best first."""
        return engine.search(
            query,
            limit=limit or self.limit,
            mode=self.mode,
            types=self.types,
            filter=self.filter,
            collection=self.collection,
        )


def metadata_of(hit: Hit) -> Metadata:
    """Where a hit stands, and how it was found; `box` is in points from the top left of the page."""
    chunk = hit.chunk
    return {
        "source": hit.source,
        "document_id": chunk.document_id,
        "chunk_id": chunk.id,
        "page": chunk.page,
        "box": chunk.box.rounded() if chunk.box else None,
        "heading_path": list(chunk.heading_path),
        "modality": chunk.modality,
        "asset": chunk.asset,
        "rank": hit.rank,
        "score": hit.score,
    }
