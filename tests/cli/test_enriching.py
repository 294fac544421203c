"""Adding with a model that reads for the graph, and joining what is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.testing.model_server import ChatRequest, ModelServer
from tests.cli.running import glede
from tests.extractors.llm_serving import reads

KEY = "sk-test-of-the-commands"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    def answer(request: ChatRequest) -> str:
        judging = request.messages[0].text.startswith("You judge")
        return '{"same":[1]}' if judging else reads(request)

    with ModelServer(key=KEY) as running:
        running.answer = answer
        yield running


@pytest.fixture
def env(server: ModelServer) -> dict[str, str]:
    return {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.url,
        "GLEDE_EXTRACT": "openai:gpt-4o",
        "GLEDE_EXTRACTOR": "llm",
        "GLEDE_MODEL_TRIES": "1",
    }


def written(folder: Path) -> None:
    (folder / "kites.md").write_text("In spring Friederike Weber saw Kites. There she met Otto Dix.")
    (folder / "owls.md").write_text("In autumn Frederike Weber saw Owls. Then she met Max Ernst.")


def test_what_is_left_is_taken_up_again(tmp_path: Path, server: ModelServer, env: dict[str, str]) -> None:
    written(tmp_path)
    first = glede("add", "kites.md", "--json", cwd=tmp_path, env=env).json
    assert first["documents"][0]["status"] == "enriched"
    assert first["usage"]["model_calls"] == 1
    second = glede("add", "owls.md", "--wait", "searchable", "--json", cwd=tmp_path, env=env).json
    assert second["documents"][0]["status"] == "searchable"
    assert server.count("chat") == 1
    server.fault("content_filter", times=1, route="chat")
    failed = glede("retry", cwd=tmp_path, env=env)
    assert failed.code == 1
    assert "the graph knows it not yet" in failed.err
    again = glede("retry", "--json", cwd=tmp_path, env=env)
    assert [one["status"] for one in again.json["documents"]] == ["enriched"], again.err
    assert server.count("chat") == 3


def test_a_verdict_joins_two_names_and_undo_parts_them(
    tmp_path: Path, server: ModelServer, env: dict[str, str]
) -> None:
    written(tmp_path)
    assert glede("add", ".", cwd=tmp_path, env=env).code == 0
    planned = glede("graph", "resolve", "--dry-run", cwd=tmp_path, env=env)
    assert "would join" in planned.out, planned.err
    assert "by model:openai:gpt-4o" in planned.out
    calls = server.count("chat")
    found = glede("graph", "resolve", "--json", cwd=tmp_path, env=env).json
    (joined,) = found["joined"]
    assert {one["name"] for one in joined["entities"]} == {"Friederike Weber", "Frederike Weber"}
    assert server.count("chat") == calls  # the verdict of the dry run was kept
    shown = glede("graph", "show", "Frederike Weber", "--json", cwd=tmp_path, env=env).json
    assert "Owls" in str(shown)
    assert "Kites" in str(shown)
    undone = glede("graph", "undo", str(joined["edit"]), "--json", cwd=tmp_path, env=env).json
    assert undone["edit"]["undone"] is True


def test_the_budget_ends_it_with_the_documents_searchable(tmp_path: Path, env: dict[str, str]) -> None:
    written(tmp_path)
    tight = {**env, "GLEDE_BUDGET": "0.001", "GLEDE_PRICES": "gpt-4o=2/8"}
    done = glede("add", ".", "--json", cwd=tmp_path, env=tight)
    assert done.code == 5, done.err
    assert [one["status"] for one in done.json["documents"]] == ["searchable"] * 2
