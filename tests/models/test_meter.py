"""Every call is noted once, and no budget is passed, whatever runs side by side."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.endpoints import Attachment, Expense, Message, Prompt, Reply, Spending, Tokens, document
from glede.errors import BudgetError, ConfigurationError, ModelError, ModelTimeoutError, UnavailableError
from glede.models.batching import BatchedEmbedder
from glede.models.cache import CachedChat, CachedEmbedding
from glede.models.estimates import likely_tokens, most_of_texts, most_tokens
from glede.models.limit import Limit, LimitedChat, LimitedEmbedding
from glede.models.meter import (
    Budget,
    Meter,
    MeteredChat,
    MeteredEmbedding,
    MeteredReranker,
    budget_of,
)
from glede.models.prices import Prices, prices_of
from glede.models.retry import Patience, RetriedChat, RetriedEmbedding
from glede.stores.catalogue import SqlCatalogue
from glede.testing.fake_models import (
    FakeChatModel,
    FakeEmbeddingEndpoint,
    FakeReranker,
    MemoryLedger,
    MemoryResponses,
    Script,
)
from glede.text.sentences import count_tokens

ASKED = Prompt((Message("user", "Where does the kite nest?"),), max_tokens=10)
PRICES = prices_of("fake:chat=1000000/1000000,fake:words=1000000,fake:rerank=0/0")  # 1 a token


def meter_of(ledger: MemoryLedger, limit: str = "", prices: Prices = PRICES) -> Meter:
    return Meter(ledger, prices, budget_of(limit), today=lambda: "2026-11-21")


async def test_a_call_is_noted_with_all_that_it_is_summed_by() -> None:
    ledger = MemoryLedger()
    meter = meter_of(ledger)
    document.set("abc")
    reply = await MeteredChat(FakeChatModel(), meter, "vision").chat(ASKED)
    await meter.settled()
    used = reply.tokens
    cost = Decimal(used.prompt + used.completion)
    assert ledger.expenses == [
        Expense("vision", "fake:chat", "abc", "2026-11-21", used.prompt, used.completion, cost)
    ]
    document.set("")
    await MeteredEmbedding(FakeEmbeddingEndpoint(), meter).embed(["kite", "owl"])
    await MeteredReranker(FakeReranker(), meter).rerank("kite", ["owl"])
    await meter.settled()
    assert ledger.spending("role")[:2] == [
        Spending("embed", 1, 2, 0, Decimal(2)),
        Spending("rerank", 1, 2, 0, Decimal(0)),
    ]


async def test_where_the_endpoint_does_not_say_we_count() -> None:
    ledger = MemoryLedger()
    meter = meter_of(ledger, prices=Prices())
    reply = Reply("old oaks near the river", True, "stop", "fake:chat", Tokens(known=False))
    await MeteredChat(FakeChatModel(Script([reply])), meter).chat(ASKED)
    await meter.settled()
    (noted,) = ledger.expenses
    assert noted.prompt_tokens == likely_tokens(ASKED) > 0
    assert noted.completion_tokens == count_tokens(reply.text)
    assert (noted.cost, noted.priced) == (Decimal(0), False)


async def test_a_stream_that_is_closed_early_is_paid_for() -> None:
    ledger = MemoryLedger()
    meter = meter_of(ledger)
    stream = MeteredChat(FakeChatModel(), meter).stream(ASKED)
    assert [await anext(stream), await anext(stream)] == ["You ", "said: "]
    await stream.aclose()
    await meter.settled()
    assert [one.completion_tokens for one in ledger.expenses] == [count_tokens("You said: ")]
    async for _ in MeteredChat(FakeChatModel(), meter).stream(ASKED):
        pass
    await meter.settled()
    assert ledger.expenses[1].completion_tokens == 7


async def test_what_came_to_nothing_costs_only_where_work_was_done() -> None:
    ledger = MemoryLedger()
    meter = meter_of(ledger, "10000")
    script = Script([ModelError("refused"), ModelTimeoutError("slow")])
    for _ in range(2):
        with pytest.raises(ModelError):
            await MeteredChat(FakeChatModel(script), meter).chat(ASKED)
    waiting = Script(seconds=60)
    call = asyncio.create_task(MeteredChat(FakeChatModel(waiting), meter).chat(ASKED))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await meter.settled()
    assert [one.completion_tokens for one in ledger.expenses] == [0, 0]
    assert ledger.total() == 2 * likely_tokens(ASKED)


async def test_fifty_calls_side_by_side_do_not_pass_the_budget() -> None:
    ledger = MemoryLedger()
    script = Script(seconds=0.01)
    chat = MeteredChat(FakeChatModel(script), meter := meter_of(ledger, "200"))
    done = await asyncio.gather(*(chat.chat(ASKED) for _ in range(50)), return_exceptions=True)
    await meter.settled()
    made = [one for one in done if isinstance(one, Reply)]
    refused = [one for one in done if isinstance(one, BudgetError)]
    assert len(made) + len(refused) == 50
    most = most_tokens(ASKED)
    assert len(made) == 200 // (most.prompt + most.completion) == script.calls
    assert ledger.total() == sum(one.tokens.prompt + one.tokens.completion for one in made) <= 200
    assert (await chat.chat(ASKED)).complete  # what was reserved and not used is free again


@settings(max_examples=25, deadline=None)
@given(limit=st.integers(0, 400), places=st.integers(1, 8), failing=st.lists(st.booleans(), max_size=30))
def test_no_budget_is_passed(limit: int, places: int, failing: list[bool]) -> None:
    async def run() -> Decimal:
        ledger = MemoryLedger()
        script = Script([ModelTimeoutError("slow") if fails else None for fails in failing], seconds=0.0001)
        chat = LimitedChat(
            MeteredChat(FakeChatModel(script), meter := meter_of(ledger, str(limit))), Limit(places)
        )
        await asyncio.gather(*(chat.chat(ASKED) for _ in range(40)), return_exceptions=True)
        await meter.settled()
        return ledger.total()

    assert asyncio.run(run()) <= limit


async def test_the_budget_counts_what_was_spent_before(tmp_path: Path) -> None:
    for number in range(3):
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        meter = Meter(catalogue.ledger, PRICES, Budget(Decimal(60)))
        script = Script()
        chat = MeteredChat(FakeChatModel(script), meter)
        if number < 2:
            await chat.chat(ASKED)
            await meter.settled()
        else:
            catalogue.ledger.spend([Expense("chat", "m", "", "2026-11-21", 0, 0, Decimal(20))])
            with pytest.raises(BudgetError) as caught:
                await chat.chat(ASKED)
            assert script.calls == 0
            assert "budget of 60" in caught.value.message
            assert "GLEDE_BUDGET" in caught.value.hint
        catalogue.close()


async def test_with_a_budget_every_price_must_be_known() -> None:
    script = Script()
    meter = meter_of(MemoryLedger(), "5", Prices())
    with pytest.raises(ConfigurationError) as caught:
        await MeteredChat(FakeChatModel(script, "openai:mine"), meter).chat(ASKED)
    assert "openai:mine" in caught.value.message
    assert "GLEDE_PRICES=" in caught.value.hint
    assert script.calls == 0
    free = meter_of(MemoryLedger(), "0", prices_of("mine=0/0"))
    assert (await MeteredChat(FakeChatModel(script, "openai:mine"), free).chat(ASKED)).complete


async def test_what_cannot_be_noted_stops_the_spending() -> None:
    ledger = MemoryLedger()
    ledger.failure = UnavailableError("the disk is full")
    meter = meter_of(ledger)
    script = Script()
    chat = MeteredChat(FakeChatModel(script), meter)
    assert (await chat.chat(ASKED)).complete  # paid for, so it is given out
    with pytest.raises(UnavailableError):
        await meter.settled()
    for _ in range(2):
        with pytest.raises(UnavailableError):
            await chat.chat(ASKED)
    assert script.calls == 1
    ledger.failure = None
    await chat.chat(ASKED)
    await meter.settled()
    assert len(ledger.expenses) == 2


@pytest.mark.parametrize("text", ["x", "-1", "nan", "inf", "5 USD"])
def test_a_budget_is_an_amount_of_money(text: str) -> None:
    with pytest.raises(ConfigurationError):
        budget_of(text)


def test_no_budget() -> None:
    assert budget_of("") is None
    assert budget_of("5.00") == Budget(Decimal(5))


@given(st.text(max_size=300))
def test_the_most_is_never_less_than_the_likely(text: str) -> None:
    picture = Attachment(b"", "image/png")
    for pictures in ((), (picture, picture)):
        prompt = Prompt((Message("system", text), Message("user", text, pictures)))
        assert likely_tokens(prompt) <= most_tokens(prompt).prompt
    assert count_tokens(text) <= most_of_texts([text])


async def test_all_wrappers_together(tmp_path: Path) -> None:
    """Kept answers are neither limited nor metered; each try is; a run that is repeated pays for nothing."""
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    meter = Meter(catalogue.ledger, PRICES, Budget(Decimal(10_000)))
    limit, patience = Limit(4), Patience(first=0.0)
    script = Script(
        [ModelError("busy", retryable=True), ModelTimeoutError("slow", retryable=True)], seconds=0.001
    )
    chat = CachedChat(
        RetriedChat(LimitedChat(MeteredChat(FakeChatModel(script), meter), limit), patience),
        catalogue.responses,
    )
    prompts = [Prompt((Message("user", f"kite {n}"),), max_tokens=5) for n in range(12)]
    first = await asyncio.gather(*(chat.chat(prompt) for prompt in prompts))
    await meter.settled()
    assert (script.calls, script.most_active) == (14, 4)
    spent = catalogue.ledger.spending("role")
    assert spent[0].calls == 13  # the answers, and the one that was too slow
    again = await asyncio.gather(*(chat.chat(prompt) for prompt in prompts))
    assert [one.text for one in again] == [one.text for one in first]
    endpoint = FakeEmbeddingEndpoint(Script([ModelError("busy", retryable=True)]), batch=4)
    embedder = BatchedEmbedder(
        CachedEmbedding(
            RetriedEmbedding(LimitedEmbedding(MeteredEmbedding(endpoint, meter), limit), patience),
            catalogue.responses,
        )
    )
    texts = [f"kite {n}" for n in range(30)]
    vectors = await embedder.embed(texts)
    assert (vectors == await embedder.embed(texts)).all()
    await meter.settled()
    assert len(endpoint.texts) == 30
    assert [one.calls for one in catalogue.ledger.spending("role")] == [13, 8]
    catalogue.close()


async def test_a_refused_call_keeps_what_others_have_paid_for() -> None:
    """A budget that ends in the middle of a document: the next run goes on from there."""
    ledger, responses = MemoryLedger(), MemoryResponses()
    endpoint = FakeEmbeddingEndpoint(batch=1)
    texts = [f"kite {n}" for n in range(20)]

    def embedder(limit: str) -> tuple[BatchedEmbedder, Meter]:
        meter = meter_of(ledger, limit)
        limited = LimitedEmbedding(MeteredEmbedding(endpoint, meter), Limit(1))
        return BatchedEmbedder(CachedEmbedding(limited, responses)), meter

    first, meter = embedder("25")
    with pytest.raises(BudgetError):
        await first.embed(texts)
    await meter.settled()
    kept = len(responses.answers)
    assert 0 < kept == len(endpoint.texts) < 20
    assert ledger.total() <= 25
    second, _ = embedder("1000")
    await second.embed(texts)
    assert len(endpoint.texts) == 20
