from __future__ import annotations

import pytest

from glede.pictures.context import around, context_of, is_captioned, label_of, mentions_in, recurring
from glede.types import Block, Box, Picture


def picture(number: int = 0, side: int = 90, alt: str = "") -> Picture:
    return Picture(f"{number:064d}", "image/png", side, side, alt)


def text(words: str, *path: str) -> Block:
    return Block("text", words, heading_path=path)


def image(caption: str = "", number: int = 0, page: int | None = None, box: Box | None = None) -> Block:
    return Block("image", caption, picture=picture(number), caption=caption or None, page=page, box=box)


@pytest.mark.parametrize(
    ("caption", "label", "sentence"),
    [
        ("Figure 3: The parts of a proxy.", "Figure 3", "As Fig. 3 shows, it forwards queries."),
        ("Fig. 3.2 Load", "Fig. 3.2", "Load grows (see figures 3.1 and 3.2)."),
        ("Abb. 12 – Ablauf", "Abb. 12", "Den Ablauf zeigt Abbildung 12."),
        ("图3 系统架构", "图3", "系统的结构如图3所示。"),
        ("Рис. 4. Схема", "Рис. 4", "На рисунке показано (см. рис. 4)."),
    ],
)
def test_what_refers_to_a_figure_is_found(caption: str, label: str, sentence: str) -> None:
    block = image(caption)
    mentions = mentions_in([text(f"Something else. {sentence} And more of Figure 77."), block])
    assert label_of(block) == label
    assert mentions.of(block) == (sentence,)


def test_a_number_of_a_table_or_another_figure_does_not_refer() -> None:
    block = image("Figure 3: Parts.")
    assert mentions_in([text("See Table 3 and Figure 30 in configuration 3."), block]).of(block) == ()


def test_the_text_around_is_of_the_same_section_and_within_the_budget() -> None:
    blocks = [
        text("Far.", "A"),
        text("Before it. Right before.", "B"),
        Block("image", "", ("B",)),
        text("After.", "B"),
    ]
    assert around(blocks, 2, 100) == ["Before it. Right before.", "After."]
    assert around(blocks, 2, 4) == ["Right before."]
    assert around(blocks, 2, 0) == []


def test_the_context_has_headings_caption_and_references_first() -> None:
    block = Block(
        "image", "Figure 1: A kite.", ("Birds", "Kites"), caption="Figure 1: A kite.", picture=picture()
    )
    blocks = [text("It is red, see Figure 1.", "Birds"), block]
    told = context_of(blocks, 1, mentions_in(blocks), 100)
    assert told == "Birds > Kites\nFigure 1: A kite.\nIt is red, see Figure 1."
    assert context_of(blocks, 1, mentions_in(blocks), 5) == "Birds > Kites"


def test_an_alternative_text_is_no_caption() -> None:
    assert not is_captioned(Block("image", "logo", picture=picture(alt="Logo"), caption="logo"))
    assert is_captioned(image("The load of a proxy"))


def test_what_comes_back_on_pages_is_a_logo() -> None:
    thrice = [image(page=number) for number in (1, 2, 3)]
    assert recurring([*thrice, image(number=1, page=3)]) == {0, 1, 2}
    assert recurring(thrice[:2]) == frozenset()
    same_place = [image(page=number, box=Box(9, 9, 50, 30)) for number in (1, 2)]
    assert recurring(same_place) == {0, 1}
    assert recurring([image("Figure 1: Parts", page=number) for number in (1, 2, 3)]) == frozenset()
    assert recurring([image(), image(), image()]) == {0, 1, 2}
