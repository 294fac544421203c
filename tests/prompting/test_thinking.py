from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glede.prompting.thinking import Thoughts, without_thoughts


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<thin", " ", "\n", "k>", "Mice."])), st.integers(1, 9)
)
def test_pieces_give_what_the_whole_gives(parts: list[str], size: int) -> None:
    text = "".join(parts)
    thoughts = Thoughts()
    pieces = [thoughts.feed(text[start : start + size]) for start in range(0, len(text), size)]
    assert "".join([*pieces, thoughts.close()]) == without_thoughts(text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_only_what_stands_before_the_answer_is_a_thought(thought: str, answer: str) -> None:
    kept = without_thoughts(f"<think>{thought.replace('</think>', '')}</think>{answer}")
    assert kept == answer.lstrip()


def test_an_answer_about_the_mark_is_kept() -> None:
    assert without_thoughts("Write <think> first.</think>") == "Write <think> first.</think>"
