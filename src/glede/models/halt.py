"""Asks no more once a run has given up on a model: what is left of it waits for nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from glede.adding.trouble import describing
from glede.endpoints import ChatModel, Prompt, Reply
from glede.errors import GledeError


class HaltingChat:
    """A chat model that is not asked any more in a run where it has failed again and again.

    Outside of a run, as for questions, it is asked always.
    """

    def __init__(self, inner: ChatModel) -> None:
        self.model = inner.model
        self._inner = inner

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once; raises what the run has stopped for."""
        trouble = describing.get()
        if trouble is None:
            return await self._inner.chat(prompt)
        trouble.check()
        try:
            reply = await self._inner.chat(prompt)
        except GledeError as error:
            trouble.note(error)
            raise
        trouble.failures = 0
        return reply

    def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece, which no run asks for."""
        return self._inner.stream(prompt)
