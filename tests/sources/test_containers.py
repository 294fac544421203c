from __future__ import annotations

import io
import os
import struct
import time
import tracemalloc
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.errors import DocumentError
from glede.sources.containers import ArchiveLimits, expanded
from glede.sources.items import Item, read
from glede.sources.members import Member
from glede.testing.fakes import FakeEmbedder
from tests.parsers.test_email import message
from tests.web_server import Answer, served

MOST = 20 * 2**20


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < 10


def zipped(members: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def opened(
    data: bytes, limits: ArchiveLimits | None = None, name: str = "a.zip", password: str | None = None
) -> list[Item]:
    """What is in it, each with its content or with what stands in the way of that."""
    limits = limits or ArchiveLimits()
    return list(map(_loaded, expanded([Item(name, content=data)], limits, MOST, password)))


def _loaded(item: Item) -> Item:
    try:
        return Item(item.source, content=read(item, MOST)[0], name=item.name)
    except DocumentError as error:
        return Item(item.source, error=error, name=item.name)


def codes(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.source, item.error.code if item.error else "") for item in items]


def test_members_are_documents_below_the_archive() -> None:
    data = zipped({"a.txt": b"one", "in/b.md": b"two", ".hidden": b"x", "__MACOSX/a.txt": b"x"})
    items = opened(data)
    assert codes(items) == [("a.zip/a.txt", ""), ("a.zip/in/b.md", "")]
    assert [(item.content, item.name) for item in items] == [(b"one", "a.txt"), (b"two", "b.md")]


def test_archives_within_archives_to_the_depth() -> None:
    data = zipped({"b.zip": zipped({"c.txt": b"x", "d.zip": zipped({"e.txt": b"y"})})})
    assert codes(opened(data)) == [("a.zip/b.zip/c.txt", ""), ("a.zip/b.zip/d.zip", "limit_exceeded")]
    assert codes(opened(data, ArchiveLimits(depth=3)))[1] == ("a.zip/b.zip/d.zip/e.txt", "")


def test_documents_that_are_zips_are_documents() -> None:
    data = zipped({"word/document.xml": b"<x/>"})
    assert codes(opened(data, name="a.docx")) == [("a.docx", "")]


def test_names_are_only_names() -> None:
    names = ["../../etc/passwd", "/abs/olute.txt", "..\\win.txt", "a\nb.txt", "..", "C:\\x.txt"]
    items = opened(zipped(dict.fromkeys(names, b"x")))
    assert [item.source for item in items] == [
        "a.zip/etc/passwd", "a.zip/abs/olute.txt", "a.zip/win.txt", "a.zip/a_b.txt", "a.zip/unnamed",
        "a.zip/C:/x.txt",
    ]  # fmt: skip
    assert all(item.path is None and item.content == b"x" for item in items)


def test_members_of_one_name_are_both_kept() -> None:
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.txt", "one")
        archive.writestr("a.txt", "two")
    items = opened(stream.getvalue())
    assert [item.source for item in items] == ["a.zip/a.txt", "a.zip/a.txt (2)"]


def test_a_bomb_is_one_error_and_the_others_are_read() -> None:
    items = opened(zipped({"bomb.txt": b"0" * 15_000_000, "good.txt": b"good"}))
    assert codes(items) == [("a.zip/bomb.txt", "limit_exceeded"), ("a.zip/good.txt", "")]
    assert items[0].error is not None
    assert "GLEDE_ARCHIVE_RATIO" in items[0].error.hint


def test_an_archive_that_holds_too_much_in_all() -> None:
    data = zipped({f"{number}.txt": bytes(900_000) for number in range(10)})
    items = opened(data, ArchiveLimits(total_bytes=2_000_000))
    assert codes(items)[-1] == ("a.zip", "limit_exceeded")
    assert items[-1].error is not None
    assert "GLEDE_ARCHIVE_MB" in items[-1].error.hint
    assert len(items) == 3


