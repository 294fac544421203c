"""The past in the pages: asked as of a day, listed, and its sources opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.pages.conftest import Seen
from tests.server.serving import Running, serving

QUESTION = "What does the barn owl hunt?"
LONG_AGO = "2001-01-01"


def say(server: Running, prey: str) -> None:
    body = {"documents": [{"source": "owls.txt", "text": f"The barn owl hunts {prey} by sound alone."}]}
    begun = server.client.post("/v1/collections/default/documents", json=body)
    server.ended(begun.json()["job"]["id"], server.client)


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("kept")
    with serving(folder, env={"GLEDE_HISTORY": "true", "GLEDE_EXTRACTOR": "none"}) as running:
        say(running, "voles")
        time.sleep(1.1)  # times are kept to the second
        say(running, "frogs")
        yield running


@pytest.fixture
def seen(keeping: Running, browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, timezone_id="UTC")
    context.set_default_timeout(30_000)
    seen = Seen(context.new_page(), keeping.address)
    yield seen
    context.close()
    assert (seen.wrong, seen.foreign) == ([], [])


def ask_as_of(page: Page, day: str) -> None:
    options = page.get_by_label("As of")
    if not options.is_visible():
        page.get_by_text("How to search").click()
    options.fill(day)
    page.get_by_label("Ask a question").fill(QUESTION)
    page.get_by_label("Ask a question").press("Enter")
    expect(page.locator("article").last.locator(".answer")).to_have_attribute("aria-busy", "false")


def test_a_question_as_of_a_day(seen: Seen, keeping: Running, pictures: Path) -> None:
    today = datetime.now(UTC).date()
    page = seen.open()
    ask_as_of(page, str(today))
    answer = page.locator("article").last
    expect(answer).to_contain_text("frogs")
    expect(answer).to_contain_text("As of")
    expect(answer.get_by_label("Sources")).to_contain_text("since")
    ask_as_of(page, LONG_AGO)
    expect(page.locator("article").last).not_to_contain_text("frogs")
    expect(page.locator("article").last.get_by_label("Sources")).to_have_count(0)
    page.screenshot(path=pictures / "past-ask.png")


def test_the_library_as_of_a_day(seen: Seen, keeping: Running, pictures: Path) -> None:
    page = seen.open("library")
    expect(page.get_by_role("button", name="Remove: owls.txt")).to_have_count(1)
    page.get_by_label("As of").fill(str(datetime.now(UTC).date()))
    page.get_by_label("As of").press("Tab")
    expect(page.get_by_role("button", name="Remove: owls.txt")).to_have_count(0)
    page.screenshot(path=pictures / "past-library.png")
    page.get_by_label("As of").fill(LONG_AGO)
    page.get_by_label("As of").press("Tab")
    expect(page.get_by_text("Nothing was here then.")).to_be_visible()
    page.get_by_role("button", name="Back to today").click()
    expect(page.get_by_role("button", name="Remove: owls.txt")).to_have_count(1)


def test_a_former_version_is_shown_and_not_to_be_removed(seen: Seen, keeping: Running) -> None:
    asked = keeping.client.get("/v1/collections/default/versions", params={"name": "owls.txt"}).json()
    page = seen.open(f"library/{asked['versions'][0]['document_id']}")
    expect(page.get_by_text("The barn owl hunts voles by sound alone.").first).to_be_visible()
    expect(page.get_by_text("past", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)
