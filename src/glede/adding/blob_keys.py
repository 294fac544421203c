"""Where each kind of blob lies, and how it is packed: a checksum in each, or a hash for its name."""

from __future__ import annotations

import zlib

from glede.errors import DamagedError
from glede.ports import Vectors

VECTORS = "vectors/"
"""What the keys of blobs of vectors begin with."""


def original_key(sha256: str) -> str:
    """Where the bytes of a document are kept, as they were added."""
    return _key("originals", sha256)


def parse_key(version: str) -> str:
    """Where what the parser made of a document is kept, as zlib-compressed JSON."""
    return _key("parses", version, ".json.z")


def raw_key(version: str) -> str:
    """Where what the parser made is kept as it was before the processors, to be processed again."""
    return _key("unprocessed", version, ".json.z")


def asset_key(sha256: str) -> str:
    """Where the bytes of a picture are kept."""
    return _key("assets", sha256)


def vectors_key(version: str) -> str:
    """Where the vectors are kept that came with a document: rows of 32-bit numbers, with a checksum."""
    return _key("vectors", version, ".f32.z")


def packed_vectors(rows: Vectors) -> bytes:
    """Vectors as they are kept: in zlib's format for its checksum, and as large as they are."""
    return zlib.compress(rows.astype("<f4").tobytes(), level=0)


def vectors_of(key: str, data: bytes, dimension: int) -> Vectors:
    """The vectors in a blob; raises `DamagedError` where it does not hold rows of that many numbers."""
    import numpy as np  # those who only look at documents need none

    found = np.frombuffer(unpacked(data, key) if key.endswith(".z") else data, dtype=np.uint8)
    if found.size % (4 * dimension):
        raise DamagedError(f"the blob {key} is damaged: it holds no rows of {dimension} numbers")
    return found.view("<f4").reshape(-1, dimension)


def _key(kind: str, name: str, suffix: str = "") -> str:
    return f"{kind}/{name[:2]}/{name}{suffix}"


def packed(data: bytes) -> bytes:
    """Bytes as they are kept, compressed."""
    return zlib.compress(data, level=1)


def unpacked(data: bytes, key: str = "a stored parse") -> bytes:
    """The bytes that were packed; raises `DamagedError` where they are damaged."""
    try:
        return zlib.decompress(data)
    except zlib.error as error:
        raise DamagedError(f"{key} is damaged") from error
