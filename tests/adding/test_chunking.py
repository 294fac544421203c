from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from glede.adding.chunking import Chunking, cut
from glede.parsers.building import table_from_grid, table_markdown
from glede.tables.parts import MOST_VECTORS
from glede.text.sentences import count_tokens
from glede.types import Block, BlockType, Box, Cell, Chunk, Table

HOW = Chunking(tokens=40, table_tokens=60)


def text(content: str, path: tuple[str, ...] = (), kind: BlockType = "text") -> Block:
    return Block(kind, content, path)


def heading(content: str, level: int = 1, path: tuple[str, ...] = ()) -> Block:
    return Block("heading", content, path, level)


def table(grid: list[list[str]], path: tuple[str, ...] = ()) -> Block:
    made = table_from_grid(grid)
    return Block("table", table_markdown(made, None), path, table=made)


def chunks(*blocks: Block, how: Chunking = HOW) -> list[Chunk]:
    return cut(blocks, "d", "v", how)


def words(content: str) -> str:
    return "".join(content.split())


def test_a_section_is_one_chunk_with_its_heading() -> None:
    made = chunks(
        heading("Kites"), text("They soar.", ("Kites",)), heading("Owls"), text("They wait.", ("Owls",))
    )
    assert [one.text for one in made] == ["Kites\n\nThey soar.", "Owls\n\nThey wait."]
    assert [one.heading_path for one in made] == [("Kites",), ("Owls",)]


def test_headings_with_nothing_below_go_with_what_follows() -> None:
    made = chunks(heading("Birds"), heading("Kites", 2, ("Birds",)), text("They soar.", ("Birds", "Kites")))
    assert [one.text for one in made] == ["Birds\n\nKites\n\nThey soar."]
    assert made[0].heading_path == ("Birds", "Kites")
    assert made[0].embedding_text() == made[0].text


def test_a_later_chunk_of_a_section_is_embedded_with_its_headings() -> None:
    long = "A sentence of some length about kites. " * 8
    made = chunks(heading("Kites"), text(long, ("Kites",)))
    assert len(made) > 1
    assert made[1].embedding_text().startswith("Kites\n")
    assert not made[1].text.startswith("Kites")


def test_a_table_is_a_chunk_of_its_own_led_by_the_sentence_before() -> None:
    path = ("Wind",)
    made = chunks(
        heading("Wind"),
        text("We measured. The speeds are below.", path),
        table([["a", "b"], ["1", "2"]], path),
    )
    assert [one.modality for one in made] == ["text", "table"]
    assert made[1].lead == "The speeds are below."
    assert made[1].embedding_text().startswith("Wind\nThe speeds are below.\n| a | b |")
    assert [span.row for span in made[1].spans] == [None, 1]


def test_a_long_table_repeats_its_header() -> None:
    grid = [["station", "speed"]] + [[f"station {row}", f"{row} m/s"] for row in range(40)]
    made = chunks(table(grid))
    assert len(made) > 2
    for one in made:
        assert one.text.startswith("| station | speed |\n| --- | --- |\n")
        assert one.tokens <= HOW.table_tokens
    rows = [span.row for one in made for span in one.spans if span.row is not None]
    assert rows == list(range(1, 41))


def test_spans_find_each_block_in_the_chunk() -> None:
    made = chunks(heading("Kites"), text("They soar.", ("Kites",)))
    (one,) = made
    assert [one.text[span.start : span.end] for span in one.spans] == ["Kites", "They soar."]
    assert [(span.block, span.type) for span in one.spans] == [(0, "heading"), (1, "text")]


def test_ids_follow_from_version_place_and_text() -> None:
    one = chunks(text("same"), heading("x"), text("same", ("x",)))
    again = chunks(text("same"), heading("x"), text("same", ("x",)))
    assert [chunk.id for chunk in one] == [chunk.id for chunk in again]
    assert len({chunk.id for chunk in one}) == len(one)
    assert {chunk.id for chunk in one}.isdisjoint(chunk.id for chunk in cut([text("same")], "d", "v2", HOW))


_word = st.text(
    st.characters(exclude_categories=("Z", "C"), exclude_characters="|-"), min_size=1, max_size=30
)
_prose = st.lists(_word, min_size=1, max_size=60).map(" ".join)
_kinds: list[BlockType] = ["text", "list", "code", "heading"]
_block = st.builds(Block, st.sampled_from(_kinds), _prose, level=st.just(1))
_grid = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(_word, min_size=width, max_size=width), min_size=2, max_size=12)
)


@given(st.lists(_block, max_size=12), st.integers(16, 60))
def test_no_text_is_lost_or_doubled(blocks: list[Block], budget: int) -> None:
    made = cut(blocks, "d", "v", Chunking(budget, 60))
    assert words("".join(one.text for one in made)) == words("".join(block.text for block in blocks))
    for one in made:
        spans = "".join(one.text[span.start : span.end] for span in one.spans)
        assert words(spans) == words(one.text)


