"""Spans, with the names that OpenTelemetry has for generative AI.

The conventions are those of semantic-conventions-genai (status: development), as of 2026; what they have no
name for is called `glede.*`. What documents, questions and answers say is set only where `content` allows it,
and an error tells its code, never its message: that may quote either.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Status, StatusCode, use_span

from glede.errors import GledeError, first_of

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

Attribute: TypeAlias = str | bool | int | float | Sequence[str]

OPERATION = "gen_ai.operation.name"
PROVIDER = "gen_ai.provider.name"
WORKFLOW = "gen_ai.workflow.name"
SOURCE = "gen_ai.data_source.id"
MODEL = "gen_ai.request.model"
DIMENSIONS = "gen_ai.embeddings.dimension.count"
QUERY = "gen_ai.retrieval.query.text"
ERROR = "error.type"


class Spans:
    """Begins spans; `content` allows them to tell what is asked, read and answered."""

    def __init__(self, tracer: Tracer, *, content: bool = False) -> None:
        self._tracer = tracer
        self.content = content

    def begin(
        self,
        name: str,
        attributes: Mapping[str, Attribute],
        kind: SpanKind = SpanKind.INTERNAL,
        within: Context | None = None,
    ) -> Span:
        """A span that the caller ends."""
        return self._tracer.start_span(name, within, kind, dict(attributes))

    @contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Attribute], kind: SpanKind = SpanKind.INTERNAL
    ) -> Iterator[Span]:
        """A span as long as the block, and above all that begin in it."""
        with ended(self.begin(name, attributes, kind)) as span, entered(span):
            yield span


@contextmanager
def ended(span: Span) -> Iterator[Span]:
    """Ends a span with the block, and tells how the block has ended."""
    try:
        yield span
    except (Exception, asyncio.CancelledError) as error:
        fail(span, error)
        raise
    finally:
        span.end()


@contextmanager
def entered(span: Span) -> Iterator[None]:
    """What begins within the block belongs to the span."""
    with use_span(span, end_on_exit=False, record_exception=False, set_status_on_exception=False):
        yield


def fail(span: Span, error: BaseException) -> None:
    """Tell that it failed, by the code of the error."""
    said = code_of(error)
    span.set_attribute(ERROR, said)
    if said != "cancelled":  # to be told to stop is no failure
        span.set_status(Status(StatusCode.ERROR))


def code_of(error: BaseException) -> str:
    """The code of an error of ours, else its class."""
    if isinstance(error, BaseExceptionGroup):
        error = first_of(error)
    if isinstance(error, GledeError):
        return error.code
    return "cancelled" if isinstance(error, asyncio.CancelledError | GeneratorExit) else type(error).__name__
