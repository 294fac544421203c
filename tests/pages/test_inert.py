"""S8: whatever a document, a title, an entity or an answer holds, none of it runs, nothing is fetched."""

from __future__ import annotations

import html
import json
from pathlib import Path

from playwright.sync_api import expect

from tests.pages.conftest import Seen
from tests.pages.test_flows import ask
from tests.server.serving import Running

CANARY = "https://canary.invalid"
TAGS = (
    "<script>alert({n})</script>",
    "<img src=x onerror=alert({n})>",
    "<svg onload=alert({n})>",
    "<iframe srcdoc='<script>alert({n})</script>'></iframe>",
    "<a href='javascript:alert({n})'>here</a>",
    "<img src='{canary}/{n}.png'>",
    "<link rel=stylesheet href='{canary}/{n}.css'>",
    "<details open ontoggle=alert({n})>x",
    "<style>@import url({canary}/{n});</style>",
    "<math><mi xlink:href='javascript:alert({n})'>x</mi></math>",
    "<form action='{canary}/{n}'><button autofocus>go</button></form>",
    "<video poster='{canary}/{n}'></video>",
    "![picture]({canary}/{n}.png)",
    "[link](javascript:alert({n}))",
    "[link]({canary}/{n})",
    "<{canary}/{n}>",
    "$\\href{{javascript:alert({n})}}{{x}}$",
    "$\\includegraphics{{{canary}/{n}.png}}$",
    "$\\htmlData{{onclick=alert({n})}}{{x}}$",
    "{{{{constructor.constructor('alert({n})')()}}}}",
    "javascript:alert({n})",
    '"><script>alert({n})</script>',
    "&lt;script&gt;alert({n})&lt;/script&gt;",
    "</textarea><script>alert({n})</script>",
    "`<script>alert({n})</script>`",
    "| a | <img src=x onerror=alert({n})> |\n|---|---|\n| 1 | 2 |",
    "<base href='{canary}/'>",
    "<meta http-equiv=refresh content='0;url={canary}'>",
)
WRAPS = ("{}", "Kites {} soar.", "**{}**", "> {}", "\n\n{}\n\n", "# {}", "- {}", "*{}*")
MADE = "article script, article iframe, article img, article form, article a, article style"
"""What none of them may become."""


def payloads() -> list[str]:
    made = [tag.format(n=number, canary=CANARY) for number, tag in enumerate(TAGS)]
    return [wrap.format(one) for one in made for wrap in WRAPS]


def cited(number: int, text: str) -> dict[str, object]:
    return {
        "marker": number,
        "chunk_id": "c",
        "document_id": "given-1",
        "source": text,
        "page": None,
        "box": None,
        "heading_path": [text],
        "quote": text,
        "verified": True,
        "modality": "equation" if number % 2 else "text",
        "asset": None,
        "described": text,
    }


def test_nothing_runs_and_nothing_is_fetched(seen: Seen, server: Running, tmp_path: Path) -> None:
    every = payloads()
    assert len(every) >= 200
    hostile = "\n\n".join(f"The zebrafinch says {number}: {one}" for number, one in enumerate(every))
    page = f"<title>{html.escape(every[0])}</title><h1>{html.escape(every[1])}</h1>" + "".join(
        f"<p>The zebrafinch named {html.escape(one)} sings.</p>" for one in every
    )
    rows = [f"zebrafinch,{json.dumps(one)}" for one in every]
    documents = [
        {"source": f"{every[0]} <b>x</b>.md", "text": hostile, "metadata": {"title": every[1]}},
        {"source": "page.html", "text": page},
        {"source": "rows.csv", "text": "bird,song\n" + "\n".join(rows)},
    ]
    asked = server.client.post("/v1/collections/default/documents", json={"documents": documents})
    ended = server.ended(asked.json()["job"]["id"])
    ids = [one["id"] for one in ended["report"]["documents"] if one["id"]]
    assert len(ids) == len(documents)
    try:
        seen.open("library")
        expect(seen.page.locator("tbody tr", has_text="rows.csv")).to_be_visible()
        for one in ids:
            seen.open(f"library/{one}")
            expect(seen.page.locator("ol li").first).to_be_visible()
            seen.page.wait_for_timeout(500)
        seen.open()
        for question in ("What does the zebrafinch say?", every[1], every[8], every[96]):
            ask(seen.page, " ".join(question.split()))
            for marker in seen.page.locator("article").last.locator("section li button").all()[:3]:
                marker.click()
                seen.page.wait_for_timeout(300)
        seen.open("graph/zebrafinch")
        seen.page.wait_for_timeout(1500)
    finally:
        for one in ids:
            server.client.delete(f"/v1/collections/default/documents/{one}")
    seen.wrong[:] = [said for said in seen.wrong if "404" not in said]


def test_what_a_model_writes_is_only_words(seen: Seen) -> None:
    """The page is handed each payload as an answer, as a server that a document has talked into it would."""
    every = payloads()
    answer = {
        "question": "x",
        "answer": "\n\n".join(f"{one} [{number % 60 + 1}]" for number, one in enumerate(every)),
        "complete": True,
        "answered": True,
        "model": "m",
        "rewritten": every[1],
        "computed": {
            "sql": every[0],
            "columns": every[4:6],
            "rows": [every[1:3]],
            "document_id": "given-1",
            "source": every[3],
        },
        "citations": [cited(number, one) for number, one in enumerate(every[:60], 1)],
        "usage": {"model_calls": 1, "prompt_tokens": 1, "completion_tokens": 1, "embedded_texts": 0},
        "seconds": 0.1,
        "hits": [],
    }
    body = f"event: answer\ndata: {json.dumps(answer)}\n\n"
    seen.page.route("**/ask", lambda route: route.fulfill(body=body, content_type="text/event-stream"))
    page = seen.open()
    ask(page, "What do you say?")
    expect(page.locator("article").last.locator("section li")).to_have_count(60)
    for number in (0, 1, 9, 17):
        page.locator("article section li button").nth(number).click()
    page.wait_for_timeout(1000)
    assert page.locator(MADE).count() == 0
