"""Glede: documents of any kind in, answers with checked citations out."""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from glede.engine import Engine
    from glede.errors import GledeError
    from glede.results import Answer, Citation, Filter, Hit, Report, Turn
    from glede.settings import Settings
    from glede.sources.items import Content
    from glede.types import Box, Chunk, Document

__all__ = [
    "Answer", "Box", "Chunk", "Citation", "Content", "Document", "Engine", "Filter", "GledeError", "Hit",
    "Report", "Settings", "Turn", "__version__",
]  # fmt: skip

_HOMES = {"Content": "sources.items", "Engine": "engine", "GledeError": "errors", "Settings": "settings"}
_HOMES |= dict.fromkeys(["Answer", "Citation", "Filter", "Hit", "Report", "Turn"], "results")


def __getattr__(name: str) -> object:
    """Public names load on first use, so that `import glede` stays light."""
    if name not in __all__:
        raise AttributeError(f"module 'glede' has no attribute {name!r}")
    from importlib import import_module  # see above

    return getattr(import_module(f"glede.{_HOMES.get(name, 'types')}"), name)
