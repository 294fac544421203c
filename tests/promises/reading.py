"""Reads files as the engine reads them, and watches what that takes."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

import psutil  # type: ignore[import-untyped]

from glede.errors import DocumentError
from glede.media import detect
from glede.parsers.worker import ParserPool
from glede.parsing import ParseOptions
from glede.reading.choosing import Reading
from glede.registry import choose_parsers
from glede.sources.containers import ArchiveLimits, expanded
from glede.sources.items import Item, read
from glede.types import Parsed

MAX_BYTES = 200 * 2**20
Outcome = Parsed | DocumentError
"""What becomes of one document; any other exception is a fault of ours."""


async def outcomes(
    pool: ParserPool, data: bytes, name: str, options: ParseOptions | None = None
) -> list[Outcome]:
    """What becomes of the file, and of all that is in it where it is an archive or an e-mail."""
    found: list[Outcome] = []
    for item in expanded([Item(name, content=data)], ArchiveLimits(), MAX_BYTES):
        try:
            content, _ = read(item, MAX_BYTES)
            media_type = detect(content, item.name or item.source)
            plan = choose_parsers(media_type, None)
            how = replace(options or ParseOptions(), name=item.name or Path(item.source).name)
            found.append(await Reading(pool).read(content, media_type, plan, how))
        except DocumentError as error:
            found.append(error)
    return found


def fault_of(outcome: Outcome) -> str:
    """What is wrong with an outcome; nothing where it is a document or one clear error."""
    if isinstance(outcome, Parsed):
        return "" if outcome.blocks else "a document of nothing"
    if not (outcome.message and outcome.hint):
        return "an error without a message or a hint"
    said = f"{outcome.message} {outcome.hint}"
    for sign in ("crashed on it", "failed on it", "Traceback", "nonsense", 'File "'):
        if sign in said:
            return said
    return "" if "\n" not in said and len(said) < 600 else f"a long error: {said[:200]}"


def below() -> set[int]:
    """The processes below this one: what a test finds as it begins, tests before it may have left."""
    return {process.pid for process in psutil.Process().children(recursive=True)}


def strays(before: set[int]) -> list[str]:
    """Processes below this one that were not there before, and are not yet over."""
    found = psutil.Process().children(recursive=True)
    return [
        str(process)
        for process in found
        if process.pid not in before and process.status() != psutil.STATUS_ZOMBIE
    ]


@dataclass
class Meter:
    """What this process and those below it take, from `with` to its end.

    `memory` is the most resident bytes of any of them, `processor` the seconds that those below worked.
    Of this process only what it took in between counts: the tests before left it what they loaded.
    """

    memory: int = 0
    _before: int = 0
    seconds: float = 0.0
    _worked: dict[int, float] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def processor(self) -> float:
        return sum(self._worked.values())

    def __enter__(self) -> Meter:
        # The kernel forgets the highest that this process stood at.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._before = _peak(os.getpid())
        self.seconds = -time.monotonic()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.seconds += time.monotonic()
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            self._look()

    def _look(self) -> None:
        own = psutil.Process()
        self.memory = max(self.memory, _peak(own.pid) - self._before)
        for process in own.children(recursive=True):
            self.memory = max(self.memory, _peak(process.pid))
            try:
                times = process.cpu_times()
                self._worked[process.pid] = times.user + times.system
            except psutil.Error:
                continue


def _peak(process: int) -> int:
    """The most bytes of a process that were resident at once; none where it is over."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    peak = status.partition("VmHWM:")[2].split()
    return int(peak[0]) * 1024 if peak else 0
