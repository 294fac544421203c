"""How well documents are read: text, headings, tables, equations, scans; and how fast.

    python -m bench.parsing --corpus FOLDER [--parser NAME] [--only quality|speed|scans]

FOLDER holds documents, below `gt/` the Markdown that each should give, and beside some PDFs a structure file
of the ICDAR 2013 table competition (`NAME-str.xml`). Everything is read as `glede add` reads it: chosen,
through the parser process, merged.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import resource
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz.distance import Indel

from bench.scans import scan_scores
from bench.tables import agreement, normal, relations, true_tables
from glede.media import detect
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.reading.choosing import Reading
from glede.registry import choose_parsers
from glede.types import FURNITURE, Block, Parsed

SPEED = {
    "text": (
        "multi_page",
        "WARN-Report-for-7-1-2015-to-03-25-2016",
        "senate-expenditures",
        "right_to_left_01",
    ),
    "figures and formulas": ("redp5110_sampled", "federal-register-2020-17221", "GeoTopo-komprimiert"),
}
"""PDFs with a text layer, by which the speed is measured: those of text, and those that are drawn from."""
ROUNDS = 4
_MARKUP = re.compile(
    r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)|</?[a-z][^<>]*>|^\s*\|?[\s|:-]*\|\s*$|[|*_#`$\\]|^\s*[-•·]\s", re.M
)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'"}
_HEADING = re.compile(r"^#{1,6} (.*)$", re.M)
_EQUATION = re.compile(r"\$\$(.+?)\$\$", re.S)


@dataclass(frozen=True, slots=True)
class Read:
    """A document of the corpus as it was read; `why` where it was not."""

    name: str
    parsed: Parsed | None
    why: str = ""


def plain(text: str) -> str:
    """The words of Markdown, in lower case, with single spaces."""
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return " ".join(_MARKUP.sub(" ", _LINK.sub(r"\1", text)).split()).casefold()


def text_of(blocks: Sequence[Block]) -> str:
    """What a reader of the document sees, in order."""
    return plain("\n\n".join(block.text for block in blocks if block.type not in FURNITURE))


def heading_f1(blocks: Sequence[Block], truth: str) -> float | None:
    """Headings found by their words, whatever their level; `None` where there are none to find."""
    true = Counter(normal(plain(heading)) for heading in _HEADING.findall(truth))
    found = Counter(normal(plain(block.text)) for block in blocks if block.type == "heading")
    if not true:
        return None
    right = (true & found).total()
    return 2 * right / (true.total() + found.total())


async def read_all(paths: Sequence[Path], parser: str | None, pool: ParserPool) -> list[Read]:
    """Every document, read one after another."""
    reading = Reading(pool)
    found = []
    for path in paths:
        data = path.read_bytes()
        media_type = detect(data, path.name)
        try:
            plan = choose_parsers(media_type, parser)
            options = ParseOptions(name=path.name, password="1234" if "2206.01062" in path.name else None)
            found.append(Read(path.name, await reading.read(data, media_type, plan, options)))
        except Exception as error:  # noqa: BLE001 - a benchmark tells what went wrong and goes on
            found.append(Read(path.name, None, f"{type(error).__name__}: {error}"))
    return found


def quality(corpus: Path, read: Sequence[Read]) -> None:
    """Text and headings against the Markdown, tables against the structure files, equations."""
    print("| document | parser | text | headings | table F1 | equations |\n|---|---|---|---|---|---|")
    texts, headings, tables = [], [], []
    for one in read:
        truth = _truth(corpus, one.name)
        structure = corpus / f"{Path(one.name).stem}-str.xml"
        if truth is None and not structure.exists():
            continue
        if one.parsed is None:
            print(f"| {one.name} | {one.why} | | | | |")
            texts.append(0.0)
            continue
        blocks = one.parsed.blocks
        text = Indel.normalized_similarity(text_of(blocks), plain(truth)) if truth else None
        heading = heading_f1(blocks, truth) if truth else None
        table = _table_f1(blocks, structure) if structure.exists() else None
        formulas = _formulas(blocks, truth or "")
        texts += [text] if text is not None else []
        headings += [heading] if heading is not None else []
        tables += [table] if table is not None else []
        scores = " | ".join(map(_shown, (text, heading, table)))
        print(f"| {one.name} | {one.parsed.parser} | {scores} | {formulas} |")
    print(f"\ntext, median: {statistics.median(texts):.3f}; headings, mean: {statistics.mean(headings):.3f}")
    if tables:
        print(f"tables, mean adjacency F1: {statistics.mean(tables):.3f}")


def _truth(corpus: Path, name: str) -> str | None:
    for path in (corpus / "gt" / f"{name}.md", corpus / "gt" / f"{Path(name).stem}.md"):
        if path.exists():
            return path.read_text(encoding="utf-8")
    return None


def _table_f1(blocks: Sequence[Block], structure: Path) -> float:
    found = relations(block.table for block in blocks if block.table is not None)
    return agreement(found, relations(true_tables(structure))).f1


def _formulas(blocks: Sequence[Block], truth: str) -> str:
    """Display and inline formulas that came out, of those in the Markdown."""
    true = len(_EQUATION.findall(truth)) + len(
        re.findall(r"(?<!\$)\$[^$\n]+\$(?!\$)", _EQUATION.sub("", truth))
    )
    found = sum(block.type == "equation" for block in blocks)
    found += sum(
        len(re.findall(r"(?<!\$)\$[^$\n]+\$(?!\$)", block.text))
        for block in blocks
        if block.type != "equation"
    )
    return f"{found} of {true}" if true or found else ""


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _cpu() -> float:
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


async def speed(corpus: Path, parser: str) -> None:
    """Pages a CPU second, of bare liteparse and of the whole way; pages a second of one worker and of two."""
    for kind, names in SPEED.items():
        documents = [path.read_bytes() for name in names if (path := corpus / f"{name}.pdf").exists()]
        bare, pages = _bare(documents * ROUNDS)
        one, two = [await _rates(documents * ROUNDS, pages, parser, size) for size in (1, 2)]
        print(f"{kind}: pages a CPU second: liteparse {bare:.0f}, the whole way {one[1]:.0f}", end="")
        print(f" ({one[1] / bare:.0%}); pages a second: one worker {one[0]:.0f}, two {two[0]:.0f}", end="")
        print(f" ({two[0] / one[0]:.2f} times)")


def _bare(documents: Sequence[bytes]) -> tuple[float, int]:
    """Pages a CPU second of liteparse alone, and how many pages there are."""
    from liteparse import LiteParse

    how = {"ocr_enabled": False, "quiet": True, "num_workers": 1}
    began, pages = _cpu(), 0
    for data in documents:
        pages += len(LiteParse(extract_blocks=True, include_complexity=True, **how).parse(data).pages)
    return pages / (_cpu() - began), pages


async def _rates(documents: Sequence[bytes], pages: int, parser: str, size: int) -> tuple[float, float]:
    """Pages a second and a CPU second through a pool of that size, warmed up."""
    pool = ParserPool(ParseLimits(), size)
    reading, plan = Reading(pool), choose_parsers("application/pdf", parser)
    warm = [pool.parse(documents[0], "application/pdf", "pdf", ParseOptions()) for _ in range(size)]
    await asyncio.gather(*warm)
    began, clock = _cpu(), time.perf_counter()
    reads = [reading.read(data, "application/pdf", plan, ParseOptions()) for data in documents]
    await asyncio.gather(*reads)
    wall = time.perf_counter() - clock
    await pool.close()
    return pages / wall, pages / (_cpu() - began)


async def main() -> None:
    """Print what was asked for."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--corpus", type=Path, required=True)
    arguments.add_argument("--parser")
    arguments.add_argument("--only", choices=("quality", "speed", "scans"))
    asked = arguments.parse_args()
    if asked.only in (None, "quality"):
        paths = sorted(
            path for path in asked.corpus.iterdir() if path.is_file() and path.suffix not in (".tsv", ".xml")
        )
        pool = ParserPool(ParseLimits())
        read = await read_all(paths, asked.parser, pool)
        await pool.close()
        quality(asked.corpus, read)
        for one in read:
            print(
                f"- {one.name}: {one.why or 'read'}" if one.parsed is None else "",
                end="\n" if one.why else "",
            )
    if asked.only in (None, "speed"):
        await speed(asked.corpus, asked.parser or "pdf")
    if asked.only in (None, "scans"):
        await scan_scores()


if __name__ == "__main__":
    asyncio.run(main())
