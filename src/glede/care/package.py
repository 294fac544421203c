"""The file that a collection travels in: a zip archive, and how its parts are read and written.

    manifest.json              format and version, the embedding model, counts, edits of the graph
    documents.jsonl            a line for each document: itself, its chunks, its part of the graph
    past.jsonl                 the same for what is live no more, where a history was kept
    originals/  assets/        bytes as they were added, and pictures, by their SHA-256
    parses/  unprocessed/      what the parser made of each document, as in Blobs, by its id
    vectors/                   the vectors of its texts and pictures, as in Blobs, by its id

The manifest holds the SHA-256 of `documents.jsonl`, each line of it those of the document's other members;
so for `past.jsonl`, which files of before have not, with since when and until when sources meant documents.
What is read is taken for hostile: sizes, ratios, checksums and types are checked before anything is kept.
"""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from glede.errors import LimitError, MalformedError, UnreadableError
from glede.knowledge import DocumentGraph, Edit
from glede.results import Version
from glede.types import Chunk, Document, sha256_of

FORMAT = "glede collection"
VERSION = 1
MANIFEST, DOCUMENTS, PAST = "manifest.json", "documents.jsonl", "past.jsonl"
MIB = 2**20
PIECE = MIB
MOST_MANIFEST = 64 * MIB
MOST_LINE = 256 * MIB
MOST_RATIO = 100
SMALL = MIB
"""Members up to this size may be packed as tightly as they like."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a file says of itself."""

    format: str
    version: int
    collection: str
    embedding: str
    pictures: str
    documents: int
    chunks: int
    sha256: str
    edits: tuple[Edit, ...] = ()
    past_sha256: str = ""
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Packed:
    """A line of `documents.jsonl`: a document and what tells that its other members are right.

    `vectors` are what the rows of its vectors are found by; `raw` is empty where nothing is unfinished.
    """

    document: Document
    modified: tuple[tuple[str, float], ...]
    chunks: tuple[Chunk, ...]
    graph: DocumentGraph | None
    vectors: tuple[str, ...]
    vectors_sha256: str
    parse_sha256: str
    raw_sha256: str
    assets: tuple[str, ...]


@cache
def manifests() -> TypeAdapter[Manifest]:
    """How the manifest is written down."""
    return TypeAdapter(Manifest)


@cache
def lines() -> TypeAdapter[Packed]:
    """How a document is written down."""
    return TypeAdapter(Packed)


class Reader:
    """Reads a file; raises `MalformedError` or `LimitError` where it is not what it should be."""

    def __init__(self, archive: zipfile.ZipFile, most: int) -> None:
        self._archive = archive
        self._most = most
        names = archive.namelist()
        if len(names) != len(set(names)):
            raise MalformedError("a member is in the file twice")

    def manifest(self) -> Manifest:
        """The manifest, of a version that is known here."""
        try:
            found = manifests().validate_json(self.member(MANIFEST, MOST_MANIFEST))
        except ValidationError as error:
            raise MalformedError(f"{MANIFEST} is none: {_first(error)}") from error
        if found.format != FORMAT:
            raise MalformedError(f"it is no file of `glede export`, but {found.format[:40]!r}")
        if found.version > VERSION:
            raise MalformedError(
                f"a newer Glede wrote it (version {found.version}; this one knows {VERSION})",
                hint="pip install --upgrade glede",
            )
        return found

    def documents(self, manifest: Manifest) -> Iterator[Packed]:
        """The documents one by one, after all of them together have been checked."""
        return self._lines(DOCUMENTS, manifest.sha256)

    def past(self, manifest: Manifest) -> Iterator[Packed]:
        """The same of what is live no more; nothing where the file has no past."""
        return self._lines(PAST, manifest.past_sha256) if manifest.past_sha256 else iter(())

    def _lines(self, name: str, sha256: str) -> Iterator[Packed]:
        digest = hashlib.sha256()
        with _damaged(name), self._open(name, None) as stream:
            while piece := stream.read(PIECE):
                digest.update(piece)
        if digest.hexdigest() != sha256:
            raise MalformedError(f"{name} is damaged: it does not have the SHA-256 of the manifest")
        with self._open(name, None) as stream:
            while line := stream.readline(MOST_LINE):
                if len(line) == MOST_LINE:
                    raise LimitError(f"a line of {name} is longer than {MOST_LINE // MIB} MB")
                try:
                    yield lines().validate_json(line)
                except ValidationError as error:
                    raise MalformedError(f"a line of {name} is no document: {_first(error)}") from error

    def checked(self, name: str, sha256: str) -> bytes:
        """A member of that SHA-256."""
        data = self.member(name, self._most)
        if sha256_of(data) != sha256:
            raise MalformedError(f"{name} is damaged: it does not have the SHA-256 that it should")
        return data

    def member(self, name: str, most: int) -> bytes:
        """A member of at most so many bytes."""
        with _damaged(name), self._open(name, most) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            raise LimitError(f"{name} is larger than {most // MIB} MB")
        return data

    def _open(self, name: str, most: int | None) -> IO[bytes]:
        try:
            found = self._archive.getinfo(name)
        except KeyError as error:
            raise MalformedError(f"{name} is missing") from error
        if most is not None and found.file_size > most:
            raise LimitError(f"{name} is larger than {most // MIB} MB")
        if found.file_size > SMALL and found.file_size > MOST_RATIO * max(found.compress_size, 1):
            raise LimitError(f"{name} is packed tighter than {MOST_RATIO}:1")
        return self._archive.open(found)


@contextmanager
def _damaged(name: str) -> Iterator[None]:
    """What reading a member raises that is not as it was written."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise MalformedError(f"{name} is damaged: {error}") from error


def opened(path: Path) -> zipfile.ZipFile:
    """The file as a zip archive."""
    try:
        return zipfile.ZipFile(path)
    except FileNotFoundError as error:
        raise UnreadableError(f"there is no file {path}") from error
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
        raise MalformedError(
            f"{path} is no file of `glede export`: {error}", hint="Give a file that `glede export` wrote."
        ) from error


def unpacked_within(data: bytes, most: int) -> bytes:
    """What zlib packed, if it is not more than that."""
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(data, most + 1)
    except zlib.error as error:
        raise MalformedError(f"a member is damaged: {error}") from error
    if len(found) > most or not unpacking.eof:
        raise LimitError(f"a member holds more than {most // MIB} MB, or is cut off")
    return found


def _first(error: ValidationError) -> str:
    one = error.errors()[0]
    return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
