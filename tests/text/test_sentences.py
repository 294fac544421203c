from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.text.sentences import count_tokens, sentence_spans, split_text


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Smith met J. R. Brown. They spoke.", ["Dr. Smith met J. R. Brown.", "They spoke."]),
        ("See Fig. 3 for details. It is 2.5 m.", ["See Fig. 3 for details.", "It is 2.5 m."]),
        ("He said “stop.” Then he left.", ["He said “stop.”", "Then he left."]),
        ("黑豹队赢了。他们很高兴！", ["黑豹队赢了。", "他们很高兴！"]),
        ("هل هذا صحيح؟ نعم.", ["هل هذا صحيح؟", "نعم."]),
        ("A title\n\nA paragraph", ["A title", "A paragraph"]),
        ("z.B. der Rotmilan. Er fliegt.", ["z.B. der Rotmilan.", "Er fliegt."]),
        ("", []),
    ],
)
def test_sentences_end_where_readers_see_them_end(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text())
def test_nothing_but_space_is_left_out(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@given(st.text(min_size=1), st.integers(1, 50))
def test_pieces_fit_the_budget_and_lose_nothing(text: str, budget: int) -> None:
    pieces = [text[start:end] for start, end in split_text(text, budget)]
    assert all(count_tokens(piece) <= budget for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_tokens_count_wide_characters_singly() -> None:
    assert count_tokens("vier Zeichen") == 3
    assert count_tokens("黑豹队") == 3
    assert count_tokens("") == 0


@pytest.mark.measured
@pytest.mark.parametrize(
    ("said", "characters"), [("word ", 1_000_000), ("A kite flies over the ridge. ", 400_000)]
)
def test_a_long_text_is_split_in_time_that_grows_with_it(said: str, characters: int) -> None:
    def seconds(characters: int) -> float:
        began = time.process_time()
        split_text(said * (characters // len(said)), budget=400)
        return time.process_time() - began

    assert seconds(4 * characters) < 8 * seconds(characters)
