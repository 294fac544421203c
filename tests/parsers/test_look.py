from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import ClassVar

import pytest
from PIL import Image, ImageDraw

from glede.errors import LimitError, MalformedError
from glede.media import detect
from glede.parsers import look
from glede.parsers.look import GlanceParser, LookParser, ScaleParser
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions, Parser
from glede.pictures.features import distance, vector_of
from glede.testing.parser_contract import ParserContract
from glede.types import Picture, sha256_of

GLANCE, LOOK = "glede.parsers.look:GlanceParser", "glede.parsers.look:LookParser"


def drawn(size: tuple[int, int] = (300, 200), mode: str = "RGB") -> Image.Image:
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((size[0] // 8, size[1] // 8, size[0] // 2, size[1] // 2), fill=(180, 30, 30))
    pen.line((0, size[1] - 9, size[0], 9), fill="black", width=5)
    return picture.convert(mode)


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def glance(data: bytes) -> Picture:
    (block,) = GlanceParser().parse(data, detect(data), ParseOptions()).blocks
    assert block.picture is not None
    return block.picture


class TestGlanceContract(ParserContract):
    parser: ClassVar[Parser] = GlanceParser()
    samples: ClassVar[Sequence[tuple[bytes, str]]] = [
        (saved(drawn()), "image/png"),
        (saved(drawn(), "JPEG"), "image/jpeg"),
    ]


class TestScaleContract(ParserContract):
    parser: ClassVar[Parser] = ScaleParser()
    samples: ClassVar[Sequence[tuple[bytes, str]]] = [(saved(drawn((3000, 1000))), "image/png")]


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("1", "PNG"),
        ("L", "PNG"),
        ("P", "GIF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("RGBA", "WEBP"),
        ("I;16", "PNG"),
    ],
)
def test_odd_pictures_are_seen(mode: str, kind: str) -> None:
    seen, plain = glance(saved(drawn(mode=mode), kind)), glance(saved(drawn()))
    assert (seen.width, seen.height) == (300, 200)
    assert distance(seen.hash, plain.hash) <= 12
    assert vector_of(seen.feature) is not None


def test_sixteen_bits_are_not_cut_off() -> None:
    dark = Image.new("I;16", (300, 200), 60_000)
    dark.paste(9_000, (30, 30, 150, 120))
    assert glance(saved(dark)).kind != "blank"


def test_an_animation_is_its_first_picture() -> None:
    data = saved(drawn(), "GIF", save_all=True, append_images=[Image.new("RGB", (300, 200))] * 3)
    assert distance(glance(data).hash, glance(saved(drawn())).hash) <= 4


def test_the_same_picture_in_another_size_has_nearly_the_same_hash() -> None:
    large = drawn((1200, 800))
    small = large.resize((400, 267))
    assert distance(glance(saved(large)).hash, glance(saved(small, "JPEG")).hash) <= 4


def header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", len(body)) + b"IHDR" + body + struct.pack(">I", zlib.crc32(b"IHDR" + body))
    return b"\x89PNG\r\n\x1a\n" + chunk


@pytest.mark.parametrize("parser", [GlanceParser(), ScaleParser()])
def test_pictures_of_no_or_too_many_pixels_are_one_error(parser: GlanceParser | ScaleParser) -> None:
    with pytest.raises(LimitError, match="2000000 x 1000"):
        parser.parse(header(2_000_000, 1000), "image/png", ParseOptions())
    with pytest.raises(MalformedError):
        parser.parse(header(0, 5), "image/png", ParseOptions())
    with pytest.raises(MalformedError):
        parser.parse(header(50, 50), "image/png", ParseOptions())


def test_words_are_read_where_ocr_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look, "is_installed", lambda: True)
    monkeypatch.setattr(look, "load_engine", lambda: None)
    monkeypatch.setattr(look, "picture_text", lambda *_: ("Query Node", 0.93))
    (block,) = LookParser().parse(saved(drawn()), "image/png", ParseOptions()).blocks
    assert (block.text, block.confidence) == ("Query Node", 0.93)
    (icon,) = LookParser().parse(saved(drawn((20, 20))), "image/png", ParseOptions()).blocks
    assert (icon.text, icon.confidence) == ("", 1.0)


def test_a_large_picture_is_shown_small() -> None:
    (block,) = ScaleParser().parse(saved(drawn((4000, 2000))), "image/png", ParseOptions()).blocks
    assert block.picture is not None
    assert (block.picture.width, block.picture.height) == (1024, 512)
    assert block.picture.media_type == "image/png"


def test_a_small_picture_is_shown_as_it_is_unless_no_model_takes_it() -> None:
    data = saved(drawn())
    assert ScaleParser().parse(data, "image/png", ParseOptions()).assets[sha256_of(data)] == data
    parsed = ScaleParser().parse(saved(drawn(), "BMP"), "image/bmp", ParseOptions())
    assert parsed.blocks[0].picture is not None
    assert parsed.blocks[0].picture.media_type == "image/png"


async def test_it_is_a_job_of_the_parser_process() -> None:
    pool = ParserPool(ParseLimits(), 1, modules=["glede.parsers.look"])
    try:
        parsed = await pool.parse(
            saved(drawn()), "image/png", "glede.parsers.look:GlanceParser", ParseOptions()
        )
        assert parsed.blocks[0].picture == glance(saved(drawn()))
        with pytest.raises(LimitError):
            await pool.parse(
                header(90_000, 9000), "image/png", "glede.parsers.look:LookParser", ParseOptions()
            )
    finally:
        await pool.close()
