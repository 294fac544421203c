"""The models and lines of an engine, with spans around all that takes time in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from glede.knowledge import Continuing
from glede.reading.choosing import Reading
from glede.telemetry.adding import (
    TracedContinuing,
    TracedExtractor,
    TracedParse,
    TracedProcessor,
    TracedStore,
    TracedTracking,
)
from glede.telemetry.asking import TracedAsk, TracedExplore, TracedIndex, TracedRetrieve
from glede.telemetry.models import traced_models

if TYPE_CHECKING:
    from glede.adding.ingest import Ingest
    from glede.knowledge import Extractor
    from glede.lines import Lines
    from glede.ports import Processor
    from glede.providers import Models
    from glede.telemetry.spans import Spans

Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class Tracing:
    """Puts spans around what an engine is made of; what is given and returned stays as it is."""

    spans: Spans

    def models(self, models: Models) -> Models:
        """The models, all of their calls spans."""
        return traced_models(models, self.spans)

    def lines(self, lines: Lines) -> Lines:
        """The lines, their stages spans."""
        spans = self.spans
        store = _traced(TracedStore, lines.store, spans)
        explore = lines.retrieve.explore
        retrieve = replace(
            _traced(TracedRetrieve, lines.retrieve, spans),
            index=TracedIndex(lines.retrieve.index, spans),
            explore=explore and _traced(TracedExplore, explore, spans),
        )
        enriching = lines.enriching
        return replace(
            lines,
            store=store,
            ingest=replace(_ingest(lines.ingest, spans), store=store),
            retrieve=retrieve,
            ask=replace(_traced(TracedAsk, lines.ask, spans), retrieve=retrieve),
            tracking=TracedTracking(lines.tracking.keeping, lines.tracking.uploads, spans),
            enriching=enriching and replace(enriching, extractor=_extractor(enriching.extractor, spans)),
        )


def _ingest(ingest: Ingest, spans: Spans) -> Ingest:
    making, extractor = ingest.making, ingest.making.extractor
    return replace(
        ingest,
        reading=Reading(TracedParse(ingest.reading.parser, spans)),
        making=replace(
            making,
            processors=_processors(making.processors, spans),
            extractor=extractor and _extractor(extractor, spans),
        ),
    )


def _processors(
    opened: Callable[[], tuple[Processor, ...]], spans: Spans
) -> Callable[[], tuple[Processor, ...]]:
    """They are still made when the first document comes, and once."""
    return cache(lambda: tuple(TracedProcessor(one, spans) for one in opened()))


def _extractor(extractor: Extractor, spans: Spans) -> Extractor:
    if isinstance(extractor, Continuing):
        return TracedContinuing(extractor, extractor, spans)
    return TracedExtractor(extractor, spans)


def _traced(kind: Callable[..., Line], line: object, spans: Spans) -> Line:
    """The line as one of the traced kind, with all that it has."""
    values = {field.name: getattr(line, field.name) for field in fields(line)}  # type: ignore[arg-type]
    return kind(**values, spans=spans)
