"""The past over HTTP: asked, listed, purged, and by nobody who may not read the collection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai.types.chat import ChatCompletionMessageParam

from glede.text import moments
from tests.cli.running import glede
from tests.server.serving import Running, key, serving

PAPERS = "/v1/collections/papers"
QUESTION = {"question": "What does the barn owl hunt?"}


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, str]) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("past")
    keys["writer"] = key(folder, "writer", "write:papers", "read:papers")
    keys["keeper"] = key(folder, "keeper", "admin:papers")
    keys["other"] = key(folder, "other", "read:others")
    with serving(folder, env={"GLEDE_HISTORY": "true", "GLEDE_EXTRACTOR": "none"}) as running:
        yield running


def say(server: Running, keys: dict[str, str], prey: str) -> None:
    client = server.as_(keys["keeper"])
    text = f"The barn owl hunts {prey} by sound alone."
    body = {"documents": [{"source": "owls.txt", "text": text}]}
    begun = client.post(f"{PAPERS}/documents", json=body)
    assert begun.status_code == 202, begun.text
    server.ended(begun.json()["job"]["id"], client)


def test_the_past_is_asked_and_forgotten(server: Running, keys: dict[str, str], tmp_path: Path) -> None:
    say(server, keys, "voles")
    then = moments.now()
    time.sleep(1.1)  # times are kept to the second
    say(server, keys, "frogs")
    reader, keeper = server.as_(keys["writer"]), server.as_(keys["keeper"])
    answer = reader.post(f"{PAPERS}/ask", json={**QUESTION, "as_of": then}).json()
    assert "voles" in answer["answer"] and answer["citations"][0]["version_date"] <= then
    hits = reader.post(f"{PAPERS}/search", json={"query": "barn owl", "as_of": then}).json()["hits"]
    assert ["voles" in one["text"] for one in hits] == [True]
    plain = reader.post(f"{PAPERS}/ask", json=QUESTION).json()
    assert "frogs" in plain["answer"] and "voles" not in str(plain)
    versions = reader.get(f"{PAPERS}/versions", params={"name": "owls.txt"}).json()["versions"]
    assert [one["until"] is None for one in versions] == [False, True]
    (listed,) = reader.get(f"{PAPERS}/documents", params={"as_of": then}).json()["documents"]
    assert (listed["id"], listed["status"]) == (versions[0]["document_id"], "past")
    assert reader.post(f"{PAPERS}/ask", json={**QUESTION, "as_of": "soon"}).status_code == 400
    refused = reader.post(f"{PAPERS}/purge", json={"before": "2100-01-01"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert keeper.post(f"{PAPERS}/purge", json={"before": "2100-01-01"}).json() == {"documents": 1}
    assert reader.post(f"{PAPERS}/search", json={"query": "owl", "as_of": then}).json()["hits"] == []


def test_another_tenant_sees_nothing_of_it(server: Running, keys: dict[str, str]) -> None:
    say(server, keys, "beetles")
    other = server.as_(keys["other"])
    for answered in (
        other.post(f"{PAPERS}/ask", json={**QUESTION, "as_of": "2100-01-01"}),
        other.get(f"{PAPERS}/versions", params={"name": "owls.txt"}),
        other.get(f"{PAPERS}/documents", params={"as_of": "2100-01-01"}),
        other.post(f"{PAPERS}/purge", json={"before": "2100-01-01"}),
    ):
        assert answered.status_code == 404
        assert "beetles" not in answered.text
    for name in ("papers.past", "papers.disabled"):
        found = server.as_(keys["keeper"]).post(f"/v1/collections/{name}/search", json={"query": "owl"})
        assert found.status_code in (404, 422), found.text


def test_the_command_line_goes_through_the_server(server: Running, keys: dict[str, str]) -> None:
    say(server, keys, "mice")
    asked = ("--collection", "papers", "--json")
    now = moments.now()
    found = glede("ask", QUESTION["question"], "--as-of", now, *asked, cwd=server.folder)
    assert found.code == 0, found.err
    assert found.json["citations"][0]["version_date"] <= now
    assert glede("rm", "owls.txt", *asked, cwd=server.folder).code == 0
    erased = glede("rm", "owls.txt", "--all-versions", *asked, cwd=server.folder)
    assert erased.code == 0, erased.err
    assert erased.json["documents"]
    assert glede("history", "owls.txt", *asked, cwd=server.folder).code == 2
    purged = glede("purge", "--before", "2100-01-01", *asked, cwd=server.folder)
    assert purged.json == {"documents": 0}


def test_a_collection_goes_with_its_past(server: Running, keys: dict[str, str]) -> None:
    say(server, keys, "shrews")
    assert server.as_(keys["keeper"]).delete(PAPERS).status_code == 200
    say(server, keys, "snails")
    versions = server.as_(keys["keeper"]).get(f"{PAPERS}/versions", params={"name": "owls.txt"})
    assert len(versions.json()["versions"]) == 1


def test_what_an_answer_of_the_past_cites_can_be_opened(server: Running, keys: dict[str, str]) -> None:
    say(server, keys, "voles")
    then = moments.now()
    time.sleep(1.1)
    say(server, keys, "frogs")
    reader = server.as_(keys["writer"])
    cited = reader.post(f"{PAPERS}/ask", json={**QUESTION, "as_of": then}).json()["citations"][0]
    place = f"{PAPERS}/documents/{cited['document_id']}"
    opened = reader.get(place).json()
    assert (opened["document"]["status"], opened["document"]["source"]) == ("past", "owls.txt")
    assert [chunk["chunk_id"] for chunk in opened["chunks"]] == [cited["chunk_id"]]
    assert "voles" in str(reader.get(f"{place}/blocks").json())
    assert reader.get(f"{place}/entities").json() == {"entities": []}
    assert reader.get(f"{place}/tables").json() == {"tables": []}
    assert server.as_(keys["other"]).get(place).status_code == 404
    listed = reader.get(f"{PAPERS}/documents").json()["documents"]
    assert cited["document_id"] not in {one["id"] for one in listed}
    server.as_(keys["keeper"]).post(f"{PAPERS}/purge", json={"before": "2100-01-01"})
    assert reader.get(place).status_code == 404


def test_the_past_in_the_words_of_others(server: Running, keys: dict[str, str]) -> None:
    """OpenAI's own client, the body of its responses, and both places that clients of Ollama have."""
    say(server, keys, "voles")
    then = moments.now()
    time.sleep(1.1)
    say(server, keys, "frogs")
    reader, model = server.as_(keys["writer"]), "glede/papers"
    asked: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION["question"]}]
    with openai.OpenAI(base_url=f"{server.address}/v1", api_key=keys["writer"], max_retries=0) as client:
        chat = client.chat.completions.create(model=model, messages=asked, extra_body={"as_of": then})
        said = [chat.choices[0].message.content or ""]
        with pytest.raises(openai.BadRequestError, match="no date"):
            client.chat.completions.create(model=model, messages=asked, extra_body={"as_of": "soon"})
        now = client.chat.completions.create(model=model, messages=asked).choices[0].message.content or ""
    said.append(
        reader.post("/v1/responses", json={"model": model, "input": QUESTION["question"], "as_of": then}).text
    )
    whole = {"model": model, "messages": asked, "stream": False}
    said += [
        reader.post("/api/chat", json={**whole, "as_of": then}).text,
        reader.post("/api/chat", json={**whole, "options": {"num_ctx": 512, "as_of": then}}).text,
        reader.post(
            "/api/generate", json={"model": model, "prompt": QUESTION["question"], "as_of": then}
        ).text,
    ]
    assert ["voles" in one and "frogs" not in one for one in said] == [True] * 5
    assert "frogs" in now and "voles" not in now
