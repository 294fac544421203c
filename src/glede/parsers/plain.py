"""Plain text: paragraphs between blank lines, and headings where only a heading can be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from glede.parsers.building import Draft
from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Parsed

_BLANK = re.compile(r"\n[^\S\n]*(?:\n\s*)+|\x0c\s*")
_UNDERLINE = re.compile(r"([=\-~*#^_])\1{2,}")
_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?[ \t]+([^\W\d_].*)")
_TITLE_LENGTH = 100
_QUESTION_LENGTH = 160


class PlainParser:
    """Reads plain text in any encoding that `decode` can tell.

    A paragraph keeps its lines. The line drawn under (or above) a title is the only thing left out.
    """

    name = "plain"
    version = "1"
    media_types = frozenset({"text/plain"})
    cost = 0.001
    recovers: frozenset[Feature] = frozenset({"text", "headings"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """One text block for each paragraph; the title is a heading of level 1 that stands first."""
        text, _ = decode(data)
        draft = Draft()
        paragraphs = list(_paragraphs(text))
        shouting = _mostly_capitals(paragraphs)
        for place, lines in enumerate(paragraphs):
            following = paragraphs[place + 1] if place + 1 < len(paragraphs) else None
            _read(draft, lines, following, shouting=shouting)
        first = draft.blocks[0] if draft.blocks else None
        title = first.text if first and first.type == "heading" and first.level == 1 else ""
        return draft.parsed(media_type, self.name, title)


def _paragraphs(text: str) -> Iterator[list[str]]:
    for paragraph in _BLANK.split(text):
        lines = [line.rstrip() for line in paragraph.strip("\n").split("\n")]
        if any(lines):
            yield lines


def _read(draft: Draft, lines: list[str], following: list[str] | None, *, shouting: bool) -> None:
    if (title := _underlined(lines)) is not None:
        text, level, used = title
        draft.heading(text, level)
        draft.text("\n".join(lines[used:]))
        return
    level = _heading_level(lines[0].strip(), following, shouting=shouting) if len(lines) == 1 else 0
    if level:
        draft.heading(lines[0], level)
    else:
        draft.text("\n".join(lines))


def _underlined(lines: Sequence[str]) -> tuple[str, int, int] | None:
    """A title with a line drawn under it, or above and under: its text, level, and the lines it takes."""
    over = len(lines) > 2 and _is_rule(lines[0]) and lines[0].strip()[0] == lines[2].strip()[:1]
    start = 1 if over else 0
    if len(lines) < start + 2 or not _is_rule(lines[start + 1]) or _is_rule(lines[start]):
        return None
    text, rule = lines[start].strip(), lines[start + 1].strip()
    if len(text) > _TITLE_LENGTH or len(rule) * 2 < len(text):
        return None
    return text, 1 if over or rule[0] in "=#*" else 2, start + 2


def _is_rule(line: str) -> bool:
    return _UNDERLINE.fullmatch(line.strip()) is not None


def _heading_level(line: str, following: list[str] | None, *, shouting: bool) -> int:
    """The level of a line that stands alone above a paragraph, 0 where it is no heading."""
    if following is None:
        return 0
    if match := _numbered(line):
        alike = len(following) == 1 and _numbered(following[0].strip()) is not None
        parts = match[1].count(".") + 1
        return 0 if alike and parts == 1 else parts
    if line.endswith(("?", "？")) and len(line) <= _QUESTION_LENGTH:
        return 0 if len(following) == 1 and following[0].endswith(("?", "？")) else 2
    return 1 if not shouting and _is_capitals(line) else 0


def _numbered(line: str) -> re.Match[str] | None:
    if len(line) > _TITLE_LENGTH or line.endswith((".", ",", ";", ":")):
        return None
    match = _NUMBERED.fullmatch(line)
    if match is None or (match[2][0].islower() and "." not in match[1]):
        return None
    return match


def _is_capitals(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    if len(letters) < 4 or len(line) > _TITLE_LENGTH or line.endswith((".", ",", ";")):
        return False
    return all(letter.isupper() for letter in letters) and len(letters) * 2 > len(line)


def _mostly_capitals(paragraphs: Sequence[Sequence[str]]) -> bool:
    """Whether capitals say nothing, because half of the paragraphs are written so."""
    return sum(_is_capitals(" ".join(lines)) for lines in paragraphs) * 2 > len(paragraphs)
