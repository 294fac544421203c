"""Media types of what is no text: told from the first bytes, and from what an archive or envelope holds."""

from __future__ import annotations

import io
import re
import struct
import zipfile

from glede.media.types import DOC, ENCRYPTED_OFFICE, MSG, PPT, XLS, XLSB
from glede.text.decoding import SAMPLE

_OLE = "application/x-ole-storage"

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"\x1f\x8b", "application/gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
)
_OOXML = "application/vnd.openxmlformats-officedocument."
_ZIP_FOLDERS = {
    "word/": f"{_OOXML}wordprocessingml.document",
    "ppt/": f"{_OOXML}presentationml.presentation",
    "xl/": f"{_OOXML}spreadsheetml.sheet",
}


def binary_type(data: bytes) -> str | None:
    """The media type of what is no text; `None` where it is not known."""
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return _ole_type(data) if media_type == _OLE else media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:2] == b"BM" and data[6:10] == bytes(4) and data[14:18] in _BITMAP_HEADERS:
        return "image/bmp"
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip_type(data)
    return "application/pdf" if _is_pdf(data) else None


_BITMAP_HEADERS = frozenset(size.to_bytes(4, "little") for size in (12, 40, 52, 56, 64, 108, 124))


def _is_pdf(data: bytes) -> bool:
    """Readers accept up to 1024 bytes of anything before the header; then it must go on like a PDF."""
    if data[:64].lstrip(b"\xef\xbb\xbf\x00 \t\r\n\x0c").startswith(b"%PDF-"):
        return True
    return b"%PDF-" in data[:1024] and b"endobj" in data and b"startxref" in data


def _zip_type(data: bytes) -> str:
    """Told from the names of the members, and for ODF and EPUB from the first member, stored as it is."""
    if data[30:38] == b"mimetype":
        (size,) = struct.unpack("<I", data[18:22])
        stored = data[38 : 38 + min(size or 100, 100)].split(b"PK", 1)[0]
        if re.fullmatch(rb"application/(?:epub\+zip|vnd\.oasis\.[\w.-]+)", stored):
            return stored.decode()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error):
        names = [name.decode("latin-1") for name in re.findall(rb"(?:word|ppt|xl)/", data[:SAMPLE])[:1]]
    if "xl/workbook.bin" in names:
        return XLSB
    for folder, media_type in _ZIP_FOLDERS.items():
        if any(name.startswith(folder) for name in names):
            return media_type
    return "application/zip"


_OLE_STREAMS = (
    ("EncryptedPackage", ENCRYPTED_OFFICE),
    ("WordDocument", DOC),
    ("PowerPoint Document", PPT),
    ("Workbook", XLS),
    ("Book", XLS),
    ("__properties_version1.0", MSG),
)
_MOST_OLE_ENTRIES = 4096


def _ole_type(data: bytes) -> str:
    """Told from the streams at the top, since documents may stand inside one another further down."""
    try:
        names = _ole_names(data)
    except (struct.error, IndexError, ValueError):
        return _OLE
    return next((media_type for name, media_type in _OLE_STREAMS if name in names), _OLE)


def _ole_names(data: bytes) -> set[str]:
    """The names below the root of a compound file ([MS-CFB] 2.6): a tree of entries of 128 bytes."""
    entries = _ole_directory(data)
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [struct.unpack_from("<I", entries, 76)[0]]
    while waiting and len(seen) < _MOST_OLE_ENTRIES:
        number = waiting.pop()
        if number in seen or (number + 1) * 128 > len(entries):
            continue
        seen.add(number)
        entry = entries[number * 128 : (number + 1) * 128]
        length, left, right = struct.unpack("<H2xII", entry[64:76])
        names.add(entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", "replace"))
        waiting += (left, right)
    return names


def _ole_directory(data: bytes) -> bytes:
    """The sectors of the directory in a row, as far as the header leads to the allocation table."""
    size = 1 << min(struct.unpack_from("<H", data, 30)[0], 12)
    sector = struct.unpack_from("<I", data, 48)[0]
    table = b"".join(
        data[(place + 1) * size : (place + 2) * size]
        for place in struct.unpack_from("<109I", data, 76)
        if place < 0xFFFFFFFA
    )
    directory = b""
    while sector < 0xFFFFFFFA and len(directory) < _MOST_OLE_ENTRIES * 128:
        directory += data[(sector + 1) * size : (sector + 2) * size]
        if (sector + 1) * 4 > len(table):
            break
        sector = struct.unpack_from("<I", table, sector * 4)[0]
    return directory
