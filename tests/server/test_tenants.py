"""S3: tenants are apart, by every way of reading, with names that try to reach over.

In process, so that it may be many: the application is the one that is served, guard and all.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx2

from glede import Content, Engine, Settings
from glede.server.admission import Admission
from glede.server.app import application, guarded
from glede.server.guarding import Guard
from glede.server.keys import Keys, scope_of
from glede.server.metrics import Metrics
from glede.server.service import Service
from glede.server.work import Work
from glede.testing.fakes import FakeEmbedder

FULL = bool(os.environ.get("GLEDE_FULL"))
TENANTS = 50
QUERIES = 50_000 if FULL else 2_000
SEED = 20261121
CANARY = re.compile(r"CANARY-(\d\d)-[a-z]+")
NAME = re.compile(r"tenant(\d\d)")
TEXT = """# Red kite

The red kite of CANARY-{number:02}-text eats mice and voles. Milvus CANARY-{number:02}-name nests near Aller.

| bird | pairs |
|---|---|
| CANARY-{number:02}-cell | {number} |
"""
PLAIN = ("", "%/'")
"""What of a name is not quoted in a path."""
QUESTIONS = ("What does the red kite eat?", "How many pairs are there?", "Where does Milvus nest?", "CANARY")


@dataclass(frozen=True)
class Tenant:
    """A key, what it may read, and what in its own collection there is to be asked for by name."""

    secret: str
    mine: frozenset[int]
    own: int


@dataclass
class House:
    """A server in process, with its tenants; and their documents and jobs, whose numbers others may know."""

    client: httpx2.AsyncClient
    tenants: list[Tenant]
    documents: list[str]
    jobs: list[int]


def name_of(number: int) -> str:
    return f"tenant{number:02}"


@asynccontextmanager
async def housed(home: Path) -> AsyncIterator[House]:
    keys = Keys(home)
    draw = random.Random(SEED)
    settings = Settings(home=home, server_answers=1000, server_answers_per_key=1000)
    async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
        tenants, documents, jobs = [], [], []
        for number in range(TENANTS):
            report = await engine.add(
                Content(TEXT.format(number=number), "kites.md"), collection=name_of(number)
            )
            documents.append(str(report.documents[0].id))
            jobs.append(report.job or 0)
            also = frozenset(draw.sample(range(TENANTS), draw.choice((0, 0, 0, 1, 3)))) - {number}
            level = draw.choice(("read", "write", "admin"))
            scopes = [f"{level}:{name_of(number)}", *(f"read:{name_of(one)}" for one in also)]
            _, secret = keys.create(f"key {number}", [scope_of(one) for one in scopes])
            tenants.append(Tenant(secret, also | {number}, number))
        service = Service(engine, keys, Admission(1000, 1000), Work(100), Metrics())
        made = application(service)
        guard = Guard(frozenset(), frozenset(), loopback=True, most_body=2**20, most_upload=2**20)
        transport = httpx2.ASGITransport(guarded(made, guard))
        try:
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield House(client, tenants, documents, jobs)
        finally:
            await made.state.assistants.close()


def named(draw: random.Random, tenant: Tenant) -> tuple[str, int | None]:
    """The name of a collection, own, foreign or made to reach over; and the tenant that is meant."""
    other = draw.randrange(TENANTS)
    if draw.random() < 0.4:
        own = draw.choice(sorted(tenant.mine))
        return name_of(own), own
    foreign = name_of(other)
    tried = (
        foreign,
        foreign.upper(),
        f"{foreign}.disabled",
        f"{foreign}' or '1'='1",
        f'{foreign}" or collection != "',
        f"{name_of(tenant.own)}/../{foreign}",
        f"%74enant{other:02}",
        f"{foreign}\0",
        "*",
        "",
        " ",
        "None",
        "%",
        "tenant__",
        "pictures of " + foreign,
    )
    return draw.choice(tried), other


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: Any = None


def called(draw: random.Random, house: House, tenant: Tenant) -> Call:
    """One way of reading, of all there are."""
    name, other = named(draw, tenant)
    at = other if other is not None else draw.randrange(TENANTS)
    document, job, question = house.documents[at], house.jobs[at], draw.choice(QUESTIONS)
    asked = f"{question} {draw.choice(('', f'CANARY-{at:02}-text', f'CANARY-{at:02}-name'))}".strip()
    where = draw.choice(({}, {"source": "kites.md"}, {"document": document}, {"collection": name_of(at)}))
    options = {"mode": draw.choice(("mix", "naive", "local", "global", "hybrid", "auto")), "filter": where}
    messages = [{"role": "user", "content": asked}]
    model = f"glede/{name}{draw.choice(('', ':local', ':latest'))}"
    home = f"/v1/collections/{quote(name, safe=draw.choice(PLAIN))}"
    one = f"{home}/documents/{document}"
    tool = draw.choice(
        (
            ("search", {"query": asked}),
            ("ask", {"question": asked}),
            ("list", {}),
            ("status", {}),
            ("open", {"document": draw.choice((document, "kites.md"))}),
        )
    )
    arguments = {**tool[1], **({"collection": name} if draw.random() < 0.8 else {})}
    return draw.choice(
        (
            Call("POST", f"{home}/search", {"query": asked, **options}),
            Call("POST", f"{home}/search", {"query": asked, **options}),
            Call("POST", f"{home}/ask", {"question": asked, **options, "explain": True}),
            Call("POST", f"{home}/ask", {"question": asked, **options, "stream": True}),
            Call("GET", home),
            Call("GET", "/v1/collections"),
            Call("GET", f"{home}/documents"),
            Call("GET", f"{home}/documents?name=kites.md"),
            Call("GET", one),
            Call("GET", f"{one}/blocks"),
            Call("GET", f"{one}/tables"),
            Call("GET", f"{one}/tables/0"),
            Call("POST", f"{one}/tables/0/query", {"sql": "SELECT * FROM rows"}),
            Call("GET", f"{home}/graph"),
            Call("GET", f"{home}/graph/neighbourhood?name=Red%20kite&depth=3"),
            Call("GET", f"{home}/graph/entity?name=CANARY-{at:02}-name"),
            Call("GET", f"{home}/graph/path?start=Milvus&goal=Aller"),
            Call("GET", f"{home}/graph/themes"),
            Call("GET", f"{home}/graph/edits"),
            Call("GET", "/v1/jobs?limit=1000"),
            Call("GET", f"/v1/jobs/{job}"),
            Call("GET", f"/v1/jobs/{job}/events"),
            Call("POST", "/v1/chat/completions", {"model": model, "messages": messages}),
            Call("POST", "/v1/chat/completions", {"model": model, "messages": messages, "stream": True}),
            Call("GET", "/v1/models"),
            Call("GET", f"/v1/models/{quote(model, safe='/:')}"),
            Call("GET", "/api/tags"),
            Call("POST", "/api/show", {"model": model}),
            Call("POST", "/api/chat", {"model": model, "messages": messages}),
            Call("POST", "/api/generate", {"model": model, "prompt": asked, "stream": False}),
            Call("GET", "/v1/usage?by=document"),
            Call("GET", "/metrics"),
            Call("POST", "/mcp", tool_call(tool[0], arguments)),
            Call("POST", "/mcp", tool_call(tool[0], arguments)),
        )
    )


def tool_call(tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    params = {"name": tool, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


async def test_no_tenant_is_told_of_another(tmp_path: Path) -> None:
    draw = random.Random(SEED)
    statuses: Counter[int] = Counter()
    own_seen, ways = 0, set()
    async with housed(tmp_path / "home") as house:
        for _ in range(QUERIES):
            tenant = draw.choice(house.tenants)
            call = called(draw, house, tenant)
            headers = {
                "Authorization": f"Bearer {tenant.secret}",
                "Accept": "application/json, text/event-stream",
            }
            answered = await house.client.request(call.method, call.path, json=call.body, headers=headers)
            statuses[answered.status_code] += 1
            assert answered.status_code < 500, (call, answered.text)
            asked = json.dumps(call.body or "") + unquote(call.path)
            for secret in (CANARY, NAME):  # what was said in the question may come back in the answer
                heard = {one[0] for one in secret.finditer(asked)}
                told = {int(one[1]) for one in secret.finditer(answered.text) if one[0] not in heard}
                assert told <= tenant.mine, (call, answered.text)
            if CANARY.search(answered.text):
                own_seen += 1
                ways.add(re.sub(r"tenant\d\d|[0-9a-f]{32}|\d+", "_", call.path.partition("?")[0]))
    assert own_seen > QUERIES // 10  # what is theirs they are told
    assert len(ways) > 12
    assert statuses[404] > QUERIES // 10
    assert not {401, 429} & set(statuses)
