"""What runs along on the pages of a document, and what only looks as if it did."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from glede.reading.furniture import marked
from glede.types import Block, Box, Cell, Page, Table

HEIGHT = 800.0


def pages(count: int) -> list[Page]:
    return [Page(number, 600, HEIGHT) for number in range(1, count + 1)]


def text(words: str, page: int, top: float, left: float = 60) -> Block:
    return Block("text", words, page=page, box=Box(left, top, left + 5 * len(words), top + 10))


def heading(words: str, page: int, top: float, high: float = 12) -> Block:
    return Block("heading", words, level=2, page=page, box=Box(60, top, 300, top + high))


def body(page: int) -> Block:
    """A paragraph that is another one on each page."""
    return Block(
        "text", f"{'abcdefghijkl'[page % 12]} kite flew. " * 9, page=page, box=Box(60, 120, 500, 700)
    )


def document(count: int, *runs: Callable[[int], Block | None]) -> list[Block]:
    found = []
    for page in range(1, count + 1):
        found += [block for run in runs if (block := run(page)) is not None]
        found.append(body(page))
    return found


def kinds(blocks: Sequence[Block], count: int) -> list[tuple[int | None, str, str]]:
    """Page, type and words of what was marked."""
    return [
        (block.page, block.type, block.text)
        for block in marked(blocks, pages(count))
        if block.type in ("header", "footer", "page_number")
    ]


def test_header_and_footer() -> None:
    blocks = document(
        4, lambda page: text("Kites of Aller Ridge", page, 30), lambda page: text("ACME", page, 770)
    )
    assert kinds(blocks, 4) == [
        one
        for page in range(1, 5)
        for one in ((page, "header", "Kites of Aller Ridge"), (page, "footer", "ACME"))
    ]


def test_order_and_number_of_blocks_stay() -> None:
    blocks = document(4, lambda page: text(f"Kites {page}", page, 30))
    assert [block.text for block in marked(blocks, pages(4))] == [block.text for block in blocks]


def test_left_and_right_pages() -> None:
    def run(page: int) -> Block:
        return text(f"{page} Kites", page, 30) if page % 2 else text(f"A report {page}", page, 30, left=400)

    assert [kind for _, kind, _ in kinds(document(6, run), 6)] == ["header"] * 6


def test_section_of_one_page_stands_where_the_others_do() -> None:
    def run(page: int) -> Block:
        return text("Nests" if page == 3 else "Wind and rain", page, 30)

    assert (3, "header", "Nests") in kinds(document(8, run), 8)


def test_headers_of_two_lines() -> None:
    blocks = document(
        5, lambda page: text("Kites of Aller Ridge", page, 30), lambda page: text("Second edition", page, 44)
    )
    assert len(kinds(blocks, 5)) == 10


def test_running_heading_is_no_heading() -> None:
    made = marked(document(4, lambda page: heading(f"{page + 6} WIND", page, 30)), pages(4))
    assert [(block.type, block.level) for block in made[::2]] == [("header", 0)] * 4


def test_title_on_every_page_is_said_once() -> None:
    blocks = document(4, lambda page: heading("Kites of Aller Ridge", page, 30))
    assert [page for page, _, _ in kinds(blocks, 4)] == [2, 3, 4]
    blocks.insert(1, heading("Kites of Aller Ridge", 1, 110))
    assert [page for page, _, _ in kinds(blocks, 4)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "- {} -",
        "– {} –",
        "Page {}",
        "Page {} of 9",
        "{} / 9",
        "[{}]",
        "Seite {} von 9",
        "| {}",
        "第{}页",
    ],
)
def test_page_numbers(form: str) -> None:
    blocks = document(5, lambda page: text(form.format(page + 10), page, 770))
    assert [(page, kind) for page, kind, _ in kinds(blocks, 5)] == [
        (page, "page_number") for page in range(1, 6)
    ]


def test_roman_page_numbers() -> None:
    numbers = ["ii", "iii", "iv", "v", "vi"]
    blocks = document(5, lambda page: text(numbers[page - 1], page, 770))
    assert [kind for _, kind, _ in kinds(blocks, 5)] == ["page_number"] * 5


def test_number_beside_a_footer() -> None:
    """In an excerpt the numbers do not follow the pages."""
    numbers = [3, 9, 20, 21, 50]
    blocks = document(
        5,
        lambda page: text("Kites of Aller Ridge", page, 770),
        lambda page: text(str(numbers[page - 1]), page, 770, 500),
    )
    assert [kind for _, kind, _ in kinds(blocks, 5)] == ["footer", "page_number"] * 5


def test_pages_may_be_missing_between_numbers() -> None:
    numbers = [3, 9, 20, 21, 50]
    blocks = document(5, lambda page: text(f"{numbers[page - 1]} Kites of Aller Ridge", page, 770))
    assert len(kinds(blocks, 5)) == 5


@pytest.mark.parametrize(
    "run",
    [
        lambda page: heading(f"Chapter {page}", page * 7, 60),
        lambda page: heading(f"Overview {page % 2}", page, 40, high=30),
        lambda page: text("Kites of Aller Ridge", page, 300),
        lambda page: text(
            "Proof." if page in (3, 9) else f"{'abcdefghijkl'[page % 12]} bird flew off.", page, 60
        ),
        lambda page: text(f"Table {page % 3}", page, 60 + 9 * page),
        lambda page: text(str(page * page), page, 770),
        lambda page: text("Kites " * 60, page, 30),
    ],
    ids=["chapters", "slides", "middle", "body", "places", "figures", "long"],
)
def test_content_stays(run: Callable[[int], Block]) -> None:
    assert kinds(document(12, run), 90) == []


def test_header_row_above_a_table_stays() -> None:
    def table(page: int) -> Block:
        cells = tuple(Cell(row, 0, f"kite {page} {row}") for row in range(5))
        return Block("table", f"kites {page}", page=page, box=Box(50, 72, 500, 700), table=Table(5, 1, cells))

    blocks = [block for page in range(1, 6) for block in (text("Place and height", page, 60), table(page))]
    assert kinds(blocks, 5) == []


def test_table_of_one_row_can_run_along() -> None:
    def run(page: int) -> Block:
        cells = (Cell(0, 0, "Kites"), Cell(0, 1, "Aller  Ridge"))
        return Block("table", "| Kites |", page=page, box=Box(60, 30, 500, 45), table=Table(1, 2, cells))

    made = marked(document(5, run), pages(5))
    assert [(block.type, block.text, block.table) for block in made[::2]] == [
        ("header", "Kites Aller Ridge", None)
    ] * 5


def test_few_pages_have_sure_forms_only() -> None:
    same = document(2, lambda page: text("Kites of Aller Ridge", page, 30))
    assert kinds(same, 2) == []
    assert kinds(document(1, lambda page: text("Page 1 of 1", page, 770)), 1) == [
        (1, "page_number", "Page 1 of 1")
    ]
    assert kinds(document(1, lambda page: text("7", page, 770)), 1) == []


def test_blocks_without_places_stay() -> None:
    blocks = [Block("text", "Kites", page=page) for page in range(1, 6)]
    assert marked(blocks, pages(5)) == blocks
    assert marked(blocks, []) == blocks
