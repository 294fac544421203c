"""A real browser before the installed server; both begin once for all tests of the pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect, sync_playwright

from tests.server.serving import SAMPLES, Running, serving

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader",
)  # fmt: skip
expect.set_options(timeout=30_000)  # the machine is shared


@dataclass
class Seen:
    """What a page has said and asked for; a question of its own is wrong, unless it is `expected`."""

    page: Page
    address: str
    wrong: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    expected: str = ""

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: self.wrong.append(said.text) if said.type == "error" else None)
        self.page.on("dialog", self._answer)
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _answer(self, dialog: Dialog) -> None:
        if self.expected and dialog.message.startswith(self.expected):
            dialog.accept()
        else:
            self.wrong.append(dialog.message)
            dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith((self.address, f"blob:{self.address}", "data:")):
            self.foreign.append(url)

    def open(self, place: str = "") -> Page:
        self.page.goto(f"{self.address}/#/{place}")
        return self.page


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("pages")) as running:
        running.upload("default", *(path for path in sorted(SAMPLES.iterdir()) if path.is_file()))
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Ends with its module: while it is open an event loop runs in this thread, and no other can."""
    if CHROMIUM is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture
def seen(server: Running, browser: Browser) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    seen = Seen(context.new_page(), server.address)
    yield seen
    context.close()
    assert seen.wrong == []
    assert seen.foreign == []


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots are put, to be looked at."""
    return tmp_path_factory.mktemp("screens")
