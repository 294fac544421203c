"""What a theme comes to, in the words of a chat model that has read the passages that stand for it.

A summary says what several documents say, and must go with the first of them that goes. So it is kept in as
many pieces as there are documents, one under each: with one of them gone the others are noise.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Protocol, runtime_checkable

from glede.endpoints import ChatModel, Message, Prompt, Responses
from glede.prompting.packing import fence_of
from glede.prompts import filled
from glede.types import content_hash

SUMMARY_TOKENS = 200
MOST_PASSAGES = 8
LONGEST_PASSAGE = 1_200
_MOST_NAMES = 12


@runtime_checkable
class Answered(Protocol):
    """A catalogue that keeps what models have answered; an answer goes with the document it is about."""

    @property
    def responses(self) -> Responses:
        """The answers."""
        ...


@dataclass(frozen=True, slots=True)
class Passage:
    """A text, and the id of the document that it stands in."""

    document_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Summaries:
    """Summaries by `chat`, each written once as long as its documents are there; kept nowhere where `kept` is
    `None`.
    """

    chat: ChatModel
    kept: Responses | None = None

    async def of(self, names: Sequence[str], passages: Sequence[Passage]) -> str:
        """One or two sentences; empty where the model broke off. Raises what `chat` raises.

        Equal passages make an equal prompt. The names shown are those that stand in them.
        """
        shown = passages[:MOST_PASSAGES]
        text = _asked(names, [one.text[:LONGEST_PASSAGE] for one in shown])
        keys = [_key(self.chat.model, text, one) for one in dict.fromkeys(p.document_id for p in shown)]
        found = await asyncio.to_thread(self._recalled, keys)
        if found is not None:
            return found
        prompt = Prompt((Message("user", text),), max_tokens=SUMMARY_TOKENS, kept=False)
        reply = await self.chat.chat(prompt)
        summary = " ".join(reply.text.split()) if reply.complete else ""
        if summary:
            await asyncio.to_thread(self._keep, keys, [one.document_id for one in shown], summary)
        return summary

    def _recalled(self, keys: Sequence[bytes]) -> str | None:
        """The summary, where all of its pieces are still there."""
        found = self.kept.load(keys) if self.kept is not None and keys else {}
        if len(found) < len(keys) or not found:
            return None
        return reduce(_mixed, found.values()).decode("utf-8", "replace")

    def _keep(self, keys: Sequence[bytes], document_ids: Sequence[str], summary: str) -> None:
        if self.kept is None:
            return
        whole = summary.encode()
        pieces = [secrets.token_bytes(len(whole)) for _ in keys[1:]]
        pieces.append(reduce(_mixed, pieces, whole))
        for key, piece, document_id in zip(keys, pieces, dict.fromkeys(document_ids), strict=True):
            self.kept.keep({key: piece}, document_id)


def _mixed(one: bytes, other: bytes) -> bytes:
    """Two pieces of one length as one; either of them takes its part out again."""
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def _key(model: str, prompt: str, document_id: str) -> bytes:
    return bytes.fromhex(content_hash("theme summary", model, prompt, document_id))


def _asked(names: Sequence[str], texts: Sequence[str]) -> str:
    """The prompt, its passages fenced."""
    folded = "\n".join(texts).casefold()
    standing = [name for name in names if name.casefold() in folded]
    entities = ", ".join(standing[:_MOST_NAMES])
    fence = fence_of([*texts, entities])
    quoted = "\n".join(f"{fence}\n{text}" for text in texts)
    return filled("theme", entities=entities, fence=fence, passages=quoted)
