"""Folders that cannot be written, files that change or go, no locks, clocks that jump, models that change."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pytest

from glede import Content, Engine, Settings
from glede.errors import ConfigurationError, ModelMismatchError
from glede.ports import Vectors
from glede.results import Added
from glede.sources import items as sources
from glede.testing.fakes import FakeEmbedder
from tests.cli.running import GLEDE, environment
from tests.promises.agreement import disagreements

READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'


@pytest.mark.parametrize("command", [("add", "docs"), ("search", "kite"), ("rm", "kite.md")])
def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "kite.md").write_text("Kites soar.")
    (tmp_path / "data").mkdir()
    within = ["unshare", "-rm", "sh", "-c", READ_ONLY, str(tmp_path / "data")]
    if shutil.which("unshare") is None or subprocess.run([*within, "true"], check=False).returncode:
        pytest.skip("nothing can be mounted here without root")
    done = subprocess.run(
        [*within, GLEDE, *command],
        cwd=tmp_path,
        env=environment(tmp_path),
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 3, done.stderr
    assert done.stderr.startswith("error[configuration]: ")
    assert "--home" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
async def test_a_file_system_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def missing(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", missing)
        with pytest.raises(ConfigurationError, match="cannot be locked") as caught:
            async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()):
                pass
    assert "local disk" in caught.value.hint
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        assert await engine.documents() == []  # nothing was left that locks it


class Growing(io.BufferedReader):
    """A file that somebody else goes on writing, so many times, whenever it is read."""

    path: Path
    times = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if Growing.times:
            Growing.times -= 1
            with self.path.open("ab") as stream:
                stream.write(b" And on.")
        return data


@pytest.mark.parametrize(("times", "whole"), [(1, True), (2, True), (100, False)])
async def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, whole: bool
) -> None:
    path = tmp_path / "log.txt"
    path.write_text("Kites soar.")
    (tmp_path / "still.txt").write_text("Buzzards sit.")

    def opened(which: Path) -> BinaryIO:
        if which != path:
            return which.open("rb")
        stream = Growing(io.FileIO(which))
        stream.path = which
        return stream

    monkeypatch.setattr(sources, "_opened", opened)
    monkeypatch.setattr(Growing, "times", times)
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        report = await engine.add(path, tmp_path / "still.txt")
        log, still = report.documents
        assert still.status == "searchable"
        if whole:
            assert log.status == "searchable"
            (hit,) = await engine.search("soar", limit=1)
            assert hit.chunk.text == path.read_text()
        else:
            assert log.error is not None
            assert (log.error.code, "changes while it is read" in log.error.message) == ("unreadable", True)
            assert log.error.hint


class Deleting:
    """Deletes a file as soon as it is known that it is to be added."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def start(self, total: int) -> None:
        self._path.unlink(missing_ok=True)

    def stage(self, name: str, source: str) -> None:
        """See `glede.ports.Progress`."""

    def done(self, item: Added) -> None:
        """See `glede.ports.Progress`."""


async def test_a_file_that_is_deleted_in_between(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (folder / name).write_text(f"The bird {name}.")
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder, progress=Deleting(folder / "b.txt"))
        (gone,) = report.failed
        assert gone.error is not None
        assert (Path(gone.source).name, gone.error.code) == ("b.txt", "unreadable")
        assert len(await engine.documents()) == 2


@pytest.mark.parametrize("jump", [-(10**9), 10**9])
async def test_a_clock_that_jumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: int) -> None:
    real = time.time
    path = tmp_path / "a.txt"
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        path.write_text("The bird sings at noon.")
        await engine.add(path)
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        path.write_text("The bird sleeps at noon.")
        os.utime(path, (real() + jump, real() + jump))
        (changed,) = (await engine.add(path)).documents
        assert changed.status == "searchable"
        (hit,) = await engine.search("noon")
        assert "sleeps" in hit.chunk.text
        monkeypatch.undo()
        await engine.add(Content("Another bird at noon.", "b.txt"))
        await engine.delete(str(path))
        (left,) = await engine.search("noon")
        assert left.source == "b.txt"
        assert disagreements(engine) == []


class Fickle(FakeEmbedder):
    """From the second call on it gives vectors of half the length; says so itself where `honest`."""

    def __init__(self, honest: bool) -> None:
        super().__init__()
        self.honest = honest

    async def embed(self, texts: Sequence[str]) -> Vectors:
        rows = await super().embed(texts)
        if self.calls == 1:
            return rows
        if self.honest:
            self.dimension = 32
        return rows[:, :32]


@pytest.mark.parametrize("honest", [False, True])
async def test_a_model_that_starts_to_give_other_dimensions(tmp_path: Path, honest: bool) -> None:
    settings = Settings(home=tmp_path / "data")
    async with Engine.open(settings, embedder=Fickle(honest)) as engine:
        await engine.add(Content("The first bird sings.", "first.txt"))
        report = await engine.add(Content("The second bird sings.", "second.txt"))
        (second,) = report.failed
        assert second.error is not None
        assert second.error.code == "dimension"
        assert second.error.hint
        if honest:
            with pytest.raises(ModelMismatchError):
                await engine.add(Content("The third bird sings.", "third.txt"))
        assert [one.source for one in await engine.documents()] == ["first.txt"]
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        assert disagreements(engine) == []
        await engine.add(Content("The second bird sings.", "second.txt"))
        assert {hit.source for hit in await engine.search("bird")} == {"first.txt", "second.txt"}
