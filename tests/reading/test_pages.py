"""What is done to a document once all of its pages are read."""

from __future__ import annotations

from glede.reading.pages import finished
from glede.types import Block, Box, Page, Parsed


def test_running_headings_are_over_nothing() -> None:
    blocks = []
    for page in range(1, 5):
        head = Box(60, 30, 200, 40)
        blocks.append(Block("heading", f"{page} WIND", level=1, page=page, box=head))
        blocks.append(Block("text", f"It blew {page * page} times.", page=page, box=Box(60, 90, 500, 600)))
    pages = tuple(Page(number, 600, 800) for number in range(1, 5))
    made = finished(Parsed("application/pdf", "pdf", tuple(blocks), pages))
    assert [block.type for block in made.blocks] == ["header", "text"] * 4
    assert all(block.heading_path == () for block in made.blocks)


def test_documents_without_pages_stay() -> None:
    parsed = Parsed("text/plain", "plain", (Block("text", "Page 1 of 1"),))
    assert finished(parsed) is parsed
