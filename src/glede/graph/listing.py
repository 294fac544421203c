"""The whole graph, piece by piece and as it is after merges, written to a file that others read.

What is in memory is a page of entities or facts at a time, however large the graph.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

from glede.errors import UnavailableError, UsageError
from glede.graph import exporting
from glede.graph.untitled import FileNames
from glede.graph.views import Entity, Evidence, Relation, entity_id, type_of
from glede.knowledge import ALL, Listed, Named, Stated, WholeGraph
from glede.ports import Catalogue

PAGE = 500
_COMPARED = 500
"""Entities of about as many documents that are compared by their mentions."""
_UNTOLD = frozenset({"date", "quantity", "document", "section", "image", "table", "equation"})
"""Types that head no list: they stand beside everything, or in one document only."""
FORMATS = {
    ".graphml": "graphml",
    ".json": "json",
    ".csv": "csv",
    ".zip": "csv",
    ".cypher": "cypher",
    ".cql": "cypher",
}
"""The format by the ending of a name; `.zip` holds two files of CSV, `.csv` is written as two files."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Goes through a collection's graph; methods block."""

    catalogue: Catalogue
    graph: WholeGraph

    def entities(self, collection: str) -> Iterator[Entity]:
        """All entities by their numbers, those that were merged as one."""
        alone: set[int] = set()
        files = FileNames(self.catalogue, self.graph, collection)
        for page in self._pages(collection):
            yield from self._entities(collection, page, alone, files)

    def entities_after(self, collection: str, after: int, limit: int) -> tuple[list[Entity], int | None]:
        """A page of the entities, and the number it ends with: None where nothing follows.

        What only merges name may come once in several pages.
        """
        page = self.graph.entities(collection, after, limit)
        files = FileNames(self.catalogue, self.graph, collection)
        found = list(self._entities(collection, page, set(), files)) if page else []
        return found, page[-1].entity if len(page) == limit else None

    def _entities(
        self, collection: str, page: Sequence[Listed], alone: set[int], files: FileNames
    ) -> Iterator[Entity]:
        numbers = self._kept(collection, page, alone)
        named = self.graph.named(collection, numbers, ALL)
        for number in numbers:
            if number in named:
                yield _entity(files.told(named[number]))

    def foremost(self, collection: str, listed: Sequence[Listed], most: int) -> tuple[Entity, ...]:
        """Of the entities listed those that most documents name, then those named most often.

        Dates, quantities, and what only one document can name are left out. Single words that are no names
        count half: they stand in many documents that have nothing else in common.
        """
        telling = [one for one in listed if one.type not in _UNTOLD]
        telling.sort(key=lambda one: (-_weight(one.name, one.documents), one.entity))
        numbers = [one.entity for one in telling[: most + _COMPARED]]
        named = self.graph.named(collection, numbers, ALL)
        found = {named[one].entity: _entity(named[one]) for one in numbers if one in named}
        ordered = sorted(found.values(), key=lambda one: (-_weight(one.name, one.documents), -one.mentions))
        return tuple(ordered[:most])

    def _pages(self, collection: str) -> Iterator[list[Listed]]:
        after = 0
        while page := self.graph.entities(collection, after, PAGE):
            yield page
            after = page[-1].entity

    def _kept(self, collection: str, page: Sequence[Listed], alone: set[int]) -> list[int]:
        """The numbers under which a page's entities answer, each in one page only.

        `alone` remembers those that no document names itself, only what is merged into them.
        """
        own = {one.entity for one in page}
        meant = self.graph.canonical(collection, sorted(own))
        numbers = []
        for entity in sorted(own):
            kept = meant.get(entity, (entity,))[0]
            if kept == entity:
                numbers.append(entity)
            elif kept not in alone and kept not in own and not self._listed(collection, kept):
                alone.add(kept)
                numbers.append(kept)
        return numbers

    def _listed(self, collection: str, entity: int) -> bool:
        found = self.graph.entities(collection, entity - 1, 1)
        return bool(found) and found[0].entity == entity

    def relations(self, collection: str) -> Iterator[Relation]:
        """All facts by their chunks; what chunks of one page of facts state alike is one relation."""
        after: Stated | None = None
        files = FileNames(self.catalogue, self.graph, collection)
        while page := self.graph.statements(collection, after, PAGE):
            yield from self._relations(collection, page, files)
            after = page[-1]

    def relations_after(
        self, collection: str, after: Stated | None, limit: int
    ) -> tuple[list[Relation], Stated | None]:
        """What a page of facts states, and the fact it ends with: None where nothing follows."""
        page = self.graph.statements(collection, after, limit)
        files = FileNames(self.catalogue, self.graph, collection)
        found = list(self._relations(collection, page, files)) if page else []
        return found, page[-1] if len(page) == limit else None

    def _relations(self, collection: str, page: Sequence[Stated], files: FileNames) -> Iterator[Relation]:
        ends = sorted({end for fact in page for end in (fact.source, fact.target)})
        meant = {end: kept[0] for end, kept in self.graph.canonical(collection, ends).items()}
        named = files.called(self.graph.named(collection, ends, ALL))
        chunks = self.graph.chunk_ids(collection, sorted({fact.chunk for fact in page}))
        stored = self.catalogue.chunks(collection, list(chunks.values()))

        def key(fact: Stated) -> tuple[int, int, str]:
            return meant.get(fact.source, fact.source), meant.get(fact.target, fact.target), fact.label

        for (source, target, label), facts in groupby(sorted(page, key=key), key):
            said = list(facts)
            if source == target or said[0].source not in named or said[0].target not in named:
                continue
            evidence = [stored[chunks[fact.chunk]] for fact in said if chunks.get(fact.chunk) in stored]
            yield Relation(
                source=named[said[0].source].names[0],
                target=named[said[0].target].names[0],
                label=label,
                source_id=entity_id(source),
                target_id=entity_id(target),
                evidence=tuple(
                    Evidence(one.chunk.id, one.chunk.document_id, one.source, "") for one in evidence
                ),
                descriptions=tuple(dict.fromkeys(fact.description for fact in said if fact.description)),
            )

    def write(self, collection: str, target: Path) -> list[Path]:
        """Write the graph in the format that the ending of the file's name says; returns the files.

        They appear when they are whole: what was there before is replaced, or left alone.
        """
        kind = FORMATS.get(target.suffix.lower())
        if kind is None:
            known = ", ".join(FORMATS)
            raise UsageError(f"{target.name} names no format", hint=f"End it in one of {known}.")
        entities, relations = self.entities(collection), self.relations(collection)
        if target.suffix.lower() == ".zip":
            return [_zipped(target, entities, relations)]
        if kind == "csv":
            return [
                _written(target.with_suffix(".entities.csv"), exporting.csv_entities(entities)),
                _written(target.with_suffix(".relations.csv"), exporting.csv_relations(relations)),
            ]
        return [_written(target, _WRITERS[kind](entities, relations))]


