"""What was answered with 202 is added, whatever becomes of the process that answered."""

from __future__ import annotations

import time
from pathlib import Path

import httpx2

from glede.testing.model_server import ModelServer
from tests.cli.running import glede
from tests.server.serving import Running, scripted, serving

COUNT = 12
DOCUMENTS = "/v1/collections/birds/documents"


def posted(server: Running, *parts: tuple[str, bytes]) -> int:
    files = [("files", part) for part in parts]
    asked = server.client.post(DOCUMENTS, files=files, data={"metadata": '{"year": 2026}'})
    assert asked.status_code == 202, asked.text
    return int(asked.json()["job"]["id"])


def kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "data" / "uploads").rglob("*") if path.is_file()]


def job_of(client: httpx2.Client, number: int) -> dict[str, object]:
    told: dict[str, object] = client.get(f"/v1/jobs/{number}").json()["job"]
    return told


def test_a_killed_server_goes_on_when_it_begins_again(tmp_path: Path) -> None:
    slow = {"GLEDE_FAILPOINTS": "commit.inside=delay:60"}
    with serving(tmp_path, env=slow) as server:
        number = posted(
            server, *((f"{place}.txt", f"Kite {place} of the valley.".encode()) for place in range(COUNT))
        )
        server.process.kill()
        server.process.wait()
    assert kept(tmp_path)
    with serving(tmp_path) as server:
        until = time.monotonic() + 120
        while job_of(server.client, number)["state"] != "done" and time.monotonic() < until:
            time.sleep(0.2)
        job = job_of(server.client, number)
        assert job["state"] == "done", job["error"]
        listed = server.client.get(DOCUMENTS, params={"limit": 100}).json()["documents"]
        assert {one["source"] for one in listed} == {f"{place}.txt" for place in range(COUNT)}
        asked = {"query": "kite 7 of the valley"}
        found = server.client.post("/v1/collections/birds/search", json=asked).json()
        assert found["hits"]
        one = server.client.get(f"{DOCUMENTS}/{listed[0]['id']}").json()["document"]
        assert one["metadata"] == {"year": 2026}
    assert kept(tmp_path) == []


def test_what_has_failed_is_tried_again_from_what_is_kept(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        number = posted(server, ("broken.pdf", b"%PDF-1.7\nnothing follows"), ("kite.txt", b"A kite."))
        end = server.ended(number)
        assert end["job"]["counts"]["failed"] == 1
        assert kept(tmp_path)
        again = server.client.post(f"/v1/jobs/{number}/retry")
        assert again.status_code == 202, again.text
        end = server.ended(number)
        assert end["job"]["counts"]["failed"] == 1
        (failed,) = [one for one in end["report"]["documents"] if one["error"]]
        assert (failed["source"], failed["error"]["code"]) == ("broken.pdf", "malformed")
        server.ended(posted(server, ("hawk.txt", b"A hawk.")))
        assert len([path for path in kept(tmp_path) if path.suffix == ".json"]) == 1
        assert any(path.read_bytes() == b"A kite." for path in kept(tmp_path))
        listed = server.client.get(DOCUMENTS, params={"name": "kite.txt"}).json()["documents"]
        assert server.client.delete(f"{DOCUMENTS}/{listed[0]['id']}").status_code == 200
        assert not any(path.read_bytes() == b"A kite." for path in kept(tmp_path))
        assert any(path.read_bytes().startswith(b"%PDF") for path in kept(tmp_path))
        assert server.client.delete("/v1/collections/birds").status_code == 200
        assert not any(path.read_bytes().startswith(b"%PDF") for path in kept(tmp_path))


def test_who_does_not_wait_for_the_graph_is_told_before_a_model_is_asked(tmp_path: Path) -> None:
    with ModelServer(key="sk-test-of-uploads") as model:
        reading = scripted(model, model.key) | {"GLEDE_EXTRACTOR": "llm", "GLEDE_EXTRACT": "openai:gpt-4o"}
        with serving(tmp_path, env=reading) as server:
            upload = {"files": ("kite.txt", b"In spring Anna Weber saw Kites over the Aller.")}
            asked = server.client.post(DOCUMENTS, files=upload, data={"wait": "searchable"})
            assert asked.status_code == 202, asked.text
            end = server.ended(asked.json()["job"]["id"])
            assert [one["status"] for one in end["report"]["documents"]] == ["searchable"]
            line = b'{"source": "owl", "text": "In autumn Otto Dix met the Owls of Bremen."}\n'
            waiting = ("add", "-", "--lines", "--wait", "searchable")
            assert glede(*waiting, cwd=tmp_path, stdin=line).code == 0
            assert model.count("chat") == 0
            waited = server.client.post(DOCUMENTS, files={"files": ("heron.txt", b"Otto Dix saw a Heron.")})
            server.ended(waited.json()["job"]["id"])
            assert model.count("chat") > 0
            wrong = server.client.post(DOCUMENTS, files=upload, data={"wait": "never"})
            assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid")
            assert "wait" in wrong.json()["detail"]
