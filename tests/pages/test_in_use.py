"""The pages as hasty people use them: reloads, tabs, "back", files that fail, more than one call can hold."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from tests.pages.conftest import Seen
from tests.pages.test_flows import REPORT, ask
from tests.server.serving import Running

QUESTION = "What do red kites eat?"


@pytest.fixture
def collection(seen: Seen, server: Running) -> Iterator[str]:
    """A collection of the test's own, which the pages show."""
    name = "in-use"
    server.client.post("/v1/collections", json={"name": name}).raise_for_status()
    seen.open("settings").get_by_role("button", name=name, exact=True).click()
    yield name
    server.client.delete(f"/v1/collections/{name}").raise_for_status()


def upload(page: Page, *files: Path) -> None:
    page.locator("input[type=file]").first.set_input_files([str(file) for file in files])


def unanswered(_: Route) -> None:
    """A server that takes its time."""


def test_a_reload_loses_no_question(seen: Seen) -> None:
    page = seen.open()
    ask(page, QUESTION)
    page.route("**/ask", unanswered)
    page.get_by_label("Ask a question").fill(REPORT)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.reload()
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("article").first).to_contain_text("carrion")
    last = page.locator("article").last
    expect(last).to_contain_text("The answer broke off.")
    page.unroute("**/ask")
    last.get_by_role("button", name="Ask again").click()
    expect(last.locator(".marker").first).to_be_visible(timeout=60_000)
    expect(last).not_to_contain_text("The answer broke off.")


def test_an_answer_goes_on_while_other_pages_are_looked_at(seen: Seen) -> None:
    page = seen.open()
    page.route("**/ask", unanswered)
    page.get_by_label("Ask a question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("link", name="Library").click()
    page.get_by_role("heading", name="Library").wait_for()
    page.get_by_role("link", name="Ask", exact=True).click()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("article")).to_contain_text("The answer broke off.")
    page.unroute("**/ask")


def test_tabs_keep_one_anothers_conversations(seen: Seen) -> None:
    page = seen.open()
    ask(page, QUESTION)
    other = Seen(page.context.new_page(), seen.address)
    ask(other.open(), REPORT)
    expect(page.get_by_text("Conversations (2)")).to_be_visible()
    ask(page, "How do I tell a red kite from a buzzard?")
    other.page.reload()
    expect(other.page.get_by_text("Conversations (2)")).to_be_visible()
    expect(other.page.locator("article h2").first).to_have_text(REPORT)
    assert other.wrong == []


def test_back_closes_the_source(seen: Seen) -> None:
    page = seen.open()
    page.set_viewport_size({"width": 360, "height": 740})
    ask(page, QUESTION)
    page.locator("article .marker").first.click()
    expect(page.get_by_role("complementary")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("complementary")).to_have_count(0)
    expect(page.locator("article")).to_contain_text("carrion")
    expect(page.locator("article .marker").first).to_be_focused()


def test_an_address_that_was_cut_opens_the_pages(seen: Seen) -> None:
    page = seen.open("library/%E0%A4%A")
    expect(page.get_by_role("navigation")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_visible()
    seen.wrong[:] = [said for said in seen.wrong if "422" not in said]


def test_a_file_let_go_beside_the_place_for_it_is_not_opened(seen: Seen) -> None:
    page = seen.open()
    drop = """([kind, type]) => {
        const data = new DataTransfer();
        data.items.add(new File(["x"], "a", { type }));
        const event = new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data });
        document.querySelector("nav").dispatchEvent(event);
        return event.defaultPrevented;
    }"""
    assert page.evaluate(drop, ["dragover", "image/png"])
    assert page.evaluate(drop, ["drop", "text/plain"])
    expect(page.get_by_role("alert")).to_contain_text("Only pictures")
    assert page.evaluate(drop, ["drop", "image/png"])
    expect(page.get_by_role("button", name="Take the picture out")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("link", name="Settings").click()
    assert page.evaluate(drop, ["drop", "image/png"])


def test_what_failed_is_told_and_unlocked(seen: Seen, collection: str, tmp_path: Path) -> None:
    stream = io.BytesIO()
    canvas = Canvas(stream, encrypt=StandardEncryption("kite", "owner", strength=128))
    canvas.drawString(72, 700, "The stork arrives in March.")
    canvas.save()
    locked, empty = tmp_path / "locked.pdf", tmp_path / "empty.txt"
    locked.write_bytes(stream.getvalue())
    empty.write_bytes(b"")
    page = seen.open("library")
    upload(page, locked, empty)
    failed = page.get_by_text("What failed, and why (2)")
    expect(failed).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"^2 of 2 · 2 failed ·"))).to_be_visible()
    told = page.locator("details", has=failed)
    expect(told).to_contain_text("the PDF is encrypted")
    expect(told).to_contain_text(re.compile("empty.txt.*it is empty.*There is nothing in it"))
    told.get_by_label("Their password").fill("kite")
    told.get_by_role("button", name="Try again with it").click()
    expect(page.locator("tbody tr", has_text="locked.pdf")).to_contain_text("searchable", timeout=60_000)


