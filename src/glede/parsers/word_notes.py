"""Footnotes, endnotes and comments of Word."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from glede.parsers.building import one_line
from glede.parsers.office_package import Package
from glede.parsers.word_inline import InlineReader, NoteMark
from glede.parsers.word_numbering import formatted
from glede.parsers.word_styles import Styles
from glede.parsers.word_xml import W, unwrapped


class Notes:
    """The notes of a document; they are numbered in the order in which the text refers to them."""

    def __init__(self, package: Package, part: str, styles: Styles) -> None:
        self._package = package
        self._part = part
        self._styles = styles
        self._found: dict[str, dict[str, etree._Element]] = {}
        self._numbers: dict[str, dict[str, int]] = {}
        self._given: set[tuple[str, str]] = set()
        self._at_end: list[NoteMark] = []

    def mark(self, kind: str, key: str) -> str:
        """What is put where the text refers to a note."""
        if kind == "comments" or key not in self._notes(kind):
            return ""
        numbers = self._numbers.setdefault(kind, {})
        count = numbers.setdefault(key, len(numbers) + 1)
        return f"[^{formatted(count, 'decimal' if kind == 'footnotes' else 'lowerRoman')}]"

    def shown(self, mark: NoteMark) -> str:
        """The text of a footnote or a comment, the first time; an endnote is kept for the end."""
        if mark.kind == "endnotes":
            self._at_end.append(mark)
            return ""
        return self._text(mark)

    def at_end(self) -> Iterator[str]:
        """The endnotes."""
        return (text for mark in self._at_end if (text := self._text(mark)))

    def _text(self, mark: NoteMark) -> str:
        if (mark.kind, mark.id) in self._given:
            return ""
        self._given.add((mark.kind, mark.id))
        element = self._notes(mark.kind).get(mark.id)
        if element is None:
            return ""
        text = story_text(element, self._styles)
        if not text:
            return ""
        if mark.kind == "comments":
            author = one_line(str(element.get(f"{W}author") or ""))
            return f"Comment by {author}: {text}" if author else f"Comment: {text}"
        return f"{mark.mark}: {text}" if mark.mark else text

    def _notes(self, kind: str) -> dict[str, etree._Element]:
        """The notes of a kind by id; those of another type are the lines above them."""
        if kind not in self._found:
            target = self._package.related(self._part, kind)
            root = self._package.tree(target) if target is not None else ()
            self._found[kind] = {
                str(element.get(f"{W}id")): element
                for element in root
                if element.get(f"{W}type") in (None, "normal")
            }
        return self._found[kind]


def story_text(container: etree._Element, styles: Styles) -> str:
    """The paragraphs of a small story on lines of their own; of a note its mark is left out."""
    reader = InlineReader(styles, lambda _: "", lambda *_: "")
    texts = (reader.read([paragraph]).text for paragraph in story_paragraphs(container))
    return "\n".join(text for text in texts if text)


def story_paragraphs(container: etree._Element) -> Iterator[etree._Element]:
    """The paragraphs in order, those of tables too."""
    for element in unwrapped(container):
        if element.tag == f"{W}p":
            yield element
        elif element.tag in (f"{W}tbl", f"{W}tr", f"{W}tc"):
            yield from story_paragraphs(element)
