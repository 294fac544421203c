from __future__ import annotations

from glede.adding.runs import unfinished_items, version_of
from glede.types import Unfinished

DOWN = Unfinished("image", "model", "the model is down", True, 3, 2)


def test_items_that_are_unfinished_for_one_reason_are_told_together() -> None:
    marks = [
        DOWN,
        Unfinished("equation", "malformed", "its LaTeX cannot be read", False, 4, None),
        Unfinished("image", "model", "the model is down", True, 7, 5),
        Unfinished("image", "model", "the model is down", True, 8, 5),
    ]
    assert unfinished_items(marks) == (
        "3 pictures on pages 2, 5: the model is down",
        "1 equation: its LaTeX cannot be read",
    )
    assert unfinished_items([DOWN]) == ("1 picture on page 2: the model is down",)
    assert unfinished_items([]) == ()


def test_a_document_is_another_version_with_each_other_set_of_marks() -> None:
    other = Unfinished("image", "model_reply", "no JSON", True, 3, 2)
    versions = [version_of("v", marks) for marks in ([], [DOWN], [other], [DOWN, other])]
    assert versions[0] == "v"
    assert len(set(versions)) == 4
    told = Unfinished("image", "model", "the model is down: 503", True, 3, 2)
    assert version_of("v", [told]) == version_of("v", [DOWN])
