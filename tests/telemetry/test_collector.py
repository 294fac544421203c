"""Spans on their way to a collector: the installed command, OTLP over HTTP, and what goes wrong with it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.testing.model_server import ModelServer
from tests.cli.running import environment, glede
from tests.server.serving import serving
from tests.telemetry.collecting import Collector, collecting

KEY = "sk-cAnArY-of-the-collector"
PASSWORD = "cAnArY-pass"
SECRET = "Quetzalcoatlus"
QUESTION = f"What does the {SECRET} eat?"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / f"{SECRET}.md").write_text(f"# Kites\n\nThe {SECRET} eats mice and voles.")
    return tmp_path


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: f'The {SECRET} eats mice [1 "eats mice and voles"].'
        yield running


def names(collector: Collector) -> set[str]:
    return {span.name for span in collector.spans}


def test_what_commands_do_is_sent_without_content_and_secrets(
    folder: Path, collector: Collector, model: ModelServer
) -> None:
    env = {
        "GLEDE_TRACES": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-tenant={PASSWORD}",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        "GLEDE_CHAT": "openai:gpt-4o",
        "GLEDE_OPENAI_URL": model.url,
        "GLEDE_OPENAI_KEY": KEY,
    }
    added = glede("add", f"{SECRET}.md", "--json", cwd=folder, env=env)
    assert added.code == 0, added.err
    assert {"invoke_workflow add", "parse markdown", "embeddings use3", "index default"} <= names(collector)
    asked = glede("ask", QUESTION, "--json", cwd=folder, env=env)
    assert asked.json["answered"], asked.err
    assert {"invoke_workflow ask", "retrieval default", "chat gpt-4o"} <= names(collector)
    assert set(collector.paths) == {"/v1/traces"}
    assert collector.headers[0]["x-tenant"] == PASSWORD  # meant for the collector, which is told it here
    resource = collector.resource
    assert resource["service.name"] == "glede"
    assert resource["deployment.environment.name"] == "test"
    sent = b"".join(collector.bodies)
    for secret in (SECRET, "mice", KEY, PASSWORD, str(folder)):
        assert secret.encode() not in sent, secret
    assert PASSWORD not in added.out + added.err + asked.out + asked.err


def test_the_address_of_the_settings_comes_first(folder: Path, collector: Collector) -> None:
    with collecting() as other:
        env = {
            "GLEDE_TRACES": "1",
            "GLEDE_TRACES_URL": collector.address,
            "OTEL_EXPORTER_OTLP_ENDPOINT": other.address,
            "OTEL_SERVICE_NAME": "library",
        }
        assert glede("add", f"{SECRET}.md", cwd=folder, env=env).code == 0
        assert other.paths == []
    assert "invoke_workflow add" in names(collector)
    assert collector.resource["service.name"] == "library"


def test_calls_of_a_server_are_spans_below_that_of_who_calls(folder: Path, collector: Collector) -> None:
    trace_id, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    env = {"GLEDE_TRACES": "1", "GLEDE_TRACES_URL": f"{collector.address}/v1/traces"}
    with serving(folder, env=env) as server:
        server.upload("birds", folder / f"{SECRET}.md")
        headers = {"traceparent": f"00-{trace_id}-{parent}-01", "x-request-id": "asked"}
        path = "/v1/collections/birds/ask"
        asked = server.client.post(path, json={"question": QUESTION}, headers=headers)
        assert asked.json()["answered"]
        assert server.client.get(f"/v1/collections/{SECRET}").status_code == 404
        assert server.stop() == 0
    mine = {span.name: span for span in collector.spans if span.trace_id.hex() == trace_id}
    call = mine["POST /v1/collections/{collection}/ask"]
    assert call.parent_span_id.hex() == parent
    assert mine["invoke_workflow ask"].parent_span_id == call.span_id
    assert mine["retrieval birds"].parent_span_id == mine["invoke_workflow ask"].span_id
    told = {one.key: one.value for one in call.attributes}
    assert told["http.response.status_code"].int_value == 200
    assert told["glede.request_id"].string_value == "asked"
    assert "POST /v1/collections/{collection}/documents" in names(collector)
    assert "invoke_workflow add" in names(collector)
    sent = b"".join(collector.bodies)
    assert SECRET.encode() not in sent


OFF = """
import asyncio, sys
from glede import Content, Engine, Settings
async def main():
    async with Engine.open(Settings(home="data")) as engine:
        await engine.add(Content("Kites eat mice.", "kites.txt"))
        await engine.ask("What do kites eat?")
asyncio.run(main())
print(*(name for name in sys.modules if name.startswith(("opentelemetry", "glede.telemetry"))))
"""


def test_off_is_off_and_free(folder: Path, collector: Collector) -> None:
    """The standard name alone sends nothing, and nothing of OpenTelemetry is even loaded."""
    env = {**environment(folder), "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address}
    done = subprocess.run(
        [sys.executable, "-c", OFF], cwd=folder, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
    assert collector.paths == []


@pytest.mark.measured
@pytest.mark.parametrize("answers", [False, True])
def test_a_collector_that_is_away_holds_nobody_up(folder: Path, answers: bool) -> None:
    """Where nobody listens, and where somebody listens who never answers."""
    with socket.create_server(("127.0.0.1", 0)) as ear:
        address = f"http://me:{PASSWORD}@127.0.0.1:{ear.getsockname()[1]}"
        if not answers:
            ear.close()
        env = {"GLEDE_TRACES": "1", "GLEDE_TRACES_URL": address}
        began = time.monotonic()
        plain = glede("add", f"{SECRET}.md", cwd=folder, env={"GLEDE_TRACES": "0"})
        usual = time.monotonic() - began
        done = glede("ask", QUESTION, cwd=folder, env=env)
        took = time.monotonic() - began - usual
    assert (plain.code, done.code) == (0, 0)
    assert "eats mice" in done.out
    assert took < usual + 10
    assert PASSWORD not in done.out + done.err


MISSING = "import sys; sys.modules['{module}'] = None; from glede.cli import main; main()"


@pytest.mark.parametrize("module", ["opentelemetry", "opentelemetry.sdk.trace"])
def test_without_its_packages_the_way_out_is_told(folder: Path, module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MISSING.format(module=module), "add", f"{SECRET}.md"],
        cwd=folder,
        env={**environment(folder), "GLEDE_TRACES": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "glede[otel]" in done.stderr
