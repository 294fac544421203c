"""S5: no address, redirect, look-up or document makes Glede talk to this machine or the local network."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.errors import FetchError, LimitError, RefusedAddressError
from glede.sources import fetching
from glede.sources.fetching import Fetcher, FetchLimits, resolved
from glede.testing.fakes import FakeEmbedder
from tests.web_server import Answer, served

LIMITS = FetchLimits(seconds=5)
PUBLIC = "127.0.0.77"
"""A number of this machine that the tests of redirects and look-ups call public."""

LOOPBACK = """
127.0.0.1 127.1 127.0.1 127.0.0.2 127.255.255.254 127.127.127.127 2130706433 0x7f000001 0X7F000001
017700000001 0177.0.0.1 0x7f.0.0.1 0x7f.1 0177.1 0x7f.0x0.0x0.0x1 0177.0000.0000.0001 00000177.0.0.1 127.0x1
127.0.0x1 127.000.000.001 127.0.0.01 0 00 0x0 0.0 0.0.0.0 000.000.000.000 127.0.0.1. 127.0.0.1..
[::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::0001] [::] [0::0] [::ffff:127.0.0.1]
[::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::FFFF:7F00:0001] [::ffff:0.0.0.0] [::127.0.0.1] [::7f00:1]
[64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:0001::1]
[2001:0:7f00:1::] [::ffff:0:127.0.0.1] [::1%25lo] [::1%lo] [127.0.0.1] ::1
127。0。0。1 127．0．0．1 127｡0｡0｡1 １２７.0.0.1 ①②⑦.⓪.⓪.① 0ⓧ7f.1
%31%32%37.0.0.1 127%2e0%2e0%2e1 127.0.0.1%00 127.0.0.1%0d%0a 127.0.0.1%20 %6cocalhost
localhost LOCALHOST LocalHost localhost. localhost.localdomain ip6-localhost ip6-loopback a.localhost
ⓛocalhost ｌocalhost lo\u00adcalhost local\u200bhost localhost｡ loopback.example xn--lcalhost-n6a
""".split()  # noqa: SIM905 - a list literal of this many is no easier to read
NETWORK = """
10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.254 192.168.0.1 192.168.255.255 169.254.169.254 169.254.0.1
100.64.0.1 100.100.100.200 192.0.0.192 192.0.0.1 192.0.2.1 198.51.100.1 203.0.113.1 198.18.0.1 198.19.255.255
192.88.99.1 168.63.129.16 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 2852039166 0xa9fea9fe
0251.0376.0251.0376 0xa9.0xfe.0xa9fe 167772161 3232235521 0xc0a80001 0300.0250.1 10.1 192.168.257
[fe80::1] [fe80::1%25lo] [fe80::1%lo] [fc00::1] [fd00:ec2::254] [fec0::1] [ff01::1] [ff02::1] [100::1]
[2001:db8::1] [3fff::1] [5f00::1] [2001:10::1] [::ffff:10.0.0.1] [::ffff:192.168.0.1] [::ffff:a9fe:a9fe]
[64:ff9b::a9fe:a9fe] [64:ff9b::a00:1] [2002:a9fe:a9fe::] [2002:c0a8:1::1] [::10.0.0.1]
metadata.example intranet.example mixed.example mixed6.example
""".split()  # noqa: SIM905 - a list literal of this many is no easier to read
WHOLE = (
    "http://user@127.0.0.1:{port}/", "http://user:secret@127.0.0.1:{port}/", "http://@127.0.0.1:{port}/",
    "http://good.example@127.0.0.1:{port}/", "http://good.example:80@127.0.0.1:{port}/",
    "http://good.example\\@127.0.0.1:{port}/", "http://127.0.0.1:{port}\\@good.example/",
    "http://good.example#@127.0.0.1:{port}/", "http://good.example?@127.0.0.1:{port}/",
    "http://a@b@127.0.0.1:{port}/", "http://good.example%40127.0.0.1:{port}/", "http://127.0.0.1:{port}#good",
    "http:///127.0.0.1:{port}/", "http:////127.0.0.1:{port}/", "http:/127.0.0.1:{port}/",
    "http:127.0.0.1:{port}/", "https:127.0.0.1:{port}/", "//127.0.0.1:{port}/", "///127.0.0.1:{port}/",
    "\\\\127.0.0.1:{port}\\", "http:\\\\127.0.0.1:{port}\\", "http:/\\127.0.0.1:{port}/", "127.0.0.1:{port}",
    "http://\t127.0.0.1:{port}/", "http:// 127.0.0.1:{port}/", "ht\ntp://127.0.0.1:{port}/",
    " http://127.0.0.1:{port}/", "http://127.0.\n0.1:{port}/", "http://127.0.0.1\r\nHost: x:{port}/",
    "http://127.0.0.1:0{port}/", "http://127.0.0.1:+{port}/", "http://127.0.0.1:{port}:80/",
    "https://127.0.0.1:{port}/", "https://localhost:{port}/", "HTTPS://[::1]:{port}/",
    "ftp://127.0.0.1:{port}/", "ftps://127.0.0.1:{port}/", "sftp://127.0.0.1:{port}/",
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "gopher://127.0.0.1:{port}/_GET%20/",
    "dict://127.0.0.1:{port}/stats", "ldap://127.0.0.1:{port}/", "tftp://127.0.0.1:{port}/x",
    "ws://127.0.0.1:{port}/", "wss://127.0.0.1:{port}/", "redis://127.0.0.1:{port}/",
    "smb://127.0.0.1:{port}/x", "telnet://127.0.0.1:{port}/", "jar:http://127.0.0.1:{port}/a.jar!/b",
    "view-source:http://127.0.0.1:{port}/", "blob:http://127.0.0.1:{port}/x", "feed:http://127.0.0.1:{port}/",
    "url:http://127.0.0.1:{port}/", "http+unix://127.0.0.1:{port}/", "data:text/html,x", "javascript:1",
    "http://", "http://:{port}/", "http://./", "http://[]:{port}/", "http://[::1:{port}/",
)  # fmt: skip
FORMS = [
    *(f"http://{host}:{{port}}/" for host in (*LOOPBACK, *NETWORK)),
    *(f"https://{host}:{{port}}/" for host in LOOPBACK[:8]),
    *WHOLE,
]

NAMES = {
    "metadata.example": ["169.254.169.254"],
    "intranet.example": ["192.168.1.1"],
    "mixed.example": ["8.8.8.8", "127.0.0.1"],
    "mixed6.example": ["2606:4700::1111", "::1"],
}


async def look_up(host: str, port: int) -> list[str]:
    """Numbers are read by the system's resolver; all other names lead to this machine."""
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return NAMES.get(host, ["127.0.0.1", "::1"])
    return [str(entry[4][0]) for entry in info]


