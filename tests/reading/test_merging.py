"""Two readings of a page put together: roles, tables, pictures, formulas, and no word lost or said twice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from glede.reading.grids import grid_score, is_believed
from glede.reading.headings import doubted_headings, is_heading
from glede.reading.merging import merged
from glede.reading.readings import Said, agreement, covered, shared, squeezed
from glede.types import Block, BlockType, Box, Cell, Doubt, Link, Page, Parsed, Picture, Table

PARAGRAPH = "The kite turned over the quarry at noon and was not seen again before the evening came."
OTHER = "Nobody knows where it had been, since the ringers were all asleep below the old hedge."
ROWS = (("Bird", "Span", "Weight"), ("Kite", "170", "1100"), ("Buzzard", "130", "900"))


def box(top: float, height: float = 20, left: float = 70, width: float = 450) -> Box:
    return Box(left, top, left + width, top + height)


def block(kind: BlockType, text: str, top: float, height: float = 20, page: int = 1) -> Block:
    return Block(kind, text, level=1 if kind == "heading" else 0, page=page, box=box(top, height))


def table(rows: Sequence[Sequence[str]], top: float, caption: str | None = None) -> Block:
    cells = tuple(
        Cell(row, column, text) for row, texts in enumerate(rows) for column, text in enumerate(texts)
    )
    text = "\n".join("| " + " | ".join(texts) + " |" for texts in rows)
    grid = Table(len(rows), len(rows[0]), cells)
    said = f"{caption}\n\n{text}" if caption else text
    return Block("table", said, page=1, box=box(top, 100), table=grid, caption=caption)


def image(asset: str, place: Box, text: str = "") -> Block:
    return Block(
        "image", text, page=1, box=place, picture=Picture(asset, "image/png", 9, 9), caption=text or None
    )


def reading(name: str, *blocks: Block, pages: int = 1, assets: Sequence[str] = ()) -> Parsed:
    doubts = (Doubt("headings", "2 columns"),)
    return Parsed(
        "application/pdf",
        name,
        blocks,
        tuple(Page(number, 595, 842, parser=name, doubts=doubts) for number in range(1, pages + 1)),
        assets={asset: asset.encode() for asset in assets},
    )


def together(ours: Sequence[Block], theirs: Sequence[Block], assets: Sequence[str] = ()) -> list[Block]:
    first, second = reading("pdf", *ours, assets=assets), reading("heavy", *theirs, assets=assets)
    return list(merged(first, second, frozenset({1})).blocks)


def outline(blocks: Sequence[Block]) -> list[tuple[str, str]]:
    return [(one.type, one.text) for one in blocks]


def test_roles_are_those_of_the_second() -> None:
    ours = [block("text", "Annals", 20), block("text", f"Kites {PARAGRAPH}", 60, 60), block("text", "4", 800)]
    theirs = [
        block("header", "Annals", 20),
        block("heading", "Kites", 60),
        block("text", PARAGRAPH, 80, 40),
        block("page_number", "4", 800),
    ]
    made = together(ours, theirs)
    assert outline(made) == outline(theirs)
    assert made[2].heading_path == ("Kites",)


def test_what_is_told_of_the_page() -> None:
    first = reading("pdf", block("text", PARAGRAPH, 60), block("text", OTHER, 60, page=2), pages=2)
    second = reading("heavy", block("text", PARAGRAPH, 60), block("text", "x", 60, page=2), pages=2)
    parsed = merged(first, second, frozenset({1, 2}))
    assert parsed.parser == "pdf+heavy"
    assert parsed.pages[0].parser == "pdf+heavy"
    assert parsed.pages[0].reason == "2 columns; read by pdf and heavy, which agree on 100% of the letters"
    assert parsed.pages[0].confidence == 1.0
    assert (parsed.pages[1].parser, parsed.blocks[1].text) == ("pdf", OTHER)


def test_pages_that_were_not_asked_for_stay() -> None:
    first = reading("pdf", block("text", PARAGRAPH, 60))
    assert (
        merged(first, reading("heavy", block("heading", PARAGRAPH, 60)), frozenset()).blocks == first.blocks
    )


def test_lost_words_come_back_at_their_place() -> None:
    ours = [
        block("text", PARAGRAPH, 60),
        block("text", "See the ringing book.", 100),
        block("text", OTHER, 140),
    ]
    theirs = [block("text", PARAGRAPH, 60), block("text", OTHER, 140)]
    assert [one.text for one in together(ours, theirs)] == [PARAGRAPH, "See the ringing book.", OTHER]


def test_a_part_of_a_paragraph_comes_back() -> None:
    whole = block("text", f"{PARAGRAPH} It rained all day. {OTHER}", 60, 80)
    cut = block("text", f"{PARAGRAPH} {OTHER}", 60, 80)
    assert [one.text for one in together([whole], [cut])] == [cut.text, "It rained all day."]


@pytest.mark.parametrize(
    "text", [PARAGRAPH.replace("quarry", "quar- ry"), PARAGRAPH.replace("quarry", "quarrv")]
)
def test_other_spellings_are_not_said_twice(text: str) -> None:
    assert outline(together([block("text", text, 60)], [block("text", PARAGRAPH, 60)])) == [
        ("text", PARAGRAPH)
    ]


def test_our_table_stays_with_the_caption_of_theirs() -> None:
    crammed = [["Bird Kite Buzzard", "170 130 120 99", "1100 900 450 7"], ["", "1.505.333", "2.222.111"]]
    made = together([table(ROWS, 100)], [table(crammed, 100, "Table 1. Birds")])
    assert len(made) == 1
    assert made[0].table is not None
    assert made[0].table.grid() == [list(row) for row in ROWS]
    assert made[0].caption == "Table 1. Birds"
    assert made[0].text.startswith("Table 1. Birds\n\n| Bird |")


def test_their_table_wins_where_it_is_clearly_richer() -> None:
    poor = [["Bird Kite Buzzard", "170 130 120 90 80"], ["", "1100 900 450 7 3"]]
    made = together([table(poor, 100)], [table([*ROWS, *ROWS[1:]], 100)])
    assert [one.table.rows for one in made if one.table] == [5]


def test_a_table_that_only_we_see_takes_the_place_of_its_words() -> None:
    theirs = [block("text", PARAGRAPH, 60)]
    theirs += [block("text", " ".join(row), 100 + 30 * number) for number, row in enumerate(ROWS)]
    theirs.append(block("text", OTHER, 240))
    made = together([block("text", PARAGRAPH, 60), table(ROWS, 100), block("text", OTHER, 240)], theirs)
    assert [one.type for one in made] == ["text", "table", "text"]


def test_prose_in_columns_is_no_table() -> None:
    prose = [[PARAGRAPH, ""], ["", OTHER]]
    theirs = [block("text", PARAGRAPH, 100), block("text", OTHER, 140)]
    assert outline(together([table(prose, 100)], theirs)) == outline(theirs)


def test_a_picture_of_a_table_is_the_table() -> None:
    made = together([table(ROWS, 100)], [image("a", box(98, 104), "Bird Span")], ["a"])
    assert [one.type for one in made] == ["table"]


def test_pictures_are_kept_once() -> None:
    ours = [image("ours", box(100, 100)), image("logo", box(500, 40))]
    theirs = [image("theirs", box(99, 102), "Figure 1: A kite"), image("drawn", box(300, 100))]
    parsed = merged(
        reading("pdf", *ours, assets=["ours", "logo"]),
        reading("heavy", *theirs, block("text", PARAGRAPH, 700), assets=["theirs", "drawn"]),
        frozenset({1}),
    )
    shown = [(one.picture.asset, one.text) for one in parsed.blocks if one.picture]
    assert shown == [("ours", "Figure 1: A kite"), ("drawn", ""), ("logo", "")]
    assert set(parsed.assets) == {"ours", "drawn", "logo"}


def test_a_picture_of_two_is_not_shown_twice() -> None:
    ours = [image("both", box(100, 100), "Figure 1: Kites")]
    theirs = [image("left", box(100, 100, width=200)), image("right", box(100, 100, left=320, width=200))]
    below = block("text", PARAGRAPH, 300)
    made = together([*ours, below], [*theirs, below], ["both", "left", "right"])
    assert [(one.picture.asset, one.text) for one in made if one.picture] == [
        ("left", "Figure 1: Kites"),
        ("right", ""),
    ]


def test_a_caption_is_said_once() -> None:
    ours = [image("a", box(100, 100), "Figure 1: A kite")]
    theirs = [image("b", box(100, 100)), block("heading", "Figure 1: A kite", 205)]
    assert outline(together(ours, theirs, ["a", "b"])) == [("image", "Figure 1: A kite")]


def test_lists_of_ours_take_the_place_of_paragraphs() -> None:
    ours = [block("list", "1. first one\n2. second one", 100, 40)]
    theirs = [block("text", "1. first one", 100), block("text", "2. second one", 120)]
    assert outline(together(ours, theirs)) == outline(ours)


def test_formulas_are_ours_where_we_have_latex() -> None:
    latex = Block("equation", "$$a^2$$", page=1, box=box(100), latex="a^2")
    letters = Block("equation", "a 2", page=1, box=box(99, 22), picture=Picture("a", "image/png", 9, 9))
    made = together([block("text", PARAGRAPH, 60), latex], [block("text", PARAGRAPH, 60), letters], ["a"])
    assert [(one.latex, one.picture is not None) for one in made] == [(None, False), ("a^2", True)]


def test_links_and_footnotes_of_ours_stay() -> None:
    link = Link("ringing book", "https://example.org")
    ours = [
        Block("text", "See the ringing book.", page=1, box=box(60), links=(link,)),
        block("footnote", "1 Not all of them.", 700),
    ]
    theirs = [block("text", "See the ringing book.", 60), block("text", "1 Not all of them.", 700)]
    made = together(ours, theirs)
    assert made[0].links == (link,)
    assert made[1].type == "footnote"


def test_levels_are_those_of_the_first_reading() -> None:
    ours = [Block("heading", "Kites", level=3, page=1, box=box(60)), block("text", PARAGRAPH, 100)]
    theirs = [
        Block("heading", "Kites", level=2, page=1, box=box(60)),
        block("text", PARAGRAPH, 100),
        Block("heading", "Owls", level=2, page=1, box=box(200)),
    ]
    assert [one.level for one in together(ours, theirs) if one.type == "heading"] == [3, 3]


def test_what_runs_from_right_to_left_stays_as_it_is() -> None:
    ours = [block("text", "تحسين اإلنتاجية", 60)]
    assert outline(together(ours, [block("text", "تحسين Python اإلنتاجية", 60)])) == outline(ours)


def test_a_flood_of_headings_is_a_form() -> None:
    flood = [block("heading", f"Question {number}", 20 * number) for number in range(1, 15)]
    assert {one.type for one in doubted_headings(flood, frozenset())} == {"text"}
    agreed = doubted_headings(flood, frozenset({squeezed("Question 3")}))
    assert [one.text for one in agreed if one.type == "heading"] == ["Question 3"]
    assert doubted_headings([], frozenset()) == []


@pytest.mark.parametrize(
    ("text", "after", "heading"),
    [
        ("2.1 Where kites live", "They live in woods.", True),
        ("Where kites live", "and breed, too.", False),
        ("and where they live", "In woods.", False),
        ("90 percent of the kites live there now.", "In woods.", False),
        ("2. What is known of the way they live.", "In woods.", True),
        ("Figure 3: Where kites live", "In woods.", False),
        ("Kites,", "In woods.", False),
    ],
)
def test_what_reads_like_a_heading(text: str, after: str, heading: bool) -> None:
    assert is_heading(block("heading", text, 60), block("text", after, 82)) is heading


def test_scores_of_grids() -> None:
    def score(rows: Sequence[Sequence[str]]) -> float:
        made = table(rows, 0).table
        assert made is not None
        return grid_score(made)

    assert score(ROWS) == 1.0
    assert score([["a", "b"]]) == 0.0
    assert score([["a", ""], ["", "b"]]) == 0.0
    assert score([*ROWS, ["", "", "x"]]) < score(ROWS)
    assert score([["a", "1 2 3 4"], ["b", "5 6 7 8"]]) < 0.6
    words = table([["a", "b"], ["c", ""]], 0).table
    assert words is not None
    assert not is_believed(words)


def test_places_and_words() -> None:
    assert shared(box(0), box(10)) == 0.5
    assert covered(box(0, 10), box(0, 20)) == 1.0
    assert covered(None, box(0)) == shared(box(0, 0), box(0)) == 0.0
    assert agreement([], []) == 1.0
    assert agreement([block("text", "red kite", 0)], [block("text", "red owl", 0)]) == pytest.approx(6 / 13)
    assert Said([block("text", PARAGRAPH, 0)]).gaps(block("text", "• • •", 0)) == []
    assert Said([block("text", PARAGRAPH, 0)]).gaps(block("text", "Owls", 0)) == ["Owls"]
