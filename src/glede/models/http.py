"""One HTTP client for the life of an engine, whose answers have a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import httpx2

from glede.errors import ModelReplyError

if TYPE_CHECKING:
    from types import TracebackType

MOST_BYTES = 64 * 2**20
"""Of one answer: 2,048 vectors of 3,072 numbers take 34 MB in base64, and no text comes near."""
CONNECTIONS = 256
CONNECT_SECONDS = 10.0


def open_client(connections: int = CONNECTIONS) -> httpx2.AsyncClient:
    """A client with one pool of connections and one TLS context; the caller closes it."""
    limits = httpx2.Limits(max_connections=connections, max_keepalive_connections=connections)
    transport = _Bounded(httpx2.AsyncHTTPTransport(limits=limits))
    timeout = httpx2.Timeout(None, connect=CONNECT_SECONDS)  # each call has a limit for all of it
    return httpx2.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False)


class _Bounded(httpx2.AsyncBaseTransport):
    """Ends an answer that grows past all use, whatever its headers say."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer, with its body counted as it comes."""
        response = await self._inner.handle_async_request(request)
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Counted(response.stream)
        return response

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._inner.__aexit__(exc_type, exc_value, traceback)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for part in self._inner:
            size += len(part)
            if size > MOST_BYTES:
                raise ModelReplyError(f"the answer of the model's endpoint passed {MOST_BYTES >> 20} MB")
            yield part

    async def aclose(self) -> None:
        """Leave the rest unread."""
        await self._inner.aclose()
