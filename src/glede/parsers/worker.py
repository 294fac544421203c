"""Parsing in processes of its own, under limits, killed when one is passed.

A PDF of 3 KB can hang every engine there is inside native code, where no signal handler and no thread can
stop it: only the end of the process does. The owner keeps a small pool of workers that are reused, and
replaced after a kill.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NoReturn

from glede.errors import ExhaustedError, GledeError, LimitError, MalformedError, UnavailableError
from glede.parsers.frames import LENGTH, Job, Pace, Reply, pack_job, too_long, unpack_reply
from glede.parsing import ParseOptions
from glede.plugins import place_of
from glede.processes import end, resident, worked
from glede.types import Parsed

RECYCLED_AFTER = 500
"""Documents that one worker parses before it is replaced, so that no leak of a library lasts."""
BYTES_PER_PAGE = 128 * 1024
"""Takes the place of the page count in a format that has none."""
LEAST_PAGE = 512
"""No real page takes fewer bytes of a file, so that a file cannot claim its way to more time."""
LOADING_SECONDS = 120.0
"""The longest that a parser may load its own library, which is not charged to the document."""
LOOK_EVERY = 0.1
LOOK_AFTER = 16
"""Parses after which is looked how large a worker has grown that takes too little time to be watched."""
LOOK_AT_EASY_EVERY = 0.04
"""Memory that is not watched closely grows by a gigabyte between two looks."""
EASY_SECONDS = 6.0
EASY_SECONDS_PER_PAGE = 0.25
EASY_MEMORY = 640 * 2**20
EASY_MEMORY_PER_BYTE = 8
EASY_MEMORY_PER_PAGE = 256 * 1024
"""What a parser whose pages cost little may take: ten times what any honest document of few pages took,
and half again for each page of what a printed one takes."""
PASSED_ON = (
    "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH",
    "DOCLING_ARTIFACTS_PATH", "DOCLING_CACHE_DIR", "HF_HOME", "GLEDE_MINERU", "GLEDE_MINERU_TIER",
)  # fmt: skip
"""What of the environment a worker sees: no keys, no tokens, no proxies; where models lie on this disk."""
SMALL = 256 * 1024
"""Bytes of a reply that are faster read than handed to a thread, and of a job that are written together."""
_TIME_HINT = "Raise GLEDE_PARSE_SECONDS if the file is to be trusted."
_MEMORY_HINT = "Raise GLEDE_PARSE_MEMORY_MB if the file is to be trusted."
_BOMB_HINT = "A file of its size needs far less: open it in its own program and save it again."


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one parse may take: `seconds` and more for each page, bytes of memory, bytes of answer."""

    seconds: float = 60.0
    seconds_per_page: float = 2.0
    memory_bytes: int = 2 * 2**30
    output_bytes: int = 512 * 2**20

    def of(self, size: int, pace: Pace | None = None) -> Allowance:
        """What a file of `size` bytes may take, whose parser has told how many pages it has, if it has."""
        pages = pace.pages if pace else None
        counted = size // BYTES_PER_PAGE if pages is None else min(pages, size // LEAST_PAGE + 1)
        wall = self.seconds + self.seconds_per_page * counted
        if pace is None or not pace.easy:
            return Allowance(wall, wall * _cores(), self.memory_bytes)
        memory = EASY_MEMORY + EASY_MEMORY_PER_BYTE * size + EASY_MEMORY_PER_PAGE * counted
        memory = min(self.memory_bytes, memory)
        return Allowance(wall, min(wall, EASY_SECONDS + EASY_SECONDS_PER_PAGE * counted), memory)


@cache
def _cores() -> int:
    """Asked once: the system reads a file for it."""
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Allowance:
    """Seconds on the clock, seconds of processor time, and bytes of memory."""

    wall: float
    processor: float
    memory: int


