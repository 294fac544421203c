from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import pytest

from glede import Content, Engine, Settings
from glede.errors import UsageError
from glede.results import Hit
from glede.testing.fakes import FakeEmbedder
from glede.types import Mode

FILM = "# Amber Sky\n\nAmber Sky is a 1994 drama film. It was directed by Anna Falk in one summer.\n"
MAKER = "# Anna Falk\n\nAnna Falk, who came from Lindby, studied law before her first picture.\n"
TOWN = "# Lindby\n\nLindby lies by a lake. It has two schools.\n"
RIVAL = "# Film schools\n\nWhere a director of a film was born says little about the director or the film.\n"
OTHERS = {
    "rival.md": RIVAL,
    "birth.md": "# Births\n\nWhere was the director born? Registers say where a film director was born.\n",
    "owls.md": "# Owls\n\nOwls hunt by night and rest by day.\n",
}
QUESTION = "Where was the director of the film Amber Sky born?"


@asynccontextmanager
async def library(home: Path, **more: str) -> AsyncIterator[Engine]:
    texts = {"film.md": FILM, "maker.md": MAKER, "town.md": TOWN, **OTHERS, **more}
    async with Engine.open(Settings(home=home), embedder=FakeEmbedder()) as engine:
        report = await engine.add(*(Content(text, name) for name, text in texts.items()))
        assert not report.failed
        yield engine


def sources(hits: list[Hit]) -> list[str]:
    return [hit.source for hit in hits]


