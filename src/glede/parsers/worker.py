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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from glede.errors import DocumentError, LimitError, MalformedError, UnavailableError
from glede.parsers.frames import LENGTH, Job, pack_job, too_long, unpack_reply
from glede.ports import ParseOptions
from glede.types import Parsed

RECYCLED_AFTER = 500
"""Documents that one worker parses before it is replaced, so that no leak of a library lasts."""
BYTES_PER_PAGE = 32 * 1024
"""Takes the place of the page count, which only the parse itself could tell."""
LOOK_EVERY = 0.1
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "LD_LIBRARY_PATH")
"""What of the environment a worker sees: no keys, no tokens, no proxies."""


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """What one parse may take: `seconds` and more for a large file, bytes of memory, bytes of answer."""

    seconds: float = 60.0
    seconds_per_page: float = 2.0
    memory_bytes: int = 2 * 2**30
    output_bytes: int = 512 * 2**20

    def wall(self, size: int) -> float:
        """The seconds for a file of `size` bytes."""
        return self.seconds + self.seconds_per_page * (size // BYTES_PER_PAGE)


class ParserPool:
    """Up to `size` workers, started when they are needed; `modules` are imported in each of them first."""

    def __init__(self, limits: ParseLimits, size: int = 1, modules: tuple[str, ...] = ()) -> None:
        self._limits = limits
        self._modules = modules
        self._free: asyncio.Queue[_Worker | None] = asyncio.Queue()
        for _ in range(size):
            self._free.put_nowait(None)
        self._workers: set[_Worker] = set()

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        """What the named parser makes of the bytes; raises a `DocumentError`."""
        worker = await self._free.get()
        try:
            if worker is None or worker.worn:
                if worker is not None:
                    await self._end(worker)
                worker = None
                worker = await self._start()
            return await worker.parse(Job(data, media_type, parser, options))
        finally:
            # A worker whose parse did not end in order is in an unknown state.
            if worker is not None and not worker.idle:
                await self._end(worker)
                worker = None
            self._free.put_nowait(worker)

    async def _start(self) -> _Worker:
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "glede.parsers.child",
                str(self._limits.memory_bytes),
                str(int(self._limits.wall(2**30))),
                *self._modules,
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

    async def _end(self, worker: _Worker) -> None:
        self._workers.discard(worker)
        await worker.kill()

    async def close(self) -> None:
        """End all workers."""
        for worker in list(self._workers):
            await self._end(worker)


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    path = os.pathsep.join(entry for entry in sys.path if entry)
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}


class _Worker:
    """One process; `idle` between parses."""

    def __init__(self, process: Process, limits: ParseLimits) -> None:
        self._process = process
        self._limits = limits
        self._parsed = 0
        self.idle = True

    @property
    def worn(self) -> bool:
        return self._parsed >= RECYCLED_AFTER or self._process.returncode is not None

    async def parse(self, job: Job) -> Parsed:
        self.idle = False
        self._parsed += 1
        wall = self._limits.wall(len(job.data))
        talk = asyncio.ensure_future(self._talk(job))
        watch = asyncio.ensure_future(self._watch())
        try:
            await asyncio.wait({talk, watch}, timeout=wall, return_when=asyncio.FIRST_COMPLETED)
            if watch.done():
                raise LimitError(
                    f"parsing took more than {self._limits.memory_bytes // 2**20} MiB of memory",
                    hint="Raise GLEDE_PARSE_MEMORY_MB if the file is to be trusted.",
                )
            if not talk.done():
                raise LimitError(
                    f"parsing took more than {wall:g} s",
                    hint="Raise GLEDE_PARSE_SECONDS if the file is to be trusted.",
                )
            return talk.result()
        finally:
            for task in (talk, watch):
                task.cancel()
            await asyncio.gather(talk, watch, return_exceptions=True)

    async def _talk(self, job: Job) -> Parsed:
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise UnavailableError("the parser process has no pipes")
        try:
            for piece in pack_job(job):
                stdin.write(piece)
            await stdin.drain()
            (length,) = LENGTH.unpack(await stdout.readexactly(LENGTH.size))
            if error := too_long(length):
                raise error
            reply = unpack_reply(await stdout.readexactly(length))
            if reply.total > self._limits.output_bytes:
                raise LimitError(f"the parse holds more than {self._limits.output_bytes // 2**20} MiB")
            body = await stdout.readexactly(reply.total)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise await self._death() from error
        self.idle = True
        if reply.error is not None:
            raise reply.error
        return await asyncio.to_thread(reply.parsed, body)

    async def _death(self) -> DocumentError:
        """Why the process ended on its own."""
        code = await self._process.wait()
        if code == -signal.SIGXCPU:
            return LimitError("parsing took more processor time than it may")
        what = f"signal {-code}" if code < 0 else f"exit code {code}"
        return MalformedError(f"the parser crashed on it ({what})")

    async def _watch(self) -> None:
        """Ends when the process holds more memory than it may."""
        while _resident(self._process.pid) <= self._limits.memory_bytes:
            await asyncio.sleep(LOOK_EVERY)

    async def kill(self) -> None:
        """End the process and all that it started."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


def _resident(pid: int) -> int:
    """The resident bytes of a process, 0 where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
