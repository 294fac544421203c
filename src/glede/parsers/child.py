"""The parser process: reads jobs from its standard input until that closes, and answers each.

It limits its own memory, processor time and files, and refuses every socket. It is started by
`glede.parsers.worker`, never by hand.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import resource
import signal
import sys
from typing import BinaryIO

from glede.errors import DocumentError, LimitError, MalformedError
from glede.parsers.frames import LENGTH, Job, pack_error, pack_parsed, unpack_job
from glede.registry import parser_named

ADDRESS_SLACK = 2 * 2**30
"""Address space beyond the memory limit, for what libraries map without touching it."""
SOCKETS = ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto", "socket.gethostbyname")
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Serve; arguments are the memory in bytes, the processor seconds, and modules to import first."""
    memory, seconds, *modules = arguments
    confine(int(memory), int(seconds))
    jobs, answers = _pipes()
    for module in modules:
        importlib.import_module(module)
    while header := _read_header(jobs):
        size, job = unpack_job(header)
        data = jobs.read(size)
        if len(data) < size:
            return
        for piece in answer(Job(data, job.media_type, job.parser, job.options)):
            answers.write(piece)
        answers.flush()


def confine(memory: int, seconds: int) -> None:
    """Limits that even native code cannot pass, and no way to the network."""
    resource.setrlimit(resource.RLIMIT_AS, (memory + ADDRESS_SLACK, memory + ADDRESS_SLACK))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (memory, memory))
    sys.addaudithook(_refuse_sockets)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner, which then ends us
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _refuse_sockets(event: str, _: tuple[object, ...]) -> None:
    if event in SOCKETS:
        raise PermissionError("a parser may not use the network")


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


def answer(job: Job) -> list[bytes]:
    """The reply to a job: what the parser made of it, or one clear error."""
    try:
        return pack_parsed(parser_named(job.parser).parse(job.data, job.media_type, job.options))
    except DocumentError as error:
        return pack_error(error)
    except MemoryError:
        return pack_error(LimitError("parsing took more memory than it may"))
    except RecursionError:
        return pack_error(LimitError("the content is nested too deeply"))
    except Exception as error:  # noqa: BLE001 - the boundary of a job: whatever a parser raises is its answer
        return pack_error(
            MalformedError(f"the parser {job.parser} failed on it ({type(error).__name__}: {error})")
        )


if __name__ == "__main__":
    main(sys.argv[1:])
