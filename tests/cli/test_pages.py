"""A page is named by what is printed on it, and the day of a gust found in a table of the samples."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.cli.running import glede

REPORT = Path(__file__).parents[2] / "samples" / "report.pdf"
BIRDS = ("Kites", "Owls", "Mice", "Herons")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the samples, and an excerpt of a book whose pages are numbered 21 to 24."""
    made = tmp_path_factory.mktemp("cli")
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=(595, 842), invariant=True)
    for number, name in enumerate(BIRDS, 21):
        canvas.setFont("Helvetica-Bold", 20)
        canvas.drawString(72, 780, name)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(72, 740, f"{name} are told of here, and of how they live beside the river.")
        canvas.drawString(290, 30, str(number))
        canvas.showPage()
    canvas.save()
    (made / "birds.pdf").write_bytes(stream.getvalue())
    done = glede("add", "birds.pdf", REPORT, cwd=made)
    assert done.code == 0, done.err
    return made


def test_the_printed_number_of_a_page_is_found_and_shown(folder: Path) -> None:
    asked = ("search", "Who is told of on page 23?", "-k", "1", "--filter", "source=birds.pdf")
    (hit,) = glede(*asked, "--json", cwd=folder).json["hits"]
    assert (hit["page"], hit["page_label"]) == (3, "23")
    assert "page 3, called 23" in glede(*asked, cwd=folder).out


def test_pages_that_are_called_by_their_places_have_no_label(folder: Path) -> None:
    found = glede("search", "How many pairs of red kites bred on the ridge?", "-k", "1", "--json", cwd=folder)
    (hit,) = found.json["hits"]
    assert (hit["page"], hit["page_label"]) == (2, None)


def test_the_day_of_a_gust_at_one_place_is_that_of_its_row(folder: Path) -> None:
    question = "When was the strongest gust at the quarry roost measured?"
    answer = glede("ask", question, "--json", cwd=folder).json
    assert answer["answer"].startswith("2 December")
    assert answer["computed"] is not None
    assert [(one["row"], one["column"]) for one in answer["citations"]] == [(3, "Day of the gust")]
