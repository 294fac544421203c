"""The parser process: reads jobs from its standard input until that closes, and answers each.

It limits its own memory, processor time and files, and refuses every socket. It is started by
`glede.parsers.worker`, never by hand.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import BinaryIO, cast

from glede.errors import GledeError, LimitError, MalformedError
from glede.parsers.frames import LENGTH, Job, pack_error, pack_loading, pack_pages, pack_parsed, unpack_job
from glede.parsers.pacing import listen
from glede.parsing import Parser
from glede.plugins import load_from
from glede.processes import give_back

ADDRESS_SLACK = 2 * 2**30
"""Address space beyond the memory limit, for what libraries map without touching it."""
REFUSED = frozenset(
    f"socket.{call}"
    for call in ("connect", "bind", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr")
)
LOADING_SECONDS = 600
"""Processor time in which a parser may load its library; the owner ends it far sooner."""
LARGE = 2**20
"""Bytes of a file after which memory is given back: a PDF of 5,000 pages leaves 600 MiB, and there may be no
other file soon."""
LONGEST_REASON = 200
EASY = 0.05
"""Seconds for a page below which a parser is given little time: what takes it long is an attack."""
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def main(arguments: Sequence[str]) -> None:
    """Serve; the argument is the memory in bytes."""
    (memory,) = arguments
    confine(int(memory))
    jobs, answers = _pipes()

    def send(pieces: Iterable[bytes]) -> None:
        for piece in pieces:
            answers.write(piece)
        answers.flush()

    def loading(begins: bool) -> None:
        _allow_processor(LOADING_SECONDS if begins else job.processor_seconds)
        send(pack_loading(begins))

    def pages(count: int | None, hard: bool) -> None:
        send(pack_pages(count, easy=not hard and cost <= EASY))

    cost = 0.0
    listen(pages, loading)
    while header := _read_header(jobs):
        size, job = unpack_job(header)
        data = jobs.read(size)
        if len(data) < size:
            return
        _allow_processor(job.processor_seconds)
        try:
            parser = _parser_at(job.place, job.parser)
        except GledeError as error:
            send(pack_error(error))
            continue
        cost = parser.cost
        pages(None, hard=False)
        send(answer(parser, replace(job, data=data)))
        del data
        if size > LARGE:
            give_back()


def confine(memory: int) -> None:
    """Limits that even native code cannot pass, and no way to the network."""
    resource.setrlimit(resource.RLIMIT_AS, (memory + ADDRESS_SLACK, memory + ADDRESS_SLACK))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))
    sys.addaudithook(_refuse_sockets)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then ends us
    if sys.platform == "linux":
        system = ctypes.CDLL(None)
        system.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        system.prctl(_PR_SET_CHILD_SUBREAPER, 1)  # so that the owner finds what a parser's helpers leave
        # Where the kernel permits it, native code finds no network either.
        if system.unshare(_CLONE_NEWNET) != 0:
            system.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _refuse_sockets(event: str, _: tuple[object, ...]) -> None:
    if event in REFUSED:
        raise PermissionError("a parser may not use the network")


def _allow_processor(seconds: int) -> None:
    """Have the system end the process after so many more seconds of work."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(usage.ru_utime + usage.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (allowed if most < 0 else min(allowed, most), most))


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our two pipes, kept from libraries that print or read."""
    jobs = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    return jobs, answers


def _read_header(jobs: BinaryIO) -> bytes:
    length = jobs.read(LENGTH.size)
    return jobs.read(LENGTH.unpack(length)[0]) if len(length) == LENGTH.size else b""


def answer(parser: Parser, job: Job) -> list[bytes]:
    """The reply to a job: what the parser made of it, or one clear error."""
    try:
        return pack_parsed(parser.parse(job.data, job.media_type, job.options))
    except GledeError as error:
        return pack_error(error)
    except MemoryError:
        return pack_error(LimitError("parsing took more memory than it may"))
    except RecursionError:
        return pack_error(LimitError("the content is nested too deeply"))
    except Exception as error:  # noqa: BLE001 - the boundary of a job: whatever a parser raises is its answer
        reason = f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        return pack_error(MalformedError(f"the parser {job.parser} failed on it ({reason})"))


@cache
def _parser_at(place: str, name: str) -> Parser:
    return cast("Callable[[], Parser]", load_from(place, f"parser {name!r}"))()


if __name__ == "__main__":
    main(sys.argv[1:])
