"""A graph of 10,000 entities and 50,000 relations with `GLEDE_FULL=1`, a tenth of it otherwise, drawn and
moved by a real browser.

Frames are counted while the picture is dragged. Without a graphics card the browser draws in software, so
that what is told here is the least that anybody has.
"""

from __future__ import annotations

import json
import os
import random
import re
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, TimeoutError, expect  # noqa: A004 - what it raises

from tests.pages.conftest import Seen
from tests.server.serving import serving

FULL = bool(os.environ.get("GLEDE_FULL"))
NODES, EDGES = (10_000, 50_000) if FULL else (1_000, 5_000)
FRAMES = """
() => new Promise((done) => {
  const seconds = 3, canvas = document.querySelector('.canvas').getBoundingClientRect();
  const target = document.querySelector('.canvas canvas.sigma-mouse');
  const send = (type, x, y) => (type === 'mousedown' ? target : document).dispatchEvent(
    new MouseEvent(type, { clientX: canvas.x + x, clientY: canvas.y + y, bubbles: true, buttons: 1 }));
  let frames = 0, first = null;
  send('mousedown', 300, 300);
  const frame = (now) => {
    first ??= now;
    frames += 1;
    send('mousemove', 300 + 120 * Math.sin(frames / 10), 300 + 120 * Math.cos(frames / 10));
    if (now - first < 1000 * seconds) return requestAnimationFrame(frame);
    send('mouseup', 300, 300);
    done(frames / ((now - first) / 1000));
  };
  requestAnimationFrame(frame);
})
"""


def stated(folder: Path, part: int, parts: int) -> Path:
    """One file of a graph where a few entities are named often and most seldom, as documents name them."""
    rng = random.Random(part)
    count = NODES // parts
    names = [f"Kite {part * count + number}" for number in range(count)]
    ends = [names[int(count * rng.random() ** 2)] for _ in range(2 * EDGES // parts)]
    file = folder / f"kites{part}.json"
    relations = [
        {"source": source, "label": f"meets {number}", "target": target}
        for number, (source, target) in enumerate(zip(ends[::2], ends[1::2], strict=True))
        if source != target
    ]
    entities = [{"name": name, "type": ("product", "place", "person")[rng.randrange(3)]} for name in names]
    file.write_text(json.dumps({"entities": entities, "relations": relations}))
    return file


@pytest.mark.timeout(1800 if FULL else 300)
def test_everything_is_shown_and_moves(browser: Browser, tmp_path: Path) -> None:
    parts = 5
    with serving(tmp_path / "data") as server:
        for part in range(parts):
            file = stated(tmp_path, part, parts)
            asked = server.client.post(
                "/v1/collections/default/documents",
                files={"files": (file.name, file.read_bytes())},
                data={"parser": "knowledge"},
            )
            end = server.ended(asked.json()["job"]["id"])
            assert end["report"]["documents"][0]["status"] in ("searchable", "enriched"), end
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        seen = Seen(context.new_page(), server.address)
        page = seen.open("graph")
        page.get_by_role("button", name="The whole graph").click()
        status = page.get_by_role("status")
        expect(status).to_contain_text(re.compile(r"\d"), timeout=60_000)
        told = re.compile(rf"{NODES // 1000},\d\d\d entities, [\d,]+ relations\. *$")
        expect(status).to_have_text(told, timeout=300_000)
        relations = int(re.findall(r"([\d,]+) relations", status.inner_text())[0].replace(",", ""))
        assert relations >= 0.9 * EDGES
        hold = page.get_by_role("button", name="Hold still")
        moving = page.evaluate(FRAMES)
        with suppress(TimeoutError):  # it may have come to rest by itself, even while we look for the button
            hold.click(timeout=5_000)
        expect(page.get_by_role("button", name="Let it move")).to_be_visible(timeout=60_000)
        still = page.evaluate(FRAMES)
        page.screenshot(path=tmp_path / "graph.png")
        print(
            f"{NODES} nodes, {relations} edges: {moving:.0f} frames/s as it settles, {still:.0f} held still"
        )
        assert moving > 0
        assert still > 0
        if FULL:  # a machine that runs other tests beside this one draws no faster than it can
            assert still >= 30
        assert seen.wrong == []
        context.close()
