"""Folders of very many files and documents of very many pages: R3 at size, and memory that stays bounded."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from reportlab.pdfgen.canvas import Canvas

from glede import Engine, Settings
from glede.testing.fakes import FakeEmbedder
from tests.promises.agreement import disagreements

FULL = bool(os.environ.get("GLEDE_FULL"))
FILES = 100_000 if FULL else 2_000
PAGES = 5_000 if FULL else 600
KIB, MIB = 2**10, 2**20
FEW = 500
"""Files after which all that is needed to add is loaded, and all queues were full."""
MOST = 100 * MIB + FILES * 16 * KIB
"""What adding all others may take beside that: of each its path, its outcome and its row of the index."""
LARGE = 1000 * MIB
"""What a document of many pages may take, with the parser's process."""


def taken() -> int:
    """The memory of this process and those it started; what a fork shares for a moment counts once."""
    own = psutil.Process()
    total = 0
    for process in (own, *own.children(recursive=True)):
        with suppress(psutil.Error):
            total += int(process.memory_full_info().pss)
    return total


class Peak:
    """The most memory that this process and those it started have had."""

    def __init__(self) -> None:
        self.before = self.most = taken()

    @property
    def taken(self) -> int:
        """Beyond what there was before."""
        return self.most - self.before


@contextmanager
def watched() -> Iterator[Peak]:
    """Look at the memory ten times a second."""
    peak, ended = Peak(), threading.Event()

    def look() -> None:
        while not ended.wait(0.1):
            peak.most = max(peak.most, taken())

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield peak
    finally:
        ended.set()
        looking.join()


def tree_of(root: Path, files: int) -> Path:
    for number in range(files):
        folder = root / f"{number // FEW:03}"
        if number % FEW == 0:
            folder.mkdir(parents=True)
        (folder / f"{number:05}.txt").write_text(f"Bird number {number} nests on ledge {number * 7}.")
    return root


@pytest.mark.measured
@pytest.mark.timeout(7200 if FULL else 900)
async def test_very_many_files_take_little_memory_and_cost_nothing_again(tmp_path: Path) -> None:
    tree, embedder = tree_of(tmp_path / "tree", FILES), FakeEmbedder()
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=embedder) as engine:
        assert not (await engine.add(tree / "000")).failed
        with watched() as peak:
            report = await engine.add(tree)
        assert len(report.documents) == FILES and not report.failed
        assert peak.taken < MOST
        embedded = embedder.texts
        index = engine.lines.store.index
        assert index.count("default") == FILES

        for path in tree.rglob("*.txt"):
            os.utime(path, (1, 1))
        shutil.copytree(tree, tmp_path / "copy")
        (tree / "000").rename(tree / "renamed")
        for things in ([tree], [tmp_path / "copy", tree]):
            again = await engine.add(*things)
            assert {one.status for one in again.documents} <= {"unchanged", "enriched"}
            assert len(again.documents) == FILES * len(things)
            assert again.usage.embedded_texts == 0
        assert embedder.texts == embedded
        assert index.count("default") == FILES
        assert disagreements(engine) == []
    print(f"{FILES} files: {peak.taken / MIB:.0f} MiB")


def pdf_of(path: Path, pages: int) -> Path:
    canvas = Canvas(str(path))
    for number in range(1, pages + 1):
        canvas.drawString(72, 720, f"On page {number} the bird kite{number:05} nests on a ledge.")
        canvas.showPage()
    canvas.save()
    return path


@pytest.mark.measured
@pytest.mark.timeout(3600 if FULL else 300)
async def test_a_document_of_very_many_pages(tmp_path: Path) -> None:
    book = pdf_of(tmp_path / "book.pdf", PAGES)
    async with Engine.open(Settings(home=tmp_path / "data"), embedder=FakeEmbedder()) as engine:
        with watched() as peak:
            (added,) = (await engine.add(book)).documents
        assert added.error is None and added.pages == PAGES
        assert peak.taken < LARGE
        for number in (1, PAGES // 2, PAGES):
            (hit, *_) = await engine.search(f"kite{number:05}", limit=1)
            assert f"kite{number:05}" in hit.chunk.text
            assert number in {span.page for span in hit.chunk.spans}
    limited = Settings(home=tmp_path / "other", max_pages=PAGES - 1)
    async with Engine.open(limited, embedder=FakeEmbedder()) as engine:
        (refused,) = (await engine.add(book)).documents
        assert refused.error is not None and refused.error.code == "limit_exceeded"
        assert str(PAGES) in refused.error.message
    print(f"{PAGES} pages: {peak.taken / MIB:.0f} MiB")
