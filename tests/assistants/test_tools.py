"""The tools as an assistant uses them: the official client, over a pipe and over HTTP."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from glede import Content, Engine, Settings
from glede.errors import LockedError
from glede.mcp.holding import Held
from glede.mcp.tools import MOST_CHARACTERS, server
from glede.testing.fakes import FakeEmbedder
from glede.text import moments
from tests.assistants.speaking import refusal, told

READS = {"search", "open", "ask", "list", "status"}
WRITES = {"add", "remove"}
NOTE = "# Kites\n\nRed kites nest in old oaks. The observatory counted 31 pairs in 2024."


@asynccontextmanager
async def engine_at(home: Path) -> AsyncIterator[Engine]:
    async with Engine.open(Settings(home=home), embedder=FakeEmbedder()) as engine:
        yield engine


@asynccontextmanager
async def connected(home: Path, *, writes: bool = False, root: Path | None = None) -> AsyncIterator[Client]:
    held = Held(lambda: engine_at(home), idle_seconds=0.5)
    try:
        async with Client(server(held.engine, writes=writes, root=root)) as client:
            yield client
    finally:
        await held.close()


@pytest.fixture
async def home(tmp_path: Path) -> Path:
    home = tmp_path / "data"
    async with engine_at(home) as engine:
        await engine.add(Content(NOTE, "kites.md"), Content("Wind was 31 m/s at the mast.", "wind.txt"))
    return home


async def test_only_reading_is_offered_unless_writing_is_allowed(home: Path) -> None:
    async with connected(home) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == READS
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        assert all(tool.description for tool in tools)
        assert (await client.call_tool("remove", {"document": "kites.md"})).is_error
    async with connected(home, writes=True) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == READS | WRITES
        changing = [tool for tool in tools if tool.annotations and not tool.annotations.read_only_hint]
        assert {tool.name for tool in changing} == WRITES


async def test_what_is_found_can_be_opened(home: Path) -> None:
    async with connected(home) as client:
        found = await told(client, "search", query="Where do red kites nest?", limit=1)
        (hit,) = found["hits"]
        assert hit["source"] == "kites.md"
        opened = await told(client, "open", document=hit["document_id"])
        assert [block["text"] for block in opened["blocks"]] == ["Kites", NOTE.partition("\n\n")[2]]
        assert opened["next"] is None


async def test_answers_come_with_citations(home: Path) -> None:
    async with connected(home) as client:
        answer = await told(client, "ask", question="How many pairs did the observatory count in 2024?")
        assert "31 pairs" in answer["answer"]
        assert [one["source"] for one in answer["citations"]] == ["kites.md"]
        assert all(one["verified"] for one in answer["citations"])


async def test_filters_and_kinds_bind(home: Path) -> None:
    async with connected(home) as client:
        found = await told(client, "search", query="31", filter={"source": "wind.txt"})
        assert {hit["source"] for hit in found["hits"]} == {"wind.txt"}
        assert (await told(client, "search", query="31", types=["image"]))["hits"] == []


async def test_lists_and_status(home: Path) -> None:
    async with connected(home) as client:
        listed = await told(client, "list", containing="KITES")
        assert [one["source"] for one in listed["documents"]] == ["kites.md"]
        status = await told(client, "status")
        assert (status["documents"], status["unfinished"]) == (2, 0)


async def test_the_past_is_asked_as_of_a_date(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = {"2026-03-01": "oaks", "2026-04-01": "pines"}
    async with Engine.open(Settings(home=home, history=True), embedder=FakeEmbedder()) as engine:
        for day, trees in days.items():
            monkeypatch.setattr(moments, "now", lambda day=day: f"{day}T12:00:00Z")
            await engine.add(Content(f"The honey buzzard nests in {trees}.", "buzzards.md"))
    question = "Where does the honey buzzard nest?"
    async with connected(home) as client:
        for day, trees in days.items():
            found = await told(client, "search", query=question, filter={"source": "buzzards.md"}, as_of=day)
            assert [trees in hit["text"] for hit in found["hits"]] == [True]
            assert trees in (await told(client, "ask", question=question, as_of=day))["answer"]
            opened = await told(client, "open", document="buzzards.md", as_of=day)
            assert trees in opened["blocks"][0]["text"]
            listed = await told(client, "list", containing="buzzard", as_of=day)
            assert [one["id"] for one in listed["documents"]] == [opened["document"]["id"]]
        assert (await told(client, "list", as_of="2026-02-01"))["total"] == 0
        assert "as of 2026-02-01" in await refusal(client, "open", document="buzzards.md", as_of="2026-02-01")
        assert "no date" in await refusal(client, "ask", question=question, as_of="soon")


async def test_long_documents_are_opened_piece_by_piece(tmp_path: Path) -> None:
    paragraphs = [f"Paragraph {number}. " + "Kites soar. " * 100 for number in range(50)]
    async with connected(tmp_path / "data", writes=True) as client:
        await told(client, "add", text="\n\n".join(paragraphs), name="long.txt")
        seen: list[str] = []
        start: int | None = 0
        while start is not None:
            opened = await told(client, "open", document="long.txt", start=start)
            texts = [block["text"] for block in opened["blocks"]]
            assert 0 < sum(map(len, texts)) <= MOST_CHARACTERS
            seen += texts
            start = opened["next"]
        assert [text.split(".")[0] for text in seen] == [text.split(".")[0] for text in paragraphs]


async def test_errors_say_what_to_do(home: Path) -> None:
    async with connected(home) as client:
        assert "error[not_found]" in await refusal(client, "open", document="owls.md")
        assert "error[not_found]" in await refusal(client, "open", document="kites.md", page=7)
        assert "collection" in await refusal(client, "search", query="kites", collection="../x")
        assert await refusal(client, "search", query="")


async def test_writing_stays_under_its_root(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "owl.txt").write_text("Owls hunt at night.")
    (tmp_path / "secret.txt").write_text("The key is under the mat.")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    async with connected(home, writes=True, root=root) as client:
        added = await told(client, "add", source="owl.txt")
        assert [one["status"] for one in added["documents"]] == ["searchable"]
        for outside in ("../secret.txt", str(tmp_path / "secret.txt"), "/etc/passwd", "link.txt"):
            assert "outside" in await refusal(client, "add", source=outside)
        assert "error[usage]" in await refusal(client, "add", source="owl.txt", text="x", name="y")
        assert "error[usage]" in await refusal(client, "add", text="Without a name.")
        assert (await told(client, "remove", document="owl.txt"))["removed"]
        assert (await told(client, "search", query="owls"))["hits"][0]["source"] != "owl.txt"


async def test_the_folder_is_free_while_nothing_is_asked(home: Path) -> None:
    async with connected(home) as client:
        await told(client, "status")
        with pytest.raises(LockedError):
            async with engine_at(home):
                pass
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                async with engine_at(home) as engine:
                    await engine.add(Content("Buzzards circle.", "buzzard.txt"))
                    break
            except LockedError:
                await asyncio.sleep(0.1)
        assert (await told(client, "status"))["documents"] == 3


async def test_another_process_that_stays_is_named(home: Path) -> None:
    held = Held(lambda: engine_at(home), patience_seconds=0.5)
    async with engine_at(home), Client(server(held.engine)) as client:
        assert "error[locked]" in await refusal(client, "status")
    async with Client(server(held.engine)) as client:
        assert (await told(client, "status"))["documents"] == 2
    await held.close()


async def test_over_a_pipe(tmp_path: Path) -> None:
    args = ["-m", "glede", "mcp", "--home", str(tmp_path / "pipe"), "--allow-write"]
    command = StdioServerParameters(command=sys.executable, args=args, env=dict(os.environ))
    async with Client(command, read_timeout_seconds=60) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READS | WRITES
        await told(client, "add", text=NOTE, name="kites.md")
        answer = await told(client, "ask", question="How many pairs were counted in 2024?")
        assert [one["source"] for one in answer["citations"]] == ["kites.md"]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = str(tmp_path / "http")
    command = [
        sys.executable,
        "-m",
        "glede",
        "mcp",
        "--home",
        home,
        "--http",
        "--port",
        str(port),
        "--allow-write",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
        try:
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.terminate()
            assert process.wait(20) in (0, 5)


def status_of(address: str, **headers: str) -> int:
    asked = urllib.request.Request(address, b"{}", {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(asked, timeout=10) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


async def test_over_http(address: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            foreign = status_of(address, Host="evil.example")
            break
        except urllib.error.URLError:
            await asyncio.sleep(0.2)
    assert foreign in (403, 421)
    assert status_of(address, Origin="https://evil.example") == 403
    async with Client(address, read_timeout_seconds=60) as client:
        await told(client, "add", text=NOTE, name="kites.md")
        found = await told(client, "search", query="pairs of kites", limit=1)
        assert found["hits"][0]["source"] == "kites.md"


def test_other_addresses_are_refused(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "glede",
        "mcp",
        "--home",
        str(tmp_path),
        "--http",
        "--host",
        "0.0.0.0",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "glede serve" in done.stderr
