"""Zip archives and e-mails with attachments, opened into the documents that they hold.

Names of members are data: they name a source, and nothing is ever written. Members are listed here, by the
sizes that are declared, and unpacked when their turn comes, never to more than that.
"""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from glede.errors import DocumentError, LimitError, MalformedError, UnsupportedError
from glede.media import detect
from glede.media.types import EMAIL
from glede.sources.items import SKIPPED, Item, head, read
from glede.sources.members import Archive, Mail, Member, Shelf

ARCHIVE = "application/zip"
_HEAD = 65_536
_SMALL = 1 << 20
"""What a member may hold at any ratio: a page of blanks is no bomb."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How deep, how many, how many times larger than packed, and how much in all."""

    depth: int = 2
    members: int = 10_000
    ratio: int = 100
    total_bytes: int = 2048 * 2**20


def expanded(
    items: Iterable[Item], limits: ArchiveLimits, max_bytes: int, password: str | None = None
) -> Iterator[Item]:
    """The items with what is in archives and e-mails in place of archives, and behind e-mails.

    What stands in the way of an archive or a member is an error in its place.
    """
    shelf = Shelf(max_bytes, password)
    for item in items:
        kind = "" if item.error or item.url else _kind(item, max_bytes)
        if kind:
            yield from _Opening(limits, max_bytes, shelf).opened(item, kind, 1)
        else:
            yield item


def _kind(item: Item, max_bytes: int) -> str:
    """Which of our containers it is, told from its beginning and, of a zip, its members; else nothing."""
    try:
        start = head(item, _HEAD)
        if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return ARCHIVE if detect(read(item, max_bytes)[0]) == ARCHIVE else ""
    except (DocumentError, OSError):
        return ""  # told when it is read
    return EMAIL if detect(start, item.name or item.source) == EMAIL else ""


class _Opening:
    """One container and all within it, which share the limits."""

    def __init__(self, limits: ArchiveLimits, max_bytes: int, shelf: Shelf) -> None:
        self._limits = limits
        self._max_bytes = max_bytes
        self._shelf = shelf
        self._members = 0
        self._bytes = 0
        self._names: set[str] = set()

    def opened(self, item: Item, kind: str, depth: int) -> Iterator[Item]:
        """What it holds; an error in the place of all that follows where a limit is passed."""
        if kind == EMAIL:
            yield item
        try:
            if kind == EMAIL:
                yield from self._attachments(item, depth)
            elif depth > self._limits.depth:
                raise _limit(f"archives nest deeper than {self._limits.depth} levels", "ARCHIVE_DEPTH")
            else:
                yield from self._archive(item, depth)
        except DocumentError as error:
            # An e-mail has been given already; of an archive this is all that is said.
            source = item.source if kind == ARCHIVE else f"{item.source}/attachments"
            yield Item(source, error=error)

    def _archive(self, item: Item, depth: int) -> Iterator[Item]:
        infos = self._shelf.archive(item).infos
        if self._members + len(infos) > self._limits.members:
            raise _limit(f"it holds more than {self._limits.members:,} members", "ARCHIVE_MEMBERS")
        if sum(info.compress_size for info in infos) > self._shelf.archive(item).packed:
            raise LimitError(
                "its members lie over one another, so that it unpacks to more than it can hold",
                hint="Unpack the archive and add the files.",
            )
        numbers = [number for number, info in enumerate(infos) if _is_document(info)]
        if not numbers:
            raise MalformedError("the zip archive holds no documents")
        for number in numbers:
            self._members += 1
            source = self._name(item.source, infos[number].filename)
            try:
                self._check(infos[number])
            except _WholeArchiveError:
                raise
            except DocumentError as error:
                yield Item(source, error=error)
            else:
                member = Member(self._shelf, item, Archive, number, infos[number].file_size)
                yield from self._inner(source, member, depth)

    def _inner(self, source: str, member: Member, depth: int) -> Iterator[Item]:
        """A document, or a container within the container."""
        item = Item(source, name=PurePosixPath(source).name, inner=member)
        kind = _kind(item, self._max_bytes)
        if kind:
            yield from self.opened(item, kind, depth + 1)
        else:
            yield item

    def _check(self, info: zipfile.ZipInfo) -> None:
        """Count a member; raises where it is a link, or unpacks to more than it may."""
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsupportedError("it is a link, and those inside archives are not followed")
        if info.file_size > self._max_bytes:
            raise _limit(f"it holds more than {self._max_bytes / 2**20:g} MiB", "MAX_FILE_MB")
        if info.file_size > max(_SMALL, info.compress_size * self._limits.ratio):
            times = self._limits.ratio
            raise _limit(f"it is more than {times} times as large as it is packed", "ARCHIVE_RATIO")
        self._bytes += info.file_size
        if self._bytes > self._limits.total_bytes:
            total = self._limits.total_bytes / 2**20
            raise _WholeArchiveError(
                f"the archive holds more than {total:g} MiB", hint="Raise it with GLEDE_ARCHIVE_MB."
            )

    def _attachments(self, item: Item, depth: int) -> Iterator[Item]:
        attached = [(name, len(payload)) for name, payload in self._shelf.mail(item).attached]
        if attached and depth > self._limits.depth:
            raise _limit(f"e-mails nest deeper than {self._limits.depth} levels", "ARCHIVE_DEPTH")
        for number, (name, size) in enumerate(attached):
            self._members += 1
            self._bytes += size
            if self._members > self._limits.members:
                raise _limit(f"it holds more than {self._limits.members:,} attachments", "ARCHIVE_MEMBERS")
            if self._bytes > self._limits.total_bytes:
                raise _limit("its attachments hold too much", "ARCHIVE_MB")
            source = self._name(item.source, name)
            yield from self._inner(source, Member(self._shelf, item, Mail, number, size), depth)

    def _name(self, container: str, member: str) -> str:
        """The source of a member: below its container whatever its name says, and like no other."""
        parts = [part for part in member.replace("\\", "/").split("/") if part not in ("", ".", "..")]
        clean = "".join(char if char.isprintable() else "_" for char in "/".join(parts))[:1000]
        source = name = f"{container}/{clean or 'unnamed'}"
        count = 1
        while source in self._names:
            count += 1
            source = f"{name} ({count})"
        self._names.add(source)
        return source


class _WholeArchiveError(LimitError):
    """A limit of the whole container: nothing more of it is read."""


def _limit(message: str, setting: str) -> LimitError:
    return LimitError(message, hint=f"Raise it with GLEDE_{setting}.")


def _is_document(info: zipfile.ZipInfo) -> bool:
    """As in folders, hidden files are none."""
    parts = info.filename.replace("\\", "/").split("/")
    hidden = any(part in SKIPPED or part == "__MACOSX" for part in parts)
    return not (info.is_dir() or hidden or (parts[-1].startswith(".") and parts[-1] not in (".", "..")))
