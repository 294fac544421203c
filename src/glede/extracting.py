"""What extractors are made of, so that those of other packages are opened as ours are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glede.endpoints import ChatModel, Responses

if TYPE_CHECKING:
    from glede.knowledge import Extractor


@dataclass(frozen=True, slots=True)
class Means:
    """What an extractor may use; a model that is not set is `None`.

    `kept` holds what models have answered before. `types` and `labels` are those of the user's domain, all
    where they are empty. `calls` are under way at a time, `answer_tokens` the most of an answer. `base` finds
    what needs no model: an extractor with one adds to it.
    """

    kept: Responses | None = None
    chat: ChatModel | None = None
    types: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    calls: int = 16
    answer_tokens: int = 4096
    base: Extractor | None = None
