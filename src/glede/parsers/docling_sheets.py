"""How far the sheets of a workbook reach, before a library walks over every cell in between."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import IO

from glede.errors import LimitError, MalformedError

MOST_CELLS = 50_000_000
"""Places of a sheet, empty ones too; Docling takes about three seconds for a million."""
MOST_BYTES = 256 * 2**20
"""Of a sheet's XML, unpacked."""
_PART = 2**20
_OVERLAP = 64
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{1,3})(\d{1,7})[\"']")


def check_sheets(data: bytes) -> None:
    """Raise `LimitError` where a few cells far apart span more than anyone can have filled in."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if _SHEET.fullmatch(member.filename):
                    with archive.open(member) as sheet:
                        _check(sheet)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise MalformedError(f"the workbook cannot be unpacked: {error}") from error


def _check(sheet: IO[bytes]) -> None:
    rows = columns = 0
    for part in _parts(sheet):
        for letters, digits in _REFERENCE.findall(part):
            rows, columns = max(rows, int(digits)), max(columns, _column(letters))
    if rows * columns > MOST_CELLS:
        raise LimitError(
            f"a sheet spans {rows} x {columns} cells; the limit is {MOST_CELLS}",
            hint="Delete what stands far outside the table and save the workbook again.",
        )


def _parts(sheet: IO[bytes]) -> Iterator[bytes]:
    """The XML piece by piece; each repeats the end of the one before, so that no reference is torn."""
    before = b""
    total = 0
    while part := sheet.read(_PART):
        total += len(part)
        if total > MOST_BYTES:
            raise LimitError(f"a sheet unpacks to more than {MOST_BYTES // 2**20} MiB")
        yield before + part
        before = part[-_OVERLAP:]


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
