"""What the tests of the providers share: choices of models at a scripted server."""

from __future__ import annotations

from glede.endpoints import Attachment, Message, Prompt, Schema
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


def choice(
    role: Role,
    name: str,
    url: str,
    key: str = KEY,
    dimension: int = 0,
    seconds: float = 5.0,
) -> ModelChoice:
    provider, _, model = name.partition(":")
    return ModelChoice(role, provider, model, url, key, dimension, seconds)
