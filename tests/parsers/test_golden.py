"""Documents of every format beside the blocks they must give.

`GLEDE_UPDATE_GOLDEN=1 pytest tests/parsers/test_golden.py` writes the expectations anew; read the diff.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from glede.media import detect
from glede.parsers.delimited import DelimitedParser
from glede.parsers.html import HtmlParser
from glede.parsers.json import JsonParser
from glede.parsers.markdown import MarkdownParser
from glede.parsers.plain import PlainParser
from glede.parsing import ParseOptions, Parser
from glede.types import Block, Cell, Parsed

GOLDEN = Path(__file__).parent / "golden"
DOCUMENTS = sorted(path for path in GOLDEN.iterdir() if not path.name.endswith(".expected.json"))
PARSERS: list[Parser] = [PlainParser(), MarkdownParser(), HtmlParser(), DelimitedParser(), JsonParser()]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    data = path.read_bytes()
    media_type = detect(data, path.name)
    parser = next(parser for parser in PARSERS if media_type in parser.media_types)
    found = _readable(parser.parse(data, media_type, ParseOptions(name=path.name)))
    expected = GOLDEN / f"{path.name}.expected.json"
    if os.environ.get("GLEDE_UPDATE_GOLDEN"):
        expected.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def _readable(parsed: Parsed) -> dict[str, object]:
    return {
        "media_type": parsed.media_type,
        "title": parsed.title,
        "warnings": list(parsed.warnings),
        "assets": sorted(parsed.assets),
        "blocks": [_block(block) for block in parsed.blocks],
    }


def _block(block: Block) -> dict[str, object]:
    found: dict[str, object] = {"type": block.type, "text": block.text.split("\n")}
    if block.heading_path:
        found["under"] = " > ".join(block.heading_path)
    for name in ("level", "latex", "caption"):
        if value := getattr(block, name):
            found[name] = value
    if block.picture:
        found["picture"] = f"{block.picture.media_type} {block.picture.width}x{block.picture.height}"
    if block.table:
        found["cells"] = [
            f"{cell.row},{cell.column} {cell.row_span}x{cell.column_span}{_mark(cell)}: {cell.text}"
            for cell in block.table.cells
        ]
    return found


def _mark(cell: Cell) -> str:
    return " header" if cell.header else ""
