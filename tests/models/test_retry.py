"""Calls are tried again where that can help, and no more often or longer than was said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.endpoints import Message, Prompt, Reply, Tokens
from glede.errors import (
    BudgetError,
    ConfigurationError,
    CredentialsError,
    GledeError,
    ModelError,
    ModelTimeoutError,
    RateLimitError,
    RefusedRequestError,
    UnavailableError,
)
from glede.models.retry import Patience, RetriedChat, RetriedEmbedding, RetriedReranker
from glede.testing.fake_models import FakeChatModel, FakeEmbeddingEndpoint, FakeReranker, Script

AT_ONCE = Patience(first=0.0)
ASKED = Prompt((Message("user", "Where does the kite nest?"),))


def busy(after: float | None = None) -> RateLimitError:
    return RateLimitError("fake:chat answered 429", retryable=True, retry_after=after)


async def test_tries_again_until_it_succeeds() -> None:
    script = Script([busy(), ModelTimeoutError("too slow", retryable=True), busy(), busy(), "old oaks"])
    reply = await RetriedChat(FakeChatModel(script), AT_ONCE).chat(ASKED)
    assert (reply.text, script.calls) == ("old oaks", 5)


async def test_gives_up_after_five_tries_with_the_last_error() -> None:
    errors = [busy() for _ in range(6)]
    script = Script(errors)
    with pytest.raises(RateLimitError) as caught:
        await RetriedChat(FakeChatModel(script), AT_ONCE).chat(ASKED)
    assert caught.value is errors[4]
    assert script.calls == 5
    assert caught.value.message == str(caught.value) == "fake:chat answered 429 (after 5 tries)"
    assert caught.value.retryable


async def test_every_port_is_retried() -> None:
    embedding, reranker = Script([busy()]), Script([busy()])
    found = await RetriedEmbedding(FakeEmbeddingEndpoint(embedding), AT_ONCE).embed(["kite"])
    assert found.vectors.shape == (1, 16)
    ranking = await RetriedReranker(FakeReranker(reranker), AT_ONCE).rerank("kite", ["a kite", "owl"])
    assert ranking.scores == (0.5, 0)
    assert (embedding.calls, reranker.calls) == (2, 2)


@pytest.mark.parametrize(
    "error",
    [
        RefusedRequestError("no"),
        RateLimitError("no credit"),
        ModelError("no"),
        ConfigurationError("no"),
        CredentialsError("no"),
        BudgetError("no"),
        UnavailableError("the catalogue"),
    ],
)
async def test_what_cannot_succeed_is_raised_at_once(error: GledeError) -> None:
    script = Script([error])
    with pytest.raises(type(error)) as caught:
        await RetriedChat(FakeChatModel(script), Patience()).chat(ASKED)
    assert caught.value is error
    assert script.calls == 1
    assert "tries" not in caught.value.message


@pytest.mark.measured
async def test_waits_as_long_as_the_endpoint_asks() -> None:
    script = Script([busy(0.2), "old oaks"])
    began = time.monotonic()
    await RetriedChat(FakeChatModel(script), Patience(first=0.01)).chat(ASKED)
    assert 0.2 <= time.monotonic() - began < 1


@pytest.mark.measured
async def test_does_not_wait_longer_than_allowed_in_all() -> None:
    script = Script([busy(0.1), busy(0.1), busy(0.1), "late"])
    with pytest.raises(RateLimitError, match="after 3 tries"):
        await RetriedChat(FakeChatModel(script), Patience(first=0.0, seconds=0.25)).chat(ASKED)
    script = Script([busy(3600), "late"])
    began = time.monotonic()
    with pytest.raises(RateLimitError):
        await RetriedChat(FakeChatModel(script), Patience()).chat(ASKED)
    assert time.monotonic() - began < 1
    assert script.calls == 1


@given(tried=st.integers(1, 20), asked=st.none() | st.floats(0, 100))
def test_waits_grow_and_are_never_shorter_than_asked(tried: int, asked: float | None) -> None:
    patience = Patience()
    wait = patience.wait(tried, asked)
    if asked is None:
        least = min(patience.longest, patience.first * 2 ** (tried - 1))
        assert least <= wait <= 2 * least
    else:
        assert asked <= wait <= asked + patience.first


async def test_a_cancelled_call_is_not_tried_again() -> None:
    script = Script(seconds=60)
    call = asyncio.create_task(RetriedChat(FakeChatModel(script), AT_ONCE).chat(ASKED))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (script.calls, script.closed) == (1, 1)


async def test_a_cancelled_wait_ends_at_once() -> None:
    script = Script([busy(100)])
    call = asyncio.create_task(RetriedChat(FakeChatModel(script), AT_ONCE).chat(ASKED))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert script.calls == 1


async def test_a_stream_is_begun_again_before_its_first_piece() -> None:
    script = Script([busy(), busy(), "old oaks"])
    pieces = [piece async for piece in RetriedChat(FakeChatModel(script), AT_ONCE).stream(ASKED)]
    assert pieces[:2] == ["old ", "oaks"]
    assert isinstance(pieces[2], Reply)
    assert script.calls == 3


async def test_a_stream_that_broke_off_is_not_begun_again() -> None:
    broken = Reply("old", False, "", "fake:chat", Tokens(known=False))
    script = Script([broken, "old oaks"])
    pieces = [piece async for piece in RetriedChat(FakeChatModel(script), AT_ONCE).stream(ASKED)]
    assert pieces == ["old", broken]
    assert script.calls == 1


async def test_a_stream_that_is_closed_early_closes_the_one_inside() -> None:
    script = Script()
    stream = RetriedChat(FakeChatModel(script), AT_ONCE).stream(ASKED)
    assert await anext(stream) == "You "
    assert script.active == 1
    await stream.aclose()
    assert (script.active, script.closed) == (0, 1)


async def test_nothing_is_written_about_tries(capfd: pytest.CaptureFixture[str]) -> None:
    await RetriedChat(FakeChatModel(Script([busy()])), AT_ONCE).chat(ASKED)
    assert capfd.readouterr() == ("", "")


def test_every_wait_is_said_by_the_policy() -> None:
    """The hook that stamina asks is the only source of waits."""
    wait: Callable[[int, float | None], float] = Patience(first=0.0).wait
    assert [wait(tried, None) for tried in range(1, 6)] == [0.0] * 5
