"""Runs the script of a recipe as its user would, and answers in the place of its models."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from glede.testing.model_wire import ChatRequest

RECIPES = Path(__file__).parent.parent.parent / "recipes"
DESCRIPTION = (
    "A diagram of the architecture. An SDK speaks to three proxies of the access layer. "
    "Below them stand a streaming node, a query node and a data node, above the object storage."
)
_SOURCE = re.compile(r"^(==\w+==) source (\d+) \(.*\)\n(.*?)\n\1 end of \2$", re.MULTILINE | re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\n")
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class Ran:
    """How a script ended and what it printed."""

    code: int
    out: str
    err: str


def run(
    recipe: str, folder: Path, settings: Mapping[str, str], environment: Mapping[str, str] | None = None
) -> Ran:
    """Run `main.py` in a folder with these settings as its `.env` and a bare environment."""
    lines = [f"{name}={value}\n" for name, value in settings.items()]
    (folder / ".env").write_text("".join(lines), encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG", "PYTHONPATH")}
    done = subprocess.run(
        [sys.executable, RECIPES / recipe / "main.py"],
        cwd=folder,
        env={**kept, "HOME": str(folder), "GLEDE_MODEL_TRIES": "1", **(environment or {})},
        capture_output=True,
        timeout=280,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def example(recipe: str) -> dict[str, str]:
    """The recipe's own `.env.example`."""
    found = dotenv_values(RECIPES / recipe / ".env.example")
    return {name: value for name, value in found.items() if value is not None}


def quote_the_sources(request: ChatRequest) -> str:
    """Says the sentence of the sources that shares most words with the question, and cites it.

    A picture is described; a question without sources is not answered.
    """
    asked_of_sources = _SOURCE.search(request.messages[-1].text) is not None
    if any(turn.pictures for turn in request.messages) and not asked_of_sources:
        fields = {"kind": "diagram", "meaning": "", "text": "", "objects": [], "relations": []}
        return json.dumps({**fields, "columns": [], "rows": [], "description": DESCRIPTION})
    question = _words(request.messages[-1].text.rpartition("Question: ")[2])
    sentences = [
        (number, " ".join(sentence.split()))
        for _, number, text in _SOURCE.findall(request.messages[-1].text)
        for sentence in _SENTENCE_END.split(text)
        if not sentence.rstrip().endswith("?")
    ]
    if not sentences:
        return "NO ANSWER"
    number, sentence = max(sentences, key=lambda one: len(_words(one[1]) & question))
    return f'{sentence} [{number} "{sentence}"]'


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))
