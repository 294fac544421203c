"""What the commands print for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from glede.cli.counting import counted
from glede.results import Added, Answer, Citation, Estimate, Hit, Report
from glede.types import Chunk, Document, Page, Parsed, Standing

EXCERPT = 320
FAILED_SHOWN = 10
UNPACED = 4
"""An addition takes up to so many times what its dry run and the likely waits do; it embeds and writes."""
_LEFT_OUT: dict[Standing, str] = {
    "disabled": "disabled: in no answer until `glede enable` lets it back",
    "past": "past: in answers as of a date only",
}

_console = Console(highlight=False, soft_wrap=True)
_messages = Console(stderr=True, highlight=False, soft_wrap=True)


def _short(source: str) -> str:
    """A path as seen from here, if that is shorter."""
    path = Path(source)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        return str(path.relative_to(Path.cwd()))
    return source


def _safe(text: str) -> str:
    """Text of a document without the control characters that could steer a terminal."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\ufffd" for one in text)


def print_report(report: Report, *, quiet: bool) -> None:
    """What was added, and what was not and why."""
    together: dict[tuple[str, str], list[Added]] = {}
    for one in report.failed:
        if one.error is not None:
            together.setdefault((one.error.code, one.error.message), []).append(one)
    for group in together.values():
        _print_failed(group)
    if quiet:
        return
    for one in report.documents:
        for warning in one.warnings:
            _messages.print(f"warning: {_safe(_short(one.source))}: {_safe(warning)}", markup=False)
        for missing in one.partial:
            _messages.print(f"partial: {_safe(_short(one.source))}: {_safe(missing)}", markup=False)
    if report.unfinished:
        _messages.print("hint: `glede retry` completes what is partial, once what stood in the way is gone.")
    chunks = sum(
        one.chunks for one in report.documents if one.status in ("searchable", "enriched", "planned")
    )
    counts = _counts(report)
    words = ", ".join(f"{number} {status}" for status, number in counts.items()) or "nothing to add"
    _console.print(f"{words} · {counted(chunks, 'chunk')} · {report.seconds:.1f} s", markup=False)
    if report.estimate is not None:
        _print_estimate(report.estimate)


def _counts(report: Report) -> dict[str, int]:
    """How many sources have come to what."""
    found: Counter[str] = Counter()
    found.update(one.status for one in report.documents)
    if report.kept:
        found["unchanged"] += report.kept
    if report.removed:
        found["removed"] = len(report.removed)
    return found


def _print_estimate(estimate: Estimate) -> None:
    """What an `add` would come to."""
    cost = "unknown (see GLEDE_PRICES)" if estimate.cost is None else f"{estimate.cost:.4f}"
    _console.print(
        f"it would take {estimate.pages} pages, {estimate.pictures} pictures shown to a model, "
        f"{estimate.embedded_texts} texts embedded, {estimate.calls} calls of models, "
        f"about {estimate.tokens} tokens, money {cost}, {_time(estimate)}",
        markup=False,
    )


def _time(estimate: Estimate) -> str:
    """How long it would take; a wide range where nothing was added before that tells the pace."""
    if estimate.paced:
        return f"about {estimate.seconds:.0f} s"
    most = UNPACED * estimate.seconds
    return f"{estimate.seconds:.0f} to {most:.0f} s (nothing was added here yet that tells the pace)"


def _print_failed(group: Sequence[Added]) -> None:
    """Documents that failed for one reason."""
    for one in group[:FAILED_SHOWN]:
        _messages.print(f"[red]failed[/red] {escape(_safe(_short(one.source)))}")
    if len(group) > FAILED_SHOWN:
        _messages.print(f"[red]failed[/red] and {len(group) - FAILED_SHOWN} more")
    error = group[0].error
    if error is not None:
        _messages.print(f"  error[{error.code}]: {_safe(error.message)}", markup=False)
        _messages.print(f"  hint: {_safe(error.hint)}", markup=False)


def print_hits(hits: Sequence[Hit]) -> None:
    """A ranked list with the place of each hit."""
    if not hits:
        _messages.print("Nothing was found.")
    for hit in hits:
        channels = ", ".join(f"{name} {rank}" for name, rank in hit.ranks.items() if rank is not None)
        place = _place(hit.source, hit.chunk.page, hit.chunk.heading_path, hit.chunk.label_of(hit.chunk.page))
        place += f" · version of {hit.version_date[:10]}" if hit.version_date else ""
        _console.print(f"[bold]{hit.rank}.[/bold] {escape(place)} [dim]({hit.score:.3f}: {channels})[/dim]")
        _print_text(hit.chunk)
        _console.print()


def _place(source: str, page: int | None, path: Sequence[str], label: str = "") -> str:
    parts = [_short(source)]
    if page is not None:
        parts.append(f"page {page}, called {label}" if label else f"page {page}")
    if path:
        parts.append(" > ".join(path))
    return _safe(" · ".join(parts))


def _print_text(chunk: Chunk) -> None:
    """The beginning of a chunk; what a model says in it is told apart."""
    if own := chunk.own_text.strip():
        _console.print(_excerpt(own), markup=False)
    if chunk.derived_text:
        _console.print("[dim]described by a model:[/dim]", end=" ")
        _console.print(_excerpt(chunk.derived_text), markup=False)


