"""Paragraphs of Word that make one block together: lists, tables of contents, and lines of code."""

from __future__ import annotations

from dataclasses import replace

from glede.parsers.building import Draft
from glede.parsers.word_inline import Words


class Lists:
    """Collects paragraphs until something else follows."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._lines: list[str] = []
        self._words: list[Words] = []
        self._kind = ""
        self._last: tuple[int, int] = (0, 0)
        self._held: list[Words] = []

    @property
    def pending(self) -> bool:
        """Whether there are lines that are no block yet."""
        return bool(self._lines)

    def item(self, words: Words, marker: str, list_id: int, level: int) -> None:
        """An item of a list; at the top level another list is another block."""
        other_list = self._last[0] != list_id and level == 0 and self._last[1] == 0
        if self._kind != "list" or other_list:
            self._close("list")
        self._last = (list_id, level)
        self._add(words, "  " * level, f"{marker} ")

    def entry(self, words: Words, level: int) -> None:
        """An entry of a table of contents."""
        if self._kind != "contents":
            self._close("contents")
        self._add(words, "  " * level, "")

    def code(self, words: Words) -> None:
        """A line of code."""
        if self._kind != "code":
            self._close("code")
        self._lines.append(words.code.rstrip())
        self._words.append(words)

    def flush(self) -> list[Words]:
        """Make a block of what was collected; gives all that was read since the last time."""
        self._close("")
        held, self._held = self._held, []
        return held

    def _add(self, words: Words, indent: str, marker: str) -> None:
        first, *others = words.text.split("\n")
        self._lines.append(indent + marker + first)
        self._lines += [f"{indent}  {line}" for line in others]
        self._words.append(words)

    def _close(self, kind: str) -> None:
        text, before = "\n".join(self._lines), len(self._draft.blocks)
        if self._kind == "code":
            self._draft.code(text)
        else:
            self._draft.list(text)
        links = tuple(link for words in self._words for link in words.links)
        if links and len(self._draft.blocks) > before:
            self._draft.blocks[-1] = replace(self._draft.blocks[-1], links=links)
        self._held += self._words
        self._lines, self._words, self._kind, self._last = [], [], kind, (0, 0)
