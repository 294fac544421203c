"""What users state: below the name of each entity, tables that an extractor reads row by row.

Read only where it is asked for (`glede graph add`), since other JSON and CSV look like it.
"""

from __future__ import annotations

from math import inf

from glede.graph import stating
from glede.parsers.building import Draft, table_from_grid
from glede.parsers.json import load_value
from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Parsed


class KnowledgeParser:
    """Reads JSON of entities and relations, or CSV of either; see `glede.graph.stating`."""

    name = "knowledge"
    version = "1"
    media_types = frozenset(
        {"application/json", "application/jsonl", "text/csv", "text/tab-separated-values", "text/plain"}
    )
    cost = inf
    recovers: frozenset[Feature] = frozenset({"text", "tables"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """A section for each entity. Raises `MalformedError` where nothing is stated."""
        text, _ = decode(data)
        if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            known = stating.knowledge_of(load_value(text, options.max_depth))
        else:
            known = stating.knowledge_of_csv(text)
        draft = Draft()
        draft.warnings += known.warnings
        for about in stating.by_subject(known):
            draft.heading(about.name, level=1)
            said = [[one.name, one.type, one.description] for one in about.entities]
            _table(draft, stating.ENTITY_HEADER, said)
            tied = [[one.source, one.label, one.target, one.description] for one in about.relations]
            _table(draft, stating.RELATION_HEADER, tied)
        return draft.parsed(media_type, self.name)


def _table(draft: Draft, header: tuple[str, ...], rows: list[list[str]]) -> None:
    if rows:
        draft.table(table_from_grid([list(header), *rows], header_rows=1))
