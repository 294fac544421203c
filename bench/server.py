"""What a server costs: start to ready, an ask over HTTP, fifty at a time, and its memory.

    python -m bench.server --documents FOLDER --count 1500 --seconds 180

The chat model is the scripted one, which takes 300 ms, in a process of its own; CPU seconds are those of the
server's process alone. Wall times say little while other work is on the machine: its load is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import psutil  # type: ignore[import-untyped]

from bench.serving import served
from glede.server.presence import presence
from glede.testing.model_server import ChatAnswer, ChatRequest, ModelServer, say_ok

KEY = "sk-bench"
LATENCY = 0.3
SAID = "It is described in the source [1]."
AT_ONCE = 50
TOPICS = ("Milvus", "an index", "a partition", "consistency", "a segment", "a vector", "a collection")


@dataclass(frozen=True, slots=True)
class Calls:
    """How many chat calls the model was asked."""

    chats: int


def serve_model(pipe: Connection) -> None:
    """The model server, until told to end."""
    with ModelServer(key=KEY, latency=LATENCY) as model:
        model.answer = answered
        pipe.send(model.url)
        while pipe.recv() is not None:
            pipe.send(Calls(model.count("chat")))


def answered(request: ChatRequest) -> str | ChatAnswer:
    """An answer with a citation; in JSON, where it is to be JSON (a statement over a table: none)."""
    return SAID if request.schema is None else say_ok(request)


@contextmanager
def running(home: Path, model: str) -> Iterator[tuple[psutil.Process, str, float, float]]:
    """A server; its process, its address, and the wall and CPU seconds until it answered `/readyz`."""
    env = {
        **os.environ,
        "GLEDE_HOME": str(home),
        "GLEDE_CHAT": "openai:gpt-4o",
        "GLEDE_OPENAI_URL": model,
        "GLEDE_OPENAI_KEY": KEY,
        "GLEDE_SERVER_ANSWERS": "64",
    }
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "glede", "serve", "--port", "0", "-q"], env=env)
    watched = psutil.Process(process.pid)
    try:
        address = ready(home)
        yield watched, address, time.perf_counter() - began, spent(watched)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def ready(home: Path) -> str:
    """The address, as soon as questions can be answered there."""
    while True:
        found = presence(home)
        if found is not None:
            try:
                if httpx2.get(f"{found.address}/readyz", trust_env=False).status_code == 200:
                    return found.address
            except httpx2.TransportError:
                pass
        time.sleep(0.02)


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def ask(client: httpx2.AsyncClient, number: int) -> float:
    """Seconds of one ask; no two of them are the same, so that no answer is kept from before."""
    question = f"What is said about {TOPICS[number % len(TOPICS)]} in part {number}?"
    began = time.perf_counter()
    answered = await client.post("/v1/collections/default/ask", json={"question": question})
    answered.raise_for_status()
    return time.perf_counter() - began


async def measured(process: psutil.Process, address: str, seconds: float) -> None:
    numbers = itertools.count()
    limits = httpx2.Limits(max_connections=AT_ONCE)
    async with httpx2.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as client:
        for _ in range(5):
            await ask(client, next(numbers))
        before = spent(process)
        alone = [await ask(client, next(numbers)) for _ in range(30)]
        each = (spent(process) - before) / len(alone)
        print(f"one at a time: {statistics.median(alone):.3f} s, {each * 1000:.0f} ms of CPU each")
        before = spent(process)
        took = [one for _ in range(4) for one in await many(client, numbers)]
        each = (spent(process) - before) / len(took)
        worst = statistics.quantiles(took, n=20)[-1]
        print(f"{AT_ONCE} at a time: p50 {statistics.median(took):.2f} s, p95 {worst:.2f} s", end=", ")
        print(f"{each * 1000:.0f} ms of CPU each, {len(took)} asks, no error")
        await soak(process, client, numbers, seconds)


async def many(client: httpx2.AsyncClient, numbers: Iterator[int]) -> list[float]:
    return await asyncio.gather(*(ask(client, next(numbers)) for _ in range(AT_ONCE)))


async def soak(
    process: psutil.Process, client: httpx2.AsyncClient, numbers: Iterator[int], seconds: float
) -> None:
    """Ask without a pause, eight at a time, and look at the memory ten times."""
    asked, sizes = 0, [process.memory_info().rss / 2**20]
    until = began = time.monotonic()
    for _ in range(10):
        until += seconds / 10
        while time.monotonic() < until:
            asked += len(await asyncio.gather(*(ask(client, next(numbers)) for _ in range(8))))
        sizes.append(process.memory_info().rss / 2**20)
    shown = " ".join(f"{size:.0f}" for size in sizes)
    print(f"{asked} asks in {time.monotonic() - began:.0f} s; MiB in use: {shown}")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=Path, required=True, help="a folder of Markdown")
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--characters", type=int, default=2000, help="so much of each file")
    options = parser.parse_args()
    files = sorted(options.documents.rglob("*.md"))
    with TemporaryDirectory() as folder, served(serve_model, Calls) as model:
        home, chosen = Path(folder) / "home", list(itertools.islice(itertools.cycle(files), options.count))
        written = Path(folder) / "documents"
        written.mkdir()
        for number, file in enumerate(chosen):  # a line makes each a document of its own
            text = file.read_text(errors="replace")[: options.characters]
            (written / f"{number}.md").write_text(f"Part {number}.\n\n{text}")
        env = {**os.environ, "GLEDE_HOME": str(home), "GLEDE_EXTRACTOR": "none"}
        add = [sys.executable, "-m", "glede", "add", str(written), "-q"]
        subprocess.run(add, env=env, check=False, stdout=subprocess.DEVNULL)
        with running(home, model.url) as (process, address, wall, cpu):
            print(f"load {os.getloadavg()[0]:.1f}; ready after {wall:.2f} s, {cpu:.2f} s of CPU")
            asyncio.run(measured(process, address, options.seconds))
        print(f"{model.seen().chats} calls of the model; load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
