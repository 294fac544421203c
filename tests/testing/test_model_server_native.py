"""DashScope's native API of multimodal embeddings, as the model server speaks it."""

from __future__ import annotations

import hashlib
import json
import math

import httpx2
import pytest

from glede.testing import ModelServer
from tests.testing.asking import PNG, data_url

NATIVE = "/services/embeddings/multimodal-embedding/multimodal-embedding"
PLUS = "tongyi-embedding-vision-plus"


class TestNative:
    async def post(
        self, server: ModelServer, raw: httpx2.AsyncClient, contents: object, **parameters: object
    ) -> httpx2.Response:
        body = {"model": PLUS, "input": {"contents": contents}, "parameters": parameters}
        return await raw.post(server.dashscope_url + NATIVE, json=body)

    async def test_embeds_texts_and_pictures(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        server.describe[hashlib.sha256(PNG).hexdigest()] = "a red kite"
        contents = [{"text": "A red kite"}, {"image": data_url()}, {"image": "https://example.org/a.png"}]
        reply = (await self.post(server, raw, contents)).json()
        rows = reply["output"]["embeddings"]
        assert [(row["index"], row["type"]) for row in rows] == [(0, "text"), (1, "image"), (2, "image")]
        assert [len(row["embedding"]) for row in rows] == [1152] * 3
        assert rows[0]["embedding"] == rows[1]["embedding"] != rows[2]["embedding"]
        assert reply["usage"] == {"input_tokens": 3, "image_tokens": 170}
        assert reply["request_id"]
        assert server.calls[0].texts == 3

    async def test_gives_shorter_vectors(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        reply = (await self.post(server, raw, [{"image": data_url()}], dimension=64)).json()
        assert len(reply["output"]["embeddings"][0]["embedding"]) == 64

    @pytest.mark.parametrize(
        "contents",
        [
            [],
            "text",
            [{"text": "a"}] * 21,
            [{"image": data_url()}] * 9,
            [{"text": ""}],
            [{"text": 1}],
            [{"sound": "a"}],
            [{"text": "a", "image": data_url()}],
            ["a"],
            [{"image": "data:image/png;base64,***"}],
            [{"image": "a.png"}],
            [{"image": data_url(media_type="image/webp")}],
            [{"image": data_url(PNG + bytes(3 * 2**20))}],
        ],
        ids=range(13),
    )
    async def test_refuses_contents(
        self, server: ModelServer, raw: httpx2.AsyncClient, contents: object
    ) -> None:
        reply = await self.post(server, raw, contents)
        assert reply.status_code == 400
        assert set(reply.json()) == {"code", "message", "request_id"}
        assert reply.json()["code"].startswith("InvalidParameter")

    async def test_refuses_the_rest(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        url, inner = server.dashscope_url + NATIVE, {"contents": [{"text": "a"}]}
        for body, status, code in (
            ({"input": inner}, 400, "BadRequest.EmptyModel"),
            ({"model": PLUS}, 400, "BadRequest.EmptyInput"),
            ({"model": "gpt-4o", "input": inner}, 404, "ModelNotFound"),
            ({"model": PLUS, "input": inner, "parameters": {"dimension": 100}}, 400, "InvalidParameter"),
            ({"model": PLUS, "input": inner, "parameters": 1}, 400, "InvalidParameter"),
        ):
            reply = await raw.post(url, json=body)
            assert (reply.status_code, reply.json()["code"]) == (status, code)
        reply = await raw.post(url, json={}, headers={"Authorization": "Bearer wrong"})
        assert (reply.status_code, reply.json()["code"]) == (401, "InvalidApiKey")

    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            ("rate_limit", 429, "Throttling.RateQuota"),
            ("rate_limit_bare", 429, "Throttling.RateQuota"),
            ("quota", 400, "Arrearage"),
            ("server_error", 500, "InternalError"),
            ("unavailable", 503, "ModelServingError"),
            ("content_filter", 400, "DataInspectionFailed"),
            ("context_length", 400, "InvalidParameter"),
            ("endless", 500, "InternalError"),
        ],
    )
    async def test_plays_faults(
        self, server: ModelServer, raw: httpx2.AsyncClient, fault: str, status: int, code: str
    ) -> None:
        server.fault(fault, route="multimodal")
        reply = await self.post(server, raw, [{"text": "a"}])
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert ("retry-after" in reply.headers) == (fault == "rate_limit")
        assert (await self.post(server, raw, [{"text": "a"}])).status_code == 200

    async def test_spoils_vectors(self, server: ModelServer, raw: httpx2.AsyncClient) -> None:
        for fault in ("short_batch", "wrong_dimension", "nan"):
            server.fault(fault)
        replies = [await self.post(server, raw, [{"text": "a"}, {"text": "b"}]) for _ in range(3)]
        short, wrong, nan = (json.loads(reply.content)["output"]["embeddings"] for reply in replies)
        assert len(short) == 1
        assert len(wrong[0]["embedding"]) == 1151
        assert math.isnan(nan[0]["embedding"][0])
        assert b"NaN" in replies[2].content
