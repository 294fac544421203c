"""`glede watch`."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import click

from glede.adding.runs import failure_of
from glede.cli.app import Shared, run, shared
from glede.cli.folders import FolderSync, of_a_folder
from glede.errors import LockedError, UnavailableError, UsageError
from glede.results import Report
from glede.sources.watching import AGAIN, EVERY, LATER, SETTLE, bursts, is_to_be_tried_again


@click.command()
@of_a_folder
@click.option(
    "--every", default=EVERY, show_default=True, metavar="SECONDS", help="Look at all files so often."
)
@click.option(
    "--settle", default=SETTLE, show_default=True, metavar="SECONDS", help="Wait so long for more changes."
)
@shared
def watch(
    options: Shared,
    way: FolderSync,
    every: float,
    settle: float,
) -> None:
    """Sync a folder again and again, as files in it change, until Ctrl-C.

    The data folder is held only while there is something to do: questions can be asked meanwhile.
    """
    if not (every > 0 and settle >= 0):
        raise UsageError("--every and --settle are seconds")
    if way.folder.exists() and not way.folder.is_dir():
        raise UsageError(f"{way.folder} is no folder", hint=f"To add a file: glede add {way.folder}")
    run(_watched(options, way, every, settle))


async def _watched(options: Shared, way: FolderSync, every: float, settle: float) -> None:
    home = options.resolved().settings.home
    stop = asyncio.Event()
    changes = bursts(way.folder, home=home, settle=settle, every=every, stop=stop)
    told, missed = "", False
    while True:
        try:
            await (asyncio.sleep(LATER) if missed else anext(changes))
        except (StopAsyncIteration, asyncio.CancelledError):
            return  # Ctrl-C between two syncs: nothing is left half-done
        try:
            _tell(options, await _synced(options, way))
            told, missed = "", False
        except UnavailableError as error:  # it may come back: a drive, a server
            if error.message != told:
                click.echo(f"error[{error.code}]: {error.message}\nhint: {error.hint}", err=True)
                _tell(options, Report((), stopped=failure_of(error)))
            told, missed = error.message, is_to_be_tried_again(way.folder)


async def _synced(options: Shared, way: FolderSync) -> Report:
    """One sync: through the server that holds the data folder, or as soon as no other process does."""
    from glede.cli.opening import opened

    while True:
        try:
            async with opened(options.resolved().settings) as engine:
                return await way.run(engine)
        except LockedError:
            await asyncio.sleep(AGAIN)


def _tell(options: Shared, report: Report) -> None:
    if not (report.documents or report.removed or report.stopped):
        return
    if options.as_json:
        from glede.cli.writing import write_line
        from glede.shapes import results as shapes

        write_line(shapes.report(report))
    elif report.documents or report.removed:
        from glede.cli.pages import print_report

        print_report(replace(report, kept=0), quiet=options.quiet)
