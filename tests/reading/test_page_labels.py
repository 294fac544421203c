"""What pages are called by what is printed on them, and what only looks like a page number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from glede.reading.page_labels import labelled
from glede.types import Block, BlockType, Page


def labels(
    printed: Mapping[int, str | Sequence[str]],
    count: int,
    kind: BlockType = "footer",
    called: Mapping[int, str] | None = None,
) -> list[str]:
    """The labels of `count` pages with these headers or footers; `called` is what the file says."""
    blocks = [
        Block(kind, one, page=page)
        for page, said in printed.items()
        for one in ([said] if isinstance(said, str) else said)
    ]
    pages = [Page(number, 600, 800, label=(called or {}).get(number, "")) for number in range(1, count + 1)]
    return [page.label for page in labelled(blocks, pages)]


def test_printed_numbers_that_run_with_the_pages() -> None:
    assert labels({page: str(6980 + page) for page in range(1, 6)}, 5) == [
        "6981", "6982", "6983", "6984", "6985",
    ]  # fmt: skip
    assert labels({1: "8", 2: "9"}, 2, "page_number") == ["8", "9"]


def test_numbers_stand_among_words() -> None:
    said = {page: f"Case: 21-13199 Filed: 01/05/2022 Page: {page + 4} of 17" for page in range(1, 6)}
    assert labels(said, 5, "header") == ["5", "6", "7", "8", "9"]
    assert labels({page: f"Kites | F-{page + 1}" for page in range(1, 5)}, 4) == ["F-2", "F-3", "F-4", "F-5"]
    assert labels({page: f"– {page + 1} –" for page in range(1, 5)}, 4) == ["2", "3", "4", "5"]


def test_roman_numerals_come_before_the_others() -> None:
    numerals = {1: "i", 2: "ii Contents", 3: "Contents iii", 4: "- iv -"}
    assert labels(numerals | {page: str(page - 4) for page in range(5, 9)}, 8) == [
        "i", "ii", "iii", "iv", "1", "2", "3", "4",
    ]  # fmt: skip


def test_a_page_between_others_bears_none() -> None:
    assert labels({page: str(page + 10) for page in (2, 3, 5, 6)}, 7) == [
        "",
        "12",
        "13",
        "14",
        "15",
        "16",
        "",
    ]


def test_two_pages_of_an_open_book() -> None:
    spreads = {page: (f"{2 * page - 4} Kites", f"Kites {2 * page - 3}") for page in range(3, 7)}
    assert labels(spreads | {2: "Kites 1"}, 7) == ["", "1", "2–3", "4–5", "6–7", "8–9", ""]


@pytest.mark.parametrize(
    "printed",
    [
        {page: str(page) for page in range(1, 7)},  # they are called by their places
        dict.fromkeys(range(1, 7), "Annual Report 2017"),
        {page: str(number) for page, number in enumerate((4, 9, 2, 31, 8, 40), 1)},
        {1: "7", 2: "8"},  # two of six are chance
        {1: "11", 30: "40", 40: "50"},  # too few for so many pages
        {page: f"Version 3.{page + 1}" for page in range(1, 7)},
        {page: f"{page + 1}/2020" for page in range(1, 7)},
        dict(enumerate(("mix", "dim", "lid", "vim"), 1)),
    ],
)
def test_what_is_no_number_of_a_page(printed: Mapping[int, str]) -> None:
    count = max(6, *printed)
    assert labels(printed, count) == [""] * count


def test_numbers_in_the_text_are_not_those_of_pages() -> None:
    assert labels({page: str(page + 4) for page in range(1, 7)}, 6, "text") == [""] * 6


def test_what_the_file_calls_a_page_holds_where_nothing_is_printed() -> None:
    called = {1: "Cover", 2: "i", 3: "1", 4: "2", 5: "3", 6: "a very long label of a page"}
    assert labels({}, 6, called=called) == ["Cover", "i", "1", "2", "3", ""]
    assert labels({page: str(page + 6) for page in (3, 4, 5)}, 6, called=called) == [
        "Cover", "i", "9", "10", "11", "",
    ]  # fmt: skip
    assert labels({}, 3, called={1: "1", 2: "2", 3: "3"}) == ["", "", ""]
