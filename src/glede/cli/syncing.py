"""`glede sync`."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import click

from glede.cli.adding import end, key_values
from glede.cli.app import Shared, run, shared
from glede.cli.progress import progress, watched
from glede.results import Report
from glede.types import MetadataValue


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--metadata", multiple=True, metavar="KEY=VALUE", help="Kept with the documents; search filters by it."
)
@click.option("--parser", metavar="NAME", help="Use this parser instead of the one that fits the content.")
@click.option("--password", metavar="TEXT", help="Opens encrypted documents.")
@click.option("--allow-empty", is_flag=True, help="Remove all of them where the folder is empty or missing.")
@watched
@shared
def sync(
    options: Shared,
    folder: Path,
    metadata: tuple[str, ...],
    parser: str | None,
    password: str | None,
    allow_empty: bool,
) -> None:
    """Add, change and remove documents to match a folder.

    Only documents from below the folder are removed. A file that is unchanged costs a look, and one that was
    renamed or moved nothing more than its hash. A folder that is empty or missing removes nothing.
    """
    pairs = key_values(metadata, "--metadata")
    end(options, run(_synced(options, folder, pairs, parser, password, allow_empty)))


async def _synced(
    options: Shared,
    folder: Path,
    metadata: dict[str, MetadataValue],
    parser: str | None,
    password: str | None,
    allow_empty: bool,
) -> Report:
    from glede.engine import Engine

    with ExitStack() as stack:
        async with Engine.open(options.resolved().settings) as engine:
            shown = None if options.quiet else progress()
            if shown is not None:
                stack.enter_context(shown)
            return await engine.sync(
                folder,
                metadata=metadata,
                parser=parser,
                password=password,
                allow_empty=allow_empty,
                progress=shown,
            )
