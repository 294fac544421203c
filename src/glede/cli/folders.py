"""What `glede sync` and `glede watch` ask of a folder, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from glede.cli.adding import METADATA, PARSER, key_values
from glede.ports import Progress
from glede.results import Report
from glede.types import MetadataValue

if TYPE_CHECKING:
    from glede.engine import Engine
    from glede.server.client import Remote

Function = TypeVar("Function", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class FolderSync:
    """A folder, and how a collection is made to match it."""

    folder: Path
    metadata: dict[str, MetadataValue]
    parser: str | None
    password: str | None
    allow_empty: bool

    async def run(self, engine: Engine | Remote, progress: Progress | None = None) -> Report:
        """Sync it once; see `Engine.sync`."""
        return await engine.sync(
            self.folder,
            metadata=self.metadata,
            parser=self.parser,
            password=self.password,
            allow_empty=self.allow_empty,
            progress=progress,
        )


def of_a_folder(function: Function) -> Function:
    """Give a command DIR and how it is synced, as one argument `way`."""

    @wraps(function)
    def gathered(folder: Path, metadata: tuple[str, ...], **values: object) -> object:
        own = {name: values.pop(name) for name in ("parser", "password", "allow_empty")}
        way = FolderSync(folder, key_values(metadata, "--metadata"), **own)  # type: ignore[arg-type]
        return function(way=way, **values)

    command: Callable[..., object] = gathered
    for option in reversed(_OPTIONS):
        command = option(command)
    return command  # type: ignore[return-value]


_OPTIONS = (
    click.argument("folder", type=click.Path(path_type=Path), metavar="DIR"),
    METADATA,
    PARSER,
    click.option("--password", metavar="TEXT", help="Opens encrypted documents."),
    click.option(
        "--allow-empty", is_flag=True, help="Remove all of them where the folder is empty or missing."
    ),
)
