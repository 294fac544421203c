"""The second line as spans: the question, the retrieval and its channels, and what is asked of models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind

from glede.answering.answer import Ask
from glede.results import Answer
from glede.retrieval.exploring import Explore
from glede.retrieval.retrieve import Retrieve
from glede.telemetry.spans import OPERATION, QUERY, SOURCE, WORKFLOW, Spans, ended, entered

if TYPE_CHECKING:
    from glede.answering.given import Given
    from glede.endpoints import Attachment
    from glede.graph.neighbourhood import View
    from glede.ports import Match, Searchable, Vectors
    from glede.results import Filter, Turn
    from glede.retrieval.exploring import Explored
    from glede.retrieval.fusion import Fused
    from glede.retrieval.retrieve import Found, Query
    from glede.telemetry.spans import Attribute
    from glede.types import Mode


@dataclass(frozen=True, slots=True)
class TracedAsk(Ask):
    """Answers questions, each a span `invoke_workflow ask` above all that it takes."""

    spans: Spans = field(kw_only=True)

    async def pieces(
        self,
        query: Query,
        history: Sequence[Turn] = (),
        *,
        stream: bool = True,
        own: Attachment | None = None,
        given: Given | None = None,
    ) -> AsyncGenerator[str | Answer, None]:
        """See `Ask.pieces`.

        The span is entered for each piece anew: who takes the pieces does other things between them.
        """
        asked: dict[str, Attribute] = {
            OPERATION: "invoke_workflow",
            WORKFLOW: "ask",
            SOURCE: query.collection,
            "glede.mode": query.mode,
            "glede.turns": len(history),
            "glede.stream": stream,
        }
        if self.spans.content:
            asked[QUERY] = query.text
        inner = Ask.pieces(self, query, history, stream=stream, own=own, given=given)
        with ended(self.spans.begin("invoke_workflow ask", asked)) as span:
            async with aclosing(inner) as pieces:
                while True:
                    with entered(span):
                        try:
                            piece = await anext(pieces)
                        except StopAsyncIteration:
                            return
                    if isinstance(piece, Answer):
                        span.set_attributes(_told(piece))
                    yield piece


@dataclass(frozen=True, slots=True)
class TracedRetrieve(Retrieve):
    """Searches, each a span `retrieval COLLECTION`."""

    spans: Spans = field(kw_only=True)

    async def search(self, query: Query) -> Found:
        """See `Retrieve.search`."""
        asked: dict[str, Attribute] = {
            OPERATION: "retrieval",
            SOURCE: query.collection,
            "glede.mode": query.mode,
            "glede.limit": query.limit,
        }
        if self.spans.content:
            asked[QUERY] = query.text
        with self.spans.span(f"retrieval {query.collection}", asked) as span:
            found = await Retrieve.search(self, query)
            span.set_attribute("glede.hits", len(found.hits))
        return found


@dataclass(frozen=True, slots=True)
class TracedExplore(Explore):
    """Looks into the graph, each time a span `search graph`."""

    spans: Spans = field(kw_only=True)

    def explored(self, view: View, mode: Mode, question: str, plain: Sequence[Fused]) -> Explored | None:
        """See `Explore.explored`."""
        with self.spans.span("search graph", _channel("graph", view.collection)) as span:
            explored = Explore.explored(self, view, mode, question, plain)
            span.set_attribute("glede.hits", len(explored.ranking) if explored else 0)
        return explored


class TracedIndex:
    """An index that is searched, each channel a span; writing is the store's to tell."""

    def __init__(self, inner: Searchable, spans: Spans) -> None:
        self._inner = inner
        self._spans = spans

    def fingerprint(self, collection: str) -> str | None:
        """See `glede.ports.Searchable`; so for the others."""
        return self._inner.fingerprint(collection)

    def dense(self, collection: str, vector: Vectors, limit: int, where: Filter) -> list[Match]:
        """The rows of the highest cosine."""
        return self._searched(
            "dense", collection, lambda: self._inner.dense(collection, vector, limit, where)
        )

    def keyword(
        self, collection: str, weights: Mapping[int, float], limit: int, where: Filter
    ) -> list[Match]:
        """The rows of the highest inner product."""
        return self._searched(
            "keyword", collection, lambda: self._inner.keyword(collection, weights, limit, where)
        )

    def _searched(self, channel: str, collection: str, search: Callable[[], list[Match]]) -> list[Match]:
        attributes = {**_channel(channel, collection), "db.system.name": "milvus"}
        with self._spans.span(f"search {channel}", attributes, SpanKind.CLIENT) as span:
            found = search()
            span.set_attribute("glede.hits", len(found))
        return found


def _channel(name: str, collection: str) -> dict[str, Attribute]:
    return {SOURCE: collection, "glede.channel": name}


def _told(answer: Answer) -> dict[str, Attribute]:
    verified = sum(citation.verified for citation in answer.citations)
    return {
        "glede.answered": answer.answered,
        "glede.complete": answer.complete,
        "glede.citations": len(answer.citations),
        "glede.citations.verified": verified,
        "glede.hits": len(answer.hits),
        "gen_ai.response.model": answer.model,
    }
