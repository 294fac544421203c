"""Seams to the endpoints of models: what one call of an embedding, chat or reranking model takes and gives.

The providers in `glede.models` implement them, and the wrappers there (retry, limit, cache, meter) have the
same port on both sides.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

from glede.ports import Vectors

document: ContextVar[str] = ContextVar("document", default="")
"""The id of the document that calls are made for; tasks inherit it."""


class Tally:
    """Counts the tokens of the prompts of all calls made while it is set; `known` where all are reported."""

    def __init__(self) -> None:
        self.calls = 0
        self.prompt = 0
        self.known = True

    def add(self, prompt: int, *, known: bool) -> None:
        """Count a call."""
        self.calls += 1
        self.prompt += prompt
        self.known &= known


tally: ContextVar[Tally | None] = ContextVar("tally", default=None)
"""Told of every call whose cost is noted; tasks inherit it."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an endpoint says that a call has used; `known` is false where it did not say, and we counted."""

    prompt: int = 0
    completion: int = 0
    known: bool = True


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What one call brings: a row for each input, not yet of length 1; shape (inputs, dimension)."""

    vectors: Vectors
    tokens: Tokens


class EmbeddingEndpoint(Protocol):
    """One call to an embedding model; `glede.models.batching` makes an `Embedder` of it.

    `batch` is the most inputs that a call takes. What comes back has been checked: one row for each
    input, of the right length, all numbers. Raises `ModelError` or `ConfigurationError`.
    """

    model: str
    dimension: int
    batch: int

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of at most `batch` texts, in order, none of them empty."""
        ...


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture shown to a model."""

    data: bytes
    media_type: str


@runtime_checkable
class PictureEndpoint(Protocol):
    """An embedding endpoint that also places pictures in the space of its texts.

    `pictures` is the most of them that a call takes.
    """

    model: str
    dimension: int
    pictures: int

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Embeddings:
        """The vectors of at most `pictures` pictures, in order."""
        ...


class PictureEmbedder(Protocol):
    """Turns pictures into vectors of length 1 in the space of the embedder's texts."""

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Vectors:
        """One row for each picture, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; pictures come after the text."""

    role: Literal["system", "user", "assistant"]
    text: str
    pictures: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema that an answer must follow; `body` is its JSON text."""

    name: str
    body: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a chat model is asked; with a `schema` the answer is one JSON document.

    `fresh` asks the model even where it has answered before: that answer was of no use. Where `kept` is
    false, who asks keeps the answer, or nobody does.
    """

    messages: tuple[Message, ...]
    max_tokens: int = 4096
    temperature: float = 0.0
    schema: Schema | None = None
    fresh: bool = False
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """A chat model's whole answer; `complete` is false where it stopped for any reason but being done.

    `finish` is the endpoint's word for why it stopped, or empty where the answer broke off; `kept` is true
    of an answer that was given before.
    """

    text: str
    complete: bool
    finish: str
    model: str
    tokens: Tokens
    kept: bool = False


class ChatModel(Protocol):
    """Answers prompts; `model` is the provider:model that the settings name.

    Both calls raise `ModelError` or `ConfigurationError`. A stream yields the pieces of the text as they
    come, and last of all the whole `Reply`: one that breaks off ends in a `Reply` that is not complete.
    """

    model: str

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer at once."""
        ...

    def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """The answer piece by piece; raises only before the first piece."""
        ...


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a reranker says: a score for each text, in the order given, a higher one is better."""

    scores: tuple[float, ...]
    tokens: Tokens


class Reranker(Protocol):
    """Judges texts against a question together with it, which vectors cannot."""

    model: str

    async def rerank(self, question: str, texts: Sequence[str]) -> Ranking:
        """A score for each text."""
        ...


class Responses(Protocol):
    """What models have answered, by the hash of what they were asked: paid for once, kept from then on.

    Vectors are dropped when the document that needed them is committed, since its pack holds them; what
    was answered about a document goes when it is removed.
    """

    def load(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The answers to those of the keys (16 bytes each) that are kept."""
        ...

    def keep(self, answers: Mapping[bytes, bytes], document: str = "") -> None:
        """Keep answers durably, all or none; `document` is the id of the one they are about, if any."""
        ...


@dataclass(frozen=True, slots=True)
class Expense:
    """What one call has used and cost; `priced` is false where nobody knows the model's price."""

    role: str
    model: str
    document: str
    day: str
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal
    priced: bool = True


@dataclass(frozen=True, slots=True)
class Spending:
    """The sum of expenses; `name` is the role, model, document or day, `unpriced` counts calls."""

    name: str
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0


Account = Literal["role", "model", "document", "day"]
"""What spending is summed by."""


class Ledger(Protocol):
    """What calls of models have cost, over the life of a data folder."""

    def spend(self, expenses: Sequence[Expense]) -> None:
        """Note expenses durably, all or none."""
        ...

    def total(self) -> Decimal:
        """What all of them have cost."""
        ...

    def spending(self, by: Account, name: str | None = None) -> list[Spending]:
        """The sums by role, model, document or day, in the order of their names; or that of one name."""
        ...


@runtime_checkable
class Accountable(Protocol):
    """A store that also keeps the ledger, as the SQL catalogue does."""

    @property
    def ledger(self) -> Ledger:
        """What calls of models have cost."""
        ...
