"""Tables, pictures and equations of documents without a title, called by their file where they are shown.

In the graph their names end with the beginning of the document's id: a file may be added under several names,
and two files may have the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from glede.knowledge import ALL, GraphListing, Named
from glede.ports import Catalogue

ID_LETTERS = 12
"""Of a document's id, in a name."""
LONGEST_FILE = 60
_UNTITLED = re.compile(rf"(?P<before>.* — )(?P<id>[0-9a-f]{{{ID_LETTERS}}})(?P<after> \d+)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileNames:
    """The names of files in the place of ids, each document looked up once."""

    catalogue: Catalogue
    graph: GraphListing
    collection: str
    _known: dict[str, str] = field(default_factory=dict)

    def called(self, named: Mapping[int, Named]) -> dict[int, Named]:
        """The entities, those of untitled documents by file."""
        return {number: self.told(one) for number, one in named.items()}

    def told(self, named: Named) -> Named:
        """The entity with the file's name in its own, where it has none of a title."""
        names = tuple(self._name(named.entity, name) for name in named.names)
        return named if names == named.names else replace(named, names=names)

    def _name(self, entity: int, name: str) -> str:
        match = _UNTITLED.fullmatch(name)
        file = self._file(entity, match["id"]) if match is not None else ""
        return f"{match['before']}{file}{match['after'] or ''}" if match is not None and file else name

    def _file(self, entity: int, start: str) -> str:
        if start not in self._known:
            namings = self.graph.namings(self.collection, entity, 1, ALL)
            ids = [one.document_id for one in namings if one.document_id.startswith(start)]
            document = self.catalogue.document(self.collection, ids[0]) if ids else None
            source = document.sources[0] if document is not None and document.sources else ""
            self._known[start] = re.split(r"[/\\]", source.rstrip("/\\"))[-1][-LONGEST_FILE:]
        return self._known[start]
