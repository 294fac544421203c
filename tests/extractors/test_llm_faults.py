"""Models that answer badly, too long, too little or not at all."""

from __future__ import annotations

import asyncio

import pytest

from glede.errors import ConfigurationError, ModelError, RateLimitError
from glede.extractors.llm import LlmExtractor
from glede.testing.fake_models import MemoryResponses
from glede.testing.model_server import ChatAnswer, ChatRequest, ModelServer
from tests.extractors.llm_serving import (
    KITE,
    STORE,
    WORDS,
    Names,
    chunks_of_words,
    entity,
    extracted,
    page,
    reading_model,
    reads,
    reply,
    shown_chunks,
)


async def test_an_answer_that_is_cut_off_is_asked_for_in_halves(server: ModelServer) -> None:
    def answer(request: ChatRequest) -> ChatAnswer:
        whole = reads(request)
        if len(shown_chunks(request)) > 2:
            return ChatAnswer(whole[: len(whole) // 2], "length")
        return ChatAnswer(whole)

    server.answer = answer
    texts = [f"Then Kite{number} met Anna Weber{number}." for number in range(4)]
    kept = MemoryResponses()
    async with reading_model(server, kept) as chat:
        found = await LlmExtractor(chat, kept=kept).extract(WORDS, chunks_of_words(*texts))
        assert server.count("chat") == 3
        assert await LlmExtractor(chat, kept=kept).extract(WORDS, chunks_of_words(*texts)) == found
    assert server.count("chat") == 3  # what was cut off was paid for as well, and is known
    assert {one.name for one in found.mentions} >= {f"Anna Weber{number}" for number in range(4)}
    assert len(found.facts) == len({(one.source, one.target) for one in found.facts})
    assert found.unread == ()


async def test_a_model_that_loops(server: ModelServer) -> None:
    head = '{"entities":[{"chunk":1,"name":"Red Kite","type":"name","description":""}],"facts":['
    loop = '{"chunk":1,"source":"Red Kite","label":"lives in","target":"Wales"},' * 3000
    server.answer = lambda request: ChatAnswer(head + loop, "length")
    found = await extracted(server, KITE, STORE)
    assert len(found.facts) == 1
    assert {one.name for one in found.mentions} == {"Red Kite", "Wales"}
    assert server.count("chat") <= 2


async def test_its_own_prompt_returned(server: ModelServer) -> None:
    server.answer = lambda request: request.text
    text = "Here Anna Weber met Paul Klee and Otto Dix, and then Max Ernst and Hans Arp in Zürich."
    found = await extracted(server, text, base=True)
    assert found.unread == (0,)
    assert not any(one.description for one in found.mentions)
    assert found.facts == ()
    assert server.count("chat") <= 2


async def test_nothing_found_in_a_page_full_of_names_is_told(server: ModelServer) -> None:
    server.answer = lambda request: reply()
    text = "Here Anna Weber met Paul Klee and Otto Dix, and then Max Ernst and Hans Arp in Zürich."
    for base in (True, False):
        server.clear()
        found = await extracted(server, text, base=base)
        assert found.unread == (0,)
        assert "found nothing in chunk 1" in found.warnings[0]
        assert server.count("chat") == 2  # the names were asked for once more
        assert "Paul Klee" in server.calls[1].body["messages"][1]["content"].rpartition("missing")[2]


async def test_a_second_look_that_fails_costs_nothing_of_the_first(server: ModelServer) -> None:
    text = "In 1920 Anna Weber met Paul Klee and Otto Dix, and Max Ernst met Hans Arp in Zürich. "
    text += "So it was. " * 60
    server.script(reply([entity("Anna Weber")]))
    server.fault("content_filter", times=1, route="chat", after=1)
    found = await extracted(server, text, base=True)
    assert server.count("chat") == 2
    assert found.unread == ()
    assert "Anna Weber" in {one.name for one in found.mentions}


async def test_a_text_without_names_is_read_with_nothing_in_it(server: ModelServer) -> None:
    server.answer = lambda request: reply()
    found = await extracted(server, "it rains, and then it rains again. " * 20, base=True)
    assert found.unread == ()
    assert found.warnings == ()
    assert server.count("chat") == 1


async def test_second_looks_stay_rare(server: ModelServer) -> None:
    server.answer = lambda request: reply()  # every page calls for one
    texts = [" ".join(f"then came Kite{seed}x{number}" for number in range(180)) for seed in range(30)]
    found = await extracted(server, *texts, base=True)
    assert server.count("chat") <= 1.2 * 30 + 2
    assert len(found.unread) == 30


async def test_one_bad_window_does_not_cost_the_others(server: ModelServer) -> None:
    server.fault("content_filter", times=1, route="chat")
    async with reading_model(server) as chat:
        chunks = chunks_of_words(*(page(780, seed) for seed in range(3)))
        found = await LlmExtractor(chat, Names(), calls=1).extract(WORDS, chunks)
    assert found.unread == (0,)
    assert {one.chunk for one in found.facts} == {1, 2}
    assert "could not be read" in found.warnings[0]


async def test_a_window_that_is_too_long_is_halved(server: ModelServer) -> None:
    server.context = 900
    found = await extracted(server, *(page(150, seed) for seed in range(5)))
    assert found.unread == ()
    assert {one.chunk for one in found.mentions} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("fault", ["server_error", "rate_limit", "refused", "garbage", "empty_choices"])
async def test_a_model_that_is_away_leaves_the_document_for_later(server: ModelServer, fault: str) -> None:
    server.fault(fault, times=None, route="chat")
    with pytest.raises(ModelError):
        await extracted(server, KITE)


async def test_a_key_that_is_refused_is_no_matter_of_the_document(server: ModelServer) -> None:
    async with reading_model(server, openai_key="sk-wrong") as chat:
        with pytest.raises(ConfigurationError):
            await LlmExtractor(chat).extract(WORDS, chunks_of_words(KITE))


async def test_after_a_failure_nothing_is_asked_twice(server: ModelServer) -> None:
    kept = MemoryResponses()
    chunks = chunks_of_words(*(page(780, seed) for seed in range(10)))
    async with reading_model(server, kept) as chat:
        server.fault("rate_limit", times=None, route="chat", after=6)
        with pytest.raises(RateLimitError):
            await LlmExtractor(chat, kept=kept, calls=2).extract(WORDS, chunks)
    whole = [call.body["messages"][1]["content"] for call in server.calls if call.status == 200]
    assert len(whole) == 6
    server.clear()
    async with reading_model(server, kept) as chat:
        found = await LlmExtractor(chat, kept=kept).extract(WORDS, chunks)
        assert server.count("chat") == 4
        assert not {call.body["messages"][1]["content"] for call in server.calls} & set(whole)
        assert await LlmExtractor(chat, kept=kept).extract(WORDS, chunks) == found
    assert server.count("chat") == 4


async def test_cancelling_it_ends_its_calls(server: ModelServer) -> None:
    server.latency = 5
    async with reading_model(server) as chat:
        task = asyncio.create_task(LlmExtractor(chat).extract(WORDS, chunks_of_words(KITE)))
        while not server.count("chat"):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