class Canary:
    """Listens on all addresses of this machine, and counts who comes."""

    def __init__(self, host: str = "", port: int = 0) -> None:
        self.hits = 0
        if host or not socket.has_dualstack_ipv6():
            self._listener = socket.create_server((host, port))
        else:
            self._listener = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.hits += 1
            connection.close()

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def canary() -> Iterator[Canary]:
    canary = Canary()
    yield canary
    canary.close()


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Call one number of this machine public."""
    judge = fetching.is_public
    pretended = ipaddress.ip_address(PUBLIC)
    monkeypatch.setattr(fetching, "is_public", lambda address: address == pretended or judge(address))


def test_there_are_enough_forms() -> None:
    assert len(set(FORMS)) >= 120


async def test_the_canary_hears_those_that_are_let_through(canary: Canary) -> None:
    """Without the check most of the loopback forms do connect, so that none of them is a dud by accident."""
    heard = 0
    fetcher = Fetcher(FetchLimits(seconds=0.3), private=True, resolve=look_up)
    for host in LOOPBACK:
        before = canary.hits
        with pytest.raises((FetchError, LimitError)):
            await fetcher.fetch(f"http://{host}:{canary.port}/")
        heard += canary.hits > before
    assert heard >= 30


async def test_no_form_of_a_private_address_is_connected_to(canary: Canary) -> None:
    fetcher = Fetcher(LIMITS, resolve=look_up)
    for form in FORMS:
        with pytest.raises(RefusedAddressError) as caught:
            await fetcher.fetch(form.format(port=canary.port))
        assert caught.value.hint, form
    assert canary.hits == 0


async def test_the_system_s_resolver_changes_nothing(canary: Canary) -> None:
    for host in (host for host in LOOPBACK if host[0] in "0123456789[" or host.lower() == "localhost"):
        with pytest.raises(FetchError):
            await Fetcher(LIMITS, resolve=resolved).fetch(f"http://{host}:{canary.port}/")
    assert canary.hits == 0


async def test_an_engine_refuses_them_as_it_comes(tmp_path: Path, canary: Canary) -> None:
    forms = [form.format(port=canary.port) for form in FORMS if "example" not in form]
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        report = await engine.add(*forms)
        assert {one.status for one in report.documents} == {"failed"}
    assert canary.hits == 0


@pytest.mark.usefixtures("pretended")
async def test_no_redirect_leads_to_a_private_address(canary: Canary) -> None:
    forms = [form.format(port=canary.port) for form in FORMS]
    locations = [form for form in forms if form.isprintable()]
    answers = {
        f"/{number}": Answer(b"", 302, {"Location": location.encode().decode("latin-1")})
        for number, location in enumerate(locations)
    }
    answers["/start"] = Answer(b"", 302, {"Location": "/0"})
    with served(answers, PUBLIC) as web:
        fetcher = Fetcher(LIMITS, resolve=look_up)
        for path in answers:
            with pytest.raises(FetchError):
                await fetcher.fetch(web.address(path, PUBLIC))
        assert {path for path, _ in web.requests} >= set(answers)
    assert canary.hits == 0


@pytest.mark.usefixtures("pretended")
async def test_a_name_that_changes_its_mind_reaches_nothing_private() -> None:
    """DNS rebinding: public when it is checked, private a moment later."""
    asked: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC] if len(asked) == 1 else ["127.0.0.1"]

    with served({"/": Answer(b"fine"), "/again": Answer(b"", 302, {"Location": "/"})}, PUBLIC) as web:
        canary = Canary("127.0.0.1", web.server_port)
        try:
            fetcher = Fetcher(LIMITS, resolve=rebinding)
            page = await fetcher.fetch(web.address("/", "rebinding.example"))
            assert page.data == b"fine"
            assert asked == ["rebinding.example"]
            with pytest.raises(RefusedAddressError):
                await fetcher.fetch(web.address("/", "rebinding.example"))
            asked.clear()
            with pytest.raises(RefusedAddressError):
                await fetcher.fetch(web.address("/again", "rebinding.example"))
            assert len(asked) == 2
            assert canary.hits == 0
        finally:
            canary.close()


def documents(address: str) -> list[Content]:
    """Documents that name remote resources in every way that their formats have."""
    html = f"""<!DOCTYPE html SYSTEM "{address}dtd"><html manifest="{address}m"><head><base href="{address}">
    <title>Kites</title><link rel="stylesheet" href="{address}a.css"><link rel="preload" href="{address}b">
    <link rel="dns-prefetch" href="{address}"><meta http-equiv="refresh" content="0;url={address}c">
    <style>@import url({address}d); body {{ background: url({address}e) }}</style><script src="{address}f">
    </script></head><body background="{address}g"><main><p>The red kite has a forked tail.</p>
    <img src="{address}h.png" srcset="{address}i.png 2x" alt="A kite"><img src="relative.png">
    <picture><source srcset="{address}j"></picture><iframe src="{address}k"></iframe><embed src="{address}l">
    <object data="{address}m"></object><video src="{address}n" poster="{address}o"></video>
    <audio src="{address}p"></audio><svg><image href="{address}q"/><use href="{address}r#s"/></svg>
    <table background="{address}t"><tr><td>1</td></tr></table><a href="{address}u" ping="{address}v">more</a>
    <math><mi xlink:href="{address}w">x</mi></math></main></body></html>"""
    xhtml = f"""<?xml version="1.0"?><?xml-stylesheet href="{address}x"?><!DOCTYPE html [
    <!ENTITY e SYSTEM "{address}y"><!ENTITY % p SYSTEM "{address}z"> %p;]>
    <html xmlns="http://www.w3.org/1999/xhtml"><body><p>Kites &e; soar.</p></body></html>"""
    markdown = f"""# Kites\n\n![A kite]({address}a.png) ![ref][1] <{address}b>\n\n[1]: {address}c.png\n
    \n<img src="{address}d.png">\n\n[link]({address}e)\n\n<iframe src="{address}f"></iframe>\n"""
    svg = f"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "{address}a">]>
    <svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><text>Kites &e;</text>
    <image href="{address}b.png"/><image xlink:href="{address}c.png"/><use href="{address}d.svg#e"/></svg>"""
    data = f'[{{"$ref": "{address}a", "type": "image", "img_path": "{address}b.png", "text": "Kites"}}]'
    return [
        Content(html, "page.html"),
        Content(xhtml, "page.xhtml"),
        Content(markdown, "page.md"),
        Content(svg, "picture.svg"),
        Content(data, "list.json"),
    ]


async def test_nothing_that_a_document_names_is_fetched(tmp_path: Path, canary: Canary) -> None:
    """Not even where private addresses may be added: what is inside a document was not asked for."""
    contents = documents(f"http://127.0.0.1:{canary.port}/")
    answers = {
        f"/{content.source}": Answer(content.encoded(), headers={"Content-Type": "text/html"})
        for content in contents
    }
    settings = Settings(home=tmp_path, fetch_private=True)
    with served(answers) as web:
        async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
            report = await engine.add(*contents)
            read = {one.source: one.status for one in report.documents}
            assert read["page.html"] == read["page.md"] == "searchable"
            await engine.add(*(web.address(path) for path in answers), metadata={"again": True})
        assert sorted(path for path, _ in web.requests) == sorted(answers)
    assert canary.hits == 0
