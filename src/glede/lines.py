"""The straight lines that an engine is put together from: adding, finding, answering."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from glede.adding.enriching import Enriching
from glede.adding.ingest import Ingest
from glede.adding.storing import Store
from glede.adding.tracking import Tracking
from glede.answering.answer import Ask
from glede.answering.questions import Questions
from glede.endpoints import ChatModel
from glede.ports import Readable, Searchable
from glede.results import Usage
from glede.retrieval.exploring import Explore
from glede.retrieval.retrieve import Retrieve


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an engine; `glede.build` puts them together from settings."""

    store: Store
    ingest: Ingest
    retrieve: Retrieve
    ask: Ask
    questions: Questions
    tracking: Tracking
    usage: Callable[[], Usage] = Usage
    enriching: Enriching | None = None
    extract: ChatModel | None = None

    def reading(self, catalogue: Readable, index: Searchable, explore: Explore | None) -> Lines:
        """The lines for questions to other documents than the live ones."""
        retrieve = replace(self.retrieve, catalogue=catalogue, index=index, explore=explore, checked=set())
        ask = self.ask
        writing = ask.writing and replace(ask.writing, catalogue=catalogue)
        computing = ask.computing and replace(ask.computing, catalogue=catalogue)
        asking = replace(ask, retrieve=retrieve, catalogue=catalogue, writing=writing, computing=computing)
        return replace(self, retrieve=retrieve, ask=asking)

    def with_store(self, store: Store) -> Lines:
        """The lines over another store, and with its embedder; who is on the old ones stays on them."""
        sees = store.sees
        retrieve = replace(
            self.retrieve,
            index=store.index,
            embedder=store.embedder,
            sees=sees is not None,
            checked=set(),
        )
        return replace(
            self,
            store=store,
            ingest=replace(self.ingest, store=store),
            retrieve=retrieve,
            ask=replace(self.ask, retrieve=retrieve, embedder=store.embedder),
            questions=replace(self.questions, sees=sees),
        )
