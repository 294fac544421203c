"""What a dry run tells, and what then happens: files, chunks, texts, calls, tokens and time.

The models are a scripted server with a latency. The first half of the documents is added before, so that
their pace is known; the second half is estimated and then added.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bench.graph_llm import LATENCY, Seen, serve
from bench.ingest_figures import Figure
from bench.serving import served
from glede import Content, Engine, Settings

MOST = 0.15
"""Of what happens: so far off an estimate may be."""


async def estimate(texts: Sequence[str], home: Path) -> list[Figure]:
    """Add half of them, estimate the other half, and add it."""
    contents = [Content(text, f"{number}.md") for number, text in enumerate(texts)]
    half = len(contents) // 2
    with served(serve, Seen) as server:
        server.seen(LATENCY)
        values = {
            "home": home, "extractor": "llm", "extract": "openai:stub", "embed": "openai:stub",
            "embed_dimension": 384, "openai_url": server.url, "openai_key": "sk-bench",
            "model_concurrency": 16,
        }  # fmt: skip
        async with Engine.open(Settings.model_validate(values)) as engine:
            await engine.add(*contents[:half])
            told = (await engine.add(*contents[half:], dry_run=True)).estimate
            assert told is not None
            began = time.perf_counter()
            report = await engine.add(*contents[half:])
            seconds = time.perf_counter() - began
    used = report.usage
    pairs = {
        "files": (told.files, len(report.documents)),
        "chunks": (told.chunks, sum(one.chunks for one in report.documents)),
        "texts embedded": (told.embedded_texts, used.embedded_texts),
        "calls of models": (told.calls, used.model_calls),
        "prompt tokens": (sum(one.prompt_tokens for one in told.models), used.prompt_tokens),
        "completion tokens": (sum(one.completion_tokens for one in told.models), used.completion_tokens),
        "seconds": (told.seconds, seconds),
    }
    return [figure for name, (said, came) in pairs.items() for figure in _compared(name, said, came)]


def _compared(name: str, said: float, came: float) -> list[Figure]:
    return [
        Figure(f"{name}: told", said),
        Figure(f"{name}: came", came),
        Figure(f"{name}: off by", abs(said - came) / max(came, 1e-9), "", most=MOST),
    ]
