"""Pages are named by numbers, numerals, words and places, and are what they are called by."""

from __future__ import annotations

import pytest

from glede.retrieval.named_pages import HEAD, IN_FILE, NamedPages, named_pages, names_of
from glede.types import Span


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How many dogs are there in page 17?", {"17"}),
        ("What do pages 3 and 4 say?", {"3", "4"}),
        ("What do pages 3 to 5 say?", {"3", "4", "5", "3-5"}),
        ("Compare page 2, page 7 and page 9.", {"2", "7", "9"}),
        ("What is on p. 12 of the report?", {"12"}),
        ("What is on page xii?", {"xii"}),
        ("What is on page F-12?", {"f-12"}),
        ("Who signed on page fourteen?", {"14"}),
        ("Was steht auf Seite 12?", {"12"}),
        ("Was steht auf Seite zwölf?", {"12"}),
        ("Что написано на странице 5?", {"5"}),
        ("第3页写了什么？", {"3"}),
        ("How many pages has it?", set()),
        ("What is a page of 50% cotton?", set()),
        ("Is the page long?", set()),
        ("What fills pages 10 to 900?", {"10", "900", "10-900"}),
    ],
)
def test_pages_are_named_by_what_they_are_called(question: str, names: set[str]) -> None:
    assert named_pages(question) == NamedPages(frozenset(names))


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("What type of court is noted on the cover page?", {1}),
        ("What is on the first page?", {1}),
        ("What is on the second page?", {2}),
        ("What is on the last page?", {-1}),
        ("What is on the second last page?", {-2}),
        ("What is on the second to last page?", {-2}),
        ("What is on the next-to-last page?", {-2}),
        ("What is shown on the page at the second last?", {-2}),
        ("Compare the first page with the last page.", {1, -1}),
        ("What do the last two pages say?", {-1, -2}),
        ("What do the first three pages say?", {1, 2, 3}),
        ("Was steht auf der letzten Seite?", {-1}),
        ("Was steht auf der vorletzten Seite?", {-2}),
        ("Qu'y a-t-il sur l'avant-dernière page ?", {-2}),
        ("最后一页写了什么？", {-1}),
        ("What did the last page boy wear?", {-1}),
        ("What lasts for pages?", set()),
        ("Who won the second race?", set()),
    ],
)
def test_pages_are_named_by_their_places(question: str, places: set[int]) -> None:
    assert named_pages(question) == NamedPages(places=frozenset(places))


@pytest.mark.parametrize(
    ("question", "head"),
    [
        ("What is the date of the document?", True),
        ("Who wrote this report?", True),
        ("What is the title of the paper?", True),
        ("WHAT IS THE CASE NUMBER?", True),
        ("Who is the defendant in Miller v. Smith?", True),
        ("When was the contract signed?", True),
        ("Wie lautet das Datum des Vertrags?", True),
        ("What is the date of the storm?", False),
        ("How many reports were filed?", False),
        ("When was the kite named?", False),
        ("What is the title of the paper on page 3?", False),
    ],
)
def test_what_documents_say_at_their_head(question: str, head: bool) -> None:
    assert named_pages(question).head == head


def test_the_head_of_a_document_is_its_first_page() -> None:
    asked = NamedPages(head=True)
    assert [asked.hold(on(page), 3, labelled=False) for page in (1, 2, 3)] == [HEAD, 0, 0]
    assert asked.hold(on(1), 1, labelled=False) == 0  # all of it is there anyway


def on(page: int | None, label: str = "") -> Span:
    return Span(0, 1, 0, page=page, label=label)


def test_what_is_printed_counts_before_the_place_in_the_file() -> None:
    asked = NamedPages(frozenset({"12"}))
    assert asked.hold(on(3, "12"), 20, labelled=True) == 1
    assert asked.hold(on(12, "21"), 20, labelled=True) == IN_FILE
    assert asked.hold(on(12), 20, labelled=False) == 1
    assert asked.hold(on(4, "13"), 20, labelled=True) == 0
    assert asked.hold(on(None), 0, labelled=False) == 0


def test_places_are_those_of_the_file() -> None:
    asked = NamedPages(places=frozenset({1, -2}))
    found = [page for page in range(1, 8) if asked.hold(on(page, str(page + 1)), 7, labelled=True)]
    assert found == [1, 6]


def test_a_page_of_an_open_book_has_two_numbers() -> None:
    assert names_of("16–17") == ("16–17", "16", "17")
    assert names_of("XII") == ("xii",)
    assert names_of("") == ()
    assert NamedPages(frozenset({"17"})).hold(on(10, "16–17"), 17, labelled=True) == 1
