"""A process that is killed in the middle of an `add`, and one that goes on: what is asked twice.

The model server outlives both. A call whose answer was on its way when the process died was never received,
and is asked again by anybody; one that was answered before must not be.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.graph_llm import noted
from bench.ingest_figures import Figure
from glede.testing.model_log import Call
from glede.testing.model_server import ModelServer

KEY = "sk-bench"
LATENCY = 0.1
LEEWAY = 0.1
"""Seconds from the last byte of an answer to its place on the disk, on a machine that others use."""
CHILD = """
import asyncio, json, sys
from glede import Content, Engine, Settings
async def main():
    values = json.loads(sys.argv[1])
    texts = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
    async with Engine.open(Settings.model_validate(values)) as engine:
        report = await engine.add(*(Content(text, f"{n}.md") for n, text in enumerate(texts)))
        print(json.dumps({"failed": len(report.failed), "documents": len(await engine.documents())}))
asyncio.run(main())
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, by its content, and when its answer was complete."""

    what: str
    ended: float


def _asked(calls: Sequence[Call]) -> list[Asked]:
    """Texts are asked for one by one, however they are batched."""
    found = []
    for call in calls:
        texts = call.body.get("input", [])
        parts = texts if isinstance(texts, list) and texts else [call.body.get("messages")]
        ended = call.ended if call.status == 200 else float("inf")
        found += [Asked(json.dumps(part, sort_keys=True), ended) for part in parts]
    return found


def resume(texts: Sequence[str], home: Path) -> list[Figure]:
    """Kill it when half of the documents were read for the graph, and add them again."""
    listed = home / "texts.jsonl"
    home.mkdir(parents=True, exist_ok=True)
    listed.write_text("".join(json.dumps(text) + "\n" for text in texts), encoding="utf-8")
    with ModelServer(key=KEY, dimension=384, latency=LATENCY) as server:
        server.answer = noted
        values = {
            "home": str(home / "data"), "extractor": "llm", "extract": "openai:stub", "embed": "openai:stub",
            "embed_dimension": 384, "openai_url": server.url, "openai_key": KEY, "model_concurrency": 16,
        }  # fmt: skip
        command = [sys.executable, "-c", CHILD, json.dumps(values), str(listed)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and server.count("chat") < len(texts) // 2:
                time.sleep(0.005)
            killed = time.monotonic()
            process.kill()
        time.sleep(2 * LATENCY)
        before = _asked(server.calls)
        server.clear()
        again = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        after = {one.what for one in _asked(server.calls)}
    answered = {one.what for one in before if one.ended < killed - LEEWAY}
    under_way = {one.what for one in before} - answered
    outcome = json.loads(again.stdout)
    return [
        Figure("requests before the kill, answered", len(answered)),
        Figure("under way at the kill", len(under_way)),
        Figure("under way at the kill, and asked again", len(after & under_way)),
        Figure("answered before the kill, and asked again", len(after & answered), "", most=0),
        Figure("documents after the second run", outcome["documents"], f"of {len(texts)}", least=len(texts)),
        Figure("documents failed", outcome["failed"], "", most=0),
    ]
