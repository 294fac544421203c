"""What the model layer costs: the CPU of an ask, embeddings in flight, connections and TLS contexts.

    python -m bench.models --documents FOLDER [--count 1500] [--asks 20]

FOLDER holds `corpus.jsonl` (or is such a file): a line of JSON for each document, with `id` and `text`. The
models are a `ModelServer` in a process of its own, so that only our CPU counts. The bare calls send the very
requests of each ask again, through the openai SDK alone.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import ssl
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.serving import Served, served
from glede import Content, Engine, Settings
from glede.testing.model_server import ModelServer
from glede.testing.model_wire import ChatRequest

KEY = "sk-bench"
DIMENSION = 384
"""As in the measurements of the systems we compare with."""
LATENCY = 0.1
FEW = 60
"""Documents that are embedded while the calls in flight are counted."""
WARM = 3
"""Asks before the first that counts: they load what loads on first use."""
_FIRST_SOURCE = re.compile(r"^(==\w+==) source 1 \(.*\)\n((?:.*\n)*?)\1 end of 1$", re.MULTILINE)
_TITLE = re.compile(r"^#+ (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server saw: connections since it began, and calls of embeddings since the last `Seen`."""

    connections: int
    calls: int
    in_flight: float
    most: int
    bodies: tuple[tuple[str, dict[str, Any]], ...]  # (route, JSON) as the client sent it


def serve(pipe: Connection) -> None:
    """The server's process: a number sent to it is the latency from then on, `None` ends it."""
    with ModelServer(key=KEY, dimension=DIMENSION) as server:
        server.answer = quote_the_first_source
        pipe.send(server.url)
        while (latency := pipe.recv()) is not None:
            server.latency = latency
            bodies = tuple((call.route, call.body) for call in server.calls)
            mean, most = server.in_flight_mean("embeddings"), server.most_in_flight
            pipe.send(Seen(server.connections, server.count("embeddings"), mean, most, bodies))
            server.clear()


def quote_the_first_source(request: ChatRequest) -> str:
    """An answer of three sentences whose citations are to be checked."""
    found = _FIRST_SOURCE.search(request.text)
    words = found[2].split() if found else []
    quotes = [" ".join(words[start : start + 12]) for start in range(0, min(36, len(words)), 12)]
    return " ".join(f'The source says this [1 "{quote}"].' for quote in quotes) or "NO ANSWER"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Engine]:
    """An engine in a temporary folder, whose models are all on the server."""
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        settings = Settings.model_validate(
            {
                "home": home,
                "embed": "openai:stub",
                "embed_dimension": DIMENSION,
                "chat": "openai:stub",
                "openai_url": url,
                "openai_key": KEY,
                "model_concurrency": 16,
            }
        )
        async with Engine.open(settings) as engine:
            yield engine


