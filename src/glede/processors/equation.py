"""Equations said in words: a reading, names, what the symbols mean; and the LaTeX of those that are pictures.

Without a model everything follows from the LaTeX and the text around it. A vision model is asked only for
equations that a parser could not read, or whose LaTeX is broken, once each.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from glede.endpoints import Attachment, ChatModel, Message, Prompt
from glede.errors import GledeError, MalformedError, ModelError, ModelReplyError
from glede.formulas.names import names_of
from glede.formulas.reader import parse
from glede.formulas.reading import reading
from glede.formulas.tokens import Macro, expanded, macros_in
from glede.processing import Tools, unfinished
from glede.prompting.packing import fence_of
from glede.prompting.structured import structured
from glede.prompts import filled
from glede.types import Block, Parsed

READING_TOKENS = 800
BEFORE = 2
AFTER = 3
"""Blocks around an equation where names and meanings are looked for; "where ..." comes after."""
AROUND_CHARACTERS = 1200
BESIDE_CHARACTERS = 240
"""Directly before and after an equation, that may name it."""
LEAST_PIXELS = 8
MOST_WORDS = 2
"""Of four letters and more, in what a parser took for an equation without reading it."""
_DEFINES = ("\\newcommand", "\\renewcommand", "\\def", "\\DeclareMathOperator", "\\providecommand")
_NUMBER = re.compile(r"[(（]\s*([A-Z]?\.?\d{1,3}(?:[.\-–]\d{1,3})*[a-z]?['′]?)\s*[)）]\s*\$*\s*$")
_ONLY_NUMBER = re.compile(r"\s*[(（]\s*([A-Z]?\.?\d{1,3}(?:[.\-–]\d{1,3})*[a-z]?)\s*[)）]\s*")
_TAG = re.compile(r"\\tag\*?\s*\{\(?([^{}()]{1,12})\)?\}")
_WORD = re.compile(r"(?<!\\)\b[^\W\d_]{4,}")
_MARKS = re.compile(r"^(?:\$\$?|\\\[|\\\()|(?:\$\$?|\\\]|\\\))$")


class _Symbol(BaseModel):
    symbol: str
    meaning: str


class _Seen(BaseModel):
    latex: str
    number: str
    name: str
    symbols: list[_Symbol]


@dataclass(frozen=True, slots=True)
class EquationProcessor:
    """Adds to each equation block what it says in words; with a vision model also to those without LaTeX."""

    vision: ChatModel | None = None
    version: str = "5"

    @property
    def fingerprint(self) -> str:
        """Names this way of reading."""
        return f"equation@{self.version}:{self.vision.model if self.vision else ''}"

    async def process(self, parsed: Parsed) -> Parsed:
        """The document with its equations said in words; what could not be read is kept, and marked."""
        places = [place for place, block in enumerate(parsed.blocks) if block.type == "equation"]
        if not places:
            return parsed
        macros = _macros(parsed.blocks)
        seen = await self._see(parsed, places, macros)
        blocks = list(parsed.blocks)
        marks = list(parsed.unfinished)
        for place in places:
            block = parsed.blocks[place]
            found = seen.get(_key(block), _broken(block, macros))
            if isinstance(found, _Seen):
                blocks[place] = _said_as_seen(parsed.blocks, place, found)
                continue
            blocks[place] = _said(parsed.blocks, place, macros)
            if found is not None:
                marks.append(unfinished(block, place, found))
        return replace(parsed, blocks=tuple(blocks), unfinished=tuple(marks))

    async def _see(
        self, parsed: Parsed, places: Sequence[int], macros: Mapping[str, Macro]
    ) -> dict[tuple[str, str], _Seen | ModelError]:
        """What the model makes of the equations that nobody could read; equal ones are asked for once."""
        if self.vision is None:
            return {}
        blocks = [(place, parsed.blocks[place]) for place in places]
        blind = [place for place, one in blocks if _is_visible(one, parsed) or _broken(one, macros)]
        first = {_key(parsed.blocks[place]): place for place in reversed(blind)}
        found = await asyncio.gather(*(self._ask(self.vision, parsed, place) for place in first.values()))
        return dict(zip(first, found, strict=True))

    async def _ask(self, vision: ChatModel, parsed: Parsed, place: int) -> _Seen | ModelError:
        block = parsed.blocks[place]
        context = _context(parsed.blocks, place) or "(none)"
        shown: tuple[Attachment, ...] = ()
        if block.picture is not None and _is_visible(block, parsed):
            shown = (Attachment(parsed.assets[block.picture.asset], block.picture.media_type),)
            text = filled("equation", fence=fence_of([context]), context=context)
        else:
            latex = block.latex or ""
            text = filled("latex", fence=fence_of([latex, context]), latex=latex, context=context)
        prompt = Prompt((Message("user", text, shown),), max_tokens=READING_TOKENS)
        try:
            found = await structured(vision, prompt, _Seen, _doubt)
        except ModelError as error:
            return error
        broken = ModelReplyError(f"{vision.model} gave LaTeX that cannot be read", retryable=True)
        return broken if _doubt(found) else found


def _is_visible(block: Block, parsed: Parsed) -> bool:
    """Whether there is a picture of the equation, and no LaTeX that can be read."""
    picture = block.picture
    if picture is None or picture.asset not in parsed.assets or _is_readable(block.latex or ""):
        return False
    return min(picture.width, picture.height) >= LEAST_PIXELS


def _is_readable(latex: str) -> bool:
    return bool(latex.strip()) and parse(latex).readable


def _broken(block: Block, macros: Mapping[str, Macro]) -> GledeError | None:
    """What is wrong with the LaTeX of a block, where it has any."""
    latex = _MARKS.sub("", (block.latex or "").strip()).strip()
    if not latex or parse(latex, macros).readable:
        return None
    return MalformedError("its LaTeX cannot be read")


def _doubt(seen: _Seen) -> str:
    broken = seen.latex.strip() and not parse(_MARKS.sub("", seen.latex.strip()).strip()).readable
    return "latex: something in it is left open" if broken else ""


def _key(block: Block) -> tuple[str, str]:
    """What two equations have in common that are the same."""
    return (block.picture.asset if block.picture else "", (block.latex or "").strip())


def _macros(blocks: Sequence[Block]) -> Mapping[str, Macro]:
    """The commands that the document defines, in its text or its formulas."""
    texts = (f"{block.text}\n{block.latex or ''}" for block in blocks)
    return macros_in("\n".join(text for text in texts if any(sign in text for sign in _DEFINES)))


def _said(blocks: Sequence[Block], place: int, macros: Mapping[str, Macro]) -> Block:
    """The equation, also found by its number and names, its reading, and the meanings of its symbols."""
    from glede.formulas.symbols import symbols_of, written  # many long patterns, for who has formulas

    block = blocks[place]
    latex = _latex(block)
    if macros:
        latex = expanded(latex, macros)
    title = _title(_number(blocks, place), names_of(latex, _beside(blocks, place)))
    symbols = symbols_of(latex, _context(blocks, place))
    words = "" if not block.latex and len(_WORD.findall(latex)) > MOST_WORDS else reading(latex)
    return _found_by(block, [title, words, written(symbols)])


def _said_as_seen(blocks: Sequence[Block], place: int, seen: _Seen) -> Block:
    """The same of an equation that a model has read from its picture."""
    from glede.formulas.symbols import symbols_of, written

    block = blocks[place]
    latex = _MARKS.sub("", seen.latex.strip()).strip()
    names = [name for name in (seen.name.strip(), *names_of(latex, _beside(blocks, place))) if name]
    told = {one.symbol: one.meaning for one in seen.symbols if one.meaning}
    symbols = symbols_of(latex, _context(blocks, place)) | told
    number = seen.number.strip().strip("()") or _number(blocks, place)
    unique = list({name.casefold(): name for name in names}.values())
    shown = f"$${latex}$$" if latex else ""
    lines = [_title(number, unique), reading(latex), written(symbols)]
    if block.latex:  # what was mended does not stand there
        return replace(_found_by(block, [shown, *lines]), latex=latex or None)
    text = "\n".join(part for part in (block.text.strip(), shown) if part)
    derived_from = len(text) - len(shown) if shown else None
    return replace(_found_by(block, lines), text=text, latex=latex or None, derived_from=derived_from)


def _found_by(block: Block, lines: Sequence[str]) -> Block:
    """With words that do not stand in the document: found by them, and never quoted as if they did."""
    added = [line for line in lines if line and line not in block.text]
    return replace(block, aid="\n".join([*([block.aid] if block.aid else []), *added]))


def _title(number: str, names: Sequence[str]) -> str:
    numbered = f"Equation ({number})" if number else ""
    return ": ".join(part for part in (numbered, ", ".join(names)) if part)


def _latex(block: Block) -> str:
    """The LaTeX, or the text of a formula that a parser took from the page as it is printed."""
    text = (block.latex or block.text).strip()
    text = _MARKS.sub("", text).strip()
    return text if block.latex else _NUMBER.sub("", text)


def _number(blocks: Sequence[Block], place: int) -> str:
    """The number of an equation: its tag, at the end of its line, or a block of its own beside it."""
    block = blocks[place]
    tag = _TAG.search(block.latex or block.text)
    if tag:
        return tag.group(1).strip()
    end = _NUMBER.search(block.caption or "") or (None if block.latex else _NUMBER.search(block.text))
    if end:
        return end.group(1)
    for beside in blocks[place + 1 : place + 2]:
        only = _ONLY_NUMBER.fullmatch(beside.text)
        if only:
            return only.group(1)
    return ""


def _context(blocks: Sequence[Block], place: int) -> str:
    """Headings, caption, and the text around; first what comes after, where symbols are told."""
    block = blocks[place]
    parts = [one.text[:AROUND_CHARACTERS] for one in blocks[place + 1 : place + 1 + AFTER] if _is_prose(one)]
    parts += [" > ".join(block.heading_path), block.caption or ""]
    parts += [
        one.text[-AROUND_CHARACTERS:] for one in blocks[max(0, place - BEFORE) : place] if _is_prose(one)
    ]
    return "\n\n".join(part for part in parts if part.strip())


def _beside(blocks: Sequence[Block], place: int) -> str:
    """What may name the equation, the surest last: a heading, the words after and before, the caption."""
    block = blocks[place]
    parts = [block.heading_path[-1] if block.heading_path else ""]
    after = [one for one in blocks[place + 1 : place + 2] if _is_prose(one)]
    if not _leads_on(blocks, place + 1):
        parts += [one.text[:BESIDE_CHARACTERS] for one in after]
    parts += [one.text[-BESIDE_CHARACTERS:] for one in blocks[max(0, place - 1) : place] if _is_prose(one)]
    return "\n\n".join((*parts, block.caption or ""))


def _leads_on(blocks: Sequence[Block], place: int) -> bool:
    """Whether a text breaks off for the equation after it, which it names then."""
    following = blocks[place + 1 : place + 2]
    broken = place < len(blocks) and not blocks[place].text.rstrip().endswith((".", "!", "?", "。"))
    return broken and any(block.type == "equation" for block in following)


def _is_prose(block: Block) -> bool:
    return block.type in ("text", "list")


def open_equation_processor(tools: Tools) -> EquationProcessor:
    """With the vision model, if there is one."""
    return EquationProcessor(tools.vision)
