"""Finds what is to be added: files, folders, addresses and content in hand, each read with its limits.

Links are followed to files below the folder that was named, never out of it and never to a folder, so
that a folder that contains itself ends.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from glede.errors import DocumentError, LimitError, UnreadableError
from glede.ports import Fetched
from glede.types import MetadataValue

READS = 3
"""How often a file is read that changes meanwhile, before it is refused."""
SKIPPED = frozenset({"__pycache__", "node_modules"})
"""Folders that hold no documents; names that begin with a dot are skipped as well."""


_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_CLAIMED = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md", "text/csv": ".csv",
    "text/tab-separated-values": ".tsv", "application/json": ".json", "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}  # fmt: skip
"""Media types of which only a name can tell content apart; a server's word counts as one."""


@dataclass(frozen=True, slots=True)
class Content:
    """A document in hand: its bytes (text is stored as UTF-8) and the name to cite it by.

    Its own `metadata` comes before what is said for all.
    """

    data: bytes | str
    source: str
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The bytes."""
        return self.data.encode("utf-8", "replace") if isinstance(self.data, str) else self.data


class Inner(Protocol):
    """A document that lies in another one."""

    def load(self, most: int | None = None) -> bytes:
        """The document, or as much of its beginning; raises a `DocumentError`."""
        ...


@dataclass(frozen=True, slots=True)
class Item:
    """One source to add: a file, an address, content in hand or within, or what stands in the way of reading.

    `name` is a file's name for what has none, and only ever a hint.
    """

    source: str
    path: Path | None = None
    content: bytes | None = None
    error: DocumentError | None = None
    url: str | None = None
    name: str = ""
    inner: Inner | None = None
    metadata: Mapping[str, MetadataValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """Documents that are kept, under an id, until their job has ended with them."""

    id: str
    items: tuple[Item, ...]

    def only(self, sources: Container[str]) -> Upload:
        """The same, but only some of its documents."""
        return Upload(self.id, tuple(item for item in self.items if item.source in sources))


Thing = str | Path | Content | Item | Upload
"""What can be added."""


def items_of(things: Iterable[Thing]) -> Iterator[Item]:
    """The items of files, folders (in the order of their names, to any depth) and contents, each once."""
    seen: set[str] = set()
    for thing in things:
        for item in map(_named, _items(thing)):
            if item.source not in seen:
                seen.add(item.source)
                yield item


def _named(item: Item) -> Item:
    """The item, or an error in its place where its name cannot be written as text."""
    try:
        item.source.encode()
    except UnicodeEncodeError:
        raw = item.source.encode("utf-8", "surrogatepass")  # halves of pairs stand for bytes, or for nothing
        if all("\udc80" <= char <= "\udcff" for char in item.source if "\ud800" <= char <= "\udfff"):
            raw = os.fsencode(item.source)
        readable = raw.decode("utf-8", "backslashreplace")
        error = UnreadableError("its name is not UTF-8", hint="Rename the file.")
        return Item(readable, error=error)
    return item


def _items(thing: Thing) -> Iterator[Item]:
    if isinstance(thing, Item):
        yield thing
        return
    if isinstance(thing, Upload):
        yield from thing.items
        return
    if isinstance(thing, Content):
        yield Item(thing.source, content=thing.encoded(), metadata=thing.metadata)
        return
    text = str(thing)
    if is_address(text):
        yield Item(_without_user(text), url=text)
        return
    path = Path(os.path.abspath(Path(text).expanduser()))  # noqa: PTH100 - resolve() would follow links
    if path.is_dir():
        yield from _folder(path, path.resolve())
    else:
        yield Item(str(path), path=path)


def is_address(text: str) -> bool:
    """Whether that is fetched, as far as it may be, and is not the path of a file."""
    return _ADDRESS.match(text) is not None


def thing_name(thing: str | Path) -> str:
    """What is to be added, as it can be named from any folder."""
    text = str(thing)
    if is_address(text):
        return _without_user(text)
    return os.path.abspath(Path(text).expanduser())  # noqa: PTH100 - as in `_items`


def _without_user(address: str) -> str:
    """An address as it may be shown; with a user in it, it is going to be refused."""
    return re.sub(r"(?<=://)[^/?#]*@", "********@", address, count=1)


def fetched(item: Item, page: Fetched) -> Item:
    """The item of an address with what was fetched from it."""
    path = PurePosixPath(re.sub(r"[?#].*", "", _ADDRESS.sub("", item.source, count=1), flags=re.DOTALL))
    name = path.name if len(path.parts) > 1 else "page"
    suffix = _CLAIMED.get(page.media_type.partition(";")[0].strip().lower(), "")
    name = name if name.endswith(suffix) else f"{name}{suffix}"
    return Item(item.source, content=page.data, name=name)


def _folder(folder: Path, root: Path) -> Iterator[Item]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield Item(str(folder), error=_unreadable(error))
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in SKIPPED:
            continue
        path = Path(entry.path)
        if entry.is_symlink():
            yield from _link(path, root)
        elif entry.is_dir():
            if not _is_ours(path):
                yield from _folder(path, root)
        else:
            yield Item(str(path), path=path)


def _is_ours(folder: Path) -> bool:
    """Whether it is a data folder of Glede, or one of Milvus Lite, and no document."""
    return (folder / "catalogue.db").is_file() or (folder.suffix == ".db" and (folder / "LOCK").is_file())


def _link(path: Path, root: Path) -> Iterator[Item]:
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        yield Item(str(path), error=UnreadableError("it is a link to nothing, or to itself"))
        return
    if target.is_dir():
        what = (
            "is a link that leads back to a folder above it"
            if _above(target, path)
            else "is a link to a folder"
        )
        error = UnreadableError(
            f"it {what}", hint="Links to folders are not followed: name the folder itself."
        )
        yield Item(str(path), error=error)
    elif not target.is_relative_to(root):
        hint = "Links out of the folder are not followed: name the file itself."
        yield Item(str(path), error=UnreadableError("it is a link out of the folder", hint=hint))
    else:
        yield Item(str(path), path=path)


def _above(target: Path, path: Path) -> bool:
    return path.parent.resolve().is_relative_to(target)


def _unreadable(error: OSError) -> UnreadableError:
    if isinstance(error, FileNotFoundError):
        return UnreadableError("the file does not exist")
    if isinstance(error, PermissionError):
        return UnreadableError(
            "the file may not be read", hint="Change its permissions, or run as its owner."
        )
    return UnreadableError(f"the file cannot be read: {error.strerror or error}")


def read(item: Item, max_bytes: int) -> tuple[bytes, float]:
    """The bytes and the time of last change; raises a `DocumentError` of what stands in the way."""
    if item.error is not None:
        raise item.error
    content = item.content if item.inner is None else item.inner.load()
    if content is not None:
        _check_size(len(content), max_bytes)
        return content, 0.0
    if item.path is None:
        raise UnreadableError("it has no content")
    try:
        return _read_file(item.path, max_bytes)
    except OSError as error:
        raise _unreadable(error) from error


def head(item: Item, size: int) -> bytes:
    """How it begins; nothing where it is no file, or one of the system's that are made as they are read."""
    if item.inner is not None:
        return item.inner.load(size)
    if item.content is not None or item.path is None:
        return (item.content or b"")[:size]
    with _opened(item.path) as stream:
        status = os.fstat(stream.fileno())
        return stream.read(size) if stat.S_ISREG(status.st_mode) and status.st_size else b""


def _opened(path: Path) -> BinaryIO:
    # O_NONBLOCK: a named pipe would otherwise keep the call waiting before it can be told from a file.
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb")


def _read_file(path: Path, max_bytes: int) -> tuple[bytes, float]:
    for _ in range(READS):
        with _opened(path) as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UnreadableError("it is not a regular file")
            _check_size(status.st_size, max_bytes)
            data = stream.read(max_bytes + 1)
            after = os.fstat(stream.fileno())
        _check_size(len(data), max_bytes)
        if (after.st_mtime_ns, after.st_size) == (status.st_mtime_ns, status.st_size):
            return data, status.st_mtime
    raise UnreadableError("it changes while it is read", hint="Add it again when it has been written.")


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise LimitError(
            f"it holds {size / 2**20:.1f} MiB; the limit is {max_bytes / 2**20:g} MiB",
            hint="Raise it with GLEDE_MAX_FILE_MB.",
        )
    if size == 0:
        raise UnreadableError("it is empty", hint="There is nothing in it to add.")
