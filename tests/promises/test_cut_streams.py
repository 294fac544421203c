"""R10: an answer whose stream was cut is never shown as complete, wherever the cut fell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from glede.endpoints import ChatModel, Message, Prompt, Reply
from glede.errors import ModelError
from glede.models.http import open_client
from glede.models.openai_chat import open_openai_chat
from glede.roles import ModelChoice
from glede.testing.model_server import ModelServer
from tests.cli.running import glede

KEY = "sk-test-of-the-cuts"
TEXT = "Kites eat “mice”."
PROMPT = Prompt((Message("user", "What do kites eat?"),), max_tokens=100)
END = b"data: [DONE]"


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = lambda _: TEXT
        yield running


@pytest.fixture
async def chat(server: ModelServer) -> AsyncIterator[ChatModel]:
    async with open_client() as http:
        yield open_openai_chat(ModelChoice("chat", "openai", "gpt-4o", server.url, KEY, seconds=5.0), http)


async def last_of(chat: ChatModel) -> tuple[str, Reply]:
    shown = ""
    async with aclosing(chat.stream(PROMPT)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Reply):
                return shown, piece
            shown += piece
    raise AssertionError("a stream ends in a reply")


@pytest.mark.parametrize("clean", [False, True], ids=["torn", "ended in order"])
async def test_a_cut_at_every_byte_is_told(server: ModelServer, chat: ChatModel, clean: bool) -> None:
    shown, reply = await last_of(chat)
    assert (shown, reply.complete) == (TEXT, True)
    body = server.last_stream
    whole = body.index(END) + len(END)
    server.cut_clean = clean
    refused = broken = 0
    for cut in range(whole):
        server.cut_after = cut
        try:
            shown, reply = await last_of(chat)
        except ModelError as error:
            assert error.retryable
            refused += 1
        else:
            assert not reply.complete, f"cut after {cut} of {whole} bytes: {body[:cut][-40:]!r}"
            assert TEXT.startswith(shown)
            assert shown == reply.text != ""
            broken += 1
    assert refused > 0
    assert broken > 0
    assert refused + broken == whole
    server.cut_after = whole + 1  # the line has ended: all that matters has come
    assert (await last_of(chat))[1].complete


def test_the_command_says_so_and_fails(tmp_path: Path, server: ModelServer) -> None:
    server.answer = lambda _: 'The red kite eats mice and voles [1 "eats mice and voles"]. It nests in oaks.'
    env = {
        "OPENAI_API_KEY": KEY,
        "OPENAI_BASE_URL": server.url,
        "GLEDE_CHAT": "openai:gpt-4o",
        "GLEDE_EMBED": "openai:text-embedding-3-small",
    }
    (tmp_path / "kites.txt").write_text("The red kite eats mice and voles. It nests in oaks.")
    assert glede("add", "kites.txt", cwd=tmp_path, env=env).code == 0
    server.cut_after = 2000
    cut = glede("ask", "What does the red kite eat?", cwd=tmp_path, env=env)
    assert cut.code == 1
    assert "The red kite eats" in cut.out
    assert "It nests in oaks" not in cut.out
    assert "not complete" in cut.err
    server.cut_after = None
    whole = glede("ask", "What does the red kite eat?", "--json", cwd=tmp_path, env=env)
    assert whole.code == 0
    assert whole.json["complete"] is True  # what was cut is not kept as an answer
