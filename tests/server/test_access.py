"""Every route asks who you are: the table of routes, each with no key, a wrong one, and those of others."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import pytest
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from glede.server.app import application
from glede.server.service import Service
from tests.assistants.speaking import OPENING
from tests.cli.running import glede
from tests.server.serving import Running, client_of, key, serving

Need = Literal["nobody", "anybody", "read", "write", "admin", "all read", "all admin"]


@dataclass(frozen=True)
class Asked:
    """A route as it is asked here, and who may: in collection `mine`, or in all."""

    need: Need
    path: str = ""
    body: Any = None
    own: bool = False
    """Whether others are answered with what is theirs, and not refused."""


DOCUMENT = "/v1/collections/{collection}/documents/{document}"
GRAPH = "/v1/collections/{collection}/graph"
CHAT = {"messages": [{"role": "user", "content": "What does it eat?"}], "stream": False}
TABLE: dict[str, Asked] = {
    "GET /healthz": Asked("nobody"),
    "GET /readyz": Asked("nobody"),
    "GET /": Asked("nobody"),
    "GET /icon.svg": Asked("nobody"),
    "GET /licenses.md": Asked("nobody"),
    "GET /licenses-of-workers.txt": Asked("nobody"),
    "GET /assets/{file}": Asked("nobody"),
    "GET /metrics": Asked("all read"),
    "GET /v1/usage": Asked("all admin"),
    "GET /v1/settings": Asked("all admin"),
    "GET /v1/openapi.json": Asked("anybody"),
    "GET /v1/collections": Asked("anybody", own=True),
    "POST /v1/collections": Asked("admin", body={"name": "mine"}),
    "GET /v1/collections/{collection}": Asked("read"),
    "DELETE /v1/collections/{collection}": Asked("admin"),
    "POST /v1/collections/{collection}/documents": Asked(
        "write", body={"documents": [{"source": "a.txt", "text": "The heron wades."}]}
    ),
    "GET /v1/collections/{collection}/documents": Asked("read"),
    f"GET {DOCUMENT}": Asked("read"),
    f"GET {DOCUMENT}/blocks": Asked("read"),
    f"GET {DOCUMENT}/entities": Asked("read"),
    f"GET {DOCUMENT}/usage": Asked("read"),
    f"GET {DOCUMENT}/pages/{{number}}/image": Asked("read"),
    f"GET {DOCUMENT}/assets/{{asset}}": Asked("read"),
    f"DELETE {DOCUMENT}": Asked("write"),
    f"GET {DOCUMENT}/tables": Asked("read"),
    f"GET {DOCUMENT}/tables/{{number}}": Asked("read"),
    f"POST {DOCUMENT}/tables/{{number}}/query": Asked("read", body={"sql": "SELECT 1 FROM rows"}),
    f"POST {DOCUMENT}/tables/{{number}}/ask": Asked("read", body={"question": "How many?"}),
    "POST /v1/collections/{collection}/search": Asked("read", body={"query": "kites"}),
    "POST /v1/collections/{collection}/ask": Asked("read", body={"question": "What does it eat?"}),
    f"GET {GRAPH}": Asked("read"),
    f"GET {GRAPH}/neighbourhood": Asked("read", "?name=Kite"),
    f"GET {GRAPH}/entities": Asked("read"),
    f"GET {GRAPH}/relations": Asked("read"),
    f"GET {GRAPH}/entity": Asked("read", "?name=Kite"),
    f"GET {GRAPH}/path": Asked("read", "?start=Kite&goal=Vole"),
    f"GET {GRAPH}/themes": Asked("read"),
    f"POST {GRAPH}/themes": Asked("read", body={}),
    f"POST {GRAPH}/resolve": Asked("write", body={"dry_run": True}),
    f"GET {GRAPH}/edits": Asked("read"),
    f"POST {GRAPH}/merge": Asked("write", body={"name": "Kite", "others": ["Vole"]}),
    f"POST {GRAPH}/split": Asked("write", body={"name": "Kite", "documents": ["kites.txt"]}),
    f"POST {GRAPH}/undo": Asked("write", body={}),
    "POST /v1/collections/{collection}/sync": Asked("write", body={"folder": "/nowhere"}),
    "POST /v1/collections/{collection}/retry": Asked("write", body={}),
    "POST /v1/collections/{collection}/disable": Asked("write", body={"documents": ["a.txt"]}),
    "POST /v1/collections/{collection}/enable": Asked("write", body={"documents": ["a.txt"]}),
    "GET /v1/collections/{collection}/versions": Asked("read", "?name=kites.txt"),
    "POST /v1/collections/{collection}/purge": Asked("admin", body={"before": "2026-01-01"}),
    "GET /v1/jobs": Asked("anybody", own=True),
    "GET /v1/jobs/{job}": Asked("read"),
    "GET /v1/jobs/{job}/events": Asked("read"),
    "POST /v1/jobs/{job}/cancel": Asked("write"),
    "POST /v1/jobs/{job}/pause": Asked("write"),
    "POST /v1/jobs/{job}/retry": Asked("write"),
    "POST /v1/chat/completions": Asked("read", body={**CHAT, "model": "glede/mine"}),
    "POST /v1/responses": Asked("read", body={"model": "glede/mine", "input": "What does it eat?"}),
    "GET /v1/models": Asked("anybody", own=True),
    "GET /v1/models/{name}": Asked("read"),
    "POST /mcp": Asked("anybody", body=OPENING),
    "POST /v1/embeddings": Asked("anybody", body={"model": "local:use3", "input": "kites"}),
    "POST /v1/rerank": Asked("anybody", body={"query": "kites", "documents": ["a kite"]}),
    "GET /api/version": Asked("anybody"),
    "GET /api/tags": Asked("anybody", own=True),
    "GET /api/ps": Asked("anybody"),
    "POST /api/show": Asked("read", body={"model": "glede/mine"}),
    "POST /api/chat": Asked("read", body={**CHAT, "model": "glede/mine"}),
    "POST /api/generate": Asked("read", body={"model": "glede/mine", "prompt": "What?", "stream": False}),
}
"""Who may ask what. A route that is not in here fails the first test, whoever adds it."""


def routes() -> set[str]:
    """All routes of the application, as method and path."""
    return set(found_in(application(cast("Service", None)).routes))


def found_in(listed: Iterable[BaseRoute]) -> Iterator[str]:
    for route in listed:
        if isinstance(route, APIRoute):
            yield from (f"{method} {route.path.replace(':path}', '}')}" for method in route.methods or ())
        else:  # newer versions of FastAPI keep an included router whole; any other kind is an error here
            yield from found_in(route.original_router.routes)  # type: ignore[attr-defined]


@dataclass
class Keyed:
    """A server with keys, and a document and a job in the collection `mine`."""

    server: Running
    keys: dict[str, str]
    document: str
    job: int

    def ask(self, route: str, who: str | None) -> tuple[int, str]:
        method, path = route.split()
        asked = TABLE[route]
        values = {
            "collection": "mine",
            "document": self.document,
            "job": str(self.job),
            "number": "1",
            "asset": "0" * 64,
            "name": "glede/mine",
            "file": "index.js",
        }
        with client_of(self.server.address, None if who is None else self.keys[who]) as client:
            answered = client.request(method, path.format(**values) + asked.path, json=asked.body)
        return answered.status_code, answered.text


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyed]:
    folder = tmp_path_factory.mktemp("keyed")
    keys = {
        "reader": key(folder, "reader", "read:mine"),
        "writer": key(folder, "writer", "write:mine"),
        "admin": key(folder, "admin", "admin:mine"),
        "other": key(folder, "other", "admin:theirs"),
        "auditor": key(folder, "auditor", "read:*"),
        "ruler": key(folder, "ruler", "admin:*"),
        "revoked": key(folder, "revoked", "admin:*"),
        "wrong": "glede_" + "A" * 43,
    }
    with serving(folder) as server:
        with server.as_(keys["ruler"]) as ruler:
            file = folder / "kites.txt"
            file.write_text("The red kite MINE-CANARY eats mice. Milvus nests in oaks.")
            mine = server.upload("mine", file, client=ruler)
            file.write_text("The heron THEIR-CANARY eats fish.")
            server.upload("theirs", file, client=ruler)
            assert ruler.get("/v1/usage").status_code == 200
        with server.as_(keys["revoked"]) as revoked:
            assert revoked.get("/v1/usage").status_code == 200
        assert glede("keys", "revoke", "revoked", cwd=folder).code == 0
        yield Keyed(server, keys, mine["report"]["documents"][0]["id"], mine["job"]["id"])


def test_every_route_is_in_the_table() -> None:
    assert routes() == set(TABLE)


@pytest.mark.parametrize("route", TABLE)
@pytest.mark.parametrize("who", [None, "wrong", "revoked"])
def test_without_a_good_key_nobody_is_let_in(keyed: Keyed, route: str, who: str | None) -> None:
    status, text = keyed.ask(route, who)
    assert status in ((200, 404) if TABLE[route].need == "nobody" else (401,))
    assert "CANARY" not in text
    assert "mine" not in text


ALLOWED: dict[Need, set[str]] = {
    "nobody": {"reader", "other"},
    "anybody": {"reader", "other"},
    "read": {"reader"},
    "write": set(),
    "admin": set(),
    "all read": set(),
    "all admin": set(),
}


@pytest.mark.parametrize("route", TABLE)
def test_a_key_to_read_writes_nothing(keyed: Keyed, route: str) -> None:
    status, _ = keyed.ask(route, "reader")
    if "reader" in ALLOWED[TABLE[route].need]:
        assert status not in (401, 403)
        assert status < 500
    else:
        assert status == 403


@pytest.mark.parametrize("route", TABLE)
def test_what_is_anothers_is_not_there(keyed: Keyed, route: str) -> None:
    status, text = keyed.ask(route, "other")
    need = TABLE[route].need
    if need in ("nobody", "anybody"):
        assert status in ((200, 404) if need == "nobody" else (200,))
    elif need in ("all read", "all admin"):
        assert status == 403
    else:
        assert status == 404
    assert "MINE-CANARY" not in text
    if TABLE[route].own:
        assert "mine" not in text


def test_what_is_anothers_looks_like_what_is_not_there(keyed: Keyed) -> None:
    with keyed.server.as_(keyed.keys["other"]) as other:
        theirs = other.get("/v1/collections/mine").json()
        nothing = other.get("/v1/collections/nothing").json()
        assert theirs["detail"].replace("mine", "nothing") == nothing["detail"]
        job = other.get(f"/v1/jobs/{keyed.job}").json()
        none = other.get("/v1/jobs/99").json()
    assert job["detail"].replace(str(keyed.job), "99") == none["detail"]


def test_who_reads_everywhere_sees_the_counters(keyed: Keyed) -> None:
    assert keyed.ask("GET /metrics", "auditor")[0] == 200
    assert keyed.ask("GET /v1/usage", "auditor")[0] == 403
    assert keyed.ask("GET /v1/usage", "ruler")[0] == 200


def test_the_owner_of_the_folder_is_let_in(keyed: Keyed) -> None:
    with keyed.server.as_(keyed.server.pass_) as owner:
        assert owner.get("/v1/usage").status_code == 200
    note = keyed.server.folder / "data" / "server.json"
    assert note.stat().st_mode & 0o777 == 0o600


def test_a_writer_adds_and_removes(keyed: Keyed) -> None:
    with keyed.server.as_(keyed.keys["writer"]) as writer:
        file = keyed.server.folder / "owl.txt"
        file.write_text("The owl hunts at night.")
        added = keyed.server.upload("mine", file, client=writer)["report"]["documents"][0]["id"]
        assert writer.delete(f"/v1/collections/mine/documents/{added}").status_code == 200
        assert writer.delete("/v1/collections/mine").status_code == 403
        urls = writer.post("/v1/collections/mine/documents", json={"urls": ["https://example.org/"]})
        assert urls.status_code == 403


def test_no_address_is_the_path_of_a_file_here(keyed: Keyed) -> None:
    """S6: an administrator from elsewhere has addresses fetched, and reads no file of this machine."""
    secret = keyed.server.folder / "secret.txt"
    secret.write_text("canary")
    with keyed.server.as_(keyed.keys["ruler"]) as ruler:
        for url in (str(secret), "secret.txt", f"file:{secret}", f"1://../{secret}"):
            asked = ruler.post("/v1/collections/mine/documents", json={"urls": [url]})
            assert (asked.status_code, asked.json()["code"]) == (422, "invalid"), url
        asked = ruler.post("/v1/collections/mine/documents", json={"urls": [f"file://{secret}"]})
        (told,) = keyed.server.ended(asked.json()["job"]["id"], ruler)["report"]["documents"]
        assert (told["status"], told["error"]["code"]) == ("failed", "refused_address")


def test_no_tenant_ever_sees_anothers_words(keyed: Keyed) -> None:
    """Canaries through every way of reading, with names that try to reach over."""
    names = [
        "mine",
        "theirs",
        "*",
        "mine.disabled",
        "mine' or '1'='1",
        "theirs/../mine",
        "",
        "%6dine",
        "MINE",
    ]
    with keyed.server.as_(keyed.keys["other"]) as other:
        for name in names:
            for path, body in (
                (f"/v1/collections/{name}/search", {"query": "red kite MINE-CANARY"}),
                (f"/v1/collections/{name}/ask", {"question": "What does the red kite MINE-CANARY eat?"}),
                ("/v1/chat/completions", {**CHAT, "model": f"glede/{name}"}),
                ("/api/generate", {"model": f"glede/{name}", "prompt": "red kite", "stream": False}),
            ):
                answered = other.post(path, json=body)
                assert answered.status_code < 500, (path, answered.text)
                found = json.loads(answered.text) if answered.text else {}
                told = json.dumps({**found, "query": "", "question": ""}) if isinstance(found, dict) else ""
                assert "MINE-CANARY" not in told, (path, body)


def test_keys_are_nowhere_in_the_folder(keyed: Keyed) -> None:
    for file in Path(keyed.server.folder / "data").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            for name, secret in keyed.keys.items():
                assert secret.encode() not in data, (name, file)
    log = (keyed.server.folder / "serve.log").read_text()
    assert not any(secret in log for secret in keyed.keys.values())
