"""Texts put in order, as the clients of Cohere and Jina ask for it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from glede.errors import NotFoundError, UsageError
from glede.retrieval.judging import BUILT_IN
from glede.server.access import Calling, Serving
from glede.server.bodies import Reranking
from glede.server.described import RANKED, TEXT, WHOLE, json_of, ok, several, shape
from glede.server.replies import replied
from glede.shapes.results import Json
from glede.text.sentences import count_tokens

router = APIRouter(prefix="/v1", tags=["questions"])
MOST_CHARACTERS = 1_000_000
_RANKING = shape(id=TEXT, model=TEXT, results=several(RANKED), usage=shape(total_tokens=WHOLE))


@router.post("/rerank", responses=ok(json_of(_RANKING)), response_class=Response)
async def rerank(body: Reranking, service: Serving, caller: Calling) -> Response:
    """Texts in the order in which they answer a query, each with its place in the list and its score.

    By the reranker of the settings, or without one by meaning and words, as search does. Nothing is kept.
    """
    engine, texts = service.engine, body.texts()
    wanted = engine.settings.rerank or BUILT_IN
    if body.model not in (None, "", wanted, wanted.partition(":")[2]):
        raise NotFoundError(f"there is no model {body.model!r} that reranks", hint=f"It is {wanted}.")
    if sum(map(len, texts)) > MOST_CHARACTERS:
        raise UsageError(f"the texts hold more than {MOST_CHARACTERS:,} characters", hint="Send fewer.")
    with service.admission.admitted(caller.key):
        ranking = await engine.rerank(body.query, texts)
    best = sorted(enumerate(ranking.scores), key=lambda one: (-one[1], one[0]))[: body.top_n]
    tokens = count_tokens(body.query) + sum(map(count_tokens, texts))
    results: list[Json] = [
        {
            "index": number,
            "relevance_score": round(score, 6),
            **({"document": {"text": texts[number]}} if body.return_documents else {}),
        }
        for number, score in best
    ]
    usage: Json = {"total_tokens": tokens}
    return replied({"id": "rerank", "object": "list", "model": wanted, "results": results, "usage": usage})
