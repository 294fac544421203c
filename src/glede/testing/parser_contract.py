"""What every parser must do, as tests to inherit: `class TestMine(ParserContract)` with two attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from glede.errors import DocumentError
from glede.parsing import ParseOptions, Parser
from glede.types import Block, Parsed, content_hash


class ParserContract:
    """Set `parser`, and `samples` of bytes with the media type they were recognised as."""

    parser: ClassVar[Parser]
    samples: ClassVar[Sequence[tuple[bytes, str]]]

    def _parsed(self) -> list[Parsed]:
        return [self.parser.parse(data, media_type, ParseOptions()) for data, media_type in self.samples]

    def test_says_what_it_is(self) -> None:
        """Name, version and media types are what the registry goes by."""
        assert self.parser.name
        assert self.parser.version
        assert self.parser.media_types
        assert self.parser.cost > 0
        assert "text" in self.parser.recovers
        for media_type in self.parser.media_types:
            missing = self.parser.available(media_type)
            assert missing or (missing.reason and missing.hint)
        assert all(media_type in self.parser.media_types for _, media_type in self.samples)
        assert all(parsed.parser == self.parser.name for parsed in self._parsed())

    def test_same_bytes_same_result(self) -> None:
        """Identifiers follow from the output, so it must not vary."""
        assert self._parsed() == self._parsed()

    def test_blocks_say_something(self) -> None:
        """A block without text must at least be a picture."""
        for parsed in self._parsed():
            assert parsed.blocks
            assert all(block.text.strip() or block.picture for block in parsed.blocks)

    def test_pages_are_in_reading_order(self) -> None:
        """Pages ascend, are known, and boxes lie the right way round."""
        for parsed in self._parsed():
            pages = [block.page for block in parsed.blocks if block.page is not None]
            assert pages == sorted(pages)
            known = {page.number for page in parsed.pages}
            assert not known or known.issuperset(pages)
            boxes = [block.box for block in parsed.blocks if block.box is not None]
            assert all(box.x0 <= box.x1 and box.y0 <= box.y1 for box in boxes)

    def test_heading_paths_follow_from_the_headings(self) -> None:
        """A path names headings that came before; under a heading of level n stand only deeper ones."""
        for parsed in self._parsed():
            _check_paths(parsed.blocks)

    def test_cells_lie_within_their_tables(self) -> None:
        """No cell reaches beyond the grid, and none covers another's place."""
        for parsed in self._parsed():
            for block in parsed.blocks:
                assert (block.table is not None) == (block.type == "table")
                _check_table(block)

    def test_formulas_and_pictures_are_complete(self) -> None:
        """A picture's bytes are among the assets under their hash; LaTeX belongs to equations."""
        for parsed in self._parsed():
            for block in parsed.blocks:
                assert block.latex is None or block.type == "equation"
                if block.picture is not None:
                    assert block.picture.asset in parsed.assets
                    assert block.picture.width > 0
                    assert block.picture.height > 0
            assert all(len(asset) == 64 for asset in parsed.assets)

    def test_damage_raises_only_document_errors(self) -> None:
        """Cut off, overwritten or replaced by garbage: a result or a `DocumentError`, nothing else."""
        for data, media_type in self.samples:
            for damaged in _damaged(data):
                try:
                    parsed = self.parser.parse(damaged, media_type, ParseOptions())
                except DocumentError as error:
                    assert error.message
                else:
                    assert parsed.blocks


def _check_paths(blocks: Sequence[Block]) -> None:
    open_headings: list[Block] = []
    for block in blocks:
        assert (block.level > 0) == (block.type == "heading")
        if block.type == "heading":
            while open_headings and open_headings[-1].level >= block.level:
                open_headings.pop()
        assert block.heading_path == tuple(heading.text for heading in open_headings)
        if block.type == "heading":
            open_headings.append(block)


def _check_table(block: Block) -> None:
    if block.table is None:
        return
    table = block.table
    taken: set[tuple[int, int]] = set()
    for cell in table.cells:
        assert 0 <= cell.row < cell.row + cell.row_span <= table.rows
        assert 0 <= cell.column < cell.column + cell.column_span <= table.columns
        for row in range(cell.row, cell.row + cell.row_span):
            for column in range(cell.column, cell.column + cell.column_span):
                assert (row, column) not in taken
                taken.add((row, column))


def _damaged(data: bytes) -> list[bytes]:
    noise = b"".join(bytes.fromhex(content_hash("noise", str(number), length=64)) for number in range(64))
    cuts = [data[: len(data) * part // 5] for part in range(1, 5)]
    middle = len(data) // 2
    return [b"", b"\x00" * 100, noise, *cuts, data[:middle] + noise[:200] + data[middle:], data[middle:]]
