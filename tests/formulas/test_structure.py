"""Formulas of questions are found by how they are built, as far as they are, and by their letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede import Content, Engine, Settings
from glede.formulas.structure import asked_formulas
from glede.testing.fakes import FakeEmbedder


@pytest.mark.parametrize(
    ("question", "built"),
    [
        ("What is $R$?", 0.0),
        (r"What is $\alpha$ beside $b$?", 0.0),
        ("What does $a^2 + b^2 = c^2$ say?", 1.0),
        (r"Of $x$ in $\int_0^1 x^2 + 3x \, dx = \frac{11}{6}$?", 1.0),
    ],
)
def test_a_symbol_alone_has_no_structure(question: str, built: float) -> None:
    asked = asked_formulas(question)
    assert asked is not None
    assert asked.built == built


def test_a_small_formula_tells_a_little() -> None:
    asked = asked_formulas("What is $p_j$?")
    assert asked is not None
    assert 0 < asked.built < 0.5


async def test_symbols_are_found_by_their_names(tmp_path: Path) -> None:
    async with Engine.open(Settings(home=tmp_path), embedder=FakeEmbedder()) as engine:
        await engine.add(
            Content("The spread $\\sigma$ is told by the kites.", "spread.md"),
            Content("The slope $\\beta$ is told by the owls.", "slope.md"),
            Content("The curl $\\rho$ is told by the mice.", "curl.md"),
        )
        for name in ("sigma", "beta", "rho"):
            (hit,) = await engine.search(f"What is $\\{name}$?", limit=1)
            assert f"\\{name}" in hit.chunk.text
