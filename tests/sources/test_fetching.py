from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from glede import Engine, Settings
from glede.errors import FetchError, LimitError, RefusedAddressError
from glede.ports import Fetched
from glede.sources.fetching import Fetcher, FetchLimits, is_public, parsed_address
from glede.testing.fake_fetch import MemoryFetch
from glede.testing.fakes import FakeEmbedder
from glede.testing.fetch_contract import FetchContract
from tests.web_server import PAGE, SAMPLE_PDF, Answer, Web, served


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with served() as web:
        yield web


def fetcher(seconds: float = 10.0, max_bytes: int = 2**20, redirects: int = 5) -> Fetcher:
    return Fetcher(FetchLimits(seconds, max_bytes, redirects), private=True)


@pytest.mark.parametrize("path", ["/", "/kites?a=b#c", "/packed", "/hop/5", "/cookie"])
async def test_a_page_is_fetched(web: Web, path: str) -> None:
    assert (await fetcher().fetch(web.address(path))).data == PAGE


async def test_the_media_type_is_what_the_server_says(web: Web) -> None:
    fetched = await fetcher().fetch(web.address("/table"))
    assert fetched.media_type == "text/csv; charset=utf-8"


async def test_the_encoding_is_what_the_server_says(web: Web) -> None:
    fetched = await fetcher().fetch(web.address("/cyrillic"))
    assert fetched.data.decode() == "<p>Красный коршун</p>"


async def test_the_request_names_the_host_and_carries_nothing_else(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    web.requests.clear()
    await fetcher().fetch(web.address("/cookie", host="localhost"))
    assert [path for path, _ in web.requests] == ["/cookie", "/seen"]
    for _, headers in web.requests:
        assert headers["Host"] == f"localhost:{web.server_port}"
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize(
    ("path", "code", "said", "retryable"),
    [
        ("/hop/6", "fetch_failed", "redirects more than 5 times", False),
        ("/loop", "fetch_failed", "redirects more than 5 times", False),
        ("/missing", "fetch_failed", "404 (Not Found)", False),
        ("/error", "fetch_failed", "500 (Internal Server Error)", True),
        ("/busy", "fetch_failed", "429 (Too Many Requests)", True),
        ("/strange", "fetch_failed", "599", True),
        ("/partial", "fetch_failed", "206", False),
        ("/nowhere", "fetch_failed", "302", False),
        ("/to-file", "refused_address", "no address of the web", False),
        ("/to-nonsense", "refused_address", "no address", False),
        ("/twice", "fetch_failed", "packed as gzip, gzip", False),
        ("/brotli", "fetch_failed", "packed as br", False),
        ("/not-packed", "fetch_failed", "cannot be unpacked", False),
        ("/cut-packed", "fetch_failed", "breaks off", True),
        ("/cut", "fetch_failed", "broke off", True),
    ],
)
async def test_what_goes_wrong_is_one_error(
    web: Web, path: str, code: str, said: str, retryable: bool
) -> None:
    with pytest.raises(FetchError) as caught:
        await fetcher().fetch(web.address(path))
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert said in caught.value.message
    assert ("run the same command again" in caught.value.hint) is retryable


@pytest.mark.parametrize("path", ["/bomb", "/endless"])
async def test_bytes_are_counted_as_they_come_and_as_they_unpack(web: Web, path: str) -> None:
    with pytest.raises(LimitError) as caught:
        await fetcher().fetch(web.address(path))
    assert "larger than 1 MiB" in caught.value.message
    assert "GLEDE_FETCH_MB" in caught.value.hint


async def test_a_body_of_just_the_limit_is_taken(web: Web) -> None:
    for path in ("/", "/packed"):
        assert (await fetcher(max_bytes=len(PAGE)).fetch(web.address(path))).data == PAGE
        with pytest.raises(LimitError):
            await fetcher(max_bytes=len(PAGE) - 1).fetch(web.address(path))


@pytest.mark.measured
async def test_the_time_is_for_all_of_it(web: Web) -> None:
    began = time.perf_counter()
    with pytest.raises(LimitError) as caught:
        await fetcher(seconds=0.5).fetch(web.address("/drip"))
    assert time.perf_counter() - began < 2
    assert "GLEDE_FETCH_SECONDS" in caught.value.hint


async def test_the_time_covers_the_resolver() -> None:
    async def slow(host: str, port: int) -> list[str]:
        await asyncio.sleep(60)
        return ["127.0.0.1"]

    with pytest.raises(LimitError):
        await Fetcher(FetchLimits(seconds=0.1), private=True, resolve=slow).fetch("http://slow.example/")


async def test_no_redirects_may_be_allowed(web: Web) -> None:
    with pytest.raises(FetchError):
        await fetcher(redirects=0).fetch(web.address("/hop/1"))


@pytest.mark.parametrize(("reason", "retryable"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)])
async def test_an_unknown_host(reason: int, retryable: bool) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(reason, "unknown")

    with pytest.raises(FetchError) as caught:
        await Fetcher(resolve=unknown).fetch("http://nowhere.example/")
    assert caught.value.retryable is retryable
    assert "no host nowhere.example is known" in caught.value.message


