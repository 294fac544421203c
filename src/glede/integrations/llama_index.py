"""A retriever for LlamaIndex: `pip install 'glede[llama-index]'`.

from glede.blocking import Engine
from glede.integrations.llama_index import GledeRetriever

with Engine() as engine:
    GledeRetriever(engine).retrieve("How is data stored?")
"""

from __future__ import annotations

import asyncio

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode

from glede.blocking import Engine
from glede.integrations.passages import Search, metadata_of

_UNSEEN = ["chunk_id", "document_id", "box", "asset", "rank", "score"]
"""What a model is not shown of the metadata."""


class GledeRetriever(BaseRetriever):
    """Nodes of an open engine, with their scores."""

    def __init__(self, engine: Engine, search: Search | None = None) -> None:
        self._engine = engine
        self._search = search or Search()
        super().__init__()

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = []
        for hit in self._search.hits(self._engine, query_bundle.query_str):
            node = TextNode(
                text=hit.chunk.text,
                id_=hit.chunk.id,
                metadata=metadata_of(hit),
                excluded_llm_metadata_keys=_UNSEEN,
                excluded_embed_metadata_keys=_UNSEEN,
            )
            found.append(NodeWithScore(node=node, score=hit.score))
        return found

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)
