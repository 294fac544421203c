"""`engine.graph` without `async`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from glede.completing import Run
from glede.doors import graph as graph_view
from glede.doors.graph import Stats
from glede.graph.resolving import Resolution
from glede.graph.stating import StatedEntity, StatedRelation
from glede.graph.views import Identity, ShownTheme, View
from glede.results import Report
from glede.types import MetadataValue


class GraphWork:
    """The knowledge graph of an engine; see `glede.doors.graph`."""

    def __init__(self, graph: graph_view.GraphWork, run: Run) -> None:
        self._graph = graph
        self._run = run

    def stats(self, most: int = 10, collection: str | None = None) -> Stats:
        """See `glede.doors.graph.GraphView.stats`."""
        return self._run(self._graph.stats(most, collection))

    def show(
        self,
        name: str,
        *,
        depth: int = 1,
        limit: int = 30,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> View:
        """See `glede.doors.graph.GraphView.show`."""
        return self._run(
            self._graph.show(name, depth=depth, limit=limit, filter=filter, collection=collection)
        )

    def path(
        self,
        start: str,
        goal: str,
        *,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> View:
        """See `glede.doors.graph.GraphView.path`."""
        return self._run(self._graph.path(start, goal, filter=filter, collection=collection))

    def themes(
        self,
        limit: int = 10,
        *,
        summaries: bool = False,
        filter: Mapping[str, MetadataValue] | None = None,  # noqa: A002 - the field's word
        collection: str | None = None,
    ) -> list[ShownTheme]:
        """See `glede.doors.graph.GraphView.themes`, with `summaries` `GraphWork.summarised_themes`."""
        asked = self._graph.summarised_themes if summaries else self._graph.themes
        return self._run(asked(limit, filter=filter, collection=collection))

    def merge(self, name: str, *others: str, collection: str | None = None) -> Identity:
        """See `glede.doors.graph.GraphWork.merge`."""
        return self._run(self._graph.merge(name, *others, collection=collection))

    def resolve(self, *, dry_run: bool = False, collection: str | None = None) -> Resolution:
        """See `glede.doors.graph.GraphWork.resolve`."""
        return self._run(self._graph.resolve(dry_run=dry_run, collection=collection))

    def split(self, name: str, *documents: str, collection: str | None = None) -> Identity:
        """See `glede.doors.graph.GraphWork.split`."""
        return self._run(self._graph.split(name, *documents, collection=collection))

    def undo(self, edit: int | None = None, collection: str | None = None) -> Identity:
        """See `glede.doors.graph.GraphWork.undo`."""
        return self._run(self._graph.undo(edit, collection))

    def edits(self, collection: str | None = None) -> list[Identity]:
        """See `glede.doors.graph.GraphView.edits`."""
        return self._run(self._graph.edits(collection))

    def export(self, target: str | Path, collection: str | None = None) -> list[Path]:
        """See `glede.doors.graph.GraphView.export`."""
        return self._run(self._graph.export(target, collection))

    def add(
        self,
        entities: Sequence[StatedEntity] = (),
        relations: Sequence[StatedRelation] = (),
        *,
        source: str = "knowledge.json",
        metadata: Mapping[str, MetadataValue] | None = None,
        collection: str | None = None,
    ) -> Report:
        """See `glede.doors.graph.GraphWork.add`."""
        work = self._graph.add(entities, relations, source=source, metadata=metadata, collection=collection)
        return self._run(work)

    def add_file(
        self,
        path: str | Path,
        *,
        metadata: Mapping[str, MetadataValue] | None = None,
        collection: str | None = None,
    ) -> Report:
        """See `glede.doors.graph.GraphWork.add_file`."""
        return self._run(self._graph.add_file(path, metadata=metadata, collection=collection))
