"""How many tokens a call may take, before its endpoint says how many it took.

The likely number is for pace and for endpoints that do not say; the largest is what a budget reserves.
"""

from __future__ import annotations

from collections.abc import Sequence

from glede.endpoints import Prompt, Tokens
from glede.text.sentences import count_tokens

MESSAGE_TOKENS = 8
"""What an endpoint puts around a message, a text or a schema."""
PICTURE_TOKENS = 1600
MOST_PICTURE_TOKENS = 16_384
"""The most that Qwen-VL makes of a picture; GPT-4o makes at most 1,445."""


def likely_tokens(prompt: Prompt) -> int:
    """An estimate of what a prompt takes, its answer left out."""
    texts, pictures = _parts(prompt)
    return sum(count_tokens(text) + MESSAGE_TOKENS for text in texts) + pictures * PICTURE_TOKENS


def most_tokens(prompt: Prompt) -> Tokens:
    """More than a prompt and its answer can take."""
    texts, pictures = _parts(prompt)
    return Tokens(most_of_texts(texts) + pictures * MOST_PICTURE_TOKENS, prompt.max_tokens, known=False)


def likely_of_texts(texts: Sequence[str]) -> int:
    """An estimate of what texts take."""
    return sum(count_tokens(text) for text in texts)


def most_of_texts(texts: Sequence[str]) -> int:
    """More than texts take: a token for 2 characters of ASCII, and for each byte of any other (a tokenizer
    over bytes makes no more of them)."""
    return sum(_most(text) + MESSAGE_TOKENS for text in texts)


def _most(text: str) -> int:
    ascii_ = len(text) if text.isascii() else sum(character.isascii() for character in text)
    others = len(text.encode("utf-8", "surrogatepass")) - ascii_
    return -(-ascii_ // 2) + others


def _parts(prompt: Prompt) -> tuple[list[str], int]:
    texts = [message.text for message in prompt.messages]
    if prompt.schema is not None:
        texts.append(prompt.schema.body)
    return texts, sum(len(message.pictures) for message in prompt.messages)
