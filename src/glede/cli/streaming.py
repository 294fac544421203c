"""`glede add - --lines`: documents from standard input as they come, each acknowledged."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING

import click

from glede.adding.runs import failed
from glede.cli.app import Shared, run
from glede.errors import MalformedError
from glede.results import Added, Report
from glede.sources.items import Content
from glede.types import MetadataValue

if TYPE_CHECKING:
    from glede.adding.enriching import Wait

WAITING = 256
"""Lines that are read ahead."""


def add_lines(options: Shared, metadata: Mapping[str, MetadataValue], parser: str | None, wait: Wait) -> None:
    """Add each line; ends with exit code 1 where some have failed."""
    acknowledging = Acknowledging(options)
    report = run(_added(options, metadata, parser, wait, acknowledging))
    if report.stopped is not None:
        click.get_current_context().exit(report.stopped.exit_code)
    if acknowledging.failed:
        click.get_current_context().exit(1)


async def _added(
    options: Shared,
    metadata: Mapping[str, MetadataValue],
    parser: str | None,
    wait: Wait,
    acknowledging: Acknowledging,
) -> Report:
    from glede.cli.opening import opened

    async with opened(options.resolved().settings) as engine:
        return await engine.add_stream(
            contents(acknowledging), acknowledging.done, metadata=metadata, parser=parser, wait=wait
        )


class Acknowledging:
    """Writes a line for each document that has ended."""

    def __init__(self, options: Shared) -> None:
        self.failed = 0
        self._lines: defaultdict[str, deque[int]] = defaultdict(deque)
        self._options = options

    def expect(self, source: str, number: int) -> None:
        """The line of that number is on its way; those of one source end in their order."""
        self._lines[source].append(number)

    def done(self, item: Added) -> None:
        """A document is searchable, or has failed."""
        waiting = self._lines[item.source]
        line = waiting.popleft() if waiting else None
        if not waiting:
            del self._lines[item.source]
        self.failed += item.status == "failed"
        if self._options.as_json:
            self._write(item, line)
        elif item.error is not None:
            click.echo(f"failed {item.source!a}: error[{item.error.code}]: {item.error.message}", err=True)
        elif not self._options.quiet:
            click.echo(f"{item.status} {item.source!a}")

    def _write(self, item: Added, line: int | None) -> None:
        from glede.cli.writing import write_line
        from glede.shapes import results as shapes

        shape: shapes.Json = {
            "line": line,
            "source": item.source,
            "id": item.id,
            "status": item.status,
            "chunks": item.chunks,
            "error": shapes.failure(item.error),
        }
        write_line(shape)


async def contents(acknowledging: Acknowledging) -> AsyncIterator[Content]:
    """The documents of standard input; a line that is none is acknowledged as failed."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    room = threading.Semaphore(WAITING)

    def read() -> None:
        for line in iter(sys.stdin.buffer.readline, b""):
            room.acquire()
            loop.call_soon_threadsafe(queue.put_nowait, line)
        loop.call_soon_threadsafe(queue.put_nowait, b"")

    # A daemon, since a read from a terminal or a pipe cannot be broken off.
    threading.Thread(target=read, name="lines", daemon=True).start()
    number = 0
    while line := await queue.get():
        number += 1
        room.release()
        if not line.strip():
            continue
        try:
            content = content_of(line)
        except MalformedError as error:
            name = f"line {number}"
            acknowledging.expect(name, number)
            acknowledging.done(failed(name, error))
        else:
            acknowledging.expect(content.source, number)
            yield content


def content_of(line: bytes) -> Content:
    """The document of a line; raises `MalformedError`."""
    hint = 'Write one document a line: {"source": "NAME", "text": "TEXT", "metadata": {"KEY": "VALUE"}}'
    try:
        found = json.loads(line)
    except ValueError as error:
        raise MalformedError(f"it is no JSON: {error}", hint=hint) from error
    if not isinstance(found, dict):
        raise MalformedError("it is no JSON object", hint=hint)
    source, text = found.get("source", found.get("id")), found.get("text")
    if not isinstance(source, str | int) or isinstance(source, bool) or not str(source).strip():
        raise MalformedError("it has no source (or id)", hint=hint)
    if not isinstance(text, str):
        raise MalformedError("it has no text", hint=hint)
    metadata = found.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(one, _VALUES) for one in metadata.values()):
        raise MalformedError("its metadata is no object of texts, numbers and truth values", hint=hint)
    return Content(text, str(source), metadata)


_VALUES = (str, int, float, bool)
