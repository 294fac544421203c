"""Answers written by a model, end to end: the engine, the real client, the scripted server."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from glede import Answer, Content, Engine, Settings
from glede.answering.answer import refusal
from glede.results import Turn
from glede.testing.model_server import ChatAnswer, ChatRequest, ModelServer
from glede.text.tokens import TokenCounter

KITES = (
    "The red kite eats mice and voles. It builds its nest in tall oaks. "
    "Kites were counted in 2024: 412 pairs."
)
OWLS = "Barn owls hunt over meadows at night. They swallow shrews whole."


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        yield running


@pytest.fixture
async def engine(server: ModelServer, tmp_path: Path) -> AsyncIterator[Engine]:
    settings = Settings(
        home=tmp_path / "home",
        embed="openai:text-embedding-3-small",
        chat="openai:gpt-4o",
        openai_url=server.url,
        openai_key=SecretStr("sk-test"),
        model_seconds=5,
    )
    async with Engine.open(settings) as opened:
        await opened.add(Content(KITES, "kites.txt"), Content(OWLS, "owls.txt"))
        yield opened


def number_of(request: ChatRequest, words: str) -> int:
    """The number of the source that holds the words."""
    lines = request.text.splitlines()
    place = next(place for place, line in enumerate(lines) if words in line)
    head = next(line for line in reversed(lines[:place]) if " source " in line)
    return int(head.split(" source ")[1].split()[0])


async def test_a_cited_answer(engine: Engine, server: ModelServer) -> None:
    server.answer = lambda request: f'Mice [{number_of(request, "mice")} "eats mice and voles"].'
    answer = await engine.ask("What does the red kite eat?")
    assert answer.text == "Mice [1]."
    assert answer.answered
    assert answer.complete
    assert answer.model == "openai:gpt-4o"
    (citation,) = answer.citations
    assert (citation.source, citation.quote, citation.verified) == ("kites.txt", "eats mice and voles", True)
    assert answer.usage.model_calls == 1
    assert answer.usage.prompt_tokens > 100
    assert (await engine.last_citation(1)) == citation


async def test_tokens_are_counted_beside_the_event_loop(engine: Engine, server: ModelServer) -> None:
    """Each count lets another thread run, and the loop would wait for its turn again after every text."""
    counting: set[int] = set()

    def count(text: str) -> int:
        counting.add(threading.get_ident())
        return len(text)

    counter = TokenCounter(count)
    writing = engine.lines.ask.writing
    assert writing is not None
    hits = await engine.search("What does the red kite eat?")
    draft = await replace(writing, count=counter).write("What does the red kite eat?", "default", hits, False)
    assert draft.reply is not None
    assert counting
    assert threading.get_ident() not in counting
    assert counter.ratio != 1  # the endpoint counts otherwise, which is learned


async def test_the_pieces_of_a_stream_are_the_answer(engine: Engine, server: ModelServer) -> None:
    server.answer = lambda request: (
        f'Kites eat mice [{number_of(request, "mice")} "eats mice and voles"]'
        ' and stars [1 "eats bright stars"].'
    )
    pieces = [piece async for piece in engine.stream("What does the red kite eat?")]
    answer = pieces.pop()
    assert isinstance(answer, Answer)
    assert "".join(str(piece) for piece in pieces) == answer.text == "Kites eat mice [1] and stars [2?]."
    assert [citation.verified for citation in answer.citations] == [True, False]
    assert answer.complete


async def test_no_support_is_said_in_the_language_of_the_question(
    engine: Engine, server: ModelServer
) -> None:
    server.answer = lambda _: "NO ANSWER"
    answer = await engine.ask("Wovon ernährt sich der Weißstorch in Brandenburg?")
    assert not answer.answered
    assert answer.text == refusal("Wovon ernährt sich der Weißstorch?")
    assert answer.citations == ()
    pieces = [piece async for piece in engine.stream("What does the stork eat?")]
    assert len(pieces) == 1


async def test_an_answer_without_one_true_citation_is_not_answered(
    engine: Engine, server: ModelServer
) -> None:
    server.answer = lambda _: 'Kites eat stars [1 "they eat bright stars"] and comets [7].'
    answer = await engine.ask("What does the red kite eat?")
    assert not answer.answered
    assert answer.text == "Kites eat stars [1?] and comets [?]."


async def test_a_model_that_does_not_cite_is_cited_for(engine: Engine, server: ModelServer) -> None:
    server.answer = lambda _: "Barn owls hunt over meadows at night. They love opera and ballet music."
    answer = await engine.ask("Where do barn owls hunt?")
    assert answer.text.endswith(" [1]")
    assert [citation.quote for citation in answer.citations] == ["Barn owls hunt over meadows at night."]
    assert answer.answered


async def test_a_number_that_the_source_does_not_have_is_not_verified(
    engine: Engine, server: ModelServer
) -> None:
    server.answer = lambda request: (
        f'There were 512 pairs [{number_of(request, "412")} "Kites were counted in 2024"].'
    )
    answer = await engine.ask("How many kites were counted?")
    assert [citation.verified for citation in answer.citations] == [False]


async def test_documents_are_fenced_and_the_question_is_outside(engine: Engine, server: ModelServer) -> None:
    prompts: list[str] = []

    def answer(request: ChatRequest) -> str:
        prompts.append(request.text)
        return "NO ANSWER"

    server.answer = answer
    await engine.ask("What does the red kite eat?")
    (prompt,) = prompts
    fence = next(line.split()[0] for line in prompt.splitlines() if line.startswith("=="))
    assert prompt.count(f"{fence} source ") == prompt.count(f"{fence} end of ")
    assert prompt.rstrip().endswith("Question: What does the red kite eat?")


async def test_an_empty_collection_asks_no_model(server: ModelServer, tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, chat="openai:gpt-4o", openai_url=server.url, openai_key=SecretStr("sk-test")
    )
    async with Engine.open(settings) as engine:
        answer = await engine.ask("Who?")
    assert not answer.answered
    assert server.count("chat") == 0


async def test_a_follow_up_is_rewritten_to_stand_alone(engine: Engine, server: ModelServer) -> None:
    server.script("Where does the red kite build its nest?", 'In oaks [1 "in tall oaks"].')
    turns = [Turn("What does the red kite eat?", "Mice.")]
    answer = await engine.ask("And where does it nest?", history=turns)
    assert answer.question == "And where does it nest?"
    assert answer.rewritten == "Where does the red kite build its nest?"
    assert "Where does the red kite build its nest?" in str(server.calls[-1].body["messages"])


async def test_a_follow_up_that_the_model_cannot_rewrite_is_searched_after_the_one_before(
    engine: Engine, server: ModelServer, tmp_path: Path
) -> None:
    settings = engine.settings.model_copy(update={"home": tmp_path / "other", "model_tries": 1})
    turns = [Turn("What does the red kite eat?", "Mice.")]
    async with Engine.open(settings) as impatient:
        await impatient.add(Content(KITES, "kites.txt"))
        server.fault("garbage", times=1, route="chat")
        server.script('In oaks [1 "in tall oaks"].')
        answer = await impatient.ask("And where does it nest?", history=turns)
    assert answer.rewritten == "What does the red kite eat? And where does it nest?"
    assert answer.citations[0].verified


async def test_a_conversation_remembers(engine: Engine, server: ModelServer) -> None:
    conversation = engine.conversation()
    server.script('Mice [1 "eats mice and voles"].')
    await conversation.ask("What does the red kite eat?")
    server.script("Where does the red kite nest?", 'In oaks [1 "in tall oaks"].')
    answer = await conversation.ask("And where does it nest?")
    assert answer.answered
    assert [turn.question for turn in conversation.turns] == [
        "What does the red kite eat?",
        "And where does it nest?",
    ]


async def test_a_question_asked_again_costs_nothing(engine: Engine, server: ModelServer) -> None:
    server.answer = lambda _: 'Mice [1 "eats mice and voles"].'
    first = await engine.ask("What does the red kite eat?")
    calls = len(server.calls)
    again = await engine.ask("What does the red kite eat?")
    assert len(server.calls) == calls
    assert again.text == first.text


async def test_an_answer_that_reached_its_limit_is_not_complete(engine: Engine, server: ModelServer) -> None:
    server.answer = lambda _: ChatAnswer('Mice [1 "eats mice and voles"] and', finish="length")
    assert not (await engine.ask("What does the red kite eat?")).complete


async def test_a_reranker_orders_the_hits(server: ModelServer, tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path, rerank="rerank:bge-reranker", rerank_url=server.url, rerank_key=SecretStr("sk-test")
    )
    server.models = {*server.models, "bge-reranker"}
    async with Engine.open(settings) as engine:
        await engine.add(*(Content(f"A kite and {n} mice. {'mice ' * n}", f"{n}.txt") for n in range(6)))
        hits = await engine.search("mice kite", limit=3)
    assert [hit.ranks["rerank"] for hit in hits] == [1, 2, 3]
    assert server.count("rerank") == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_what_a_model_thinks_aloud_is_no_part_of_the_answer(
    engine: Engine, server: ModelServer, stream: bool
) -> None:
    thought = '<think>Mice? Owls?\n[9 "nothing"]</think>'
    server.answer = lambda request: f'{thought}\n\nMice [{number_of(request, "mice")} "eats mice and voles"].'
    if stream:
        pieces = [piece async for piece in engine.stream("What does the red kite eat?")]
        shown = "".join(piece for piece in pieces if isinstance(piece, str))
    else:
        shown = (await engine.ask("What does the red kite eat?")).text
    assert shown == "Mice [1]."


async def test_an_answer_that_is_thought_only_is_none(engine: Engine, server: ModelServer) -> None:
    server.answer = lambda request: "<think>Mice? Owls? I go on and on."
    answer = await engine.ask("What does the red kite eat?")
    assert "Owls?" not in answer.text
    assert not answer.answered
