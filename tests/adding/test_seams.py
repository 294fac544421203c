from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from glede.adding.chunking import Chunking, cut
from glede.adding.seams import NONE, Seams, seams_of
from glede.text.sentences import count_tokens
from glede.types import Block, BlockType, Box, Chunk

HOW = Chunking(tokens=100, table_tokens=60)


def paragraph(number: int, more: str = "") -> Block:
    songs = " It sings, and sings again." * (number * 7 % 5 % 2)
    text = f"Paragraph {number} tells what bird number {number} does in month {number % 12}.{songs}{more}"
    return Block("text", text, ("Birds",), page=1 + number // 10, box=Box(0, number % 10, 9, 1 + number % 10))


def document(count: int = 120) -> list[Block]:
    return [Block("heading", "Birds", level=1, page=1), *map(paragraph, range(count))]


def chunks(blocks: list[Block], before: Seams = NONE) -> list[Chunk]:
    return cut(blocks, "d", "v", HOW, before)


def new(before: list[Chunk], after: list[Chunk]) -> list[str]:
    """The texts that have to be embedded."""
    known = {one.vector_text() for one in before}
    return [one.text for one in after if one.vector_text() not in known]


def test_an_insertion_at_the_top_leaves_the_rest_as_it_was() -> None:
    blocks = document()
    first = chunks(blocks)
    longer = [blocks[0], replace(paragraph(99), page=1), *blocks[1:]]
    assert len(new(first, chunks(longer))) > len(first) // 2, "else the seams have nothing to do"
    assert len(new(first, chunks(longer, seams_of(first)))) <= 2


def test_a_changed_paragraph_costs_its_own_chunk() -> None:
    blocks = document()
    first = chunks(blocks)
    blocks[30] = paragraph(29, " It has been seen in the north too, and nowhere else.")
    assert 1 <= len(new(first, chunks(blocks, seams_of(first)))) <= 2
    del blocks[30]
    assert 1 <= len(new(first, chunks(blocks, seams_of(first)))) <= 2


def test_what_has_moved_is_cut_as_it_was_where_it_stands_now() -> None:
    blocks = document()
    first = chunks(blocks)
    start, end = first[3].spans[0].block, first[3].spans[-1].block + 1
    moved = [*blocks[:start], *blocks[end:], *(replace(one, page=9) for one in blocks[start:end])]
    after = chunks(moved, seams_of(first))
    (there,) = [one for one in after if one.text == first[3].text]
    assert there.page == 9
    assert new(first, after) == []


def test_the_place_of_each_word_is_the_new_one() -> None:
    blocks = document()
    first = chunks(blocks)
    top = Block("text", "A new first paragraph, on birds.", ("Birds",), page=1)
    pushed = [replace(one, page=(one.page or 0) + 1, box=Box(1, 2, 3, 4)) for one in blocks[1:]]
    shifted = [blocks[0], top, *pushed]
    for one in chunks(shifted, seams_of(first)):
        for span in one.spans:
            block = shifted[span.block]
            assert one.text[span.start : span.end] == block.text
            assert (span.page, span.box) == (block.page, block.box)


def test_a_new_heading_takes_what_stands_below_it() -> None:
    blocks = document()
    first = chunks(blocks)
    below = [replace(one, heading_path=("Birds", "Later")) for one in blocks[20:]]
    after = chunks([*blocks[:20], Block("heading", "Later", ("Birds",), 2), *below], seams_of(first))
    (headed,) = [one for one in after if one.spans[0].type == "heading" and one.ordinal]
    assert headed.text.startswith("Later\n\nParagraph 19")


def test_many_small_changes_do_not_crumble_a_document() -> None:
    blocks = document()
    before = chunks(blocks)
    for number in range(40):
        blocks.insert(1 + 3 * number % len(blocks), Block("text", f"Note {number}.", ("Birds",)))
        before = chunks(blocks, seams_of(before))
    for one, other in pairwise(before):
        assert one.tokens + other.tokens > HOW.tokens
    assert len(before) < 2 * len(chunks(blocks))


_kinds: list[BlockType] = ["text", "text", "text", "list", "heading"]
_sentence = st.sampled_from([f"Sentence {number} of a kite and {number} owls." for number in range(12)])
_block = st.builds(Block, st.sampled_from(_kinds), st.lists(_sentence, min_size=1, max_size=4).map(" ".join))


@given(st.lists(_block, max_size=20), st.lists(_block, max_size=20))
def test_nothing_is_lost_or_doubled_whatever_was_before(blocks: list[Block], others: list[Block]) -> None:
    after = chunks(blocks, seams_of(chunks(others)))
    words = Counter(word for block in blocks for word in block.text.split())
    assert Counter(word for one in after for word in one.text.split()) == words
    longest = max((count_tokens(block.text) for block in blocks), default=0)
    for one in after:
        texts = [one.text[span.start : span.end] for span in one.spans if span.type != "heading"]
        assert sum(map(count_tokens, texts)) <= max(HOW.tokens, longest)


@given(st.lists(_block, max_size=20))
def test_what_has_not_changed_is_cut_the_same(blocks: list[Block]) -> None:
    first = chunks(blocks)
    assert chunks(blocks, seams_of(first)) == first
