from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Literal

import pytest
from pydantic import BaseModel

from glede.endpoints import ChatModel, Message, Prompt
from glede.errors import ModelReplyError
from glede.models.cache import CachedChat
from glede.models.http import open_client
from glede.models.openai_chat import open_openai_chat
from glede.prompting.structured import schema_of, structured, unfenced
from glede.testing.fake_models import FakeChatModel, MemoryResponses, Script
from glede.testing.model_server import ChatAnswer, ModelServer
from tests.models.serving import KEY, choice

PROMPT = Prompt((Message("system", "Be exact."), Message("user", "Which birds?")), max_tokens=500)


class Bird(BaseModel):
    title: str
    default: int = 3


class Birds(BaseModel):
    """What was seen."""

    birds: list[Bird] = []
    best: Bird | None = None
    where: Literal["sky", "tree"]


class Free(BaseModel):
    counts: dict[str, int]


GOOD = {"birds": [{"title": "kite", "default": 1}], "best": None, "where": "sky"}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        yield running


@pytest.fixture
async def chat(server: ModelServer) -> AsyncIterator[ChatModel]:
    async with open_client() as http:
        yield open_openai_chat(choice("chat", "openai:gpt-4o", server.url), http)


async def test_the_server_takes_the_schema_and_its_answer_fits(server: ModelServer, chat: ChatModel) -> None:
    found = await structured(chat, PROMPT, Birds)  # the server answers with the least that fits
    assert found.where == "sky"
    sent = server.calls[0].body["response_format"]["json_schema"]
    assert sent["strict"] is True
    assert sent["schema"]["additionalProperties"] is False
    assert sent["schema"]["$defs"]["Bird"]["required"] == ["title", "default"]
    assert server.count() == 1


@pytest.mark.parametrize(
    "around", ["{}", "```json\n{}\n```", "```\n{}\n```\n", "  {}  ", "```json\n{}\n```\nI hope this helps."]
)
async def test_a_fence_around_it_is_taken_off(server: ModelServer, chat: ChatModel, around: str) -> None:
    server.script(around.replace("{}", json.dumps(GOOD)))
    assert (await structured(chat, PROMPT, Birds)).birds[0].title == "kite"
    assert server.count() == 1


@pytest.mark.parametrize("bad", ["Sure! Here it is: {", '{"unexpected":true}', "[]", '{"where":"sea"}'])
async def test_one_repair(server: ModelServer, chat: ChatModel, bad: str) -> None:
    server.script(bad, json.dumps(GOOD))
    assert (await structured(chat, PROMPT, Birds)).where == "sky"
    messages = server.calls[1].body["messages"]
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == bad
    assert '"where"' in messages[3]["content"]  # the schema, for models that are not held to it


async def test_two_bad_replies_are_an_error(server: ModelServer, chat: ChatModel) -> None:
    server.fault("bad_json", times=None)
    with pytest.raises(ModelReplyError, match=r"twice .* schema Birds: where: Field required") as caught:
        await structured(chat, PROMPT, Birds)
    assert caught.value.retryable
    assert "json_schema" in caught.value.hint
    assert server.count() == 2


async def test_an_answer_that_is_too_long_is_not_asked_for_again(
    server: ModelServer, chat: ChatModel
) -> None:
    server.script(ChatAnswer('{"birds": [{"tit', "length"))
    with pytest.raises(ModelReplyError, match="reached the most tokens") as caught:
        await structured(chat, PROMPT, Birds)
    assert not caught.value.retryable
    assert server.count() == 1


def test_names_of_fields_are_no_keywords() -> None:
    schema = json.loads(schema_of(Birds).body)
    assert set(schema["$defs"]["Bird"]["properties"]) == {"title", "default"}
    assert "title" not in schema
    assert "default" not in schema["properties"]["birds"]


def test_free_keys_have_no_strict_schema() -> None:
    with pytest.raises(TypeError, match="list of pairs"):
        schema_of(Free)


def test_text_without_a_fence_is_left_alone() -> None:
    assert unfenced("```") == "```"
    assert unfenced('{"a": "```"}') == '{"a": "```"}'


def birds(where: str) -> str:
    return json.dumps({**GOOD, "where": where})


def in_trees(found: Birds) -> str:
    return "" if found.where == "tree" else "where: only birds in trees were asked for"


async def test_what_is_doubted_is_told_to_the_model_once() -> None:
    model = FakeChatModel(Script([birds("sky"), birds("tree")]))
    found = await structured(model, PROMPT, Birds, in_trees)
    assert found.where == "tree"
    assert "only birds in trees" in model.prompts[1].messages[-1].text


@pytest.mark.parametrize("second", [birds("sky"), "no JSON"])
async def test_what_stays_doubted_comes_back(second: str) -> None:
    model = FakeChatModel(Script([birds("sky"), second]))
    assert (await structured(model, PROMPT, Birds, in_trees)).where == "sky"
    assert model.script.calls == 2


async def test_kept_answers_of_no_use_are_asked_for_again() -> None:
    responses = MemoryResponses()
    bad = FakeChatModel(Script([birds("sky"), birds("sky")]))
    await structured(CachedChat(bad, responses), PROMPT, Birds, in_trees)
    good = FakeChatModel(Script([birds("tree")]))
    assert (await structured(CachedChat(good, responses), PROMPT, Birds, in_trees)).where == "tree"
    idle = FakeChatModel()
    assert (await structured(CachedChat(idle, responses), PROMPT, Birds, in_trees)).where == "tree"
    assert (bad.script.calls, good.script.calls, idle.script.calls) == (2, 1, 0)