class ContextCount:
    """Counts the TLS contexts that are made."""

    def __init__(self) -> None:
        self.made = 0

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count them inside the context."""
        make = ssl.SSLContext.__new__

        def counted(*arguments: Any, **options: Any) -> ssl.SSLContext:  # noqa: ANN401 - whatever it takes
            self.made += 1
            return make(*arguments, **options)  # type: ignore[no-any-return]

        ssl.SSLContext.__new__ = counted  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            ssl.SSLContext.__new__ = make  # type: ignore[method-assign]


@dataclass(frozen=True, slots=True)
class Asks:
    """Milliseconds of CPU and of the clock for each ask, and of CPU for the same calls by the bare SDK."""

    cpu: list[float]
    wall: list[float]
    bare: list[float]
    contexts_opening: int
    contexts_asking: int
    connections: int
    calls: int
    cited: int


async def ask_all(server: Served[Seen], contents: list[Content], questions: list[str]) -> Asks:
    """Add the documents, ask each question once, and then send the same requests bare."""
    tls = ContextCount()
    cpu, wall, bodies, cited, calls = [], [], [], 0, 0
    before = server.seen().connections
    with tls.counting():
        async with opened(server.url) as engine:
            report = await engine.add(*contents)
            if report.failed:
                raise RuntimeError(f"{len(report.failed)} documents failed: {report.failed[0]}")
            opening = tls.made
            calls += server.seen().calls
            for question in questions:
                clock, used = time.perf_counter(), time.process_time()
                answer = await engine.ask(question)
                cpu.append((time.process_time() - used) * 1000)
                wall.append((time.perf_counter() - clock) * 1000)
                cited += sum(citation.verified for citation in answer.citations)
                seen = server.seen()
                calls += len(seen.bodies)
                bodies.append(seen.bodies)
    connections = seen.connections - before
    bare = await bare_calls(server.url, bodies)
    asking = tls.made - opening
    return Asks(cpu[WARM:], wall[WARM:], bare[WARM:], opening, asking, connections, calls, cited)


async def bare_calls(url: str, asks: list[tuple[tuple[str, dict[str, Any]], ...]]) -> list[float]:
    """Milliseconds of CPU for the calls of each ask, by the SDK with one client."""
    from openai import AsyncOpenAI

    used = []
    async with AsyncOpenAI(api_key=KEY, base_url=url, max_retries=0) as client:
        makers: dict[str, Callable[..., Awaitable[object]]] = {
            "embeddings": client.embeddings.create,
            "completions": client.chat.completions.create,
        }
        for bodies in asks:
            began = time.process_time()
            for route, body in bodies:
                await makers[route.rpartition("/")[2]](**body)
            used.append((time.process_time() - began) * 1000)
    return used


async def add_few(server: Served[Seen], contents: list[Content]) -> Seen:
    """What the server saw of an `add` of few documents, with a latency."""
    async with opened(server.url) as engine:
        server.seen(LATENCY)
        report = await engine.add(*contents)
        seen = server.seen()
    if report.failed:
        raise RuntimeError(f"{len(report.failed)} documents failed: {report.failed[0]}")
    return replace(seen, bodies=())


def documents(path: Path, count: int) -> list[Content]:
    """The first documents."""
    file = path / "corpus.jsonl" if path.is_dir() else path
    with file.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(count), strict=False)]
    return [Content(row["text"], f"{row['id']}.md") for row in rows]


def questions_of(contents: list[Content], count: int) -> list[str]:
    """About titles of documents from all over the corpus."""
    titles = [found[1] for content in contents if (found := _TITLE.search(str(content.data)))]
    step = max(1, len(titles) // count)
    return [f"What do the documents say about {title}?" for title in dict.fromkeys(titles[::step])][:count]


def report(asks: Asks, few: Seen, count: int) -> None:
    """Print a Markdown table."""
    ask, bare = statistics.median(asks.cpu), statistics.median(asks.bare)
    rows = (
        ("CPU of an ask, calls of models included", f"{ask:.1f} ms (worst {max(asks.cpu):.1f})"),
        ("CPU of the same calls by the openai SDK alone", f"{bare:.1f} ms"),
        ("**overhead of an ask outside the model**", f"**{ask - bare:.1f} ms of CPU** (target < 60)"),
        ("wall time of an ask", f"{statistics.median(asks.wall):.1f} ms"),
        (
            f"**embeddings in flight**, {FEW} documents, 100 ms",
            f"**mean {few.in_flight:.1f}** (target >= 10)",
        ),
        ("most at once; calls", f"{few.most}; {few.calls}"),
        ("connections over all calls", f"{asks.connections} for {asks.calls} calls"),
        ("TLS contexts: opening and adding; asking", f"{asks.contexts_opening}; {asks.contexts_asking}"),
    )
    print(f"| {count} documents, {len(asks.cpu)} asks ({asks.cited} citations hold) | |\n|---|---|")
    for name, value in rows:
        print(f"| {name} | {value} |")


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--asks", type=int, default=20)
    arguments = parser.parse_args()
    contents = documents(arguments.documents, arguments.count)
    with served(serve, Seen) as server:
        few = asyncio.run(add_few(server, contents[:FEW]))
        questions = questions_of(contents, arguments.asks + WARM)
        asks = asyncio.run(ask_all(server, contents, questions))
    report(asks, few, len(contents))


if __name__ == "__main__":
    main()
