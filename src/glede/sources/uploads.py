"""What was handed over and answered for, kept until its job has ended with it: it outlives the process.

An upload is a list of the names to cite its documents by, `ID.json`, and their bytes, `ID-0`, `ID-1` and so
on, which are written before it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from glede.errors import UnavailableError, UnreadableError
from glede.ports import Blobs
from glede.sources.items import Content, Item, Upload
from glede.types import sha256_of

LIST = ".json"
_AGAIN = "Upload it again."


def lies_in(source: str, other: str) -> bool:
    """Whether a source is the other, or lies in it, as in an archive."""
    return source == other or source.startswith(f"{other}/")


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is kept."""

    blobs: Blobs
    key: str
    sha256: str

    def load(self, most: int | None = None) -> bytes:
        """The bytes, or as many of the first."""
        try:
            data = self.blobs.get(self.key)
        except UnavailableError as error:
            raise UnreadableError("what was uploaded is not kept any more", hint=_AGAIN) from error
        if sha256_of(data) != self.sha256:
            raise UnreadableError("what is kept of the upload is damaged", hint=_AGAIN)
        return data[:most]


class Uploads:
    """Keeps documents, opens what is kept, and drops what no job needs."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._in_hand: set[str] = set()
        self._changing = threading.Lock()

    def keep(self, contents: Sequence[Content], collection: str) -> Upload:
        """Keep documents durably, and at least until they are let go of by `release`."""
        name = secrets.token_hex(8)
        data = [content.encoded() for content in contents]
        listed = [
            (content.source, sha256_of(one), dict(content.metadata))
            for content, one in zip(contents, data, strict=True)
        ]
        with self._changing:
            self._blobs.put_all({f"{name}-{place}": one for place, one in enumerate(data)})
            self._blobs.put(name + LIST, orjson.dumps({"collection": collection, "documents": listed}))
            self._in_hand.add(name)
        return self.opened(name)

    def opened(self, name: str) -> Upload:
        """The upload of that id, as far as it is kept: without what was removed, or all of it."""
        return Upload(
            name,
            tuple(
                Item(source, inner=kept, metadata=metadata)
                for source, kept, metadata in self._listed(name)
                if self._blobs.exists(kept.key)
            ),
        )

    def _listed(self, name: str, collection: str | None = None) -> Iterator[tuple[str, Kept, dict[str, Any]]]:
        try:
            told = orjson.loads(self._blobs.get(name + LIST))
        except (UnavailableError, orjson.JSONDecodeError):
            return
        if collection in (None, told["collection"]):
            for place, (source, sha256, metadata) in enumerate(told["documents"]):
                yield source, Kept(self._blobs, f"{name}-{place}", sha256), metadata

    def release(self, names: Collection[str]) -> None:
        """Let go of uploads: from now on they are kept as long as a job needs them."""
        with self._changing:
            self._in_hand.difference_update(names)

    def forget(self, collection: str, sources: Collection[str] | None = None) -> None:
        """Drop documents of these sources, or what they lie in, of uploads for a collection that wait.

        Without sources, drop all of them.
        """
        with self._changing:
            for name in self._names() - self._in_hand:
                for source, kept, _ in self._listed(name, collection):
                    if sources is None or any(lies_in(one, source) for one in sources):
                        self._blobs.delete(kept.key)

    def sweep(self, needed: Callable[[], Collection[str]]) -> None:
        """Drop what is neither in hand nor `needed`, which is asked for while nothing new is kept."""
        with self._changing:
            wanted = {*needed(), *self._in_hand}
            lists_first = sorted(self._blobs.keys(), key=lambda key: not key.endswith(LIST))
            for key in lists_first:
                if key.removesuffix(LIST).partition("-")[0] not in wanted:
                    self._blobs.delete(key)

    def _names(self) -> set[str]:
        keys = self._blobs.keys()
        return {key.removesuffix(LIST) for key in keys if key.endswith(LIST)}
