from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from glede import plugins, registry
from glede.care import doctor
from glede.errors import ConfigurationError, UnsupportedError
from glede.media.readers import READERS
from glede.parsing import Availability, Feature, ParseOptions, always_available
from glede.types import Parsed


def test_our_parsers_read_what_is_told_of_them() -> None:
    told: dict[str, set[str]] = {}
    for media_type, names in READERS.items():
        for name in names:
            told.setdefault(name, set()).add(media_type)
    assert told == {name: set(plugins.parser_named(name).media_types) for name in plugins.parser_names()}


def test_choosing_loads_no_parser_of_another_type() -> None:
    code = (
        "import sys; from glede.registry import choose_parsers; choose_parsers('text/markdown', None);"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "glede.parsers.markdown" in loaded
    assert not {
        "glede.parsers.pdf",
        "glede.parsers.word",
        "glede.parsers.sheets",
        "pypdfium2",
        "markdown_it",
    } & {*loaded.split()}


def test_a_parser_process_begins_with_little() -> None:
    code = "import sys, glede.parsers.child, glede.parsers.markdown_reader; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {"asyncio", "numpy", "pydantic", "importlib.metadata", "charset_normalizer"}
    assert not (heavy | {"glede.ports", "glede.results"}) & {*loaded.split()}


class Costly:
    """A parser as another package would announce it."""

    name = "costly"
    version = "1"
    media_types = frozenset({"text/x-kite", "text/html"})
    cost = 3.0
    recovers: frozenset[Feature] = frozenset({"text"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        raise NotImplementedError


class Missing(Costly):
    name = "missing"
    cost = 1.0

    def available(self, media_type: str) -> Availability:
        return Availability("its wings are missing", "pip install wings")


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kinds = {
        "costly": f"{__name__}:Costly",
        "missing": f"{__name__}:Missing",
        "html": "glede.parsers.html:HtmlParser",
        "plain": "glede.parsers.plain:PlainParser",
        "broken": "no_such_package:Parser",
        "half": "glede.parsers.html:NoSuchParser",
    }
    points = {name: EntryPoint(name, value, "glede.parsers") for name, value in kinds.items()}
    for module in (plugins, registry):
        monkeypatch.setattr(module, "found", lambda group: points)
    for cached in (plugins.parser_named, registry._readers):
        cached.cache_clear()
    yield
    for cached in (plugins.parser_named, registry._readers):
        cached.cache_clear()


@pytest.mark.usefixtures("announced")
def test_the_cheapest_that_is_available_is_asked_first() -> None:
    plan = registry.choose_parsers("text/html", None)
    assert [step.parser for step in plan.steps] == ["html", "costly"]
    assert [step.parser for step in registry.choose_parsers("text/x-kite", None).steps] == ["costly"]
    assert [step.parser for step in registry.choose_parsers("text/html", None, "costly").steps] == [
        "costly",
        "html",
    ]
    assert [step.parser for step in registry.choose_parsers("text/html", "costly").steps] == ["costly"]


@pytest.mark.usefixtures("announced")
def test_what_is_missing_says_how_to_get_it() -> None:
    with pytest.raises(UnsupportedError, match="its wings are missing") as caught:
        registry.choose_parsers("text/html", "missing")
    assert caught.value.hint == "pip install wings"


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize("name", ["broken", "half"])
def test_a_broken_plug_in_stops_nobody_else(name: str) -> None:
    assert registry.choose_parsers("text/html", None).steps
    with pytest.raises(ConfigurationError, match="cannot be loaded"):
        registry.choose_parsers("text/html", name)
    (finding,) = [one for one in doctor._parsers() if one.name == f"parser {name}"]
    assert not finding.ok
    assert finding.hint
