"""Looking after a data folder, and after its past, without `async`."""

from __future__ import annotations

from pathlib import Path

from glede.care import work
from glede.care.checking import Checked
from glede.care.exporting import Exported
from glede.care.rebuilding import Rebuilt, Told
from glede.completing import Run
from glede.doors import past
from glede.ports import Embedder
from glede.results import Added, Version
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


class PastWork:
    """See `glede.doors.past.PastWork`."""

    def __init__(self, work: past.PastWork, run: Run) -> None:
        self._work = work
        self._run = run

    def versions(self, name: str, collection: str | None = None) -> list[Version]:
        """See `glede.doors.past.PastView.versions`."""
        return self._run(self._work.versions(name, collection))

    def documents(self, as_of: str, collection: str | None = None) -> list[Document]:
        """See `glede.doors.past.PastView.documents`."""
        return self._run(self._work.documents(as_of, collection))

    def purge(self, before: str, collection: str | None = None) -> int:
        """See `glede.doors.past.PastWork.purge`."""
        return self._run(self._work.purge(before, collection))
