"""The models that `ModelServer` knows, and what each of them takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from glede.testing.model_wire import Route

_WEB = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
_QWEN = _WEB | {"image/bmp", "image/tiff"}
_TONGYI = frozenset({"image/png", "image/jpeg", "image/jpg", "image/bmp"})


@dataclass(frozen=True, slots=True)
class Card:
    """What a model takes.

    `dimension` is the length of its vectors, 0 for the server's; `lengths` the shorter ones it can give,
    empty for any. `pictures` are the media types that it sees, none for a model of text alone. `context`
    is the most tokens of one text or conversation, 0 for the server's; `batch` the most inputs of a call.
    """

    routes: frozenset[Route]
    dimension: int = 0
    lengths: tuple[int, ...] = ()
    pictures: frozenset[str] = frozenset()
    context: int = 0
    batch: int = 2048


_CHAT: frozenset[Route] = frozenset({"chat"})
_EMBED: frozenset[Route] = frozenset({"embeddings"})
ANY = Card(frozenset({"chat", "embeddings", "rerank", "multimodal"}), pictures=_QWEN)
"""For `stub`, and for names that a test adds: takes everything, at the server's dimension."""
CARDS: Mapping[str, Card] = {
    "gpt-4o": Card(_CHAT, pictures=_WEB),
    "gpt-4o-mini": Card(_CHAT, pictures=_WEB),
    "text-embedding-3-small": Card(_EMBED, 1536, context=8192),
    "text-embedding-3-large": Card(_EMBED, 3072, context=8192),
    "text-embedding-v4": Card(
        _EMBED, 1024, (2048, 1536, 1024, 768, 512, 256, 128, 64), context=8192, batch=10
    ),
    "mistral-7b": Card(_CHAT),
    "qwen-max": Card(_CHAT),
    "qwen-vl-max": Card(_CHAT, pictures=_QWEN),
    "tongyi-embedding-vision-plus": Card(
        frozenset({"multimodal"}), 1152, (1152, 1024, 512, 256, 128, 64), _TONGYI, context=1024, batch=20
    ),
    "bge-reranker-v2-m3": Card(frozenset({"rerank"}), context=8192),
    "jina-reranker-v2-base-multilingual": Card(frozenset({"rerank"}), context=8192),
    "stub": ANY,
}


def card_of(model: str) -> Card:
    """What a model takes; one that we do not know takes everything."""
    return CARDS.get(model, ANY)
