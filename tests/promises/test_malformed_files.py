"""R12: a damaged file is read as far as it goes, or is one clear error; no parser dies of it or hangs."""

from __future__ import annotations

import asyncio
import io
import os
import random
import re
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from glede.errors import DocumentError
from glede.parsers.worker import ParseLimits, ParserPool
from glede.types import Parsed
from tests.promises.formats import docx, files, pdf
from tests.promises.reading import below, fault_of, outcomes, strays

SEED = 12
FULL = bool(os.environ.get("GLEDE_FULL"))
SHARED = os.environ.get("GLEDE_SHARED") or str(Path(__file__).parents[3] / "shared")
CORPUS = Path(SHARED) / "corpus"
SECONDS = 10.0
"""How long one file may take."""
Mutation = Callable[[bytes, random.Random], bytes]


def truncated(data: bytes, seeded: random.Random) -> bytes:
    return data[: seeded.randrange(1, len(data))]


def headless(data: bytes, seeded: random.Random) -> bytes:
    return data[seeded.randrange(1, min(len(data), 2000)) :]


def flipped(data: bytes, seeded: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(seeded.choice([1, 3, 10, 100])):
        changed[seeded.randrange(len(changed))] ^= 1 << seeded.randrange(8)
    return bytes(changed)


def overwritten(data: bytes, seeded: random.Random) -> bytes:
    size = min(len(data), seeded.choice([1, 4, 64, 1000]))
    start = seeded.randrange(len(data) - size + 1)
    filling = seeded.choice([bytes(size), b"\xff" * size, seeded.randbytes(size)])
    return data[:start] + filling + data[start + size :]


def _block(data: bytes, seeded: random.Random) -> tuple[int, int]:
    start = seeded.randrange(len(data))
    return start, min(len(data), start + seeded.choice([8, 100, 1000, 10_000]))


def doubled(data: bytes, seeded: random.Random) -> bytes:
    start, end = _block(data, seeded)
    return data[:end] + data[start:end] * seeded.choice([1, 3, 50]) + data[end:]


def swapped(data: bytes, seeded: random.Random) -> bytes:
    start, end = _block(data, seeded)
    place = seeded.randrange(len(data))
    rest = data[:start] + data[end:]
    return rest[:place] + data[start:end] + rest[place:]


def cut_out(data: bytes, seeded: random.Random) -> bytes:
    start, end = _block(data, seeded)
    return data[:start] + data[end:] or data


def renumbered(data: bytes, seeded: random.Random) -> bytes:
    """Some numbers are others: sizes, places, references."""
    values = [b"0", b"-1", b"99999999999", b"2147483648", b"1e308", b"NaN", b"x", b"65536", b"7"]
    share = seeded.choice([0.01, 0.1, 0.5])
    return re.sub(rb"\d+", lambda found: seeded.choice(values) if seeded.random() < share else found[0], data)


def unquoted(data: bytes, seeded: random.Random) -> bytes:
    """Some of the signs that structure text are others."""
    share = seeded.choice([0.01, 0.1])
    signs = b"<>\"'{}[](),:/&;|#*`$"
    return bytes(seeded.choice(signs) if byte in signs and seeded.random() < share else byte for byte in data)


BYTES: tuple[Mutation, ...] = (
    truncated, headless, flipped, overwritten, doubled, swapped, cut_out, renumbered, unquoted,
)  # fmt: skip


def in_member(mutation: Mutation) -> Mutation:
    """The change in one member of an archive, packed again: it is not the archive that is damaged."""

    def mutated(data: bytes, seeded: random.Random) -> bytes:
        made = io.BytesIO()
        with (
            zipfile.ZipFile(io.BytesIO(data)) as old,
            zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            chosen = seeded.choice([info.filename for info in old.infolist() if info.file_size > 1])
            for info in old.infolist():
                content = old.read(info)
                changed = mutation(content, seeded) if info.filename == chosen else content
                new.writestr(info.filename, changed, info.compress_type)
        return made.getvalue()

    return mutated


def locked_members(data: bytes, _: random.Random) -> bytes:
    """The members say that they are encrypted."""
    local = re.sub(
        rb"(PK\x03\x04..)(.)", lambda found: found[1] + bytes([found[2][0] | 1]), data, flags=re.DOTALL
    )
    return re.sub(
        rb"(PK\x01\x02....)(.)", lambda found: found[1] + bytes([found[2][0] | 1]), local, flags=re.DOTALL
    )


def cases(wellformed: Mapping[str, bytes], count: int, seeded: random.Random) -> list[tuple[str, str, bytes]]:
    """So many damaged files: what was done, the file's name, its bytes."""
    made: list[tuple[str, str, bytes]] = []
    names = list(wellformed)
    for name, data in wellformed.items():
        made.append(("empty", name, b""))
        made.append(("misnamed", f"other{Path(seeded.choice(names)).suffix}", data))
        tail = wellformed[seeded.choice(names)]
        made.append(("with another's tail", name, data + tail[len(tail) // 2 :]))
        if data.startswith(b"PK\x03\x04"):
            made.append(("locked members", name, locked_members(data, seeded)))
    while len(made) < count:
        name = names[len(made) % len(names)]
        mutation = seeded.choice(BYTES)
        said = mutation.__name__
        if wellformed[name].startswith(b"PK\x03\x04") and seeded.random() < 0.7:
            said, mutation = f"{said} in a member", in_member(mutation)
        made.append((said, name, mutation(wellformed[name], seeded)))
    return made


async def faults(made: list[tuple[str, str, bytes]]) -> list[str]:
    """What is wrong with what became of damaged files."""
    pool = ParserPool(ParseLimits(), size=2)
    places = asyncio.Semaphore(2)
    keep = os.environ.get("GLEDE_KEEP_FAULTS")

    async def one(number: int, what: str, name: str, data: bytes) -> list[str]:
        async with places:
            began = time.monotonic()
            found = await outcomes(pool, data, name)
            seconds = time.monotonic() - began
        wrong = [fault_of(outcome) for outcome in found] if found else ["nothing at all"]
        wrong += [f"{seconds:.1f} s"] if seconds > SECONDS else []
        if any(wrong) and keep:
            (Path(keep) / f"{number}-{name}").write_bytes(data)
        return [f"{number} {name}, {what}: {fault}" for fault in wrong if fault]

    try:
        tasks = [one(number, *case) for number, case in enumerate(made)]
        return [fault for found in await asyncio.gather(*tasks) for fault in found]
    finally:
        await pool.close()


async def test_wellformed_files_are_read() -> None:
    pool = ParserPool(ParseLimits(), size=2)
    for name, data in files().items():
        found = await outcomes(pool, data, name)
        pictures = [one for one in found if isinstance(one, DocumentError) and one.code == "needs_ocr"]
        assert all(isinstance(one, Parsed) or one in pictures for one in found), (name, found)
    await pool.close()


@pytest.mark.timeout(1200)
async def test_damaged_files_are_read_or_one_clear_error() -> None:
    before = below()
    print(f"seed {SEED}")
    wrong = await faults(cases(files(), 2000 if FULL else 500, random.Random(SEED)))
    assert not wrong, "\n".join(wrong)
    assert not strays(before)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("locked.pdf", pdf("secret")),
        ("locked.docx", locked_members(docx(), random.Random(SEED))),
    ],
)
async def test_encrypted_files_say_so(name: str, data: bytes) -> None:
    pool = ParserPool(ParseLimits())
    (outcome,) = await outcomes(pool, data, name)
    await pool.close()
    assert isinstance(outcome, DocumentError)
    assert outcome.code == "password"
    assert fault_of(outcome) == ""


@pytest.mark.skipif(not (FULL and CORPUS.is_dir()), reason="only with GLEDE_FULL=1 and the shared corpus")
@pytest.mark.timeout(7200)
async def test_damaged_real_files_are_read_or_one_clear_error() -> None:
    before = below()
    print(f"seed {SEED}")
    small = [path for path in sorted(CORPUS.iterdir()) if path.is_file() and path.stat().st_size < 3 * 2**20]
    real = {path.name: path.read_bytes() for path in small}
    seeded = random.Random(SEED)
    wrong: list[str] = []
    for _ in range(10):
        wrong += await faults(cases(real, 500, seeded))
    assert not wrong, "\n".join(wrong)
    assert not strays(before)
