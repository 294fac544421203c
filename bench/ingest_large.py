"""A large collection with the local embedder: throughput, memory, disk, and the time of a question.

Documents of about 100 chunks are put together from the lines of a corpus in an order of chance, so that their
words are as frequent as in real ones. What is reached when the time is over is what is reported.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench.ingest_figures import Figure, Watch, children, disk_mib, peak_mib, quantile
from glede import Engine, Settings
from glede.results import Added, Report

SEED = 7
DOCUMENT_CHUNKS = 100
CHUNK_CHARACTERS = 560
"""Of a chunk of 160 tokens at most, as they come out."""
LEAST_LINE = 40
SECTION_LINES = 12
QUESTIONS = 60
WARM = 5
MOST_MIB = 1536


@dataclass(frozen=True, slots=True)
class Reached:
    """How far it came in its time."""

    report: Report
    wall: float
    cpu: float


def write_documents(lines: Sequence[str], chunks: int, folder: Path) -> int:
    """Write as many documents as hold about so many chunks; returns how many."""
    folder.mkdir(parents=True)
    chance = random.Random(SEED)
    count = max(1, chunks // DOCUMENT_CHUNKS)
    for number in range(count):
        text = "\n".join(_document(lines, number, chance))
        (folder / f"{number:06}.md").write_text(text, encoding="utf-8")
    return count


def _document(lines: Sequence[str], number: int, chance: random.Random) -> Iterator[str]:
    yield f"# Report {number}\n"
    written = 0
    while written < DOCUMENT_CHUNKS * CHUNK_CHARACTERS:
        section = chance.choices(lines, k=SECTION_LINES)
        yield f"## {' '.join(section[0].split()[:6])}\n"
        yield from (f"{line}\n" for line in section[1:])
        written += sum(map(len, section))


def lines_of(texts: Sequence[str]) -> list[str]:
    """Sentences and list items of the corpus; neither tables nor code."""
    found = (line.strip() for text in texts for line in text.splitlines())
    return [line for line in found if len(line) > LEAST_LINE and line[0].isalnum() and "|" not in line]


class Pace:
    """Tells every so often how far it is."""

    def __init__(self, every: float = 30.0) -> None:
        self._every = every
        self._began = self._told = time.monotonic()
        self.chunks = 0

    def start(self, total: int) -> None:
        """See `glede.ports.Progress`; so for the others."""
        del total

    def stage(self, name: str, source: str) -> None:
        """Nothing to tell."""
        del name, source

    def done(self, item: Added) -> None:
        """A document has ended."""
        self.chunks += item.chunks
        now = time.monotonic()
        if now - self._told > self._every:
            self._told = now
            rate = self.chunks / (now - self._began)
            print(f"{now - self._began:.0f} s: {self.chunks} chunks, {rate:.0f}/s", flush=True)


async def filled(engine: Engine, folder: Path, seconds: float) -> Reached:
    """Add the folder, for so many seconds at most; what is acknowledged by then stays."""
    watch = Watch()
    adding = asyncio.create_task(engine.add(folder, progress=Pace()))
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.shield(adding), seconds)
    if not adding.done():
        for job in engine.lines.tracking.running:
            engine.cancel(job.id)
    report = await adding
    spent = watch.read()
    return Reached(report, spent.wall, spent.cpu)


async def asked(engine: Engine, questions: Sequence[str], mode: str) -> list[Figure]:
    """Milliseconds of a question, on the clock and of the processor."""
    wall, cpu = [], []
    for question in questions:
        began, used = time.perf_counter(), time.process_time()
        await engine.search(question, mode="mix" if mode == "mix" else "naive")
        wall.append(1000 * (time.perf_counter() - began))
        cpu.append(1000 * (time.process_time() - used))
    wall, cpu = wall[WARM:], cpu[WARM:]
    return [
        Figure(f"question, {mode}: p50", quantile(wall, 0.5), "ms"),
        Figure(f"question, {mode}: p95", quantile(wall, 0.95), "ms"),
        Figure(f"question, {mode}: CPU p50", quantile(cpu, 0.5), "ms"),
        Figure(f"question, {mode}: CPU p95", quantile(cpu, 0.95), "ms"),
    ]


async def large(texts: Sequence[str], chunks: int, seconds: float, home: Path) -> list[Figure]:
    """Fill an empty data folder, and ask it."""
    lines = lines_of(texts)
    documents = home / "documents"
    written = write_documents(lines, chunks, documents)
    chance = random.Random(SEED + 1)
    questions = [" ".join(chance.choice(lines).split()[:12]) for _ in range(QUESTIONS + WARM)]
    async with Engine.open(Settings(home=home / "data")) as engine:
        reached = await filled(engine, documents, seconds)
        workers = sum(map(peak_mib, children()))
        figures = [await asked(engine, questions, mode) for mode in ("naive", "mix")]
    added = [one for one in reached.report.documents if one.status == "searchable"]
    stored = sum(one.chunks for one in added)
    return [
        Figure("documents added", len(added), f"of {written}"),
        Figure("chunks", stored),
        Figure("wall", reached.wall, "s"),
        Figure("chunks a second", stored / reached.wall),
        Figure("CPU a chunk", 1000 * reached.cpu / max(1, stored), "ms"),
        Figure("peak memory (VmHWM) with all questions", peak_mib(), "MiB", most=MOST_MIB),
        Figure("peak memory of the parsers beside", workers, "MiB"),
        Figure("disk", disk_mib(home / "data"), "MiB"),
        Figure("disk a chunk", disk_mib(home / "data") * 1024 / max(1, stored), "KiB"),
        *(figure for some in figures for figure in some),
    ]
