"""S6: whatever a thing is called, nothing outside the data folder is written, and nothing unnamed is read."""

# ruff: noqa: E501 - markup is no easier to read in pieces

from __future__ import annotations

import io
import os
import socket
import stat
import time
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from glede import Content, Engine, Settings
from glede.errors import GledeError, NotFoundError, UsageError
from glede.stores.blobs import FileBlobs
from glede.testing.fakes import FakeEmbedder
from tests.promises.formats import DRAWING, content_list, docx, epub, pptx, relations

SECRET = "heron-7f3a-canary"
"""What stands in the files that nobody named."""


@dataclass(frozen=True)
class Place:
    """A folder to work in, with the files beside it that nothing may touch."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "work" / "home"

    @property
    def canary(self) -> Path:
        return self.root / "outside" / "canary.txt"

    @property
    def picture(self) -> Path:
        return self.root / "outside" / "canary.png"

    def outside(self) -> dict[str, tuple[int, int]]:
        """All that lies outside of the data folder, with sizes and times of change."""
        return {
            str(path): (path.lstat().st_size, path.lstat().st_mtime_ns)
            for path in self.root.rglob("*")
            if not path.is_relative_to(self.home) and not stat.S_ISDIR(path.lstat().st_mode)
        }

    def leaks(self) -> list[str]:
        """Files of the data folder that hold what the canaries hold, packed or not."""
        picture = self.picture.read_bytes()
        return [
            str(path)
            for path in self.home.rglob("*")
            if path.is_file()
            for data in [path.read_bytes()]
            if SECRET.encode() in data + _inflated(data) or picture in data
        ]


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompress(data)
    except zlib.error:
        return b""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    place = Place(tmp_path)
    place.home.mkdir(parents=True)
    place.canary.parent.mkdir()
    place.canary.write_text(f"The {SECRET} stands in the reeds.")
    Image.effect_noise((40, 30), 80).save(place.picture)
    before = place.outside()
    began = time.monotonic()
    yield place
    assert time.monotonic() - began < 60
    made = {path: what for path, what in place.outside().items() if "/added/" not in path}
    assert made == before
    assert not place.leaks()


def names(place: Place) -> list[str]:
    """Names that lead elsewhere, or that some system takes for what they are not."""
    canary = str(place.canary)
    up = ["../" * depth + "outside/canary.txt" for depth in range(1, 7)]
    return [
        canary, f"file://{canary}", f"file:{canary}", f"//{canary}", f"/{canary}", canary.replace("/", "//"),
        canary.replace("/", "\\"), f"\\\\?\\C:{canary}", f"C:{canary}", f"C:\\..\\{canary}", f"~{canary}", *up,
        *(name.replace("/", "\\") for name in up[:2]), *(name.replace("..", "%2e%2e") for name in up[:2]),
        *(name.replace("/", "%2f") for name in up[:2]), *(name.replace("/", "%252f") for name in up[:2]),
        *(name.replace("..", "．．") for name in up[:2]), *(name.replace("..", "‥") for name in up[:2]),
        *(name.replace("/", "∕") for name in up[:2]), *(name.replace("/", "／") for name in up[:2]),
        *(name.replace("../", "....//") for name in up[:2]), *(name.replace("../", "..;/") for name in up[:2]),
        *(name.replace("/", "\u2215") for name in up[:2]), *(name.replace("..", "%c0%ae%c0%ae") for name in up[:2]),
        "..", ".", "...", "/", "//", "../", "./", "~", "~root", "~/.ssh/id_rsa", "", " ", ". .", ".. /", " ..",
        "a/../../../outside/canary.txt", "a/./../../x", "./../x", "a\0b", f"{canary}\0.txt", "..\0/x", "\0",
        "a\nb", "a\r\nb", "\u202etxt.exe", "a\u200b/..", "\ufeff../x", "..%00/x", "${HOME}/x", "$(touch x)", "`touch x`",
        "|touch x", "; touch x", "-rf", "--help", "*", "?", "[a]", "{a,b}", "%s%n", "CON", "NUL", "aux.txt", "COM1",
        "LPT1.txt", "a:b", "a.txt:stream", "a.txt::$DATA", "x" * 255, "x" * 5000, "x/" * 500, "/dev/zero",
        "/dev/stdin", "/proc/self/environ", "/proc/self/fd/0", "/etc/passwd", "catalogue.db", "blobs/../catalogue.db",
        "../catalogue.db", "../../home/catalogue.db", "originals/../../x", "' OR 1=1 --", "%", "_", "a' ; DROP TABLE x",
        "\ud800", "é" * 200, "e\u0301/..",
    ]  # fmt: skip


def writable(place: Place) -> list[str]:
    """Those of the names that UTF-8 can write."""
    return [name for name in names(place) if "\ud800" not in name]


def settings_in(place: Place) -> Settings:
    return Settings(home=place.home)


def test_there_are_enough_forms(place: Place) -> None:
    assert len(set(names(place))) + len(referring(place)) + len(MEMBERS) >= 150


async def test_names_of_contents_are_only_names(place: Place) -> None:
    async with Engine.open(settings_in(place), embedder=FakeEmbedder()) as engine:
        contents = [Content(f"Kite number {number}.", name) for number, name in enumerate(names(place))]
        report = await engine.add(*contents)
        for one in report.documents:
            assert one.status == "searchable" or one.error, one
        for document in await engine.documents():
            assert (await engine.original(document)).startswith(b"Kite number")


async def test_names_of_collections_stay_within(place: Place) -> None:
    async with Engine.open(settings_in(place), embedder=FakeEmbedder()) as engine:
        for name in writable(place):
            try:
                report = await engine.add(Content("Kites soar.", "kites.txt"), collection=name)
                await engine.search("kites", collection=name)
                assert len(report.documents) == 1
            except GledeError as error:
                assert error.message, name


async def test_no_id_names_a_file(place: Place) -> None:
    async with Engine.open(settings_in(place), embedder=FakeEmbedder()) as engine:
        await engine.add(Content("Kites soar.", "kites.txt"), Content("Rain fell.", "rain.txt"))
        for name in writable(place):
            with pytest.raises((NotFoundError, UsageError)):
                await engine.document(name)
            with pytest.raises((NotFoundError, UsageError)):
                await engine.delete(name)
            with pytest.raises((GledeError, ValueError)):
                await engine.asset(name)
        assert len(await engine.documents()) == 2


def test_no_key_leaves_the_folder_of_blobs(place: Place) -> None:
    blobs = FileBlobs(str(place.home / "blobs"))
    inside = 0
    for name in names(place):
        for key in (name, f"originals/{name}", f"{name}/x"):
            try:
                blobs.put(key, b"Kites.")
                assert blobs.get(key) == b"Kites."
                blobs.delete(key)
                inside += 1
            except (ValueError, GledeError):
                for refused in (blobs.get, blobs.exists, blobs.delete):
                    try:
                        assert not refused(key)
                    except (ValueError, GledeError):
                        continue
            blobs.keys(name)
    assert inside
    assert not [path for path in (place.home / "blobs").rglob("*") if path.is_file()]


MEMBERS = (
    "../../outside/canary.txt", "/tmp/kites-outside.txt", "C:\\kites.txt", "..\\..\\outside\\canary.txt", "a/../../b.txt",
    "a\x01b.txt", "．．/b.txt", "‥/b.txt", "//server/share/b.txt", "~/b.txt", "CON", "a:b.txt", " .txt", "...",
    "x" * 3000, "a/" * 500 + "b.txt", "\u202etxt.b", "-rf.txt", "$(touch x).txt", "%2e%2e/b.txt", "../", "..",
)  # fmt: skip


def archive(place: Place) -> bytes:
    """Members of every bad name, links and devices among them, and two of one name."""
    stream = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(stream, "w") as made:
        warnings.simplefilter("ignore")
        for number, name in enumerate((*MEMBERS, "same.txt", "same.txt")):
            made.writestr(name, f"Kite number {number} of the archive.")
        kinds = {"link": stat.S_IFLNK, "device": stat.S_IFCHR, "block": stat.S_IFBLK, "pipe": stat.S_IFIFO}
        for name, kind in kinds.items():
            info = zipfile.ZipInfo(f"{name}.txt")
            info.external_attr = (kind | 0o777) << 16
            made.writestr(info, str(place.canary))
    return stream.getvalue()


async def test_members_of_archives_lie_below_them(place: Place) -> None:
    path = place.root / "added" / "kites.zip"
    path.parent.mkdir()
    path.write_bytes(archive(place))
    async with Engine.open(settings_in(place), embedder=FakeEmbedder()) as engine:
        report = await engine.add(path)
        sources = [one.source for one in report.documents]
        assert len(set(sources)) == len(sources) >= len(MEMBERS)
        for source in sources:
            assert source.startswith(f"{path}/")
            assert ".." not in Path(source).parts
            assert os.path.normpath(source).startswith(f"{path}/")
        failed = {Path(one.source).name for one in report.documents if one.status == "failed"}
        assert "link.txt" in failed


async def test_links_and_devices_in_folders(place: Place) -> None:
    folder = place.root / "added"
    (folder / "inner").mkdir(parents=True)
    (folder / "kite.txt").write_text("Kites soar over the ridge.")
    links = {
        "file.txt": place.canary, "relative.txt": Path("../outside/canary.txt"), "up.txt": Path("../../.."),
        "passwd.txt": Path("/etc/passwd"), "zero.txt": Path("/dev/zero"), "random.txt": Path("/dev/urandom"),
        "stdin.txt": Path("/dev/stdin"), "environ.txt": Path("/proc/self/environ"), "root": Path("/"),
        "folder": place.canary.parent, "self": Path("self"), "above": Path(".."), "chain1.txt": Path("file.txt"),
        "chain2.txt": Path("chain1.txt"), "gone.txt": Path("nothing.txt"), "inner/up.txt": Path("../file.txt"),
        "inner/around.txt": Path("../../outside/canary.txt"), "picture.png": place.picture, "inner/above": folder,
        "through.txt": Path("folder/canary.txt"),
    }  # fmt: skip
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "socket.txt"))
    async with Engine.open(settings_in(place), embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder)
        good = {Path(one.source).name for one in report.documents if one.status == "searchable"}
        assert good == {"kite.txt"}
        assert len(report.documents) == len(links) + 3
        named: list[str | Path] = ["/dev/zero", "/dev/urandom", "/proc/self/environ", "/proc/self/mem", folder / "pipe.txt",
                 folder / "socket.txt", "/dev/null", "/dev/full", "/proc/kmsg"]  # fmt: skip
        report = await engine.add(*named)
        assert {one.status for one in report.documents} == {"failed"}


def referring(place: Place) -> dict[str, bytes]:
    """Documents that name the canaries in every way that their formats have."""
    text, shown = f"file://{place.canary}", f"file://{place.picture}"
    near = "../outside/canary.png"
    declared = f'<!DOCTYPE {{}} [<!ENTITY e SYSTEM "{text}"><!ENTITY % p SYSTEM "{text}"> %p;]>'
    pictures = [
        shown,
        str(place.picture),
        near,
        f"file:{place.picture}",
        near.replace("/", "\\"),
        f"./{near}",
    ]
    html = "".join(
        f'<p>Kites soar.</p><img src="{one}" srcset="{one} 2x" alt="A kite"><object data="{one}"></object>'
        f'<embed src="{one}"><picture><source srcset="{one}"></picture><svg><image href="{one}"/></svg>'
        for one in (*pictures, text, str(place.canary))
    )
    frames = f'<iframe src="{text}"></iframe><link rel="import" href="{text}"><script src="{text}"></script>'
    markdown = "# Kites\n\n" + "\n\n".join(f"![A kite]({one}) <img src='{one}'>" for one in (*pictures, text))
    include = f"\n\n<!--#include file='{place.canary}'-->\n\n{{{{include {place.canary}}}}}\n\n--8<-- '{place.canary}'\n"
    linked = DRAWING.replace("r:embed", "r:link")
    documents = {
        "page.html": f"<!doctype html><html><head>{frames}</head><body>{html}</body></html>".encode(),
        "base.html": f'<html><head><base href="file://{place.canary.parent}/"></head><body><p>Kites.</p>'
        f'<img src="canary.png"><img src="canary.txt"></body></html>'.encode(),
        "page.xhtml": f'<?xml version="1.0"?>{declared.format("html")}<html><body><p>Kites &e;</p></body></html>'.encode(),
        "notes.md": (markdown + include).encode(),
        "entities.svg": f'<?xml version="1.0"?>{declared.format("svg")}<svg xmlns="http://www.w3.org/2000/svg">'
        f"<text>Kites &e; soar.</text></svg>".encode(),
        "uses.svg": f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><text>Kites'
        f'</text><use href="{text}#a"/><image xlink:href="{shown}"/><use xlink:href="{near}"/></svg>'.encode(),
        "xinclude.svg": f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xi="http://www.w3.org/2001/XInclude"><text>'
        f'Kites <xi:include href="{text}" parse="text"/></text></svg>'.encode(),
        "entities.docx": docx("<w:p><w:r><w:t>Kites &e;</w:t></w:r></w:p>", declared.format("w:document")),
        "entities.epub": epub("<p>Kites &e; soar.</p>", declared.format("package")),
        "mail.eml": f"From: a@example.org\nTo: b@example.org\nSubject: Kites\nMessage-ID: <1@example.org>\nContent-Type: "
        f'message/external-body; access-type=local-file; name="{place.canary}"\n\nContent-Type: text/plain\n\n'.encode(),
        "page.eml": f"From: a@example.org\nTo: b@example.org\nSubject: Kites\nMessage-ID: <1@example.org>\nContent-Type: "
        f"text/html\n\n{html}".encode(),
        "slides.pptx": redirected(pptx(), "ppt/slides/_rels/slide2.xml.rels", place),
    }  # fmt: skip
    for number, one in enumerate((*pictures, "../../../outside/canary.png", "/outside/canary.png")):
        documents[f"{number}_content_list.json"] = content_list(
            type="image", img_path=one, image_caption=["A kite"]
        )
        documents[f"{number}-table_content_list.json"] = content_list(
            type="table",
            table_body=f'<table><tr><td>x</td><td><img src="{one}"></td></tr></table>',
            img_path=one,
        )
        documents[f"{number}.epub"] = epub(
            f'<p>Kites soar.</p><img src="{one}" alt="x"/><img src="../{one}" alt="y"/>'
        )
        inside = relations(("image", one), ("styles", one), ("numbering", one), ("footnotes", one))
        documents[f"{number}.docx"] = docx(**{"word/_rels/document.xml.rels": inside})
        outside = relations(("image", one), external=True)
        documents[f"{number}-external.docx"] = docx(
            f"<w:p><w:r><w:t>Kites</w:t></w:r><w:r>{linked}</w:r></w:p>",
            **{"word/_rels/document.xml.rels": outside},
        )
    return documents


def redirected(data: bytes, part: str, place: Place) -> bytes:
    """The presentation with all that a slide refers to led to the canary."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == part:
                content = content.replace(
                    b'Target="../media/', f'Target="{"../" * 12}{place.picture}?'.encode()
                )
            new.writestr(name, content)
    return made.getvalue()


async def test_documents_read_no_other_files(place: Place) -> None:
    folder = place.root / "added"
    folder.mkdir()
    for name, data in referring(place).items():
        (folder / name).write_bytes(data)
    async with Engine.open(settings_in(place), embedder=FakeEmbedder()) as engine:
        report = await engine.add(folder)
        read = [one for one in report.documents if one.status == "searchable"]
        assert len(read) > 20
        for document in await engine.documents():
            assert SECRET not in "".join(block.text for block in await engine.blocks(document))
        assert not [hit for hit in await engine.search(SECRET) if SECRET in hit.chunk.text]


async def test_the_search_for_the_canary_would_find_it(place: Place) -> None:
    """Told apart from a search that finds nothing ever: once it is named, it is there."""
    other = Place(place.root)
    async with Engine.open(settings_in(other), embedder=FakeEmbedder()) as engine:
        await engine.add(place.canary, place.picture)
        assert place.leaks()
        await engine.delete("canary.txt")
    for path in place.leaks():
        Path(path).unlink()
