"""What is looked for is searched, and not how the answer is to be written."""

from __future__ import annotations

import pytest

from glede.retrieval.wording import is_about_form, sought


@pytest.mark.parametrize(
    "form",
    [
        "Round your answer to two decimal places.",
        "round your answer to three decimal",
        "Answer in million",
        "Please write the answer in list format, e.g., [1, 2].",
        "Write down the answer in alphabetical order.",
        "Format your answer as YYYY-MM-DD.",
        "Directly answer 'yes' or 'no'.",
        "The answer should be a list.",
        "Give your answer in one sentence.",
        "Write it with one decimal.",
        "Bitte antworte in einem Satz.",
        "Runde die Antwort auf zwei Nachkommastellen.",
        "Напиши ответ одним словом.",
        "答案保留两位小数。",
    ],
)
def test_how_to_write_the_answer_is_not_searched(form: str) -> None:
    asked = "How many kites breed above Ellmau?"
    assert is_about_form(form)
    assert sought(f"{asked} {form}") == asked


@pytest.mark.parametrize(
    "question",
    [
        "Round your answer to two decimals.",
        "What is the format of an answer? Which decimals does it have?",
        "We have two valleys. Give the list of their kites.",
        "Kites breed here. Name those that answer when they are called.",
        "Compare both. Give an example from the second survey to support your answer.",
        "Who answered the letter? Where was it written?",
        "List the integer columns. Return values are described in which section?",
        "",
        "?",
    ],
)
def test_everything_else_is(question: str) -> None:
    assert sought(question) == question


def test_an_example_goes_with_what_it_shows() -> None:
    assert sought('Which years? Write the answer as a list. For example: ["1", "2"].') == "Which years?"
    assert sought("Which years? For example 1999.") == "Which years? For example 1999."


def test_what_follows_without_a_space_is_a_sentence_of_its_own() -> None:
    assert sought("What is the rate?Round your answer to two decimals.") == "What is the rate?"
