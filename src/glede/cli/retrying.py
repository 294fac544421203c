"""`glede retry`."""

from __future__ import annotations

from contextlib import ExitStack

import click

from glede.cli.adding import end
from glede.cli.app import Shared, run, shared
from glede.cli.limits import limited
from glede.cli.progress import progress, watched
from glede.errors import UsageError
from glede.results import Report


@click.command()
@click.argument("documents", nargs=-1, metavar="[DOC ...]")
@click.option(
    "--failed", is_flag=True, help="Add again what earlier jobs have failed, or were stopped before."
)
@click.option("--password", metavar="TEXT", help="Opens encrypted documents; with --failed.")
@limited
@watched
@shared
def retry(
    options: Shared,
    documents: tuple[str, ...],
    failed: bool,
    password: str | None,
) -> None:
    """Complete what a model has failed, or what could not be read, in these documents or in all.

    They are searchable meanwhile by all that is known without it. Nothing is read again, and nothing that was
    paid for is asked for again. What stays unfinished is reported, with exit code 1.

    With --failed, sources that were not added at all are added again, and jobs that were stopped go on. What
    has failed three times is set aside, and tried only where it is named.
    """
    if password is not None and not failed:
        raise UsageError("--password goes with --failed")
    report = run(_retry(options, documents, failed, password))
    end(options, report)
    if report.unfinished:
        click.get_current_context().exit(1)


async def _retry(options: Shared, documents: tuple[str, ...], failed: bool, password: str | None) -> Report:
    from glede.cli.opening import opened

    with ExitStack() as stack:
        async with opened(options.resolved().settings) as engine:
            shown = None if options.quiet else progress()
            if shown is not None:
                stack.enter_context(shown)
            if failed:
                return await engine.jobs.retry_failed(*documents, password=password, progress=shown)
            return await engine.retry(*documents, progress=shown)
