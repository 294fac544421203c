"""What lies in zip archives and e-mails: listed at first, and unpacked when its turn comes.

Of all containers only those that were opened last are kept in memory, and of their members none.
"""

from __future__ import annotations

import io
import lzma
import threading
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.policy import compat32

from glede.errors import LimitError, MalformedError, PasswordError, UnreadableError, UnsupportedError
from glede.sources.items import Item, read
from glede.sources.messages import taken_apart

OPEN = 2
"""Containers that are kept in memory: one, and the one that it lies in."""
MOST_ENCRYPTED = 16 * 2**20
"""Bytes of an encrypted member: a second is needed for each million of them."""
_UNPACK = "Unpack the archive and add the files."
_ENCRYPTED, _STRONGLY = 0x1, 0x40
_AES = 99
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Of the others, `zipfile` unpacks as much at once as there is."""


class Archive:
    """A zip archive; raises `MalformedError` where it is none."""

    def __init__(self, data: bytes, password: str | None) -> None:
        self._password = None if password is None else password.encode(errors="surrogateescape")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise MalformedError("the zip archive is damaged") from error
        self.infos: Sequence[zipfile.ZipInfo] = self._zip.infolist()
        self.packed = len(data)

    def size(self, number: int) -> int:
        """The bytes of a member as the archive declares them, beyond which `zipfile` unpacks nothing."""
        return self.infos[number].file_size if number < len(self.infos) else 0

    def read(self, number: int, most: int | None = None) -> bytes:
        """Unpack the member, or the beginning of it."""
        info = self.infos[number]
        _check_way(info, self._password)
        encrypted = bool(info.flag_bits & _ENCRYPTED)
        try:
            with self._zip.open(info, pwd=self._password) as stream:
                return stream.read() if most is None else stream.read(most)
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError) as error:
            if encrypted:
                raise PasswordError("the password is wrong, or it is damaged inside the archive") from error
            raise MalformedError("it is damaged inside the archive") from error
        except NotImplementedError as error:
            raise UnsupportedError("it is packed in a way that cannot be read", hint=_UNPACK) from error
        except RuntimeError as error:
            raise PasswordError("the password is wrong") from error


def _check_way(info: zipfile.ZipInfo, password: bytes | None) -> None:
    """Raises a `DocumentError` of what is not unpacked: other ways to pack and to encrypt, or no password."""
    if info.compress_type == _AES or info.flag_bits & _STRONGLY:
        raise UnsupportedError("it is encrypted in a way that cannot be read (AES)", hint=_UNPACK)
    if info.compress_type not in _METHODS:
        raise UnsupportedError("it is packed in a way that cannot be read", hint=_UNPACK)
    if info.flag_bits & _ENCRYPTED:
        if password is None:
            raise PasswordError("it is encrypted")
        if info.compress_size > MOST_ENCRYPTED:
            limit = f"more than {MOST_ENCRYPTED // 2**20} MiB"
            raise LimitError(f"it is encrypted and holds {limit}, which takes too long", hint=_UNPACK)


class Mail:
    """What is attached to an e-mail."""

    def __init__(self, data: bytes) -> None:
        message = taken_apart(data)
        try:
            self.attached: Sequence[tuple[str, bytes]] = list(_attached(message, 0))
        except (MessageError, ValueError, LookupError, RecursionError) as error:
            raise MalformedError("the e-mail is damaged: its parts cannot be told apart") from error

    def size(self, number: int) -> int:
        """The bytes of an attachment."""
        return len(self.attached[number][1]) if number < len(self.attached) else 0

    def read(self, number: int, most: int | None = None) -> bytes:
        """An attachment, or the beginning of it."""
        return self.attached[number][1][:most]


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


class Shelf:
    """Opens containers, and keeps the last of them: who reads members in their order has each opened once."""

    def __init__(self, max_bytes: int, password: str | None = None) -> None:
        self._max_bytes = max_bytes
        self._password = password
        self._kept: OrderedDict[str, Archive | Mail] = OrderedDict()
        self._lock = threading.RLock()

    def archive(self, item: Item) -> Archive:
        """The archive that the item is."""
        with self._lock:
            kept = self._kept.get(item.source)
            archive = kept if isinstance(kept, Archive) else Archive(self._data(item), self._password)
            self._keep(item.source, archive)
        return archive

    def mail(self, item: Item) -> Mail:
        """The e-mail that the item is."""
        with self._lock:
            kept = self._kept.get(item.source)
            mail = kept if isinstance(kept, Mail) else Mail(self._data(item))
            self._keep(item.source, mail)
        return mail

    def _data(self, item: Item) -> bytes:
        return read(item, self._max_bytes)[0]

    def _keep(self, source: str, opened: Archive | Mail) -> None:
        self._kept[source] = opened
        self._kept.move_to_end(source)
        while len(self._kept) > OPEN:
            self._kept.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Member:
    """One document in a container: read when it is asked for, and no more than was found there at first."""

    shelf: Shelf
    container: Item
    kind: type[Archive] | type[Mail]
    number: int
    size: int

    def load(self, most: int | None = None) -> bytes:
        """The document, or as much of its beginning; raises a `DocumentError`."""
        opened: Archive | Mail
        opened = self.shelf.mail(self.container) if self.kind is Mail else self.shelf.archive(self.container)
        if opened.size(self.number) != self.size:
            raise UnreadableError("what it lies in has changed meanwhile", hint="Add it again.")
        return opened.read(self.number, most)
