"""A model service on loopback that tests script: OpenAI's API, DashScope's, and the /rerank shape.

It speaks HTTP over real sockets, so that the real clients run against it; it refuses what the real services
refuse, in their words; and it plays by name what goes wrong with them (`model_faults`):

    with ModelServer() as server:
        server.script("Kites are birds of prey.")
        server.fault("rate_limit", times=2, route="chat")
        ...  # a client at server.url
        assert server.count("chat") == 3
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from glede.testing import model_http as http
from glede.testing.model_cards import CARDS
from glede.testing.model_faults import (
    NAMES,
    Fault,
    FaultPlan,
    fitting,
    instead,
    spoilt_chat,
    spoilt_rows,
    spoilt_scores,
)
from glede.testing.model_fields import parsed
from glede.testing.model_log import Call, CallLog, mean_in_flight, most_in_flight
from glede.testing.model_native import native_request
from glede.testing.model_replies import embedding_reply, models_reply, native_reply, rerank_reply
from glede.testing.model_requests import (
    EmbeddingRequest,
    Limits,
    chat_request,
    embedding_request,
    rerank_request,
)
from glede.testing.model_vectors import hashed, likeness, picture_words
from glede.testing.model_wire import (
    Answer,
    Body,
    ChatAnswer,
    ChatRequest,
    Refusal,
    Route,
    check_route,
    instance_of,
    route_of,
    to_json,
)

__all__ = ["Call", "ChatAnswer", "ChatRequest", "ModelServer"]

Responder = Callable[[ChatRequest], str | ChatAnswer]


def say_ok(request: ChatRequest) -> str:
    """The answer where a test scripts none: "ok", or the smallest JSON that follows the schema."""
    return "ok" if request.schema is None else to_json(instance_of(request.schema)).decode()


class ModelServer:
    """Serves inside `with`, in a thread of its own; everything but `url` may be changed at any time.

    `key`: what clients must send, nothing at all where it is empty. `dimension`: of the vectors of models
    that have no length of their own, like `stub`. `latency`: seconds before each answer. `pace`: seconds
    between the events of a stream. `drip`: seconds between the bytes of that fault. `retry_after`: what
    `rate_limit` tells. `context`: the most tokens of a conversation. `models`: the names that are known;
    one without a card in `model_cards` takes everything. `describe`: words for pictures, by the SHA-256 of
    their bytes, so that texts and pictures meet. `answer` runs in the server's thread and must not wait.
    `cut_after`: breaks a streamed answer off after so many bytes of its body, with an end as if it were
    whole where `cut_clean`. `last_stream`: the body of the last stream that was sent whole.
    """

    def __init__(self, key: str = "sk-test", dimension: int = 64, latency: float = 0.0) -> None:
        self.key = key
        self.dimension = dimension
        self.latency = latency
        self.pace = 0.0
        self.drip = 0.05
        self.retry_after = 0.0
        self.context = 128_000
        self.describe: dict[str, str] = {}
        self.answer: Responder = say_ok
        self.cut_after: int | None = None
        self.cut_clean = False
        self.last_stream = b""
        self.port = 0
        self.connections = 0
        self._models = set(CARDS)
        self._script: deque[str | ChatAnswer] = deque()
        self._lock = Lock()
        self._log = CallLog()
        self._plan = FaultPlan()
        self._ready = Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = Thread(target=self._run, name="model-server", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The address for clients of OpenAI's API, and for /rerank."""
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def dashscope_url(self) -> str:
        """The address of DashScope's native API; its compatible mode is beside it."""
        return f"http://127.0.0.1:{self.port}/api/v1"

    @property
    def models(self) -> set[str]:
        """The names of the models that are known."""
        return self._models

    @models.setter
    def models(self, names: Iterable[str]) -> None:
        self._models = set(names)

    def script(self, *replies: str | ChatAnswer) -> None:
        """Queue answers of conversations; they are used before `answer`."""
        with self._lock:
            self._script.extend(replies)

    def fault(self, name: str, times: int | None = 1, route: str | None = None, after: int = 0) -> None:
        """Play a fault for the next `times` requests (`None`: for ever), once `after` have passed.

        `route` is a path, the end of one, or chat, embeddings, models, rerank or multimodal. A fault that
        makes no sense for a request is a server error.
        """
        self._plan.add(name, times, route, after)

    def faults(self) -> tuple[str, ...]:
        """The names of all faults."""
        return NAMES

    @property
    def calls(self) -> list[Call]:
        """All requests so far, in the order of their arrival, also those that are under way."""
        return self._log.calls()

    def count(self, route: str | None = None) -> int:
        """How many requests came."""
        check_route(route)
        return len(self._log.calls(route))

    def in_flight_mean(self, route: str | None = None) -> float:
        """How many calls were under way at once: a mean over the time from the first to the last."""
        return mean_in_flight(self._log.calls(route))

    @property
    def most_in_flight(self) -> int:
        """The most calls that were under way at one moment."""
        return most_in_flight(self._log.calls())

    def clear(self) -> None:
        """Forget calls, scripts and faults."""
        with self._lock:
            self._script.clear()
        self._log.clear()
        self._plan.clear()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopping.wait()
        server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.ensure_future(self._connection(reader, writer, self.connections))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._request(reader, writer, number):
                    pass
        finally:
            writer.close()

    async def _request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> bool:
        """Read and answer one request; tells whether another may follow."""
        request = await http.read_head(reader)
        if request is None:
            return False
        data = await http.read_body(reader, request.headers)
        call = self._log.begin(request.path, request.headers, _seen(data), number)
        try:
            return await self._respond(reader, writer, request, data, call)
        finally:
            call.finish()

    async def _respond(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        request: http.HttpRequest,
        data: bytes,
        call: Call,
    ) -> bool:
        route = route_of(request.method, request.path)
        planned = self._plan.take(request.path)
        fault = fitting(planned, route, call.body) if planned else None
        name = fault.name if fault else ""
        if name == "refused" or await http.client_left(reader, self.latency):
            return False
        if name == "hang":
            await http.client_left(reader, None)
            return False
        answer = self._answer(route, request, data, call.body, fault)
        if name == "endless" and answer.stream:
            await http.send_endlessly(writer, answer)
        if name == "drip":
            await http.drip(writer, answer, self.drip, lambda: call.finish(answer.status))
            return False
        if name == "reset":
            call.finish()
            await http.reset(writer, answer)
            return False
        return await self._send(writer, answer, call, request.keeps)

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer, call: Call, keep: bool) -> bool:
        cut = self.cut_after

        def finish() -> None:
            if answer.stream and (cut is None or cut >= len(answer.body)):
                self.last_stream = answer.body
            call.finish(answer.status)

        return await http.send(
            writer, answer, keep=keep, pace=self.pace, cut=cut, clean=self.cut_clean, finish=finish
        )

    def _answer(
        self, route: Route | None, request: http.HttpRequest, data: bytes, body: Body, fault: Fault | None
    ) -> Answer:
        found = instead(fault, route, body, self.retry_after) if fault else None
        if found is not None:
            return found
        try:
            self._check_caller(route, request)
            return self._reply(route, data, fault)
        except Refusal as refusal:
            return refusal.answer(route)

    def _check_caller(self, route: Route | None, request: http.HttpRequest) -> None:
        if route is None:
            text = f"Unknown request URL: {request.method} {request.path}."
            raise Refusal(text, "unknown_url", status=404)
        given = request.headers.get("authorization", "")
        if self.key and given != f"Bearer {self.key}":
            if route == "multimodal":
                raise Refusal("Invalid API-key provided.", "InvalidApiKey", status=401)
            text = "Incorrect API key provided." if given else "You didn't provide an API key."
            raise Refusal(text, "invalid_api_key", status=401)

    def _reply(self, route: Route | None, data: bytes, fault: Fault | None) -> Answer:
        limits = Limits(self._models, self.context, self.dimension)
        if route == "models":
            return models_reply(self._models)
        if route == "multimodal":
            pictured = native_request(parsed(data), limits)
            return native_reply(
                pictured, spoilt_rows(fault, hashed(self._words(pictured), pictured.dimension))
            )
        body = parsed(data)
        if route == "chat":
            asked = chat_request(body, limits)
            return spoilt_chat(fault, asked, self._spoken(asked))
        if route == "rerank":
            ranked = rerank_request(body, limits)
            return rerank_reply(ranked, spoilt_scores(fault, likeness(ranked.query, ranked.documents)))
        request = embedding_request(body, limits)
        return embedding_reply(request, spoilt_rows(fault, hashed(request.texts, request.dimension)))

    def _words(self, request: EmbeddingRequest) -> list[str]:
        words = list(request.texts)
        for place, data in request.pictures:
            words[place] = picture_words(data, self.describe)
        return words

    def _spoken(self, request: ChatRequest) -> ChatAnswer:
        with self._lock:
            scripted = self._script.popleft() if self._script else None
        if scripted is None:
            try:
                scripted = self.answer(request)
            except Exception as error:  # a test's own mistake is told where its client sees it
                text = f"the test's answer raised {type(error).__name__}: {error}"
                raise Refusal(text, None, status=500, kind="server_error") from error
        return scripted if isinstance(scripted, ChatAnswer) else ChatAnswer(scripted)


def _seen(data: bytes) -> dict[str, Any]:
    try:
        return dict(parsed(data))
    except Refusal:
        return {}
