"""Blobs in memory, in a folder and behind fsspec; what a folder promises beside the contract."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import fsspec
import pytest

from glede.errors import ConfigurationError, UnavailableError
from glede.ports import Blobs
from glede.stores.blobs import TOGETHER, FileBlobs
from glede.testing.blobs_contract import BlobsContract
from glede.testing.fakes import MemoryBlobs


class TestMemoryBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Blobs:
        return MemoryBlobs()


class TestFolderBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> Blobs:
        return FileBlobs(str(tmp_path / "päth with space" / "blobs"))


class TestFsspecBlobs(BlobsContract):
    @pytest.fixture
    def blobs(self) -> Iterator[Blobs]:
        yield FileBlobs("memory://glede/blobs")
        memory = fsspec.filesystem("memory")
        if memory.exists("/glede"):
            memory.rm("/glede", recursive=True)


def test_only_the_owner_reads(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        FileBlobs(str(tmp_path / "home" / "blobs")).put("a/b/c", b"secret")
    finally:
        os.umask(old)
    for path in (tmp_path / "home").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


@pytest.mark.parametrize("name", ["os.fsync", "os.rename"])
def test_an_interrupted_put_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    blobs.put("a/other", b"1")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(name, fail)
        with pytest.raises(UnavailableError, match="No space left") as caught:
            blobs.put("a/b", b"half")
    assert "Free some space" in caught.value.hint
    assert not blobs.exists("a/b")
    assert blobs.keys() == ["a/other"]
    assert [path.name for path in (tmp_path / "blobs" / "a").iterdir()] == ["other"]
    blobs.put("a/b", b"whole")
    assert blobs.get("a/b") == b"whole"


def test_of_many_that_are_interrupted_each_is_whole_or_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    many = {f"a/{number}": b"%d" % number * 1000 for number in range(9)}
    renamed: list[object] = []
    rename = os.rename

    def fail(source: object, target: object) -> None:
        if len(renamed) == 4:
            raise OSError(5, "Input/output error")
        rename(str(source), str(target))
        renamed.append(target)

    with monkeypatch.context() as patch:
        patch.setattr("os.rename", fail)
        with pytest.raises(UnavailableError, match="a/4"):
            blobs.put_all(many)
    assert blobs.keys() == ["a/0", "a/1", "a/2", "a/3"]
    assert list((tmp_path / "blobs" / ".partial").iterdir()) == []
    blobs.put_all(many)
    assert {key: blobs.get(key) for key in many} == many


def test_many_are_on_the_disk_before_the_first_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    blobs.put("a/0", b"0")
    done: list[str] = []
    sync, rename = os.fsync, os.rename

    def noted(step: str, function: Callable[..., None]) -> Callable[..., None]:
        def called(*arguments: object) -> None:
            done.append(step)
            function(*arguments)

        return called

    monkeypatch.setattr("os.fsync", noted("sync", sync))
    monkeypatch.setattr("os.rename", noted("rename", rename))
    blobs.put_all({"a/1": b"1", "a/2": b"2", "a/3": b"3"})
    assert done == ["sync"] * 3 + ["rename"] * 3 + ["sync"]  # at last their folder, once


def folders_among_syncs(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Grows by one for each sync from now on: whether it is of a folder."""
    found: list[bool] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        found.append(stat.S_ISDIR(os.fstat(descriptor).st_mode))
        sync(descriptor)

    monkeypatch.setattr("os.fsync", noted)
    return found


def test_a_folder_is_synced_once_however_many_come_into_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    blobs.put("a/x", b"0")
    synced = folders_among_syncs(monkeypatch)
    many = {f"a/{number}": b"%d" % number for number in range(2 * TOGETHER)}
    blobs.put_all(many)
    assert synced == [False] * len(many) + [True]


def test_what_was_named_before_an_error_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    blobs.put("a/x", b"0")
    folders, rename = folders_among_syncs(monkeypatch), os.rename

    def fail_second(source: str, target: str) -> None:
        if target.endswith("/2"):
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr("os.rename", fail_second)
    with pytest.raises(UnavailableError, match="Input/output error"):
        blobs.put_all({"a/1": b"1", "a/2": b"2"})
    assert blobs.exists("a/1")  # and the next one that puts it leaves it alone
    assert folders == [False, False, True]


def test_the_disk_is_asked_to_keep_many_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    blobs.put_all({f"{folder}/0": b"0" for folder in "abcd"})
    together = threading.Barrier(4, timeout=30)
    sync = os.fsync

    def waiting(descriptor: int) -> None:
        together.wait()  # raises where fewer than four come
        sync(descriptor)

    monkeypatch.setattr("os.fsync", waiting)
    blobs.put_all({f"{folder}/1": b"1" for folder in "abcd"})
    assert len(blobs.keys()) == 8


def test_one_that_the_disk_refuses_leaves_none_of_those_beside_it_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))
    both = threading.Barrier(2, timeout=30)
    ended: list[int] = []
    sync = os.fsync

    def fail_once(descriptor: int) -> None:
        if both.wait() == 0:
            raise OSError(5, "Input/output error")
        time.sleep(0.1)
        sync(descriptor)  # fails where the other one's error has closed it meanwhile
        ended.append(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", fail_once)
        with pytest.raises(UnavailableError, match="Input/output error"):
            blobs.put_all({"a/1": b"1", "a/2": b"2"})
    assert len(ended) == 1
    assert blobs.keys() == []
    assert list((tmp_path / "blobs" / ".partial").iterdir()) == []


def test_a_put_that_is_broken_off_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs = FileBlobs(str(tmp_path / "blobs"))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("os.rename", die)
        with pytest.raises(KeyboardInterrupt):
            blobs.put("a/b", b"half")
    assert not blobs.exists("a/b")
    assert blobs.keys() == []
    assert list((tmp_path / "blobs" / "a").iterdir()) == []


def test_keeps_writing_after_its_folder_was_removed_empty(tmp_path: Path) -> None:
    first = FileBlobs(str(tmp_path / "blobs"))
    first.put("a/b", b"1")
    again = FileBlobs(str(tmp_path / "blobs"))
    assert again.get("a/b") == b"1"
    again.delete("a/b")
    first.put("a/c", b"2")
    assert again.keys() == ["a/c"]


def test_an_address_that_means_nothing_is_a_configuration_error() -> None:
    with pytest.raises(ConfigurationError):
        FileBlobs("nosuchscheme://bucket/blobs")
