"""Parsing under limits: whatever a parser does, it ends in time, alone, and with one clear error (R11)."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
import pytest_asyncio

from glede.errors import GledeError, LimitError, MalformedError, PasswordError, UnavailableError
from glede.parsers.frames import Pace
from glede.parsers.worker import RECYCLED_AFTER, ParseLimits, ParserPool
from glede.parsing import ParseOptions
from glede.types import Parsed
from tests.promises.reading import below

STUBS = "tests.parsers.stub_parsers"
SECONDS = 1.0
HASTY = ParseLimits(seconds=SECONDS, seconds_per_page=0.5, memory_bytes=256 * 2**20, output_bytes=4 * 2**20)
PATIENT = replace(HASTY, seconds=60.0)
GRACE = 5.0
"""What R11 allows beyond the limit."""
OTHERS: set[int] = set()
"""What runs below this process as a test begins: no workers of these."""


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ParserPool]:
    """One that gives a busy machine its time."""
    pool = ParserPool(PATIENT, modules=[STUBS])
    yield pool
    await pool.close()
    assert not workers()


@pytest_asyncio.fixture
async def hasty() -> AsyncIterator[ParserPool]:
    pool = ParserPool(HASTY, modules=[STUBS])
    yield pool
    await pool.close()
    assert not workers()


@pytest.fixture(autouse=True)
def _others() -> None:
    OTHERS.clear()
    OTHERS.update(below())


def workers() -> list[psutil.Process]:
    mine = psutil.Process().children(recursive=True)
    return [one for one in mine if one.pid not in OTHERS and one.status() != psutil.STATUS_ZOMBIE]


async def parse(pool: ParserPool, stub: str, text: str = "Hello.") -> Parsed:
    return await pool.parse(text.encode(), "text/plain", f"{STUBS}:{stub}", ParseOptions())


def test_what_a_light_parser_may_take_grows_with_its_pages_as_far_as_the_file_does() -> None:
    limits, mib = ParseLimits(), 2**20
    pages = Pace(5000, easy=True)
    assert limits.of(8 * mib, pages).memory > 1500 * mib  # 5,000 printed pages take 790
    assert limits.of(8 * mib, pages).memory < limits.memory_bytes
    assert limits.of(4096, pages).memory < 650 * mib  # which holds no 5,000 pages, whatever it says
    assert limits.of(80 * mib, pages).memory == limits.memory_bytes


async def fails(pool: ParserPool, stub: str, text: str = "Hello.") -> GledeError:
    """The error of a parse, which must come in time and leave the pool able to go on."""
    began = time.monotonic()
    with pytest.raises(GledeError) as caught:
        await parse(pool, stub, text)
    assert time.monotonic() - began < SECONDS + GRACE
    assert (await parse(pool, "Stub")).blocks[0].text == "Hello."
    assert len(workers()) == 1
    return caught.value


async def test_good_parse_arrives_whole(pool: ParserPool) -> None:
    parsed = await parse(pool, "Stub", "Grüße, 你好 😀")
    assert parsed.blocks[0].text == "Grüße, 你好 😀"
    picture = parsed.blocks[1].picture
    assert picture is not None
    assert parsed.assets[picture.asset] == b"\x89PNG not really"


@pytest.mark.parametrize("stub", ["Hang", "Spin", "SpinInC"])
@pytest.mark.measured
async def test_too_long_is_killed(hasty: ParserPool, stub: str) -> None:
    error = await fails(hasty, stub)
    assert isinstance(error, LimitError)
    assert error.message == "parsing took more than 1 s"
    assert "GLEDE_PARSE_SECONDS" in error.hint


@pytest.mark.parametrize("stub", ["Allocate", "AllocateAtOnce"])
async def test_too_much_memory_is_a_limit(pool: ParserPool, stub: str) -> None:
    error = await fails(pool, stub)
    assert isinstance(error, LimitError)
    assert "memory" in error.message


@pytest.mark.parametrize(
    ("memory", "hint"), [(256 * 2**20, "Raise GLEDE_PARSE_MEMORY_MB"), (2**31, "save it again")]
)
async def test_only_a_limit_that_was_set_is_told_to_be_raised(memory: int, hint: str) -> None:
    pool = ParserPool(replace(PATIENT, memory_bytes=memory), modules=[STUBS])
    try:
        with pytest.raises(LimitError) as caught:
            await parse(pool, "AllocateLightly")
    finally:
        await pool.close()
    assert hint in caught.value.hint


async def test_memory_is_given_back_after_a_large_file(pool: ParserPool) -> None:
    await parse(pool, "Litter")
    (worker,) = workers()
    before = worker.memory_info().rss
    await parse(pool, "Litter", "Hello." * 2**18)
    async with asyncio.timeout(30):  # it answers first
        while before - worker.memory_info().rss < 50 * 2**20:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("stub", ["Crash", "Abort", "Killed", "Leave"])
async def test_death_is_malformed(pool: ParserPool, stub: str) -> None:
    error = await fails(pool, stub)
    assert isinstance(error, MalformedError)
    assert "crashed" in error.message


async def test_printing_does_no_harm(pool: ParserPool) -> None:
    assert (await parse(pool, "Print")).blocks
    assert (await parse(pool, "Stub")).blocks


@pytest.mark.parametrize(
    "garbage", ["\x00\x00\x00\x05nojsn", "\x7f\x7f\x7f\x7f" * 9, '\x00\x00\x00\x0b{"size":-1}', "\x00" * 64]
)
async def test_garbage_instead_of_an_answer(pool: ParserPool, garbage: str) -> None:
    error = await fails(pool, "Scribble", garbage)
    assert isinstance(error, MalformedError)


@pytest.mark.measured
async def test_part_of_an_answer_is_waited_for_no_longer_than_allowed(hasty: ParserPool) -> None:
    assert isinstance(await fails(hasty, "Scribble", "\x00\x10\x00\x00"), LimitError)


async def test_too_much_output_is_a_limit(pool: ParserPool) -> None:
    error = await fails(pool, "Babble")
    assert isinstance(error, LimitError)
    assert error.message == "the parse holds more than 4 MiB"


async def test_exceptions_of_a_parser_are_short_errors(pool: ParserPool) -> None:
    error = await fails(pool, "Fail")
    assert isinstance(error, MalformedError)
    assert len(error.message) < 300
    assert isinstance(await fails(pool, "Recurse"), LimitError)


async def test_own_errors_survive_the_pipe(pool: ParserPool) -> None:
    error = await fails(pool, "Locked")
    assert isinstance(error, PasswordError)
    assert (error.message, error.hint) == ("the document is encrypted", "Ask its owner.")


async def test_unknown_parser_is_no_fault_of_the_document(pool: ParserPool) -> None:
    with pytest.raises(GledeError) as caught:
        await pool.parse(b"", "text/plain", "os:system", ParseOptions())
    assert caught.value.code == "configuration"


async def test_no_network(pool: ParserPool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        host, port = server.getsockname()
        assert (await parse(pool, "Connect", f"{host}:{port}")).blocks
        with pytest.raises(TimeoutError):
            server.accept()


async def test_no_secrets(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLEDE_MILVUS_TOKEN", "root:secret")
    assert (await parse(pool, "Environment", "GLEDE_MILVUS_TOKEN")).blocks


@pytest.mark.measured
async def test_processes_of_a_parser_die_with_it(hasty: ParserPool) -> None:
    error = await fails(hasty, "HangWithChild", "987.5")
    assert isinstance(error, LimitError)
    assert not [process for process in psutil.process_iter(["cmdline"]) if _sleeps(process, "987.5")]


def _sleeps(process: psutil.Process, seconds: str) -> bool:
    return bool(process.info["cmdline"] == ["sleep", seconds] and process.status() != psutil.STATUS_ZOMBIE)


@pytest.mark.measured
async def test_pages_give_time(hasty: ParserPool) -> None:
    assert (await parse(hasty, "Announce", "4 1.6 " + "x" * 4096)).blocks


@pytest.mark.measured
async def test_pages_cannot_be_claimed(hasty: ParserPool) -> None:
    error = await fails(hasty, "Announce", "1000000 100")
    assert error.message == "parsing took more than 1.5 s"


async def test_workers_are_reused_and_started_only_when_needed() -> None:
    pool = ParserPool(PATIENT, size=4, modules=[STUBS])
    for _ in range(5):
        await parse(pool, "Stub")
    (first,) = workers()
    await asyncio.gather(*(parse(pool, "Announce", f"0 0.2 {number}") for number in range(9)))
    assert len(workers()) == 4
    assert first.is_running()
    await pool.close()


@pytest.mark.measured
async def test_bad_neighbours_leave_the_others_alone() -> None:
    pool = ParserPool(HASTY, size=2, modules=[STUBS])
    stubs = ["Hang", "Stub", "Crash", "Stub", "Allocate", "Stub", "Leave", "Stub", "Stub"]
    began = time.monotonic()
    results = await asyncio.gather(*(parse(pool, stub) for stub in stubs), return_exceptions=True)
    assert [isinstance(result, Parsed) for result in results] == [stub == "Stub" for stub in stubs]
    assert time.monotonic() - began < 3 * SECONDS + GRACE
    await pool.close()
    assert not workers()


async def test_workers_are_replaced_in_time(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert RECYCLED_AFTER > 2
    monkeypatch.setattr("glede.parsers.worker.RECYCLED_AFTER", 2)
    seen = set()
    for _ in range(5):
        await parse(pool, "Stub")
        seen |= {process.pid for process in workers()}
    assert len(seen) == 3


async def test_cancelled_parse_frees_its_place(pool: ParserPool) -> None:
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(parse(pool, "Hang"), 0.5)
    assert (await parse(pool, "Stub")).blocks


@pytest.mark.measured
async def test_event_loop_stays_free(hasty: ParserPool) -> None:
    await parse(hasty, "Stub")
    task = asyncio.create_task(fails(hasty, "Spin"))
    longest = 0.0
    while not task.done():
        began = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - began)
    assert longest < 0.5
    await task


async def test_closing_ends_what_is_under_way() -> None:
    pool = ParserPool(PATIENT, modules=[STUBS])
    await parse(pool, "Stub")
    task = asyncio.create_task(parse(pool, "Hang"))
    await asyncio.sleep(0.2)
    await pool.close()
    for pending in (task, parse(pool, "Stub")):
        with pytest.raises(UnavailableError):
            await pending
    assert not workers()


OWNER = f"""
import asyncio
from glede.parsers.frames import Pace
from glede.parsers.worker import ParseLimits, ParserPool
from glede.parsing import ParseOptions

pool = ParserPool(ParseLimits(), modules=["{STUBS}"])
asyncio.run(pool.parse(b"Hello.", "text/plain", "{STUBS}:Hang", ParseOptions()))
"""


def test_workers_die_with_their_owner() -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    owner = subprocess.Popen([sys.executable, "-c", OWNER], env=environment)
    children = eventually(lambda: psutil.Process(owner.pid).children())
    time.sleep(0.5)
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    _, alive = psutil.wait_procs(children, timeout=GRACE)
    assert not alive


def eventually(look: Callable[[], list[psutil.Process]]) -> list[psutil.Process]:
    until = time.monotonic() + 10
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    assert found
    return found
