from __future__ import annotations

import time
from pathlib import Path

from glede.text import moments
from tests.cli.running import glede

QUESTION = "What does the barn owl hunt?"


def test_a_command_asks_as_of_a_time(tmp_path: Path) -> None:
    env = {"GLEDE_HISTORY": "true", "GLEDE_EXTRACTOR": "none"}
    file = tmp_path / "owls.txt"
    file.write_text("The barn owl hunts voles by sound alone.")
    assert glede("add", "owls.txt", cwd=tmp_path, env=env).code == 0
    then = moments.now()
    time.sleep(1.1)  # times are kept to the second
    file.write_text("The barn owl hunts frogs by sound alone.")
    assert glede("sync", ".", cwd=tmp_path, env=env).code == 0
    past = glede("ask", QUESTION, "--as-of", then, "--json", cwd=tmp_path, env=env).json
    assert "voles" in past["answer"] and "frogs" not in past["answer"]
    assert past["citations"][0]["version_date"] <= then
    assert glede("open", "1", "--json", cwd=tmp_path, env=env).json["citation"]["quote"] in past["answer"]
    plain = glede("ask", QUESTION, "--json", cwd=tmp_path, env=env).json
    assert "frogs" in plain["answer"] and plain["citations"][0]["version_date"] is None
    shown = glede("search", "barn owl", "--as-of", then, cwd=tmp_path, env=env).out
    assert f"version of {then[:10]}" in shown
    versions = glede("history", "owls.txt", "--json", cwd=tmp_path, env=env).json["versions"]
    assert [one["until"] is None for one in versions] == [False, True]
    assert "to now" in glede("history", "owls.txt", cwd=tmp_path, env=env).out
    (listed,) = glede("docs", "--as-of", then, "--json", cwd=tmp_path, env=env).json["documents"]
    assert (listed["id"], listed["status"]) == (versions[0]["document_id"], "past")
    purged = glede("purge", "--before", "2100-01-01", "--json", cwd=tmp_path, env=env)
    assert purged.json == {"documents": 1}
    file.unlink()
    assert glede("sync", ".", "--allow-empty", cwd=tmp_path, env=env).code == 0
    gone = glede("rm", "owls.txt", "--all-versions", "--json", cwd=tmp_path, env=env).json
    assert [one["id"] for one in gone["documents"]] == [versions[1]["document_id"]]
    missing = glede("history", "owls.txt", cwd=tmp_path, env=env)
    assert (missing.code, "error[not_found]" in missing.err) == (2, True)


def test_without_a_history_a_date_is_refused(tmp_path: Path) -> None:
    (tmp_path / "owls.txt").write_text("The barn owl hunts voles.")
    assert glede("add", "owls.txt", cwd=tmp_path).code == 0
    refused = glede("ask", QUESTION, "--as-of", "2026-05-01", cwd=tmp_path)
    assert refused.code == 2
    assert "GLEDE_HISTORY=true" in refused.err
    assert glede("ask", QUESTION, "--as-of", "soon", cwd=tmp_path).code == 2
