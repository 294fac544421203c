"""`glede sync`."""

from __future__ import annotations

from contextlib import ExitStack

import click

from glede.cli.adding import end
from glede.cli.app import Shared, run, shared
from glede.cli.folders import FolderSync, of_a_folder
from glede.cli.progress import progress, watched
from glede.results import Report


@click.command()
@of_a_folder
@watched
@shared
def sync(options: Shared, way: FolderSync) -> None:
    """Add, change and remove documents to match a folder.

    Only documents from below the folder are removed. A file that is unchanged costs a look, and one that was
    renamed or moved nothing more than its hash. A folder that is empty or missing removes nothing.
    """
    end(options, run(_synced(options, way)))


async def _synced(options: Shared, way: FolderSync) -> Report:
    from glede.cli.opening import opened

    with ExitStack() as stack:
        async with opened(options.resolved().settings) as engine:
            shown = None if options.quiet else progress()
            if shown is not None:
                stack.enter_context(shown)
            return await way.run(engine, shown)
