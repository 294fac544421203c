"""Which questions need the one before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.answering.follow_ups import refers
from glede.results import Turn
from glede.testing.fakes import FakeEmbedder


@pytest.mark.parametrize(
    "question",
    [
        "When was it built?",
        "And where does it nest?",
        "Who founded them?",
        "Why?",
        "What about the summit mast?",
        "How high is that one?",
        "Wann wurde er gegründet?",
        "Wo liegt dessen Quelle?",
        "Quand est-elle morte ? Et ses enfants, où est-ce que cela est dit ?",
        "Кто её построил?",
        "А где он живёт?",
        "متى تم بناء هذا المرصد؟",
        "它是什么时候建造的?",
    ],
)
def test_some_lean_on_what_was_said(question: str) -> None:
    assert refers(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which wind speed was measured at the summit mast?",
        "How many pairs of red kites nest at the observatory?",
        "Is there a tower that visitors may climb?",
        "Welche Windgeschwindigkeit wurde am Gipfelmast gemessen?",
        "Quelle vitesse du vent a été mesurée au sommet du mât?",
        "Какая скорость ветра измерена на вершине мачты?",
        "山顶桅杆测得的风速是多少?",
    ],
)
def test_others_stand_alone(question: str) -> None:
    assert not refers(question)


async def test_a_question_that_stands_alone_is_not_mixed_with_the_one_before(tmp_path: Path) -> None:
    """Seen in the page: the answer to the first question came again for the second."""
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(
            Content("Fourteen pairs of red kites nest within sight of the observatory.", "kites.txt"),
            Content("The wind speed measured at the summit mast was 31 metres a second.", "wind.txt"),
        )
        before = [Turn("How many pairs of red kites nest at the observatory?", "Fourteen pairs.")]
        answer = await engine.ask("Which wind speed was measured at the summit mast?", history=before)
        assert [citation.source for citation in answer.citations] == ["wind.txt"]
        assert answer.rewritten == ""
        again = await engine.ask("And how many of them are there?", history=before)
        assert [citation.source for citation in again.citations] == ["kites.txt"]
        assert again.rewritten
