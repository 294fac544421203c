from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from glede import Engine, Settings
from glede.errors import LimitError, UnreadableError, UsageError
from glede.media import detect
from glede.media.types import CONTENT_LIST
from glede.sources.content_lists import content_of
from glede.testing.fakes import FakeEmbedder


async def test_blocks_are_added_with_their_pictures(tmp_path: Path) -> None:
    picture = tmp_path / "kite.png"
    Image.new("RGB", (20, 10), "red").save(picture)
    blocks = [
        {"type": "text", "text": "Kites", "text_level": 1, "page_idx": 0},
        {"type": "text", "text": "The red kite has a forked tail.", "page_idx": 0},
        {"type": "table", "table_body": "| year | pairs |\n|---|---|\n| 2024 | 14 |", "page_idx": 1},
        {"type": "image", "img_path": str(picture), "image_caption": ["A kite"], "page_idx": 2},
    ]
    async with Engine.open(Settings(home=tmp_path / "home"), embedder=FakeEmbedder()) as engine:
        report = await engine.add_blocks(blocks, source="kites.pdf", metadata={"year": 2024})
        assert not report.failed, report
        again = await engine.add_blocks(blocks, source="kites.pdf", metadata={"year": 2024})
        assert again.documents[0].status == "unchanged"
        document = await engine.document("kites.pdf")
        assert (document.parser, document.media_type) == ("content_list", CONTENT_LIST)
        found = await engine.blocks(document)
        assert [(block.type, block.page) for block in found] == [
            ("heading", 1), ("text", 1), ("table", 2), ("image", 3)
        ]  # fmt: skip
        assert found[3].picture is not None
        assert await engine.asset(found[3].picture.asset) == picture.read_bytes()
        hits = await engine.search("forked tail", filter={"year": 2024})
        assert hits[0].source == "kites.pdf"


def test_the_same_blocks_are_the_same_document() -> None:
    one = content_of([{"type": "text", "text": "a", "page_idx": 0}], "x", 1000)
    other = content_of([{"page_idx": 0, "text": "a", "type": "text"}], "x", 1000)
    assert one == other
    assert detect(one.encoded(), "x.pdf") == CONTENT_LIST


def test_what_is_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("not a picture")
    with pytest.raises(UsageError, match="no picture"):
        content_of([{"type": "image", "img_path": str(secret)}], "x", 1000)
    with pytest.raises(UnreadableError):
        content_of([{"type": "image", "img_path": str(tmp_path / "missing.png")}], "x", 1000)
    with pytest.raises(UsageError, match="block 0"):
        content_of([{"text": "no type"}], "x", 1000)
    with pytest.raises(UsageError, match="JSON"):
        content_of([{"type": "text", "text": object()}], "x", 1000)
    Image.effect_noise((200, 200), 9).save(tmp_path / "large.png")
    with pytest.raises(LimitError):
        content_of([{"type": "image", "img_path": str(tmp_path / "large.png")}], "x", 1000)
