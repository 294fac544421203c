"""Questions for a formula by its name, in documents that hold several."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from glede import Content, Engine, Settings
from glede.answering.named_formulas import named_formula

FORMULAS = r"""# Formulas

Some well-known formulas of school mathematics.

$$a^2 + b^2 = c^2$$

$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$

$$A = \pi r^2$$

$$(a+b)^n = \sum_{k=0}^n \binom{n}{k} a^k b^{n-k}$$

$$e^{i\pi} + 1 = 0$$

The Rydberg formula for hydrogen is

$$\frac{1}{\lambda} = R \left(\frac{1}{n^2} - \frac{1}{m^2}\right)$$
"""
INLINE = """# Notes

- The area formula is $A = \\pi r^2$.
- The formula $a^2 + b^2 = c^2$ is the Pythagorean theorem.
- Energy and mass are tied by $E = m c^2$.
"""


@pytest_asyncio.fixture(scope="module")
async def engine(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Engine]:
    home: Path = tmp_path_factory.mktemp("formulas")
    async with Engine.open(Settings(home=home)) as opened:
        await opened.add(Content(FORMULAS, "formulas.md"))
        await opened.add(Content(INLINE, "notes.md"), collection="notes")
        yield opened


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("What is the quadratic formula?", r"\pm"),
        ("quadratic formula", r"\pm"),
        ("Which formula is the quadratic formula?", r"\pm"),
        ("What does the quadratic formula say?", r"\pm"),
        ("What is the Pythagorean theorem?", "= c^2"),
        ("State the binomial theorem.", r"\binom"),
        ("What is Euler’s identity?", r"i\pi"),
        ("What is the formula for the area of a circle?", r"\pi r^2"),
        ("What is the Rydberg formula?", r"\lambda"),
    ],
)
async def test_the_named_formula_wins(engine: Engine, question: str, part: str) -> None:
    answer = await engine.ask(question)
    assert answer.answered
    formulas = [citation for citation in answer.citations if citation.modality == "equation"]
    assert [part in citation.quote for citation in formulas] == [True]
    assert all(citation.verified for citation in answer.citations)


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("What is the Pythagorean theorem?", "c^2$ is the Pythagorean theorem"),
        ("What is the area of a circle?", r"\pi r^2"),
        ("What is the mass-energy equivalence?", "E = m c^2"),
    ],
)
async def test_a_formula_within_a_sentence_is_known_too(engine: Engine, question: str, part: str) -> None:
    answer = await engine.ask(question, collection="notes")
    assert [part in citation.quote for citation in answer.citations] == [True]


@pytest.mark.parametrize("question", ["What is the law of cosines?", "What is the normal distribution?"])
@pytest.mark.parametrize("collection", ["default", "notes"])
async def test_no_other_formula_stands_in_for_it(engine: Engine, question: str, collection: str) -> None:
    answer = await engine.ask(question, collection=collection)
    assert not answer.answered
    assert not answer.citations


@pytest.mark.parametrize(
    ("question", "name", "known"),
    [
        ("What is the quadratic formula?", "quadratic formula", True),
        ("Give me the formula for the area of a circle", "area of a circle", True),
        ("What is the Pythagorean theorem formula?", "pythagorean theorem", True),
        ("What is the Rydberg formula?", "rydberg formula", False),
        ("How is the quadratic formula derived from the square?", None, False),
    ],
)
def test_what_a_question_asks_for(question: str, name: str | None, known: bool) -> None:
    found = named_formula(question)
    assert found is not None
    assert found.known == known
    assert name is None or found.name == name
