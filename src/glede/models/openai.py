"""`openai:` models on the openai SDK: OpenAI's own and every address that speaks its language.

Lepton, DashScope's compatible mode, Ollama, vLLM and llama.cpp are the same with another address. What an
endpoint refuses to know (a parameter of newer or older models) is left out from then on.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from glede.errors import CredentialsError, ModelError, ModelTimeoutError
from glede.models.http import target_of
from glede.models.json_call import post_json
from glede.models.replies import error_of, failure, shown_address, unreadable
from glede.roles import ModelChoice

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

OPENAI = "https://api.openai.com/v1"
KEYLESS = "no-key"
"""Sent where no key is set and the address is not OpenAI's: local servers want none, the SDK wants one."""
_PATHS = ("/chat/completions", "/embeddings", "/completions")
_Body = TypeVar("_Body", bound=BaseModel)


class Address:
    """A model at an address of OpenAI's shape; one for each role, over the engine's one HTTP client."""

    def __init__(self, choice: ModelChoice, http: httpx2.AsyncClient) -> None:
        url = base_url(choice.url)
        if not choice.key and not choice.url:
            raise CredentialsError(
                f"{choice.name} needs a key",
                hint=f"Set OPENAI_API_KEY or GLEDE_{choice.role.upper()}_KEY, or give another address with "
                f"GLEDE_{choice.role.upper()}_URL.",
            )
        self.choice = choice
        self.own = url == OPENAI
        self._target = target_of(choice, url)
        self._http = http

    @cached_property
    def client(self) -> AsyncOpenAI:
        """The SDK's own, which loads with the first call: it takes a third of a second."""
        from openai import AsyncOpenAI

        client = AsyncOpenAI(
            api_key=self.choice.key or KEYLESS,
            base_url=self._target.address,
            default_headers=self._target.headers,
            http_client=self._http,
            max_retries=0,
            timeout=None,
        )
        if not self.own:  # the SDK takes them from the environment, and they are OpenAI's business only
            client.organization = client.project = None
        return client

    @asynccontextmanager
    async def calling(self) -> AsyncIterator[None]:
        """Errors of the SDK and of the network as ours, and a limit of time for all inside."""
        import httpx2
        import openai

        choice = self.choice
        try:
            async with asyncio.timeout(choice.seconds):
                yield
        except TimeoutError as error:
            raise self.too_slow() from error
        except openai.APIStatusError as error:
            # Without its cause, which repeats the endpoint's words, and with them a key that stands in them.
            raise _told(choice, error) from None
        except (openai.APIError, httpx2.HTTPError) as error:
            cause = error.__cause__ or error
            if isinstance(cause, ModelError):
                raise cause from error
            where = shown_address(base_url(choice.url))
            raise ModelError(
                f"{choice.name} at {where} cannot be reached ({type(cause).__name__})",
                hint="Check the address and the network; `glede doctor` asks each model.",
                retryable=True,
            ) from error

    def too_slow(self) -> ModelTimeoutError:
        """For a call that took all its time."""
        return ModelTimeoutError(
            f"{self.choice.name} did not answer within {self.choice.seconds:g} s", retryable=True
        )

    async def send(self, shape: type[_Body], path: str, body: Mapping[str, object]) -> _Body:
        """The answer to a body, asked without the SDK: that takes half as long again as the request."""
        return await post_json(self._http, self.choice, f"{base_url(self.choice.url)}{path}", body, shape)

    def read(self, shape: type[_Body], body: bytes | str) -> _Body:
        """JSON of a shape; raises `ModelReplyError` for anything else."""
        try:
            return shape.model_validate(orjson.loads(body))
        except (orjson.JSONDecodeError, ValidationError):
            data = body if isinstance(body, bytes) else body.encode()
            raise unreadable(self.choice, "the answer is not of the API's shape", data) from None


def base_url(url: str) -> str:
    """The address that the SDK wants, of one that may name the call as well."""
    address = (url or OPENAI).rstrip("/")
    for path in _PATHS:
        address = address.removesuffix(path)
    return address


def _told(choice: ModelChoice, error: object) -> Exception:
    response: httpx2.Response = error.response  # type: ignore[attr-defined]
    code, message = error_of(response.content)
    return failure(choice, response.status_code, code, message, response.headers)


def data_url(data: bytes, media_type: str) -> str:
    """A picture as the address that carries it."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
