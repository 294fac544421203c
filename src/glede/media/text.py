"""Media types of text: e-mails, markup, JSON, tables, Markdown."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter

from glede.media.types import ASCIIDOC, CONTENT_LIST, EMAIL, JATS, LATEX, SVG, WEB_VTT
from glede.text.decoding import SAMPLE

_BEFORE_ROOT = r"(?:\s|<!--(?:[^-]|-(?!->))*-->)*"
_XML_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>", re.IGNORECASE)
_SVG_ROOT = re.compile(
    r"\s*+(?:<\?xml\s[^>]*>)?(?:\s|<!--(?:[^-]|-(?!->))*-->|<!DOCTYPE\s+svg\b[^\[>]*(?:\[[^\]]*\]\s*)?>)*+"
    r"<(?:\w+:)?svg[\s>]"
)
_HTML_DOCUMENT = re.compile(_BEFORE_ROOT + r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_FRAGMENT = re.compile(
    _BEFORE_ROOT + r"<(div|p|table|section|article|main|h[1-6]|ul|ol|dl|title|meta|link)\b[^>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_JSON_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]\-0-9tfn])")
_LATEX_SIGN = re.compile(r"^[ \t]*\\document(?:class|style)\b|^[ \t]*\\begin\{document\}", re.MULTILINE)
_VTT_SIGN = re.compile(r"WEBVTT(?:[ \t\n]|\Z)")
_ASCIIDOC_SIGN = re.compile(r"^={1,6} \S|^:[\w-]+:|^\[[\w,=\" ]+\]$|^(?:----|====|\|===)$", re.MULTILINE)
_JATS_SIGN = re.compile(
    r"<!DOCTYPE\s+article\b[^<>]*(?:JATS|NLM)|<article\b[^<>]*>\s*<front\b", re.IGNORECASE
)
_MARKDOWN_SIGNS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^#{1,6} \S",
        r"^(?:```|~~~)",
        r"!?\[[^\[\]\n]+\]\([^()\s]+\)",
        r"^\|?(?: *:?-{3,}:? *\|)+",
        r"^\|.*\|$",
        r"\A---\n(?:.*\n)+?---$",
        r"\*\*\S[^*\n]*\*\*",
        r"^[-*] \S.*\n[-*] \S",
        r"^\$\$",
    )
)


def delimiter_of(text: str, *, strict: bool = False) -> str | None:
    """The delimiter that gives most rows the same number of columns, two or more; `None` without one.

    `strict` asks for what nothing but a table looks like: three rows or more, all of equal width, with
    short cells, and no commas of prose.
    """
    lines = text[:SAMPLE].splitlines()
    if len(text) > SAMPLE and len(lines) > 1:
        lines.pop()
    best: tuple[float, int] = (0.0, 0)
    found = None
    for delimiter in "\t,;|":
        share, columns = _agreement(lines, delimiter, strict=strict)
        if (share, columns) > best:
            best, found = (share, columns), delimiter
    return found


def text_type(text: str, wanted: str, *, unnamed: bool) -> str:
    """The kind of text; `wanted` is what its name says, `unnamed` that it says nothing at all."""
    for tell in (_email_type, _markup_type, _json_type, _source_type):
        if kind := tell(text, wanted):
            return kind
    delimiter = delimiter_of(text, strict=wanted not in ("text/csv", "text/tab-separated-values"))
    if delimiter:
        return "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    if unnamed and sum(bool(sign.search(text)) for sign in _MARKDOWN_SIGNS) >= 2:
        return "text/markdown"
    return "text/plain"


def _source_type(text: str, wanted: str) -> str | None:
    """Kinds that are written by hand, and read as text where nothing understands them."""
    if wanted == "text/markdown" or (wanted == ASCIIDOC and _ASCIIDOC_SIGN.search(text)):
        return wanted
    if _LATEX_SIGN.search(text) or (wanted == LATEX and "\\" in text):
        return LATEX
    return WEB_VTT if _VTT_SIGN.match(text) else None


def _email_type(text: str, wanted: str) -> str | None:
    return EMAIL if _is_email(text, wanted) else None


def _is_email(text: str, wanted: str) -> bool:
    """Told from the headers that it begins with; a file called an e-mail needs fewer of them."""
    start = _HEADERS.match(text)
    if start is None:
        return False
    names = {name.lower() for name in re.findall(r"^([\w-]+):", start[0], re.MULTILINE)}
    if wanted == EMAIL:
        return not names.isdisjoint(_SEEN_HEADERS | _HIDDEN_HEADERS)
    return len(names & _SEEN_HEADERS) >= 2 and not names.isdisjoint(_HIDDEN_HEADERS)


_HEADERS = re.compile(r"(?:From .*\n)?(?:[A-Za-z][\w-]{0,60}:.*\n(?:[ \t].*\n)*){1,200}+(?:\n|\Z)?")
_SEEN_HEADERS = frozenset({"from", "to", "subject", "date", "cc"})
_HIDDEN_HEADERS = frozenset({"message-id", "mime-version", "received", "return-path", "delivered-to"})


def _markup_type(text: str, wanted: str) -> str | None:
    if _SVG_ROOT.match(text):
        return SVG
    if declaration := _XML_DECLARATION.match(text):
        return _xml_type(text, declaration.end())
    if _HTML_DOCUMENT.match(text) or (wanted == "text/html" and _TAG.search(text)):
        return "text/html"
    fragment = None if wanted else _HTML_FRAGMENT.match(text)
    if fragment and (f"</{fragment[1].lower()}" in text.lower() or text.count("</") >= 2):
        return "text/html"
    return JATS if _JATS_SIGN.match(text) else None


def _xml_type(text: str, start: int) -> str:
    """The kind of XML, whose declaration ends at `start`."""
    if _HTML_DOCUMENT.match(text, start):
        return "application/xhtml+xml"
    return JATS if _JATS_SIGN.search(text) else "application/xml"


def _json_type(text: str, wanted: str) -> str | None:
    if wanted in ("", "application/json") and _is_content_list(text):
        return CONTENT_LIST
    stripped = text.strip()
    if wanted == "application/jsonl" and re.search(r"^[ \t]*[{\[]", text, re.MULTILINE):
        return wanted
    lines = [line for line in stripped.split("\n", 20) if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith("{") and _is_json(line) for line in lines[:2]):
        return "application/jsonl"
    if wanted == "application/json" and (stripped[:1] in ("{", "[") or _is_json(stripped)):
        return wanted
    if not wanted and _JSON_START.match(text) and (len(text) >= SAMPLE - 4 or _is_json(stripped)):
        return "application/json"
    return None


def _is_content_list(text: str) -> bool:
    """Told from the first items, all of a known type and one with a field that nothing else has."""
    if _OUR_CONTENT_LIST.match(text):
        return True
    start = _CONTENT_LIST_START.match(text)
    if start is None:
        return _STRUCTURED_CONTENT.search(text, 0, SAMPLE) is not None and '"blocks"' in text
    items: list[dict[str, object]] = []
    place = start.end()
    try:
        while len(items) < 8:
            item, place = json.JSONDecoder().raw_decode(text, place)
            items.append(item)
            place += len(text[place : place + 1000]) - len(text[place : place + 1000].lstrip(" \t\n,[]"))
    except (ValueError, RecursionError):  # the end of the list, or of the sample
        if not items:  # one long item, such as a picture
            return _LONG_ITEM.match(text, start.end()) is not None
    if not all(
        isinstance(item, dict) and (item.get("type") in _CONTENT_TYPES or "page_idx" in item)
        for item in items
    ):
        return False
    return items[0].get("type") in _CONTENT_TYPES and any(_fields(item) & _CONTENT_FIELDS for item in items)


def _fields(item: dict[str, object]) -> set[str]:
    content = item.get("content")
    return {*item, *(content if isinstance(content, dict) else ())}


_CONTENT_TYPES = frozenset(
    ["text", "image", "table", "equation", "chart", "code", "list", "index", "header", "footer", "title",
     "page_number", "aside_text", "page_footnote", "paragraph", "equation_interline", "algorithm",
     "page_header", "page_footer", "page_aside_text"]
)  # fmt: skip
_CONTENT_FIELDS = frozenset(
    ["page_idx", "text_level", "img_path", "table_body", "image_caption", "table_caption", "title_content",
     "paragraph_content", "math_content", "image_source", "page_header_content", "list_items"]
)  # fmt: skip
_OUR_CONTENT_LIST = re.compile(r'\s*\{\s*"content_list"\s*:\s*\[')
_CONTENT_LIST_START = re.compile(r"\s*\[\s*(?:\[\s*(?:\]\s*,\s*\[\s*)*)?(?=\{)")
_LONG_ITEM = re.compile(r'\{[^{}]*"(?:img_path|table_body|page_idx|image_source)"\s*:')
_STRUCTURED_CONTENT = re.compile(r'\A\s*\{.*?"pages"\s*:\s*\[\s*\{\s*"(?:page_idx|blocks)"\s*:', re.DOTALL)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except RecursionError:  # nothing but nested brackets gets this far
        return True
    except ValueError:
        return False
    return True


def _agreement(lines: list[str], delimiter: str, *, strict: bool) -> tuple[float, int]:
    """How large a share of the rows has the most common width, and that width; (0, 0) where too few do.

    The share is halved where a quoted cell goes on behind its quotes, as it seems to with a wrong delimiter.
    """
    try:
        rows = [row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row)]
    except csv.Error:
        return 0.0, 0
    if not rows:
        return 0.0, 0
    width, count = Counter(len(row) for row in rows).most_common(1)[0]
    share = count / len(rows)
    if width < 2 or share < (1.0 if strict else 0.6):
        return 0.0, 0
    if strict and not _clearly_tabular(rows, lines, delimiter):
        return 0.0, 0
    return (share if _neat(lines, delimiter) else share / 2), width


def _neat(lines: list[str], delimiter: str) -> bool:
    """Whether each quoted cell ends with its quotes; the last may be cut off."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return True


def _clearly_tabular(rows: list[list[str]], lines: list[str], delimiter: str) -> bool:
    if len(rows) < 3 or max(len(cell) for row in rows for cell in row) > 60:
        return False
    if delimiter == "|" and any(line.startswith("|") for line in lines):
        return False  # a Markdown table
    text = "\n".join(lines)
    return delimiter == "\t" or text.count(delimiter + " ") * 2 < text.count(delimiter)
