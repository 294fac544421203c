"""Texts that ask for very much: depth, width, entities, and patterns that go over them again and again."""

# ruff: noqa: E501 - markup is no easier to read in pieces

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from tests.promises.bombs import DAMAGED, LIMIT, READ, Bomb, png, zlib_stream
from tests.promises.formats import content_list
from tests.promises.office_bombs import LAUGH, LAUGHS, QUADRATIC

LENGTH = 200_000
SVG = 'xmlns="http://www.w3.org/2000/svg"'


def page(body: str) -> bytes:
    return f"<!doctype html><html><body><p>Kites.</p>{body}</body></html>".encode()


def svg(body: str, before: str = "") -> bytes:
    return f'<?xml version="1.0"?>{before}<svg {SVG}><text>Kites.</text>{body}</svg>'.encode()


def shown() -> str:
    return (
        "data:image/png;base64," + base64.b64encode(png(60_000, 60_000, zlib_stream(2**29, b"\0"))).decode()
    )


def nested_message(depth: int) -> bytes:
    head = "From: a@example.org\nTo: b@example.org\nSubject: Kites\nMessage-ID: <1@example.org>\n"
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="{number}"\n\n--{number}\n' for number in range(depth)
    )
    return f"{head}{parts}Content-Type: text/plain\n\nKites.\n".encode()


def message(body: str, kind: str = "text/plain", more: str = "") -> bytes:
    head = "From: a@example.org\nTo: b@example.org\nSubject: Kites\nMessage-ID: <1@example.org>\n"
    return f"{head}{more}Content-Type: {kind}\n\n{body}".encode()


def nested_list(depth: int) -> bytes:
    inner = "[" * depth + "]" * depth
    return content_list(note=0).replace(b'"note": 0', b'"note": ' + inner.encode())


