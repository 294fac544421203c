"""What was paid for is asked once; only whole answers are kept, and they are kept the moment they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glede.endpoints import Attachment, Message, Prompt, Reply, Schema, Tokens, document
from glede.errors import DimensionError, ModelError
from glede.models.cache import CachedChat, CachedEmbedding, CachedReranker, prompt_key, vector_key
from glede.ports import EmbeddingPack
from glede.stores.catalogue import SqlCatalogue
from glede.stores.schema import vector_key as pack_key
from glede.testing.catalogue_contract import HERE, sample_commit
from glede.testing.fake_models import (
    FakeChatModel,
    FakeEmbeddingEndpoint,
    FakeReranker,
    MemoryResponses,
    Script,
)
from glede.types import content_hash

PICTURE = Attachment(b"\x89PNG", "image/png")
SCHEMA = Schema("kites", '{"type": "object"}')
ASKED = Prompt((Message("system", "Be short."), Message("user", "Where?", (PICTURE,))), 100, 0.0, SCHEMA)
PLAIN = Prompt((Message("user", "Where does the kite nest?"),))


async def test_a_prompt_is_asked_once() -> None:
    script, responses = Script(), MemoryResponses()
    first = await CachedChat(FakeChatModel(script), responses).chat(PLAIN)
    again = await CachedChat(FakeChatModel(script), responses).chat(PLAIN)
    assert script.calls == 1
    assert again == replace(first, tokens=Tokens(), kept=True)
    assert first.tokens.prompt


async def test_what_was_of_no_use_is_asked_again_and_replaced() -> None:
    script, responses = Script(["of no use", "better"]), MemoryResponses()
    model = CachedChat(FakeChatModel(script), responses)
    assert (await model.chat(PLAIN)).text == "of no use"
    fresh = await model.chat(replace(PLAIN, fresh=True))
    assert (fresh.text, fresh.kept) == ("better", False)
    kept = await model.chat(PLAIN)
    assert (kept.text, kept.kept) == ("better", True)
    assert script.calls == 2


@pytest.mark.parametrize(
    "other",
    [
        replace(ASKED, max_tokens=101),
        replace(ASKED, temperature=0.5),
        replace(ASKED, schema=None),
        replace(ASKED, schema=Schema("owls", SCHEMA.body)),
        replace(ASKED, schema=Schema("kites", "{}")),
        replace(ASKED, messages=ASKED.messages[1:]),
        replace(ASKED, messages=(ASKED.messages[1], ASKED.messages[0])),
        replace(ASKED, messages=(Message("user", "Be short."), ASKED.messages[1])),
        replace(ASKED, messages=(ASKED.messages[0], Message("user", "Where?"))),
        replace(ASKED, messages=(ASKED.messages[0], Message("user", "Where?", (PICTURE, PICTURE)))),
        replace(
            ASKED,
            messages=(ASKED.messages[0], Message("user", "Where?", (replace(PICTURE, data=b"\x89PNg"),))),
        ),
    ],
)
def test_all_that_an_answer_depends_on_is_in_the_key(other: Prompt) -> None:
    assert prompt_key("a:b", other) != prompt_key("a:b", ASKED)
    assert prompt_key("a:c", ASKED) != prompt_key("a:b", ASKED) == prompt_key("a:b", replace(ASKED))
    assert len(prompt_key("a:b", other)) == 16


async def test_what_is_not_whole_is_not_kept() -> None:
    broken = Reply("old", False, "length", "fake:chat", Tokens())
    script, responses = Script([broken, broken, ModelError("no")]), MemoryResponses()
    chat = CachedChat(FakeChatModel(script), responses)
    assert await chat.chat(PLAIN) == broken
    assert [piece async for piece in chat.stream(PLAIN)] == ["old", broken]
    with pytest.raises(ModelError):
        await chat.chat(PLAIN)
    assert responses.answers == {}


async def test_with_a_schema_only_json_is_kept() -> None:
    script, responses = Script(["no json", '{"kite": 1}']), MemoryResponses()
    chat = CachedChat(FakeChatModel(script), responses)
    assert (await chat.chat(ASKED)).text == "no json"
    assert (await chat.chat(ASKED)).text == '{"kite": 1}'
    assert (await chat.chat(ASKED)).text == '{"kite": 1}'
    assert script.calls == 2


async def test_a_kept_answer_streams_as_one_piece() -> None:
    script, responses = Script(["old oaks near Aller"]), MemoryResponses()
    chat = CachedChat(FakeChatModel(script), responses)
    pieces = [piece async for piece in chat.stream(PLAIN)]
    assert pieces[:4] == ["old ", "oaks ", "near ", "Aller"]
    again = [piece async for piece in chat.stream(PLAIN)]
    assert again == ["old oaks near Aller", replace((await chat.chat(PLAIN)), tokens=Tokens())]
    assert script.calls == 1


async def test_a_stream_that_is_closed_early_is_not_kept() -> None:
    script, responses = Script(), MemoryResponses()
    stream = CachedChat(FakeChatModel(script), responses).stream(PLAIN)
    await anext(stream)
    await stream.aclose()
    assert (script.active, responses.answers) == (0, {})


async def test_a_stream_is_kept_before_its_reader_has_the_end() -> None:
    responses = MemoryResponses()
    async for piece in CachedChat(FakeChatModel(), responses).stream(PLAIN):
        assert len(responses.answers) == isinstance(piece, Reply)


async def test_damaged_answers_are_asked_for_again() -> None:
    script, responses = Script(), MemoryResponses()
    chat = CachedChat(FakeChatModel(script), responses)
    for bad in (b"", b"\xff", b"[1, 2]", b"{}", b'"a"'):
        responses.answers[prompt_key("fake:chat", PLAIN)] = bad
        assert (await chat.chat(PLAIN)).text.startswith("You said")
    assert script.calls == 5


async def test_only_missing_texts_are_embedded() -> None:
    endpoint, responses = FakeEmbeddingEndpoint(), MemoryResponses()
    cached = CachedEmbedding(endpoint, responses)
    first = await cached.embed(["kite", "owl"])
    assert first.tokens == Tokens(2)
    second = await cached.embed(["owl", "crane", "kite", "owl"])
    assert endpoint.texts == ["kite", "owl", "crane"]
    assert second.tokens == Tokens(1)
    assert second.vectors.dtype == np.float32
    assert np.array_equal(second.vectors[[2, 0, 3]], first.vectors[[0, 1, 1]])
    third = await cached.embed(["crane"])
    assert third.tokens == Tokens()
    assert np.array_equal(third.vectors[0], second.vectors[1])
    assert (await cached.embed([])).vectors.shape == (0, 16)


async def test_vectors_of_another_length_are_not_taken() -> None:
    responses = MemoryResponses()
    await CachedEmbedding(FakeEmbeddingEndpoint(dimension=8), responses).embed(["kite"])
    wide = CachedEmbedding(FakeEmbeddingEndpoint(dimension=16), responses)
    assert (await wide.embed(["kite"])).vectors.shape == (1, 16)
    unknown = CachedEmbedding(FakeEmbeddingEndpoint(dimension=8, known=False), responses)
    with pytest.raises(DimensionError):
        await unknown.embed(["kite", "owl"])


def test_vectors_are_kept_by_the_key_that_their_pack_has() -> None:
    assert vector_key("openai:x@512", "kite") == pack_key("openai:x@512", content_hash("text", "kite"))


async def test_a_ranking_is_asked_once() -> None:
    script, responses = Script(), MemoryResponses()
    reranker = CachedReranker(FakeReranker(script), responses)
    first = await reranker.rerank("kite", ["a kite", "owl"])
    assert await reranker.rerank("kite", ["a kite", "owl"]) == replace(first, tokens=Tokens())
    assert script.calls == 1
    assert (await reranker.rerank("kite", ["owl", "a kite"])).scores == first.scores[::-1]
    await reranker.rerank("kite a", ["kite", "owl"])
    assert script.calls == 3


class SlowResponses(MemoryResponses):
    """Keeps in its own time, so that its caller can be cancelled meanwhile."""

    def keep(self, answers: Mapping[bytes, bytes], document: str = "") -> None:
        import time

        time.sleep(0.05)
        super().keep(answers, document)


async def test_an_answer_is_kept_though_its_asker_is_gone() -> None:
    responses = SlowResponses()
    call = asyncio.create_task(CachedEmbedding(FakeEmbeddingEndpoint(), responses).embed(["kite"]))
    await asyncio.sleep(0.03)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await asyncio.sleep(0.1)
    assert list(responses.answers) == [vector_key("fake:words", "kite")]


async def test_in_the_catalogue_until_the_pack_has_them(tmp_path: Path) -> None:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    endpoint = FakeEmbeddingEndpoint(model="fake")
    texts = ["kite", "owl"]
    for _ in range(2):
        await CachedEmbedding(endpoint, catalogue.responses, "fake@16").embed(texts)
    assert endpoint.texts == texts
    commit = sample_commit("kite", "kite.txt")
    pack = EmbeddingPack("fake@16", commit.blobs[1], (content_hash("text", "kite"),))
    catalogue.commit(HERE, [replace(commit, pack=pack)])
    keys = [vector_key("fake@16", text) for text in texts]
    assert list(catalogue.responses.load(keys)) == [keys[1]]
    catalogue.close()


async def test_answers_about_a_document_carry_its_id() -> None:
    seen: list[str] = []

    class Noting(MemoryResponses):
        def keep(self, answers: Mapping[bytes, bytes], document: str = "") -> None:
            seen.append(document)
            super().keep(answers, document)

    chat = CachedChat(FakeChatModel(), Noting())
    token = document.set("abc")
    await chat.chat(PLAIN)
    document.reset(token)
    await chat.chat(ASKED)
    await chat.chat(replace(PLAIN, max_tokens=7))
    assert seen == ["abc", ""]
