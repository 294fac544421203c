"""One HTTP client for the life of an engine, whose answers have a limit; and the addresses it is given."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx2

from glede.errors import ConfigurationError, CredentialsError, ModelReplyError
from glede.roles import ModelChoice

MOST_BYTES = 64 * 2**20
"""Of one answer: 2,048 vectors of 3,072 numbers take 34 MB in base64, and no text comes near."""
CONNECTIONS = 256
CONNECT_SECONDS = 10.0


def open_client(connections: int = CONNECTIONS) -> httpx2.AsyncClient:
    """A client with one pool of connections and one TLS context; the caller closes it.

    It goes through the proxies that the environment names (HTTPS_PROXY, NO_PROXY), and follows no redirect,
    since that would take the key along.
    """
    return httpx2.AsyncClient(
        limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
        timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),  # each call has a limit for all of it
        follow_redirects=False,
        event_hooks={"response": [_bound]},
    )


async def _bound(response: httpx2.Response) -> None:
    """End an answer that grows past all use, whatever its headers say."""
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Counted(response.stream)


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


@dataclass(frozen=True, slots=True)
class Target:
    """Where a model is asked: an `address` without name and password, and the headers that carry them.

    The address may be printed and logged: HTTP clients write it to their logs as it is.
    """

    address: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def target_of(choice: ModelChoice, url: str) -> Target:
    """The target of a choice's calls; raises `ConfigurationError` for what is no address, or no key."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        parsed = httpx2.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise ConfigurationError(
            f"the address of {choice.name} is none: it must begin with https:// or http:// and name a host",
            hint=f"Set GLEDE_{choice.role.upper()}_URL, or the address of the provider.",
        )
    if not (choice.key.isascii() and choice.key.isprintable()) or " " in choice.key:
        raise CredentialsError(
            f"the key of {choice.name} holds characters that no key has: a space, a line break, or others",
            hint="Set it again, without quotation marks and line breaks.",
        )
    headers = {"Authorization": f"Bearer {choice.key}"} if choice.key else {}
    if parsed.userinfo:
        headers["Authorization"] = f"Basic {base64.b64encode(_unquoted(parsed)).decode()}"
    return Target(str(parsed.copy_with(username=None, password=None)), headers)


def _unquoted(url: httpx2.URL) -> bytes:
    return f"{url.username}:{url.password}".encode()