def traps() -> Iterator[Bomb]:
    """Runs of one sign or a few, on which patterns that go back and forth never end; all are mere text."""
    n = LENGTH
    runs = {
        "brackets": "[" * n, "links": "[a](" * (n // 4), "pictures": "![a](<" * (n // 6), "stars": "*a " * (n // 3),
        "emphasis": "*a**b" * (n // 5), "underscores": "_" * n, "ticks": "".join("`" * k + " " for k in range(600)),
        "dollars": "$a" * (n // 2), "angles": "<a" * (n // 2), "comments": "<!--" * (n // 4), "data": "<![CDATA[" * (n // 9),
        "entities": "&amp" * (n // 4), "spaces": "a" + " " * n + "b", "tabs": "\t" * n, "lines": "\n" * n + "a",
        "quotes": "> " * (n // 2), "items": "- " * (n // 2), "numbers": "1. " * (n // 3),
        "indented": "".join(" " * (2 * k) + "- a\n" for k in range(600)), "pipes": "|a" * (n // 2),
        "ruler": "|a|b|\n|" + "-|" * (n // 2), "fences": "```\n~~~\n" * (n // 8), "headings": "# " * (n // 2),
        "references": "[a]: b\n" * (n // 7), "footnotes": "[^a]" * (n // 4), "escapes": "\\" * n, "at": "a@" * (n // 2),
        "addresses": "http://" * (n // 7), "digits": "1" * n, "dots": "1." * (n // 2), "captions": "Figure 1" * (n // 8),
        "caption-spaces": "Table " + " " * n + "1", "setext": "a\n=" * (n // 3), "front": "---\n" + "a: b\n" * (n // 5),
        "dashes": "-" * n, "math": "\\(" * (n // 2), "begin": "\\begin{a}" * (n // 9), "word": "ab" * (n // 2),
        "sentences": "A. " * (n // 3), "headers": "From: a\n" * (n // 8), "attributes": "<p " + "a=" * (n // 2),
        "declarations": "<?xml " * (n // 6), "doctypes": "<!DOCTYPE svg [" * (n // 15), "quoted": "<p a='" * (n // 6),
    }  # fmt: skip
    for what, text in runs.items():
        for suffix in (".md", ".html", ".txt", ".csv", ".json", ".svg", ".eml"):
            yield Bomb(f"{what}{suffix}", text.encode, (READ, DAMAGED, LIMIT, "unsupported"))


DEEP = (
    Bomb("deep.html", lambda: page("<div>" * LENGTH)),
    Bomb("deep-inline.html", lambda: page("<b>" * LENGTH)),
    Bomb("deep-lists.html", lambda: page("<ul><li>" * LENGTH), (LIMIT, READ)),
    Bomb("deep-tables.html", lambda: page("<table><tr><td>x" * 50_000), (LIMIT, READ)),
    Bomb("deep-math.html", lambda: page("<math>" + "<msqrt>" * LENGTH), (LIMIT, READ)),
    Bomb("colspan.html", lambda: page('<table><tr><td colspan="1000000000">x</td></tr></table>'), (LIMIT, READ)),
    Bomb("rowspan.html", lambda: page('<table><tr><td rowspan="1000000000">x</td></tr></table>'), (LIMIT, READ)),
    Bomb("spans.html", lambda: page("<table>" + '<tr><td colspan="1000" rowspan="65534">x</td></tr>' * 10_000),
         (LIMIT, READ)),
    Bomb("columns.html", lambda: page(f"<table><tr>{'<td>x' * 1_000_000}</table>"), (LIMIT, READ)),
    Bomb("laughs.html", lambda: LAUGHS.encode() + page(LAUGH), (READ, DAMAGED, LIMIT, "unsupported")),
    Bomb("laughs.xhtml", lambda: b'<?xml version="1.0"?>' + LAUGHS.encode() + b"<html><body>" + LAUGH.encode() +
         b"</body></html>", (READ, DAMAGED, LIMIT, "unsupported")),
    Bomb("links.html", lambda: page("".join(f'<a href="/{n}">kite {n}</a> ' for n in range(100_000))), (LIMIT, READ)),
    Bomb("links-unseen.html", lambda: page("".join(f'<img alt="x"><p><a href="/{n}">kite {n}</a></p>' for n in range(50_000))),
         (LIMIT, READ)),
    Bomb("picture.html", lambda: page(f'<img src="{shown()}" alt="A kite">'), (READ, LIMIT)),
    Bomb("pictures.html", lambda: page(f'<img src="data:image/png;base64,{"A" * 1000}">' * 4000), (READ, LIMIT)),
    Bomb("picture.md", f"# Kites\n\n![A kite]({shown()})\n".encode, (READ, LIMIT)),
    Bomb("columns.md", f"# Kites\n\n{'|a' * 200_000}|\n{'|-' * 200_000}|\n{'|b' * 200_000}|".encode,
         (READ, LIMIT)),
    Bomb("rows.md", ("|a" * 1000 + "|\n" + "|-" * 1000 + "|\n" + "|b|\n" * 100_000).encode, (READ, LIMIT)),
    Bomb("deep.json", lambda: b"[" * 1_000_000 + b"]" * 1_000_000, (LIMIT, DAMAGED)),
    Bomb("deep-objects.json", lambda: b'{"a":' * 500_000 + b"1" + b"}" * 500_000, (LIMIT, DAMAGED)),
    Bomb("number.json", lambda: b'{"kites": ' + b"9" * 3_000_000 + b"}", (READ, LIMIT, DAMAGED)),
    Bomb("power.json", lambda: b'{"kites": 1e' + b"9" * 1_000_000 + b"}", (READ, LIMIT, DAMAGED)),
    Bomb("keys.json", lambda: json.dumps([{f"k{n}": n} for n in range(100_000)]).encode(), (READ, LIMIT)),
    Bomb("columns.csv", lambda: b"a,b,c\n" + b"x," * 2_000_000 + b"\ny,z,w\n", (READ, LIMIT)),
    Bomb("ragged.csv", lambda: b"a," * 16_000 + b"\n" + b"x,y,z\n" * 200_000, (READ, LIMIT)),
    Bomb("quote.csv", lambda: b'a,b\n"' + b"x,\n" * 1_500_000, (READ, LIMIT, DAMAGED)),
    Bomb("laughs.svg", lambda: svg(f"<text>{LAUGH}</text>", LAUGHS.replace("DOCTYPE x", "DOCTYPE svg")),
         (READ, LIMIT, DAMAGED, "unsupported")),
    Bomb("quadratic.svg", lambda: svg(f"<text>{'&a;' * 100_000}</text>", QUADRATIC.replace("DOCTYPE x", "DOCTYPE svg")),
         (READ, LIMIT, DAMAGED, "unsupported")),
    Bomb("deep.svg", lambda: svg("<g>" * LENGTH + "</g>" * LENGTH), (LIMIT, DAMAGED)),
    Bomb("uses.svg", lambda: svg("".join(
        f'<g id="g{n}">{f"""<use href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, 30))), (READ,)),
    Bomb("laughs.xml", f'<?xml version="1.0"?>{LAUGHS}<x>{LAUGH}</x>'.encode, (DAMAGED, LIMIT, "unsupported")),
    Bomb("deep.eml", lambda: nested_message(2000), (LIMIT, DAMAGED)),
    Bomb("messages.eml", lambda: message("", "message/rfc822\n\nSubject: x\n" * 3000), (READ, LIMIT, DAMAGED)),
    Bomb("address.eml", lambda: message("Kites.", more=f"Cc: {'(' * 100_000}\n"), (READ, LIMIT, DAMAGED)),
    Bomb("words.eml", lambda: message("Kites.", more=f"Cc: {'=?utf-8?q?a?= ' * 50_000}\n"), (READ, LIMIT, DAMAGED)),
    Bomb("recipients.eml", lambda: message("Kites.", more=f"Cc: {'a@b.example, ' * 100_000}\n"), (READ, LIMIT, DAMAGED)),
    Bomb("parts.eml", lambda: message("--x\n\na\n" * 300_000, "multipart/mixed; boundary=x"), (READ, LIMIT, DAMAGED)),
    Bomb("page.eml", lambda: message("<div>" * LENGTH, "text/html"), (LIMIT,)),
    Bomb("nested_content_list.json", lambda: nested_list(LENGTH), (LIMIT, DAMAGED)),
    Bomb("spans_content_list.json", lambda: content_list(
        type="table", table_body='<table><tr><td colspan="1000000000">x</td></tr></table>'), (READ, LIMIT)),
    Bomb("page_content_list.json", lambda: content_list(page_idx=10**12), (READ, LIMIT, DAMAGED)),
    Bomb("level_content_list.json", lambda: content_list(text_level=10**9), (READ, LIMIT, DAMAGED)),
    Bomb("picture_content_list.json", lambda: content_list(type="image", img_path=shown()), (READ, LIMIT)),
    Bomb("caption_content_list.json", lambda: content_list(
        type="image", image_caption=["Figure 1" + " " * LENGTH + "x"]), (READ, LIMIT)),
)  # fmt: skip
TRAPS = tuple(traps())
BOMBS = DEEP
