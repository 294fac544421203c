"""What a chat in another's API asks of us: a collection, a mode, the last question and what came before."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote, urlencode

from pydantic import ValidationError

from glede.errors import NotFoundError
from glede.results import Answer, Citation
from glede.server.bodies import AskBody
from glede.server.refusals import InvalidError
from glede.types import Mode

if TYPE_CHECKING:
    from glede.server.access import Caller
    from glede.server.service import Service
    from glede.shapes.results import Json

PREFIX = "glede/"
LATEST = "latest"
"""What clients of Ollama append to names."""
_MARKER = re.compile(r"\[(\d+)\]")
LONGEST_QUOTE = 400
"""Characters of a quote that its link carries; the page marks what begins so."""
TURNS = 20
"""Turns of a conversation that are looked at."""
MODES: tuple[Mode, ...] = get_args(Mode)


@dataclass(frozen=True, slots=True)
class Said:
    """One message: who says it, its words, and a picture in base64."""

    role: str
    text: str
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A collection, asked in a mode."""

    collection: str
    mode: Mode = "mix"


def no_model(name: str) -> NotFoundError:
    """The same words for a collection that is not there and one that is another's."""
    return NotFoundError(f"the model {name[:200]!r} does not exist", hint="GET /v1/models lists yours.")


async def model_of(name: str, caller: Caller, service: Service) -> Model:
    """What `glede/papers:local` names, if the caller may read it."""
    collection, _, mode = name.removeprefix(PREFIX).partition(":")
    if not name.startswith(PREFIX) or not caller.may("read", collection):
        raise no_model(name)
    if collection not in await service.collections():
        raise no_model(name)
    if mode in ("", LATEST):
        return Model(collection)
    known = next((one for one in MODES if one == mode), None)
    if known is None:
        raise no_model(name)
    return Model(collection, known)


async def names_of(caller: Caller, service: Service) -> list[str]:
    """The models that a caller may ask."""
    return [f"{PREFIX}{name}" for name in await service.collections() if caller.may("read", name)]


def asked(model: Model, messages: Sequence[Said], as_of: str | None = None) -> AskBody:
    """The last question, with the turns before it, to what was live `as_of` a date; raises `InvalidError`.

    What a system message says is no question, and our prompts are ours: it is left out.
    """
    spoken = [one for one in messages if one.role in ("user", "assistant")]
    if not spoken or spoken[-1].role != "user":
        raise InvalidError("the last message must be the user's")
    last, history, question = spoken[-1], [], ""
    for one in spoken[:-1]:
        if one.role == "user":
            question = one.text
        elif question:
            history.append({"question": question, "answer": one.text})
            question = ""
    try:
        return AskBody.model_validate(
            {
                "question": last.text,
                "history": history[-TURNS:],
                "mode": model.mode,
                "image": last.image,
                "as_of": as_of or None,
            }
        )
    except ValidationError as error:
        raise InvalidError(f"messages: {error.errors()[0]['msg'][:500]}") from error


def links(answer: Answer, collection: str, address: str) -> list[Mapping[str, Json]]:
    """Where in the answer which source is cited; only what was verified is shown as a link."""
    cited = {one.marker: one for one in answer.citations if one.verified}
    return [
        {
            "start_index": found.start(),
            "end_index": found.end(),
            "url": _url(cited[int(found[1])], collection, address),
            "title": cited[int(found[1])].source,
        }
        for found in _MARKER.finditer(answer.text)
        if len(found[1]) < 10 and int(found[1]) in cited
    ]


def _url(citation: Citation, collection: str, address: str) -> str:
    """The page of ours that shows the place: the box on the page, or the words in the text."""
    if citation.source.startswith(("https://", "http://")):
        return citation.source
    place = {
        "page": citation.page,
        "box": ",".join(f"{edge:g}" for edge in citation.box.rounded()) if citation.box else "",
        "row": citation.row,
        "asset": citation.asset if citation.row else "",
        "quote": citation.quote[:LONGEST_QUOTE] if citation.page is None else "",
    }
    query = urlencode({name: said for name, said in place.items() if said}, quote_via=quote)
    return f"{address}#/source/{collection}/{citation.document_id}?{query}"
