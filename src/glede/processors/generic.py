"""What no other processor has said anything of: found by the text around it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from glede.processing import Tools
from glede.text.sentences import count_tokens
from glede.types import FURNITURE, Block, Parsed

AROUND = 2
"""Blocks before and after that may say what it is."""
AROUND_CHARACTERS = 400
TOKENS = 120
_CLAIMED = frozenset({"text", "heading", "list", "footnote", *FURNITURE})
"""What speaks for itself."""


@dataclass(frozen=True, slots=True)
class GenericProcessor:
    """Last of all: gives code, and whatever a processor that was left out would have told of, its context."""

    tokens: int = TOKENS
    version: str = "1"

    @property
    def fingerprint(self) -> str:
        """Names this way of telling."""
        return f"generic@{self.version}:{self.tokens}"

    async def process(self, parsed: Parsed) -> Parsed:
        """The document with an aid for each block that has none and is no text."""
        blocks = [
            block
            if block.aid or block.type in _CLAIMED
            else replace(block, aid=_context(parsed.blocks, place, self.tokens))
            for place, block in enumerate(parsed.blocks)
        ]
        return replace(parsed, blocks=tuple(blocks))


def _context(blocks: Sequence[Block], place: int, tokens: int) -> str:
    """What stands before and after, the nearest first, as much as fits."""
    before = list(reversed(blocks[max(0, place - AROUND) : place]))
    after = blocks[place + 1 : place + 1 + AROUND]
    said: list[str] = []
    for block in (*before, *after):
        text = block.text[:AROUND_CHARACTERS].strip()
        if block.type in ("text", "list") and text and count_tokens("\n".join([*said, text])) <= tokens:
            said.append(text)
    return "\n".join(said)


def open_generic_processor(_: Tools) -> GenericProcessor:
    """Needs no model."""
    return GenericProcessor()
