"""Which model each role uses, at which address and with which key: settings spelled out.

A role's own address and key come first, then those of its provider.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from glede.errors import ConfigurationError
from glede.settings import Settings

Role = Literal["chat", "vision", "embed", "extract", "rerank"]
ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model for a role. `url` and `key` may be empty: the provider then has its own, or needs none.

    `dimension` is the length that vectors must have, 0 where the settings leave it to the model;
    `seconds` the longest that a call may take.
    """

    role: Role
    provider: str
    model: str
    url: str = field(default="", repr=False)  # it may hold a password
    key: str = field(default="", repr=False)
    dimension: int = 0
    seconds: float = 120.0

    @property
    def name(self) -> str:
        """The model as `provider:model`."""
        return f"{self.provider}:{self.model}"


def model_of(settings: Settings, role: Role) -> ModelChoice | None:
    """The choice for a role, or `None` where it has none; raises `ConfigurationError` for a bad name."""
    name = str(getattr(settings, role))
    if role == "extract" and not name:
        chat = model_of(settings, "chat")
        return chat and ModelChoice("extract", chat.provider, chat.model, chat.url, chat.key, 0, chat.seconds)
    if not name:
        return None
    provider, colon, model = name.partition(":")
    if not (provider and colon and model):
        raise ConfigurationError(
            f"{role} is {name!r}, which does not name a model",
            hint="Write it as provider:model, for example openai:gpt-4o.",
        )
    return ModelChoice(
        role=role,
        provider=provider,
        model=model,
        url=str(getattr(settings, f"{role}_url")) or _provider_url(settings, provider),
        key=_key(settings, f"{role}_key") or _key(settings, f"{provider}_key"),
        dimension=settings.embed_dimension if role == "embed" else 0,
        seconds=settings.model_seconds,
    )


def _provider_url(settings: Settings, provider: str) -> str:
    return str(getattr(settings, f"{provider}_url", ""))


def _key(settings: Settings, name: str) -> str:
    value = getattr(settings, name, None)
    return value.get_secret_value() if value is not None else ""
