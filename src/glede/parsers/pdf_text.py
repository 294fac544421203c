"""Text as it is printed: liteparse writes paragraphs and list items as Markdown, and escapes what is none."""

from __future__ import annotations

import re

_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FORMULA = re.compile(r"(\$(?=[^$]*(?:\\[A-Za-z]|[\^_]\{))[^$]+\$)")
_SPLIT_WORD = re.compile(r"(?<=\w)-(\*{1,3}) \1(?=[a-zß-ÿ])")
_EMPHASIS = re.compile(r"\\([\\*_])|\*+")
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")


def visible(text: str) -> str:
    """The text without control characters and halves of surrogate pairs."""
    return _INVISIBLE.sub("", text)


def printed(text: str, *, struck: bool) -> str:
    """The words without marks of emphasis and, if `struck`, of struck text; formulas stay LaTeX."""
    pieces = _FORMULA.split(visible(text))
    pieces[::2] = [_plain(piece, struck=struck) for piece in pieces[::2]]
    return "".join(pieces)


def _plain(text: str, *, struck: bool) -> str:
    if struck:
        text = _STRUCK.sub(r"\1", text)
    return _EMPHASIS.sub(lambda match: match[1] or "", _SPLIT_WORD.sub("", text))
