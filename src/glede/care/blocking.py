"""Looking after a data folder without `async`."""

from __future__ import annotations

from pathlib import Path

from glede.care import work
from glede.care.checking import Checked
from glede.care.exporting import Exported
from glede.care.rebuilding import Rebuilt, Told
from glede.completing import Run
from glede.ports import Embedder
from glede.results import Added
from glede.types import Document


class Care:
    """See `glede.care.work.Care`."""

    def __init__(self, care: work.Care, run: Run) -> None:
        self._care = care
        self._run = run

    def check(self, *, deep: bool = False) -> Checked:
        """See `glede.care.work.Care.check`."""
        return self._run(self._care.check(deep=deep))

    def rebuild(self, *, embed: bool = False, told: Told | None = None) -> Rebuilt:
        """See `glede.care.work.Care.rebuild`."""
        return self._run(self._care.rebuild(embed=embed, told=told))

    def embed_again(
        self, embedder: Embedder | None = None, *, told: Told | None = None, grace: float = 0.0
    ) -> Rebuilt:
        """See `glede.care.work.Care.embed_again`."""
        return self._run(self._care.embed_again(embedder, told=told, grace=grace))

    def disable(self, *names: str, collection: str | None = None) -> list[Document]:
        """See `glede.care.work.Care.disable`."""
        return self._run(self._care.disable(*names, collection=collection))

    def enable(self, *names: str, collection: str | None = None) -> list[Document]:
        """See `glede.care.work.Care.enable`."""
        return self._run(self._care.enable(*names, collection=collection))

    def export(self, file: str | Path, collection: str | None = None) -> Exported:
        """See `glede.care.work.Care.export`."""
        return self._run(self._care.export(file, collection))

    def take_in(self, file: str | Path, collection: str | None = None) -> tuple[Added, ...]:
        """See `glede.care.work.Care.take_in`."""
        return self._run(self._care.take_in(file, collection))
