"""A component for Haystack: `pip install 'glede[haystack]'`.

from haystack import Pipeline
from glede.integrations.haystack import GledeRetriever

pipeline = Pipeline()
pipeline.add_component("retriever", GledeRetriever(home=".glede"))
pipeline.run({"retriever": {"query": "How is data stored?"}})
"""

from __future__ import annotations

from dataclasses import replace

from haystack import Document, component, default_from_dict, default_to_dict

from glede.blocking import Engine
from glede.integrations.passages import Search, metadata_of
from glede.settings import load
from glede.types import Mode


@component
class GledeRetriever:
    """Documents of a data folder, which is opened by `warm_up` or the first run and held until `close`."""

    def __init__(
        self, home: str | None = None, top_k: int = 8, mode: Mode = "mix", collection: str | None = None
    ) -> None:
        self.home = home
        self.search = Search(top_k, mode, collection=collection)
        self._engine: Engine | None = None

    def warm_up(self) -> None:
        """Open the data folder."""
        if self._engine is None:
            self._engine = Engine(load({"home": self.home}).settings)

    def close(self) -> None:
        """Let go of the data folder."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    @component.output_types(documents=list[Document])
    def run(
        self, query: str, top_k: int | None = None, filters: dict[str, str] | None = None
    ) -> dict[str, list[Document]]:
        """The best chunks; `filters` are metadata that must be equal."""
        self.warm_up()
        if self._engine is None:
            raise AssertionError("warm_up opens the engine")
        search = self.search if filters is None else replace(self.search, filter=filters)
        found = search.hits(self._engine, query, top_k)
        documents = [
            Document(id=hit.chunk.id, content=hit.chunk.text, meta=metadata_of(hit), score=hit.score)
            for hit in found
        ]
        return {"documents": documents}

    def to_dict(self) -> dict[str, object]:
        """How a pipeline is written down."""
        chosen = self.search
        made: dict[str, object] = default_to_dict(
            self, home=self.home, top_k=chosen.limit, mode=chosen.mode, collection=chosen.collection
        )
        return made

    @classmethod
    def from_dict(cls, data: dict[str, object]) -> GledeRetriever:
        """And read again."""
        made: GledeRetriever = default_from_dict(cls, data)
        return made
