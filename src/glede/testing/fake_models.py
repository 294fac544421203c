"""Models whose answers and failures are scripted, and memories for what they answer and cost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import numpy as np

from glede.endpoints import Account, Embeddings, Expense, Prompt, Ranking, Reply, Spending, Tokens
from glede.errors import GledeError
from glede.testing.fakes import FakeEmbedder

_PIECE = re.compile(r"\S+\s*|\s+")
Step = GledeError | Reply | str | None
"""What a call does: raise, give a reply, say a text, or (`None`) what it does without a script."""


class Script:
    """Steps, one a call; when they have run out, every call does as it would without a script.

    A call takes `seconds`, and waits at `gate` where there is one. `calls`, `active` and `most_active`
    count; `closed` counts the calls that were broken off by their caller.
    """

    def __init__(
        self, steps: Iterable[Step] = (), *, seconds: float = 0.0, gate: asyncio.Event | None = None
    ) -> None:
        self._steps = iter(steps)
        self._seconds = seconds
        self._gate = gate
        self.calls = 0
        self.active = 0
        self.most_active = 0
        self.closed = 0

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Reply | str | None]:
        """The next step; raises it where it is an error."""
        self.calls += 1
        self.active += 1
        self.most_active = max(self.most_active, self.active)
        try:
            yield await self._step()
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise
        finally:
            self.active -= 1

    async def _step(self) -> Reply | str | None:
        step = next(self._steps, None)
        await asyncio.sleep(self._seconds)
        if self._gate is not None:
            await self._gate.wait()
        if isinstance(step, GledeError):
            raise step
        return step


class FakeChatModel:
    """Says again what it was asked; every word is a token."""

    def __init__(self, script: Script | None = None, model: str = "fake:chat") -> None:
        self.model = model
        self.script = script or Script()
        self.prompts: list[Prompt] = []

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        async with self.script.call() as step:
            return self._reply(prompt, step)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer word by word, and then the `Reply`."""
        async with self.script.call() as step:
            reply = self._reply(prompt, step)
            for piece in _PIECE.findall(reply.text):
                yield piece
                await asyncio.sleep(0)
            yield reply

    def _reply(self, prompt: Prompt, step: Reply | str | None) -> Reply:
        self.prompts.append(prompt)
        if isinstance(step, Reply):
            return step
        asked = " ".join(message.text for message in prompt.messages)
        text = f"You said: {asked}" if step is None else step
        tokens = Tokens(len(asked.split()), len(text.split()))
        return Reply(text, True, "stop", self.model, tokens)


class FakeEmbeddingEndpoint:
    """Vectors of `FakeEmbedder`, of any length; every word is a token. `texts` are those it was sent."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        dimension: int = 16,
        batch: int = 8,
        model: str = "fake:words",
        known: bool = True,
    ) -> None:
        self.model = model
        self.dimension = dimension if known else 0
        self.batch = batch
        self.script = script or Script()
        self.texts: list[str] = []
        self._embedder = FakeEmbedder(dimension)

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order, none of them empty."""
        if len(texts) > self.batch or not all(texts):
            raise ValueError("an endpoint takes no more texts than a batch, and no empty one")
        async with self.script.call():
            self.texts += texts
            vectors = await self._embedder.embed(texts)
            lengths = np.arange(2, len(texts) + 2, dtype=np.float32)[:, None]
            return Embeddings(vectors * lengths, Tokens(sum(len(text.split()) for text in texts)))


class FakeReranker:
    """Scores a text by the share of its words that are in the question; every word is a token."""

    def __init__(self, script: Script | None = None, model: str = "fake:rerank") -> None:
        self.model = model
        self.script = script or Script()

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        async with self.script.call():
            asked = set(question.casefold().split())
            words = [text.casefold().split() for text in texts]
            scores = tuple(len(asked.intersection(found)) / max(1, len(found)) for found in words)
            return Ranking(scores, Tokens(sum(map(len, words)) + len(asked)))


class MemoryResponses:
    """Answers in a dictionary."""

    def __init__(self) -> None:
        self.answers: dict[bytes, bytes] = {}

    def load(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers to those of the keys that are kept."""
        return {key: self.answers[key] for key in keys if key in self.answers}

    def keep(self, answers: Mapping[bytes, bytes], document: str = "") -> None:
        """Keep answers; nothing is removed, so that `document` does not matter."""
        self.answers.update(answers)


class MemoryLedger:
    """Expenses in a list; while `failure` is set it takes none."""

    def __init__(self) -> None:
        self.expenses: list[Expense] = []
        self.failure: GledeError | None = None

    def spend(self, expenses: Sequence[Expense]) -> None:
        """Note expenses."""
        if self.failure is not None:
            raise self.failure
        self.expenses += expenses

    def total(self) -> Decimal:
        """What all of them have cost."""
        return sum((one.cost for one in self.expenses), Decimal(0))

    def spending(self, by: Account, name: str | None = None) -> list[Spending]:
        """The sums by role, model, document or day, in the order of their names; or that of one name."""
        sums: dict[str, Spending] = {}
        for one in self.expenses:
            names = {"role": one.role, "model": one.model, "document": one.document, "day": one.day}
            sums[names[by]] = _added(sums.get(names[by], Spending(names[by])), one)
        return [sums[one] for one in sorted(sums) if name in (None, one)]


def _added(sum_: Spending, one: Expense) -> Spending:
    return replace(
        sum_,
        calls=sum_.calls + 1,
        prompt_tokens=sum_.prompt_tokens + one.prompt_tokens,
        completion_tokens=sum_.completion_tokens + one.completion_tokens,
        cost=sum_.cost + one.cost,
        unpriced=sum_.unpriced + (not one.priced),
    )
