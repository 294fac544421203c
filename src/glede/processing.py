"""What processors are made of, so that those of other packages are opened as ours are."""

from __future__ import annotations

from dataclasses import dataclass

from glede.endpoints import ChatModel, Responses
from glede.parsing import Parse


@dataclass(frozen=True, slots=True)
class Tools:
    """What a processor may use; a model that is not set is `None`.

    `kept` holds what models have answered before; `context_tokens` is how much of the text around an item a
    model is shown.
    """

    look: Parse
    kept: Responses
    vision: ChatModel | None = None
    chat: ChatModel | None = None
    look_version: str = ""
    max_pixels: int = 100_000_000
    context_tokens: int = 300
