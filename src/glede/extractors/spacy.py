"""Names by a spaCy pipeline, beside what rules find; the pipelines are packages that the user has installed.

A pipeline reads the documents of its language; all others are left to the rules, which read every document.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from glede.errors import UnavailableError
from glede.extracting import Means
from glede.extractors.nlp_noise import is_noise
from glede.graph.names import LONGEST_NAME, entity_of
from glede.knowledge import DocumentGraph, Extractor, Mention
from glede.text.keywords import language_of
from glede.types import Chunk, Parsed

VERSION = "1"
SAMPLE = 800
"""Characters that tell the language of a document."""
MOST_NAMES = 60
"""Of one chunk."""
TYPES: Mapping[str, str] = {
    **dict.fromkeys(("PERSON", "PER", "persName"), "person"),
    **dict.fromkeys(("ORG", "orgName"), "organization"),
    **dict.fromkeys(("GPE", "LOC", "FAC", "placeName", "geogName"), "place"),
    **dict.fromkeys(("WORK_OF_ART", "LAW"), "work"),
    "EVENT": "event",
    "PRODUCT": "product",
    **dict.fromkeys(("NORP", "MISC", "LANGUAGE"), "name"),
    **dict.fromkeys(("DATE", "date"), "date"),
    **dict.fromkeys(("QUANTITY", "MONEY", "PERCENT"), "quantity"),
}
"""Our types of spaCy's labels; what has none of these is left out: bare numbers and times of the day."""
_SIZES = ("trf", "lg", "md", "sm")
_VAGUE = frozenset({"name", "term", "acronym"})
_INSTALL = "pip install 'glede[spacy]' && python -m spacy download en_core_web_sm"
_lock = threading.Lock()


class _Span(Protocol):
    text: str
    label_: str


class _Doc(Protocol):
    @property
    def ents(self) -> Iterable[_Span]: ...


class Pipeline(Protocol):
    """A spaCy pipeline, as far as it is used here."""

    meta: Mapping[str, object]

    def pipe(self, texts: Iterable[str]) -> Iterable[_Doc]:
        """The texts with their entities, in order."""
        ...


@dataclass(frozen=True, slots=True)
class SpacyExtractor:
    """Adds the entities of spaCy pipelines, one for a language, to what `base` finds."""

    pipelines: Mapping[str, Pipeline]
    base: Extractor | None = None

    @property
    def fingerprint(self) -> str:
        """Names the pipelines, their versions, and who finds the rest."""
        metas = [pipeline.meta for pipeline in self.pipelines.values()]
        names = sorted(f"{meta['lang']}_{meta['name']}-{meta['version']}" for meta in metas)
        base = f"+{self.base.fingerprint}" if self.base else ""
        return f"spacy@{VERSION}:{','.join(names)}{base}"

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        """What the base finds, and the names of the pipeline of the document's language."""
        document_id = chunks[0].document_id if chunks else ""
        known = await self.base.extract(parsed, chunks) if self.base else DocumentGraph(document_id, "")
        sample = "\n".join(chunk.text for chunk in chunks)[:SAMPLE]
        pipeline = self.pipelines.get(language_of(sample)) or self.pipelines.get("xx")
        said = await asyncio.to_thread(_read, pipeline, chunks) if pipeline is not None else []
        return replace(known, extractor=self.fingerprint, mentions=_joined(known.mentions, said))


def _read(pipeline: Pipeline, chunks: Sequence[Chunk]) -> list[Mention]:
    """The names in each chunk of prose; one text at a time, for pipelines share what they have loaded."""
    prose = [(place, chunk) for place, chunk in enumerate(chunks) if chunk.modality == "text"]
    with _lock:
        read = [list(doc.ents) for doc in pipeline.pipe(chunk.text for _, chunk in prose)]
    return [
        mention for (place, _), spans in zip(prose, read, strict=True) for mention in _mentions(place, spans)
    ]


def _mentions(place: int, spans: Iterable[_Span]) -> list[Mention]:
    found: dict[int, Mention] = {}
    for span in spans:
        name, kind = " ".join(span.text.split())[:LONGEST_NAME], TYPES.get(span.label_, "")
        entity = entity_of(name) if kind else 0
        if not entity or (kind not in ("date", "quantity") and is_noise(name)):
            continue
        before = found.get(entity)
        if before is not None or len(found) < MOST_NAMES:
            count = 1 if before is None else before.count + 1
            found[entity] = Mention(name, kind if before is None else before.type, place, count)
    return list(found.values())


def _joined(known: Sequence[Mention], said: Sequence[Mention]) -> tuple[Mention, ...]:
    """What both find: of what kind a thing is, a pipeline knows where rules have no sign of it."""
    mentions = {(entity_of(one.name), one.chunk): one for one in known}
    for one in said:
        before = mentions.setdefault((entity_of(one.name), one.chunk), one)
        if before is not one and before.type in _VAGUE and one.type not in _VAGUE:
            mentions[entity_of(one.name), one.chunk] = replace(before, type=one.type)
    return tuple(sorted(mentions.values(), key=lambda one: one.chunk))


def installed() -> dict[str, str]:
    """The names of the pipelines that are installed, the largest of each language.

    Raises `UnavailableError` where spaCy is not.
    """
    try:
        from spacy.util import get_installed_models
    except ImportError as error:
        raise UnavailableError("spaCy is not installed", hint=_INSTALL) from error
    found: dict[str, str] = {}
    for name in sorted(get_installed_models(), key=_size):
        found.setdefault(name.partition("_")[0], name)
    return found


def _size(name: str) -> tuple[int, str]:
    size = name.rpartition("_")[2]
    return (_SIZES.index(size) if size in _SIZES else len(_SIZES), name)


def open_spacy_extractor(means: Means) -> SpacyExtractor:
    """With all pipelines that are installed; raises `UnavailableError` where there are none."""
    names = installed()
    if not names:
        raise UnavailableError("no spaCy pipeline is installed", hint=_INSTALL)
    import spacy

    pipelines = {
        language: spacy.load(name, exclude=["parser", "lemmatizer", "attribute_ruler"])
        for language, name in names.items()
    }
    return SpacyExtractor(pipelines, means.base)
