"""A seal on the folder of Milvus Lite, which keeps no checksums: what changes while it is closed is noticed.

The seal lies beside the folder and names each file with its size and CRC. It is written when the folder is
closed, checked and taken away when it is opened, so that after a crash there is none and nothing is claimed.
"""

from __future__ import annotations

import os
import secrets
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from glede.errors import DamagedError
from glede.failpoints import reach

PIECE = 2**20
_UNSEALED = frozenset({"LOCK"})
"""Says nothing of what is stored."""
_FORMAT = "glede seal 1"


@dataclass(frozen=True, slots=True)
class _File:
    """What tells that a file has not been written to since its CRC was computed."""

    size: int
    modified: int
    number: int


@dataclass(slots=True)
class Seal:
    """The seal of the folder at `path`."""

    path: Path
    _known: dict[str, tuple[_File, int]] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where it lies."""
        return self.path.with_name(self.path.name + ".seal")

    def broken(self) -> str | None:
        """Which file has changed while the folder was closed, and how; `None` where none has."""
        try:
            lines = self.file.read_text().splitlines()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            return f"{self.file.name}: {error}"
        if not lines or lines[0] != _first(lines[1:]):
            return f"{self.file.name}: it is no seal"
        told = {
            name: (int(size), int(crc, 16)) for size, crc, name in (one.split(" ", 2) for one in lines[1:])
        }
        there = self._files()
        for name, (size, crc) in told.items():
            if name not in there:
                return f"{self.path.name}/{name} is missing"
            if there[name].size != size or self._crc(name, there[name]) != crc:
                return f"{self.path.name}/{name} is not what was written"
        more = sorted(there.keys() - told.keys())
        return f"{self.path.name}/{more[0]} was written by nobody" if more else None

    def take(self) -> None:
        """Break the seal, to open the folder; raises `DamagedError` where it does not hold any more."""
        why = self.broken()
        if why:
            raise DamagedError(
                f"the index is damaged: {why}",
                hint="`glede rebuild` makes the index again from the catalogue and the blobs.",
            )
        self.file.unlink(missing_ok=True)

    def put(self) -> None:
        """Seal the folder, which nobody writes to any more; where there is no room, it stays without."""
        lines = [
            f"{one.size} {self._crc(name, one):08x} {name}" for name, one in sorted(self._files().items())
        ]
        temporary = self.file.with_name(f".{self.file.name}.{secrets.token_hex(4)}")
        try:
            with temporary.open("x") as stream:
                stream.write("\n".join((_first(lines), *lines)) + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            reach("index.seal")
            temporary.rename(self.file)
        except OSError:  # without one nothing is claimed
            with suppress(OSError):
                temporary.unlink()

    def _files(self) -> dict[str, _File]:
        found = {}
        for folder, _, names in os.walk(self.path):
            for name in names:
                if name not in _UNSEALED:
                    path = Path(folder, name)
                    state = path.stat()
                    one = _File(state.st_size, state.st_mtime_ns, state.st_ino)
                    found[path.relative_to(self.path).as_posix()] = one
        return found

    def _crc(self, name: str, file: _File) -> int:
        """Computed once for a file that nobody writes to."""
        before, crc = self._known.get(name, (None, 0))
        if before != file:
            crc = 0
            with Path(self.path, name).open("rb") as stream:
                while piece := stream.read(PIECE):
                    crc = zlib.crc32(piece, crc)
            self._known[name] = (file, crc)
        return crc


def _first(lines: Sequence[str]) -> str:
    """The line above the others, with their CRC."""
    return f"{_FORMAT} {zlib.crc32(chr(10).join(lines).encode()):08x}"
