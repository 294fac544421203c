from __future__ import annotations

import json
from collections.abc import AsyncGenerator

from hypothesis import given, settings
from hypothesis import strategies as some

from glede.endpoints import Prompt, Reply, Tokens
from glede.extracting import Means
from glede.extractors.llm_grounding import Domain, grounded
from glede.extractors.llm_replies import LONGEST_DESCRIPTION, LONGEST_LABEL, MOST_ITEMS, said_in
from glede.extractors.llm_windows import windows_of
from glede.graph.names import LONGEST_NAME, entity_of
from glede.knowledge import Extractor
from glede.registry import open_extractor
from glede.testing.extractor_contract import ExtractorContract
from tests.extractors.llm_serving import NAME, chunks_of_words, entity, fact, reply


class Parrot:
    """A model that notes all capitalised words of what it is shown, with its own marks and instruction."""

    model = "fake:parrot"

    async def chat(self, prompt: Prompt) -> Reply:
        names = NAME.findall(" ".join(message.text for message in prompt.messages))[:200]
        entities = [entity(name, place % 9) for place, name in enumerate(names)]
        facts = [fact(name, "is near", names[0], place % 9) for place, name in enumerate(names)]
        return Reply(reply(entities, facts), True, "stop", self.model, Tokens())

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        yield await self.chat(prompt)


class TestLlm(ExtractorContract):
    def extractor(self) -> Extractor:
        return open_extractor("llm", Means(chat=Parrot(), base=open_extractor("nlp", Means())))


class TestLlmAlone(ExtractorContract):
    def extractor(self) -> Extractor:
        return open_extractor("llm", Means(chat=Parrot()))


VALUE = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=30),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(("chunk", "name", "type", "description", "source", "label", "target", "x")),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(some.text(max_size=400) | some.binary(max_size=200).map(lambda data: data.decode("latin-1")))
def test_any_reply_is_survived(text: str) -> None:
    said_in(text)


@settings(deadline=None, max_examples=200)
@given(some.lists(VALUE, max_size=8), some.lists(VALUE, max_size=8), some.integers(0, 300))
def test_any_items_are_survived_and_bounded(entities: list[object], facts: list[object], cut: int) -> None:
    whole = json.dumps({"entities": entities, "facts": facts})
    for text in (whole, whole[:cut], whole[cut:]):
        said = said_in(text)
        assert said.items <= MOST_ITEMS
        for one in said.entities:
            assert 0 < len(one.name) <= LONGEST_NAME
            assert len(one.description) <= LONGEST_DESCRIPTION
        assert all(0 < len(one.label) <= LONGEST_LABEL for one in said.facts)
        found = grounded(said, (4, 5), ("Anna met Bob.", "x"), Domain())
        assert all(mention.chunk in (4, 5) for mention in found.mentions.values())


@settings(deadline=None)
@given(some.lists(some.text(max_size=2000), max_size=30), some.text(max_size=50))
def test_windows_hold_every_chunk_once_and_in_order(texts: list[str], title: str) -> None:
    chunks = chunks_of_words(*texts)
    windows = windows_of(chunks, title)
    places = [place for window in windows for place in window.places]
    assert places == [place for place, text in enumerate(texts) if text.strip()]
    for window in windows:
        shown = window.shown()
        mark = shown.split()[0]
        assert all(text in shown for text in window.texts)
        assert not any(mark in text for text in window.texts)


def test_a_cut_answer_keeps_its_whole_items() -> None:
    whole = reply([entity(f"Kite{number}") for number in range(50)], [fact("Kite1", "meets", "Kite2")] * 2)
    said = said_in(whole[: len(whole) // 2])
    assert 20 <= len(said.entities) < 50
    assert not said.whole
    assert said_in(whole).repeated == 1


def test_names_are_found_as_they_stand() -> None:
    assert entity_of("Straße") != 0
    text = "The straße of the WHO’s O’Neill; in Москве and 東京駅前. Kites, kite-like."
    for name, found in {
        "STRASSE": True, "World Health Organization": False, "WHO": True, "O'Neill": True, "Москва": True,
        "東京駅": True, "Kite": True, "the WHO": True, "Kyoto": False, "": False, "!!": False,
    }.items():  # fmt: skip
        said = said_in(reply([entity(name)]))
        assert bool(grounded(said, (0,), (text,), Domain()).mentions) is found, name
