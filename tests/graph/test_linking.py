from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glede.graph.linking import MOST, longest, stretches
from glede.graph.names import entity_of


def linked(question: str, *names: str) -> list[str]:
    return [one.text for one in longest(stretches(question), {entity_of(name) for name in names})]


def test_the_longest_known_name_wins_and_its_parts_are_dropped() -> None:
    question = "Who directed The Last Coupon, and who Coupon?"
    assert linked(question, "The Last Coupon", "Last Coupon", "Coupon") == ["The Last Coupon", "Coupon"]


def test_a_name_is_known_in_the_writing_of_the_question() -> None:
    assert linked("Where was the composer of film Inherent Vice (Film) born?", "Inherent Vice")
    assert linked("What is Inherent Vice's length?", "Inherent Vice")
    assert linked('Who sings "a man without love" now?', "A Man Without Love") == ["a man without love"]
    assert linked("What did Li Hua ask?", "LiHua") == ["Li Hua"]


def test_names_run_over_commas_small_words_and_digits() -> None:
    name = "Alexander and the Terrible, Horrible, No Good, Very Bad Day"
    assert linked(f"Where did the author of {name} study?", name) == [name]
    assert linked("Which film came out first, 3 Dots or Dying God?", "3 Dots", "Dying God") == [
        "3 Dots",
        "Dying God",
    ]


def test_a_cased_question_does_not_look_up_its_small_words() -> None:
    assert linked("What is the index of Milvus?", "index", "Milvus") == ["Milvus"]
    assert all(one.sure for one in stretches("What is the index of Milvus?"))


def test_lower_cased_questions_still_link_and_say_so() -> None:
    found = longest(stretches("who directed inherent vice?"), {entity_of("Inherent Vice")})
    assert [(one.text, one.sure) for one in found] == [("inherent vice", False)]


def test_scripts_without_case_or_spaces_are_looked_up_whole() -> None:
    assert linked("向量数据库在哪里存储数据？", "向量数据库", "数据") == ["向量数据库", "数据"]
    assert linked("من كتب ألف ليلة وليلة؟", "ألف ليلة وليلة") == ["ألف ليلة وليلة"]
    assert linked("Wer hat die Größe von Zürich gemessen?", "Zürich") == ["Zürich"]


def test_words_without_meaning_are_never_looked_up_alone() -> None:
    assert stretches("who is it?") == []
    assert stretches("") == []


def test_a_question_of_any_length_is_bounded_and_names_come_first() -> None:
    found = stretches("kites and owls " * 300 + 'by "anna falk"')
    assert len(found) == MOST
    assert found[0].text == "anna falk"


@given(st.text(max_size=300))
def test_stretches_are_parts_of_any_question(question: str) -> None:
    found = stretches(question)
    assert all(question[one.start : one.end] == one.text and one.entity > 0 for one in found)
    kept = longest(found, {one.entity for one in found})
    assert all(
        not (
            other.start <= one.start
            and one.end <= other.end
            and other.end - other.start > one.end - one.start
        )
        for one in kept
        for other in kept
    )