def test_more_than_one_call_holds_is_sent_in_parts(
    seen: Seen, server: Running, collection: str, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.bin" for number in range(6)]
    for number, file in enumerate(files):  # together more than one body may hold
        file.write_bytes(bytes([0, number, 255, 254]) * (5 * 2**20))
    page = seen.open("library")
    upload(page, *files)
    expect(page.get_by_text("What failed, and why (1)")).to_have_count(5, timeout=60_000)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_text("binary data of no known kind")).to_have_count(6, timeout=60_000)


def test_names_are_found_beyond_what_is_shown(seen: Seen, server: Running, collection: str) -> None:
    texts = [{"source": f"{number:03}.txt", "text": f"Nest {number} is in an oak."} for number in range(130)]
    begun = server.client.post(f"/v1/collections/{collection}/documents", json={"documents": texts})
    server.ended(begun.json()["job"]["id"])
    page = seen.open("library")
    expect(page.locator("tbody tr")).to_have_count(100)
    page.get_by_label("Find by name").fill("129.txt")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("129.txt")


def test_a_document_is_asked_alone_left_out_and_let_back(
    seen: Seen, server: Running, collection: str, tmp_path: Path
) -> None:
    for name, prey in (("barn.txt", "voles"), ("eagle.txt", "fish")):
        (tmp_path / name).write_text(f"The owl hunts {prey} at night.")
        server.upload(collection, tmp_path / name)
    page = seen.open("library")
    page.get_by_role("link", name="eagle.txt").click()
    page.get_by_text("Chunks (1)").click()
    expect(page.locator(".chunks")).to_contain_text("The owl hunts fish")
    page.get_by_role("link", name="Ask this document").click()
    ask(page, "What does the owl hunt?")
    expect(page.locator("article section li")).to_have_count(1)
    expect(page.locator("article section li")).to_contain_text("eagle.txt")
    seen.open("library").get_by_role("link", name="eagle.txt").click()
    page.get_by_role("button", name="Leave out of answers").click()
    row = page.locator("tbody tr", has_text="eagle.txt")
    expect(row).to_contain_text("disabled")
    row.get_by_role("link", name="eagle.txt").click()
    expect(page.get_by_role("region", name="Blocks")).to_contain_text("The owl hunts fish")
    expect(page.get_by_text("in no answer until it is let back")).to_be_visible()
    seen.open("library")
    row.get_by_role("button", name="Let back into answers").click()
    expect(row).to_contain_text("searchable")


def test_the_row_that_is_cited_is_in_sight(
    seen: Seen, collection: str, server: Running, tmp_path: Path
) -> None:
    rows = [f"nest {number},{number * 3 % 97}" for number in range(1500)]
    (tmp_path / "nests.csv").write_text("\n".join(["nest,eggs", *rows, "quarry ledge,41"]))
    server.upload(collection, tmp_path / "nests.csv")
    page = seen.open("ask")
    ask(page, "How many eggs are on the quarry ledge?")
    page.locator("article .marker").first.click()
    expect(page.locator("aside tr.marked")).to_contain_text("quarry ledge")
    expect(page.locator("aside tr.marked")).to_be_in_viewport()


def test_collections_are_made_and_removed(seen: Seen) -> None:
    page = seen.open("settings")
    page.get_by_label("A new one").fill("herons")
    page.get_by_role("button", name="Make it").click()
    expect(page.locator("header select")).to_have_value("herons")
    seen.expected = "Remove the collection herons"
    page.get_by_role("button", name="Remove the collection: herons").click()
    expect(page.get_by_role("region", name="Collections")).not_to_contain_text("herons")


def test_what_a_job_is_at_work_on_is_told_with_its_stage(seen: Seen, collection: str, tmp_path: Path) -> None:
    page = seen.open("library")
    file = tmp_path / "seasons.md"
    file.write_text("".join(f"# Season {n}\n\nIn season {n} {n + 3} kites bred.\n\n" for n in range(900)))
    upload(page, file)
    working = page.get_by_role("list", name="At work on")
    expect(working).to_contain_text("seasons.md", timeout=60_000)
    expect(working.locator(".chip")).to_have_text(re.compile("fetching|reading|embedding"))
    expect(working).to_be_hidden(timeout=120_000)
    expect(page.get_by_role("row", name=re.compile("seasons.md"))).to_be_visible()


def test_a_job_that_ends_before_it_is_looked_for_is_seen(
    seen: Seen, server: Running, collection: str, tmp_path: Path
) -> None:
    page = seen.open("library")
    expect(page.get_by_text("Nothing here yet.")).to_be_visible()

    def late(route: Route) -> None:
        server.ended(max(job["id"] for job in server.client.get("/v1/jobs").json()["jobs"]))
        route.continue_()

    page.route(re.compile("/v1/jobs$"), late)
    file = tmp_path / "swift.md"
    file.write_text("# Swifts\n\nThe common swift sleeps on the wing.\n")
    upload(page, file)
    expect(page.locator("tbody tr", has_text="swift.md")).to_contain_text("searchable", timeout=20_000)
