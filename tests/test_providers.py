"""The models that an engine opens: over one client, wrapped, and what was paid for kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.errors import ConfigurationError, CredentialsError
from glede.testing.model_server import ModelServer

KEY = "sk-test-of-the-providers"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: 'Kites eat mice [1 "eats mice"].'
        yield running


def settings_for(server: ModelServer, home: Path, **more: object) -> Settings:
    values: dict[str, object] = {
        "home": home,
        "embed": "openai:text-embedding-3-small",
        "embed_dimension": 64,
        "chat": "openai:gpt-4o",
        "openai_url": server.url,
        "openai_key": KEY,
        "model_wait": 0.01,
    }
    return Settings.model_validate(values | more)


async def test_embeddings_are_in_flight_side_by_side(tmp_path: Path, server: ModelServer) -> None:
    server.latency = 0.1
    documents = [
        Content(
            "\n\n".join(f"# Kite {n}-{part}\n\nKite {n} has {part} eggs." for part in range(12)), f"{n}.md"
        )
        for n in range(60)
    ]
    async with Engine.open(settings_for(server, tmp_path / "data", model_concurrency=16)) as engine:
        server.clear()
        report = await engine.add(*documents)
    assert not report.failed
    assert server.most_in_flight <= 16
    assert max(call.texts for call in server.calls) <= 256
    assert server.connections <= 17


async def test_all_roles_share_what_they_paid_for(tmp_path: Path, server: ModelServer) -> None:
    settings = settings_for(
        server,
        tmp_path / "data",
        rerank="rerank:bge-reranker-v2-m3",
        rerank_url=server.url,
        rerank_key=KEY,
    )
    question = "What do kites eat?"
    async with Engine.open(settings) as engine:
        await engine.add(Content("The red kite eats mice.", "kites.txt"), Content("Oaks grow.", "oaks.txt"))
        first = await engine.ask(question)
    calls = {name: server.count(name) for name in ("embeddings", "chat", "rerank")}
    assert calls == {"embeddings": 2, "chat": 1, "rerank": 1}
    async with Engine.open(settings) as engine:
        again = await engine.ask(question)
        roles = {one.name: one.calls for one in await engine.usage()}
    assert again.text == first.text
    assert {name: server.count(name) for name in calls} == calls
    assert roles == {"chat": 1, "embed": 2, "rerank": 1}


async def test_vectors_of_another_length_are_not_taken_for_these(tmp_path: Path, server: ModelServer) -> None:
    text = Content("The red kite eats mice.", "kites.txt")
    async with Engine.open(settings_for(server, tmp_path / "data")) as engine:
        await engine.add(text)
    other = settings_for(server, tmp_path / "data", embed_dimension=32, collection="short")
    async with Engine.open(other) as engine:
        assert not (await engine.add(text)).failed
    assert server.count("embeddings") == 2


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"openai_key": "", "openai_url": ""}, CredentialsError),
        ({"chat": "dashscope:qwen-max"}, CredentialsError),
        ({"chat": "nobody:gpt"}, ConfigurationError),
        ({"chat": "gpt-4o"}, ConfigurationError),
        ({"rerank": "rerank:any"}, ConfigurationError),
        ({"openai_url": "localhost:1"}, ConfigurationError),
    ],
)
async def test_what_is_set_wrongly_is_told_before_anything_is_read(
    tmp_path: Path, server: ModelServer, changed: dict[str, str], kind: type[ConfigurationError]
) -> None:
    with pytest.raises(kind) as caught:
        async with Engine.open(settings_for(server, tmp_path / "data", **changed)):
            pass
    assert caught.value.hint
    assert server.count() == 0