def _excerpt(text: str) -> str:
    text = _safe(text)
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …"


def print_piece(piece: str) -> None:
    """A piece of an answer as it comes."""
    _console.print(_safe(piece), markup=False, end="", soft_wrap=True)


def print_answer(answer: Answer, *, streamed: bool = False) -> None:
    """The answer, unless it was shown as it came, and below it what each marker stands for."""
    _console.print("" if streamed else _safe(answer.text), markup=False)
    if not answer.complete:
        _messages.print("[red]The answer broke off: it is not complete.[/red]")
    if answer.citations:
        _console.print()
    for citation in answer.citations:
        _print_citation(citation)
    if answer.citations and not answer.answered:
        _messages.print("[red]None of these citations could be verified: do not rely on the answer.[/red]")
    if answer.computed is not None:
        _console.print(f"[dim]Computed by[/dim] {escape(_safe(answer.computed.sql))}")
    elif answer.answered and answer.model == "extractive":
        if any(citation.described for citation in answer.citations):
            _console.print("[dim]Quoted from the documents, and from what a model says of pictures.[/dim]")
        else:
            _console.print("[dim]Quoted from the documents; no language model wrote this.[/dim]")


def _print_citation(citation: Citation) -> None:
    place = _place(citation.source, citation.page, citation.heading_path, citation.page_label)
    if citation.row is not None:
        place += f" · row {citation.row}"
    if citation.column:
        place += _safe(f" · column {citation.column}")
    if citation.version_date:
        place += f" · version of {citation.version_date[:10]}"
    mark = citation.marker if citation.verified else f"{citation.marker}?"
    _console.print(f"[bold]\\[{mark}][/bold] {escape(place)}")
    if citation.described:
        kind = "table" if citation.modality == "table" else "picture"
        _console.print(f"    what a model says of the {kind}, no words of the document:", markup=False)
        _console.print(f"    {_safe(' '.join(citation.described.split()))}", markup=False)
    elif not citation.verified:
        _console.print("    [red]not verified: these words do not stand in the source[/red]")


def print_citation(citation: Citation, stored: str | None) -> None:
    """Where a citation stands, and its words."""
    _print_citation(citation)
    if citation.box is not None:
        left, top, right, bottom = citation.box.rounded()
        _console.print(f"    box: {left}, {top} to {right}, {bottom} points from the top left", markup=False)
    if stored:
        _console.print(f"    file: {stored}", markup=False)
    _console.print()
    _console.print(Text(_safe(citation.quote)))


def print_documents(documents: Sequence[Document]) -> None:
    """A table of documents."""
    if not documents:
        _messages.print("There are no documents yet: add some with `glede add`.", markup=False)
        return
    table = Table(box=None, pad_edge=False)
    for name in ("id", "source", "type", "pages", "chunks"):
        table.add_column(name, justify="right" if name in ("pages", "chunks") else "left", overflow="fold")
    for one in documents:
        kind = one.media_type.rsplit("/", 1)[-1]
        pages = str(one.pages or "")
        table.add_row(one.id[:8], escape(_safe(_short(one.source))), kind, pages, str(one.chunks))
    _console.print(table)


def print_document(document: Document, standing: Standing, parsed: Parsed, chunks: Sequence[Chunk]) -> None:
    """One document: what is known of it, who read its pages, and its blocks in reading order."""
    facts = {
        "id": document.id,
        "status": _LEFT_OUT.get(standing, ""),
        "sources": "\n".join(_safe(source) for source in document.sources),
        "title": _safe(document.title),
        "type": document.media_type,
        "parser": document.parser,
        "added": document.added_at,
        "pages": str(document.pages or ""),
        "chunks": str(len(chunks)),
        "metadata": ", ".join(_safe(f"{key}={value}") for key, value in document.metadata.items()),
        "partial": "\n".join(_safe(missing) for missing in document.partial),
        "warnings": "\n".join(_safe(warning) for warning in document.warnings),
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in facts.items():
        if value:
            table.add_row(name, escape(value))
    _console.print(table)
    _print_reading(parsed.pages)
    _console.print()
    for block in parsed.blocks:
        place = f"page {block.page} " if block.page is not None else ""
        _console.print(f"[dim]{place}{block.type}[/dim] {escape(_excerpt(block.text))}")


def _print_reading(pages: Sequence[Page]) -> None:
    """Who read each page, why, and how sure it is: a line for each run of pages alike."""
    lines: list[tuple[list[int], str]] = []
    for page in pages:
        if page.failed:
            said = f"missing: {page.failed}"
        elif page.parser:
            said = f"{page.parser} ({page.confidence:.2f}){': ' if page.reason else ''}{page.reason}"
        else:
            continue
        if lines and lines[-1][1] == said:
            lines[-1][0].append(page.number)
        else:
            lines.append(([page.number], said))
    for numbers, said in lines:
        shown = f"{numbers[0]}-{numbers[-1]}" if len(numbers) > 1 else str(numbers[0])
        _console.print(f"[dim]page {shown} read by[/dim] {escape(_safe(said))}")
