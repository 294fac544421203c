"""The native API, through a real server and a real client."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.server.serving import SAMPLES, Running, events, serving

QUESTION = "How many pairs of red kites nest at the observatory?"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("native")) as running:
        running.upload("default", *sorted(SAMPLES.iterdir()))
        yield running


def document(server: Running, source: str) -> str:
    found = server.client.get("/v1/collections/default/documents", params={"name": source}).json()
    return str(found["documents"][0]["id"])


def test_an_upload_is_a_job_that_tells_how_far_it_is(server: Running, tmp_path: Path) -> None:
    file = tmp_path / "owls.txt"
    file.write_text("The barn owl of Aller Ridge hunts voles.")
    asked = server.client.post("/v1/collections/owls/documents", files={"files": file.open("rb")})
    assert asked.status_code == 202
    job = asked.json()["job"]
    assert asked.headers["location"] == f"/v1/jobs/{job['id']}"
    told = events(server.client, f"/v1/jobs/{job['id']}/events")
    assert [event for _, event, _ in told][-1] == "end"
    numbers = [int(id_) for id_, event, _ in told if event != "heartbeat"]
    assert numbers == sorted(set(numbers))
    done = [data["done"] for _, event, data in told if event == "progress"]
    assert done == sorted(done)
    assert done[-1] == 1
    end = told[-1][2]
    assert end["job"]["state"] == "done"
    assert end["report"]["documents"][0]["status"] == "searchable"
    found = server.client.post("/v1/collections/owls/search", json={"query": "barn owl"}).json()
    assert found["hits"][0]["source"] == "owls.txt"


def test_who_lost_the_connection_is_told_the_rest(server: Running) -> None:
    whole = events(server.client, "/v1/jobs/1/events")
    progress = [one for one in whole if one[1] == "progress"]
    seen = progress[2][0]
    rest = events(server.client, "/v1/jobs/1/events", headers={"Last-Event-ID": seen})
    assert rest == [one for one in whole if int(one[0]) > int(seen)]


def test_search_is_what_the_command_line_prints(server: Running) -> None:
    found = server.client.post("/v1/collections/default/search", json={"query": QUESTION, "limit": 3})
    assert found.status_code == 200
    body = found.json()
    assert list(body) == ["query", "mode", "hits", "seconds"]
    assert len(body["hits"]) == 3
    assert body["hits"][0]["source"] == "faq.txt"


def test_an_answer_at_once_and_as_a_stream(server: Running) -> None:
    path = "/v1/collections/default/ask"
    whole = server.client.post(path, json={"question": QUESTION}).json()
    assert whole["answer"].startswith("Fourteen pairs")
    assert whole["citations"][0]["verified"] is True
    told = events(server.client, path, method="POST", json={"question": QUESTION, "stream": True})
    assert told[-1][1] == "answer"
    assert told[-1][2]["answer"] == whole["answer"]


def test_an_answer_tells_what_each_stage_took(server: Running) -> None:
    asked = server.client.post("/v1/collections/default/ask", json={"question": QUESTION}).json()
    stages = asked["stages"]
    assert list(stages)[:4] == ["embedding", "statistics", "dense", "keyword"]
    assert {"fusion", "graph", "tables", "answer"} <= set(stages)
    assert all(seconds >= 0 for seconds in stages.values())
    assert 0 < sum(stages.values()) <= asked["seconds"] + 0.01


def test_words_are_added_without_a_file(server: Running) -> None:
    body = {
        "documents": [{"source": "/etc/passwd", "text": "Herons wade in the Aller.", "metadata": {"y": 1}}]
    }
    asked = server.client.post("/v1/collections/words/documents", json=body)
    end = server.ended(asked.json()["job"]["id"])
    assert end["report"]["documents"][0]["source"] == "etc/passwd"
    found = server.client.post("/v1/collections/words/search", json={"query": "herons", "filter": {"y": 1}})
    assert len(found.json()["hits"]) == 1
    found = server.client.post("/v1/collections/words/search", json={"query": "herons", "filter": {"y": 2}})
    assert found.json()["hits"] == []


def test_a_disabled_document_is_looked_at_and_in_no_answer(server: Running) -> None:
    here = "/v1/collections/aside"
    pdf = next(file for file in SAMPLES.iterdir() if file.suffix == ".pdf")
    server.upload("aside", pdf)
    (listed,) = server.client.get(f"{here}/documents").json()["documents"]
    path = f"{here}/documents/{listed['id']}"
    parts = ("/blocks", "/pages/1/image", "/tables", "/usage")
    before = [server.client.get(f"{path}{part}").content for part in parts]
    chunks = server.client.get(path).json()["chunks"]
    assert server.client.post(f"{here}/disable", json={"documents": [listed["id"]]}).status_code == 200
    shown = server.client.get(path).json()
    assert (shown["document"]["status"], shown["chunks"]) == ("disabled", chunks)
    assert [server.client.get(f"{path}{part}").content for part in parts] == before
    assert server.client.post(f"{here}/search", json={"query": chunks[0]["text"]}).json()["hits"] == []
    assert server.client.post(f"{here}/ask", json={"question": chunks[0]["text"]}).json()["citations"] == []
    assert server.client.delete(path).status_code == 200
    assert [server.client.get(f"{path}{part}").status_code for part in ("", *parts)] == [404] * 5


def test_documents_are_listed_a_page_at_a_time(server: Running) -> None:
    path, names, cursor = "/v1/collections/default/documents", [], ""
    while True:
        page = server.client.get(path, params={"limit": 2, "cursor": cursor}).json()
        names += [one["source"] for one in page["documents"]]
        cursor = page["next"]
        if cursor is None:
            break
        assert len(page["documents"]) == 2
    assert names == sorted(file.name for file in SAMPLES.iterdir())


@pytest.mark.parametrize(
    "said", ["x", "[]", "[true]", '[0, {"a": 1}]', '[0, "\\ud800"]', '[0, "\\u0000"]', "[" * 500]
)
def test_what_is_no_cursor_is_said_to_be_none(server: Running, said: str) -> None:
    for cursor in (said, base64.urlsafe_b64encode(said.encode()).decode()):
        asked = server.client.get("/v1/collections/default/documents", params={"cursor": cursor})
        assert asked.status_code == 422
        assert asked.json()["code"] == "invalid"


def test_a_document_its_blocks_pages_and_assets(server: Running) -> None:
    path = f"/v1/collections/default/documents/{document(server, 'report.pdf')}"
    shown = server.client.get(path).json()
    assert shown["document"]["source"] == "report.pdf"
    assert shown["chunks"]
    blocks = server.client.get(f"{path}/blocks", params={"page": 1}).json()["blocks"]
    assert blocks
    assert {one["page"] for one in blocks} == {1}
    image = server.client.get(f"{path}/pages/1/image")
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")
    assert server.client.get(f"{path}/pages/999/image").status_code == 404
    unknown = server.client.get(f"{path}/assets/{'0' * 64}")
    assert unknown.status_code == 404


def test_tables_as_rows_and_in_sql(server: Running) -> None:
    path = f"/v1/collections/default/documents/{document(server, 'readings.csv')}/tables"
    table = server.client.get(path).json()["tables"][0]
    rows = server.client.get(f"{path}/{table['number']}").json()
    assert rows["total"] == len(rows["rows"]) > 0
    key = rows["columns"][0]["key"]
    asked = server.client.post(
        f"{path}/{table['number']}/query", json={"sql": f'SELECT count("{key}") FROM rows'}
    )
    assert asked.json()["rows"] == [[rows["total"]]]
    refused = server.client.post(
        f"{path}/{table['number']}/query", json={"sql": "COPY rows TO '/tmp/glede-never'"}
    )
    assert refused.status_code == 400
    assert refused.json()["code"] == "sql"
    said = server.client.post(
        f"{path}/{table['number']}/ask", json={"question": "Which is the highest wind speed?"}
    )
    assert said.status_code == 200
    asset = server.client.get(f"{path.removesuffix('/tables')}/assets/{table['asset']}")
    assert asset.content.startswith(b"PAR1")
    assert asset.headers["content-disposition"].startswith("attachment")


def test_the_graph_is_looked_at_and_mended(server: Running) -> None:
    path = "/v1/collections/default/graph"
    stats = server.client.get(path).json()
    names = [one["name"] for one in stats["entities"]]
    assert len(names) >= 2
    view = server.client.get(f"{path}/neighbourhood", params={"name": names[0]}).json()
    assert names[0] in [one["name"] for one in view["entities"]]
    entity = server.client.get(f"{path}/entity", params={"name": names[0]}).json()["entities"]
    assert [one["name"] for one in entity] == [names[0]]
    ways = server.client.get(f"{path}/path", params={"start": names[0], "goal": names[1]})
    assert ways.status_code == 200
    made = server.client.post(f"{path}/merge", json={"name": names[0], "others": [names[1]]}).json()["edit"]
    assert made["kind"] == "merge"
    undone = server.client.post(f"{path}/undo", json={"edit": made["id"]}).json()["edit"]
    assert undone["undone"] is True
    nobody = server.client.get(f"{path}/entity", params={"name": "Nobody Whom Anybody Names"})
    assert nobody.status_code == 404


def test_a_body_that_is_no_json_is_told_as_one(server: Running) -> None:
    headers = {"Content-Type": "application/json"}
    told = server.client.post("/v1/collections/default/documents", content=b"{", headers=headers)
    assert told.status_code == 422
    assert told.json()["detail"].startswith("body: Invalid JSON")


def test_the_whole_graph_comes_page_by_page(server: Running) -> None:
    graph = "/v1/collections/default/graph"
    for part in ("entities", "relations"):
        whole = server.client.get(f"{graph}/{part}", params={"limit": 2000}).json()
        assert whole["next"] is None
        found, cursor = [], ""
        while cursor is not None:
            page = server.client.get(f"{graph}/{part}", params={"limit": 7, "cursor": cursor}).json()
            found += page[part]
            cursor = page["next"]
        keys = ("id",) if part == "entities" else ("source_id", "label", "target_id")
        assert {tuple(one[key] for key in keys) for one in found} == {
            tuple(one[key] for key in keys) for one in whole[part]
        }
        assert len(found) >= 20
        for wrong in ("x", "W10=", "WyJhIl0=", "bnVsbA=="):
            asked = server.client.get(f"{graph}/{part}", params={"cursor": wrong})
            assert (asked.status_code, asked.json()["code"]) == (422, "invalid"), wrong


def test_what_a_document_names_and_has_cost(server: Running) -> None:
    about = f"/v1/collections/default/documents/{document(server, 'faq.txt')}"
    named = server.client.get(f"{about}/entities").json()["entities"]
    assert "red kites" in {one["name"].lower() for one in named}
    text = " ".join((SAMPLES / "faq.txt").read_text().lower().split())
    assert all(one["name"].lower() in text for one in named if one["type"] == "term")
    assert all(one["chunks"] <= one["mentions"] for one in named)
    first = server.client.get(f"{about}/entities", params={"limit": 2}).json()["entities"]
    assert first == named[:2]
    usage = server.client.get(f"{about}/usage").json()["usage"]
    assert (usage["source"], usage["cost"]) == ("faq.txt", 0)


def test_what_is_deleted_is_in_no_answer(server: Running, tmp_path: Path) -> None:
    file = tmp_path / "cranes.txt"
    file.write_text("Cranes dance at Lake Mirow in March.")
    added = server.upload("cranes", file)["report"]["documents"][0]["id"]
    assert added
    path = f"/v1/collections/cranes/documents/{added}"
    assert server.client.delete(path).json()["documents"][0]["source"] == "cranes.txt"
    found = server.client.post("/v1/collections/cranes/search", json={"query": "cranes dance"})
    assert found.json()["hits"] == []
    assert server.client.delete(path).status_code == 404


def test_collections_are_made_and_removed(server: Running, tmp_path: Path) -> None:
    made = server.client.post("/v1/collections", json={"name": "storks"})
    assert made.status_code == 201
    assert made.json() == {"name": "storks", "documents": 0, "chunks": 0, "model": "glede/storks"}
    file = tmp_path / "stork.txt"
    file.write_text("A stork nests on the tower of Rühstädt.")
    server.upload("storks", file)
    assert server.client.delete("/v1/collections/storks").json() == {"name": "storks", "documents": 1}
    assert server.client.get("/v1/collections/storks").status_code == 404
    names = [one["name"] for one in server.client.get("/v1/collections").json()["collections"]]
    assert "storks" not in names
    assert "default" in names


def test_errors_are_problems_with_code_and_hint(server: Running) -> None:
    found = server.client.get("/v1/collections/nothing/graph", headers={"X-Request-Id": "abc-1"})
    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"
    assert found.headers["x-request-id"] == "abc-1"
    body = found.json()
    assert body["code"] == "not_found"
    assert body["type"] == "urn:glede:problem:not_found"
    assert body["status"] == 404
    assert body["hint"]
    assert body["request_id"] == "abc-1"
    wrong = server.client.post("/v1/collections/default/search", json={"query": "x", "mode": "loud"})
    assert wrong.status_code == 422
    assert wrong.json()["code"] == "invalid"
    assert server.client.get("/nowhere").json()["code"] == "not_found"
    assert server.client.put("/v1/usage").json()["code"] == "method_not_allowed"


def test_files_and_addresses_of_the_server_are_not_for_all(server: Running) -> None:
    path = "/v1/collections/default/documents"
    refused = server.client.post(path, json={"paths": ["/etc/hostname"]})
    assert refused.status_code == 403
    file = server.folder / "near.txt"
    file.write_text("Larks sing above the heath.")
    with server.as_(server.pass_) as owner:
        asked = owner.post("/v1/collections/near/documents", json={"paths": [str(file)]})
        assert server.ended(asked.json()["job"]["id"], owner)["job"]["state"] == "done"


def test_a_job_is_listed_and_what_failed_of_it(server: Running) -> None:
    broken = {"files": ("broken.pdf", b"%PDF-1.7 nothing of it is right")}
    asked = server.client.post("/v1/collections/broken/documents", files=broken).json()
    end = server.ended(asked["job"]["id"])
    assert end["job"]["state"] == "failed"
    shown = server.client.get(f"/v1/jobs/{asked['job']['id']}").json()
    assert shown["items"][0]["source"] == "broken.pdf"
    assert shown["items"][0]["error"]["hint"]
    listed = server.client.get("/v1/jobs").json()["jobs"]
    assert asked["job"]["id"] in [job["id"] for job in listed]
    again = server.client.post(f"/v1/jobs/{asked['job']['id']}/retry")
    assert again.status_code == 202  # what was uploaded is kept
    assert server.ended(asked["job"]["id"])["report"]["documents"][0]["error"]["code"] == "malformed"


def test_metrics_usage_and_health(server: Running) -> None:
    assert server.client.get("/healthz").json() == {"status": "ok"}
    assert server.client.get("/readyz").json() == {"status": "ready"}
    text = server.client.get("/metrics").text
    assert 'glede_requests_total{method="GET",route="/healthz",status="200"}' in text
    usage = server.client.get("/v1/usage", params={"by": "model"}).json()
    assert usage["total"]["calls"] == 0


def test_a_picture_can_be_the_question(server: Running) -> None:
    made = io.BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(made, "PNG")
    encoded = base64.b64encode(made.getvalue()).decode()
    found = server.client.post("/v1/collections/default/search", json={"image": encoded})
    assert found.status_code == 200
    wrong = server.client.post("/v1/collections/default/search", json={"image": "no base64!"})
    assert wrong.status_code == 422
