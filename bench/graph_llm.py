"""What a graph read by a model costs: calls, tokens, CPU for each document, for one more, and for one less.

    python -m bench.graph_llm --documents ../shared/peerbench/data/corpus.jsonl [--count 50] [--json FILE]

The documents are those that other systems were measured with (about 780 tokens each, one chunk for every
peer): LightRAG 1.5.7 makes 2.2 calls and sends 6,664 prompt tokens for each. The model is a `ModelServer` in
a process of its own that notes names and ties as fast as it can, so that only our CPU counts. Tokens are
those of cl100k, the schema among them. Exits with 1 where an aim is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.serving import Served, served
from glede import Content, Engine, Settings
from glede.testing.model_server import ModelServer
from glede.testing.model_wire import ChatRequest, to_json
from glede.text.tokens import TokenCounter

KEY = "sk-bench"
DIMENSION = 384
"""Of the vectors, which come from the server as well."""
MOST_NAMES = 14
"""Entities of an answer, as the peers' stub gives them."""
LATENCY = 0.1
PEER_CALLS, PEER_TOKENS = 2.2, 6664
MOST_CALLS = 1.2
MOST_TOKENS = 1300
"""For a chunk of 780 tokens."""
_CHUNK = re.compile(r"^==[0-9a-f]{6} (\d+|end)")
_NAME = re.compile(r"\b[A-Z][A-Za-z0-9+\-]+(?: [A-Z][A-Za-z0-9+\-]+){0,3}|`[A-Za-z_][A-Za-z0-9_.\-]{2,40}`")


@dataclass(frozen=True, slots=True)
class Seen:
    """What the server saw since it was last asked."""

    prompts: tuple[str, ...]
    answers: tuple[str, ...]
    in_flight: float
    most: int


@dataclass(frozen=True, slots=True)
class Row:
    """One way of reading the same documents; `overhead` are the most tokens of a call that are no text."""

    name: str
    documents: int
    chunks: int
    text_tokens: float
    calls: float
    calls_a_chunk: float
    prompt_tokens: float
    completion_tokens: float
    overhead: int
    cpu_ms: float
    wall_s: float
    add_one_calls: int
    add_one_cpu_ms: float
    delete_one_calls: int
    again_calls: int


def serve(pipe: Connection) -> None:
    """The server's process: a number sent to it is the latency from then on, `None` ends it."""
    answers: list[str] = []

    def answer(request: ChatRequest) -> str:
        answers.append(noted(request))
        return answers[-1]

    with ModelServer(key=KEY, dimension=DIMENSION) as server:
        server.answer = answer
        pipe.send(server.url)
        while (latency := pipe.recv()) is not None:
            prompts = tuple(_prompt(call.body) for call in server.calls if "messages" in call.body)
            mean, most = server.in_flight_mean("chat"), server.most_in_flight
            pipe.send(Seen(prompts, tuple(answers), mean, most))
            server.latency = latency
            server.clear()
            answers.clear()


def _prompt(body: dict[str, Any]) -> str:
    """All that is paid for in a request."""
    schema = body["response_format"]["json_schema"]["schema"]
    return "\n".join([*(message["content"] for message in body["messages"]), json.dumps(schema)])


def noted(request: ChatRequest) -> str:
    """The first names of the chunks, with what is beside them, and a tie of each to the next."""
    entities: dict[str, dict[str, object]] = {}
    number = 0
    for line in request.messages[-1].text.splitlines():
        match = _CHUNK.match(line)
        if match is not None:
            number = int(match[1]) if match[1].isdigit() else 0
        elif number:
            for found in _NAME.finditer(line):
                name = found[0].strip("`")
                said = " ".join(line[found.start() :].split()[:12])
                entity = {"chunk": number, "name": name, "type": "term", "description": said}
                entities.setdefault(name, entity)
    chosen = list(entities.values())[:MOST_NAMES]
    facts = [
        {"chunk": one["chunk"], "source": one["name"], "label": "is connected with", "target": other["name"]}
        for one, other in pairwise(chosen)
    ]
    return to_json({"entities": chosen, "facts": facts}).decode()


