"""Makes an embedder of pictures of an endpoint that places them in the space of its texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from glede.endpoints import Attachment, Embeddings, PictureEndpoint
from glede.models.batching import BatchedEmbedder
from glede.models.estimates import PICTURE_TOKENS
from glede.ports import Vectors
from glede.types import sha256_of


class PictureCalls:
    """The pictures of an endpoint asked for by names as texts are, so that limit, meter and cache serve both.

    A name is as long as its picture is dear, so that enough is reserved for it.
    """

    def __init__(self, endpoint: PictureEndpoint) -> None:
        self.model = endpoint.model
        self.dimension = endpoint.dimension
        self.batch = endpoint.pictures
        self._endpoint = endpoint
        self._shown: dict[str, Attachment] = {}
        self._uses: Counter[str] = Counter()

    @contextmanager
    def showing(self, pictures: Sequence[Attachment]) -> Iterator[list[str]]:
        """The names of pictures, which `embed` understands meanwhile."""
        names = [_name(picture) for picture in pictures]
        self._uses.update(names)
        self._shown.update(zip(names, pictures, strict=True))
        try:
            yield names
        finally:
            self._uses.subtract(names)
            for name in names:
                if self._uses[name] <= 0:
                    self._shown.pop(name, None)
                    del self._uses[name]

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The vectors of the pictures of these names, in order."""
        return await self._endpoint.embed_pictures([self._shown[name] for name in texts])


def _name(picture: Attachment) -> str:
    return f"picture {sha256_of(picture.data)}" + " picture" * PICTURE_TOKENS


class SeeingEmbedder:
    """Vectors of pictures, of length 1, in the space of the texts of the same model."""

    def __init__(self, calls: PictureCalls, batched: BatchedEmbedder) -> None:
        self._calls = calls
        self._batched = batched

    async def embed_pictures(self, pictures: Sequence[Attachment]) -> Vectors:
        """One row for each picture, in order; equal ones are asked for once."""
        with self._calls.showing(pictures) as names:
            return await self._batched.embed(names)
