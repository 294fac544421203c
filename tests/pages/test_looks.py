"""Every page at every width, light and dark: nothing that axe calls serious, nothing cut off (U4)."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.pages.conftest import Seen
from tests.pages.test_flows import ask
from tests.server.serving import Running

PLACES = ("ask", "library", "document", "graph", "settings")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_looks(server: Running, browser: Browser, pictures: Path, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    seen = Seen(context.new_page(), server.address)
    documents = server.client.get("/v1/collections/default/documents").json()["documents"]
    report = next(one["id"] for one in documents if one["source"].endswith("report.pdf"))
    for place in PLACES:
        page = seen.open(f"library/{report}" if place == "document" else place)
        if place == "ask":
            ask(page, "How many pairs of red kites nest at the observatory?")
            page.locator(".marker").first.click()
        expect(page.locator("main")).not_to_contain_text("Loading", timeout=60_000)
        found = Axe().run(page)
        serious = [one for one in found.response["violations"] if one["impact"] in ("serious", "critical")]
        assert not serious, (
            place,
            [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in serious],
        )
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{place} is {wide} wide"
        page.screenshot(path=str(pictures / f"{place}-{width}-{scheme}.png"))
        if place == "ask":
            page.keyboard.press("Escape")
    assert seen.wrong == []
    assert seen.foreign == []
    context.close()
