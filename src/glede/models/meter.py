"""Counts what calls use and cost, and stops before the budget would be passed.

Each call notes one expense. Which document it was for is told by the context variable `document`, which
tasks inherit; it is empty for questions, and for embeddings of several documents at once.

The budget is hard: before a call the most that it can cost is reserved, and a call whose reservation does
not fit beside what is spent and reserved is not made. It covers the life of the data folder's ledger: to go
on, raise it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np

from glede.adding.rehearsal import nothing_said, rehearsal
from glede.allowances import allowance
from glede.endpoints import (
    ChatModel,
    EmbeddingEndpoint,
    Embeddings,
    Expense,
    Ledger,
    Prompt,
    Ranking,
    Reply,
    Reranker,
    Tokens,
    document,
    tally,
)
from glede.errors import (
    BudgetError,
    ConfigurationError,
    ContentFilterError,
    GledeError,
    ModelReplyError,
    ModelTimeoutError,
)
from glede.models.estimates import likely_of_texts, likely_tokens, most_of_texts, most_tokens
from glede.models.prices import HINT, Price, Prices, money_of
from glede.results import Usage
from glede.text.sentences import count_tokens

_BILLED = (ModelTimeoutError, ModelReplyError, ContentFilterError, asyncio.CancelledError, GeneratorExit)
"""How a call may end that the endpoint has worked on, and wants money for, though nothing can be used."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that all calls together may cost, over the life of a ledger, in the currency of the prices."""

    limit: Decimal


def budget_of(text: str) -> Budget | None:
    """The budget that the settings say, as `5.00`; none where it is empty."""
    return Budget(money_of(text, f"GLEDE_BUDGET={text}")) if text.strip() else None


@dataclass(frozen=True, slots=True)
class Asked:
    """A call that is about to be made: what it is likely to take (its answer left out), and the most."""

    role: str
    model: str
    likely: int
    most: Tokens


class Receipt:
    """What a call has brought so far; without a report its tokens are estimated."""

    def __init__(self) -> None:
        self.tokens: Tokens | None = None
        self.text: list[str] = []

    def report(self, tokens: Tokens, text: str = "") -> None:
        """What the endpoint says at the end, and what it wrote."""
        self.tokens = tokens
        self.text = [text]

    def used(self, likely: int) -> Tokens:
        """The tokens to be paid for."""
        if self.tokens is not None and self.tokens.known:
            return self.tokens
        return Tokens(likely, count_tokens("".join(self.text)), known=False)


class Meter:
    """One for all models of an engine; `settled` waits until all is written."""

    def __init__(
        self,
        ledger: Ledger,
        prices: Prices,
        budget: Budget | None = None,
        *,
        today: Callable[[], str] = lambda: datetime.now(UTC).date().isoformat(),
    ) -> None:
        self._ledger = ledger
        self._prices = prices
        self._budget = budget
        self._today = today
        self._spent: Decimal | None = None
        self._reserved = Decimal(0)
        self._opening = asyncio.Lock()
        self._unwritten: deque[Expense] = deque()
        self._failed: GledeError | None = None
        self._used = Usage()
        # One thread of its own: writers that wait for the database must not take those of others.
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="glede-ledger")

    @asynccontextmanager
    async def calling(self, asked: Asked) -> AsyncIterator[Receipt]:
        """Reserve what a call can cost, and note what it did; raises `BudgetError` before it is made."""
        price = self._prices.of(asked.model)
        most = price.cost(asked.most.prompt, asked.most.completion)
        await self._reserve(asked, price, most)
        receipt, cost = Receipt(), Decimal(0)
        try:
            yield receipt
        except BaseException as error:
            if isinstance(error, _BILLED) or receipt.text:
                cost = self._note(asked, price, receipt)
            raise
        else:
            cost = self._note(asked, price, receipt)
        finally:
            self._reserved -= most
            if (granted := allowance.get()) is not None:
                granted.settle(most, cost)

    def usage(self) -> Usage:
        """What all calls of this process have used."""
        return self._used

    async def settled(self) -> None:
        """Wait until every expense is in the ledger; raises where it cannot be written."""
        await asyncio.wrap_future(self._writer.submit(self._write))
        if self._failed is not None:
            raise self._failed

    async def _reserve(self, asked: Asked, price: Price, most: Decimal) -> None:
        if self._failed is not None:
            await self.settled()  # what cannot be noted may not be spent
        if self._budget is not None:
            if not price.known:
                raise ConfigurationError(
                    f"there is a budget, and nobody knows what {asked.model} costs",
                    hint=f"{HINT} 0/0 is for a model that costs nothing.",
                )
            self._check_fits(self._budget, await self._opened(), asked, most)
        if (granted := allowance.get()) is not None:
            granted.reserve(asked.model, most, priced=price.known)
        self._reserved += most  # nothing was awaited since the checks, so no other call came between

    def _check_fits(self, budget: Budget, spent: Decimal, asked: Asked, most: Decimal) -> None:
        if spent + self._reserved + most > budget.limit:
            raise BudgetError(
                f"the next call of {asked.model} could cost {most:.4f}, and of the budget of {budget.limit} "
                f"{spent:.4f} is spent and {self._reserved:.4f} is reserved by calls under way"
            )

    async def _opened(self) -> Decimal:
        """What is spent; what was before this process is read once, at the first call."""
        async with self._opening:
            if self._spent is None:
                before = await asyncio.to_thread(self._ledger.total)
                self._spent = before
        return self._spent

    def _note(self, asked: Asked, price: Price, receipt: Receipt) -> Decimal:
        """Note what a call has used; returns what it has cost."""
        used = receipt.used(asked.likely)
        if (counted := tally.get()) is not None:
            counted.add(used.prompt, known=used.known)
        cost = price.cost(used.prompt, used.completion)
        before = self._used
        self._used = Usage(
            before.model_calls + 1,
            before.prompt_tokens + used.prompt,
            before.completion_tokens + used.completion,
        )
        if self._spent is not None:
            self._spent += cost
        self._unwritten.append(
            Expense(
                role=asked.role,
                model=asked.model,
                document=document.get(),
                day=self._today(),
                prompt_tokens=used.prompt,
                completion_tokens=used.completion,
                cost=cost,
                priced=price.known,
            )
        )
        # Not awaited: what was paid for must first reach the one who keeps it. The thread ends its work
        # even where the event loop is stopped.
        self._writer.submit(self._write)
        return cost

    def _write(self) -> None:
        """In the writer's thread: note all that waits, in one transaction."""
        expenses = list(self._unwritten)
        if not expenses:
            return
        try:
            self._ledger.spend(expenses)
        except GledeError as error:
            self._failed = error
            return
        self._failed = None
        for _ in expenses:
            self._unwritten.popleft()


