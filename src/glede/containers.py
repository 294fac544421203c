"""Zip archives and e-mails with attachments, opened into the documents that they hold.

Names of members are data: they name a source, and nothing is ever written. Sizes in the directory of an
archive may lie, so what is read is counted as it is decompressed.
"""

from __future__ import annotations

import io
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.policy import compat32
from pathlib import PurePosixPath

from glede.errors import DocumentError, LimitError, MalformedError, PasswordError, UnsupportedError
from glede.media import detect
from glede.media_types import EMAIL
from glede.messages import taken_apart
from glede.sources import SKIPPED, Item, head, read

ARCHIVE = "application/zip"
_HEAD = 65_536
_PIECE = 1 << 20
_SMALL = 1 << 20
"""What a member may hold at any ratio: a page of blanks is no bomb."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How deep, how many, how many times larger than packed, and how much in all."""

    depth: int = 2
    members: int = 10_000
    ratio: int = 100
    total_bytes: int = 2048 * 2**20


def expanded(items: Iterable[Item], limits: ArchiveLimits, max_bytes: int) -> Iterator[Item]:
    """The items with what is in archives and e-mails in place of archives, and behind e-mails.

    What stands in the way of an archive or a member is an error in its place.
    """
    for item in items:
        kind = "" if item.error or item.url else _kind(item, max_bytes)
        if kind:
            yield from _Opening(limits, max_bytes).opened(item, kind, 1)
        else:
            yield item


def _kind(item: Item, max_bytes: int) -> str:
    """Which of our containers it is, told from its beginning and, of a zip, its members; else nothing."""
    try:
        start = item.content[:_HEAD] if item.content is not None else _begins(item)
        if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return ARCHIVE if detect(read(item, max_bytes)[0]) == ARCHIVE else ""
    except (DocumentError, OSError):
        return ""  # told when it is read
    return EMAIL if detect(start, item.name or item.source) == EMAIL else ""


def _begins(item: Item) -> bytes:
    return b"" if item.path is None else head(item.path, _HEAD)


