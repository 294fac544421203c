"""A small web on the loopback interface, with pages that behave badly in each of the ways that matter."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = b"""<html><head><title>Kites</title><script>let a = "scripted";</script></head><body>
<header>Site header</header><nav>Menu</nav>
<main><h1>Red kites</h1><p>The red kite has a forked tail and nests in old oaks.</p></main>
<aside>Most read</aside><footer>Imprint</footer></body></html>"""
SAMPLE_PDF = next((Path(__file__).parents[1] / "samples").rglob("*.pdf"))


@dataclass(frozen=True)
class Answer:
    """What a path answers: a body, or `stream` that writes one after the headers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})
    stream: Callable[[Callable[[bytes], object]], None] | None = None


def endless(write: Callable[[bytes], object]) -> None:
    while True:
        write(b"x" * 65536)


def drip(write: Callable[[bytes], object]) -> None:
    for _ in range(600):
        write(b"x")
        time.sleep(0.05)


ANSWERS: dict[str, Answer] = {
    "/": Answer(PAGE),
    "/kites": Answer(PAGE),
    "/cyrillic": Answer(
        "<p>Красный коршун</p>".encode("cp1251"),
        headers={"Content-Type": 'text/html; charset="windows-1251"'},
    ),
    "/note.txt": Answer(b"The mast is 12 m high.", headers={"Content-Type": "text/plain"}),
    "/no-type": Answer(b"name,height\nmast,12\ntower,30\nbarn,8\n", headers={}),
    "/table": Answer(b"name,height\nmast,12\n", headers={"Content-Type": "text/csv; charset=utf-8"}),
    "/wrong.csv": Answer(PAGE.replace(b"red", b"black"), headers={"Content-Type": "application/pdf"}),
    "/paper": Answer(SAMPLE_PDF.read_bytes(), headers={"Content-Type": "text/html"}),
    "/empty": Answer(b""),
    "/packed": Answer(gzip.compress(PAGE), headers={"Content-Type": "text/html", "Content-Encoding": "gzip"}),
    "/bomb": Answer(gzip.compress(bytes(64 << 20)), headers={"Content-Encoding": "gzip"}),
    "/twice": Answer(gzip.compress(gzip.compress(PAGE)), headers={"Content-Encoding": "gzip, gzip"}),
    "/brotli": Answer(b"x" * 20, headers={"Content-Encoding": "br"}),
    "/not-packed": Answer(PAGE, headers={"Content-Encoding": "gzip"}),
    "/cut-packed": Answer(gzip.compress(PAGE)[:-40], headers={"Content-Encoding": "gzip"}),
    "/cut": Answer(PAGE, headers={"Content-Length": str(len(PAGE) + 10)}),
    "/endless": Answer(stream=endless),
    "/drip": Answer(stream=drip),
    "/error": Answer(b"broken", 500),
    "/busy": Answer(b"busy", 429),
    "/strange": Answer(b"strange", 599),
    "/partial": Answer(PAGE, 206),
    "/cookie": Answer(b"", 302, {"Location": "/seen", "Set-Cookie": "a=b"}),
    "/seen": Answer(PAGE),
    "/nowhere": Answer(PAGE, 302, {}),
    "/loop": Answer(b"", 302, {"Location": "/loop"}),
    "/to-file": Answer(b"", 302, {"Location": "file:///etc/passwd"}),
    "/to-nonsense": Answer(b"", 302, {"Location": "http://[:::]/"}),
    **{
        f"/hop/{left}": Answer(b"", 301 + left % 2, {"Location": f"../hop/{left - 1}"})
        for left in range(1, 8)
    },
    "/hop/0": Answer(PAGE),
}


class Web(ThreadingHTTPServer):
    """Notes each request as (path, headers), and counts the connections."""

    daemon_threads = True

    def __init__(self, answers: Mapping[str, Answer], host: str) -> None:
        super().__init__((host, 0), _Handler)
        self.answers = dict(answers)
        self.requests: list[tuple[str, dict[str, str]]] = []

    def address(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        web = self.server
        assert isinstance(web, Web)
        web.requests.append((self.path, dict(self.headers)))
        answer = web.answers.get(self.path.partition("?")[0], Answer(b"not here", 404))
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(answer.body)
            if answer.stream is not None:
                answer.stream(self.wfile.write)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass


@contextmanager
def served(answers: Mapping[str, Answer] | None = None, host: str = "127.0.0.1") -> Iterator[Web]:
    with Web(ANSWERS if answers is None else answers, host) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield web
        finally:
            web.shutdown()
            thread.join()
