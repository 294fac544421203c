"""What adding costs: at once searchable, nothing paid twice, and never slower for what is there already.

    python -m bench.ingest PART... --corpus ../shared/peerbench/data/corpus.jsonl [--json FILE]

Each part prints a table and exits with 1 where a promise is missed:

    calls     --harness FOLDER (a copy of the peers'), --documents N at most: 0 and 100 ms a call
    first     how soon the first of --documents N is found
    one-more  one document more to 50 and to --documents N
    resume    what is asked again after a kill -9, of --documents N
    estimate  a dry run of --documents N and what then happens
    large     --chunks N --seconds S: a large collection with the local embedder
    index     --chunks N: a question to rows without an order and in lists

`corpus.jsonl` holds a line of JSON for each document, with `id` and `text`. Several parts run one after the
other, each in a process of its own. Machines are shared: trust CPU, bytes and calls more than the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from bench.ingest_calls import calls
from bench.ingest_estimate import estimate
from bench.ingest_figures import Figure, table
from bench.ingest_first import first, one_more
from bench.ingest_index import index
from bench.ingest_large import large
from bench.ingest_resume import resume


def corpus(path: Path) -> list[str]:
    """The texts of the documents."""
    with path.open(encoding="utf-8") as lines:
        return [str(json.loads(line)["text"]) for line in lines]


def _calls(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    del texts, home
    return calls(arguments.harness, arguments.documents or 500)


def _first(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    return asyncio.run(first(texts[: arguments.documents or 1000], home))


def _one_more(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    return asyncio.run(one_more(texts, (50, arguments.documents or 1500), home))


def _resume(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    return resume(texts[: arguments.documents or 200], home)


def _estimate(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    return asyncio.run(estimate(texts[: arguments.documents or 200], home))


def _large(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    return asyncio.run(large(texts, arguments.chunks, arguments.seconds, home))


def _index(arguments: argparse.Namespace, texts: Sequence[str], home: Path) -> list[Figure]:
    del texts
    return index(arguments.chunks, home)


PARTS: dict[str, Callable[[argparse.Namespace, Sequence[str], Path], list[Figure]]] = {
    "calls": _calls,
    "first": _first,
    "one-more": _one_more,
    "resume": _resume,
    "estimate": _estimate,
    "large": _large,
    "index": _index,
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("parts", nargs="+", choices=list(PARTS))
    made.add_argument("--corpus", type=Path, required=True)
    made.add_argument("--harness", type=Path, help="a copy of the peers' harness that may be written into")
    made.add_argument("--documents", type=int, default=0)
    made.add_argument("--chunks", type=int, default=5_000)
    made.add_argument("--seconds", type=float, default=150.0)
    made.add_argument("--json", type=Path)
    return made


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, and tell whether all promises are kept."""
    arguments = parser().parse_args(given)
    if len(arguments.parts) > 1:
        options = [one for one in (given or sys.argv[1:]) if one not in arguments.parts]
        runs = [[sys.executable, "-m", "bench.ingest", part, *options] for part in arguments.parts]
        return max(subprocess.run(run, check=False).returncode for run in runs)
    (part,) = arguments.parts
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        figures = PARTS[part](arguments, corpus(arguments.corpus), Path(home))
    print(table(part, figures))
    if arguments.json is not None:
        known = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
        known[part] = [asdict(figure) for figure in figures]
        arguments.json.write_text(json.dumps(known, indent=1) + "\n")
    return int(any(figure.missed for figure in figures))


if __name__ == "__main__":
    raise SystemExit(main())
