"""Old Office files: how they are told apart, and what is read of them where the extra is installed."""

from __future__ import annotations

import io
import struct
import zipfile
from functools import partial
from importlib.util import find_spec

import pytest

from glede.errors import MalformedError, PasswordError
from glede.media import detect
from glede.media.types import DOC, ENCRYPTED_OFFICE, MSG, PPT, XLS
from glede.parsers.office import OfficeParser
from glede.parsers.office_locked import LockedParser
from glede.parsing import ParseOptions
from glede.types import Link, Parsed
from tests.parsers.damage import check_flipped_bits

needs_office = pytest.mark.skipif(
    find_spec("docling_rs") is None or find_spec("xlrd") is None, reason="the extra office is not installed"
)
OLE = "application/x-ole-storage"
_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(*names: str, within: tuple[str, ...] = ()) -> bytes:
    """A compound file of empty streams below the root, and others in a storage below the first of them."""
    entries = [("Root Entry", 5, _FREE, _FREE, 1 if names else _FREE)]
    for number, name in enumerate(names, 1):
        follower = number + 1 if number < len(names) else _FREE
        child = len(names) + 1 if within and number == 1 else _FREE
        entries.append((name, 2 if child == _FREE else 1, _FREE, follower, child))
    entries += [(name, 2, _FREE, _FREE, _FREE) for name in within]
    directory = b"".join(
        f"{name}\0".encode("utf-16-le").ljust(64, b"\0")
        + struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, left, right, child)
        + bytes(48)
        for name, kind, left, right, child in entries
    ).ljust(1024, b"\0")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    header += struct.pack("<I", 0) + b"\xff" * 432
    table = struct.pack("<III", _TABLE, 2, _END).ljust(512, b"\xff")
    return header.ljust(512, b"\xff")[:512] + table + directory


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (compound("1Table", "WordDocument"), DOC),
        (compound("Workbook", "a", "b", "c", "d", "e"), XLS),
        (compound("Book"), XLS),
        (compound("Current User", "PowerPoint Document"), PPT),
        (compound("EncryptionInfo", "EncryptedPackage"), ENCRYPTED_OFFICE),
        (compound("__nameid_version1.0", "__properties_version1.0"), MSG),
        (compound("ObjectPool", within=("Workbook",)), OLE),
        (compound("Something"), OLE),
        (compound(), OLE),
        (compound("WordDocument")[:600], OLE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600, OLE),
    ],
)
def test_told_apart_by_their_streams(data: bytes, media_type: str) -> None:
    assert detect(data, "x.bin") == media_type


def test_a_directory_in_a_circle_ends() -> None:
    data = bytearray(compound("WordDocument"))
    data[512 + 4 : 512 + 8] = struct.pack("<I", 1)
    assert detect(bytes(data)) == DOC


def test_encrypted_documents_say_so() -> None:
    with pytest.raises(PasswordError) as caught:
        LockedParser().parse(compound("EncryptedPackage"), ENCRYPTED_OFFICE, ParseOptions())
    assert "encrypted" in caught.value.message


def test_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.parsers.office.find_spec", lambda _: None)
    missing = OfficeParser().available(DOC)
    assert not missing
    assert "glede[office]" in missing.hint


def old_workbook() -> bytes:
    xlwt = pytest.importorskip("xlwt")
    book = xlwt.Workbook()
    sheet = book.add_sheet("Birds")
    bold, percent = xlwt.easyxf("font: bold on"), xlwt.easyxf(num_format_str="0.0%")
    sheet.write_merge(0, 0, 1, 2, "counted", bold)
    sheet.write(0, 0, "bird", bold)
    sheet.write(1, 0, xlwt.Formula('HYPERLINK("https://example.org","kite")'))
    sheet.write(2, 0, "eagle")
    for row, (left, right) in enumerate(((3, 0.5), (4, 0.25)), 1):
        sheet.write(row, 1, left)
        sheet.write(row, 2, right, percent)
    book.add_sheet("Secret").write(0, 0, "hidden")
    book.get_sheet(1).visibility = 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(data: bytes, media_type: str) -> Parsed:
    return OfficeParser().parse(data, media_type, ParseOptions())


@needs_office
def test_an_old_workbook() -> None:
    data = old_workbook()
    assert detect(data, "birds.xls") == XLS
    parsed = read(data, XLS)
    assert [(block.type, block.text, block.page) for block in parsed.blocks[:1]] == [("heading", "Birds", 1)]
    table = parsed.blocks[1].table
    assert table is not None
    assert table.grid()[0] == ["bird", "counted", "counted"]
    assert table.grid()[2] == ["eagle", "4", "25.0%"]
    assert table.header_rows() == 1
    assert parsed.warnings == ("Hidden sheets were left out: Secret.",)
    assert all(link == Link("kite", "https://example.org") for link in parsed.blocks[1].links)


@needs_office
@pytest.mark.parametrize("media_type", [DOC, XLS, PPT, ENCRYPTED_OFFICE])
@pytest.mark.parametrize("data", [b"", bytes(100), compound("WordDocument", "Workbook", "EncryptedPackage")])
def test_damage_is_one_error(data: bytes, media_type: str) -> None:
    with pytest.raises((MalformedError, PasswordError)) as caught:
        read(data, media_type)
    assert len(caught.value.message) < 250


@needs_office
def test_a_damaged_workbook_is_a_result_or_one_error() -> None:
    check_flipped_bits(partial(read, media_type=XLS), old_workbook(), 97)


def opendocument() -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:"
    content = f"""<?xml version="1.0"?><office:document-content xmlns:office="{space}office:1.0"
    xmlns:text="{space}text:1.0" xmlns:table="{space}table:1.0" office:version="1.3">
    <office:body><office:text><text:h text:outline-level="1">Kites</text:h><text:p>They nest in oaks.</text:p>
    <table:table><table:table-row><table:table-cell><text:p>Year</text:p></table:table-cell>
    <table:table-cell><text:p>Pairs</text:p></table:table-cell></table:table-row><table:table-row>
    <table:table-cell><text:p>2025</text:p></table:table-cell><table:table-cell><text:p>212</text:p>
    </table:table-cell></table:table-row></table:table></office:text></office:body></office:document-content>"""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{space}manifest:1.0"><manifest:file-entry '
            'manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.text"/>'
            "</manifest:manifest>",
        )
    return made.getvalue()


@needs_office
def test_an_opendocument_text() -> None:
    data = opendocument()
    parsed = read(data, detect(data))
    assert [(block.type, block.text.split("\n")[0]) for block in parsed.blocks] == [
        ("heading", "Kites"),
        ("text", "They nest in oaks."),
        ("table", "| Year | Pairs |"),
    ]
