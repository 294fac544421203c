"""Hosts, origins, sizes and numbers: what is refused before anything else happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import httpx2
import pytest

from glede.testing.model_server import ModelServer
from tests.server.serving import Running, key, scripted, with_kites

KEY = "sk-test-of-the-guard"


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with ModelServer(key=KEY, latency=1.0) as running:
        running.answer = lambda _: 'Kites eat mice [1 "eats mice and voles"].'
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: ModelServer) -> Iterator[Running]:
    env = {
        **scripted(model, KEY),
        "GLEDE_SERVER_HOSTS": "glede.example.org",
        "GLEDE_SERVER_ORIGINS": "https://chat.example.org",
        "GLEDE_SERVER_BODY_MB": "0.1",
        "GLEDE_MAX_FILE_MB": "1",
        "GLEDE_SERVER_ANSWERS": "6",
        "GLEDE_SERVER_ANSWERS_PER_KEY": "2",
    }
    with with_kites(tmp_path_factory.mktemp("guarded"), env) as running:
        yield running


PATHS = ("/healthz", "/v1/collections", "/v1/jobs/1/events", "/api/tags", "/v1/models", "/")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "[::", "a@b"]
)
def test_another_host_is_misdirected(server: Running, path: str, host: str) -> None:
    answered = server.client.get(path, headers={"Host": host})
    assert answered.status_code in (400, 421)  # what is no host at all, uvicorn refuses itself
    assert "kites" not in answered.text


@pytest.mark.parametrize(
    "host", ["localhost:8787", "127.0.0.1", "[::1]:80", "GLEDE.example.org:443", "127.9.9.9"]
)
def test_our_own_names_are_answered(server: Running, host: str) -> None:
    assert server.client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "file://"},
        {"Origin": "http://localhost:1"},
        {"Origin": "https://chat.example.org.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    ],
)
def test_pages_of_other_sites_are_refused(server: Running, path: str, headers: dict[str, str]) -> None:
    answered = server.client.get(path, headers=headers)
    assert answered.status_code == 403
    assert "access-control-allow-origin" not in answered.headers


def test_our_own_pages_and_those_allowed_may_ask(server: Running) -> None:
    own = server.address
    for headers in (
        {"Origin": own},
        {"Origin": "https://chat.example.org"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Sec-Fetch-Site": "same-origin"},
    ):
        assert server.client.get("/v1/collections", headers=headers).status_code == 200


def test_nothing_that_is_answered_runs_in_a_browser(server: Running) -> None:
    for path in ("/v1/collections", "/nowhere", "/metrics"):
        headers = server.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"


def test_large_bodies_are_refused(server: Running) -> None:
    path = "/v1/collections/birds/search"
    said = server.client.post(path, json={"query": "x" * 200_000})
    assert said.status_code == 413
    assert said.json()["code"] == "too_large"

    def endless(pieces: int) -> Iterator[bytes]:
        yield b'{"query": "'
        for _ in range(pieces):
            yield b"x" * 10_000

    unsaid = server.client.post(path, content=endless(40), headers={"Content-Type": "application/json"})
    assert unsaid.status_code == 413
    upload = {"files": ("large.txt", b"x" * 1_200_000)}
    large = server.client.post("/v1/collections/birds/documents", files=upload)
    assert large.status_code == 413
    larger = {"files": ("larger.txt", b"x" * 3_000_000)}
    assert server.client.post("/v1/collections/birds/documents", files=larger).status_code == 413
    again = {"Idempotency-Key": "large"}
    body = server.client.post("/v1/collections/birds/documents", content=endless(300), headers=again)
    assert body.status_code == 413


async def _asked(server: Running, number: int, key_: str | None, name: str) -> list[httpx2.Response]:
    headers = {"Authorization": f"Bearer {key_}"} if key_ else {}
    async with httpx2.AsyncClient(base_url=server.address, headers=headers, timeout=60) as client:
        path = "/v1/collections/birds/ask"
        questions = [f"What does the red kite eat in {name} {one}?" for one in range(number)]
        return await asyncio.gather(*(client.post(path, json={"question": one}) for one in questions))


def test_more_answers_than_allowed_are_told_to_wait(server: Running) -> None:
    answered = asyncio.run(_asked(server, 12, None, "spring"))
    good = [one for one in answered if one.status_code == 200]
    refused = [one for one in answered if one.status_code == 503]
    assert len(good) == 6
    assert len(refused) == 6
    assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
    assert {one.json()["code"] for one in refused} == {"overloaded"}
    assert server.client.get("/metrics").text.count("glede_answers_running 0") == 1


def test_an_answer_that_nobody_waits_for_gives_its_place_back(server: Running) -> None:
    path = "/v1/collections/birds/ask"
    for number in range(8):
        body = {"question": f"What does the red kite eat in winter {number}?", "stream": True}
        with server.client.stream("POST", path, json=body) as response:
            assert response.status_code == 200
    until = time.monotonic() + 10
    while "glede_answers_running 0" not in server.client.get("/metrics").text:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_same_write_twice_is_one(server: Running) -> None:
    path = "/v1/collections/twice/documents"
    headers = {"Idempotency-Key": "8e03978e"}
    file = {"files": ("owl.txt", b"The owl hunts at night.")}
    first = server.client.post(path, files=file, headers=headers)
    server.ended(first.json()["job"]["id"])
    second = server.client.post(path, files=dict(file), headers=headers)
    assert second.status_code == 202
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["location"] == first.headers["location"]
    other = server.client.post(path, files={"files": ("owl.txt", b"Another.")}, headers=headers)
    assert other.status_code == 422
    jobs = [one for one in server.client.get("/v1/jobs").json()["jobs"] if one["collection"] == "twice"]
    assert len(jobs) == 1
    bad = server.client.post(path, files=file, headers={"Idempotency-Key": "x" * 300})
    assert bad.status_code == 422


def test_with_a_key_the_fifth_answer_waits(server: Running) -> None:
    """The last test here: from the first key on, nobody is let in without one."""
    made = key(server.folder, "alice", "read:birds")
    assert server.client.get("/v1/collections").status_code == 401
    answered = asyncio.run(_asked(server, 5, made, "autumn"))
    assert sorted(one.status_code for one in answered) == [200, 200, 429, 429, 429]
    assert all(one.headers["retry-after"] for one in answered if one.status_code == 429)