def test_a_hundred_thousand_members() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(100_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    (item,) = opened(stream.getvalue())
    assert item.error is not None
    assert "GLEDE_ARCHIVE_MEMBERS" in item.error.hint


def test_a_size_that_lies_is_not_believed() -> None:
    data = zipped({"a.txt": b"0" * 15_000_000})
    lying = data.replace((15_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (item,) = opened(lying)
    assert item.error is not None
    assert item.error.code in ("limit_exceeded", "malformed")


def test_links_and_encrypted_members() -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret.txt", "x" * 50)
    data = bytearray(stream.getvalue())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    assert codes(opened(bytes(data))) == [("a.zip/link", "unsupported"), ("a.zip/secret.txt", "password")]


@pytest.mark.parametrize(
    "data",
    [b"PK\x03\x04garbage", zipped({"a.txt": b"x" * 99})[:-30], zipped({})],
    ids=["garbage", "cut off", "empty"],  # the bytes hold the time, and workers must agree on names
)
def test_damage_is_one_error(data: bytes) -> None:
    assert codes(opened(data)) == [("a.zip", "malformed")]


def test_attachments_are_documents_below_their_e_mail() -> None:
    mail = message()
    mail.add_attachment(b"a,b\n1,2\n", maintype="text", subtype="csv", filename="../table.csv")
    mail.add_attachment(zipped({"in.txt": b"x"}), maintype="application", subtype="zip", filename="z.zip")
    inner = message()
    inner.add_attachment("noted", filename="note.txt")
    mail.add_attachment(inner)
    assert [item.source for item in opened(bytes(mail), name="m.eml")] == [
        "m.eml", "m.eml/table.csv", "m.eml/z.zip/in.txt", "m.eml/message.eml", "m.eml/message.eml/note.txt"
    ]  # fmt: skip


async def test_the_engine_adds_what_is_inside(tmp_path: Path) -> None:
    mail = message()
    mail.add_attachment("The osprey eats fish.", filename="osprey.txt")
    (tmp_path / "a.zip").write_bytes(zipped({"kite.txt": b"The red kite has a forked tail.", "bad": b"\x00"}))
    async with Engine.open(Settings(home=tmp_path / "home"), embedder=FakeEmbedder()) as engine:
        report = await engine.add(tmp_path / "a.zip", Content(bytes(mail), "m.eml"))
        found = {Path(added.source).name: added.status for added in report.documents}
        assert found == {
            "kite.txt": "searchable", "bad": "failed", "m.eml": "searchable", "osprey.txt": "searchable"
        }  # fmt: skip
        hits = await engine.search("forked tail")
        assert hits[0].source == str(tmp_path / "a.zip/kite.txt")


def encrypted(data: bytes, password: bytes) -> bytes:
    """An archive of `secret.txt`, encrypted as zip programs have always done it."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def update(byte: int) -> None:
        keys[0] = _crc_step(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = _crc_step(keys[2], keys[1] >> 24)

    for byte in password:
        update(byte)
    crc, packed = zlib.crc32(data), bytearray()
    for byte in bytes(11) + bytes([crc >> 24]) + data:
        word = (keys[2] | 2) & 0xFFFF
        packed.append(byte ^ (((word * (word ^ 1)) >> 8) & 0xFF))
        update(byte)
    fields = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 33, crc, len(packed), len(data), 10, 0)
    local = b"PK\x03\x04" + fields + b"secret.txt" + packed
    entry = b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"secret.txt"
    return local + entry + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)


def _crc_step(crc: int, byte: int) -> int:
    """One byte more, without the complements that `zlib.crc32` makes at its beginning and end."""
    return zlib.crc32(bytes([byte]), crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


def test_the_password_opens_encrypted_members() -> None:
    data = encrypted(b"The kites are back.", b"ladder")
    (item,) = opened(data, password="ladder")
    assert item.content == b"The kites are back."
    for wrong in (None, "leiter", "\udcff", *map(str, range(300))):  # one in 256 seems right at first
        assert codes(opened(data, password=wrong)) == [("a.zip/secret.txt", "password")]
    (item,) = opened(encrypted(zipped({"a.txt": b"inside"}), b"ladder"), password="ladder")
    assert item.content is not None


def test_what_no_password_opens_is_said() -> None:
    aes = encrypted(b"x", b"ladder").replace(struct.pack("<HHH", 20, 1, 0), struct.pack("<HHH", 51, 1, 99))
    (item,) = opened(aes, password="ladder")
    assert item.error is not None
    assert item.error.code == "unsupported"
    assert "AES" in item.error.message


def test_ways_to_pack_that_unpack_all_at_once_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.txt", b"kite " * 1000)
    assert codes(opened(stream.getvalue())) == [("a.zip/a.txt", "unsupported")]


@pytest.mark.measured
def test_members_are_unpacked_when_their_turn_comes(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{number}.txt": os.urandom(500_000) for number in range(40)}))
    items = list(expanded([Item(str(path), path=path)], ArchiveLimits(), MOST))
    tracemalloc.start()
    for item in items:
        read(item, MOST)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(item.content is None for item in items)
    assert most < 5_000_000


def test_a_container_within_is_opened_once_for_all_of_its_members(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    load = Member.load

    def counted(self: Member, most: int | None = None) -> bytes:
        loads.append(self.container.source)
        return load(self, most)

    monkeypatch.setattr(Member, "load", counted)
    inner = zipped({f"{number}.txt": b"x" for number in range(50)})
    items = opened(zipped({"one.zip": inner, "two.zip": inner}))
    assert len(items) == 100
    assert loads.count("a.zip") <= 10


def test_an_archive_that_changes_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({"a.txt": b"one", "b.txt": b"two"}))
    other = tmp_path / "b.zip"
    other.write_bytes(zipped({"c.txt": b"three"}))
    third = tmp_path / "c.zip"
    third.write_bytes(zipped({"d.txt": b"four"}))
    items = list(expanded([Item(str(one), path=one) for one in (path, other, third)], ArchiveLimits(), MOST))
    path.write_bytes(zipped({"a.txt": b"longer"}))
    assert [code for _, code in codes(list(map(_loaded, items)))] == ["unreadable", "unreadable", "", ""]


async def test_an_archive_at_an_address_is_opened(tmp_path: Path) -> None:
    mail = message()
    mail.add_attachment("The osprey eats fish.", filename="osprey.txt")
    data = zipped({"kite.txt": b"The red kite has a forked tail.", "in/m.eml": bytes(mail)})
    settings = Settings(home=tmp_path / "home", fetch_private=True)
    with served({"/birds.zip": Answer(data)}) as web:
        address = web.address("/birds.zip")
        async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
            report = await engine.add(address, Content("A tern.", "tern.txt"), web.address("/none"))
    assert {added.source: added.status for added in report.documents} == {
        f"{address}/kite.txt": "searchable",
        f"{address}/in/m.eml": "searchable",
        f"{address}/in/m.eml/osprey.txt": "searchable",
        "tern.txt": "searchable",
        web.address("/none"): "failed",
    }
