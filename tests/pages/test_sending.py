"""What people send: addresses and metadata, and what becomes of it where they or the server hurry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.pages.conftest import Seen
from tests.pages.test_flows import REPORT, ask
from tests.pages.test_in_use import unanswered, upload
from tests.server.serving import Running, serving
from tests.web_server import served

QUESTION = "What do red kites eat?"


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that takes a job at a time, each for a second at least, and fetches from this machine."""
    env = {
        "GLEDE_FETCH_PRIVATE": "true",
        "GLEDE_SERVER_JOBS": "1",
        "GLEDE_FAILPOINTS": "commit.inside=delay:1",
    }
    with serving(tmp_path_factory.mktemp("slow"), env=env) as running:
        yield running


@pytest.fixture
def sending(slow: Running, browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    yield (seen := Seen(context.new_page(), slow.address))
    context.close()
    assert seen.wrong == []


def test_a_page_of_the_web_is_added_with_metadata(sending: Seen, slow: Running) -> None:
    page = sending.open("library")
    with served() as site:
        page.get_by_label("Kept with what is added").fill("year=2026, topic=birds of prey")
        page.get_by_label("Or from the web").fill(site.address("/kites"))
        page.keyboard.press("Enter")
        page.locator("tbody").get_by_role("link", name="Kites").click(timeout=60_000)
    expect(page.get_by_role("region", name="Blocks")).to_contain_text("nests in old oaks")
    expect(page.get_by_text("topic=birds of prey")).to_be_visible()
    asked = {"query": "kite", "filter": {"year": "2026", "topic": "birds of prey"}}
    assert slow.client.post("/v1/collections/default/search", json=asked).json()["hits"]


def test_a_server_with_its_hands_full_is_asked_again_later(
    sending: Seen, slow: Running, tmp_path: Path
) -> None:
    told: list[Response] = []
    page = sending.open("library")
    page.on("response", lambda one: told.append(one))  # noqa: PLW0108 - Playwright marks what it is given
    begun = slow.client.post(
        "/v1/collections/default/documents",
        json={"documents": [{"source": "teal.txt", "text": "The teal is the smallest duck."}]},
    )
    (tmp_path / "smew.txt").write_text("The smew dives for fish.")
    upload(page, tmp_path / "smew.txt")
    expect(page.get_by_text("Sending 0 of 1")).to_be_visible()
    slow.ended(begun.json()["job"]["id"])
    expect(page.locator("tbody tr", has_text="smew.txt")).to_contain_text("searchable", timeout=60_000)
    sent = [one for one in told if one.request.method == "POST"]
    assert (sent[0].status, sent[-1].status) == (503, 202)
    for one, after in pairwise(sent):
        waited = after.request.timing["startTime"] - one.request.timing["startTime"]
        assert waited >= 1000 * int(one.headers["retry-after"])
    sending.wrong[:] = [said for said in sending.wrong if "503" not in said]


def test_who_leaves_while_something_is_sent_is_asked(seen: Seen, tmp_path: Path) -> None:
    page = seen.open("library")
    page.route(re.compile("/documents$"), unanswered)
    page.get_by_role("heading", name="Library").click()  # a browser asks nobody who has done nothing
    (tmp_path / "stint.txt").write_text("The stint runs along the water.")
    upload(page, tmp_path / "stint.txt")
    expect(page.get_by_text("Sending 0 of 1")).to_be_visible()
    with page.expect_event("dialog") as asked:
        page.evaluate("setTimeout(() => location.reload())")
    assert asked.value.type == "beforeunload"
    expect(page.get_by_text("Sending 0 of 1")).to_be_visible()
    seen.wrong.clear()  # that dialog, which was answered with "stay"


def test_a_new_answer_comes_into_sight_unless_somebody_reads_above(seen: Seen) -> None:
    page = seen.open()
    page.set_viewport_size({"width": 1280, "height": 500})
    for question in (QUESTION, REPORT, "How do I tell a red kite from a buzzard?"):
        ask(page, question)
    last, frame = page.locator("article").last, page.get_by_role("region", name="This conversation")
    expect(last.locator(".answer")).to_be_in_viewport()
    expect(page.locator("article h2").first).not_to_be_in_viewport()
    frame.hover()
    page.mouse.wheel(0, -5000)
    expect(page.locator("article h2").first).to_be_in_viewport()
    page.route("**/ask", unanswered)
    page.get_by_label("Ask a question").fill("Who is still there?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Who is still there?")).to_be_in_viewport()
