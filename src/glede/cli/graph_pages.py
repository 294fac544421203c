"""What `glede graph` prints for people, and the picture it draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from glede.cli.counting import counted
from glede.doors.graph import Stats
from glede.errors import UnavailableError
from glede.graph.drawing import readable
from glede.graph.resolving import Resolution
from glede.graph.views import Entity, Evidence, Identity, Relation, ShownTheme, View

LONGEST_NAME = 80
_SHOWN = 40

_console = Console(highlight=False, soft_wrap=True)


def print_stats(found: Stats) -> None:
    """Counts, and the entities that most documents name."""
    counts = found.counts
    _console.print(
        f"{counted(counts.entities, 'entity')} · {counted(counts.mentions, 'mention')} · "
        f"{counted(counts.facts, 'fact')} · {counted(counts.chunks, 'chunk')} · "
        f"{counted(sum(counts.documents.values()), 'document')} · {counted(found.edits, 'edit')}"
    )
    for extractor, documents in sorted(counts.documents.items()):
        _console.print(f"  read by {_name(extractor)}: {counted(documents, 'document')}", markup=False)
    if found.entities:
        table = Table("entity", "type", "mentions", "documents", box=None, pad_edge=False)
        for one in found.entities:
            table.add_row(Text(_name(one.name)), Text(one.type), str(one.mentions), str(one.documents))
        _console.print(table)
    if not counts.documents.keys() - {"none"}:
        _console.print("no document has been read for the graph: `glede retry` reads those that are stored")
    if found.outdated:
        outdated = counted(found.outdated, "document")
        _console.print(f"{outdated} read by older rules: `glede retry` reads them again, without parsing")
    if not found.complete:
        _console.print("(of a sample of 20,000 entities)")


def print_view(view: View) -> None:
    """Each entity that was asked for, then the relations with their evidence, or the chains."""
    by_id = {one.id: one for one in view.entities}
    if view.asked and not view.paths:
        for place, key in enumerate(view.asked):
            if place:
                _console.print()
            _print_entity(by_id[key])
            _print_relations([one for one in view.relations if key in (one.source_id, one.target_id)])
        beside = [one for one in view.relations if not {one.source_id, one.target_id} & set(view.asked)]
        if beside:
            _console.print("\naround it:")
            _print_relations(beside)
    elif view.paths:
        _print_paths(view, by_id)
    if len(view.asked) == 2 and not view.paths and not view.relations:
        _console.print("nothing ties them together within six steps")
    if view.more:
        _console.print("(there is more: raise -n, or narrow it with --filter)")


def _print_entity(one: Entity) -> None:
    _console.print(Text(_name(one.name), style="bold"), Text(f"({one.type})  {one.id}", style="dim"))
    others = [_name(name) for name in one.names if name != one.name]
    if others:
        _console.print(f"  also: {', '.join(others)}", markup=False)
    for said in one.descriptions:
        _console.print(f"  {readable(said)}", markup=False)
    documents = counted(one.documents, "document")
    sources = f": {', '.join(readable(source) for source in one.sources[:5])}" if one.sources else ""
    _console.print(f"  {counted(one.mentions, 'mention')} in {documents}{sources}", markup=False)


def _print_relations(relations: Sequence[Relation]) -> None:
    for one in relations[:_SHOWN]:
        _print_relation(one)
    if len(relations) > _SHOWN:
        _console.print(f"  and {len(relations) - _SHOWN} more; --json has them all")


def _print_relation(one: Relation) -> None:
    line = f"  {_name(one.source)} — {_name(one.label)} → {_name(one.target)}"
    _console.print(line, markup=False)
    for place in one.evidence[:1]:
        _console.print(Text(f"      {_where(place)}", style="dim"))


def _where(place: Evidence) -> str:
    page = f", page {place.page}" if place.page is not None else ""
    quote = f": “{readable(place.quote)}”" if place.quote else ""
    return f"{readable(place.source)}{page}{quote}"


def _print_paths(view: View, by_id: Mapping[str, Entity]) -> None:
    between: dict[frozenset[str], Relation] = {}
    for relation in view.relations:
        between.setdefault(frozenset((relation.source_id, relation.target_id)), relation)
    for place, chain in enumerate(view.paths):
        if place:
            _console.print()
        names = " → ".join(_name(by_id[key].name) if key in by_id else key for key in chain)
        _console.print(Text(names, style="bold"))
        for one, other in pairwise(chain):
            if (found := between.get(frozenset((one, other)))) is not None:
                _print_relation(found)


def print_themes(themes: Sequence[ShownTheme]) -> None:
    """Each theme by its central entities, with a passage and the documents."""
    for place, one in enumerate(themes, 1):
        names = ", ".join(_name(entity.name) for entity in one.entities[:8])
        _console.print(f"{place}. {names}", style="bold", markup=False)
        if one.summary:
            _console.print(f"   {readable(one.summary)}", markup=False)
        for evidence in one.evidence[:2]:
            _console.print(Text(f"   {_where(evidence)}", style="dim"))
        _console.print(
            f"   {counted(one.size, 'entity')}, {counted(len(one.sources), 'document')} shown", markup=False
        )
    if not themes:
        _console.print("no theme: the documents name too little together")


def print_edits(edits: Sequence[Identity]) -> None:
    """Merges and splits, a line each."""
    for one in edits:
        names = " ← ".join(_name(name) for name in one.names)
        within = f" in {', '.join(one.documents[:5])}" if one.documents else ""
        undone = "  (undone)" if one.undone else ""
        _console.print(
            f"{one.id}  {one.kind} {names}{within}  by {one.by}, {one.made_at}{undone}", markup=False
        )
    if not edits:
        _console.print("nothing was merged or split")


def print_resolution(resolution: Resolution, *, dry_run: bool) -> None:
    """What was joined, a line each, with the number by which it is undone."""
    for one in resolution.joined:
        names = " ← ".join(_name(entity.name) for entity in one.entities)
        number = "would join" if dry_run else f"{one.edit}  joined"
        _console.print(f"{number} {names}  by {one.by}", markup=False)
    if not resolution.joined:
        _console.print("nothing was joined")
    if resolution.failed:
        _console.print(
            f"the model gave no verdict on {resolution.failed} of {counted(resolution.judged, 'pair')}"
        )


def write_drawing(target: Path, view: View) -> None:
    """Draw a part of the graph as SVG."""
    from glede.graph.drawing import drawn

    names = dict.fromkeys(one.name for one in view.entities if one.id in view.asked)
    title = " and ".join(_name(name) for name in names)
    try:
        target.write_text(drawn(title, view.asked, view.entities, view.relations), encoding="utf-8")
    except OSError as error:
        raise UnavailableError(f"{target} cannot be written: {error.strerror}") from error


def _name(name: str) -> str:
    plain = readable(name)
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 1] + "…"