async def test_two_hops_are_found_only_through_the_graph_and_say_why(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        plain = await engine.search(QUESTION, limit=2, mode="naive")
        mixed = await engine.search(QUESTION, limit=2, mode="mix")
        assert "maker.md" not in sources(plain)
        assert sources(mixed) == ["film.md", "maker.md"]
        film, maker = mixed
        assert [(step.entity, step.label, step.chunk_id) for step in film.path] == [
            ("Amber Sky", "about", film.chunk.id)
        ]
        first, over, last = maker.path
        assert (first.entity, first.chunk_id) == ("Amber Sky", film.chunk.id)
        assert (over.entity, over.chunk_id) == ("Anna Falk", film.chunk.id)
        assert over.label.endswith("directed by")
        assert (last.entity, last.label, last.chunk_id) == ("Anna Falk", "about", maker.chunk.id)
        assert all(hit.ranks["graph"] for hit in mixed)
        assert mixed[0].score <= 1


async def test_an_answer_cites_what_only_the_graph_finds(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        mixed = await engine.ask(QUESTION, limit=2)
        plain = await engine.ask(QUESTION, limit=2, mode="naive")
        assert "maker.md" in {hit.source for hit in mixed.hits}
        assert "maker.md" not in {hit.source for hit in plain.hits}


@pytest.mark.parametrize(
    "question", ["Where do owls rest?", "what rests by day", "Where was Nobody Known born?", "Who? What?"]
)
async def test_a_question_that_names_no_title_is_ranked_as_without_a_graph(
    tmp_path: Path, question: str
) -> None:
    async with library(tmp_path, **{"owls.md": "Owls hunt by night and rest by day.\n"}) as engine:
        plain = await engine.search(question, limit=6, mode="naive")
        for mode in ("mix", "auto"):
            assert await engine.search(question, limit=6, mode=mode) == plain


async def test_a_filter_binds_the_graph_and_its_reasons(tmp_path: Path) -> None:
    canary = "# Amber Sky\n\nAmber Sky (Canarium) was directed by Anna Falk.\n"
    async with library(tmp_path) as engine:
        await engine.add(Content(canary, "canary.md"), metadata={"tenant": "other"})
        for name in ("film.md", "maker.md"):
            await engine.add(Content(f"{name} of ours", f"our-{name}"), metadata={"tenant": "ours"})
        await engine.add(Content(FILM + "\nOurs.\n", "ours.md"), metadata={"tenant": "ours"})
        for mode in get_args(Mode):
            hits = await engine.search(QUESTION, limit=10, mode=mode, filter={"tenant": "ours"})
            ids = {hit.chunk.id for hit in hits}
            assert ids
            assert {hit.source for hit in hits} <= {"ours.md", "our-film.md", "our-maker.md"}
            assert {step.chunk_id for hit in hits for step in hit.path} <= ids
            everything = " ".join(step.entity for hit in hits for step in hit.path)
            assert "Canarium" not in everything
            only = await engine.search(QUESTION, limit=10, mode=mode, filter={"source": "maker.md"})
            assert {hit.source for hit in only} <= {"maker.md"}
            assert {step.chunk_id for hit in only for step in hit.path} <= {hit.chunk.id for hit in only}


async def test_collections_do_not_see_one_another(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        await engine.add(Content(FILM, "film.md"), collection="mine")
        for mode in get_args(Mode):
            hits = await engine.search(QUESTION, limit=10, mode=mode, collection="mine")
            assert {hit.source for hit in hits} == {"film.md"}
            assert {step.chunk_id for hit in hits for step in hit.path} <= {hit.chunk.id for hit in hits}


async def test_types_bind_what_the_graph_finds(tmp_path: Path) -> None:
    table = "# Anna Falk\n\n| film | year |\n|---|---|\n| Amber Sky | 1994 |\n| Grey Sea | 1997 |\n"
    async with library(tmp_path, **{"films.md": table}) as engine:
        hits = await engine.search(QUESTION, limit=10, types=["table"])
        assert hits
        assert {hit.chunk.modality for hit in hits} == {"table"}


async def test_what_was_deleted_brings_and_explains_nothing(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        await engine.delete("film.md")
        for mode in get_args(Mode):
            hits = await engine.search(QUESTION, limit=10, mode=mode)
            assert "film.md" not in sources(hits)
            assert {step.chunk_id for hit in hits for step in hit.path} <= {hit.chunk.id for hit in hits}


async def test_homonyms_are_told_apart_by_the_words_of_the_question(tmp_path: Path) -> None:
    song = "# Amber Sky (song)\n\nAmber Sky is a song on a record of Olaf Brun, and was sung at fairs.\n"
    singer = "# Olaf Brun\n\nOlaf Brun was a singer and came from Norby.\n"
    async with library(tmp_path, **{"song.md": song, "singer.md": singer}) as engine:
        film = await engine.search(QUESTION, limit=4)
        sung = await engine.search("Who made the song Amber Sky that was sung at fairs?", limit=4)
        assert sources(film)[0] == "film.md"
        assert "maker.md" in sources(film)
        assert sources(sung)[0] == "song.md"
        assert "singer.md" in sources(sung)


@pytest.mark.parametrize(
    ("page", "question"),
    [
        (
            "Takings of Amber Sky, in a list by year and land, which were small: 12 and 14.\n",
            "How small were the takings of the film Amber Sky in the list?",
        ),
        (
            "A school in which Amber Sky was shown to film directors says little about it.\n",
            "Where was Amber Sky shown to a film director?",
        ),
    ],
)
async def test_the_graph_takes_no_answer_away(tmp_path: Path, page: str, question: str) -> None:
    """A title that is named opens it; what is asked stands on another page, which names it too."""
    async with library(tmp_path, **{"page.md": page}) as engine:
        plain = await engine.search(question, limit=4, mode="naive")
        mixed = await engine.search(question, limit=4)
    assert any(hit.path for hit in mixed)
    assert sources(plain)[0] == sources(mixed)[0] == "page.md"


async def test_local_gives_what_is_tied_to_the_entities_of_the_question(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        hits = await engine.search("What about Anna Falk?", limit=10, mode="local")
        assert sources(hits)[0] == "maker.md"
        assert {"film.md", "town.md"} <= set(sources(hits))
        assert "owls.md" not in sources(hits)
        assert all(hit.path for hit in hits)


async def test_global_gives_the_facts_that_the_question_is_about(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        hits = await engine.search("What was directed by Anna Falk?", limit=10, mode="global")
        assert sources(hits)[0] == "film.md"
        assert {("Amber Sky", "Anna Falk")} == {tuple(step.entity for step in hits[0].path)}
        assert hits[0].path[-1].label.endswith("directed by")


async def test_global_gives_chunks_that_stand_for_themes(tmp_path: Path) -> None:
    birds = {
        f"bird{number}.md": f"# Bird {number}\n\nBarn Owls and Red Kites met at Lake Mora, year {number}.\n"
        for number in range(4)
    }
    async with library(tmp_path, **birds) as engine:
        hits = await engine.search("birds that met at a lake, in year 2", limit=5, mode="global")
        assert {hit.source for hit in hits} & birds.keys()
        assert any(step.label == "theme" for hit in hits for step in hit.path)


async def test_every_mode_finds_something_where_no_entity_is_named(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        for mode in get_args(Mode):
            assert await engine.search("what hunts by night?", limit=10, mode=mode)


async def test_an_unknown_mode_is_refused_with_those_known(tmp_path: Path) -> None:
    async with library(tmp_path) as engine:
        with pytest.raises(UsageError) as caught:
            await engine.search("owls", mode="best")  # type: ignore[arg-type]
        assert "global" in caught.value.hint
