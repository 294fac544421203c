"""One POST of JSON to an API that no SDK of ours speaks, its answer checked and its errors told."""

from __future__ import annotations

import asyncio
from typing import TypeVar

import httpx2
import orjson
from pydantic import BaseModel, ValidationError

from glede.errors import ModelError, ModelTimeoutError
from glede.models.http import target_of
from glede.models.replies import error_of, failure, shown_address, unreadable
from glede.roles import ModelChoice

_Shape = TypeVar("_Shape", bound=BaseModel)
_UNREACHED = "Check the address and the network; `glede doctor` asks each model."


async def post_json(
    http: httpx2.AsyncClient, choice: ModelChoice, url: str, body: object, shape: type[_Shape]
) -> _Shape:
    """The answer, of that shape; raises `ModelError` or `ConfigurationError`."""
    target = target_of(choice, url)
    headers = {"Content-Type": "application/json", **target.headers}
    try:
        async with asyncio.timeout(choice.seconds):
            response = await http.post(target.address, content=orjson.dumps(body), headers=headers)
    except TimeoutError as error:
        text = f"{choice.name} did not answer within {choice.seconds:g} s"
        raise ModelTimeoutError(text, retryable=True) from error
    except httpx2.HTTPError as error:
        text = f"{choice.name} at {shown_address(url)} cannot be reached ({type(error).__name__})"
        raise ModelError(text, retryable=True, hint=_UNREACHED) from error
    if response.status_code != httpx2.codes.OK:
        raise failure(choice, response.status_code, *error_of(response.content), response.headers)
    try:
        return shape.model_validate(orjson.loads(response.content))
    except (orjson.JSONDecodeError, ValidationError):
        # Without its cause, which quotes the answer, and with it a key that the endpoint may repeat.
        raise unreadable(choice, "the answer is not of the API's shape", response.content) from None
