"""The one client for addresses that a user or a document names; it reaches nothing of this machine.

A host is resolved once, all its addresses must be public, and the connection goes to an address that was
checked: a name that means another machine a moment later (DNS rebinding) changes nothing. The name stays in
the Host header and in TLS, where the certificate must be for it. Redirects are followed here, each checked
like the first address. There are no proxies, cookies or credentials. The endpoints of models have a client
of their own, `glede.models.http`.
"""

from __future__ import annotations

import asyncio
import re
import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from glede.errors import FetchError, LimitError, RefusedAddressError
from glede.ports import Fetched

if TYPE_CHECKING:
    import ssl

    import httpx2

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The numeric addresses of a host and port; raises `OSError` where there are none."""

CONNECT_SECONDS = 5.0
"""For each of the addresses of a host, so that one that is silent leaves time for the next."""
PORTS = {"http": 80, "https": 443}
_START = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*)://(?P<authority>[^/?#]*)", re.IGNORECASE)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_PASSING = frozenset({408, 425, 429})
_GZIP = 16 + zlib.MAX_WBITS
_HEADERS = {
    "User-Agent": "glede",
    "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NEVER = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocol assignments; one cloud keeps its metadata here
        "192.88.99.0/24",  # 6to4 relays, given up
        "168.63.129.16/32",  # the host of a virtual machine at Azure
        "3fff::/20",  # documentation
    )
)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Of one address: the seconds for all of it, the bytes before and after unpacking, the redirects."""

    seconds: float = 30.0
    max_bytes: int = 50 * 2**20
    redirects: int = 5


async def resolved(host: str, port: int) -> list[str]:
    """What the system's resolver says, which also reads spellings such as 2130706433 and 0x7f.1."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it lies on the public internet, and so does the IPv4 address inside it, if there is one."""
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast and not _is_own(address)
    if inner := _inner(address):
        return is_public(inner)
    return address in _GLOBAL_UNICAST and address.is_global and not _is_own(address)


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an address mapped, translated (NAT64) or tunnelled (6to4) leads to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def _is_own(address: IPv4Address | IPv6Address) -> bool:
    """Whether it is a public address of this very machine; connecting a datagram socket sends nothing."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))
            return ip_address(probe.getsockname()[0]) == address
    except OSError:
        return False


def parsed_address(text: str) -> httpx2.URL:
    """The address as a URL; raises `RefusedAddressError` for what no browser's user would mean."""
    import httpx2

    start = _START.match(text)
    if start is None or start["scheme"].lower() not in PORTS:
        raise RefusedAddressError(
            "it is no address of the web", hint="Addresses begin with https:// or http://."
        )
    if "@" in start["authority"]:
        raise RefusedAddressError(
            "it holds a user's name or password", hint="Give the address without what stands before the @."
        )
    if re.search(r"[\s\\%]", start["authority"]):
        raise RefusedAddressError("its host holds characters that no host has")
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise RefusedAddressError(f"it is no address: {error}") from error
    if not url.host.strip("."):
        raise RefusedAddressError("it names no host")
    if url.port is not None and not 0 < url.port < 65536:
        raise RefusedAddressError(f"it names port {url.port}, which does not exist")
    return url


