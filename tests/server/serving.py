"""Runs the installed `glede serve` as a process on a free port of loopback, as a user would."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from glede.testing.model_server import ModelServer
from tests.cli.running import GLEDE, environment, glede

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass
class Running:
    """A server that runs, and a client of it."""

    folder: Path
    process: subprocess.Popen[bytes]
    address: str
    client: httpx2.Client

    @property
    def pass_(self) -> str:
        return str(json.loads((self.folder / "data" / "server.json").read_text())["pass"])

    def as_(self, key: str) -> httpx2.Client:
        return client_of(self.address, key)

    def upload(self, collection: str, *files: Path, client: httpx2.Client | None = None) -> dict[str, Any]:
        """Upload, and wait until the job has ended; its `end` event."""
        parts = [("files", (file.name, file.read_bytes())) for file in files]
        asked = (client or self.client).post(f"/v1/collections/{collection}/documents", files=parts)
        assert asked.status_code == 202, asked.text
        return self.ended(asked.json()["job"]["id"], client)

    def ended(self, job: int, client: httpx2.Client | None = None) -> dict[str, Any]:
        end: dict[str, Any] = events(client or self.client, f"/v1/jobs/{job}/events")[-1][2]
        return end

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


def scripted(model: ModelServer, api_key: str) -> dict[str, str]:
    """The settings of a server that asks a scripted model, and no other."""
    return {
        "OPENAI_API_KEY": api_key,
        "OPENAI_BASE_URL": model.url,
        "GLEDE_CHAT": "openai:gpt-4o",
        "GLEDE_EXTRACTOR": "none",
    }


@contextmanager
def with_kites(folder: Path, env: Mapping[str, str]) -> Iterator[Running]:
    """A server with one document in the collection `birds`."""
    with serving(folder, env=env) as running:
        file = folder / "kites.txt"
        file.write_text("The red kite eats mice and voles. It nests in oaks.")
        running.upload("birds", file)
        yield running


def client_of(address: str, key: str | None = None) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx2.Client(base_url=address, headers=headers, timeout=60, trust_env=False)


def events(client: httpx2.Client, path: str, **options: Any) -> list[tuple[str, str, Any]]:  # noqa: ANN401
    """All events of a stream: id, name, data."""
    found, fields = [], {"id": "", "event": ""}
    method = options.pop("method", "GET")
    with client.stream(method, path, **options) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        for line in response.iter_lines():
            name, _, value = line.partition(": ")
            if name == "data":
                found.append((fields["id"], fields["event"], value))
            elif name in fields:
                fields[name] = value
    return [(id_, event, json.loads(data) if data[:1] == "{" else data) for id_, event, data in found]


@contextmanager
def serving(folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    folder.mkdir(exist_ok=True)
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen(
        [GLEDE, "serve", "--port", "0", *arguments],
        cwd=folder,
        env={**environment(folder), **(env or {})},
        stderr=log,
        stdout=log,
    )
    try:
        address = _address(folder, process)
        with client_of(address) as client:
            yield Running(folder, process, address, client)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        log.close()


def _address(folder: Path, process: subprocess.Popen[bytes]) -> str:
    note = folder / "data" / "server.json"
    until = time.monotonic() + 200
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError((folder / "serve.log").read_text())
        if note.exists() and "answers on" in (folder / "serve.log").read_text():
            return str(json.loads(note.read_text())["address"])
        time.sleep(0.05)
    raise AssertionError("the server did not begin")


def key(folder: Path, name: str, *scopes: str) -> str:
    """A new key's secret."""
    options = [part for scope in scopes for part in ("--scope", scope)]
    done = glede("keys", "create", name, *options, "--json", cwd=folder)
    assert done.code == 0, done.err
    return str(done.json["secret"])
