"""How well pictures are found by words, and what documents with pictures cost in model calls.

    python -m bench.pictures --data ../shared/data [--peer ../shared/peerbench/data/multimodal.jsonl]

The first: pages of the Milvus documentation with their pictures, whose alternative texts and titles are taken
out and asked for; no model. The second: documents of one text, table, equation and picture each, with a
scripted model that sees.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import base64
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.datasets import FRONT_MATTER
from glede import Content, Engine, Settings
from glede.media import detect
from glede.sources.content_lists import content_of
from glede.testing.model_server import ChatRequest, ModelServer

LIMIT = 50
CALLS = 3.0
"""The most model calls that a document of the second kind may cost."""
PEER_CALLS = 14.7
PEER_TOKENS = 39_549
"""What RAG-Anything takes, with its extraction of a graph."""
KEY = "sk-bench"
_IMAGE = re.compile(r'!\[(?P<alt>[^\]]*)\]\(\s*(?P<path>[^)\s]+)(?:\s+"[^"]*")?\s*\)')
_TAG = re.compile(r'<img[^>]*\bsrc="(?P<path>[^"]+)"[^>]*>')


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture and the words that it is asked for with."""

    asset: str
    words: str
    page: str


@dataclass(frozen=True, slots=True)
class Found:
    """Mean reciprocal ranks of the right picture, among pictures and among everything."""

    asked: int
    pictures: int
    among_pictures: float
    first: float
    among_all: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a document costs in the mean."""

    documents: int
    calls: float
    prompt_tokens: float
    seconds: float


def wanted_of(folder: Path) -> list[Wanted]:
    """The pictures of a known format that have an alternative text."""
    found = []
    for line in (folder / "images.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        data = (folder / one["image"]).read_bytes()
        if one["alt"] and detect(data).startswith("image/") and "svg" not in detect(data):
            words = re.sub(r"[_\-]+", " ", one["alt"][0])
            found.append(Wanted(hashlib.sha256(data).hexdigest(), words, one["pages"][0]))
    return found


def page_of(folder: Path, name: str) -> Content:
    """A page of the documentation with its pictures inside, and nothing that names them."""
    text = FRONT_MATTER.sub("", (folder / "corpus" / name).read_text(encoding="utf-8"))

    def inside(match: re.Match[str]) -> str:
        path = folder / "assets" / Path(match["path"]).name
        if not path.is_file() or not (media_type := detect(path.read_bytes())).startswith("image/"):
            return ""
        return f"![](data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()})"

    return Content(_TAG.sub(inside, _IMAGE.sub(inside, text)), name)


async def find(folder: Path) -> Found:
    """Ask for each picture by its alternative text."""
    wanted = wanted_of(folder)
    pages = sorted({one.page for one in wanted})
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        async with Engine.open(Settings(home=Path(home))) as engine:
            report = await engine.add(*(page_of(folder, name) for name in pages))
            if report.failed:
                raise RuntimeError(str(report.failed[0]))
            pictures = sum(document.blocks.get("image", 0) for document in await engine.documents())
            among, everything = [], []
            for one in wanted:
                hits = await engine.search(one.words, limit=LIMIT, types=("image",))
                among.append(_reciprocal([hit.chunk.asset for hit in hits], one.asset))
                hits = await engine.search(one.words, limit=LIMIT)
                everything.append(_reciprocal([hit.chunk.asset for hit in hits], one.asset))
    count = len(wanted)
    first = sum(value == 1 for value in among) / count
    return Found(count, pictures, sum(among) / count, first, sum(everything) / count)


def _reciprocal(assets: Sequence[str | None], asset: str) -> float:
    return 1 / (assets.index(asset) + 1) if asset in assets else 0.0


def see(request: ChatRequest) -> str:
    """A diagram, whatever is shown."""
    seen = {"kind": "diagram", "description": "A diagram of a proxy and three nodes.", "meaning": ""}
    more = {"text": "proxy", "objects": ["proxy"], "relations": [], "columns": [], "rows": []}
    return orjson.dumps({**seen, **more}).decode() if request.schema else "A short summary."


async def spend(path: Path, count: int) -> Cost:
    """Add documents with a model for every role that adding has."""
    documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[:count]]
    contents = []
    for one in documents:
        blocks = one["blocks"] if isinstance(one["blocks"], list) else ast.literal_eval(one["blocks"])
        placed = [
            {**block, "img_path": str(path.parent / block["img_path"])} if "img_path" in block else block
            for block in blocks
        ]
        contents.append(content_of(placed, f"{one['id']}.json", 50 * 2**20))
    with ModelServer(key=KEY) as server, tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        server.answer = see
        settings = Settings.model_validate(
            {
                "home": home,
                "chat": "openai:gpt-4o",
                "vision": "openai:gpt-4o",
                "openai_url": server.url,
                "openai_key": KEY,
            }
        )
        async with Engine.open(settings) as engine:
            report = await engine.add(*contents)
            if report.failed:
                raise RuntimeError(str(report.failed[0]))
            spent = await engine.usage("role")
        tokens = sum(one.prompt_tokens for one in spent)
        return Cost(count, server.count("chat") / count, tokens / count, report.seconds / count)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.pictures", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--peer", type=Path, help="documents of blocks, one a line")
    parser.add_argument("--count", type=int, default=20, help="of those documents")
    given = parser.parse_args()
    folder = given.data / "milvus_docs"
    if folder.is_dir():
        found = asyncio.run(find(folder))
        print("| pictures by words | asked | MRR of pictures | first | MRR of all |\n|---|---|---|---|---|")
        figures = (found.among_pictures, found.first, found.among_all)
        values = " | ".join(f"{figure:.3f}" for figure in figures)
        print(f"| {found.pictures} in pages of milvus_docs | {found.asked} | {values} |")
    if given.peer is None:
        return 0
    cost = asyncio.run(spend(given.peer, given.count))
    print(f"\n| {cost.documents} documents of four blocks | ours | RAG-Anything |\n|---|---|---|")
    print(f"| model calls of a document | {cost.calls:.2f} (target <= {CALLS:g}) | {PEER_CALLS} |")
    print(f"| prompt tokens of a document | {cost.prompt_tokens:.0f} | {PEER_TOKENS} |")
    print(f"| seconds of a document | {cost.seconds:.2f} | |")
    return 0 if cost.calls <= CALLS else 1


if __name__ == "__main__":
    sys.exit(main())
