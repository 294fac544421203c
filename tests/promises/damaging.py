"""Data folders with flipped bits and truncated files, and what is true of the one that was whole."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

from glede import Content, Engine, Settings
from glede.testing.fakes import FakeEmbedder

QUESTIONS = ("red kite forked tail", "barn owl voles", "how many eggs", "oak")
CSV = "bird,eggs,place\nred kite,3,oak\nbarn owl,6,church\nstork,4,roof\n"
SKIPPED = frozenset({"lock", "LOCK", "owner"})
"""Hold nothing."""


@dataclass(frozen=True)
class Shown:
    """What a reader is shown of a hit."""

    text: str
    source: str
    heading_path: tuple[str, ...]
    page: int | None


def texts() -> list[Content]:
    """A few documents, one with a table, one in a folder."""
    parts = "\n\n".join(f"## Part {number}\n\nThe oak {number} stands near the river." for number in range(6))
    return [
        Content("# Kites\n\nThe red kite has a forked tail.\n\n" + parts, "kites.md"),
        Content("# Owls\n\nThe barn owl hunts voles by sound alone.\n", "birds/owls.md"),
        Content(CSV, "eggs.csv"),
    ]


async def made(home: Path) -> None:
    """The folder as it is when it is whole, with its originals beside it nowhere."""
    async with Engine.open(Settings(home=home), embedder=FakeEmbedder()) as engine:
        for one in texts():
            report = await engine.add(one)
            assert not report.failed


def files(home: Path) -> list[Path]:
    """All files that hold something, by their paths in the folder."""
    found = (path for path in home.rglob("*") if path.is_file() and path.name not in SKIPPED)
    return sorted(path.relative_to(home) for path in found if path.stat().st_size)


def damaged(whole: Path, home: Path, name: Path, chance: random.Random) -> str:
    """A copy with one file truncated, or with bits of it flipped; returns what was done."""
    if home.exists():
        shutil.rmtree(home)
    shutil.copytree(whole, home)
    path = home / name
    data = bytearray(path.read_bytes())
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
        what = f"truncated to {len(data)}"
    else:
        places = [chance.randrange(len(data)) for _ in range(chance.choice((1, 1, 8)))]
        for place in places:
            data[place] ^= 1 << chance.randrange(8)
        what = f"flipped at {places}"
    path.write_bytes(data)
    return f"{name} {what}"


async def shown(engine: Engine) -> dict[str, list[Shown]]:
    """What each question finds, and what is shown of each document."""
    found = {}
    for question in QUESTIONS:
        hits = await engine.search(question, limit=20)
        found[question] = [
            Shown(hit.chunk.text, hit.source, hit.chunk.heading_path, hit.chunk.page) for hit in hits
        ]
    answer = await engine.ask(QUESTIONS[0])
    found["answer"] = [Shown(one.quote, one.source, one.heading_path, one.page) for one in answer.citations]
    for document in await engine.documents():
        parsed = await engine.parsed(document)
        data = (await engine.original(document)).decode()
        found[f"original: {document.source}"] = [Shown(data, document.source, (), None)]
        found[f"blocks: {document.source}"] = [
            Shown(block.text, document.source, block.heading_path, block.page) for block in parsed.blocks
        ]
    return found
