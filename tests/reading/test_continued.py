"""Tables that go on over pages, and those that only follow each other."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glede.reading.continued import joined
from glede.tables.markdown import table_markdown
from glede.types import Block, BlockType, Box, Cell, Link, Table

HEAD = ("Place", "Height")
COLUMNS = (60.0, 300.0)


def table(
    page: int,
    *rows: Sequence[str],
    caption: str | None = None,
    header: bool = True,
    columns: Sequence[float] = COLUMNS,
    place: tuple[float, float] = (100, 700),
) -> Block:
    cells = tuple(
        Cell(
            row,
            column,
            text,
            header=header and row == 0,
            box=Box(columns[column], 0, columns[column] + 90, 10),
        )
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    made = Table(len(rows), len(rows[0]), cells)
    box = Box(columns[0], place[0], 500, place[1])
    return Block("table", table_markdown(made, caption), page=page, box=box, table=made, caption=caption)


def block(kind: BlockType, text: str, page: int, top: float = 720) -> Block:
    return Block(kind, text, page=page, box=Box(60, top, 500, top + 12))


FIRST = table(1, HEAD, ("Mast", "612 m"), ("Hut", "290 m"), caption="Table 3: Places")


def grid(made: Block) -> list[list[str]]:
    assert made.table is not None
    return made.table.grid()


ALL = [["Place", "Height"], ["Mast", "612 m"], ["Hut", "290 m"], ["Roost", "380 m"]]


@pytest.mark.parametrize(
    "second",
    [
        table(2, ("Roost", "380 m"), header=False),
        table(2, HEAD, ("Roost", "380 m")),
        table(2, HEAD, ("Roost", "380 m"), header=False),
        table(2, ("Place ", "HEIGHT"), ("Roost", "380 m"), caption="Table 3 (continued)"),
        table(2, ("Roost", "380 m"), caption="Table 3: Places (cont.)"),
        table(2, ("Roost", "380 m"), caption="(Fortsetzung)"),
        table(2, ("Roost", "380 m"), columns=(70, 320)),
    ],
    ids=["rows", "header", "plain header", "number", "caption", "remark", "indented"],
)
def test_table_goes_on(second: Block) -> None:
    (made,) = joined([FIRST, second])
    assert grid(made) == ALL
    assert made.table is not None
    assert made.table.header_rows() == 1
    assert [made.table.row_page(row) for row in range(4)] == [None, None, None, 2]
    assert made.caption == "Table 3: Places"
    assert made.text == table_markdown(made.table, made.caption)
    assert (made.page, made.box) == (FIRST.page, FIRST.box)


def test_furniture_and_footnotes_stand_between() -> None:
    between = [
        block("footnote", "1 As the crow flies.", 1),
        block("footer", "ACME", 1, 760),
        block("header", "Kites", 2, 20),
        block("page_number", "2", 2, 20),
    ]
    made = joined([FIRST, *between, table(2, ("Roost", "380 m"))])
    assert [one.type for one in made] == ["table", "footnote", "footer", "header", "page_number"]
    assert grid(made[0]) == ALL


@pytest.mark.parametrize(
    "remark", ["(continued)", "Table 3 (continued)", "continued on next page", "Table 3, cont'd."]
)
def test_remarks_go(remark: str) -> None:
    made = joined([FIRST, block("text", remark, 2, 80), table(2, ("Roost", "380 m"))])
    assert [grid(one) for one in made] == [ALL]
    alone = [FIRST, block("text", remark, 2, 80), block("text", "Other words.", 2)]
    assert joined(alone) == alone


def test_over_many_pages() -> None:
    parts = [table(page, HEAD, (f"Place {page}", f"{page} m")) for page in range(1, 6)]
    (made,) = joined(parts)
    assert len(grid(made)) == 6
    assert made.table is not None
    assert [made.table.row_page(row) for row in range(6)] == [None, None, 2, 3, 4, 5]


def test_row_of_figures_is_no_header() -> None:
    """A parser may take the first row of each page for a header."""
    (made,) = joined([FIRST, table(2, ("Roost", "380 m")), table(3, ("Ridge", "400 m"))])
    assert len(grid(made)) == 5


def test_links_are_kept() -> None:
    link = Link("Roost", "https://roost.example")
    second = table(2, ("Roost", "380 m"))
    (made,) = joined([FIRST, Block(**{**_fields(second), "links": (link,)})])  # type: ignore[arg-type]
    assert made.links == (link,)


def _fields(one: Block) -> dict[str, object]:
    return {name: getattr(one, name) for name in one.__slots__}


@pytest.mark.parametrize(
    "blocks",
    [
        [FIRST, table(3, ("Roost", "380 m"))],
        [FIRST, block("text", "Other words.", 1), table(2, ("Roost", "380 m"))],
        [FIRST, block("heading", "Nests", 2, 60), table(2, ("Roost", "380 m"))],
        [FIRST, table(2, ("Roost", "380 m", "x"), columns=(60, 200, 300))],
        [FIRST, table(2, ("Roost", "380 m"), columns=(60, 450))],
        [FIRST, table(2, ("Bird", "Weight"), ("Kite", "1 kg"))],
        [FIRST, table(2, HEAD, ("Roost", "380 m"), caption="Table 4: Other places")],
        [
            table(1, HEAD, ("Mast", "612 m"), place=(100, 200)),
            table(2, HEAD, ("Roost", "380 m"), place=(100, 200)),
            block("text", "Words at the bottom.", 2, 760),
        ],
    ],
    ids=["page between", "text", "heading", "count", "places", "header", "caption", "room"],
)
def test_other_tables(blocks: list[Block]) -> None:
    assert joined(blocks) == blocks


def test_long_tables_take_no_long_time() -> None:
    parts = [table(page, HEAD, *[(f"Place {page}", f"{page} m")] * 30) for page in range(1, 400)]
    (made,) = joined(parts)
    assert made.table is not None
    assert made.table.rows == 399 * 30 + 1
