"""The zip that MinerU writes: read member by member, under limits, never unpacked to disk."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from pathlib import Path
from types import TracebackType

from glede.errors import LimitError, MalformedError
from glede.parsing import MAX_PICTURE

MOST_MEMBERS = 50_000
MOST_BYTES = 512 * 2**20
"""Of all members together, unpacked."""
MOST_TEXT = 128 * 2**20
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
_UNPACKING = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, NotImplementedError,
    RuntimeError,
)  # fmt: skip


class Output:
    """Opens the zip; raises `MalformedError` or `LimitError` where it is none that MinerU would write."""

    def __init__(self, path: Path, max_picture: int = MAX_PICTURE) -> None:
        self._max_picture = max_picture
        try:
            self._archive = zipfile.ZipFile(path)
        except _UNPACKING as error:
            raise MalformedError("what MinerU wrote is no zip") from error
        members = self._archive.infolist()
        if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_BYTES:
            self._archive.close()
            raise LimitError("what MinerU wrote is larger than any document")
        self._members = {member.filename: member for member in members}

    def __enter__(self) -> Output:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def text(self, name: str) -> str:
        """A member of that name as text."""
        data = self._data(name, MOST_TEXT)
        if data is None:
            raise MalformedError(f"MinerU wrote no {name}")
        return data.decode("utf-8", errors="replace")

    def picture(self, name: str) -> bytes | None:
        """A picture of that name; `None` where the zip holds none."""
        return self._data(name, self._max_picture) if name.lower().endswith(_PICTURES) else None

    def _data(self, name: str, most: int) -> bytes | None:
        member = self._members.get(name)
        if member is None:
            return None
        if member.file_size > most:
            raise LimitError(f"{name} in what MinerU wrote has more than {most:,} bytes")
        try:
            with self._archive.open(member) as opened:
                return opened.read(most)  # no more than that, whatever the header says
        except _UNPACKING as error:
            raise MalformedError("what MinerU wrote is damaged") from error
