"""OpenAI's newer API with its own client, against a real server with a scripted model behind it."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from glede.testing.model_server import ModelServer
from tests.server.serving import Running


def check_text(part: Any, server: Running) -> None:  # noqa: ANN401 - of the client
    assert part.text == "Kites eat mice [1]."
    (found,) = part.annotations
    assert found.type == "url_citation"
    assert part.text[found.start_index : found.end_index] == "[1]"
    assert found.title == "kites.txt"
    assert found.url.startswith(f"{server.address}/#/source/birds/")


def test_a_response_with_citations(client: openai.OpenAI, server: Running) -> None:
    done = client.responses.create(model="glede/birds", input="What does the red kite eat in January?")
    assert done.status == "completed"
    assert done.output_text == "Kites eat mice [1]."
    check_text(done.output[0].content[0], server)
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens > 0
    assert done.model_extra["citations"][0]["quote"] == "eats mice and voles"


def test_a_response_as_a_stream(client: openai.OpenAI, server: Running) -> None:
    asked = {"model": "glede/birds:naive", "input": "What does the red kite eat in February?"}
    events = list(client.responses.create(**asked, stream=True))
    assert [one.sequence_number for one in events] == list(range(len(events)))
    kinds = [one.type for one in events]
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    deltas = [one.delta for one in events if one.type == "response.output_text.delta"]
    assert "".join(deltas) == "Kites eat mice [1]."
    assert len(deltas) > 1
    check_text(events[-1].response.output[0].content[0], server)
    assert {one.item_id for one in events if hasattr(one, "item_id")} == {events[-1].response.output[0].id}


def test_the_clients_own_way_to_stream(client: openai.OpenAI, server: Running) -> None:
    with client.responses.stream(model="glede/birds", input="What does the red kite eat in March?") as stream:
        for _ in stream:
            pass
        done = stream.get_final_response()
    check_text(done.output[0].content[0], server)


def test_a_conversation_comes_along(client: openai.OpenAI, model: ModelServer) -> None:
    client.responses.create(
        model="glede/birds",
        instructions="Answer like a pirate.",
        input=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "What does the red kite eat in April?"},
            {"role": "assistant", "content": [{"type": "output_text", "text": "Mice."}]},
            {"type": "function_call_output", "call_id": "x", "output": "y"},
            {"role": "user", "content": [{"type": "input_text", "text": "And where does it nest?"}]},
        ],
    )
    sent = "".join(str(call.body) for call in model.calls)
    assert "What does the red kite eat in April?" in sent  # to understand what `it` is
    assert "And where does it nest?" in sent
    assert "pirate" not in sent


def test_an_answer_that_breaks_off_is_never_complete(client: openai.OpenAI, model: ModelServer) -> None:
    model.fault("cut_stream", times=1, route="chat")
    asked = {"model": "glede/birds", "input": "What does the red kite eat in May?"}
    events = list(client.responses.create(**asked, stream=True))
    assert events[-1].type in ("response.incomplete", "response.failed")
    assert "response.completed" not in [one.type for one in events]


def test_a_model_that_fails_is_told(client: openai.OpenAI, model: ModelServer) -> None:
    model.fault("server_error", times=9, route="chat")
    events = list(
        client.responses.create(model="glede/birds", input="What does the red kite eat in June?", stream=True)
    )
    assert events[-1].type == "response.failed"
    assert events[-1].response.error.message
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model="glede/birds", input="What does the red kite eat in July?")


def test_what_cannot_be_answered_is_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="glede/fish", input="Who?")
    with pytest.raises(openai.BadRequestError, match="kept"):
        client.responses.create(model="glede/birds", input="Who?", previous_response_id="resp_1")
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model="glede/birds", input=" ")
    with pytest.raises(openai.UnprocessableEntityError):
        client.responses.create(model="glede/birds", input=[{"role": "assistant", "content": "Mice."}])
