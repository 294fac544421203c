from __future__ import annotations

import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.errors import MalformedError
from glede.media import detect
from glede.media.text import delimiter_of
from glede.text.decoding import decode

ODT = "application/vnd.oasis.opendocument.text"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _zip(*names: str, first: str = "") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, "x" * 100)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"%PDF-1.7\n...", "notes.txt", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "a.md", "image/png"),
        (b"\xff\xd8\xff\xe0", "", "image/jpeg"),
        (b"GIF89a....", "", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "", "image/webp"),
        (b"II*\x00....", "", "image/tiff"),
        (b"BM\x00\x10\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00", "", "image/bmp"),
        (b"\x1f\x8b\x08", "x.txt", "application/gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "old.doc", "application/x-ole-storage"),
        (_zip("[Content_Types].xml", "word/document.xml"), "", WORD),
        (_zip("[Content_Types].xml", "word/document.xml")[:-30], "", WORD),
        (_zip("a", first="application/epub+zip"), "", "application/epub+zip"),
        (_zip("a", first=ODT), "", ODT),
        (_zip("a.txt"), "a.docx", "application/zip"),
        (b"\x00\x01\x02\xfe" * 40, "x.txt", "application/octet-stream"),
        (random.Random(1).randbytes(4000), "x.txt", "application/octet-stream"),
        (b"", "x.csv", "text/plain"),
        (b"Just a line.", "", "text/plain"),
        ("Größe".encode("utf-16"), "x.txt", "text/plain"),
        ("plain words, no mark".encode("utf-16-le"), "x.txt", "text/plain"),
        (b"# Not told by content\n", "x.md", "text/markdown"),
        (b"# Title\n\nwith **bold** text", "", "text/markdown"),
        (b"# a comment\nx = 1\n", "x.py", "text/plain"),
        (b"<!-- c --> <!DOCTYPE HTML><p>x", "x.md", "text/html"),
        (b"<p>A</p>\n\n# Title", "x.md", "text/markdown"),
        (b"words and <b>tags</b>", "x.html", "text/html"),
        (b"<div><p>a</p></div>", "", "text/html"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html/>', "", "application/xhtml+xml"),
        (b'<?xml version="1.0"?><svg/>', "", "application/xml"),
        (b'{"a": [1, 2]}', "x.txt", "application/json"),
        (b'{"a": 1}\n{"a": 2}\n', "x.json", "application/jsonl"),
        (b'{"a": 1', "x.json", "application/json"),
        (b"no json at all", "x.json", "text/plain"),
        (b"[1] a reference\n", "", "text/plain"),
        (b"a,b\n1,2\n", "x.csv", "text/csv"),
        (b"a\tb\n1\t2\n", "x.csv", "text/tab-separated-values"),
        (b"a;b\n1;2\n3;4\n", "", "text/csv"),
        (b"This is prose,\nwhich has, now and then,\na comma. Not more\nthan that.", "x.csv", "text/plain"),
        (b"Paris, France\nRome, Italy\nOslo, Norway", "", "text/plain"),
    ],
)  # fmt: skip
def test_detect(data: bytes, name: str, expected: str) -> None:
    assert detect(data, name) == expected


@given(st.binary(max_size=300), st.sampled_from(["", "a.md", "a.csv", "a.json", "a.html", "a.txt"]))
def test_detect_never_fails(data: bytes, name: str) -> None:
    assert "/" in detect(data, name)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe und Maß", "utf-8-sig"),
        ("Größe und Maß", "utf-16"),
        ("Größe und Maß", "utf-32"),
        ("plain words here", "utf-16-be"),
        ("Café déjà vu", "latin-1"),
        ("Der Vogel fliegt über die Straße und singt schön.", "cp1252"),
        ("Привет, как дела? Это русский текст для проверки.", "cp1251"),
        ("这是一个中文测试文档，用来检查编码。这里还有更多的文字。", "gbk"),
        ("日本語のテキストです。これはテストです。", "shift_jis"),
    ],
)
def test_decode(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding))[0] == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff")))
def test_decode_gives_utf8_back(text: str) -> None:
    assert decode(text.encode())[0] == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("data", [b"ab\x00cd", b"\xff\xfe\x00", b"\xff\x00\x01\x02\x03\x04\x90"])
def test_decode_says_why_not(data: bytes) -> None:
    with pytest.raises(MalformedError, match=r"byte|NUL|text"):
        decode(data)


def test_delimiter_is_the_one_that_agrees() -> None:
    assert delimiter_of("a;b;c\n1,5;2;3\n2,5;3;4") == ";"
    assert delimiter_of('"","",";"\n' * 4) == ","
    assert delimiter_of('"","",";"\n' * 4 + '"a","b","cut off') == ","
    assert delimiter_of('"a" b,c\n"d" e,f;g') == ","
    assert delimiter_of("one column\nonly") is None
    assert delimiter_of("a,b\n1,2", strict=True) is None


@pytest.mark.parametrize(
    ("text", "name", "media_type"),
    [
        ("\\documentclass{article}\n\\begin{document}x\\end{document}", "", "text/x-tex"),
        ("% kites\n\\section{Nests}", "kites.tex", "text/x-tex"),
        ("Write \\documentclass to begin.", "notes.txt", "text/plain"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\nKites.", "", "text/vtt"),
        ("WEBVTTX", "", "text/plain"),
        ("= Kites\n\n== Nests\n\nIn oaks.", "kites.adoc", "text/asciidoc"),
        ("Just words.", "kites.adoc", "text/plain"),
        ("<?xml version='1.0'?><!DOCTYPE article PUBLIC '-//NLM//DTD JATS v1.0//EN' 'a.dtd'><article/>", "",
         "application/jats+xml"),
        ("<?xml version='1.0'?><article xml:lang='en'><front><journal-meta/></front></article>", "",
         "application/jats+xml"),
        ("<?xml version='1.0'?><order/>", "", "application/xml"),
    ],
)  # fmt: skip
def test_kinds_of_markup(text: str, name: str, media_type: str) -> None:
    assert detect(text.encode(), name) == media_type
