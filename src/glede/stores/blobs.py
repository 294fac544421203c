"""Blobs in a folder or at any fsspec address.

On the local disk a blob is written to a temporary file in a folder for these, fsynced and renamed, so that a
key either holds all of its bytes or does not exist, whatever is unplugged.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import fsspec
from fsspec.implementations.local import LocalFileSystem

from glede.errors import ConfigurationError, DamagedError, UnavailableError, unavailable
from glede.failpoints import reach
from glede.types import sha256_of

T = TypeVar("T")
PARTIAL = ".partial"
"""Holds files that are being written; what a crash leaves in it is nobody's."""
TOGETHER = 128
"""Files that are written side by side, each of which is open meanwhile."""
SYNCING = 16
"""Files that a disk is asked to keep at a time: it keeps those of one moment together, each by itself takes
as long."""
WRITERS = 8
"""Blobs that are on their way over a network at a time."""
_CONTENT = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"(?!.*(?:^|/)\.\.?(?:/|$))[A-Za-z0-9._-]{1,200}(?:/[A-Za-z0-9._-]{1,200}){0,7}")


class FileBlobs:
    """Blobs below an address; the local folders that it makes have mode 0700, the files 0600."""

    def __init__(self, url: str) -> None:
        try:
            self._files, root = fsspec.core.url_to_fs(url)
        except (ValueError, ImportError) as error:
            raise ConfigurationError(f"the address of the blobs cannot be used: {error}") from error
        self._root = str(root).rstrip("/")
        self._local = isinstance(self._files, LocalFileSystem)
        self._made: set[str] = set()
        self._changed: set[str] = set()

    def put(self, key: str, data: bytes) -> None:
        """Store durably; a key that exists is left alone."""
        self.put_all({key: data})

    def put_all(self, blobs: Mapping[str, bytes]) -> None:
        """Store many durably; the disk is waited for once for some of them, and not for each."""
        paths = {key: self._path(key) for key in blobs}
        if self._local:
            keys = list(paths)
            folders: set[str] = set()
            with ThreadPoolExecutor(SYNCING) as pool, _translated(PARTIAL):
                try:
                    for start in range(0, len(keys), TOGETHER):
                        part = {key: paths[key] for key in keys[start : start + TOGETHER]}
                        self._put_together(part, blobs, pool, folders)
                except BaseException:
                    if folders:  # what has its name by now is left alone by the next one that puts it
                        self._sync(folders, pool)
                    raise
                self._sync(folders, pool)
            for key in keys:
                with _translated(key):
                    reach("blobs.after")
            return
        with ThreadPoolExecutor(WRITERS) as writers:  # each waits for a network
            for _ in writers.map(self._put_away, paths.keys(), paths.values(), blobs.values()):
                pass

    def _put_away(self, key: str, path: str, data: bytes) -> None:
        with _translated(key):
            reach("blobs.write")
            if not self._files.exists(path):
                self._files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
                self._files.pipe_file(path, data)
            reach("blobs.after")

    def _put_together(
        self,
        paths: Mapping[str, str],
        blobs: Mapping[str, bytes],
        pool: ThreadPoolExecutor,
        folders: set[str],
    ) -> None:
        """Step by step for all of them: what the disk does for the first, it has then done for the others.

        Their `folders` are to be synced: many parts have files in the same ones.
        """
        partials: list[_Partial] = []
        try:
            for key, path in paths.items():
                with _translated(key):
                    reach("blobs.write")
                    if not os.path.exists(path):  # noqa: PTH110 - a third of the cost of a Path
                        partials.append(self._begun(key, path))
                        partials[-1].write(blobs[key])
            for partial in partials:
                with _translated(partial.key):
                    reach("blobs.fsync")
            _all_of(pool, _Partial.sync, partials)
            folders.update(partial.folder for partial in partials)
            for partial in partials:
                with _translated(partial.key):
                    partial.rename()
        except BaseException:
            for partial in partials:
                partial.abandon()
            raise

    def _sync(self, folders: Set[str], pool: ThreadPoolExecutor) -> None:
        """Keep the names of what was renamed into the folders, and those of folders that are new."""
        parents = frozenset(self._changed)
        _all_of(pool, _sync_folder, parents | folders)
        self._changed -= parents

    def _begun(self, key: str, path: str) -> _Partial:
        folder, waiting = path.rpartition("/")[0], f"{self._root}/{PARTIAL}"
        for one in (folder, waiting):
            if one not in self._made:
                self._make(Path(one))
        return _Partial(key, path, folder, f"{waiting}/.{secrets.token_hex(8)}")

    def tidy(self) -> None:
        """Remove what a crash has left half-written; nobody else may be writing meanwhile."""
        with _translated(PARTIAL):
            folder = Path(self._root, PARTIAL)
            for path in folder.iterdir() if self._local and folder.is_dir() else ():
                path.unlink(missing_ok=True)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            self._changed.add(str(folder.parent))
        self._made.add(str(folder))

    def get(self, key: str) -> bytes:
        """The bytes; raises `UnavailableError` where there are none.

        Where the key ends in the SHA-256 of its bytes, raises `DamagedError` for others.
        """
        with _translated(key):
            data: bytes = self._files.cat_file(self._path(key))
        name = key.rpartition("/")[2]
        if _CONTENT.fullmatch(name) and sha256_of(data) != name:
            raise DamagedError(f"the blob {key} is damaged: it does not hold what its name says")
        return data

    def exists(self, key: str) -> bool:
        """Whether the key is there."""
        with _translated(key):
            return bool(self._files.exists(self._path(key)))

    def delete(self, key: str) -> None:
        """Remove it; an unknown key is ignored."""
        with _translated(key):
            reach("blobs.delete")
            with suppress(FileNotFoundError):
                self._files.rm_file(self._path(key))
            reach("blobs.deleted")

    def keys(self, prefix: str = "") -> list[str]:
        """All keys under a prefix, sorted."""
        with _translated(prefix):
            paths: list[str] = self._files.find(self._root) if self._files.exists(self._root) else []
        keys = (str(path)[len(self._root) :].lstrip("/") for path in paths)
        return sorted(key for key in keys if key.startswith(prefix) and not Path(key).name.startswith("."))

    def _path(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is no key of a blob")
        return f"{self._root}/{key}"


class _Partial:
    """A file that is being written in the folder for these, before it is renamed."""

    def __init__(self, key: str, path: str, folder: str, temporary: str) -> None:
        self.key = key
        self.folder = folder
        self._path = path
        self._temporary = temporary
        self._descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(self._descriptor, left) :]

    def sync(self) -> None:
        with _translated(self.key):
            os.fsync(self._descriptor)
            self._close()

    def rename(self) -> None:
        reach("blobs.rename")
        os.rename(self._temporary, self._path)  # noqa: PTH104 - as above

    def abandon(self) -> None:
        with suppress(OSError):
            self._close()
        with suppress(OSError):
            os.unlink(self._temporary)  # noqa: PTH108 - as above

    def _close(self) -> None:
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


def _all_of(pool: ThreadPoolExecutor, step: Callable[[T], None], items: Iterable[T]) -> None:
    """Do it for all of them side by side; raises the first error once none is under way any more."""

    def do(part: Iterable[T]) -> None:
        for item in part:
            step(item)

    there = list(items)
    # One part for each thread: handing over every file by itself costs as much as the file.
    parts = [pool.submit(do, there[first::SYNCING]) for first in range(min(SYNCING, len(there)))]
    wait(parts)
    for one in parts:
        one.result()


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _translated(key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise UnavailableError(
            f"the blob {key} is missing",
            hint="Add its document again; `glede doctor` lists what is missing.",
        ) from error
    except OSError as error:
        raise unavailable(f"the blob {key}", error) from error
