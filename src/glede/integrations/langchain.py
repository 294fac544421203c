"""A retriever for LangChain: `pip install 'glede[langchain]'`.

from glede.blocking import Engine
from glede.integrations.langchain import GledeRetriever

with Engine() as engine:
    GledeRetriever(engine=engine, k=5).invoke("How is data stored?")
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field

from glede.blocking import Engine
from glede.integrations.passages import Search, metadata_of
from glede.types import MetadataValue, Modality, Mode


class GledeRetriever(BaseRetriever):
    """Passages, tables, pictures and equations of an open engine; `k` and `filter` may be given per call."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    engine: Engine
    k: int = 8
    mode: Mode = "mix"
    types: tuple[Modality, ...] = ()
    filter: Mapping[str, MetadataValue] = Field(default_factory=dict)
    collection: str | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,
        k: int | None = None,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
    ) -> list[Document]:
        chosen = self.filter if filter is None else filter
        search = Search(k or self.k, self.mode, self.types, chosen, self.collection)
        return [
            Document(page_content=hit.chunk.text, metadata=metadata_of(hit), id=hit.chunk.id)
            for hit in search.hits(self.engine, query)
        ]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
    ) -> list[Document]:
        manager = run_manager.get_sync()
        return await asyncio.to_thread(
            lambda: self._get_relevant_documents(query, run_manager=manager, k=k, filter=filter)
        )
