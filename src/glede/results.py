"""What questions and additions come to: hits, citations, answers, reports. Frozen, like all values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from glede.types import Box, Chunk, Modality, Unfinished

GIVEN = "given-"
"""What the id of a document begins with that came along with a question and is stored nowhere."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Which chunks a search may see; an empty field means any.

    `labels` must all hold: each is a metadata key and the value as text. `documents` of `frozenset()`
    matches nothing, `None` matches all.
    """

    labels: tuple[tuple[str, str], ...] = ()
    modalities: tuple[Modality, ...] = ()
    documents: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from a question to a chunk: what the chunk `chunk_id` says of an entity.

    `label` is `names` or `about`, `theme` for a central entity of a theme, or the relation that ties the
    entity to that of the step before.
    """

    entity: str
    type: str
    label: str
    chunk_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found; `ranks` holds its place from 1 in each channel, `None` where it is absent.

    `path` are the entities and relations that brought it, where the graph did. Where the past was asked,
    `version_date` is since when the document was what it was then.
    """

    rank: int
    score: float
    chunk: Chunk
    source: str
    ranks: Mapping[str, int | None]
    path: tuple[Step, ...] = ()
    version_date: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """What a claim rests on; `verified` means that `quote` stands word for word in the cited chunk.

    Where it rests on a picture, `described` is what a model says of that: no words of the document, so that
    there is no quote, and nothing verified. What is cited is the picture itself.

    `page_label` is what the page calls itself, where that is not its number. Of a table `row` is the first
    row that is quoted, counted from 1 below the header, and `column` the name of the column where the claim
    rests on one. `version_date` is as that of a `Hit`.
    """

    marker: int
    chunk_id: str
    document_id: str
    source: str
    quote: str
    verified: bool
    modality: Modality
    heading_path: tuple[str, ...] = ()
    page: int | None = None
    box: Box | None = None
    asset: str | None = None
    described: str = ""
    row: int | None = None
    column: str | None = None
    page_label: str = ""
    version_date: str = ""

    @property
    def is_given(self) -> bool:
        """Whether the source came along with the question and is stored nowhere."""
        return self.document_id.startswith(GIVEN)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the work cost in calls and tokens of models, and texts embedded."""

    model_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    embedded_texts: int = 0

    def __add__(self, other: Usage) -> Usage:
        """What both have used."""
        return Usage(
            self.model_calls + other.model_calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.embedded_texts + other.embedded_texts,
        )

    def __sub__(self, before: Usage) -> Usage:
        """What was used since."""
        return Usage(
            self.model_calls - before.model_calls,
            self.prompt_tokens - before.prompt_tokens,
            self.completion_tokens - before.completion_tokens,
            self.embedded_texts - before.embedded_texts,
        )


@dataclass(frozen=True, slots=True)
class Computed:
    """What was computed from a table: the SELECT over its `rows`, what it gave, and how that is said.

    `columns` name the columns of `rows`, as the table's header does; `_place` is the number of a row.
    """

    sql: str
    rows: tuple[tuple[str, ...], ...]
    document_id: str
    source: str
    said: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the work on a question, a channel by its name, and the wall clock seconds that it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and its citations; `answered` is false where nothing in the documents supports one.

    `complete` is false where the model's answer broke off; `rewritten` is the question as it was searched
    for, where a conversation was needed to understand it.
    """

    question: str
    text: str
    answered: bool
    complete: bool
    model: str
    citations: tuple[Citation, ...] = ()
    hits: tuple[Hit, ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0
    rewritten: str = ""
    computed: Computed | None = None
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation, and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document was not added; `retryable` where the same call may succeed later.

    `exit_code` is how a command ends that this stops altogether.
    """

    code: str
    message: str
    hint: str
    retryable: bool = False
    exit_code: int = 1


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one source; `status` is `planned` in a dry run."""

    source: str
    status: Literal["searchable", "enriched", "unchanged", "failed", "planned"]
    id: str | None = None
    parser: str = ""
    pages: int = 0
    chunks: int = 0
    blocks: Mapping[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What calls of a model in a role are likely to take; `cost` is `None` where nobody knows the price."""

    role: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an `add` is likely to come to; `pictures` would be shown to a model.

    `seconds` are `paced` by what was added to the collection before; without that they are a guess.
    """

    files: int
    pages: int
    pictures: int
    chunks: int
    embedded_texts: int
    models: tuple[Expected, ...]
    seconds: float
    paced: bool = False

    @property
    def calls(self) -> int:
        """All calls of models."""
        return sum(one.calls for one in self.models)

    @property
    def tokens(self) -> int:
        """All tokens, of prompts and answers."""
        return sum(one.prompt_tokens + one.completion_tokens for one in self.models)

    @property
    def cost(self) -> Decimal | None:
        """What all calls cost; `None` where the price of one of them is not known."""
        costs = [one.cost for one in self.models if one.cost is not None]
        return sum(costs, Decimal(0)) if len(costs) == len(self.models) else None


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of an `add`, a line for each source in the order given.

    `stopped` is why the rest was not even tried, where a model or the budget stood in the way; `job` the
    number under which it can be taken up again. Sources that a sync took out are `removed`, and
    it has `kept` files of which a look told that they are unchanged. A dry run has
    an `estimate`.
    """

    documents: tuple[Added, ...]
    usage: Usage = Usage()
    seconds: float = 0.0
    stopped: Failure | None = None
    job: int | None = None
    removed: tuple[str, ...] = ()
    kept: int = 0
    estimate: Estimate | None = None

    @property
    def failed(self) -> tuple[Added, ...]:
        """The sources that were not added."""
        return tuple(document for document in self.documents if document.status == "failed")

    @property
    def unfinished(self) -> tuple[Added, ...]:
        """The documents with items that a model has failed, or that could not be read."""
        return tuple(document for document in self.documents if document.unfinished)


@dataclass(frozen=True, slots=True)
class Version:
    """What a source meant for a while: a document, since when, and `until` when if it is not live now."""

    source: str
    document_id: str
    since: str
    until: str = ""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What became of one document's part of the graph; `partial` where chunks of it could not be read.

    `pending` has not been tried. All but `enriched` are tried again by the next `enrich`.
    """

    document_id: str
    status: Literal["enriched", "partial", "failed", "pending"]
    warnings: tuple[str, ...] = ()
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Enrichment:
    """The outcome of an `enrich`, a line for each document; `stopped` is why the rest was not even tried."""

    documents: tuple[Enriched, ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0
    stopped: Failure | None = None
