"""The headers and footers of the sections of a Word document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from glede.errors import MalformedError
from glede.parsers.building import Draft
from glede.parsers.office_package import Package
from glede.parsers.word_inline import InlineReader, Words
from glede.parsers.word_notes import story_paragraphs
from glede.parsers.word_styles import Styles
from glede.parsers.word_xml import R, W, child, switch
from glede.types import Block, BlockType

_PAGE_FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
_WORD = re.compile(r"[^\W\d_]+")
_MOST_WORDS = 2
"""Words that stand around a page number, as in "page 3 of 5"."""


class Sections:
    """Adds headers where a section begins and footers where it ends, each text once."""

    def __init__(
        self, package: Package, part: str, draft: Draft, styles: Styles, root: etree._Element
    ) -> None:
        self._package = package
        self._part = part
        self._draft = draft
        self._styles = styles
        self._sections = [
            section for section in root.iter(f"{W}sectPr") if not _is_former(section)
        ]  # of text boxes there are none
        self._next = 0
        self._seen: set[tuple[str, str]] = set()
        settings = package.related(part, "settings")
        self._even = bool(settings is not None and switch(package.tree(settings), "evenAndOddHeaders"))

    def begin(self) -> None:
        """The next section begins."""
        if self._next < len(self._sections):
            self._add(self._sections[self._next], "header")

    def end(self) -> None:
        """The section ends, and another one may begin."""
        if self._next < len(self._sections):
            self._add(self._sections[self._next], "footer")
        self._next += 1
        self.begin()

    def _add(self, section: etree._Element, kind: BlockType) -> None:
        kinds = ["default", *(["first"] if switch(section, "titlePg") else []), *(["even"] * self._even)]
        references = {
            reference.get(f"{W}type", "default"): reference.get(f"{R}id")
            for reference in section.iterchildren(f"{W}{kind}Reference")
        }
        for one in kinds:
            part = self._package.target(self._part, references.get(one))
            for words in self._paragraphs(part) if part is not None else ():
                self._block(words, kind)

    def _paragraphs(self, part: str) -> Iterator[Words]:
        try:
            root = self._package.tree(part)
        except MalformedError as error:
            self._draft.warnings.append(error.message)
            return
        reader = InlineReader(self._styles, lambda key: self._package.address(part, key), lambda *_: "")
        for paragraph in story_paragraphs(root):
            yield reader.read([paragraph])

    def _block(self, words: Words, kind: BlockType) -> None:
        text = words.text
        if not text or (kind, text) in self._seen:
            return
        self._seen.add((kind, text))
        if words.fields & _PAGE_FIELDS and len(_WORD.findall(text)) <= _MOST_WORDS:
            kind = "page_number"
        self._draft.blocks.append(Block(kind, text, heading_path=self._draft.outline.path, links=words.links))


def _is_former(section: etree._Element) -> bool:
    parent = section.getparent()
    return parent is not None and parent.tag == f"{W}sectPrChange"


def ends_section(paragraph: etree._Element) -> bool:
    """Whether a section ends with that paragraph."""
    return child(paragraph, "pPr/sectPr") is not None
