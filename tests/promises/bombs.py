"""Small files that ask for very much: what all of them are made of, and those that are archives or pictures."""

# ruff: noqa: E501 - markup is no easier to read in pieces

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

LIMIT = "limit_exceeded"
DAMAGED = "malformed"
READ = "read"
"""Where reading it as far as it goes does no harm."""
CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Bomb:
    """What it is called, how it is made, and how each of its documents may end: codes of errors, or `READ`."""

    name: str
    make: Callable[[], bytes]
    ends: tuple[str, ...] = (LIMIT,)


def deflated(size: int, filling: bytes = b" ") -> bytes:
    """A raw stream that inflates to so many bytes; made of one piece, so that it takes no time to make."""
    piece = (filling * (CHUNK // len(filling) + 1))[:CHUNK]
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    return packed * (size // CHUNK) + packer.flush()


def zlib_stream(size: int, filling: bytes = b" ") -> bytes:
    """The same as PDF and PNG want it, with a checksum that no reader gets to."""
    return b"\x78\xda" + deflated(size, filling) + bytes(4)


def bomb_zip(members: Mapping[str, bytes | str], bomb: str, size: int, head: bytes = b"") -> bytes:
    """An archive of members, one of which inflates to `size` bytes of spaces."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            if name != bomb:
                stored = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
                archive.writestr(name, content, stored)
    return with_member(stream.getvalue(), bomb, size, head)


def with_member(archive: bytes, name: str, size: int, head: bytes = b"") -> bytes:
    """The archive with one more member at its end, written by hand; `head` is what it begins with."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH) + deflated(size)
    total = len(head) + size // CHUNK * CHUNK
    crc = zlib.crc32(head)
    for _ in range(size // CHUNK):
        crc = zlib.crc32(b" " * CHUNK, crc)
    end = archive.rindex(b"PK\x05\x06")
    count, directory_size, place = struct.unpack_from("<HII", archive, end + 10)
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), total, len(name), 0)
    local = b"PK\x03\x04" + fields + name.encode() + packed
    entry = b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, place) + name.encode()
    directory = archive[place : place + directory_size] + entry
    tail = struct.pack("<HHHHIIH", 0, 0, count + 1, count + 1, len(directory), place + len(local), 0)
    return archive[:place] + local + directory + b"PK\x05\x06" + tail


def overlapping(count: int, size: int) -> bytes:
    """Many members that are all the same stretch of the file, which is packed no better than text is."""
    piece = random.Random(size).randbytes(size // 90)
    packed = deflated(size // 90 * 45, b"kite") + zlib.compress(piece, 9)[2:-4]
    crc = 0
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), size, 5, 0)
    entry = b"PK\x01\x02\x14\x00" + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"a.txt"
    local = b"PK\x03\x04" + fields + b"a.txt" + packed
    tail = struct.pack("<HHHHIIH", 0, 0, count, count, len(entry) * count, len(local), 0)
    return local + entry * count + b"PK\x05\x06" + tail


def in_zips(depth: int) -> bytes:
    """An archive in an archive in an archive ..."""
    data = bomb_zip({}, "a.txt", 2**30)
    for _ in range(depth):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}.zip", data)
        data = stream.getvalue()
    return data


def many_members(count: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.txt", "Kites.")
    return stream.getvalue()


def png(width: int, height: int, data: bytes) -> bytes:
    """A picture of grey, written by hand."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def png_text(size: int) -> bytes:
    """A small picture with a compressed comment that is none."""
    plain = png(8, 8, zlib.compress(bytes(72)))
    body = b"Comment\0\0" + zlib_stream(size)
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    return plain[:33] + chunk + plain[33:]


def gif_frames(count: int, side: int) -> bytes:
    """A film of very many frames that are each a few bytes."""
    small = io.BytesIO()
    Image.new("P", (1, 1)).save(small, "GIF")
    one = small.getvalue()
    start = one.index(b"\x2c", 13)
    frame = one[start:-1]
    return one[:6] + struct.pack("<HH", side, side) + one[10:start] + frame * count + b"\x3b"


def sized(kind: str, place: Callable[[bytes], int], width: bytes) -> bytes:
    """A small picture whose head says that it is large."""
    small = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(small, kind)
    data = small.getvalue()
    start = place(data)
    return data[:start] + width + data[start + len(width) :]


def tiff(width: int, height: int, entries: int = 0, follower: int = 0) -> bytes:
    """A picture whose data is not there; its directory may lead back to itself."""
    fields = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    fields += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, width * height % 2**32)]
    fields += [(40_000 + number % 20_000, 4, 2**28, 8) for number in range(entries)]
    body = struct.pack("<H", len(fields)) + b"".join(struct.pack("<HHII", *field) for field in fields)
    return b"II*\0" + struct.pack("<I", 8) + body + struct.pack("<I", follower)


def _ole(size: int) -> bytes:
    """An old Office document whose table of sectors leads in a circle."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack(
        "<HHHHH6xIIIIIIIII", 62, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0, 0xFFFF
    )
    return (header + struct.pack("<109I", *[0] * 109))[:512].ljust(512, b"\0") + bytes(size)


BOMBS = (
    Bomb("zips-in-zips.zip", lambda: in_zips(3)),
    Bomb("ratio.zip", lambda: bomb_zip({"note.txt": "Kites."}, "a.txt", 2**30), (READ, LIMIT)),
    Bomb("overlapping.zip", lambda: overlapping(1000, 9 * 2**20)),
    Bomb("members.zip", lambda: many_members(20_000)),
    Bomb("giant.png", lambda: png(60_000, 60_000, zlib_stream(2**30, b"\0"))),
    Bomb("comment.png", lambda: png_text(2**30), (LIMIT, DAMAGED, "needs_ocr", "unsupported", READ)),
    Bomb("frames.gif", lambda: gif_frames(300_000, 9_000), (LIMIT, "needs_ocr", "unsupported", READ)),
    Bomb("giant.gif", lambda: gif_frames(1, 65_500)),
    Bomb("giant.bmp", lambda: sized("bmp", lambda data: 18, struct.pack("<ii", 60_000, 60_000))),
    Bomb("giant.jpg", lambda: sized("jpeg", lambda data: data.index(b"\xff\xc0") + 5, b"\xff\xdc\xff\xdc")),
    Bomb("giant.webp", lambda: sized("webp", lambda data: 26, b"\xff\x3f\xff\x3f")),
    Bomb("giant.tiff", lambda: tiff(60_000, 60_000)),
    Bomb("loop.tiff", lambda: tiff(16, 16, follower=8), (DAMAGED, "needs_ocr", "unsupported", READ)),
    Bomb(
        "fields.tiff",
        lambda: tiff(16, 16, entries=60_000),
        (LIMIT, DAMAGED, "needs_ocr", "unsupported", READ),
    ),
    Bomb("loop.doc", lambda: _ole(2**20), ("unsupported", DAMAGED)),
)