async def test_a_closed_port_is_told_and_the_next_address_of_the_host_is_tried(web: Web) -> None:
    async def two(host: str, port: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError) as caught:
        await fetcher().fetch(f"http://127.0.0.1:{port}/")
    assert caught.value.retryable
    page = await Fetcher(private=True, resolve=two).fetch(web.address("/", host="kites.example"))
    assert page.data == PAGE


class TestFetcher(FetchContract):
    @pytest.fixture
    def fetch(self) -> Fetcher:
        return fetcher()

    @pytest.fixture
    def page(self, web: Web) -> tuple[str, Fetched]:
        return web.address("/kites"), Fetched(PAGE, "text/html")

    @pytest.fixture
    def missing(self, web: Web) -> str:
        return web.address("/missing")


class TestMemoryFetch(FetchContract):
    @pytest.fixture
    def fetch(self) -> MemoryFetch:
        return MemoryFetch({"https://example.org/": Fetched(b"Kites", "text/plain")})

    @pytest.fixture
    def page(self) -> tuple[str, Fetched]:
        return "https://example.org/", Fetched(b"Kites", "text/plain")

    @pytest.fixture
    def missing(self) -> str:
        return "https://example.org/missing"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for kites.example that it has signed itself, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    path = tmp_path_factory.mktemp("tls") / "kites.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(path)]
    command += ["-out", str(path) + ".crt", "-subj", "/CN=kites.example"]
    command += ["-addext", "subjectAltName=DNS:kites.example"]
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + Path(str(path) + ".crt").read_text())
    return path


