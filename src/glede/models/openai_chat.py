"""Chat, vision and structured answers at an address of OpenAI's shape."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

import orjson
from pydantic import BaseModel

from glede.endpoints import Message, Prompt, Reply, Tokens
from glede.errors import ContentFilterError, GledeError, ModelReplyError, RefusedRequestError
from glede.models.openai import Address, data_url
from glede.models.replies import failure, unreadable
from glede.roles import ModelChoice

if TYPE_CHECKING:
    import httpx2

CHARACTERS_PER_TOKEN = 16
"""No text has more: an answer that goes on past that ignores its limit and never ends."""
END = "[DONE]"
LEAVING_SECONDS = 0.5
"""How long a server may take to end an answer that it says is whole; some keep the line open."""
_DROPPABLE = ("temperature", "stream_options", "response_format", "max_tokens", "max_completion_tokens")


class _Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message = _Message()
    delta: _Message = _Message()
    finish_reason: str | None = None


class _Reply(BaseModel):
    choices: list[_Choice]
    usage: _Usage | None = None


class OpenAIChat:
    """One conversation model; a picture goes as a data URL."""

    def __init__(self, address: Address) -> None:
        self.model = address.choice.name
        self._address = address
        self._dropped: set[str] = set()

    async def chat(self, prompt: Prompt) -> Reply:
        """The whole answer; an empty one is a `ModelReplyError`."""
        while True:
            arguments = self._arguments(prompt)
            try:
                reply = await self._address.send(_Reply, "/chat/completions", arguments)
                break
            except RefusedRequestError as error:
                self._drop(error, arguments)
        if not reply.choices:
            raise unreadable(self._address.choice, "the answer holds no choice")
        first = reply.choices[0]
        text = first.message.content or first.message.refusal or ""
        self._check(text, first.finish_reason)
        return self._reply(text, first.finish_reason, reply.usage, done=True)

    async def stream(self, prompt: Prompt) -> AsyncGenerator[str | Reply, None]:
        """Pieces, then the `Reply`: complete only where both a finish reason and the end mark came."""
        state = _State()
        most = prompt.max_tokens * CHARACTERS_PER_TOKEN
        try:
            async with aclosing(self._events(prompt)) as events:
                async for event in events:
                    piece = self._take(event, state)
                    if piece:
                        state.text += piece
                        yield piece
                    if len(state.text) > most:
                        break
        except GledeError:
            if not state.text:
                raise
        else:
            if not state.text:
                self._check("", state.finish if state.done else None)
        yield self._reply(state.text, state.finish, state.usage, state.done)

    def _take(self, event: str, state: _State) -> str:
        if event == END:
            state.done = True
            return ""
        found = self._address.read(_Event, event)
        if found.error is not None:
            code, message = str(found.error.get("code") or ""), str(found.error.get("message") or "")
            raise failure(self._address.choice, 500, code, message)
        state.usage = found.usage or state.usage
        if not found.choices:
            return ""
        state.finish = found.choices[0].finish_reason or state.finish
        return found.choices[0].delta.content or found.choices[0].delta.refusal or ""

    async def _events(self, prompt: Prompt) -> AsyncGenerator[str, None]:
        """The data of each server-sent event; the time limit is for the whole stream."""
        ends = asyncio.get_running_loop().time() + self._address.choice.seconds
        create = self._address.client.chat.completions.with_streaming_response.create
        while True:
            arguments = self._arguments(prompt) | {"stream": True}
            if "stream_options" not in self._dropped:
                arguments["stream_options"] = {"include_usage": True}
            manager = create(**arguments)
            try:
                async with self._address.calling():
                    response = await manager.__aenter__()
                break
            except RefusedRequestError as error:
                self._drop(error, arguments)
        try:
            kind = str(response.headers.get("content-type", ""))
            if "event-stream" not in kind and "json" not in kind:
                raise unreadable(self._address.choice, f"the answer is {kind or 'of no type'}, no stream")
            lines = response.iter_lines()
            while (line := await self._line(lines, ends)) is not None:
                data = line.removeprefix("data:").strip() if line.startswith("data:") else ""
                if data:
                    yield data
                if data == END:
                    await self._leave(lines)
                    return
        finally:
            await manager.__aexit__(None, None, None)

    async def _leave(self, lines: AsyncIterator[str]) -> None:
        """Read what is left after the end mark, so that the connection can be used again; not for long."""
        ends = asyncio.get_running_loop().time() + LEAVING_SECONDS
        with suppress(GledeError):
            while await self._line(lines, ends) is not None:
                pass

    async def _line(self, lines: AsyncIterator[str], ends: float) -> str | None:
        async with self._address.calling():
            try:
                async with asyncio.timeout_at(ends):
                    return await anext(lines, None)
            except TimeoutError as error:
                raise self._address.too_slow() from error

    def _arguments(self, prompt: Prompt) -> dict[str, object]:
        address = self._address
        # Only OpenAI's own models know the newer name, and its newest know no other.
        limit = "max_completion_tokens" if address.own else "max_tokens"
        arguments: dict[str, object] = {
            "model": address.choice.model,
            "messages": [_message(message) for message in prompt.messages],
            limit: prompt.max_tokens,
            "temperature": prompt.temperature,
        }
        if prompt.schema is not None:
            schema = {
                "name": prompt.schema.name,
                "schema": orjson.loads(prompt.schema.body),
                "strict": True,
            }
            arguments["response_format"] = {"type": "json_schema", "json_schema": schema}
        return {key: value for key, value in arguments.items() if key not in self._dropped}

    def _drop(self, error: RefusedRequestError, arguments: dict[str, object]) -> None:
        """Do without the parameter that the endpoint names in its refusal; else the refusal stands."""
        for name in _DROPPABLE:
            if name in error.message and name in arguments:
                self._dropped.add(name)
                return
        raise error

    def _check(self, text: str, finish: str | None) -> None:
        if finish == "content_filter":
            raise ContentFilterError(f"{self.model}: the provider's filter stopped the answer")
        if not text.strip() and finish is not None:
            short = finish == "length"  # all tokens went into thinking: so they would again
            raise ModelReplyError(
                f"{self.model} gave an empty answer ({finish})",
                hint="Raise GLEDE_ANSWER_TOKENS." if short else "Ask again, or in other words.",
                retryable=not short,
            )
        if not text.strip():
            raise unreadable(self._address.choice, "the answer broke off before its first word")

    def _reply(self, text: str, finish: str | None, usage: _Usage | None, done: bool) -> Reply:
        tokens = Tokens(usage.prompt_tokens, usage.completion_tokens) if usage else Tokens(known=False)
        return Reply(text, done and finish == "stop", finish or "", self.model, tokens)


class _Event(_Reply):
    choices: list[_Choice] = []
    error: dict[str, object] | None = None


class _State:
    """What has come of a stream so far."""

    def __init__(self) -> None:
        self.text = ""
        self.finish: str | None = None
        self.usage: _Usage | None = None
        self.done = False


def _message(message: Message) -> dict[str, object]:
    if not message.pictures:
        return {"role": message.role, "content": message.text}
    parts: list[dict[str, object]] = [{"type": "text", "text": message.text}] if message.text else []
    for picture in message.pictures:
        url = data_url(picture.data, picture.media_type)
        parts.append({"type": "image_url", "image_url": {"url": url}})
    return {"role": message.role, "content": parts}


def open_openai_chat(choice: ModelChoice, http: httpx2.AsyncClient) -> OpenAIChat:
    """The model for `openai:MODEL`."""
    return OpenAIChat(Address(choice, http))
