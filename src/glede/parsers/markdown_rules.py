"""Two rules that markdown-it lacks: formulas in `\\[ \\]` and `\\( \\)`, and HTML tables with blank lines."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

_TABLE_START = re.compile(r"<table[\s>]", re.IGNORECASE)
_TABLE_TAG = re.compile(r"<(/?)table\b", re.IGNORECASE)
_LATEX = re.compile(r"\\[A-Za-z]|[\^_=]|\w\s*[-+*/<>]\s*\w")
_ENVIRONMENT = re.compile(
    r"\\begin\{((?:equation|align|alignat|gather|multline|eqnarray|flalign|math|displaymath)\*?)\}"
)
_LONGEST = 10_000
_MOST_LINES = 100


def bracket_math_plugin(markdown: MarkdownIt) -> None:
    """Tokens `math_block` and `bracket_math` of `\\[ \\]`, and `bracket_inline` of `\\( \\)`, kept as it is.

    Brackets are also escaped to be just brackets, so what they hold must look like LaTeX.
    """
    markdown.inline.ruler.before("escape", "bracket_math", _bracket_inline)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    markdown.block.ruler.before("fence", "formula_block", _formula_block, {"alt": interrupts})


def html_table_plugin(markdown: MarkdownIt) -> None:
    """An HTML table reaches to its end tag, whatever blank and indented lines are in it."""
    markdown.block.ruler.before("code", "html_table", _html_table, {"alt": ["paragraph", "reference"]})


def _bracket_inline(state: StateInline, silent: bool) -> bool:
    opening = state.src[state.pos : state.pos + 2]
    if opening not in ("\\[", "\\("):
        return False
    closing = "\\]" if opening == "\\[" else "\\)"
    end = state.src.find(closing, state.pos + 2, state.pos + _LONGEST)
    content = state.src[state.pos + 2 : max(end, 0)]
    if end < 0 or opening in content or not _LATEX.search(content):
        return False
    if not silent:
        kind = "bracket_math" if opening == "\\[" else "bracket_inline"
        token = state.push(kind, "", 0)
        token.content = content if kind == "bracket_math" else f"{opening}{content}{closing}"
    state.pos = end + 2
    return True


def _formula_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`\\[` to `\\]`, or an environment of AMS-LaTeX, beginning and ending a line."""
    first = _line(state, start)
    if state.is_code_block(start) or not first.startswith(("\\[", "\\begin{")):
        return False
    environment = _ENVIRONMENT.match(first)
    closing = f"\\end{{{environment[1]}}}" if environment else "\\]"
    if environment is None and not first.startswith("\\["):
        return False
    for line in range(start, min(end, start + _MOST_LINES)):
        text = _line(state, line)
        if not text or state.sCount[line] < state.blkIndent:
            return False
        if closing in text[2 if line == start else 0 :]:
            content = state.getLines(start, line + 1, state.blkIndent, False).strip()
            if not content.endswith(closing):
                return False
            return _accept(state, start, line + 1, content if environment else content[2:-2].strip(), silent)
    return False


def _accept(state: StateBlock, start: int, following: int, content: str, silent: bool) -> bool:
    if not _LATEX.search(content):
        return False
    if not silent:
        token = state.push("math_block", "", 0)
        token.content, token.map = content, [start, following]
        state.line = following
    return True


def _html_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if state.is_code_block(start) or not _TABLE_START.match(_line(state, start)):
        return False
    if state.env.get(_UNCLOSED):
        return False
    depth = 0
    for line in range(start, end):
        for tag in _TABLE_TAG.finditer(_line(state, line)):
            depth += -1 if tag[1] else 1
        if depth <= 0:
            if not silent:
                token = state.push("html_block", "", 0)
                token.content = state.getLines(start, line + 1, state.blkIndent, True)
                token.map = [start, line + 1]
                state.line = line + 1
            return True
    state.env[_UNCLOSED] = True  # looking once to the end is enough: the work stays linear
    return False


_UNCLOSED = "unclosed_html_table"


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
