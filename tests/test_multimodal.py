"""Tables that compute, equations that meet, pictures that look alike: through the real engine."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image, ImageDraw

from glede import Content, Engine, Settings
from glede.errors import DocumentError, UsageError
from glede.questions import Extras
from glede.tables.parquet import unpacked

PAIRS = """# Red kites

Breeding pairs by valley and year.

| Valley | 2019 | 2022 | 2025 |
| --- | --- | --- | --- |
| Aller | 7 | 10 | 14 |
| Wern | 12 | 9 | 11 |
| Tauber | 3 | 5 | 8 |
"""
FORMULAS = """# Geometry

In every right triangle the squares of the legs add up to that of the hypotenuse:

$$x^2 + y^2 = z^2$$

# Physics

The energy of a body at rest is

$$E = m c^2$$
"""


def drawn(color: str, width: int = 200, quality: int = 90) -> bytes:
    picture = Image.new("RGB", (width, width * 3 // 4), "white")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, 0), (width, width // 3), (width // 4, width // 2)], fill=color)
    draw.ellipse([width // 2, width // 4, width * 3 // 4, width // 2], fill="navy")
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=quality)
    return made.getvalue()


def striped() -> bytes:
    picture = Image.new("RGB", (200, 150), "white")
    draw = ImageDraw.Draw(picture)
    for place in range(0, 200, 20):
        draw.rectangle([place, 0, place + 9, 150], fill="darkgreen")
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    async with Engine.open(Settings(home=tmp_path)) as opened:
        await opened.add(
            Content(PAIRS, "pairs.md"),
            Content(FORMULAS, "formulas.md"),
            Content(drawn("firebrick"), "kite in flight.jpg"),
            Content(striped(), "fence.png"),
            Content("Kites soar over the ridge in the evening.", "note.txt"),
        )
        yield opened


async def test_a_table_computes(engine: Engine) -> None:
    answer = await engine.ask("How many pairs were there in Wern in 2022?")
    assert answer.answered
    assert answer.text.startswith("9")
    assert answer.computed is not None
    assert answer.computed.sql.upper().startswith("SELECT")
    assert answer.computed.rows
    (citation,) = answer.citations
    assert citation.verified
    assert citation.modality == "table"
    assert "Wern" in citation.quote


async def test_a_look_up_is_cited_by_its_row(engine: Engine) -> None:
    answer = await engine.ask("How many pairs were there in Wern in 2022?")
    assert answer.computed is not None
    assert answer.text.startswith("9")
    assert answer.citations[0].quote == "| Wern | 12 | 9 | 11 |"


async def test_what_no_table_is_asked_is_quoted(engine: Engine) -> None:
    answer = await engine.ask("Where do kites soar in the evening?")
    assert answer.answered
    assert answer.computed is None


async def test_no_single_row_is_quoted_for_a_question_about_all(engine: Engine) -> None:
    """What cannot be computed for sure is refused: the row that is quoted would be any."""
    answer = await engine.ask("Which of the valleys had the second most pairs in 2019?")
    assert answer.computed is None or answer.text.startswith("Aller")
    assert all(citation.modality != "table" for citation in answer.citations) or answer.computed


async def test_the_rows_of_a_table_are_kept(engine: Engine) -> None:
    (hit, *_) = await engine.search("breeding pairs by valley", types=["table"])
    assert hit.chunk.asset is not None
    rows = unpacked(await engine.asset(hit.chunk.asset))
    assert [column.name for column in rows.columns] == ["Valley", "2019", "2022", "2025"]
    assert rows.values[0] == ("Aller", 7.0, 10.0, 14.0)


@pytest.mark.parametrize("question", ["$a^2 + b^2 = c^2$", "Pythagorean theorem"])
async def test_an_equation_is_found_by_its_form_and_name(engine: Engine, question: str) -> None:
    hits = await engine.search(question, types=["equation"])
    assert "z^2" in hits[0].chunk.text


async def test_an_equation_is_part_of_a_question(engine: Engine) -> None:
    hits = await engine.search("", extras=Extras(equation="E = m v^2"))
    assert "m c^2" in hits[0].chunk.text
    assert hits[0].ranks["structure"] == 1


async def test_a_picture_finds_one_that_looks_alike(engine: Engine) -> None:
    """Another size, another quality."""
    hits = await engine.search("", extras=Extras(image=drawn("firebrick", 330, 60)))
    assert hits[0].source == "kite in flight.jpg"
    assert hits[0].ranks["image"] == 1
    answer = await engine.ask("", extras=Extras(image=drawn("firebrick", 330, 60)))
    assert answer.answered
    assert answer.citations[0].asset is not None
    assert answer.citations[0].source == "kite in flight.jpg"


async def test_a_table_is_part_of_a_question(engine: Engine) -> None:
    table = b"Valley,2019,2022\nAller,7,10\nWern,12,9\n"
    hits = await engine.search("", extras=Extras(table=table, table_name="given.csv"))
    assert hits[0].source == "pairs.md"


async def test_what_cannot_be_read_is_told(engine: Engine) -> None:
    with pytest.raises(DocumentError):
        await engine.search("kite", extras=Extras(image=b"no picture"))
    with pytest.raises(UsageError, match="no table"):
        await engine.search("kite", extras=Extras(table=b"Just words.", table_name="x.txt"))
    with pytest.raises(UsageError, match="4,000"):
        await engine.search("kite", extras=Extras(equation="x" * 5000))
