"""The past over HTTP: asked, listed, purged, and by nobody who may not read the collection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

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
