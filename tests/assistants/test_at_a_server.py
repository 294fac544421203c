"""`/mcp` of a server, with the official client: keys, scopes, hosts and limits are those of the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.assistants.speaking import OPENING, refusal, told
from tests.cli.running import glede
from tests.server.serving import Running, key, serving

READS = {"search", "open", "ask", "list", "status"}
WRITES = {"add", "remove"}


@dataclass
class Door:
    server: Running
    keys: dict[str, str]

    @asynccontextmanager
    async def as_(self, who: str) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {self.keys[who]}"}
        async with httpx2.AsyncClient(headers=headers, timeout=60, trust_env=False) as http:
            transport = streamable_http_client(f"{self.server.address}/mcp", http_client=http)
            async with Client(transport, read_timeout_seconds=60) as client:
                yield client

    def post(self, who: str | None, **headers: str) -> httpx2.Response:
        given = {"Accept": "application/json, text/event-stream", **headers}
        if who is not None:
            given["Authorization"] = f"Bearer {self.keys[who]}"
        return self.server.client.post("/mcp", json=OPENING, headers=given)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    keys = {
        "reader": key(folder, "reader", "read:mine"),
        "writer": key(folder, "writer", "write:mine"),
        "other": key(folder, "other", "admin:theirs"),
        "both": key(folder, "both", "read:mine", "write:theirs"),
        "ruler": key(folder, "ruler", "admin:*"),
        "revoked": key(folder, "revoked", "admin:*"),
    }
    with serving(folder, env={"GLEDE_EXTRACTOR": "none"}) as server:
        with server.as_(keys["ruler"]) as ruler:
            file = folder / "kites.txt"
            file.write_text("The red kite MINE-CANARY eats mice. It nests in oaks.")
            server.upload("mine", file, client=ruler)
            file.write_text("The heron THEIR-CANARY eats fish.")
            server.upload("theirs", file, client=ruler)
        assert glede("keys", "revoke", "revoked", cwd=folder).code == 0
        yield Door(server, keys)


async def test_who_reads_is_offered_reading(door: Door) -> None:
    async with door.as_("reader") as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READS
        found = await told(client, "search", query="What does the red kite eat?")
        assert "MINE-CANARY" in found["hits"][0]["text"]
        answer = await told(client, "ask", question="What does the red kite eat?", collection="mine")
        assert answer["citations"][0]["verified"]
        assert (await told(client, "status"))["collection"] == "mine"
        assert (await client.call_tool("remove", {"document": "kites.txt"})).is_error


async def test_who_writes_may_add_and_remove_in_their_own(door: Door) -> None:
    async with door.as_("writer") as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == READS | WRITES
        added = await told(client, "add", text="Owls hunt at night.", name="owl.txt")
        assert [one["status"] for one in added["documents"]] == ["searchable"]
        assert (await told(client, "list", containing="owl"))["total"] == 1
        assert (await told(client, "remove", document="owl.txt"))["removed"] == ["owl.txt"]
        assert "error[not_found]" in await refusal(client, "add", text="x", name="x", collection="theirs")


async def test_nobody_names_files_of_the_server_and_few_name_addresses(door: Door, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The key is under the mat.")
    for who in ("writer", "ruler"):
        async with door.as_(who) as client:
            for source in (str(secret), "secret.txt", "/etc/passwd", "../data/keys.db"):
                said = await refusal(client, "add", source=source, collection="mine")
                assert "error[forbidden]" in said
    async with door.as_("writer") as client:
        assert "error[forbidden]" in await refusal(client, "add", source="http://127.0.0.1:9/x")
    async with door.as_("ruler") as client:  # who may, is held by the fetcher to what may be reached
        report = await told(client, "add", source="http://127.0.0.1:9/x", collection="mine")
        assert report["documents"][0]["status"] == "failed"


@pytest.mark.parametrize(
    "name", ["mine", "*", "mine.disabled", "mine' or '1'='1", "theirs/../mine", "%6dine", "MINE", " mine"]
)
async def test_tenants_are_apart(door: Door, name: str) -> None:
    """S3 through the tools."""
    async with door.as_("other") as client:
        for tool, arguments in (
            ("search", {"query": "red kite MINE-CANARY"}),
            ("ask", {"question": "What does the red kite MINE-CANARY eat?"}),
            ("list", {}),
            ("open", {"document": "kites.txt"}),
            ("status", {}),
            ("add", {"text": "x", "name": "x"}),
            ("remove", {"document": "kites.txt"}),
        ):
            result = await client.call_tool(tool, {**arguments, "collection": name})
            assert result.is_error
            assert "eats mice" not in str(result.content)
        hits = (await told(client, "search", query="red kite"))["hits"]
        assert {hit["text"] for hit in hits} == {"The heron THEIR-CANARY eats fish."}


async def test_a_key_for_two_says_which(door: Door) -> None:
    async with door.as_("both") as client:
        assert "error[not_found]" in await refusal(client, "search", query="kite")
        assert (await told(client, "search", query="kite", collection="mine"))["hits"]
        assert "error[forbidden]" in await refusal(client, "remove", document="kites.txt", collection="mine")


def test_without_a_good_key_nobody_is_let_in(door: Door) -> None:
    assert door.post(None).status_code == 401
    assert door.post("revoked").status_code == 401
    opened = door.post("reader")
    assert opened.status_code == 200
    assert opened.json()["result"]["serverInfo"]["name"] == "glede"


async def test_a_key_that_is_revoked_meanwhile_opens_nothing(door: Door) -> None:
    door.keys["leaving"] = key(door.server.folder, "leaving", "read:mine")
    async with door.as_("leaving") as client:
        await told(client, "status")
        assert glede("keys", "revoke", "leaving", cwd=door.server.folder).code == 0
        with pytest.raises(Exception, match=r"401|[Uu]nauthori[sz]ed|fail|error"):
            await told(client, "status")


def test_other_hosts_and_pages_of_other_sites_are_refused(door: Door) -> None:
    assert door.post("reader", Host="evil.example").status_code == 421
    assert door.post("reader", Origin="https://evil.example").status_code == 403


def test_only_calls_are_answered(door: Door) -> None:
    with door.server.as_(door.keys["reader"]) as reader:
        for method in ("GET", "DELETE", "PUT"):
            assert reader.request(method, "/mcp").status_code == 405
        large = reader.post("/mcp", content=b"x" * (17 * 2**20))
        assert large.status_code == 413
        assert (
            reader.post("/mcp", content=b"{", headers={"Content-Type": "application/json"}).status_code == 400
        )


def test_the_server_ends_in_order(door: Door) -> None:
    """The last test here."""
    assert door.server.stop() == 0