class MeteredChat:
    """A chat model whose calls are noted."""

    def __init__(self, inner: ChatModel, meter: Meter, role: str = "chat") -> None:
        self.model = inner.model
        self._inner = inner
        self._meter = meter
        self._role = role

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        if (counted := rehearsal.get()) is not None:
            pictures = sum(len(message.pictures) for message in prompt.messages)
            counted.note(self._role, self.model, likely_tokens(prompt), pictures)
            return nothing_said(prompt, self.model)
        async with self._meter.calling(self._asked(prompt)) as receipt:
            reply = await self._inner.chat(prompt)
            receipt.report(reply.tokens, reply.text)
        return reply

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece; raises only before the first piece."""
        async with (
            self._meter.calling(self._asked(prompt)) as receipt,
            aclosing(self._inner.stream(prompt)) as pieces,
        ):
            async for piece in pieces:
                if isinstance(piece, Reply):
                    receipt.report(piece.tokens, piece.text)
                else:
                    receipt.text.append(piece)
                yield piece

    def _asked(self, prompt: Prompt) -> Asked:
        return Asked(self._role, self.model, likely_tokens(prompt), most_tokens(prompt))


class MeteredEmbedding:
    """An embedding endpoint whose calls are noted."""

    def __init__(self, inner: EmbeddingEndpoint, meter: Meter, role: str = "embed") -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self.batch = inner.batch
        self._inner = inner
        self._meter = meter
        self._role = role

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order."""
        if (counted := rehearsal.get()) is not None and self.dimension:
            counted.note(self._role, self.model, likely_of_texts(texts))
            return Embeddings(np.zeros((len(texts), self.dimension), np.float32), Tokens())
        async with self._meter.calling(_asked(self._role, self.model, texts)) as receipt:
            found = await self._inner.embed(texts)
            receipt.report(found.tokens)
        return found


class MeteredReranker:
    """A reranker whose calls are noted."""

    def __init__(self, inner: Reranker, meter: Meter, role: str = "rerank") -> None:
        self.model = inner.model
        self._inner = inner
        self._meter = meter
        self._role = role

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        # Most rerankers count the question again with each text.
        counted = [part for text in texts for part in (question, text)]
        async with self._meter.calling(_asked(self._role, self.model, counted)) as receipt:
            found = await self._inner.rerank(question, texts)
            receipt.report(found.tokens)
        return found


def _asked(role: str, model: str, texts: Sequence[str]) -> Asked:
    return Asked(role, model, likely_of_texts(texts), Tokens(most_of_texts(texts), 0, known=False))
