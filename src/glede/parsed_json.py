"""What a parser made of a document as JSON: how it leaves the parser process, and how it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import orjson

from glede.errors import MalformedError
from glede.types import Parsed

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = b"glede-parse-1\n"
"""The first line; a change of the values in `glede.types` that old JSON does not fit needs a new one."""


def dump_parsed(parsed: Parsed) -> bytes:
    """Everything but the bytes of the pictures."""
    return FORMAT + orjson.dumps(replace(parsed, assets={}))


def load_parsed(data: bytes, assets: Mapping[str, bytes]) -> Parsed:
    """What was dumped, with the pictures' bytes; raises `MalformedError` for anything else."""
    from pydantic import ValidationError

    if not data.startswith(FORMAT):
        raise MalformedError("the parse is of another version of Glede", hint="Add the document again.")
    try:
        parsed = _adapter().validate_json(data[len(FORMAT) :])
    except ValidationError as error:
        raise MalformedError("the parse is damaged", hint="Add the document again.") from error
    return replace(parsed, assets=dict(assets))


@cache
def _adapter() -> TypeAdapter[Parsed]:
    from pydantic import TypeAdapter  # only who reads needs it, not the parser process

    return TypeAdapter(Parsed)
