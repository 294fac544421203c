"""Adding beside the peers: their harness, their stub model, at no latency and at 100 ms a call.

`floor` is the harness' own reference, 145 lines over SQLite: the lower bound of the plumbing. It is run
beside us, since processor time is worth less on a machine that others use.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.ingest_figures import Figure

ALLOWED = 16
FEW, MANY = 60, 500
SLOW = 100
LIGHTRAG_CPU_MS = 621
"""A document of 500, as its measurer found (BASELINE.md of the harness)."""
PARTS = 50
MOST_FLOORS = 4
MOST_WRITTEN = 2.5
MOST_SECONDS = 2.0
LEAST_FEW, LEAST_MANY = 4, 10


@dataclass(frozen=True, slots=True)
class Harness:
    """A copy of the peers' harness, in a folder that it may write into."""

    folder: Path

    def ingest(self, peer: str, count: int, latency: int, variant: str = "") -> dict[str, Any]:
        """What it measured of an `add`; JSON of its own shape."""
        root = Path(__file__).parents[1]
        adapters = {"glede": "bench.peer_adapter", "floor": "peerbench.adapters.floor_reference"}
        command = [
            sys.executable, "-m", "peerbench.bench", "run", "--peer", peer, "--python", sys.executable,
            "--adapter", adapters[peer], "--pythonpath", str(root), "--sizes", str(count),
            "--latency-ms", str(latency), "--concurrency", str(ALLOWED), "--label", "ingest",
            "--build-phases", "open ingest close", "--restart-phases", "", "--max-seconds", "170",
        ]  # fmt: skip
        command += ["--variant", variant] if variant else []
        subprocess.run(command, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
        named = "_".join(filter(None, [peer, variant, f"n{count}", f"l{latency}", f"c{ALLOWED}_d384_ingest"]))
        found: dict[str, Any] = json.loads((self.folder / "results" / f"{named}.json").read_text())
        ingest: dict[str, Any] = found["build"]["phases"]["ingest"]
        if "error" in ingest:
            raise RuntimeError(f"{named}: {ingest['error']}")
        return ingest


def fast(harness: Harness, count: int) -> list[Figure]:
    """At no latency, without a model for the graph: processor time and bytes."""
    ours, floor = (harness.ingest(peer, count, 0) for peer in ("glede", "floor"))
    each, least = (1000 * one["cpu_s"] / count for one in (ours, floor))
    share = ours["written_bytes"] / ours["disk_bytes"]
    return [
        Figure(f"{count} documents, 0 ms: CPU a document", each, "ms"),
        Figure(f"{count} documents, 0 ms: CPU a document of `floor`", least, "ms"),
        Figure("LightRAG's CPU (621 ms at 500) over ours", LIGHTRAG_CPU_MS / each, "times", least=PARTS),
        Figure("our CPU over that of `floor`", each / least, "times", most=MOST_FLOORS),
        Figure("bytes written over bytes on disk", share, "times", most=MOST_WRITTEN),
    ]


def slow(harness: Harness, count: int, least: float) -> list[Figure]:
    """At 100 ms a call, with a call for each document's part of the graph."""
    ours = harness.ingest("glede", count, SLOW, "llm")
    model = ours["model"]
    what = f"{count} documents, {SLOW} ms a call, {ALLOWED} allowed"
    figures = [
        Figure(f"{what}: calls of the model a document", model["chat"]["calls"] / count, ""),
        Figure(f"{what}: wall", ours["wall_s"], "s", most=MOST_SECONDS if count == FEW else None),
        Figure(f"{what}: CPU", ours["cpu_s"], "s"),
        Figure(f"{what}: mean in flight", model["mean_in_flight"], "", least=least),
        Figure(f"{what}: most in flight", model["peak_in_flight"], ""),
    ]
    if count == FEW:
        floor = harness.ingest("floor", count, SLOW)
        figures.append(Figure(f"{what}: wall of `floor`", floor["wall_s"], "s"))
    return figures


def calls(folder: Path, most: int) -> list[Figure]:
    """All of it, with `most` documents at most."""
    harness = Harness(folder)
    return [
        *fast(harness, min(MANY, most)),
        *slow(harness, FEW, LEAST_FEW),
        *(slow(harness, MANY, LEAST_MANY) if most >= MANY else []),
    ]