async def test_a_pinned_connection_is_still_held_to_the_certificate_of_its_name(certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusted = ssl.create_default_context(cafile=str(certificate) + ".crt")

    async def local(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nKites")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        fetcher = Fetcher(private=True, resolve=local, tls=trusted)
        assert (await fetcher.fetch(f"https://kites.example:{port}/")).data == b"Kites"
        for host in ("owls.example", "127.0.0.1"):
            with pytest.raises(FetchError) as caught:
                await fetcher.fetch(f"https://{host}:{port}/")
            assert "certificate" in caught.value.message
        with pytest.raises(FetchError):
            await Fetcher(private=True, resolve=local).fetch(f"https://kites.example:{port}/")


async def test_the_name_is_sent_while_tls_begins() -> None:
    """The server's side of TLS sees the name, while the connection goes to the number."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def local(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(FetchError):
            await Fetcher(private=True, resolve=local).fetch(f"https://kites.example.:{port}/")
    assert names == ["kites.example"]


@pytest.mark.parametrize(
    "number",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1"],
)
def test_public_numbers(number: str) -> None:
    assert is_public(ip_address(number))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "HTTP://EXAMPLE.ORG:8080/a b?c=d e",
        "http://bücher.example/ä",
        "http://8.8.8.8/",
    ],
)
def test_ordinary_addresses_are_understood(address: str) -> None:
    assert parsed_address(address).host


@pytest.mark.parametrize(
    "address",
    ["ftp://example.org/", "file:///etc/passwd", "http://", "http:///path", "http://./", "http://a:0/",
     "http://a:65536/", "http://a:-1/", "http://a:b/", "http://u@a/", "http://u:p@a/", "http://@a/",
     "http://a\\@b/", "http://[fe80::1%25eth0]/", "http://%61/", "http://a b/", "http://[::1/", "http://a\nb/"],
)  # fmt: skip
def test_others_are_refused_before_anything_is_asked(address: str) -> None:
    with pytest.raises(RefusedAddressError) as caught:
        parsed_address(address)
    assert caught.value.hint


async def test_addresses_are_documents_like_files(tmp_path: Path, web: Web) -> None:
    embedder = FakeEmbedder()
    settings = Settings(home=tmp_path / "data", fetch_private=True)
    file = tmp_path / "kites.html"
    file.write_bytes(PAGE)
    paths = ("/kites", "/paper", "/wrong.csv", "/no-type", "/table", "/note.txt", "/missing", "/empty")
    addresses = [web.address(path) for path in paths]
    async with Engine.open(settings, embedder=embedder) as engine:
        planned = await engine.add(*addresses, dry_run=True)
        assert [one.status for one in planned.documents] == ["planned"] * 6 + ["failed"] * 2
        assert await engine.documents() == []
        assert embedder.texts == 0

        added = await engine.add(*addresses)
        assert [one.source for one in added.documents] == addresses
        assert [one.parser for one in added.documents[:6]] == [
            "html", "pdf", "html", "delimited", "delimited", "plain",
        ]  # fmt: skip
        codes = [one.error.code for one in added.documents if one.error]
        assert codes == ["fetch_failed", "unreadable"]
        hits = await engine.search("forked tail of the red kite")
        assert hits[0].source == addresses[0]
        words = " ".join(hit.chunk.text for hit in hits)
        assert not any(word in words for word in ("Menu", "Imprint", "Most read", "Site header", "scripted"))

        embedded = embedder.texts
        again = await engine.add(*addresses[:6], file)
        assert {one.status for one in again.documents} == {"unchanged"}
        assert embedder.texts == embedded
        kites = next(one for one in await engine.documents() if addresses[0] in one.sources)
        assert set(kites.sources) == {addresses[0], str(file)}


async def test_a_page_that_changed_replaces_its_old_version(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, fetch_private=True)
    with served({"/mast": Answer(b"<p>The mast is 12 m high.</p>")}) as web:
        async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
            await engine.add(web.address("/mast"))
            web.answers["/mast"] = Answer(b"<p>The mast is 15 m high.</p>")
            await engine.add(web.address("/mast"))
            (hit,) = await engine.search("How high is the mast?")
            assert "15 m" in hit.chunk.text


@pytest.mark.measured
async def test_a_slow_address_keeps_no_file_waiting(tmp_path: Path, web: Web) -> None:
    settings = Settings(home=tmp_path / "data", fetch_private=True, fetch_seconds=1)
    file = tmp_path / "note.txt"
    file.write_text("The mast is 12 m high.")
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        report = await engine.add(*(web.address(f"/drip?{number}") for number in range(4)), file)
    assert [one.status for one in report.documents] == ["failed"] * 4 + ["searchable"]
    assert {one.error.code for one in report.documents if one.error} == {"limit_exceeded"}
    assert report.seconds < 6


def test_the_sample_is_a_pdf() -> None:
    assert SAMPLE_PDF.read_bytes().startswith(b"%PDF-")
