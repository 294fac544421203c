"""What a theme comes to, in the words of a chat model that has read the passages that stand for it."""

from __future__ import annotations

from collections.abc import Sequence

from glede.endpoints import ChatModel, Message, Prompt
from glede.prompting.packing import fence_of
from glede.prompts import filled

SUMMARY_TOKENS = 200
MOST_PASSAGES = 8
LONGEST_PASSAGE = 1_200
_MOST_NAMES = 12


async def summary_of(chat: ChatModel, entities: Sequence[str], passages: Sequence[str]) -> str:
    """One or two sentences; empty where the model broke off. Raises what `chat` raises.

    Equal passages make an equal prompt, so that a model that keeps its answers is asked once.
    """
    texts = [passage[:LONGEST_PASSAGE] for passage in passages[:MOST_PASSAGES]]
    names = ", ".join(entities[:_MOST_NAMES])
    fence = fence_of([*texts, names])
    quoted = "\n".join(f"{fence}\n{text}" for text in texts)
    text = filled("theme", entities=names, fence=fence, passages=quoted)
    reply = await chat.chat(Prompt((Message("user", text),), max_tokens=SUMMARY_TOKENS))
    return " ".join(reply.text.split()) if reply.complete else ""
