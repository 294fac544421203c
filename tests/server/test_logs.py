"""What a server writes of its calls: a line each, which a machine can read, and never a secret (S10)."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from glede.server.logs import Call, JsonLines, Lines, request_id, secrets_of
from glede.settings import Settings
from glede.testing.model_server import ModelServer
from tests.server.serving import Running, key, serving

CANARY = "sk-cAnArY-0123456789"
PASSWORD = "cAnArY-word"


def said(_: object) -> str:
    return 'Kites eat mice [1 "eats mice and voles"].'


@dataclass
class Logged:
    """A server at its loudest, whose log is JSON; what was sent to it that no line may hold."""

    server: Running
    alice: str
    model: ModelServer

    def lines(self) -> list[dict[str, Any]]:
        text = (self.server.folder / "serve.log").read_text()
        whole = text[: text.rindex("\n") + 1].splitlines()
        return [json.loads(line) for line in whole if not line.startswith("Glede answers on")]

    def call(self, identity: str) -> dict[str, Any]:
        """The line of a call; it is written when the answer has been sent, so that it may come after that."""
        until = time.monotonic() + 5
        while time.monotonic() < until:
            found = [one for one in self.lines() if one.get("request_id") == identity and "route" in one]
            if found:
                assert len(found) == 1
                return found[0]
            time.sleep(0.02)
        raise AssertionError(f"the log does not tell of {identity}")


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Logged]:
    folder = tmp_path_factory.mktemp("logged")
    alice = key(folder, "alice", "write:birds")
    with ModelServer(key=CANARY) as model:
        model.answer = said
        env = {
            "OPENAI_API_KEY": CANARY,
            "OPENAI_BASE_URL": model.url,
            "GLEDE_CHAT": "openai:gpt-4o",
            "GLEDE_MODEL_TRIES": "1",
            "GLEDE_EXTRACTOR": "none",
            "GLEDE_RERANK_URL": f"http://me:{PASSWORD}@127.0.0.1:9/rerank",
        }
        with serving(folder, "--log-format", "json", "-vv", env=env) as server:
            file = folder / "kites.txt"
            file.write_text("The red kite eats mice and voles. It nests in oaks.")
            server.upload("birds", file, client=server.as_(alice))
            yield Logged(server, alice, model)


def asked(
    logged: Logged, method: str, path: str, name: str, secret: str | None = None, **body: object
) -> int:
    headers = {"X-Request-Id": name}
    with logged.server.as_(logged.alice if secret is None else secret) as client:
        answered = client.request(method, path, json=body or None, headers=headers)
    assert answered.headers["x-request-id"] == name
    return answered.status_code


def test_a_call_is_one_line_with_its_request_id(logged: Logged) -> None:
    path = "/v1/collections/birds/ask"
    assert asked(logged, "POST", path, "asked-1", question="What does the red kite eat?") == 200
    line = logged.call("asked-1")
    assert line["method"] == "POST"
    assert line["route"] == "/v1/collections/{collection}/ask"
    assert line["status"] == 200
    assert 0 < line["ms"] < 60_000
    assert len(line["key"]) == 8
    assert line["key"] not in logged.alice
    assert line["level"] == "info"
    assert "code" not in line
    assert "kite" not in json.dumps(line)


@pytest.mark.parametrize(
    ("name", "secret", "path", "status", "code"),
    [
        ("wrong", "glede_" + "B" * 43, "/v1/collections/birds", 401, "unauthenticated"),
        ("missing", None, "/v1/collections/nothing", 404, "not_found"),
        ("forbidden", None, "/v1/usage", 403, "forbidden"),
        ("nowhere", None, "/v1/nowhere", 404, "not_found"),
        ("invalid", None, "/v1/collections/birds/documents?limit=x", 422, "invalid"),
    ],
)
def test_a_problem_is_told_by_its_code(
    logged: Logged, name: str, secret: str | None, path: str, status: int, code: str
) -> None:
    assert asked(logged, "GET", path, name, secret) == status
    line = logged.call(name)
    assert (line["status"], line["code"]) == (status, code)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/collections/birds/ask", {"question": "What do kites eat?", "stream": True}),
        (
            "/v1/chat/completions",
            {"model": "glede/birds", "stream": True, "messages": [{"role": "user", "content": "What food?"}]},
        ),
        ("/v1/responses", {"model": "glede/birds", "stream": True, "input": "What food?"}),
        ("/api/chat", {"model": "glede/birds", "messages": [{"role": "user", "content": "What food?"}]}),
    ],
)
def test_an_error_within_a_stream_is_told_by_its_code(
    logged: Logged, path: str, body: dict[str, Any]
) -> None:
    name = f"streamed{path.count('/')}{len(path)}"
    logged.model.fault("server_error", times=None, route="chat")
    try:
        assert asked(logged, "POST", path, name, None, **body) == 200
    finally:
        logged.model.clear()
        logged.model.answer = said
    line = logged.call(name)
    assert (line["status"], line["code"]) == (200, "model")


def test_what_the_guard_refuses_is_told_too(logged: Logged) -> None:
    headers = {"X-Request-Id": "elsewhere", "Host": "evil.example"}
    assert logged.server.client.get("/v1/collections", headers=headers).status_code == 421
    assert logged.call("elsewhere")["code"] == "wrong_host"


def test_what_looks_like_trouble_and_is_none_is_left_out(logged: Logged) -> None:
    assert not [one for one in logged.lines() if one["logger"] == "faiss.loader"]


def test_a_request_id_of_another_shape_is_not_taken(logged: Logged) -> None:
    for given in ("a b", 'x"}', "x" * 65, ""):
        answered = logged.server.client.get("/healthz", headers={"X-Request-Id": given})
        assert answered.headers["x-request-id"] != given


def test_at_its_loudest_the_log_holds_no_secret_and_no_text(logged: Logged) -> None:
    text = (logged.server.folder / "serve.log").read_text()
    assert any(one["level"] == "debug" for one in logged.lines())
    for secret in (CANARY, PASSWORD, logged.alice, logged.server.pass_, "glede_" + "B" * 43, "mice"):
        assert secret not in text, secret


def record(message: str, *arguments: object, call: Call | None = None) -> logging.LogRecord:
    made = logging.LogRecord("glede.test", logging.INFO, __file__, 1, message, arguments, None)
    if call is not None:
        made.call = call
    return made


SETTINGS = Settings(
    chat_key=SecretStr("sk-mine-123456"),
    milvus_uri=f"http://root:{PASSWORD}@milvus:19530",
    chat_url="http://x",
)


@pytest.mark.parametrize("kind", [Lines, JsonLines])
@pytest.mark.parametrize(
    "secret",
    [
        "sk-mine-123456",
        PASSWORD,
        "glede_" + "c" * 43,
        "Bearer abcdefgh12345",
        "authorization: Basic bWU6cGFzcw==",
    ],
)
def test_secrets_are_hidden_whoever_writes_them(kind: type[Lines], secret: str) -> None:
    line = kind(secrets_of(SETTINGS)).format(record("it was sent %s and failed", secret))
    assert secret not in line
    assert "********" in line
    assert "and failed" in line


def test_a_line_for_people_says_the_same() -> None:
    token = request_id.set("abc")
    try:
        call = Call("GET", "/v1/jobs", 404, 12.4, "1a2b3c4d", "not_found")
        line = Lines().format(record("%s", call, call=call))
    finally:
        request_id.reset(token)
    assert line.endswith("INFO abc GET /v1/jobs 404 12 ms by 1a2b3c4d (not_found)")


def test_an_error_comes_with_its_trace_on_the_same_line() -> None:
    made = record("request failed")
    try:
        raise ValueError("no\nnewline")
    except ValueError as error:
        made.exc_info = (ValueError, error, error.__traceback__)
    line = JsonLines().format(made)
    assert "\n" not in line
    assert "ValueError" in json.loads(line)["error"]


def test_calls_are_written_only_where_somebody_asks(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.client.get("/v1/collections").status_code == 200
        assert server.stop() == 0
    assert "/v1/collections" not in (tmp_path / "serve.log").read_text()
