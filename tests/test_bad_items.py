"""Pictures and formulas that cannot be read: kept with what is known, and marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from glede import Content, Engine, Settings
from tests.items import added, blocks_of, claimed, drawn, page


@pytest.fixture
def offline(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.mark.parametrize(
    ("picture", "kind"),
    [
        (drawn("CMYK", kind="JPEG"), "jpeg"),
        (drawn(kind="GIF", save_all=True, append_images=[Image.new("RGB", (200, 150), "blue")]), "gif"),
        (drawn("1"), "png"),
        (drawn("I;16"), "png"),
        (drawn("P"), "png"),
        (drawn("LA"), "png"),
    ],
    ids=["cmyk", "animated", "1-bit", "16-bit", "palette", "alpha"],
)
async def test_a_picture_of_another_kind_is_whole(offline: Settings, picture: bytes, kind: str) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, page(picture, kind))
        assert (one.status, one.partial, one.unfinished, one.blocks["image"]) == ("searchable", (), (), 1)
        (hit,) = await engine.search("forked tail", types=["image"])
        assert await engine.asset(hit.chunk.asset or "") == picture


@pytest.mark.parametrize("alt", ["", "a kite in flight"])
async def test_a_picture_that_does_not_decode_is_kept_and_marked(offline: Settings, alt: str) -> None:
    half = drawn()[: len(drawn()) // 2]
    async with Engine.open(offline) as engine:
        one = await added(engine, page(half, alt=alt))
        (mark,) = one.unfinished
        assert (mark.kind, mark.code, mark.retryable) == ("image", "malformed", False)
        assert one.partial == (f"1 picture: {mark.message}",)
        (hit,) = await engine.search("forked tail", types=["image"])
        assert hit.chunk.text == (alt or "Picture: Kites")
        assert await engine.asset(hit.chunk.asset or "") == half
        (again,) = (await engine.retry()).documents
        assert (again.status, again.unfinished) == ("unchanged", one.unfinished)


@pytest.mark.parametrize(
    ("picture", "code"),
    [
        (claimed(0, 0), "malformed"),
        (claimed(0, 40), "malformed"),
        (claimed(50_000, 40_000), "limit_exceeded"),
        (b"no picture at all, whatever the address says", "malformed"),
    ],
    ids=["0", "0 wide", "2 billion", "junk"],
)
@pytest.mark.parametrize("alt", ["", "a kite in flight"])
async def test_a_picture_that_is_left_out_is_marked(
    offline: Settings, picture: bytes, code: str, alt: str
) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, page(picture, alt=alt))
        assert one.status == "searchable"
        assert [(mark.kind, mark.code) for mark in one.unfinished] == [("image", code)]
        assert len(one.partial) == 1
        assert len(await engine.search("a kite in flight", types=["image"])) == bool(alt)
        document = await engine.document(one.id or "")
        assert (document.unfinished, document.partial) == (one.unfinished, one.partial)
        assert (await engine.add(page(picture, alt=alt))).documents[0].status == "unchanged"


@pytest.mark.parametrize(
    ("picture", "code"), [(claimed(0, 0), "malformed"), (claimed(50_000, 40_000), "limit_exceeded")]
)
async def test_a_file_that_is_such_a_picture_fails(offline: Settings, picture: bytes, code: str) -> None:
    async with Engine.open(offline) as engine:
        one = await added(engine, Content(picture, "kite.png"))
        assert one.error is not None
        assert (one.status, one.error.code) == ("failed", code)


# Equations


@pytest.mark.parametrize(
    "latex", [r"\frac{a}{b + c", r"\begin{align} a &= b \\", "{" * 3000 + "x" + "}" * 3000], ids=len
)
async def test_latex_that_does_not_parse_is_kept_and_marked(offline: Settings, latex: str) -> None:
    text = f"# Discs\n\nThe area of a disc:\n\n$$\n{latex}\n$$\n\nwhere a is the area.\n"
    async with Engine.open(offline) as engine:
        one = await added(engine, Content(text, "discs.md"))
        assert [(mark.kind, mark.code) for mark in one.unfinished] == [("equation", "malformed")]
        (block,) = await blocks_of(engine, one, "equation")
        assert block.latex == latex
        (hit,) = await engine.search("area of a disc", types=["equation"])
        assert latex in hit.chunk.text
