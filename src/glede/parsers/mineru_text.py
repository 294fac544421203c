"""The Markdown in the texts that MinerU writes, turned into the words it shows."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from glede.parsers.building import table_markdown
from glede.types import Block, Link, Table

_LINK = re.compile(r"\[([^\[\]]*)\]\((\S+?)\)")
_TAG = re.compile(r"</?(?:strong|em|b|i|u|s|del|sub|sup|mark|small)>|<br\s*/?>", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*\\])(\*{1,3}|~~)(?=\S)(.+?)(?<=\S)\1(?![\w*])", re.DOTALL)
_FORMULA = re.compile(r"(\$[^$\n]+\$)")
_BULLET = re.compile(r"[•▪◦‣●■]\s+")


def without_markup(block: Block) -> Block:
    """The block as a reader sees it, the addresses of its links beside it; code and formulas stay."""
    if block.type in ("code", "equation"):
        return block
    caption = None if block.caption is None else unmarked(block.caption)[0]
    if block.table is not None:
        cells = tuple(replace(cell, text=unmarked(cell.text)[0]) for cell in block.table.cells)
        table = Table(block.table.rows, block.table.columns, cells)
        return replace(block, table=table, caption=caption, text=table_markdown(table, caption))
    text, links = unmarked(block.text)
    if block.type == "text" and (bullet := _BULLET.match(text)):
        block = replace(block, type="list")
        text = f"- {text[bullet.end() :]}"
    return replace(block, text=text, caption=caption, links=links)


def unmarked(text: str) -> tuple[str, tuple[Link, ...]]:
    """The words, and the links among them; what stands between dollars is left alone."""
    links: list[Link] = []

    def label(found: re.Match[str]) -> str:
        if words := _words(found[1]).strip():
            links.append(Link(words, html.unescape(found[2])))
        return found[1]

    pieces = _FORMULA.split(_LINK.sub(label, text))
    pieces[::2] = [_words(piece) for piece in pieces[::2]]
    return "".join(pieces), tuple(links)


def _words(text: str) -> str:
    return html.unescape(_EMPHASIS.sub(r"\2", _TAG.sub("", _EMPHASIS.sub(r"\2", text))))
