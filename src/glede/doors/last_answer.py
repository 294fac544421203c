"""The citations of a collection's last answer, kept so that each can be opened afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from functools import cache

from pydantic import TypeAdapter

from glede.errors import NotFoundError, UnavailableError
from glede.ports import Catalogue
from glede.results import Answer, Citation


class LastAnswer:
    """What the last answer of a collection has cited."""

    def __init__(self, catalogue: Catalogue, collection: str) -> None:
        self._catalogue = catalogue
        self._key = f"last_answer:{collection}"

    async def keep(self, answer: Answer) -> None:
        """Keep the citations of an answer in the place of those before."""
        cited = _citations().dump_json(list(answer.citations)).decode()
        with suppress(UnavailableError):  # an answer that was paid for is not lost with a note on a full disk
            await asyncio.to_thread(self._catalogue.remember, self._key, cited)

    async def forget(self, document_ids: Collection[str]) -> None:
        """Drop the citations where one of them quotes these documents."""
        if not {citation.document_id for citation in await self._kept()}.isdisjoint(document_ids):
            await asyncio.to_thread(self._catalogue.remember, self._key, "[]")

    async def citation(self, marker: int) -> Citation:
        """The citation of that number; raises `NotFoundError`."""
        for citation in await self._kept():
            if citation.marker == marker:
                return citation
        raise NotFoundError(f"the last answer has no citation {marker}", hint="Ask first: `glede ask ...`.")

    async def _kept(self) -> list[Citation]:
        kept = await asyncio.to_thread(self._catalogue.recall, self._key)
        return _citations().validate_json(kept or "[]")


@cache
def _citations() -> TypeAdapter[list[Citation]]:
    return TypeAdapter(list[Citation])