@given(st.lists(_block, max_size=12), st.integers(16, 60))
def test_chunks_keep_to_the_budget_but_for_a_heading_on_top(blocks: list[Block], budget: int) -> None:
    for one in cut(blocks, "d", "v", Chunking(budget, 60)):
        body = [span for span in one.spans if span.type != "heading"]
        assert sum(count_tokens(one.text[span.start : span.end]) for span in body) <= budget


@given(_grid, st.integers(4, 120))
def test_every_cell_of_a_table_stands_in_its_chunks_once(grid: list[list[str]], room: int) -> None:
    """Below the whole header, where that leaves half of the budget to the rows."""
    block = table(grid)
    head = "\n".join(block.text.splitlines()[:2])
    made = cut([block], "d", "v", Chunking(40, 2 * count_tokens(head) + room))
    assert all(one.text.startswith(head) for one in made)
    body = "".join(one.text.removeprefix(head) for one in made)
    assert words(body) == words("".join(block.text.splitlines()[2:]))


@given(st.integers(2, 60), st.integers(2, 30), st.integers(0, 8), st.integers(80, 200), st.booleans())
def test_every_cell_of_a_wide_table_stands_once_below_its_column_and_beside_its_label(
    columns: int, rows: int, letters: int, budget: int, numbered: bool
) -> None:
    names = [f"n{column}{'x' * letters}" for column in range(columns)]
    grid = [names, *([f"r{row}c{column}" for column in range(columns)] for row in range(1, rows))]
    labels = 1
    if numbered and columns > 2:  # a column of numbers names no rows where one of words stands beside it
        labels = 2
        grid = [grid[0], *([str(row), *line[1:]] for row, line in enumerate(grid[1:], start=1))]
    seen: Counter[tuple[int, str]] = Counter()
    made = chunks(table(grid), how=Chunking(40, budget))
    for one in made:
        header, _, *lines = (line.strip("| ").split(" | ") for line in one.text.splitlines())
        assert header[:labels] == names[:labels]
        for line, span in zip(lines, [span for span in one.spans if span.row is not None], strict=True):
            assert [grid[span.row or 0][names.index(name)] for name in header] == line
            seen.update((span.row or 0, name) for name in header[labels:])
        assert one.tokens <= budget
    assert set(seen.values()) <= {1}
    assert len(seen) == (rows - 1) * (columns - labels)


def test_a_long_label_is_not_repeated() -> None:
    grid = [["name", *(f"column number {column}" for column in range(40))]]
    grid += [
        [f"{row} " + "long words " * 40, *(f"r{row}c{column}" for column in range(40))] for row in (1, 2)
    ]
    made = chunks(table(grid), how=Chunking(40, 120))
    assert sum(one.text.count("r1c7 ") for one in made) == 1
    assert sum(one.text.count("long words") for one in made) == 80
    assert all(one.tokens <= 120 for one in made)


def test_what_is_no_grid_is_cut_by_rows_only() -> None:
    text = "| a | b |\n| --- | --- |\n| 1 |\n" + "| 2 | 3 |\n" * 3
    made = chunks(Block("table", text), how=Chunking(40, 12))
    assert {one.text.splitlines()[0] for one in made} == {"| a | b |"}


def test_of_a_table_with_very_many_rows_the_first_have_vectors() -> None:
    grid = [["station", "speed"]] + [[f"station {row}", f"{row} m/s"] for row in range(2000)]
    made = chunks(table(grid))
    assert len(made) > 2 * MOST_VECTORS
    assert [one.words_only for one in made] == [place >= MOST_VECTORS for place in range(len(made))]
    assert {one.vector_text() for one in made[MOST_VECTORS:]} == {""}
    assert made[0].vector_text() == made[0].embedding_text()


def test_of_a_wide_table_each_column_has_a_vector_before_further_rows_do() -> None:
    grid = [[f"column {column}" for column in range(60)]] + [["1"] * 60 for _ in range(600)]
    made = chunks(table(grid))
    first: dict[str, Chunk] = {}
    for one in made:
        first.setdefault(one.text.splitlines()[0], one)
    assert 1 < len(first) < MOST_VECTORS < len(made)
    assert not any(one.words_only for one in first.values())
    assert sum(not one.words_only for one in made) == MOST_VECTORS


def test_boxes_and_pages_of_rows_are_kept() -> None:
    cells = tuple(
        Cell(
            row, column, f"{row}.{column}", box=Box(column, row, column + 1, row + 1), page=2 if row else None
        )
        for row in range(3)
        for column in range(2)
    )
    made = Table(3, 2, cells)
    block = Block("table", table_markdown(made, None), page=1, box=Box(0, 0, 2, 1), table=made)
    (one,) = chunks(block)
    assert [(span.page, span.box) for span in one.spans] == [
        (1, Box(0, 0, 2, 1)),
        (2, Box(0, 1, 2, 2)),
        (2, Box(0, 2, 2, 3)),
    ]
