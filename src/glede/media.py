"""What a file is, told from its content; the name decides only between kinds of text.

`detect` never decompresses, never parses with a full parser and looks at the beginning of long files.
`decode` turns the bytes of a text into characters.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
import struct
import zipfile
from collections import Counter
from pathlib import PurePath

import charset_normalizer

from glede.errors import MalformedError

_SAMPLE = 65_536
CONTENT_LIST = "application/vnd.mineru.content-list+json"
"""A document that another program took apart (see `glede.parsers.content_list`)."""
EMAIL = "message/rfc822"
SVG = "image/svg+xml"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
PPT = "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
ENCRYPTED_OFFICE = "application/x-encrypted-office"
"""A document of Word, Excel or PowerPoint inside the envelope that a password opens."""
_OLE = "application/x-ole-storage"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
)
_OOXML = "application/vnd.openxmlformats-officedocument."
_ZIP_FOLDERS = {
    "word/": f"{_OOXML}wordprocessingml.document",
    "ppt/": f"{_OOXML}presentationml.presentation",
    "xl/": f"{_OOXML}spreadsheetml.sheet",
}
_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\x0b\x0c\r\x1b")) + b"\x7f"

_SUFFIXES = {
    ".md": "text/markdown", ".markdown": "text/markdown", ".mdown": "text/markdown", ".mdx": "text/markdown",
    ".html": "text/html", ".htm": "text/html", ".xhtml": "text/html",
    ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".tab": "text/tab-separated-values",
    ".json": "application/json", ".jsonl": "application/jsonl", ".ndjson": "application/jsonl",
    ".eml": EMAIL,
}  # fmt: skip

_BEFORE_ROOT = r"(?:\s|<!--(?:[^-]|-(?!->))*-->)*"
_XML_DECLARATION = re.compile(r"\s*<\?xml\s[^>]*>", re.IGNORECASE)
_SVG_ROOT = re.compile(
    r"\s*(?:<\?xml\s[^>]*>)?(?:\s|<!--(?:[^-]|-(?!->))*-->|<!DOCTYPE\s+svg\b[^\[>]*(?:\[[^\]]*\]\s*)?>)*"
    r"<(?:\w+:)?svg[\s>]"
)
_HTML_DOCUMENT = re.compile(_BEFORE_ROOT + r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_HTML_FRAGMENT = re.compile(
    _BEFORE_ROOT + r"<(div|p|table|section|article|main|h[1-6]|ul|ol|dl|title|meta|link)\b[^>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>", re.IGNORECASE)
_JSON_START = re.compile(r"\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]\-0-9tfn])")
_MARKDOWN_SIGNS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"^#{1,6} \S",
        r"^(?:```|~~~)",
        r"!?\[[^\]\n]+\]\([^)\s]+\)",
        r"^\|?(?: *:?-{3,}:? *\|)+",
        r"^\|.*\|$",
        r"\A---\n(?:.*\n)+?---$",
        r"\*\*\S[^*\n]*\*\*",
        r"^[-*] \S.*\n[-*] \S",
        r"^\$\$",
    )
)


def detect(data: bytes, name: str = "") -> str:
    """The media type of `data`; `application/octet-stream` where it is neither known nor text."""
    if magic := _binary_type(data):
        return magic
    text = _sample_text(data)
    if text is None:
        return "application/octet-stream"
    return _text_type(text, _SUFFIXES.get(PurePath(name).suffix.lower(), ""), PurePath(name).suffix == "")


def decode(data: bytes) -> tuple[str, str]:
    """The text, its line ends as `\\n`, and the name of its encoding.

    Raises `MalformedError` where the bytes are no text in any encoding that can be told.
    """
    for mark, marked in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data, marked), marked.removesuffix("-sig")
    encoding = _unmarked_utf16(data) or "utf-8"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if _controls(data) > 0.02:
            raise MalformedError(f"The file is not text: {error.reason} at byte {error.start}.") from error
        encoding = _guessed_encoding(data)
        text = _decoded(data, encoding)
    if "\x00" in text:
        raise MalformedError(f"The file is not text: a NUL at character {text.index(chr(0))}.")
    return _newlines(text), encoding


def delimiter_of(text: str, *, strict: bool = False) -> str | None:
    """The delimiter that gives most rows the same number of columns, two or more; `None` without one.

    `strict` asks for what nothing but a table looks like: three rows or more, all of equal width, with
    short cells, and no commas of prose.
    """
    lines = text[:_SAMPLE].splitlines()
    if len(text) > _SAMPLE and len(lines) > 1:
        lines.pop()
    best: tuple[float, int] = (0.0, 0)
    found = None
    for delimiter in "\t,;|":
        share, columns = _agreement(lines, delimiter, strict=strict)
        if (share, columns) > best:
            best, found = (share, columns), delimiter
    return found


def _binary_type(data: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return _ole_type(data) if media_type == _OLE else media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:2] == b"BM" and data[6:10] == bytes(4) and data[14:18] in _BITMAP_HEADERS:
        return "image/bmp"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_type(data)
    return "application/pdf" if _is_pdf(data) else None


_BITMAP_HEADERS = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def _is_pdf(data: bytes) -> bool:
    """Readers accept up to 1024 bytes of anything before the header; then it must go on like a PDF."""
    if data[:64].lstrip(b"\xef\xbb\xbf\x00 \t\r\n\x0c").startswith(b"%PDF-"):
        return True
    return b"%PDF-" in data[:1024] and b"endobj" in data and b"startxref" in data


def _zip_type(data: bytes) -> str:
    """Told from the names of the members, and for ODF and EPUB from the first member, stored as it is."""
    if data[30:38] == b"mimetype":
        (size,) = struct.unpack("<I", data[18:22])
        stored = data[38 : 38 + min(size or 100, 100)].split(b"PK", 1)[0]
        if re.fullmatch(rb"application/(?:epub\+zip|vnd\.oasis\.[\w.-]+)", stored):
            return stored.decode()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        names = [name.decode("latin-1") for name in re.findall(rb"(?:word|ppt|xl)/", data[:_SAMPLE])[:1]]
    if "xl/workbook.bin" in names:
        return XLSB
    for folder, media_type in _ZIP_FOLDERS.items():
        if any(name.startswith(folder) for name in names):
            return media_type
    return "application/zip"


_OLE_STREAMS = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
    ("__properties_version1.0", MSG),
)
_MOST_OLE_ENTRIES = 4096


def _ole_type(data: bytes) -> str:
    """Told from the streams at the top, since documents may stand inside one another further down."""
    try:
        names = _ole_names(data)
    except (struct.error, IndexError, ValueError):
        return _OLE
    return next((media_type for name, media_type in _OLE_STREAMS if name in names), _OLE)


def _ole_names(data: bytes) -> set[str]:
    """The names below the root of a compound file ([MS-CFB] 2.6): a tree of entries of 128 bytes."""
    entries = _ole_directory(data)
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [struct.unpack_from("<I", entries, 76)[0]]
    while waiting and len(seen) < _MOST_OLE_ENTRIES:
        number = waiting.pop()
        if number in seen or (number + 1) * 128 > len(entries):
            continue
        seen.add(number)
        entry = entries[number * 128 : (number + 1) * 128]
        length, left, right = struct.unpack("<H2xII", entry[64:76])
        names.add(entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"))
        waiting += (left, right)
    return names


def _ole_directory(data: bytes) -> bytes:
    """The sectors of the directory in a row, as far as the header leads to the allocation table."""
    size = 1 << min(struct.unpack_from("<H", data, 30)[0], 12)
    sector = struct.unpack_from("<I", data, 48)[0]
    table = b"".join(
        data[(place + 1) * size : (place + 2) * size]
        for place in struct.unpack_from("<109I", data, 76)
        if place < 0xFFFFFFFA
    )
    directory = b""
    while sector < 0xFFFFFFFA and len(directory) < _MOST_OLE_ENTRIES * 128:
        directory += data[(sector + 1) * size : (sector + 2) * size]
        if (sector + 1) * 4 > len(table):
            break
        sector = struct.unpack_from("<I", table, sector * 4)[0]
    return directory


def _sample_text(data: bytes) -> str | None:
    """The beginning as text; `None` where the bytes are none."""
    sample = data[:_SAMPLE]
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _newlines(_lenient(sample, encoding))
    if unmarked := _unmarked_utf16(sample):
        return _newlines(_lenient(sample, unmarked))
    if b"\x00" in sample or _controls(sample) > 0.02:
        return None
    try:
        return _newlines(_lenient(sample, "utf-8"))
    except UnicodeDecodeError:
        return _newlines(sample.decode("latin-1"))


def _lenient(sample: bytes, encoding: str) -> str:
    """A sample may end inside a character."""
    return codecs.getincrementaldecoder(encoding)("replace" if encoding != "utf-8" else "strict").decode(
        sample
    )


def _controls(data: bytes) -> float:
    sample = data[:_SAMPLE]
    return (len(sample) - len(sample.translate(None, _CONTROLS))) / (len(sample) or 1)


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark: in Latin text every other byte is NUL, and none of the ones between is."""
    sample = data[: _SAMPLE // 16]
    even, odd = sample[0::2], sample[1::2]
    if len(sample) < 8:
        return None
    if odd.count(0) > 0.7 * len(odd) and not even.count(0):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return _newlines(data.decode(encoding))
    except UnicodeDecodeError as error:
        message = f"The file says it is {error.encoding}, but is not: {error.reason} at byte {error.start}."
        raise MalformedError(message) from error


def _guessed_encoding(data: bytes) -> str:
    """Detection by statistics is poor on short Western texts, so those are told by their few letters."""
    high = data.translate(None, bytes(range(128)))
    if len(high) * 3 < len(data) and not high.translate(None, _WESTERN):
        return "cp1252"
    match = charset_normalizer.from_bytes(data[:_SAMPLE]).best()
    if match is None:
        raise MalformedError("The file is not text in any known encoding.")
    return match.encoding


_WESTERN = "ÀÁÂÄÅÆÇÈÉÊËÍÎÏÑÓÔÖØÚÛÜßàáâãäåæçèéêëíîïñòóôõöøùúûü‘’“”–—…€£§©®°«» \xa0".encode("cp1252")


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text_type(text: str, wanted: str, unnamed: bool) -> str:
    if markup := EMAIL if _is_email(text, wanted) else _markup_type(text, wanted):
        return markup
    if records := _json_type(text, wanted):
        return records
    if wanted == "text/markdown":
        return wanted
    delimiter = delimiter_of(text, strict=wanted not in ("text/csv", "text/tab-separated-values"))
    if delimiter:
        return "text/tab-separated-values" if delimiter == "\t" else "text/csv"
    if unnamed and sum(bool(sign.search(text)) for sign in _MARKDOWN_SIGNS) >= 2:
        return "text/markdown"
    return "text/plain"


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
        is_html = _HTML_DOCUMENT.match(text, declaration.end()) is not None
        return "application/xhtml+xml" if is_html else "application/xml"
    if _HTML_DOCUMENT.match(text):
        return "text/html"
    if wanted == "text/html" and _TAG.search(text):
        return wanted
    fragment = None if wanted else _HTML_FRAGMENT.match(text)
    if fragment and (f"</{fragment[1].lower()}" in text.lower() or text.count("</") >= 2):
        return "text/html"
    return None


def _json_type(text: str, wanted: str) -> str | None:
    if wanted in ("", "application/json") and _is_content_list(text):
        return CONTENT_LIST
    stripped = text.strip()
    if wanted == "application/jsonl" and re.search(r"^\s*[{\[]", text, re.MULTILINE):
        return wanted
    lines = [line for line in stripped.split("\n", 20) if line.strip()]
    if len(lines) > 1 and all(line.lstrip().startswith("{") and _is_json(line) for line in lines[:2]):
        return "application/jsonl"
    if wanted == "application/json" and (stripped[:1] in ("{", "[") or _is_json(stripped)):
        return wanted
    if not wanted and _JSON_START.match(text) and (len(text) >= _SAMPLE - 4 or _is_json(stripped)):
        return "application/json"
    return None


def _is_content_list(text: str) -> bool:
    """Told from the first items, all of a known type and one with a field that nothing else has."""
    if _OUR_CONTENT_LIST.match(text):
        return True
    start = _CONTENT_LIST_START.match(text)
    if start is None:
        return _STRUCTURED_CONTENT.search(text, 0, _SAMPLE) is not None and '"blocks"' in text
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
    """How large a share of the rows has the most common width, and that width; (0, 0) where too few do."""
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
    return (share, width) if not strict or _clearly_tabular(rows, lines, delimiter) else (0.0, 0)


def _clearly_tabular(rows: list[list[str]], lines: list[str], delimiter: str) -> bool:
    if len(rows) < 3 or max(len(cell) for row in rows for cell in row) > 60:
        return False
    if delimiter == "|" and any(line.startswith("|") for line in lines):
        return False  # a Markdown table
    text = "\n".join(lines)
    return delimiter == "\t" or text.count(delimiter + " ") * 2 < text.count(delimiter)
