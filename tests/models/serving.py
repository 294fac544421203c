"""What the tests of the providers share: choices of models at a scripted server."""

from __future__ import annotations

from typing import TypeAlias

from glede.endpoints import Attachment, Message, Prompt, Schema
from glede.errors import (
    ContentFilterError,
    ContextLengthError,
    GledeError,
    ModelError,
    ModelReplyError,
    ModelTimeoutError,
    RateLimitError,
)
from glede.roles import ModelChoice, Role

KEY = "sk-test-of-the-models"
PNG = b"\x89PNG\r\n\x1a\n a picture of nothing"
HELLO = Prompt((Message("user", "Hello there"),), max_tokens=200)
PICTURED = Prompt((Message("user", "What is this?", (Attachment(PNG, "image/png"),)),), max_tokens=200)
SCHEMA = Schema(
    "reply",
    '{"type":"object","properties":{"answer":{"type":"string"}},"required":["answer"],'
    '"additionalProperties":false}',
)
Fault: TypeAlias = tuple[type[GledeError], bool]
"""What a fault of the server is raised as, and whether the call may be tried again."""
COMMON_FAULTS: dict[str, Fault] = {
    "rate_limit": (RateLimitError, True),
    "rate_limit_bare": (RateLimitError, True),
    "quota": (RateLimitError, False),
    "server_error": (ModelError, True),
    "bad_gateway": (ModelError, True),
    "unavailable": (ModelError, True),
    "overloaded": (ModelError, True),
    "refused": (ModelError, True),
    "hang": (ModelTimeoutError, True),
    "drip": (ModelTimeoutError, True),
    "reset": (ModelError, True),
    "garbage": (ModelReplyError, True),
    "html": (ModelReplyError, True),
}


def seconds_for(kind: type[GledeError]) -> float:
    """How long a client waits that is to see this: no longer than it must for what never comes, and long
    enough for all else on a busy machine.
    """
    return 0.5 if kind is ModelTimeoutError else 10.0


REFUSALS: dict[str, Fault] = {
    "content_filter": (ContentFilterError, False),
    "context_length": (ContextLengthError, False),
}


def choice(
    role: Role,
    name: str,
    url: str,
    key: str = KEY,
    dimension: int = 0,
    seconds: float = 10.0,
) -> ModelChoice:
    provider, _, model = name.partition(":")
    return ModelChoice(role, provider, model, url, key, dimension, seconds)
