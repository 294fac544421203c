"""`glede jobs`, `sync`, `watch` and streams, as processes."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from glede.testing import ModelServer
from tests.cli.running import GLEDE, environment, glede, watching


def test_jobs_are_listed_and_failed_items_added_again(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "kite.txt").write_text("The kite is red.")
    (docs / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing follows")
    assert glede("jobs", cwd=tmp_path).code == 4
    added = glede("add", "docs", "--json", cwd=tmp_path)
    assert added.code == 1
    listed = glede("jobs", "--json", cwd=tmp_path).json
    (job,) = listed["jobs"]
    assert (job["id"], job["state"], job["sources"]) == (added.json["job"], "failed", [str(docs)])
    (item,) = listed["items"]
    assert (item["source"], item["tries"], item["error"]["code"]) == (
        str(docs / "broken.pdf"),
        1,
        "malformed",
    )
    shown = glede("jobs", str(job["id"]), cwd=tmp_path)
    assert shown.code == 0 and "1 searchable, 1 failed" in shown.out and "broken.pdf" in shown.out
    assert glede("retry", "--failed", cwd=tmp_path).code == 1
    (docs / "broken.pdf").write_text("It is mended.")
    again = glede("retry", "--failed", "--json", cwd=tmp_path)
    assert again.code == 0
    assert [one["status"] for one in again.json["documents"]] == ["searchable"]
    assert glede("jobs", "--json", cwd=tmp_path).json["items"] == []
    assert glede("jobs", "99", cwd=tmp_path).code == 2
    assert glede("jobs", "resume", cwd=tmp_path).code == 2
    assert glede("jobs", "resume", str(job["id"]), cwd=tmp_path).code == 0


def test_a_job_is_paused_from_another_terminal(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(500):
        (docs / f"{number}.txt").write_text(f"Kite number {number} is red.")
    with subprocess.Popen(
        [GLEDE, "add", "docs", "--json"],
        cwd=tmp_path,
        env={**environment(tmp_path), "GLEDE_FAILPOINTS": "commit.before=delay:6@1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        while not any((tmp_path / "data" / "blobs").rglob("*.json.z")):  # it is in the middle of its stores
            assert process.poll() is None
            time.sleep(0.1)
        asked = glede("jobs", "pause", "1", cwd=tmp_path)
        assert asked.code == 0 and "pausing" in asked.out
        told = json.loads(process.stdout.read())
        assert process.wait(60) == 5
    assert 0 < len(told["documents"]) < 500
    (job,) = glede("jobs", "1", "--json", cwd=tmp_path).json["jobs"]
    assert (job["state"], job["resumable"], job["spent"]["calls"]) == ("paused", True, 0)
    assert glede("jobs", "cancel", "1", cwd=tmp_path).code == 2
    resumed = glede("jobs", "resume", "1", "--json", cwd=tmp_path)
    assert resumed.code == 0 and len(resumed.json["documents"]) == 500


def test_sync_tells_what_it_did(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "kite.txt").write_text("The kite is red.")
    (docs / "owl.txt").write_text("The owl is brown.")
    assert glede("sync", "docs", cwd=tmp_path).code == 0
    (docs / "owl.txt").unlink()
    done = glede("sync", "docs", "--json", cwd=tmp_path)
    assert done.code == 0 and done.json["removed"] == [str(docs / "owl.txt")]
    (docs / "kite.txt").unlink()
    refused = glede("sync", "docs", cwd=tmp_path)
    assert refused.code == 4 and "--allow-empty" in refused.err
    assert "1 removed" in glede("sync", "docs", "--allow-empty", cwd=tmp_path).out


def test_lines_are_acknowledged_as_they_come(tmp_path: Path) -> None:
    with subprocess.Popen(
        [GLEDE, "add", "-", "--lines", "--json"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        lines = (
            ('{"source": "kite", "text": "The kite is red.", "metadata": {"year": 2026}}', "searchable"),
            ('{"id": 7, "text": "The owl is brown."}', "searchable"),
            ("no JSON", "failed"),
            ('{"source": "x"}', "failed"),
            ('{"source": "y", "text": "t", "metadata": {"a": []}}', "failed"),
            ('{"id": 7, "text": "The owl is white."}', "searchable"),
        )
        for number, (line, status) in enumerate(lines, 1):
            process.stdin.write(line + "\n")
            process.stdin.flush()
            told = json.loads(process.stdout.readline())
            assert (told["line"], told["status"]) == (number, status)
        process.stdin.close()
        assert process.wait(60) == 1
    found = glede("docs", "--json", cwd=tmp_path).json["documents"]
    assert {one["source"]: one["metadata"] for one in found} == {"kite": {"year": 2026}, "7": {}}
    assert "white" in glede("search", "owl", cwd=tmp_path).out
    whole = glede("add", "-", "--name", "plain", cwd=tmp_path, stdin=b'{"source": "a", "text": "b"}\n')
    assert whole.code == 0  # without --lines it is one document, as ever
    assert glede("add", "docs", "--lines", cwd=tmp_path).code == 2


def test_watch_follows_a_folder_and_stops_when_told(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "kite.txt").write_text("The kite is red.")
    with watching("docs", cwd=tmp_path) as watcher:
        first = watcher.told()
        assert [one["status"] for one in first["documents"]] == ["searchable"]
        time.sleep(1)
        assert "red" in glede("search", "kite", cwd=tmp_path).out  # the folder is not held meanwhile
        (docs / "kite.txt").rename(docs / "bird.txt")
        moved = watcher.told()
        assert moved["removed"] == [str(docs / "kite.txt")]
        assert moved["usage"]["embedded_texts"] == 0
        time.sleep(1)
        assert watcher.stopped() == 0


def test_watch_tells_at_once_that_there_is_no_folder_and_waits_for_it(tmp_path: Path) -> None:
    with watching("docs", "--quiet", cwd=tmp_path) as watcher:
        told = watcher.told()
        assert (told["stopped"]["code"], told["documents"]) == ("unavailable", [])
        assert "docs is not there" in told["stopped"]["message"]
        docs = tmp_path / "docs"
        docs.mkdir()
        (docs / "kite.txt").write_text("The kite is red.")
        assert [one["status"] for one in watcher.told()["documents"]] == ["searchable"]
        (docs / "kite.txt").unlink()
        docs.rmdir()
        while (gone := watcher.told())["stopped"] is None:
            assert [one["status"] for one in gone["documents"]] == ["unchanged"]  # it was told of twice
        assert gone["stopped"]["message"].endswith("1 document of it is known")
        assert watcher.stopped() in (0, 5)
        assert watcher.process.stderr is not None
        assert "error[unavailable]" in watcher.process.stderr.read()


def test_a_run_that_is_out_of_calls_can_go_on(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(4):
        (docs / f"{number}.txt").write_text(f"Kite number {number} met Anna Weber in Bern.")
    with ModelServer(key="sk-test") as server:
        env = {
            "GLEDE_EMBED": "openai:text-embedding-3-small",
            "GLEDE_EMBED_URL": server.url,
            "OPENAI_API_KEY": "sk-test",
        }
        planned = glede("add", "docs", "--dry-run", "--json", cwd=tmp_path, env=env)
        estimate = planned.json["estimate"]
        # The first two documents go before the others, so that they are found soon.
        assert (estimate["files"], estimate["embedded_texts"], estimate["model_calls"]) == (4, 4, 2)
        assert 0 < estimate["cost"] < 0.01
        assert "calls of models" in glede("add", "docs", "--dry-run", cwd=tmp_path, env=env).out
        stopped = glede("add", "docs", "--max-calls", "0", "--json", cwd=tmp_path, env=env)
        assert stopped.code == 5
        (job,) = glede("jobs", "--json", cwd=tmp_path, env=env).json["jobs"]
        assert (job["state"], job["resumable"], job["error"]["code"]) == ("interrupted", True, "budget")
        named = str(job["id"])
        assert glede("jobs", "resume", named, "--budget", "5", cwd=tmp_path, env=env).code == 0
        assert glede("jobs", named, "--json", cwd=tmp_path, env=env).json["jobs"][0]["state"] == "done"
        assert server.count() == 2
        assert glede("add", "docs", "--budget", "much", cwd=tmp_path, env=env).code == 2


def test_progress_is_told_as_lines_of_json(tmp_path: Path) -> None:
    (tmp_path / "kite.txt").write_text("The kite is red.")
    done = glede("add", "kite.txt", "--progress", "json", "--json", cwd=tmp_path)
    events = [json.loads(line) for line in done.err.splitlines()]
    assert {one["job"] for one in events} == {done.json["job"]}
    assert [one["stage"] for one in events] == ["start", "parse", "embed", "done"]
    assert (events[-1]["done"], events[-1]["total"], events[-1]["status"]) == (1, 1, "searchable")
