"""`glede serve`: the engine opened once, uvicorn before it, and both ended in order."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

import uvicorn

from glede.engine import Engine
from glede.errors import ConfigurationError, GledeError, UnavailableError
from glede.jobs import Job
from glede.server.admission import Admission, Pace
from glede.server.app import application, guarded
from glede.server.guarding import Guard
from glede.server.keys import Keys
from glede.server.metrics import Metrics
from glede.server.presence import present
from glede.server.service import Service
from glede.server.work import Begin, Work

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from glede.settings import Resolved, Settings

GRACEFUL_SECONDS = 4
"""What answers under way have left when the server is told to stop."""
SETTLED = 0.5
"""Seconds after which what a first question needs is loaded, if none has come."""
MIB = 2**20
FORM = MIB
"""What a form may hold beside its file."""


class _Server(uvicorn.Server):
    """Leaves signals to the command, which ends everything in order (`glede.cli.stopping`)."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(resolved: Resolved, ready: Callable[[str], None]) -> None:
    """Serve until cancelled; `ready` is told the address.

    Raises `ConfigurationError` where others could reach it and there is no key, and `UnavailableError` where
    it cannot listen.
    """
    settings = resolved.settings
    keys = Keys(settings.home)
    loopback = is_loopback(settings.server_host)
    if not loopback and not any(key.revoked is None for key in keys.all()):
        raise ConfigurationError(
            f"{settings.server_host} can be reached from other machines, and there is no key",
            hint="Make one: glede keys create NAME --scope admin:*",
        )
    with listening(settings.server_host, settings.server_port) as ear:
        async with _traced(settings) as traced, Engine.open(settings) as engine:
            service = Service(
                engine,
                keys,
                Admission(settings.server_answers, settings.server_answers_per_key),
                Work(settings.server_jobs),
                Metrics(),
                open=loopback,
                pace=Pace(settings.server_calls_per_minute),
                origins=resolved.origins,
            )
            address = _address(settings.server_host, ear.getsockname()[1])
            made = application(service)
            server = _Server(_config(traced(guarded(made, _guard(settings, loopback=loopback)))))
            with present(settings.home, address, service.pass_):
                try:
                    await _served(server, ear, service, lambda: ready(address))
                finally:
                    await made.state.assistants.close()


async def _served(server: _Server, ear: socket.socket, service: Service, ready: Callable[[], None]) -> None:
    serving = asyncio.create_task(server.serve(sockets=[ear]))
    warming: asyncio.Task[None] | None = None
    going_on: asyncio.Task[None] | None = None
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        ready()
        warming = asyncio.create_task(_warmed())
        going_on = asyncio.create_task(_gone_on(service))
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        own = asyncio.current_task()
        if own is not None:
            own.uncancel()  # to be told to stop is how a server ends well
    finally:
        server.should_exit = True
        for task in (warming, going_on):
            if task is not None:
                task.cancel()
        await service.work.close()
        await serving


async def _gone_on(service: Service) -> None:
    """Go on with uploads that were answered for before another server here was ended, one job at a time."""
    for job in await service.engine.jobs.interrupted_uploads():
        with suppress(GledeError):  # the job tells of it
            _, following = await service.work.begin(_resuming(service, job))
            async for _ in following.events():
                pass


def _resuming(service: Service, job: Job) -> Begin:
    return lambda progress: service.engine.jobs.resume(job.id, progress=progress)


async def _warmed() -> None:
    """Load what the first question would wait for, once it has been told that all is ready."""
    await asyncio.sleep(SETTLED)
    await asyncio.to_thread(_warm)


def _warm() -> None:
    if "glede.models.openai" in sys.modules:  # a model at such an address was opened
        import openai  # noqa: F401 - loads here, beside the event loop


@asynccontextmanager
async def _traced(settings: Settings) -> AsyncIterator[Callable[[ASGIApp], ASGIApp]]:
    """What makes spans of calls, where the settings ask for them."""
    if not settings.traces:
        yield lambda application: application
        return
    from glede.server.tracing import TracedCalls
    from glede.telemetry.opening import opened_spans, shared_with_engines

    async with opened_spans(settings) as spans:
        with shared_with_engines(spans):
            yield lambda application: TracedCalls(application, spans)


def _guard(settings: Settings, *, loopback: bool) -> Guard:
    return Guard(
        hosts=frozenset(_listed(settings.server_hosts.lower())),
        origins=frozenset(_listed(settings.server_origins)),
        loopback=loopback,
        most_body=int(settings.server_body_mb * MIB),
        most_upload=int(settings.max_file_mb * MIB) + FORM,
    )


def _config(served: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        served,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )


def _listed(text: str) -> list[str]:
    return [one.strip().rstrip("/") for one in text.split(",") if one.strip()]


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address; of a name that is not `localhost` nobody knows."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(host: str, port: int) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """An ear at that address; port 0 is any that is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        ear = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        raise UnavailableError(
            f"cannot listen on {host}:{port}: {error.strerror or error}",
            hint="Does a server run there already? Choose another port: glede serve --port 8788",
        ) from error
    with ear:
        yield ear