class Fetcher:
    """Fetches addresses under limits; `private` allows those of this machine and the local network.

    `resolve` and `tls` stand in for the system's resolver and its trusted certificates.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        private: bool = False,
        resolve: Resolve = resolved,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits = limits or FetchLimits()
        self._private = private
        self._resolve = resolve
        self._tls = tls

    async def fetch(self, address: str) -> Fetched:
        """What the address holds after redirects; raises `FetchError` or `LimitError`."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                return await self._followed(parsed_address(address))
        except TimeoutError as error:
            raise LimitError(
                f"its server did not send all of it in {self._limits.seconds:g} seconds",
                hint="Try again later, or raise GLEDE_FETCH_SECONDS.",
            ) from error

    async def _followed(self, url: httpx2.URL) -> Fetched:
        for _ in range(self._limits.redirects + 1):
            answer = await self._get(url)
            if isinstance(answer, Fetched):
                return answer
            url = answer
        raise FetchError(
            f"it redirects more than {self._limits.redirects} times",
            hint="Give the address where it ends, or raise GLEDE_FETCH_REDIRECTS.",
        )

    async def _get(self, url: httpx2.URL) -> Fetched | httpx2.URL:
        """The answer, or where it redirects to."""
        import httpx2

        numbers = await self._checked_numbers(url)
        # One transport for one request: its pool knows connections by number, and not by the name that
        # the certificate was checked for.
        try:
            async with httpx2.AsyncHTTPTransport(verify=self._trusted(), trust_env=False) as transport:
                response = await _sent(transport, url, numbers)
                async with aclosing(response):
                    if response.status_code in _REDIRECTS and "location" in response.headers:
                        return _redirected(url, response.headers["location"])
                    if response.status_code != HTTPStatus.OK:
                        raise _refusal(response.status_code)
                    data = await _body(response, self._limits.max_bytes)
                    kind = response.headers.get("content-type", "")
                    return Fetched(_in_utf8(data, kind), kind)
        except httpx2.HTTPError as error:
            raise FetchError(f"{url.host} broke off: {_words(error)}", retryable=True) from error

    def _trusted(self) -> ssl.SSLContext:
        if self._tls is None:
            from httpx2 import create_ssl_context

            self._tls = create_ssl_context(trust_env=False)
        return self._tls

    async def _checked_numbers(self, url: httpx2.URL) -> list[str]:
        """The host's addresses, each of them public; the only look-up of this request."""
        host = url.raw_host.decode("ascii")
        try:
            numbers = await self._resolve(host, url.port or PORTS[url.scheme])
        except (OSError, UnicodeError) as error:
            later = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
            raise FetchError(f"no host {url.host} is known", retryable=later) from error
        if not numbers:
            raise FetchError(f"the host {url.host} has no address")
        if not self._private and not all(is_public(ip_address(number)) for number in numbers):
            raise RefusedAddressError(f"{url.host} is not on the public internet")
        return list(numbers)


async def _sent(
    transport: httpx2.AsyncHTTPTransport, url: httpx2.URL, numbers: Sequence[str]
) -> httpx2.Response:
    """The response of the first of the host's addresses that can be connected to."""
    import httpx2

    failure: httpx2.HTTPError | None = None
    name = url.raw_host.decode("ascii").rstrip(".")
    for number in numbers:
        request = httpx2.Request(
            "GET",
            url.copy_with(host=number),
            headers={"Host": url.netloc.decode("ascii"), **_HEADERS},
            extensions={"sni_hostname": name, "timeout": {"connect": CONNECT_SECONDS}},
        )
        try:
            return await transport.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            failure = error
    raise FetchError(f"{url.host} cannot be reached: {_words(failure)}", retryable=True) from failure


def _words(error: Exception | None) -> str:
    return str(error) or type(error).__name__


def _redirected(url: httpx2.URL, location: str) -> httpx2.URL:
    import httpx2

    try:
        return parsed_address(str(url.join(location)))
    except httpx2.InvalidURL as error:
        raise RefusedAddressError(f"it redirects to what is no address: {error}") from error


def _refusal(status: int) -> FetchError:
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "a status of its own"
    return FetchError(
        f"its server answered {status} ({phrase})", retryable=status in _PASSING or status >= 500
    )


async def _body(response: httpx2.Response, max_bytes: int) -> bytes:
    """All of it, unpacked; bytes are counted as they come and as they unpack."""
    unpacker = _unpacker(response.headers.get_list("content-encoding", split_commas=True))
    body, received = bytearray(), 0
    async for part in response.aiter_raw():
        received += len(part)
        try:
            body += part if unpacker is None else unpacker.decompress(part, max_bytes + 1 - len(body))
        except zlib.error as error:
            raise FetchError(f"what its server sends cannot be unpacked: {error}") from error
        if max(received, len(body)) > max_bytes:
            raise LimitError(
                f"it is larger than {max_bytes / 2**20:g} MiB", hint="Raise the limit with GLEDE_FETCH_MB."
            )
    if unpacker is not None and not unpacker.eof:
        raise FetchError("what its server sends breaks off", retryable=True)
    return bytes(body)


def _in_utf8(data: bytes, content_type: str) -> bytes:
    """Text in the encoding that its server names, which the page itself need not name, as UTF-8."""
    kind, _, parameters = content_type.partition(";")
    charset = _CHARSET.search(parameters)
    if charset is None or not kind.strip().lower().startswith("text/"):
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        with suppress(LookupError, UnicodeDecodeError):
            return data.decode(charset[1]).encode()
    return data


def _unpacker(codings: Sequence[str]) -> zlib._Decompress | None:
    """One layer of gzip at most: several multiply, and nothing else was asked for."""
    wanted = [coding.lower() for coding in codings if coding.lower() not in ("", "identity")]
    if not wanted:
        return None
    if wanted not in (["gzip"], ["x-gzip"]):
        raise FetchError(f"its server sends it packed as {', '.join(wanted)[:60]}, which was not asked for")
    return zlib.decompressobj(_GZIP)
