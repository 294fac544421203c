"""Writes that may be sent twice: with the same `Idempotency-Key` the second one is told what the first was.

What was answered is kept for a day, in a database of its own, so that a client may try again after the server
was started anew. A key belongs to who sent it and to the path; with another body it is refused.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from glede.server.refusals import ConflictError, InvalidError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

FILE = "replies.db"
KEPT_SECONDS = 24 * 3600
IN_MEMORY = 2**20
PIECE = 2**18
NOT_KEPT = frozenset({401, 403, 409, 429})
"""What may be answered otherwise a moment later, as is all from 500 on."""
_WRITES = re.compile(
    r"/v1/collections(/[^/]+(/documents(/[^/]+)?|/graph/(merge|undo))?)?/?|/v1/jobs/\d+/(cancel|retry)/?"
)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call was answered; `body_hash` is that of the call's own body."""

    body_hash: str
    status: int
    media_type: str
    location: str
    body: bytes


class Replies:
    """The replies of the last day, in the data folder."""

    def __init__(self, home: Path) -> None:
        self._file = home / FILE

    def find(self, name: str) -> Reply | None:
        """What was answered under that name, not more than a day ago."""
        with closing(self._opened()) as database:
            row = database.execute(_FIND, (name, time.time() - KEPT_SECONDS)).fetchone()
        return Reply(*row) if row else None

    def keep(self, name: str, reply: Reply) -> None:
        """Keep an answer, and forget old ones."""
        now = time.time()
        row = (name, now, reply.body_hash, reply.status, reply.media_type, reply.location, reply.body)
        with closing(self._opened()) as database, database:
            database.execute("DELETE FROM replies WHERE made < ?", (now - KEPT_SECONDS,))
            database.execute("INSERT OR REPLACE INTO replies VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def _opened(self) -> sqlite3.Connection:
        self._file.touch(mode=0o600, exist_ok=True)
        database = sqlite3.connect(self._file, timeout=5.0)
        database.execute(_TABLE)
        return database


_TABLE = (
    "CREATE TABLE IF NOT EXISTS replies (name TEXT PRIMARY KEY, made REAL NOT NULL, body_hash TEXT NOT NULL, "
    "status INTEGER NOT NULL, media_type TEXT NOT NULL, location TEXT NOT NULL, body BLOB NOT NULL)"
)
_FIND = "SELECT body_hash, status, media_type, location, body FROM replies WHERE name = ? AND made > ?"


class Repeating:
    """Answers repeated writes as the first time; `known` tells whether a secret opens anything at all."""

    def __init__(self, application: ASGIApp, replies: Replies, known: Callable[[Headers], bool]) -> None:
        self._application = application
        self._replies = replies
        self._known = known
        self._under_way: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        headers = Headers(scope=scope)
        key = headers.get("idempotency-key")
        repeatable = scope["method"] in ("POST", "DELETE") and _WRITES.fullmatch(scope["path"])
        if key is None or not repeatable or not self._known(headers):
            await self._application(scope, receive, send)
            return
        if not _KEY.fullmatch(key):
            raise InvalidError("an Idempotency-Key is 1 to 255 printable ASCII characters")
        name = _hashed(_secret(headers), scope["method"], scope["path"], str(scope["query_string"]), key)
        if name in self._under_way:
            raise ConflictError("a call with this Idempotency-Key is under way")
        self._under_way.add(name)
        try:
            with SpooledTemporaryFile(IN_MEMORY) as body:
                await self._once(name, body, scope, receive, send)
        finally:
            self._under_way.discard(name)

    async def _once(self, name: str, body: IO[bytes], scope: Scope, receive: Receive, send: Send) -> None:
        await _read(receive, body)
        body_hash = await asyncio.to_thread(_body_hash, body, Headers(scope=scope).get("content-type", ""))
        kept = await asyncio.to_thread(self._replies.find, name)
        if kept is not None and kept.body_hash != body_hash:
            raise InvalidError("this Idempotency-Key came with another body before", hint="Use a new one.")
        if kept is not None:
            await _send_again(kept, send)
            return
        heard = _Hearing(send)
        body.seek(0)
        await self._application(scope, _replayed(body, receive), heard)
        if heard.status < 500 and heard.status not in NOT_KEPT:
            reply = Reply(body_hash, heard.status, heard.media_type, heard.location, bytes(heard.body))
            await asyncio.to_thread(self._replies.keep, name, reply)


class _Hearing:
    """Sends a response on, and remembers it."""

    def __init__(self, send: Send) -> None:
        self.status = 500
        self.media_type = self.location = ""
        self.body = bytearray()
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            self.media_type = headers.get("content-type", "")
            self.location = headers.get("location", "")
        self.body += message.get("body", b"")
        await self._send(message)


async def _read(receive: Receive, body: IO[bytes]) -> None:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body.write(message.get("body", b""))
        more = message.get("more_body", False)


def _replayed(body: IO[bytes], receive: Receive) -> Receive:
    """The body once more; after it, what the connection says."""
    ended = False

    async def replayed() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        piece = body.read(PIECE)
        ended = len(piece) < PIECE
        return {"type": "http.request", "body": piece, "more_body": not ended}

    return replayed


async def _send_again(reply: Reply, send: Send) -> None:
    headers = [(b"content-type", reply.media_type.encode("latin-1")), (b"idempotency-replayed", b"true")]
    if reply.location:
        headers.append((b"location", reply.location.encode("latin-1")))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def _body_hash(body: IO[bytes], media_type: str) -> str:
    """The hash of a body; of a form without its boundary, which a client makes up anew each time."""
    body.seek(0)
    found = re.search(r'boundary="?([^";]+)', media_type)
    boundary = b"--" + found[1].encode("latin-1") if found else None
    digest = hashlib.sha256()
    for line in body:
        if boundary is None or not line.startswith(boundary):
            digest.update(line)
    return digest.hexdigest()


def _secret(headers: Headers) -> str:
    return headers.get("authorization", "") + headers.get("x-api-key", "")


def _hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
