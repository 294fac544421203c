"""What is said to who asks for Docling where its library is missing, and who reads in its place."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from glede import plugins, registry
from glede.errors import ConfigurationError, UnsupportedError
from glede.parsers import docling

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The parsers of this source tree, Docling's library missing."""
    kinds = {
        "docling": "docling:DoclingParser",
        "html": "html:HtmlParser",
        "pdf": "pdf:PdfParser",
        "plain": "plain:PlainParser",
    }
    points = {
        name: EntryPoint(name, f"glede.parsers.{kind}", "glede.parsers") for name, kind in kinds.items()
    }
    caches = (plugins.parser_named, registry._readers)
    for module in (plugins, registry):
        monkeypatch.setattr(module, "found", lambda group: points)
    monkeypatch.setattr(docling, "find_spec", lambda name: None)
    for cached in caches:
        cached.cache_clear()
    yield
    for cached in caches:
        cached.cache_clear()


@pytest.mark.usefixtures("announced")
@pytest.mark.parametrize(
    ("media_type", "wanted", "preferred"),
    [(DOCX, None, None), ("text/html", "docling", None), ("text/html", None, "docling")],
)
def test_missing_library_is_named(media_type: str, wanted: str | None, preferred: str | None) -> None:
    with pytest.raises(UnsupportedError) as caught:
        registry.choose_parsers(media_type, wanted, preferred)
    assert "docling" in caught.value.message
    assert caught.value.hint == "pip install 'glede[docling]'"


def first(media_type: str, wanted: str | None, preferred: str | None = None) -> str:
    return registry.choose_parsers(media_type, wanted, preferred).steps[0].parser


@pytest.mark.usefixtures("announced")
def test_missing_library_leaves_the_others_alone() -> None:
    assert first("text/html", None) == "html"
    assert first("application/pdf", None) == "pdf"
    assert first("application/pdf", "pdf", "docling") == "pdf"
    assert plugins.parser_names() == ("docling", "html", "pdf", "plain")
    with pytest.raises(UnsupportedError):
        registry.choose_parsers("application/json", None, "docling")
    with pytest.raises(ConfigurationError):
        registry.choose_parsers("text/html", "dockling")


@pytest.mark.usefixtures("announced")
def test_with_the_library_built_in_parsers_still_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docling, "find_spec", lambda name: object())
    assert first("text/html", None) == "html"
    assert first("text/html", None, "docling") == "docling"
    assert first("text/html", "docling") == "docling"
    assert first(DOCX, None) == "docling"


def test_markup_is_read_as_text_where_docling_is_missing(announced: None) -> None:
    assert first("text/x-tex", None) == "plain"
    with pytest.raises(UnsupportedError):
        first("application/jats+xml", None)
