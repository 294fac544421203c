from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from glede.errors import LimitError, MalformedError
from glede.media import detect
from glede.parsers.picture import PictureParser
from glede.parsing import ParseOptions


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"])
def test_each_kind_tells_its_size(kind: str) -> None:
    stream = BytesIO()
    Image.new("RGB", (40, 30)).save(stream, kind)
    data = stream.getvalue()
    parsed = PictureParser().parse(data, detect(data), ParseOptions(name="red_kite-2025.png"))
    (block,) = parsed.blocks
    assert block.picture is not None
    assert (block.picture.width, block.picture.height) == (40, 30)
    assert parsed.assets == {block.picture.asset: data}
    assert block.text == "red kite 2025"


def test_what_is_too_large_or_damaged_is_one_error() -> None:
    stream = BytesIO()
    Image.new("1", (3000, 2000)).save(stream, "PNG")
    with pytest.raises(LimitError, match="3000 x 2000"):
        PictureParser().parse(stream.getvalue(), "image/png", ParseOptions(max_pixels=1_000_000))
    with pytest.raises(MalformedError):
        PictureParser().parse(b"\x89PNG\r\n\x1a\n", "image/png", ParseOptions())
