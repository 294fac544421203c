"""The pages of a server that asks for keys: a wrong one is told, a right one shows all that it may see."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.pages.conftest import Seen
from tests.server.serving import key, serving


def test_keys_are_asked_for_and_told_apart(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, env={"GLEDE_EXTRACTOR": "none"}) as running:
        file = tmp_path / "kites.txt"
        file.write_text("The red kite eats mice.")
        running.upload("default", file)
        reader = key(tmp_path, "reader", "read:default")
        context = browser.new_context()
        seen = Seen(context.new_page(), running.address)
        page = seen.open("library")
        page.get_by_label("Key").fill("glede_nonsense")
        expect(page.get_by_role("alert")).to_contain_text("This server asks for a key.")
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_role("alert")).to_contain_text("does not know that key")
        page.get_by_label("Key").fill(reader)
        page.get_by_role("button", name="Use this key").click()
        expect(page.locator("tbody tr")).to_contain_text("kites.txt")
        expect(page.get_by_role("region", name="Work")).to_contain_text("kites.txt")
        seen.expected = "Remove this document"
        page.get_by_role("button", name="Remove: kites.txt").click()
        expect(page.get_by_role("alert")).to_contain_text("--scope write:default")
        expect(page.locator("tbody tr")).to_have_count(1)
        assert not [said for said in seen.wrong if "401" not in said and "403" not in said]
        assert seen.foreign == []
        context.close()
