from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.prompting.markers import Mark, MarkReader


def read(*pieces: str) -> list[str | Mark]:
    reader = MarkReader()
    found = [one for piece in pieces for one in reader.feed(piece)]
    return found + reader.close()


def marks(text: str) -> list[tuple[tuple[int, ...], str]]:
    return [(one.numbers, one.quote) for one in read(text) if isinstance(one, Mark)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kites glide [1].", [((1,), "")]),
        ("Kites glide [1, 3].", [((1, 3), "")]),
        ("Kites glide [1][2].", [((1,), ""), ((2,), "")]),
        ('Kites glide [2 "they glide"].', [((2,), "they glide")]),
        ("Kites glide [2: “they glide”].", [((2,), "they glide")]),
        ("Milane gleiten [2 „sie gleiten“].", [((2,), "sie gleiten")]),
        ('Kites [2 "said "glide" often"].', [((2,), 'said "glide" often')]),
        ('Kites [2 "array[0] holds"].', [((2,), "array[0] holds")]),
        ("鸢会滑翔【1】。", [((1,), "")]),
        ("Kites glide [Source 2].", [((2,), "")]),
        ("Kites glide [^2].", [((2,), "")]),
        ("A list [a, b] and x[10000] and [see 2].", []),
        ("An open [1", []),
        ('An open [1 "never closed', []),
    ],
)
def test_marks_are_found(text: str, expected: list[tuple[tuple[int, ...], str]]) -> None:
    assert marks(text) == expected


def test_a_mark_knows_the_claim_before_it() -> None:
    found = read("Kites glide. Owls hunt at night [1][2]. Swifts sleep in the air [3].")
    claims = [one.claim for one in found if isinstance(one, Mark)]
    assert claims == ["Owls hunt at night", "Owls hunt at night", "Swifts sleep in the air"]


def test_text_is_not_held_back_longer_than_needed() -> None:
    reader = MarkReader()
    assert reader.feed("Kites glide ") == ["Kites glide "]
    assert reader.feed("[x") == ["[", "x"]
    assert reader.feed("[1") == []
    assert [one for one in reader.feed("]") if isinstance(one, Mark)] != []


@given(st.text(alphabet='ab [1,2"“”:]\n.', max_size=80), st.lists(st.integers(1, 9), max_size=40))
def test_pieces_make_no_difference(text: str, sizes: list[int]) -> None:
    pieces, rest = [], text
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert joined(read(*pieces, rest)) == joined(read(text))


@given(st.text(alphabet='ab [1"]', max_size=60))
def test_no_text_is_lost(text: str) -> None:
    reader = MarkReader()
    shown = [*reader.feed(text), *reader.close()]
    plain = "".join(one for one in shown if isinstance(one, str))
    if not any(isinstance(one, Mark) for one in shown):
        assert plain == text


def joined(found: list[str | Mark]) -> list[str | Mark]:
    """Neighbouring pieces of text as one."""
    result: list[str | Mark] = []
    for one in found:
        if isinstance(one, str) and result and isinstance(result[-1], str):
            result[-1] += one
        elif one != "":
            result.append(one)
    return result
