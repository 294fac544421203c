"""As much of HTTP/1.1 as `ModelServer` needs, over raw streams, since faults need control of each byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from glede.testing.model_wire import Answer, new_id

MOST_BODY = 256 * 2**20


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request; the names of `headers` are in lower case, and `path` is without the query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def keeps(self) -> bool:
        """Whether the client wants to use the connection again."""
        return self.headers.get("connection", "").lower() != "close"


async def read_head(reader: asyncio.StreamReader) -> HttpRequest | None:
    """The next request without its body; `None` where the client has left, or speaks no HTTP/1."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.partition(" ")
    if not version.startswith("HTTP/1."):
        return None
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return HttpRequest(method, target.partition("?")[0], headers, b"")


async def read_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    """The body of a request, of a known length or in chunks."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        size = int(headers.get("content-length") or 0)
        return await reader.readexactly(min(size, MOST_BODY)) if size else b""
    parts: list[bytes] = []
    while size := int((await reader.readline()).partition(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readline()
    return b"".join(parts)


async def client_left(reader: asyncio.StreamReader, seconds: float | None) -> bool:
    """Wait, and tell whether the client went away meanwhile; it sends nothing while it waits."""
    if seconds is not None and seconds <= 0:
        return False
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(reader.read(1), seconds)
        return True
    return False


def head_of(answer: Answer, *, keep: bool) -> bytes:
    """The status line and headers of an answer."""
    status = answer.status
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Overloaded"
    lines = [f"HTTP/1.1 {status} {phrase}", f"Content-Type: {answer.content_type}"]
    lines += [f"x-request-id: {new_id('req_')}", f"Connection: {'keep-alive' if keep else 'close'}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines.append("Transfer-Encoding: chunked" if answer.stream else f"Content-Length: {len(answer.body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """A piece of a chunked body; the empty one ends it."""
    return b"%x\r\n%b\r\n" % (len(data), data)


async def send(
    writer: asyncio.StreamWriter,
    answer: Answer,
    *,
    keep: bool,
    pace: float = 0.0,
    cut: int | None = None,
    clean: bool = False,
    finish: Callable[[], None],
) -> bool:
    """Send an answer, a stream up to `cut` bytes; tells whether the connection can be used again.

    `finish` is called before the last bytes leave: what it notes is there when the client has its answer.
    """
    if not answer.stream:
        finish()
        writer.write(head_of(answer, keep=keep) + answer.body)
        await writer.drain()
        return keep
    writer.write(head_of(answer, keep=keep))
    whole = sum(map(len, answer.stream))
    short = cut is not None and cut < whole
    pieces = list(_up_to(answer.stream, whole if cut is None else cut))
    last = b"" if short and not clean else chunk(b"")
    for piece in pieces[:-1]:
        writer.write(chunk(piece))
        await writer.drain()
        await asyncio.sleep(pace)
    finish()
    writer.write((chunk(pieces[-1]) if pieces else b"") + last)
    await writer.drain()
    return keep and (clean or not short)


def _up_to(pieces: tuple[bytes, ...], size: int) -> Iterator[bytes]:
    for piece in pieces:
        if size <= 0:
            return
        yield piece[:size]
        size -= len(piece)


async def drip(
    writer: asyncio.StreamWriter, answer: Answer, seconds: float, finish: Callable[[], None]
) -> None:
    """The body byte by byte, with a pause before each."""
    chunked = bool(answer.stream)
    writer.write(head_of(answer, keep=False))
    for byte in answer.body:
        await asyncio.sleep(seconds)
        writer.write(chunk(bytes([byte])) if chunked else bytes([byte]))
        await writer.drain()
    finish()
    writer.write(chunk(b"") if chunked else b"")
    await writer.drain()


async def send_endlessly(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """The events of a stream, and then the last of them for ever: until the client leaves."""
    writer.write(head_of(answer, keep=False) + chunk(answer.body))
    while True:
        writer.write(chunk(answer.stream[-1]))
        await writer.drain()
        await asyncio.sleep(0.002)


async def reset(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """Half of the body, and then the connection is torn down."""
    half = answer.body[: len(answer.body) // 2]
    writer.write(head_of(answer, keep=False) + (chunk(half) if answer.stream else half))
    await writer.drain()
    await asyncio.sleep(0.02)  # lets the client read the half first
    found: socket.socket = writer.get_extra_info("socket")
    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
