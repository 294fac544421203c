"""Blobs in a folder or at any fsspec address.

On the local disk a blob is written to a temporary file in a folder for these, fsynced and renamed, so that a
key either holds all of its bytes or does not exist, whatever is unplugged.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from glede.errors import ConfigurationError, DamagedError, UnavailableError, unavailable
from glede.failpoints import reach
from glede.types import sha256_of

PARTIAL = ".partial"
"""Holds files that are being written; what a crash leaves in it is nobody's."""
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
        self._made: set[Path] = set()

    def put(self, key: str, data: bytes) -> None:
        """Store durably; a key that exists is left alone."""
        with _translated(key):
            path = self._path(key)
            reach("blobs.write")
            if self._local:
                if not os.path.exists(path):  # noqa: PTH110 - a third of the cost of a Path, three times a document
                    self._put_local(path, data)
            elif not self._files.exists(path):
                self._files.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
                self._files.pipe_file(path, data)
            reach("blobs.after")

    def _put_local(self, path: str, data: bytes) -> None:
        folder = path.rpartition("/")[0]
        self._make(Path(folder))
        self._make(Path(self._root, PARTIAL))
        temporary = f"{self._root}/{PARTIAL}/.{secrets.token_hex(8)}"
        try:
            descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb", buffering=0) as stream:
                stream.write(data)
                reach("blobs.fsync")
                os.fsync(descriptor)
            reach("blobs.rename")
            os.rename(temporary, path)  # noqa: PTH104 - as above
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108 - as above
            raise
        _sync_folder(folder)

    def tidy(self) -> None:
        """Remove what a crash has left half-written; nobody else may be writing meanwhile."""
        with _translated(PARTIAL):
            folder = Path(self._root, PARTIAL)
            for path in folder.iterdir() if self._local and folder.is_dir() else ():
                path.unlink(missing_ok=True)

    def _make(self, folder: Path) -> None:
        if folder in self._made:
            return
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
            _sync_folder(folder.parent)
        self._made.add(folder)

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


def _sync_folder(folder: Path | str) -> None:
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
