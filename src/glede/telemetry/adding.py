"""The first line as spans: the job, and each stage of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glede.adding.storing import Store
from glede.adding.tracking import Tracking
from glede.telemetry.spans import ERROR, OPERATION, SOURCE, WORKFLOW, Spans

if TYPE_CHECKING:
    from glede.adding.storing import Embedded
    from glede.adding.tracked import Way
    from glede.adding.tracking import Work
    from glede.jobs import Asked, JobKeeping
    from glede.knowledge import Continuing, DocumentGraph, Extractor
    from glede.parsing import Parse, ParseOptions
    from glede.ports import Processor, Progress
    from glede.results import Report
    from glede.sources.uploads import Uploads
    from glede.telemetry.spans import Attribute
    from glede.types import Chunk, Parsed


class TracedTracking(Tracking):
    """Runs jobs, each a span `invoke_workflow add` (or `sync`, `retry`, `stream`) above its stages."""

    def __init__(self, keeping: JobKeeping, uploads: Uploads, spans: Spans) -> None:
        super().__init__(keeping, uploads)
        self._spans = spans

    async def run(
        self,
        asked: Asked,
        work: Work,
        *,
        progress: Progress | None = None,
        way: Way | None = None,
        job_id: int | None = None,
    ) -> Report:
        """See `Tracking.run`."""
        named: dict[str, Attribute] = {
            OPERATION: "invoke_workflow",
            WORKFLOW: asked.kind,
            SOURCE: asked.collection,
            "glede.job.sources": len(asked.things) + len(asked.contents),
        }
        with self._spans.span(f"invoke_workflow {asked.kind}", named) as span:
            report = await super().run(asked, work, progress=progress, way=way, job_id=job_id)
            span.set_attributes(_outcome(report))
        return report


@dataclass(frozen=True, slots=True)
class TracedStore(Store):
    """Writes documents, each batch a span `index COLLECTION`."""

    spans: Spans = field(kw_only=True)

    async def keep(self, collection: str, embedded: Embedded) -> None:
        """See `Store.keep`."""
        told: dict[str, Attribute] = {
            SOURCE: collection,
            "glede.documents": len(embedded.batch),
            "glede.chunks": sum(len(one.chunks) for one in embedded.batch),
            "glede.texts.embedded": len(embedded.fresh),
        }
        with self.spans.span(f"index {collection}", told):
            await Store.keep(self, collection, embedded)


class TracedParse:
    """Parsers, each reading of a document a span `parse PARSER`."""

    def __init__(self, inner: Parse, spans: Spans) -> None:
        self._inner = inner
        self._spans = spans

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        """See `glede.parsing.Parse`."""
        told: dict[str, Attribute] = {
            "glede.parser": parser,
            "glede.media_type": media_type,
            "glede.bytes": len(data),
        }
        if self._spans.content:
            told["glede.source"] = options.name
        with self._spans.span(f"parse {parser}", told) as span:
            parsed = await self._inner.parse(data, media_type, parser, options)
            span.set_attributes({"glede.pages": len(parsed.pages), "glede.blocks": len(parsed.blocks)})
        return parsed


class TracedProcessor:
    """A processor, each document a span `enrich NAME`."""

    def __init__(self, inner: Processor, spans: Spans) -> None:
        self._inner = inner
        self._spans = spans

    @property
    def fingerprint(self) -> str:
        """That of the processor: what it makes of a document is the same."""
        return self._inner.fingerprint

    async def process(self, parsed: Parsed) -> Parsed:
        """See `glede.ports.Processor`."""
        with self._spans.span(f"enrich {_named(self.fingerprint)}", _stage(self.fingerprint)) as span:
            made = await self._inner.process(parsed)
            span.set_attribute("glede.unfinished", len(made.unfinished))
        return made


class TracedExtractor:
    """An extractor, each document a span `extract NAME`."""

    def __init__(self, inner: Extractor, spans: Spans) -> None:
        self._inner = inner
        self._spans = spans

    @property
    def fingerprint(self) -> str:
        """That of the extractor."""
        return self._inner.fingerprint

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """See `glede.knowledge.Extractor`."""
        with self._spans.span(f"extract {_named(self.fingerprint)}", _stage(self.fingerprint)) as span:
            graph = await self._inner.extract(parsed, chunks)
            span.set_attributes(_said(graph))
        return graph


class TracedContinuing(TracedExtractor):
    """One that can also go on where a reading was left."""

    def __init__(self, inner: Extractor, going_on: Continuing, spans: Spans) -> None:
        super().__init__(inner, spans)
        self._going_on = going_on

    async def go_on(self, parsed: Parsed, chunks: Sequence[Chunk], known: DocumentGraph) -> DocumentGraph:
        """See `glede.knowledge.Continuing`."""
        with self._spans.span(f"extract {_named(self.fingerprint)}", _stage(self.fingerprint)) as span:
            graph = await self._going_on.go_on(parsed, chunks, known)
            span.set_attributes(_said(graph))
        return graph


def _named(fingerprint: str) -> str:
    return fingerprint.partition("@")[0]


def _stage(fingerprint: str) -> dict[str, Attribute]:
    return {"glede.fingerprint": fingerprint}


def _said(graph: DocumentGraph) -> dict[str, Attribute]:
    told: dict[str, Attribute] = {"glede.mentions": len(graph.mentions), "glede.facts": len(graph.facts)}
    return {**told, "glede.document.id": graph.document_id} if graph.document_id else told


def _outcome(report: Report) -> dict[str, Attribute]:
    told: dict[str, Attribute] = {
        "glede.documents": len(report.documents),
        "glede.documents.failed": len(report.failed),
        "glede.chunks": sum(one.chunks for one in report.documents),
        "glede.model_calls": report.usage.model_calls,
        "gen_ai.usage.input_tokens": report.usage.prompt_tokens,
        "gen_ai.usage.output_tokens": report.usage.completion_tokens,
    }
    if report.job is not None:
        told["glede.job.id"] = report.job
    if report.stopped is not None:
        told[ERROR] = report.stopped.code
    return told
