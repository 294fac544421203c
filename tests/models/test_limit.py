"""No more calls than allowed at a time and a minute, in the order they came; every place is given back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.endpoints import Message, Prompt, Reply, Tokens
from glede.errors import ModelError
from glede.models.limit import Bucket, Limit, LimitedChat, LimitedEmbedding, LimitedReranker
from glede.testing.fake_models import FakeChatModel, FakeEmbeddingEndpoint, FakeReranker, Script

ASKED = Prompt((Message("user", "Where does the kite nest?"),))


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds
        await asyncio.sleep(0)


@settings(max_examples=300, deadline=None)
@given(
    per_minute=st.integers(1, 6000),
    steps=st.lists(st.tuples(st.floats(0, 90), st.integers(1, 400)), min_size=1, max_size=40),
)
def test_never_more_than_the_rate_and_a_burst(per_minute: int, steps: list[tuple[float, int]]) -> None:
    """In any window: rate x time + a full bucket + the amount that is taken last."""
    now = 0.0
    bucket = Bucket(per_minute, now)
    taken: list[tuple[float, int]] = []
    for pause, amount in steps:
        now += pause
        wait = bucket.wait(amount, now)
        assert wait >= 0
        now += wait
        assert bucket.wait(amount, now) <= 1e-6
        bucket.take(amount, now)
        taken.append((now, amount))
    for first, (began, _) in enumerate(taken):
        total = 0
        for at, amount in taken[first:]:
            allowed = bucket.rate * (at - began) + bucket.capacity + amount
            total += amount
            assert total <= allowed + 1e-3


@given(st.lists(st.floats(-1000, 1000), max_size=30))
def test_what_is_given_back_never_overfills(amounts: list[float]) -> None:
    bucket = Bucket(600, 0)
    for amount in amounts:
        bucket.take(amount, 0)
    assert bucket.wait(bucket.capacity, 0) >= 0
    bucket.take(-1e9, 0)
    bucket.take(bucket.capacity, 0)
    assert bucket.wait(1, 0) == pytest.approx(0.1)


async def test_no_more_at_a_time_than_allowed() -> None:
    script = Script(seconds=0.002)
    chat = LimitedChat(FakeChatModel(script), Limit(3))
    await asyncio.gather(*(chat.chat(ASKED) for _ in range(20)))
    assert (script.calls, script.most_active) == (20, 3)


async def test_first_come_first_served() -> None:
    clock = Clock()
    limit = Limit(2, requests_per_minute=30, now=clock.now, sleep=clock.sleep)
    order: list[int] = []

    async def call(number: int) -> None:
        async with limit.place(1):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(call(number) for number in range(30)))
    assert order == list(range(30))
    assert clock.time == pytest.approx(58, abs=0.01)


async def test_tokens_are_corrected_by_what_the_reply_reports() -> None:
    clock = Clock()
    limit = Limit(1, tokens_per_minute=600, now=clock.now, sleep=clock.sleep)

    async def call(likely: int, used: int) -> float:
        async with limit.place(likely) as place:
            began = clock.time
            place.report(Tokens(used, 0))
        return began

    assert await call(100, 10) == 0  # a full bucket holds 10
    assert await call(10, 600) == pytest.approx(1)
    assert await call(10, 10) == pytest.approx(61)


async def test_an_unknown_number_leaves_the_estimate() -> None:
    clock = Clock()
    limit = Limit(1, tokens_per_minute=600, now=clock.now, sleep=clock.sleep)
    async with limit.place(610) as place:
        place.report(Tokens(known=False))
    async with limit.place(1):
        assert clock.time == pytest.approx(60.1)


async def test_errors_and_cancellation_give_the_place_back() -> None:
    script = Script([ModelError("no")], seconds=0.01)
    chat = LimitedChat(FakeChatModel(script), Limit(1))
    with pytest.raises(ModelError):
        await chat.chat(ASKED)
    calls = [asyncio.create_task(chat.chat(ASKED)) for _ in range(5)]
    await asyncio.sleep(0.001)
    for call in calls[:4]:  # one under way, three that wait
        call.cancel()
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert [isinstance(one, asyncio.CancelledError) for one in done] == [True] * 4 + [False]
    assert script.active == 0
    await asyncio.wait_for(chat.chat(ASKED), 20)


@pytest.mark.measured
async def test_cancelled_while_waiting_for_the_rate() -> None:
    limit = Limit(4, requests_per_minute=60)
    async with limit.place(1):
        pass
    waiting = [asyncio.create_task(limit.place(1).__aenter__()) for _ in range(3)]
    await asyncio.sleep(0.01)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(3), AsyncExitStack() as stack:
        await stack.enter_async_context(limit.place(1))


async def test_a_stream_holds_its_place_until_its_end() -> None:
    script = Script()
    chat = LimitedChat(FakeChatModel(script), Limit(1))
    stream = chat.stream(ASKED)
    assert await anext(stream) == "You "
    waiting = asyncio.create_task(chat.chat(ASKED))
    await asyncio.sleep(0.01)
    assert script.calls == 1
    pieces = [piece async for piece in stream]
    assert isinstance(pieces[-1], Reply)
    assert (await waiting).complete
    assert script.calls == 2


async def test_a_stream_that_is_closed_early_gives_its_place_back() -> None:
    script = Script()
    chat = LimitedChat(FakeChatModel(script), Limit(1))
    for _ in range(3):
        stream = chat.stream(ASKED)
        await anext(stream)
        await stream.aclose()
    assert (script.active, script.closed) == (0, 3)

    async def read() -> None:
        async for _ in chat.stream(ASKED):
            await asyncio.sleep(60)

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await asyncio.wait_for(chat.chat(ASKED), 20)


async def test_every_port_is_limited() -> None:
    embedding, reranker = Script(seconds=0.001), Script(seconds=0.001)
    endpoint = LimitedEmbedding(FakeEmbeddingEndpoint(embedding), Limit(2))
    await asyncio.gather(*(endpoint.embed(["kite"]) for _ in range(5)))
    ranks = LimitedReranker(FakeReranker(reranker), Limit(2))
    await asyncio.gather(*(ranks.rerank("kite", ["kite"]) for _ in range(5)))
    assert (embedding.most_active, reranker.most_active) == (2, 2)
    assert (endpoint.dimension, endpoint.batch, endpoint.model) == (16, 8, "fake:words")
