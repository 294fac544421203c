import pytest

from glede.answering.fitting import fits


@pytest.mark.parametrize(
    ("question", "value", "right"),
    [
        ("When was the strongest gust?", "18 January", True),
        ("When was the strongest gust?", "19.5 m/s", False),
        ("In which year were most pairs counted?", "2025", True),
        ("Which year had most pairs?", "2025", True),
        ("Wann war der stärkste Wind?", "31.2 m/s", False),
        ("What was the highest wind speed?", "18 January", False),
        ("What was the highest wind speed?", "31.2 m/s", True),
        ("What was the highest wind speed?", "Summit mast", False),
        ("What was the largest city?", "Berlin", True),
        ("How many pairs were there?", "14", True),
        ("How many pairs were there?", "Aller", False),
        ("How much did it cost?", "$ 1,234.50", True),
        ("How much did it grow?", "-12.5%", True),
        ("Wie viele Paare gab es?", "14", True),
        ("What was the change in revenue?", "(1,234)", True),
        ("Who is the tallest?", "Ute", True),
        ("Where do they nest?", "in oaks", True),
        ("Anything?", "", True),
    ],
)
def test_an_answer_is_of_the_kind_that_was_asked_for(question: str, value: str, right: bool) -> None:
    assert fits(question, [value]) is right
