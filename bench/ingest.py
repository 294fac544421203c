"""What adding costs: at once searchable, nothing paid twice, and never slower for what is there already.

    python -m bench.ingest PART... --corpus ../shared/peerbench/data/corpus.jsonl [--json FILE]

Each part prints a table and exits with 1 where a promise is missed:

    large     --chunks N --seconds S: a large collection with the local embedder

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

from bench.ingest_figures import Figure, table
from bench.ingest_large import large


def corpus(path: Path) -> list[str]:
    """The texts of the documents."""
    with path.open(encoding="utf-8") as lines:
        return [str(json.loads(line)["text"]) for line in lines]


def _large(arguments: argparse.Namespace) -> list[Figure]:
    texts = corpus(arguments.corpus)
    with tempfile.TemporaryDirectory(prefix="glede-bench-") as home:
        return asyncio.run(large(texts, arguments.chunks, arguments.seconds, Path(home)))


PARTS: dict[str, Callable[[argparse.Namespace], list[Figure]]] = {"large": _large}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("parts", nargs="+", choices=list(PARTS))
    made.add_argument("--corpus", type=Path, required=True)
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
    figures = PARTS[part](arguments)
    print(table(part, figures))
    if arguments.json is not None:
        known = json.loads(arguments.json.read_text()) if arguments.json.exists() else {}
        known[part] = [asdict(figure) for figure in figures]
        arguments.json.write_text(json.dumps(known, indent=1) + "\n")
    return int(any(figure.missed for figure in figures))


if __name__ == "__main__":
    raise SystemExit(main())