class ParserPool:
    """Up to `size` workers, started when they are needed.

    `modules` names modules, importable in the workers, whose parsers `parse` takes as `module:Class`.
    """

    def __init__(self, limits: ParseLimits, size: int = 1, modules: Sequence[str] = ()) -> None:
        self._limits = limits
        self._modules = tuple(modules)
        self._workers: set[_Worker] = set()
        self._closed = False
        # The last one used is taken first: the others need not be started at all.
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        for _ in range(size):
            self._free.put_nowait(None)

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        """What the named parser makes of the bytes; raises the `GledeError` that the parser did.

        `LimitError` where a limit is passed, `MalformedError` where the parser dies of the document.
        """
        place = self._place(parser)
        worker = await self._free.get()
        try:
            if worker is None or worker.worn:
                await self._end(worker)
                worker = None
                worker = await self._start()
            most = self._limits.of(len(data), Pace(options.max_pages)).processor
            return await worker.parse(Job(data, media_type, parser, place, options, int(most) + 1))
        finally:
            # A worker whose parse did not end in order is in an unknown state.
            kept = worker if worker is not None and worker.idle else None
            self._free.put_nowait(kept)
            if kept is None:
                await self._end(worker)

    async def close(self) -> None:
        """End all workers; a parse under way ends with `UnavailableError`."""
        self._closed = True
        for worker in list(self._workers):
            await self._end(worker)

    def _place(self, parser: str) -> str:
        """Where the parser stands; raises `ConfigurationError` where there is none of that name."""
        named = parser.partition(":")[0] in self._modules
        return parser if named else place_of("glede.parsers", parser, "parser")

    async def _start(self) -> _Worker:
        if self._closed:
            raise UnavailableError("the parser processes have been closed")
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "glede.parsers.child",
                str(self._limits.memory_bytes),
                stdin=PIPE,
                stdout=PIPE,
                env=_environment(),
                start_new_session=True,
                limit=2**20,
            )
        except OSError as error:
            raise UnavailableError(f"the parser process cannot be started: {error}") from error
        worker = _Worker(process, self._limits)
        self._workers.add(worker)
        return worker

    async def _end(self, worker: _Worker | None) -> None:
        if worker is not None:
            self._workers.discard(worker)
            await worker.kill()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    told = {"PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return {**kept, "PYTHONPATH": path, **told}


class _Worker:
    """One process; `idle` between parses."""

    def __init__(self, process: Process, limits: ParseLimits) -> None:
        self._process = process
        self._limits = limits
        self._parsed = 0
        self._most_memory = 0
        self._allowed = Allowance(0.0, 0.0, 0)
        self._pages: int | None = None
        self._began = 0.0
        self._worked: float | None = None
        self._killed = False
        self.idle = True

    @property
    def worn(self) -> bool:
        """Whether it is dead, old, or has grown so much that the next document would pay for it."""
        return (
            self._process.returncode is not None
            or self._parsed >= RECYCLED_AFTER
            or self._most_memory > self._limits.memory_bytes // 2
        )

    async def parse(self, job: Job) -> Parsed:
        self.idle = False
        self._most_memory = 0 if self._parsed % LOOK_AFTER else resident(self._process.pid)
        self._parsed += 1
        self._pages = None
        self._restart(self._limits.of(len(job.data)))
        reply, body = await self._watched(job)
        if reply.error is not None:
            self.idle = True
            raise reply.error
        parsed = await asyncio.to_thread(reply.parsed, body) if len(body) > SMALL else reply.parsed(body)
        self.idle = True
        return parsed

    async def _watched(self, job: Job) -> tuple[Reply, bytes]:
        talk = asyncio.ensure_future(self._talk(job))
        ways: list[asyncio.Future[tuple[Reply, bytes]]] = [talk]
        try:
            await asyncio.wait(ways, timeout=LOOK_AT_EASY_EVERY)  # most parses take less
            if not talk.done():
                ways.append(asyncio.ensure_future(self._watch()))
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            return await (talk if talk.done() else ways[-1])
        finally:
            if len(ways) > 1 or not talk.done():
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)

    async def _talk(self, job: Job) -> tuple[Reply, bytes]:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise UnavailableError("the parser process has no pipes")
        try:
            pieces = pack_job(job)
            for piece in [b"".join(pieces)] if len(job.data) <= SMALL else pieces:
                stdin.write(piece)
            await stdin.drain()
            reply = await self._told(job, stdout)
            if reply.loading and self._pages is None:  # it has not looked at the document yet
                reply = await self._loaded(job, stdout)
            if reply.loading is not None:
                raise MalformedError("the parser answered nonsense")
            if reply.total > self._limits.output_bytes:
                raise LimitError(f"the parse holds more than {self._limits.output_bytes // 2**20} MiB")
            return reply, await stdout.readexactly(reply.total)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await self._death() from error

    async def _loaded(self, job: Job, stdout: asyncio.StreamReader) -> Reply:
        """Give the parser its own time to load; only the first word of a job can ask for it."""
        before = self._allowed
        self._restart(Allowance(LOADING_SECONDS, LOADING_SECONDS, self._limits.memory_bytes))
        reply = await self._header(stdout)
        self._restart(before)
        return await self._told(job, stdout) if reply.loading is False else reply

    async def _told(self, job: Job, stdout: asyncio.StreamReader) -> Reply:
        """The first word that is not about pages; those change what the parse is allowed."""
        while (reply := await self._header(stdout)).pace is not None:
            self._pages = reply.pace.pages
            self._allowed = self._limits.of(len(job.data), reply.pace)
        return reply

    def _restart(self, allowed: Allowance) -> None:
        self._began, self._worked = asyncio.get_running_loop().time(), None
        self._allowed = allowed

    async def _header(self, stdout: asyncio.StreamReader) -> Reply:
        (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
        if error := too_long(length):
            raise error
        return unpack_reply(await stdout.readexactly(length))

    async def _death(self) -> GledeError:
        """Why the process ended on its own."""
        code = await self._process.wait()
        if self._killed:
            return UnavailableError("the parser processes have been closed")
        if code == -signal.SIGXCPU:
            return self._exhausted("more processor time than it may", _TIME_HINT)
        if code < 0 and self._most_memory > self._allowed.memory // 4:
            return self._out_of_memory()  # native code that is refused memory ends itself
        what = f"signal {-code}" if code < 0 else f"exit code {code}"
        return MalformedError(f"the parser crashed on it ({what})")

    def _out_of_memory(self) -> ExhaustedError:
        hint = _MEMORY_HINT if self._allowed.memory == self._limits.memory_bytes else _BOMB_HINT
        return self._exhausted(f"more than {self._allowed.memory // 2**20} MiB of memory", hint)

    def _exhausted(self, what: str, hint: str) -> ExhaustedError:
        return ExhaustedError(f"parsing took {what}", hint=hint, pages=self._pages)

    async def _watch(self) -> NoReturn:
        """Raises `ExhaustedError` when the process takes more time or memory than it may."""
        loop = asyncio.get_running_loop()
        while True:
            allowed = self._allowed
            self._most_memory = max(self._most_memory, resident(self._process.pid))
            if self._most_memory > allowed.memory:
                raise self._out_of_memory()
            if loop.time() - self._began > allowed.wall:
                raise self._exhausted(f"more than {allowed.wall:g} s", _TIME_HINT)
            if self._works() > allowed.processor:
                raise self._exhausted(f"more than {allowed.processor:g} s of processor time", _TIME_HINT)
            await asyncio.sleep(
                LOOK_EVERY if allowed.memory == self._limits.memory_bytes else LOOK_AT_EASY_EVERY
            )

    def _works(self) -> float:
        """Seconds of processor time since the first look at this parse."""
        now = worked(self._process.pid)
        if self._worked is None:
            self._worked = now
        return now - self._worked

    async def kill(self) -> None:
        """End the process and all that it started."""
        self._killed = True
        end(self._process.pid)
        await self._process.wait()
