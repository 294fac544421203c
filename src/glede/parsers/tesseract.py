"""Tesseract, where the system has it: the second opinion on a line, and what reads Cyrillic or Arabic."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache

from glede.parsers.rendering import Pixels

SECONDS = 60
"""The longest that it may take; the whole parse has its own limit."""
MOST_LANGUAGES = 4
"""Languages asked for at once; each one makes it slower and less sure."""
_SCRIPT = re.compile(r"^Script: (\w+)", re.MULTILINE)
_LANGUAGES = {
    "Latin": ("eng", "deu", "fra", "spa", "ita", "por", "nld", "pol"),
    "Cyrillic": ("rus", "ukr", "bul", "srp"),
    "Arabic": ("ara", "fas", "urd"),
    "Hebrew": ("heb",),
    "Greek": ("ell",),
    "Devanagari": ("hin",),
    "Thai": ("tha",),
    "Hangul": ("kor",),
    "Japanese": ("jpn",),
    "Han": ("chi_sim", "chi_tra"),
}
"""Its names of languages by its names of scripts, the likelier first."""
_NO_LANGUAGES = frozenset({"osd", "equ"})


def is_installed() -> bool:
    """Whether there is a `tesseract` on the path with a language."""
    return bool(languages())


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """The languages it has, sorted; none where it is not installed."""
    listed = _run(["--list-langs"], b"").splitlines()[1:]
    return tuple(sorted(name for name in listed if name and name not in _NO_LANGUAGES))


def page_languages(page: Pixels) -> tuple[str, ...]:
    """The installed languages of the script that the page is written in; of all scripts if it cannot tell."""
    match = _SCRIPT.search(_run(["--psm", "0", "stdin", "stdout"], _png(page)))
    of_script = [name for name in _LANGUAGES.get(match[1] if match else "", ()) if name in languages()]
    usual = [name for names in _LANGUAGES.values() for name in names[:1] if name in languages()]
    return tuple((of_script or usual or languages())[:MOST_LANGUAGES])


def read_line(line: Pixels, names: Sequence[str]) -> tuple[str, float]:
    """The text of one upright line and its score from 0 to 1."""
    answer = _run(["stdin", "stdout", "-l", "+".join(names), "--psm", "7", "tsv"], _png(line))
    words: list[tuple[str, float]] = []
    for row in answer.splitlines()[1:]:
        fields = row.split("\t")
        if len(fields) == 12 and fields[11].strip() and float(fields[10]) >= 0:
            words.append((fields[11].strip(), float(fields[10]) / 100))
    if not words:
        return "", 0.0
    letters = sum(len(word) for word, _ in words)
    return " ".join(word for word, _ in words), sum(score * len(word) for word, score in words) / letters


def _run(arguments: Sequence[str], given: bytes) -> str:
    """What it prints; nothing where it is not there, fails or takes too long."""
    program = shutil.which("tesseract")
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - the program on the path, and no words of the document
            [program, *arguments],
            input=given,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace") if done.returncode == 0 else ""


def _png(pixels: Pixels) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels[:, :, ::-1]).save(stream, "PNG", compress_level=1)
    return stream.getvalue()
