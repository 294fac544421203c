"""What a file is, told from its content; the name decides only between kinds of text.

Nothing is decompressed or parsed in full, and of long files only the beginning is looked at.
"""

from __future__ import annotations

from pathlib import PurePath

from glede.media.binary import binary_type
from glede.media.text import text_type
from glede.media.types import ASCIIDOC, EMAIL, LATEX, WEB_VTT
from glede.text.decoding import sample_text

_SUFFIXES = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".mdown": "text/markdown", ".mdx": "text/markdown",
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html",
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".tab": "text/tab-separated-values",
    ".json": "application/json", ".jsonl": "application/jsonl", ".ndjson": "application/jsonl",
    ".eml": EMAIL, ".tex": LATEX, ".latex": LATEX, ".vtt": WEB_VTT,
    ".adoc": ASCIIDOC, ".asciidoc": ASCIIDOC, ".asc": ASCIIDOC,
}  # fmt: skip


def detect(data: bytes, name: str = "") -> str:
    """The media type of `data`; `application/octet-stream` where it is neither known nor text."""
    if magic := binary_type(data):
        return magic
    text = sample_text(data)
    if text is None:
        return "application/octet-stream"
    suffix = PurePath(name).suffix.lower()
    return text_type(text, _SUFFIXES.get(suffix, ""), unnamed=not suffix)
