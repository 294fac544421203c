"""What `glede doctor` asks of the models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.care.trials import Finding, asked_models
from glede.settings import Settings
from glede.testing.model_server import ModelServer

KEY = "sk-test-of-the-doctor"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        yield running


def settings_for(server: ModelServer, home: Path, **more: object) -> Settings:
    values: dict[str, object] = {
        "home": home,
        "embed": "openai:text-embedding-3-small",
        "chat": "openai:gpt-4o",
        "vision": "dashscope:qwen-vl-max",
        "extract": "lepton:mistral-7b",
        "rerank": "rerank:bge-reranker-v2-m3",
        "rerank_url": server.url,
        "extract_url": server.url,
        "openai_url": server.url,
        "dashscope_url": server.dashscope_url,
        "rerank_key": KEY,
        "openai_key": KEY,
        "dashscope_key": KEY,
        "lepton_key": KEY,
        "model_seconds": 10,
    }
    return Settings.model_validate(values | more)


async def findings(settings: Settings) -> dict[str, Finding]:
    return {finding.name: finding async for finding in asked_models(settings)}


async def test_each_model_is_asked_one_small_thing(tmp_path: Path, server: ModelServer) -> None:
    found = await findings(settings_for(server, tmp_path / "data"))
    assert all(finding.ok for finding in found.values()), found
    assert set(found) == {"chat model", "vision model", "embedding model", "extraction model", "reranker"}
    assert "openai:text-embedding-3-small, 1536 dimensions" in found["embedding model"].detail
    assert "answers 'ok'" in found["chat model"].detail
    assert found["reranker"].detail.startswith("rerank:bge-reranker-v2-m3, 2 scores, ")
    assert all(finding.detail.endswith(" ms") for finding in found.values())
    assert server.count() == 5
    assert not (tmp_path / "data").exists()


CURES = {
    "rate_limit": ("429", "Wait"),
    "quota": ("insufficient_quota", "billing"),
    "hang": ("did not answer within 1 s", "GLEDE_MODEL_SECONDS"),
    "refused": ("cannot be reached", "address"),
    "html": ("<!DOCTYPE html>", "address"),
    "empty_answer": ("empty answer", "Ask again"),
    "content_filter": ("content_filter", "another model"),
    "wrong_dimension": ("gives 1535 numbers a vector, and 1536", "GLEDE_EMBED_DIMENSION=1535"),
    "nan": ("no numbers", "address"),
}


@pytest.mark.parametrize("fault", CURES)
async def test_what_is_wrong_is_told_with_its_cure(tmp_path: Path, server: ModelServer, fault: str) -> None:
    vectors = fault in ("wrong_dimension", "nan")
    server.fault(fault, route="embeddings" if vectors else "chat")
    seconds = 1 if fault == "hang" else 10
    settings = settings_for(
        server, tmp_path / "data", vision="", extract="", rerank="", model_seconds=seconds
    )
    found = await findings(settings)
    bad = found.pop("embedding model" if vectors else "chat model")
    said, cure = CURES[fault]
    assert not bad.ok
    assert said in bad.detail
    assert cure in bad.hint
    assert all(finding.ok for finding in found.values())
    assert server.count() == 2  # one try: the doctor tells what is, and does not wait for better


async def test_one_wrong_setting_does_not_hide_the_others(tmp_path: Path, server: ModelServer) -> None:
    found = await findings(
        settings_for(
            server,
            tmp_path / "data",
            chat="gpt-4o",
            vision="openai:mistral-7b",
            extract="other:model",
            rerank_url="",
            openai_url=server.url,
            embed_dimension=2000,
        )
    )
    assert {name for name, finding in found.items() if not finding.ok} == set(found)
    assert len(found) == 5
    assert all(finding.hint for finding in found.values())
    assert KEY not in str(found)


async def test_without_models_only_the_local_one_is_asked(tmp_path: Path) -> None:
    found = await findings(Settings(home=tmp_path / "data"))
    assert list(found) == ["embedding model"]
    assert "512 dimensions" in found["embedding model"].detail
