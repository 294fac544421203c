"""`glede jobs`: what was added when, what has failed of it, and going on with what was stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click

from glede.cli.app import Shared, run, shared
from glede.cli.limits import limited
from glede.cli.progress import progress, watched
from glede.errors import UsageError
from glede.results import Report

if TYPE_CHECKING:
    from glede.doors.library import Library
    from glede.jobs import Job, JobItem

SHOWN = 20


@click.command()
@click.argument("arguments", nargs=-1, metavar="[ID | pause ID | cancel ID | resume ID]")
@click.option("-n", "limit", default=SHOWN, show_default=True, metavar="N", help="How many to list.")
@click.option("--password", metavar="TEXT", help="Opens encrypted documents; with resume.")
@limited
@watched
@shared
def jobs(
    options: Shared,
    arguments: tuple[str, ...],
    limit: int,
    password: str | None,
) -> None:
    """List the latest jobs, show the items of one that have failed, stop one, or go on with it.

    Every `add`, `sync` and `retry` is a job. Pausing lets it end what it is at, cancelling breaks that off,
    in whatever process it runs; what is acknowledged is kept. Going on costs a look at what is done, and pays
    for nothing twice. A budget that it began with holds for all of its runs, until another is named.
    """
    if arguments[:1] == ("resume",):
        _resume(options, arguments[1:], password)
    elif arguments[:1] in (("pause",), ("cancel",)):
        _stop(options, arguments[0], arguments[1:])
    elif len(arguments) > 1:
        raise UsageError("there is one job at a time to be shown", hint="glede jobs 7")
    else:
        _show(options, [_number(one) for one in arguments], limit)


def _show(options: Shared, numbers: Sequence[int], limit: int) -> None:
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes import jobs as shapes

    with Library.look(options.resolved().settings) as library:
        found, items = asyncio.run(_looked(library, numbers, limit))
    if options.as_json:
        write_json({"jobs": [shapes.job(one) for one in found], "items": [shapes.item(one) for one in items]})
        return
    if not found:
        click.echo("Nothing has been added yet.", err=True)
    for job in found:
        click.echo(_line(job))
    for item in items:
        click.echo(
            f"  {item.state.replace('_', ' ')} (tries: {item.tries}) {_plain(item.source)}\n"
            f"    {item.error.code}: {_plain(item.error.message)}"
        )


async def _looked(
    library: Library, numbers: Sequence[int], limit: int
) -> tuple[list[Job], Sequence[JobItem]]:
    """The jobs, and of one that is named its items in doubt; without a name, all of the collection."""
    if numbers:
        return [await library.jobs.show(numbers[0])], await library.jobs.items(numbers[0])
    return await library.jobs.latest(limit), await library.jobs.items()


def _stop(options: Shared, how: str, numbers: Sequence[str]) -> None:
    from glede.cli.writing import write_json
    from glede.doors.library import Library
    from glede.shapes import jobs as shapes

    if len(numbers) != 1:
        raise UsageError(f"say which job to {how}", hint=f"glede jobs {how} 7; `glede jobs` lists them.")
    with Library.look(options.resolved().settings) as library:
        stopping = library.jobs.pause if how == "pause" else library.jobs.stop
        job = asyncio.run(stopping(_number(numbers[0])))
    if options.as_json:
        write_json({"jobs": [shapes.job(job)], "items": []})
    elif not options.quiet:
        click.echo(f"job {job.id} is {job.state}; go on: glede jobs resume {job.id}")


def _resume(options: Shared, numbers: Sequence[str], password: str | None) -> None:
    from glede.cli.adding import end

    if len(numbers) != 1:
        raise UsageError("say which job is to go on", hint="glede jobs resume 7; `glede jobs` lists them.")
    end(options, run(_resumed(options, _number(numbers[0]), password)))


async def _resumed(options: Shared, number: int, password: str | None) -> Report:
    from glede.engine import Engine

    with ExitStack() as stack:
        async with Engine.open(options.resolved().settings) as engine:
            shown = None if options.quiet else progress()
            if shown is not None:
                stack.enter_context(shown)
            return await engine.jobs.resume(number, password=password, progress=shown)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise UsageError(f"{text[:80]!r} is no number of a job", hint="`glede jobs` lists them.")
    return int(text)


def _line(job: Job) -> str:
    from glede.shapes.jobs import time

    counts = job.counts
    told = [
        f"{number} {what}"
        for number, what in (
            (counts.searchable, "searchable"),
            (counts.unchanged, "unchanged"),
            (counts.failed, "failed"),
            (counts.removed, "removed"),
        )
        if number
    ]
    names = [_plain(name) for name in (*job.asked.things, *job.asked.contents)]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    why = f" [{job.error.code}]" if job.error else ""
    told_of = ", ".join(told) or "nothing yet"
    return (
        f"{job.id}  {time(job.started)}  {job.asked.kind}  {job.state}{why}  {told_of}  "
        f"{', '.join(names[:2])}{more}"
    )


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
