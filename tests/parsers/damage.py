"""Files that have taken damage."""

from __future__ import annotations

from collections.abc import Callable

from glede.errors import DocumentError
from glede.types import Parsed


def check_flipped_bits(read: Callable[[bytes], Parsed], data: bytes, every: int) -> None:
    """With bits flipped in one byte, for each byte in `every`, there are blocks or one clear error."""
    for place in range(0, len(data), every):
        damaged = bytearray(data)
        damaged[place] ^= 0x55
        try:
            assert read(bytes(damaged)).blocks
        except DocumentError as error:
            assert error.message
