"""What processors are made of, so that those of other packages are opened as ours are."""

from __future__ import annotations

from dataclasses import dataclass

from glede.endpoints import ChatModel, Responses
from glede.errors import GledeError, ModelError
from glede.parsing import Parse
from glede.types import Block, Unfinished


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


def unfinished(block: Block, number: int, error: GledeError) -> Unfinished:
    """The mark of an item that is kept with what is known without its model, or of damaged bytes."""
    later = isinstance(error, ModelError) and error.retryable
    return Unfinished(block.type, error.code, error.message, later, number, block.page)