@asynccontextmanager
async def opened(url: str, extractor: str, chunk_tokens: int) -> AsyncIterator[Engine]:
    """An engine in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        values = {
            "home": home, "extractor": extractor, "extract": "openai:stub", "embed": "openai:stub",
            "embed_dimension": DIMENSION, "openai_url": url, "openai_key": KEY,
            "chunk_tokens": chunk_tokens, "model_concurrency": 16,
        }  # fmt: skip
        async with Engine.open(Settings.model_validate(values)) as engine:
            yield engine


def _text(content: Content) -> str:
    return content.data if isinstance(content.data, str) else content.data.decode()


def _quoted(prompt: str) -> str:
    """The text of the chunks in a prompt."""
    lines = prompt.splitlines()
    marks = [place for place, line in enumerate(lines) if _CHUNK.match(line)]
    return "\n".join(line for line in lines[marks[0] : marks[-1]] if not _CHUNK.match(line))


async def measured(
    server: Served[Seen], name: str, extractor: str, chunk_tokens: int, contents: Sequence[Content]
) -> Row:
    """All but the last document added at once, the last by itself, and one deleted."""
    counter = TokenCounter()
    *many, one = contents
    async with opened(server.url, extractor, chunk_tokens) as engine:
        await engine.add(Content(b"What loads on first use.", "warm.txt"))
        server.seen()
        began, clock = time.process_time(), time.perf_counter()
        report = await engine.add(*many)
        cpu, wall = time.process_time() - began, time.perf_counter() - clock
        seen = server.seen()
        began = time.process_time()
        more = await engine.add(one)
        one_cpu = time.process_time() - began
        one_calls = len(server.seen().prompts)
        if report.failed or more.failed:
            raise RuntimeError(str((*report.failed, *more.failed)[0]))
        await engine.delete(many[0].source)
        delete_calls = len(server.seen().prompts)
        await engine.delete(*(content.source for content in many[1:10]))
        await engine.add(*many[10:])
        again = len(server.seen().prompts)
    documents, chunks = len(report.documents), sum(document.chunks for document in report.documents)
    prompts = [counter(prompt) for prompt in seen.prompts]
    return Row(
        name=name,
        documents=documents,
        chunks=chunks,
        text_tokens=round(sum(counter(_text(content)) for content in many) / documents, 1),
        calls=round(len(prompts) / documents, 3),
        calls_a_chunk=round(len(prompts) / chunks, 3),
        prompt_tokens=round(sum(prompts) / documents, 1),
        completion_tokens=round(sum(map(counter, seen.answers)) / documents, 1),
        overhead=max((counter(prompt) - counter(_quoted(prompt)) for prompt in seen.prompts), default=0),
        cpu_ms=round(1000 * cpu / documents, 1),
        wall_s=round(wall, 2),
        add_one_calls=one_calls,
        add_one_cpu_ms=round(1000 * one_cpu, 1),
        delete_one_calls=delete_calls,
        again_calls=again,
    )


async def in_flight(server: Served[Seen], contents: Sequence[Content]) -> Seen:
    """The calls under way where each takes a while."""
    async with opened(server.url, "llm", 160) as engine:
        await engine.add(*contents, wait="searchable")
        server.seen(LATENCY)
        await engine.enrich()
        return server.seen()


def contents_of(path: Path, count: int) -> list[Content]:
    """The first documents of a file."""
    with path.open(encoding="utf-8") as lines:
        found = [json.loads(line) for _, line in zip(range(count), lines, strict=False)]
    return [Content(one["text"].encode(), f"{one['id']}.md") for one in found]


def missed(rows: Sequence[Row]) -> list[str]:
    """The aims that were not reached."""
    read = [row for row in rows if row.calls]
    return [
        f"{row.name}: {what}"
        for row in read
        for what, reached in (
            (f"{row.calls_a_chunk} calls a chunk", row.calls_a_chunk <= MOST_CALLS),
            (f"{row.prompt_tokens} prompt tokens", row.prompt_tokens <= MOST_TOKENS / 780 * row.text_tokens),
            (f"{row.calls} calls a document", row.calls <= MOST_CALLS),
            (f"{row.add_one_calls} calls for one more", row.add_one_calls <= MOST_CALLS),
            (f"{row.delete_one_calls} calls for one less", row.delete_one_calls == 0),
            (f"{row.again_calls} calls for documents that are there", row.again_calls == 0),
        )
        if not reached
    ]


async def run(documents: Path, count: int) -> tuple[list[Row], Seen]:
    """All ways."""
    contents = contents_of(documents, count + 1)
    with served(serve, Seen) as server:
        rows = [
            await measured(server, "nlp, no model", "nlp", 160, contents),
            await measured(server, "llm, chunks of 160 tokens", "llm", 160, contents),
            await measured(server, "llm, chunks of 780 tokens", "llm", 780, contents),
        ]
        return rows, await in_flight(server, contents)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    rows, seen = asyncio.run(run(asked.documents, asked.count))
    for row in rows:
        print(
            f"{row.name}: "
            + ", ".join(f"{key} {value}" for key, value in asdict(row).items() if key != "name")
        )
    print(f"in flight at {LATENCY} s a call: {seen.in_flight:.1f} in the mean, {seen.most} at most, of 16")
    if asked.json:
        figures = {"rows": [asdict(row) for row in rows], "in_flight": seen.in_flight, "most": seen.most}
        asked.json.write_text(json.dumps(figures, indent=1), encoding="utf-8")
    left = missed(rows)
    print("\n".join(f"missed: {one}" for one in left) or "all aims reached")
    sys.exit(bool(left))


if __name__ == "__main__":
    main()
