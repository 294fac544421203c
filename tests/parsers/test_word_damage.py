"""Word documents that are damaged, or made to do harm."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from glede.errors import GledeError, LimitError, MalformedError, PasswordError
from tests.parsers.damage import check_flipped_bits
from tests.parsers.word_files import EVERYTHING, cell, docx, paragraph, picture, read, row, table, text

SHARED = os.environ.get("GLEDE_SHARED", "")


def failure(data: bytes) -> GledeError:
    with pytest.raises(GledeError) as caught:
        read(data)
    return caught.value


def test_entities_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    assert isinstance(failure(docx(paragraph("&amp;b;"), prologue=laughs)), MalformedError)


def test_nesting_is_limited() -> None:
    deep = "<w:sdt><w:sdtContent>" * 2000 + paragraph("x") + "</w:sdtContent></w:sdt>" * 2000
    assert isinstance(failure(docx(deep)), (MalformedError, LimitError))
    nested = paragraph("x")
    for _ in range(75):
        nested = table(row(cell(nested), "y"))
    assert read(docx(nested)).blocks


def test_bombs_are_refused_before_they_are_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.parsers.office_package.MOST_BYTES", 2**20)
    assert isinstance(failure(docx(paragraph("x" * 2**20))), LimitError)


def test_a_table_of_too_many_places_is_refused() -> None:
    wide = row(*(cell("x", '<w:gridSpan w:val="99999999"/>') for _ in range(1100)))
    assert isinstance(failure(docx(table(wide, wide))), LimitError)


@pytest.mark.parametrize(
    "body",
    [
        table(row(cell("x", '<w:gridSpan w:val="-5"/>'), "y"), row("a", "b")),
        table(row(cell("x", '<w:gridSpan w:val="many"/>'), "y"), row("a", "b")),
        table(row("x", "y", properties='<w:gridBefore w:val="x"/>'), row("a", "b")),
        paragraph("x", properties='<w:numPr><w:ilvl w:val="-3"/><w:numId w:val="2"/></w:numPr>'),
        paragraph("x", properties='<w:numPr><w:ilvl w:val="99"/><w:numId w:val="2"/></w:numPr>'),
        paragraph("x", properties='<w:numPr><w:ilvl w:val="999999999"/><w:numId w:val="2"/></w:numPr>'),
        paragraph("x", properties='<w:numPr><w:ilvl/><w:numId w:val="x"/></w:numPr>'),
        paragraph("x", properties='<w:outlineLvl w:val="x"/>'),
        paragraph('<w:r><w:sym w:char="FFFFFFF"/><w:t>x</w:t></w:r>'),
        paragraph('<w:r><w:sym w:char="D800"/><w:t>x</w:t></w:r>'),
        paragraph(text("x") + '<w:r><w:fldChar w:fldCharType="end"/><w:fldChar/></w:r>'),
        paragraph(text("x") + picture("nowhere")),
    ],
)
def test_odd_values_do_no_harm(body: str) -> None:
    parsed = read(docx(body))
    assert any("x" in block.text for block in parsed.blocks)
    assert not any("\ud800" in block.text for block in parsed.blocks)


def test_each_byte_may_be_damaged() -> None:
    check_flipped_bits(read, EVERYTHING, 37)


def test_encrypted_parts_ask_for_a_password() -> None:
    data = bytearray(docx(paragraph("x")))
    for mark in (b"PK\x01\x02", b"PK\x03\x04"):
        place = -1
        while (place := data.find(mark, place + 1)) >= 0:
            data[place + (8 if mark == b"PK\x01\x02" else 6)] |= 1
    assert isinstance(failure(bytes(data)), PasswordError)


def test_a_document_without_text() -> None:
    assert isinstance(failure(docx("<w:p/>")), MalformedError)
    assert isinstance(failure(b""), MalformedError)


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
@pytest.mark.parametrize("name", ["laughs.docx", "xxe.docx"])
def test_traps(name: str) -> None:
    data = (Path(SHARED) / "corpus" / "adversarial" / name).read_bytes()
    assert isinstance(failure(data), MalformedError)
