"""OpenAI's client and Ollama's calls, unchanged, against a real server with a scripted model behind it."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import openai
import pytest
from PIL import Image

from glede.testing.model_server import ModelServer
from tests.server.serving import Running, serving

PLAIN = [{"role": "user", "content": "What does the red kite eat?"}]


def asking(when: str) -> list[dict[str, str]]:
    """A question of its own for each test, since answers are kept."""
    return [{"role": "user", "content": f"What does the red kite eat in {when}?"}]


def test_models_are_collections(client: openai.OpenAI) -> None:
    names = [one.id for one in client.models.list()]
    assert "glede/birds" in names
    assert "local:use3" in names
    assert client.models.retrieve("glede/birds:local").id == "glede/birds:local"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("glede/fish")


def test_a_chat_with_citations(client: openai.OpenAI, server: Running) -> None:
    done = client.chat.completions.create(model="glede/birds", messages=asking("January"), temperature=0.1)
    message = done.choices[0].message
    assert message.content == "Kites eat mice [1]."
    assert done.choices[0].finish_reason == "stop"
    (annotation,) = message.annotations
    found = annotation.url_citation
    assert message.content[found.start_index : found.end_index] == "[1]"
    assert found.title == "kites.txt"
    cited = done.model_extra["citations"][0]
    place = f"{server.address}/#/source/birds/{cited['document_id']}"
    assert found.url == f"{place}?quote=eats%20mice%20and%20voles"
    assert done.model_extra["citations"][0]["quote"] == "eats mice and voles"
    assert done.usage.total_tokens > 0


def test_a_chat_as_a_stream(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model="glede/birds:naive",
        messages=asking("February"),
        stream=True,
        stream_options={"include_usage": True},
    )
    parts = list(stream)
    text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
    assert text == "Kites eat mice [1]."
    assert len([part for part in parts if part.choices and part.choices[0].delta.content]) > 1
    last = next(part for part in parts if part.choices and part.choices[0].finish_reason)
    assert last.choices[0].finish_reason == "stop"
    assert last.model_extra["citations"][0]["verified"] is True
    assert last.choices[0].delta.model_extra["annotations"][0]["url_citation"]["title"] == "kites.txt"
    assert parts[-1].usage.completion_tokens > 0


def test_citations_come_before_the_end_of_the_stream(server: Running) -> None:
    body = {"model": "glede/birds", "messages": asking("March"), "stream": True}
    text = server.client.post("/v1/chat/completions", json=body).text
    lines = [line for line in text.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "data: [DONE]"
    assert json.loads(lines[-2].removeprefix("data: "))["citations"]


def test_an_answer_that_breaks_off_is_not_said_to_be_whole(client: openai.OpenAI, model: ModelServer) -> None:
    model.fault("no_finish", route="chat", times=None)
    parts = list(client.chat.completions.create(model="glede/birds", messages=asking("April"), stream=True))
    assert [part.choices[0].finish_reason for part in parts if part.choices][-1] == "length"


def test_a_conversation_is_understood(client: openai.OpenAI, model: ModelServer) -> None:
    model.script("Where does the red kite nest?", 'In oaks [1 "nests in oaks"].')
    messages = [
        {"role": "system", "content": "Answer in rhymes."},
        *asking("May"),
        {"role": "assistant", "content": "Mice [1]."},
        {"role": "user", "content": [{"type": "text", "text": "And where does it nest?"}]},
    ]
    done = client.chat.completions.create(model="glede/birds", messages=messages)
    assert done.choices[0].message.content == "In oaks [1]."


def test_a_picture_comes_with_the_question(client: openai.OpenAI) -> None:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(made, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(made.getvalue()).decode()}"
    words = {"type": "text", "text": "Does the red kite eat this?"}
    content = [words, {"type": "image_url", "image_url": {"url": url}}]
    done = client.chat.completions.create(
        model="glede/birds", messages=[{"role": "user", "content": content}]
    )
    assert done.choices[0].message.content
    content[1] = {"type": "image_url", "image_url": {"url": "http://169.254.169.254/latest/meta-data"}}
    with pytest.raises(openai.UnprocessableEntityError):
        client.chat.completions.create(model="glede/birds", messages=[{"role": "user", "content": content}])


def test_errors_are_those_of_openai(client: openai.OpenAI, model: ModelServer) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=asking("June"))
    assert missing.value.code == "not_found"
    assert missing.value.type == "not_found_error"
    with pytest.raises(openai.UnprocessableEntityError) as wrong:
        client.chat.completions.create(model="glede/birds", messages=[{"role": "system", "content": "x"}])
    assert wrong.value.type == "invalid_request_error"
    model.fault("server_error", route="chat", times=None)
    with pytest.raises(openai.InternalServerError) as broken:
        client.chat.completions.create(model="glede/birds", messages=asking("June"))
    assert broken.value.code == "model"


def test_embeddings_as_numbers_and_as_bytes(client: openai.OpenAI, server: Running) -> None:
    plain = client.embeddings.create(model="local:use3", input=["kites", "owls"], encoding_format="float")
    packed = client.embeddings.create(
        model="local:use3", input=["kites", "owls"]
    )  # the client asks for base64
    assert [one.index for one in plain.data] == [0, 1]
    assert plain.data[0].embedding == pytest.approx(packed.data[0].embedding, abs=1e-6)
    assert plain.data[0].embedding != plain.data[1].embedding
    assert plain.usage.prompt_tokens > 0
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="text-embedding-3-small", input="kites")
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="local:use3", input="kites", dimensions=7)


def test_ollama_lists_models_and_its_version(server: Running) -> None:
    names = [one["name"] for one in server.client.get("/api/tags").json()["models"]]
    assert "glede/birds:latest" in names
    assert server.client.get("/api/version").json()["version"]
    assert server.client.get("/api/ps").json() == {"models": []}
    shown = server.client.post("/api/show", json={"model": "glede/birds:latest"})
    assert "completion" in shown.json()["capabilities"]


def test_ollama_chats_in_lines(server: Running) -> None:
    body = {"model": "glede/birds:latest", "messages": asking("July"), "options": {"num_ctx": 4096}}
    response = server.client.post("/api/chat", json=body)
    assert response.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert "".join(line["message"]["content"] for line in lines) == "Kites eat mice [1]."
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1]["done_reason"] == "stop"
    assert lines[-1]["citations"][0]["source"] == "kites.txt"
    assert len(lines) > 2


def test_ollama_generates_at_once(server: Running) -> None:
    body = {"model": "glede/birds", "prompt": "What does the red kite eat at night?", "stream": False}
    answer = server.client.post("/api/generate", json=body).json()
    assert answer["response"] == "Kites eat mice [1]."
    assert answer["done"] is True
    assert answer["eval_count"] > 0
    missing = server.client.post("/api/generate", json={**body, "model": "llama3"})
    assert missing.status_code == 404
    assert "llama3" in missing.json()["error"]


def test_without_a_model_the_answer_comes_in_one_piece(tmp_path: Path) -> None:
    with serving(tmp_path / "quotes") as server:
        file = tmp_path / "kites.txt"
        file.write_text("The red kite eats mice and voles. It nests in oaks.")
        server.upload("birds", file)
        with openai.OpenAI(base_url=f"{server.address}/v1", api_key="any", max_retries=0) as client:
            parts = list(client.chat.completions.create(model="glede/birds", messages=PLAIN, stream=True))
        assert "mice and voles" in "".join(part.choices[0].delta.content or "" for part in parts)
