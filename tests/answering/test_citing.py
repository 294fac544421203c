from __future__ import annotations

import pytest

from glede.answering.citing import cite, stands_in
from glede.results import Hit
from glede.types import Box, Chunk, Span

TEXT = "Kites\n\nThe red kite soars over the valley. It nests in old oaks.  No. 12 was ringed in 1998."
CHUNK = Chunk(
    "c", "d", 0, TEXT, "text", ("Kites",),
    (
        Span(0, 5, 0, "heading", 1, Box(10, 10, 50, 20)),
        Span(7, 42, 1, "text", 1, Box(10, 30, 200, 40)),
        Span(43, len(TEXT), 2, "text", 2, Box(10, 5, 200, 40), label="xii"),
    ),
)  # fmt: skip
HIT = Hit(1, 1.0, CHUNK, "kites.txt", {"dense": 1})


@pytest.mark.parametrize(
    ("quote", "true"),
    [
        ("The red kite soars over the valley.", True),
        ("the valley. It nests", True),
        ("It nests in old oaks. No. 12", True),  # white space may differ
        ("ﬁx", False),
        ("red kite soars over the val", False),  # ends inside a word
        ("ed kite soars", False),  # begins inside a word
        ("The red kite nests in old oaks", False),  # stitched
        ("The black kite soars over the valley.", False),  # fabricated
        ("", False),
    ],
)
def test_a_quote_counts_only_word_for_word(quote: str, true: bool) -> None:
    assert stands_in(quote, TEXT) is true
    assert cite(1, HIT, quote).verified is true


def test_ligatures_and_widths_are_the_same_words() -> None:
    assert stands_in("fix 12", "ﬁx １２")


def test_scripts_without_spaces_have_no_word_borders() -> None:
    assert stands_in("豹队", "黑豹队的防守")


def test_a_citation_points_at_the_page_and_box_of_its_quote() -> None:
    assert (cite(1, HIT, "The red kite soars").page, cite(1, HIT, "The red kite soars").box) == (
        1,
        Box(10, 30, 200, 40),
    )
    later = cite(2, HIT, "ringed in 1998.")
    assert (later.page, later.box) == (2, Box(10, 5, 200, 40))
    assert (later.page_label, cite(1, HIT, "The red kite soars").page_label) == ("xii", "")
    assert later.heading_path == ("Kites",)
    assert later.source == "kites.txt"


def test_a_quote_over_two_blocks_of_a_page_has_the_box_around_both() -> None:
    assert cite(1, HIT, "Kites\n\nThe red kite").box == Box(10, 10, 200, 40)
