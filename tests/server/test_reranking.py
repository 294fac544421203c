"""`/v1/rerank` as the clients of Cohere and Jina call it: with a reranker, and without one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glede.retrieval.judging import BUILT_IN
from glede.testing.model_server import ModelServer
from tests.server.serving import Running, serving

DOCUMENTS = [
    "The library opens at nine on Saturdays.",
    "Red kites eat mice, voles and carrion.",
    "Fourteen pairs of red kites nest near the lake.",
    "",
]
QUERY = {"query": "What do red kites eat?", "documents": DOCUMENTS}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("alone"), env={"GLEDE_EXTRACTOR": "none"}) as running:
        yield running


def test_without_a_reranker_texts_are_judged_as_search_does(alone: Running) -> None:
    told = alone.client.post("/v1/rerank", json=QUERY).json()
    assert told["model"] == BUILT_IN
    assert told["usage"]["total_tokens"] > 20
    scores = [one["relevance_score"] for one in told["results"]]
    assert [one["index"] for one in told["results"]][:2] == [1, 2]
    assert sorted(one["index"] for one in told["results"]) == [0, 1, 2, 3]
    assert scores == sorted(scores, reverse=True)
    assert 0 <= scores[-1] < scores[0] <= 1
    assert all(one.keys() == {"index", "relevance_score"} for one in told["results"])


def test_the_best_are_returned_with_their_texts(alone: Running) -> None:
    body = {
        **QUERY,
        "documents": [{"text": one} for one in DOCUMENTS],
        "top_n": 1,
        "return_documents": True,
        "model": BUILT_IN,
    }
    told = alone.client.post("/v1/rerank", json=body).json()
    assert [(one["index"], one["document"]["text"]) for one in told["results"]] == [(1, DOCUMENTS[1])]


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"model": "jina-reranker-v9"}, 404, "not_found"),
        ({"documents": []}, 422, "invalid"),
        ({"query": " "}, 400, "usage"),
        ({"top_n": 0}, 422, "invalid"),
        ({"documents": ["x" * 500_001, "y" * 500_000]}, 400, "usage"),
    ],
)
def test_what_cannot_be_ranked_is_a_problem(
    alone: Running, change: dict[str, object], status: int, code: str
) -> None:
    answered = alone.client.post("/v1/rerank", json={**QUERY, **change})
    assert (answered.status_code, answered.json()["code"]) == (status, code)
    assert answered.json()["hint"]


def test_with_a_reranker_it_is_asked(tmp_path_factory: pytest.TempPathFactory) -> None:
    with ModelServer(key="sk-test") as model:
        env = {
            "GLEDE_RERANK": "rerank:bge-reranker-v2-m3",
            "GLEDE_RERANK_URL": model.url,
            "GLEDE_RERANK_KEY": "sk-test",
            "GLEDE_MODEL_TRIES": "1",
        }
        with serving(tmp_path_factory.mktemp("reranked"), env=env) as server:
            answered = server.client.post("/v1/rerank", json={**QUERY, "model": "bge-reranker-v2-m3"})
            assert answered.status_code == 200, answered.text
            told = answered.json()
            assert told["model"] == "rerank:bge-reranker-v2-m3"
            assert told["results"][0]["index"] == 1
            (call,) = [one for one in model.calls if one.route.endswith("rerank")]
            assert call.body["documents"] == DOCUMENTS
            model.fault("unavailable", times=None, route="rerank")
            failed = server.client.post("/v1/rerank", json={**QUERY, "query": "Who eats voles?"})
            assert failed.status_code in (502, 503)
            assert failed.json()["hint"]
