"""The extractor `spacy`, with a pipeline made here: its rules find names as a trained one would."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from glede.adding.chunking import Chunking, cut
from glede.errors import UnavailableError
from glede.extracting import Means
from glede.extractors.nlp import NlpExtractor
from glede.extractors.spacy import SpacyExtractor, installed, open_spacy_extractor
from glede.knowledge import DocumentGraph, Extractor
from glede.testing.extractor_contract import ExtractorContract
from glede.types import Block, Parsed

PATTERNS = (
    ("PERSON", "Ada Lovelace"),
    ("GPE", "Verden"),
    ("WORK_OF_ART", "grey sea"),
    ("CARDINAL", "Fourteen"),
    ("PRODUCT", "km"),
    ("DATE", "last spring"),
)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401 - spaCy may not be installed
    """A pipeline written to a folder and loaded again."""
    spacy = pytest.importorskip("spacy")
    made = spacy.blank("en")
    made.add_pipe("entity_ruler").add_patterns([{"label": one, "pattern": name} for one, name in PATTERNS])
    made.meta["version"] = "3.1"
    folder = tmp_path_factory.mktemp("spacy") / "en_test_sm"
    made.to_disk(folder)
    return spacy.load(folder)


async def graph_of(extractor: Extractor, text: str) -> DocumentGraph:
    blocks = (Block("text", text),)
    return await extractor.extract(Parsed("text/plain", "fake", blocks), cut(blocks, "d", "v", Chunking()))


class TestSpacy(ExtractorContract):
    @pytest.fixture(autouse=True)
    def _opened(self, pipeline: Any) -> None:  # noqa: ANN401
        self._pipeline = pipeline

    def extractor(self) -> Extractor:
        return SpacyExtractor({"en": self._pipeline}, NlpExtractor())


async def test_a_pipeline_adds_names_and_types(pipeline: Any) -> None:  # noqa: ANN401
    text = "Fourteen km from Verden the grey sea was read by Ada Lovelace last spring. Ada Lovelace slept."
    graph = await graph_of(SpacyExtractor({"en": pipeline}), text)
    found = {mention.name: (mention.type, mention.count) for mention in graph.mentions}
    assert found == {
        "Verden": ("place", 1),
        "grey sea": ("work", 1),
        "Ada Lovelace": ("person", 2),
        "last spring": ("date", 1),
    }


async def test_rules_stay_and_get_better_types(pipeline: Any) -> None:  # noqa: ANN401
    text = "The book was read by Ada Lovelace in the house of the World Health Organization (WHO)."
    graph = await graph_of(SpacyExtractor({"en": pipeline}, NlpExtractor()), text)
    kinds = {mention.name: mention.type for mention in graph.mentions}
    assert kinds["Ada Lovelace"] == "person"
    assert graph.aliases
    assert graph.extractor.endswith(f"+{NlpExtractor().fingerprint}")
    assert "en_pipeline-3.1" in graph.extractor


async def test_a_language_without_a_pipeline_is_read_by_rules_alone(pipeline: Any) -> None:  # noqa: ANN401
    text = "Die Dichterin Ada Lovelace war niemals in Verden, und das ist auch nicht weiter schlimm gewesen."
    rules = await graph_of(NlpExtractor(), text)
    assert (await graph_of(SpacyExtractor({"en": pipeline}, NlpExtractor()), text)).mentions == rules.mentions


def test_a_missing_package_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    monkeypatch.setitem(sys.modules, "spacy.util", None)
    with pytest.raises(UnavailableError) as caught:
        open_spacy_extractor(Means())
    assert "pip install 'glede[spacy]'" in caught.value.hint


def test_a_missing_pipeline_is_named_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    util = pytest.importorskip("spacy.util")
    monkeypatch.setattr(util, "get_installed_models", list)
    with pytest.raises(UnavailableError) as caught:
        open_spacy_extractor(Means())
    assert "python -m spacy download en_core_web_sm" in caught.value.hint


def test_the_largest_pipeline_of_a_language_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    util = pytest.importorskip("spacy.util")
    names = ["en_core_web_sm", "de_core_news_md", "en_core_web_lg", "de_core_news_sm"]
    monkeypatch.setattr(util, "get_installed_models", lambda: names)
    assert installed() == {"en": "en_core_web_lg", "de": "de_core_news_md"}
