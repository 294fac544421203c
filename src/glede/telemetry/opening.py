"""Where spans go: to the provider that a program has set up already, else to a collector over OTLP.

The collector's address comes from the settings, else from OpenTelemetry's own names in the environment
(`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, ...), which count for
nothing while the settings do not ask for traces.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING

from glede import __version__
from glede.errors import ConfigurationError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

    from glede.settings import Settings
    from glede.telemetry.spans import Spans
    from glede.telemetry.tracing import Tracing

NAME = "glede"
EXPORT_SECONDS = 3.0
"""The longest that one export may take: a collector that is away holds nobody up."""
PATH = "/v1/traces"
_shared: ContextVar[Spans | None] = ContextVar("spans", default=None)


@asynccontextmanager
async def opened_tracing(settings: Settings) -> AsyncIterator[Tracing]:
    """What puts spans around an engine; what was seen has been sent when the block has ended.

    Raises `ConfigurationError` where the packages are not installed.
    """
    async with opened_spans(settings) as spans:
        from glede.telemetry.tracing import Tracing

        yield Tracing(spans)


@asynccontextmanager
async def opened_spans(settings: Settings) -> AsyncIterator[Spans]:
    """What begins spans.

    A provider of our own is that of nobody else: other libraries would tell it what we do not tell.
    """
    if (shared := _shared.get()) is not None:
        yield shared
        return
    try:
        from opentelemetry import trace

        from glede.telemetry.spans import Spans
    except ModuleNotFoundError as error:
        raise _missing() from error
    async with AsyncExitStack() as stack:
        provider = trace.get_tracer_provider()
        if isinstance(provider, trace.ProxyTracerProvider):  # nobody has set one up
            provider = _exporting(settings)
            stack.push_async_callback(asyncio.to_thread, _end, provider)
        yield Spans(provider.get_tracer(NAME, __version__), content=settings.traces_content)


@contextmanager
def shared_with_engines(spans: Spans) -> Iterator[None]:
    """An engine that is opened within the block begins its spans with the same."""
    token = _shared.set(spans)
    try:
        yield
    finally:
        _shared.reset(token)


def _exporting(settings: Settings) -> TracerProvider:
    """A provider of our own."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ModuleNotFoundError as error:
        raise _missing() from error
    ours = Resource({"service.name": NAME, "service.version": __version__})
    resource = ours.merge(OTELResourceDetector().detect())
    address = settings.traces_url.rstrip("/")
    if address and not address.endswith(PATH):
        address += PATH
    exporter = OTLPSpanExporter(endpoint=address or None, timeout=EXPORT_SECONDS)
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _end(provider: TracerProvider) -> None:
    """Send what was seen, and wait no longer than for one export: a collector may hang."""
    ending = Thread(target=provider.shutdown, name="glede-traces", daemon=True)
    ending.start()
    ending.join(EXPORT_SECONDS + 1)


def _missing() -> ConfigurationError:
    return ConfigurationError(
        "traces are asked for, and OpenTelemetry is not installed",
        hint="pip install 'glede[otel]', or unset GLEDE_TRACES.",
    )
