"""Prompts are files beside this one, one each; `$name` stands for what is filled in.

What is filled in is never read again for names, so that a document cannot fill in anything.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from string import Template


def filled(name: str, **values: str) -> str:
    """The prompt of that name with its values; raises `KeyError` where one is missing."""
    return _template(name).substitute(values).strip()


@cache
def _template(name: str) -> Template:
    return Template(files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8"))
