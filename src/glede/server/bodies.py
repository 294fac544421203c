"""What calls may say: the bodies of requests, checked before anything of them is used."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeAlias, TypedDict

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from glede.adding.enriching import Wait
from glede.answering.questions import Extras
from glede.results import Turn
from glede.server.refusals import InvalidError
from glede.settings import COLLECTION_NAME
from glede.types import Modality, Mode

MetadataField: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr
Metadata: TypeAlias = Annotated[dict[str, MetadataField], Field(max_length=100)]
Text: TypeAlias = Annotated[str, Field(max_length=100_000)]
Moment: TypeAlias = Annotated[str, Field(min_length=1, max_length=40)]
MOST_AT_ONCE = 1000


class Body(BaseModel):
    """A body; a field that nobody knows is an error, since it would be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NewCollection(Body):
    """A collection to be made."""

    name: Annotated[str, Field(pattern=COLLECTION_NAME)]


class Written(Body):
    """A document in words."""

    source: Annotated[str, Field(min_length=1, max_length=1000)]
    text: str
    metadata: Metadata = {}


class Additions(Body):
    """Documents in words, addresses to be fetched, and paths on the server's own machine."""

    documents: Annotated[list[Written], Field(max_length=MOST_AT_ONCE)] = []
    urls: Annotated[list[str], Field(max_length=MOST_AT_ONCE)] = []
    paths: Annotated[list[str], Field(max_length=MOST_AT_ONCE)] = []
    metadata: Metadata = {}
    parser: str | None = None
    password: str | None = None
    wait: Wait = "enriched"


class FolderBody(Body):
    """A folder of the server's machine, and how a collection is made to match it."""

    folder: Annotated[str, Field(min_length=1, max_length=4000)]
    metadata: Metadata = {}
    parser: str | None = None
    password: str | None = None
    allow_empty: bool = False


class RetryBody(Body):
    """What is to be tried again: of these documents or of all; `failed` is what was not added at all."""

    documents: Annotated[list[Text], Field(max_length=MOST_AT_ONCE)] = []
    failed: bool = False
    password: str | None = None


class Options(TypedDict):
    """What `Engine.search`, `ask` and `stream` take beside the words."""

    limit: int | None
    mode: Mode
    types: list[Modality]
    filter: dict[str, MetadataField]
    collection: str
    extras: Extras
    as_of: str | None


class RerankedText(Body):
    """A text as some clients send it."""

    text: Text


class Searching(Body):
    """What to search for: words, a picture, a table or an equation; the first two bytes in base64.

    `as_of` a date (`2026-05-01`, the end of that day) only what was live then is seen, where a
    history is kept.
    """

    limit: Annotated[int | None, Field(ge=1, le=1000)] = None
    mode: Mode = "mix"
    types: list[Modality] = []
    filter: Metadata = {}
    image: str | None = None
    table: str | None = None
    table_name: Annotated[str, Field(max_length=300)] = ""
    equation: Text = ""
    as_of: Moment | None = None

    def extras(self) -> Extras:
        """What comes with the words; raises `InvalidError`."""
        return Extras(_bytes(self.image), _bytes(self.table), self.table_name, self.equation)

    def options(self, collection: str) -> Options:
        """What an engine is given beside the words; raises `InvalidError`."""
        return Options(
            limit=self.limit,
            mode=self.mode,
            types=self.types,
            filter=dict(self.filter),
            collection=collection,
            extras=self.extras(),
            as_of=self.as_of,
        )


class SearchBody(Searching):
    """A search."""

    query: Text = ""


class PastTurn(Body):
    """A question of a conversation, and its answer."""

    question: Text
    answer: Text


class AskBody(Searching):
    """A question; with `stream` the answer comes piece by piece as server-sent events.

    With `explain` the passages that were used come with it: their ranks, and their paths through the graph.
    """

    question: Text = ""
    history: Annotated[list[PastTurn], Field(max_length=100)] = []
    stream: bool = False
    explain: bool = False

    def turns(self) -> list[Turn]:
        """The conversation so far."""
        return [Turn(one.question, one.answer) for one in self.history]


class NamedDocuments(Body):
    """Documents by id, source or end of a source."""

    documents: Annotated[list[Text], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Resolving(Body):
    """Whether entities that are one are joined, or only told."""

    dry_run: bool = False


class Summarising(Body):
    """How many themes are told, the largest first, and of which documents."""

    limit: Annotated[int, Field(ge=1, le=100)] = 10
    filter: Metadata = {}


class Reranking(Body):
    """Texts to be put in the order in which they answer a query, by the configured `model` and no other."""

    query: Annotated[str, Field(min_length=1, max_length=100_000)]
    documents: Annotated[list[str | RerankedText], Field(min_length=1, max_length=MOST_AT_ONCE)]
    model: Annotated[str | None, Field(max_length=200)] = None
    top_n: Annotated[int | None, Field(ge=1, le=2**31)] = None
    return_documents: bool = False

    def texts(self) -> list[str]:
        """The texts alone."""
        return [one if isinstance(one, str) else one.text for one in self.documents]


class Merging(Body):
    """Entities that are one: from now on the others mean the first."""

    name: Text
    others: Annotated[list[Text], Field(min_length=1, max_length=100)]


class Splitting(Body):
    """From now on these documents mean another entity by the name."""

    name: Text
    documents: Annotated[list[Text], Field(min_length=1, max_length=1000)]


class Undoing(Body):
    """The merge or split to be taken back; the last one where none is named."""

    edit: Annotated[int | None, Field(ge=1, le=2**53)] = None


class Purging(Body):
    """Versions that had ended before a date are to be forgotten; a day alone is its beginning."""

    before: Moment


class Query(Body):
    """One SELECT over `rows`."""

    sql: Annotated[str, Field(min_length=1, max_length=20_000)]


class TableQuestion(Body):
    """A question to one table."""

    question: Annotated[str, Field(min_length=1, max_length=8192)]


def _bytes(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidError("image and table are bytes in base64") from error
