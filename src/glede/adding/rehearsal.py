"""A dry run of models: what would be asked is counted, and answered with nothing said.

Within a rehearsal no model is called and nothing is kept; what models have answered before is still known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from glede.endpoints import Prompt, Reply, Responses, Tokens

NOTHING_SAID = "x"


@dataclass(slots=True)
class Calls:
    """Calls of one model in one role that would be made; `pictures` are shown with them."""

    calls: int = 0
    prompt_tokens: int = 0
    pictures: int = 0


@dataclass(slots=True)
class Rehearsal:
    """What would be asked so far, by role and model; `texts` are those to be embedded, by their hashes."""

    asked: dict[tuple[str, str], Calls] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)

    def note(self, role: str, model: str, tokens: int, pictures: int = 0) -> None:
        """Count a call."""
        calls = self.asked.setdefault((role, model), Calls())
        calls.calls += 1
        calls.prompt_tokens += tokens
        calls.pictures += pictures


rehearsal: ContextVar[Rehearsal | None] = ContextVar("rehearsal", default=None)
"""What is counted in place of calls, in a dry run; tasks and threads inherit it."""


@contextmanager
def rehearsing() -> Iterator[Rehearsal]:
    """Count what is asked inside, and ask nobody."""
    counted = Rehearsal()
    token = rehearsal.set(counted)
    try:
        yield counted
    finally:
        rehearsal.reset(token)


def nothing_said(prompt: Prompt, model: str) -> Reply:
    """A reply to a prompt, of its schema, that says nothing."""
    text = NOTHING_SAID
    if prompt.schema is not None:
        schema = json.loads(prompt.schema.body)
        text = json.dumps(_least(schema, schema.get("$defs", {})))
    return Reply(text, True, "stop", model, Tokens())


def _least(schema: Mapping[str, object], definitions: Mapping[str, Mapping[str, object]]) -> object:
    """The least value that follows a JSON schema of ours."""
    reference, choices = schema.get("$ref"), schema.get("anyOf")
    if isinstance(reference, str):
        return _least(definitions[reference.rpartition("/")[2]], definitions)
    if isinstance(choices, list):
        return _least(choices[0], definitions)
    if "const" in schema:
        return schema["const"]
    named = schema.get("enum")
    if isinstance(named, list):
        return named[0]
    properties = schema.get("properties")
    if isinstance(properties, dict):
        return {name: _least(inner, definitions) for name, inner in properties.items()}
    plain: dict[object, object] = {"array": [], "number": 0, "integer": 0, "boolean": False, "null": None}
    return plain.get(schema.get("type"), NOTHING_SAID)


class RehearsedResponses:
    """Answers that are kept, but for those of a rehearsal."""

    def __init__(self, inner: Responses) -> None:
        self._inner = inner

    def load(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers to those of the keys that are kept."""
        return self._inner.load(keys)

    def keep(self, answers: Mapping[bytes, bytes], document: str = "") -> None:
        """Keep answers durably, all or none; in a rehearsal nothing."""
        if rehearsal.get() is None:
            self._inner.keep(answers, document)