class _Opening:
    """One container and all within it, which share the limits."""

    def __init__(self, limits: ArchiveLimits, max_bytes: int) -> None:
        self._limits = limits
        self._max_bytes = max_bytes
        self._members = 0
        self._bytes = 0
        self._names: set[str] = set()

    def opened(self, item: Item, kind: str, depth: int) -> Iterator[Item]:
        """What it holds; an error in the place of all that follows where a limit is passed."""
        try:
            data, _ = read(item, self._max_bytes)
            if kind == EMAIL:
                yield Item(item.source, content=data, name=item.name)
                yield from self._attachments(item, data, depth)
            elif depth > self._limits.depth:
                raise _limit(f"archives nest deeper than {self._limits.depth} levels", "ARCHIVE_DEPTH")
            else:
                yield from self._archive(item, data, depth)
        except DocumentError as error:
            # An e-mail has been given already; of an archive this is all that is said.
            source = item.source if kind == ARCHIVE else f"{item.source}/attachments"
            yield Item(source, error=error)

    def _archive(self, item: Item, data: bytes, depth: int) -> Iterator[Item]:
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise MalformedError("the zip archive is damaged") from error
        with archive:
            infos = [info for info in archive.infolist() if _is_document(info)]
            if self._members + len(archive.infolist()) > self._limits.members:
                raise _limit(f"it holds more than {self._limits.members:,} members", "ARCHIVE_MEMBERS")
            if sum(info.compress_size for info in archive.infolist()) > len(data):
                raise LimitError(
                    "its members lie over one another, so that it unpacks to more than it can hold",
                    hint="Unpack the archive and add the files.",
                )
            if not infos:
                raise MalformedError("the zip archive holds no documents")
            for info in infos:
                yield from self._member(self._name(item.source, info.filename), archive, info, depth)

    def _member(
        self, source: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo, depth: int
    ) -> Iterator[Item]:
        self._members += 1
        try:
            data = self._unpacked(archive, info)
        except _WholeArchiveError:
            raise
        except DocumentError as error:
            yield Item(source, error=error)
            return
        yield from self._inner(Item(source, content=data, name=PurePosixPath(source).name), depth)

    def _inner(self, item: Item, depth: int) -> Iterator[Item]:
        """A document, or a container within the container."""
        kind = _kind(item, self._max_bytes)
        if kind:
            yield from self.opened(item, kind, depth + 1)
        else:
            yield item

    def _unpacked(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
        if stat.S_ISLNK(info.external_attr >> 16):
            raise UnsupportedError("it is a link, and those inside archives are not followed")
        if info.flag_bits & 0x1:
            raise PasswordError("it is encrypted", hint="Unpack the archive and add the files.")
        ratio = max(_SMALL, info.compress_size * self._limits.ratio)
        most = min(self._max_bytes, ratio, self._limits.total_bytes - self._bytes)
        pieces: list[bytes] = []
        try:
            _read_at_most(archive, info, most, pieces)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
            raise MalformedError("it is damaged inside the archive") from error
        except (NotImplementedError, RuntimeError) as error:
            raise UnsupportedError("it is packed in a way that cannot be read") from error
        finally:
            self._bytes += sum(map(len, pieces))  # what turns out to be damaged took as long to unpack
        data = b"".join(pieces)
        if len(data) > most:
            raise self._too_large(most, ratio)
        return data

    def _too_large(self, most: int, ratio: int) -> DocumentError:
        if most == self._max_bytes:
            return _limit(f"it holds more than {most / 2**20:g} MiB", "MAX_FILE_MB")
        if most == ratio:
            times = self._limits.ratio
            return _limit(f"it is more than {times} times as large as it is packed", "ARCHIVE_RATIO")
        total = self._limits.total_bytes / 2**20
        return _WholeArchiveError(
            f"the archive holds more than {total:g} MiB", hint="Raise it with GLEDE_ARCHIVE_MB."
        )

    def _attachments(self, item: Item, data: bytes, depth: int) -> Iterator[Item]:
        message = taken_apart(data)
        try:
            attached = list(_attached(message, 0))
        except (MessageError, ValueError, LookupError, RecursionError) as error:
            raise MalformedError("the e-mail is damaged: its parts cannot be told apart") from error
        if attached and depth > self._limits.depth:
            raise _limit(f"e-mails nest deeper than {self._limits.depth} levels", "ARCHIVE_DEPTH")
        for name, payload in attached:
            self._members += 1
            self._bytes += len(payload)
            if self._members > self._limits.members:
                raise _limit(f"it holds more than {self._limits.members:,} attachments", "ARCHIVE_MEMBERS")
            if self._bytes > self._limits.total_bytes:
                raise _limit("its attachments hold too much", "ARCHIVE_MB")
            source = self._name(item.source, name)
            yield from self._inner(Item(source, content=payload, name=PurePosixPath(source).name), depth)

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


def _read_at_most(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int, pieces: list[bytes]) -> None:
    """Add the pieces of the member, or a little more than `most` of it."""
    left = most + 1
    with archive.open(info) as stream:
        while left > 0 and (piece := stream.read(min(left, _PIECE))):
            pieces.append(piece)
            left -= len(piece)


def _attached(message: Message[str, str], depth: int) -> Iterator[tuple[str, bytes]]:
    """Names and contents of what is attached, messages among them; not the text itself."""
    if depth > 50:
        raise LimitError("the parts of the e-mail nest deeper than 50 levels")
    if message.get_content_type() == "message/rfc822" and depth:
        for inner in message.get_payload():
            if isinstance(inner, Message):
                yield message.get_filename() or "message.eml", inner.as_bytes(policy=compat32)
    elif message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _attached(part, depth + 1)
    elif depth and _is_attachment(message):
        payload = message.get_payload(decode=True)
        if isinstance(payload, bytes) and payload:
            name = message.get_filename() or f"part.{message.get_content_subtype()}"
            yield name.encode("utf-8", "replace").decode(), payload


def _is_attachment(part: Message[str, str]) -> bool:
    if part.get_content_disposition() == "attachment":
        return True
    return part.get_content_maintype() != "text" or part.get_filename() is not None