def _weight(name: str, documents: int) -> float:
    """By how many documents an entity ties together, and whether it is one of its own kind."""
    common = name[:1].islower() and " " not in name
    return documents / 2 if common else documents - 0.1 * name[:1].islower()


_WRITERS: dict[str, Callable[[Iterable[Entity], Iterable[Relation]], Iterator[str]]] = {
    "graphml": exporting.graphml,
    "json": exporting.json_pieces,
    "cypher": exporting.cypher,
}


def _entity(named: Named) -> Entity:
    return Entity(
        id=entity_id(named.entity),
        name=named.names[0],
        type=type_of(named.types),
        mentions=named.mentions,
        documents=named.documents,
        names=named.names,
        types=named.types,
        descriptions=named.descriptions,
    )


def _written(target: Path, pieces: Iterable[str]) -> Path:
    with _whole(target) as part, part.open("w", encoding="utf-8", errors="replace", newline="") as file:
        _fill(file, pieces)
    return target


def _zipped(target: Path, entities: Iterable[Entity], relations: Iterable[Relation]) -> Path:
    parts = {
        "entities.csv": exporting.csv_entities(entities),
        "relations.csv": exporting.csv_relations(relations),
    }
    with _whole(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in parts.items():
            with archive.open(name, "w", force_zip64=True) as member:
                for piece in pieces:
                    member.write(piece.encode("utf-8", "replace"))
    return target


def _fill(file: TextIO, pieces: Iterable[str]) -> None:
    for piece in pieces:
        file.write(piece)


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A file beside the target that takes its place when the block ends well."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(target)
    except OSError as error:
        raise UnavailableError(f"{target} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
