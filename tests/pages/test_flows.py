"""The pages as they are used: asking, looking at sources, adding, removing, the graph (U4)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openai
import pytest
from playwright.sync_api import Page, expect

from tests.pages.conftest import Seen
from tests.server.serving import Running

REPORT = "When was the strongest gust at the quarry roost measured?"


def ask(page: Page, question: str) -> None:
    page.get_by_label("Ask a question").fill(question)
    page.keyboard.press("Enter")
    last = page.locator("article").last
    expect(last.locator("h2").first).to_have_text(question)
    expect(last.locator(".answer")).to_have_attribute("aria-busy", "false", timeout=60_000)


def test_a_claim_opens_its_words(seen: Seen) -> None:
    page = seen.open()
    ask(page, "How many pairs of red kites nest at the observatory?")
    answer = page.locator("article").last
    expect(answer).to_contain_text("Fourteen pairs")
    answer.locator(".marker").first.click()
    source = page.get_by_role("complementary")
    expect(source).to_contain_text("faq.txt")
    expect(source.locator("mark")).to_contain_text("Fourteen pairs of red kites")
    page.keyboard.press("Escape")
    expect(source).to_have_count(0)
    expect(answer.locator(".marker").first).to_be_focused()


def test_a_link_of_another_program_shows_the_place(seen: Seen, server: Running) -> None:
    with openai.OpenAI(base_url=f"{server.address}/v1", api_key="any", max_retries=0) as client:

        def linked(question: str) -> str:
            told = client.chat.completions.create(
                model="glede/default", messages=[{"role": "user", "content": question}]
            )
            return str(told.choices[0].message.annotations[0].url_citation.url)

        seen.page.goto(linked(REPORT) + "#:~:text=report")  # as Open WebUI has it
        box = seen.page.locator("rect.cited")
        expect(box).to_be_visible()
        expect(seen.page.locator("table").get_by_text("Quarry roost")).to_be_visible()
        cited = server.client.post("/v1/collections/default/ask", json={"question": REPORT}).json()
        x0, y0, *_ = cited["citations"][0]["box"]
        drawn = [float(box.get_attribute(name) or "nan") for name in ("x", "y")]
        assert drawn == pytest.approx([x0, y0], abs=0.01)
        seen.page.goto("about:blank")
        seen.page.goto(linked("How many pairs of red kites nest at the observatory?"))
        expect(seen.page.locator("mark")).to_contain_text("Fourteen pairs of red kites")


def test_the_box_is_drawn_where_the_words_stand(seen: Seen, server: Running) -> None:
    page = seen.open()
    ask(page, REPORT)
    page.locator("article").last.locator("section li button").first.click()
    box = page.locator("rect.cited")
    expect(box).to_be_visible()
    expect(page.locator("aside table").get_by_text("Quarry roost")).to_be_visible()
    answer = server.client.post("/v1/collections/default/ask", json={"question": REPORT}).json()
    cited = answer["citations"][0]
    assert cited["source"].endswith("report.pdf")
    x0, y0, x1, y1 = cited["box"]
    drawn = [float(box.get_attribute(name) or "nan") for name in ("x", "y", "width", "height")]
    assert drawn == pytest.approx([x0, y0, x1 - x0, y1 - y0], abs=0.01)
    # In points of the page, which fills the drawing: so the box lies over its words at any size.
    document = server.client.get(f"/v1/collections/default/documents/{cited['document_id']}").json()
    size = next(one for one in document["pages"] if one["page"] == cited["page"])
    view = page.locator("aside svg").get_attribute("viewBox") or ""
    assert [float(part) for part in view.split()] == [0, 0, size["width"], size["height"]]
    with page.expect_response(re.compile(r"/pages/2/image$")):
        page.get_by_label("Next page").click()
    expect(box).to_have_count(0)


def test_a_long_conversation_scrolls_inside_its_frame(seen: Seen) -> None:
    page = seen.open()
    page.set_viewport_size({"width": 1280, "height": 500})
    for question in ("What do red kites eat?", REPORT, "How do I tell a red kite from a buzzard?"):
        ask(page, question)
    page.locator("article").first.locator("section li button").first.click()
    expect(page.get_by_role("complementary")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight") == 500
    expect(page.get_by_role("navigation")).to_be_in_viewport(ratio=1)


def test_a_computed_answer_shows_its_sql(seen: Seen) -> None:
    page = seen.open()
    ask(page, "What is the height of the summit mast?")
    computed = page.locator("article").last.get_by_label("SQL")
    expect(computed).to_contain_text("SELECT")
    table = page.locator("article").last.get_by_role("region", name="table")
    expect(table.locator("thead")).to_have_text("Height")
    expect(table.locator("tbody")).to_have_text("612")


def test_why_tells_ranks(seen: Seen) -> None:
    page = seen.open()
    ask(page, "What do red kites eat?")
    page.get_by_role("button", name="Why this answer").last.click()
    table = page.get_by_role("region", name="Why this answer")
    expect(table.locator("tbody tr").first).to_contain_text("faq.txt")
    for channel in ("dense", "keyword", "graph"):
        expect(table.locator("thead")).to_contain_text(channel)
        expect(table.locator("caption")).to_contain_text(re.compile(rf"{channel} \d+ ms"))


def test_conversations_are_kept_and_forgotten(seen: Seen) -> None:
    page = seen.open()
    ask(page, "What do red kites eat?")
    page.reload()
    page.get_by_text("Conversations (1)").click()
    page.get_by_role("button", name="What do red kites eat?", exact=True).click()
    expect(page.locator("article")).to_contain_text("carrion")
    page.get_by_role("button", name="Forget this conversation").click()
    expect(page.get_by_text("Conversations (1)")).to_have_count(0)


def test_by_keyboard_alone(seen: Seen) -> None:
    page = seen.open()
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
            break
    page.keyboard.type("What do red kites eat?")
    page.keyboard.press("Enter")
    expect(page.locator(".marker").first).to_be_visible(timeout=60_000)
    page.locator("article .marker").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary").get_by_label("Close")).to_be_focused()


def test_a_file_is_added_opened_and_removed(seen: Seen, tmp_path: Path) -> None:
    file = tmp_path / "owls.md"
    file.write_text("# Owls\n\nThe long-eared owl hunts at dusk along the quarry.\n\n$$E = mc^2$$\n")
    page = seen.open("library")
    page.locator("input[type=file]").first.set_input_files(str(file))
    row = page.locator("tbody tr", has_text="owls.md")
    expect(row).to_contain_text("searchable", timeout=60_000)
    row.get_by_role("link").click()
    expect(page.locator("h1")).to_have_text("Owls")
    expect(page.locator("ol li", has_text="long-eared owl")).to_be_visible()
    expect(page.locator(".katex").first).to_be_attached()
    seen.expected = "Remove this document"
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("heading", name="Library").wait_for()
    expect(page.locator("tbody tr", has_text="owls.md")).to_have_count(0)


def test_blocks_are_drawn_over_their_page(seen: Seen) -> None:
    page = seen.open("library")
    page.get_by_role("link", name="Yearly report 2025").click()
    expect(page.locator("svg rect.table").first).to_be_visible()
    expect(page.locator("svg rect.heading").first).to_be_visible()
    table = page.get_by_role("region", name="table").first
    table.get_by_role("button", name="Height").click()
    heights = table.locator("tbody tr td:nth-child(2)").all_inner_texts()
    assert [int(text.split()[0]) for text in heights] == sorted(int(text.split()[0]) for text in heights)


def test_a_document_leads_to_what_it_names(seen: Seen) -> None:
    page = seen.open("library")
    page.get_by_role("link", name="faq.txt").click()
    page.get_by_text(re.compile(r"^Entities \(\d+\)$")).click()
    page.get_by_role("link", name=re.compile("^red kites", re.IGNORECASE)).click()
    expect(page.get_by_role("status")).to_contain_text(re.compile(r"[1-9]\d* relations"), timeout=60_000)
    expect(page.get_by_label("Find an entity")).to_have_value(re.compile("red kites", re.IGNORECASE))


def test_the_whole_graph_is_shown(seen: Seen, server: Running) -> None:
    counts = server.client.get("/v1/collections/default/graph").json()["counts"]
    page = seen.open("graph")
    page.get_by_role("button", name="The whole graph").click()
    expect(page.get_by_role("status")).to_contain_text(f"{counts['entities']} entities", timeout=60_000)


def test_licenses_of_all_that_is_bundled_are_served(seen: Seen, server: Running) -> None:
    page = seen.open("settings")
    told = ""
    for name in ("licenses.md", "licenses-of-workers.txt"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
        told += server.client.get(f"/{name}").text
    package = json.loads((Path(__file__).parents[2] / "web" / "package.json").read_text())
    for library in (*package["dependencies"], "svelte"):
        assert library in told, library
    assert "Permission is hereby granted" in told


def test_the_graph_is_shown_and_expanded(seen: Seen) -> None:
    page = seen.open("graph")
    status = page.get_by_role("status")
    expect(status).to_contain_text(re.compile(r"[1-9]\d* entities, [1-9]\d* relations"), timeout=60_000)
    page.get_by_label("Find an entity").fill("Summit mast")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name=re.compile("summit mast", re.IGNORECASE)).first.click()
    chosen = page.get_by_role("region", name="Chosen")
    expect(chosen).to_contain_text("mentions")
    chosen.get_by_role("button", name="Show its neighbours").click()
    page.get_by_label("Find an entity").fill("no such thing")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("no such thing")
    expect(status).to_contain_text("0 entities")
    seen.wrong[:] = [said for said in seen.wrong if "404" not in said]
