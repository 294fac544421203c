"""What a reasoning model thinks aloud before it answers is no part of the answer.

Ollama, vLLM and llama.cpp give it between `<think>` and `</think>` at the beginning of the text.
"""

from __future__ import annotations

import re

OPENING = "<think>"
CLOSING = "</think>"
_THOUGHT = re.compile(r"\A\s*<think>.*?(?:</think>\s*|\Z)", re.DOTALL)


def without_thoughts(text: str) -> str:
    """A whole answer without the thoughts before it; what is never closed is all thought."""
    return _THOUGHT.sub("", text)


class Thoughts:
    """Takes the thoughts out of an answer that comes in pieces."""

    def __init__(self) -> None:
        self._held = ""
        self._answering = False

    def feed(self, piece: str) -> str:
        """What of the answer is known after this piece; a beginning that may be a thought is held back."""
        if self._answering:
            return piece
        self._held += piece
        begun = self._held.lstrip()
        if OPENING.startswith(begun[: len(OPENING)]) and CLOSING not in begun:
            return ""
        answer = without_thoughts(self._held)
        self._answering = bool(answer)
        if answer:
            self._held = ""
        return answer

    def close(self) -> str:
        """What was held back and is no thought after all."""
        held, self._held = self._held, ""
        return without_thoughts(held)
