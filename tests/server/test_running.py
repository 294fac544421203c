"""Beginning and ending: safe by default, in order, within ten seconds."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from pathlib import Path

import httpx2
import pytest

from glede.testing.model_server import ModelServer
from tests.cli.running import glede
from tests.server.serving import events, key, serving


def test_a_fresh_server_is_reached_from_this_machine_only(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.address.startswith("http://127.0.0.1:")
        port = int(server.address.rpartition(":")[2])
        ours = Path(f"/proc/{server.process.pid}/net/tcp").read_text()
        listening = [line.split()[1] for line in ours.splitlines()[1:] if line.split()[3] == "0A"]
        assert f"0100007F:{port:04X}" in listening
        assert f"00000000:{port:04X}" not in listening
        data = tmp_path / "data"
        assert data.stat().st_mode & 0o777 == 0o700
        for name in ("server.json", "lock"):
            assert (data / name).stat().st_mode & 0o077 == 0, name


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_others_are_not_served_without_a_key(tmp_path: Path, host: str) -> None:
    done = glede("serve", "--host", host, "--port", "0", "--json", cwd=tmp_path)
    assert done.code == 3
    assert done.json["error"]["code"] == "configuration"
    assert "glede keys create" in done.json["error"]["hint"]


def test_a_revoked_key_is_none(tmp_path: Path) -> None:
    key(tmp_path, "alice", "admin:*")
    assert glede("keys", "revoke", "alice", cwd=tmp_path).code == 0
    assert glede("serve", "--host", "0.0.0.0", "--port", "0", cwd=tmp_path).code == 3


def test_with_a_key_others_are_served_and_asked_for_it(tmp_path: Path) -> None:
    secret = key(tmp_path, "alice", "read:*")
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        assert server.client.get("/v1/collections").status_code == 401
        assert server.client.get("/healthz").status_code == 200
        with server.as_(secret) as alice:
            assert alice.get("/v1/collections").status_code == 200
            assert alice.get("/v1/collections", headers={"Host": "evil.example"}).status_code == 421
        assert glede("keys", "revoke", "alice", cwd=tmp_path).code == 0
        with server.as_(secret) as alice:
            assert alice.get("/v1/collections").status_code == 401


def test_a_port_that_is_taken_is_said_to_be(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = glede("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert done.code == 4
    assert "cannot listen" in done.err
    assert "--port" in done.err


@pytest.mark.measured
def test_it_ends_in_order_with_a_job_and_a_follower(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number}.txt").write_text(f"Heron {number} wades in the Aller. " * 200)
    with serving(tmp_path) as server:
        with server.as_(server.pass_) as owner:
            asked = owner.post("/v1/collections/default/documents", json={"paths": [str(folder)]})
            job = asked.json()["job"]["id"]
        told: list[str] = []

        def follow() -> None:
            told.extend(name for _, name, _ in events(server.client, f"/v1/jobs/{job}/events"))

        follower = threading.Thread(target=follow)
        follower.start()
        time.sleep(1.5)
        began = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - began < 10
        follower.join(5)
        assert told[-1] == "end"
    assert not (tmp_path / "data" / "server.json").exists()
    shown = glede("jobs", str(job), "--json", cwd=tmp_path).json["jobs"][0]
    assert shown["state"] == "interrupted"
    assert shown["resumable"] is True
    assert glede("docs", "--json", cwd=tmp_path).code == 0


@pytest.mark.measured
def test_it_ends_in_time_while_it_is_asked_more_than_it_can_answer(tmp_path: Path) -> None:
    """SIGTERM with answers under way that would take far longer: streams, calls and a job."""
    with ModelServer(key="sk-slow", latency=30.0) as model:
        env = {
            "GLEDE_CHAT": "openai:gpt-4o",
            "GLEDE_OPENAI_URL": model.url,
            "GLEDE_OPENAI_KEY": "sk-slow",
            "GLEDE_EXTRACTOR": "none",
        }
        with serving(tmp_path, env=env) as server:
            file = tmp_path / "kites.txt"
            file.write_text("The red kite eats mice and voles.")
            server.upload("birds", file)
            ended: list[int | str] = []

            def ask(number: int) -> None:
                body = {
                    "question": f"What does the red kite eat in part {number}?",
                    "stream": number % 2 == 0,
                }
                try:
                    answered = server.client.post("/v1/collections/birds/ask", json=body)
                    ended.append(answered.status_code)
                except httpx2.TransportError as error:
                    ended.append(type(error).__name__)

            asking = [threading.Thread(target=ask, args=(number,)) for number in range(24)]
            for one in asking:
                one.start()
            while "glede_answers_running 24" not in server.client.get("/metrics").text:
                time.sleep(0.05)
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 10
            for one in asking:
                one.join(10)
            assert len(ended) == 24  # nobody is left waiting


def test_a_killed_server_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
    assert (tmp_path / "data" / "server.json").exists()
    (tmp_path / "owl.txt").write_text("The owl hunts at night.")
    added = glede("add", "owl.txt", "--json", cwd=tmp_path)
    assert added.code == 0, added.err
    assert added.json["documents"][0]["status"] == "searchable"
