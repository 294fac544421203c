"""The commands with models behind them: the scripted server in the place of OpenAI and DashScope."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.testing.model_server import ModelServer
from tests.cli.running import glede

KEY = "sk-test-of-the-commands"
ANSWER = 'Kites eat mice [1 "eats mice and voles"].'


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: ANSWER
        yield running


@pytest.fixture
def env(server: ModelServer) -> dict[str, str]:
    """What a user of the OpenAI tutorial has set, and the two models."""
    return {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.url,
        "GLEDE_EMBED": "openai:text-embedding-3-small",
        "GLEDE_CHAT": "openai:gpt-4o",
        "GLEDE_MODEL_TRIES": "2",
    }


@pytest.fixture
def folder(tmp_path: Path, env: dict[str, str]) -> Path:
    (tmp_path / "kites.txt").write_text("The red kite eats mice and voles. It nests in oaks.")
    added = glede("add", "kites.txt", "--json", cwd=tmp_path, env=env)
    assert added.code == 0, added.err
    assert added.json["usage"]["model_calls"] == 1
    return tmp_path


def test_an_answer_is_streamed_with_its_citations_below(folder: Path, env: dict[str, str]) -> None:
    done = glede("ask", "What does the red kite eat?", cwd=folder, env=env)
    assert done.code == 0, done.err
    assert done.out.startswith("Kites eat mice [1].\n")
    assert "[1] kites.txt" in done.out
    assert "no language model" not in done.out


def test_the_answer_as_json(folder: Path, env: dict[str, str]) -> None:
    found = glede("ask", "What does the red kite eat?", "--json", cwd=folder, env=env).json
    assert found["model"] == "openai:gpt-4o"
    assert found["complete"] is True
    assert found["answered"] is True
    assert found["citations"][0]["quote"] == "eats mice and voles"
    assert found["usage"]["prompt_tokens"] > 0


def test_a_false_citation_is_marked(folder: Path, env: dict[str, str], server: ModelServer) -> None:
    server.answer = lambda _: 'Kites eat stars [1 "eats bright stars"].'
    done = glede("ask", "What does the red kite eat?", cwd=folder, env=env)
    assert "[1?]" in done.out
    assert "not verified" in done.out
    assert "do not rely" in done.err


def test_quotes_only_without_a_model(folder: Path, env: dict[str, str], server: ModelServer) -> None:
    done = glede("ask", "What does the red kite eat?", "--model", "none", "--json", cwd=folder, env=env)
    assert done.json["model"] == "extractive"
    assert server.count("chat") == 0


def test_a_conversation_in_a_file(folder: Path, env: dict[str, str], server: ModelServer) -> None:
    glede("ask", "What does the red kite eat?", "--history", "talk.jsonl", cwd=folder, env=env)
    server.script("Where does the red kite nest?", 'In oaks [1 "nests in oaks"].')
    done = glede("ask", "And where does it nest?", "--history", "talk.jsonl", "--json", cwd=folder, env=env)
    assert done.json["rewritten"] == "Where does the red kite nest?"
    assert len((folder / "talk.jsonl").read_text().splitlines()) == 2
    (folder / "talk.jsonl").write_text("no JSON")
    done = glede("ask", "And?", "--history", "talk.jsonl", cwd=folder, env=env)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_wrong_key_is_one_error_and_loses_nothing(tmp_path: Path, env: dict[str, str]) -> None:
    for number in range(15):
        (tmp_path / f"{number}.txt").write_text(f"Kite number {number} eats mice.")
    wrong = {**env, "OPENAI_API_KEY": "sk-wrong"}
    done = glede("add", ".", cwd=tmp_path, env=wrong)
    assert done.code == 3
    assert done.err.count("error[credentials]") == 1
    assert "and 5 more" in done.err
    done = glede("add", ".", "--json", cwd=tmp_path, env=env)
    assert done.code == 0
    assert {one["status"] for one in done.json["documents"]} == {"searchable"}


def test_no_key_at_all_is_told_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kites.")
    done = glede("add", "a.txt", cwd=tmp_path, env={"GLEDE_EMBED": "openai:text-embedding-3-small"})
    assert done.code == 3
    assert "error[credentials]" in done.err
    assert "OPENAI_API_KEY" in done.err


def test_a_budget_stops_the_work_and_a_higher_one_resumes_it(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "a.txt").write_text("Kites eat mice. " * 50)
    tight = {**env, "GLEDE_BUDGET": "0.0000001"}
    done = glede("add", "a.txt", cwd=tmp_path, env=tight)
    assert done.code == 5
    assert "error[budget]" in done.err
    done = glede("add", "a.txt", cwd=tmp_path, env={**env, "GLEDE_BUDGET": "1.00"})
    assert done.code == 0, done.err
    used = glede("usage", "--json", cwd=tmp_path, env=env).json
    assert used["total"]["calls"] == 1
    assert float(used["total"]["cost"]) > 0


def test_the_doctor_asks_each_model(folder: Path, env: dict[str, str]) -> None:
    done = glede("doctor", "--json", cwd=folder, env=env)
    checks = {one["name"]: one for one in done.json["checks"]}
    assert done.code == 0
    assert "1536 dimensions" in checks["embedding model"]["detail"]
    assert checks["chat model"]["ok"]
    bad = glede("doctor", "--json", cwd=folder, env={**env, "GLEDE_CHAT": "openai:gpt-9"})
    check = {one["name"]: one for one in bad.json["checks"]}["chat model"]
    assert not check["ok"]
    assert check["hint"]


def test_the_settings_say_what_each_role_uses(folder: Path, env: dict[str, str]) -> None:
    done = glede("config", "show", "--json", cwd=folder, env=env)
    assert done.json["chat"] == {"value": "openai:gpt-4o", "origin": "environment"}
    assert done.json["openai_key"]["origin"] == "environment (tutorial name)"
    assert done.json["roles"]["chat"]["model"] == "openai:gpt-4o"
    assert done.json["roles"]["vision"]["model"] is None
    assert KEY not in done.out
    told = glede("config", "show", cwd=folder, env=env)
    assert f"openai:gpt-4o at {env['OPENAI_BASE_URL']}, a key is set" in told.out
