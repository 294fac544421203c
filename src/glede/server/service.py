"""What the routes share: one engine for life, who may call, what is under way."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from glede.engine import Engine
from glede.errors import NotFoundError
from glede.server.admission import Admission, Pace
from glede.server.keys import Keys
from glede.server.metrics import Metrics
from glede.server.work import Work

NOTE = "collections"
"""Under what the catalogue keeps the names of collections that were made and may hold nothing yet."""


@dataclass(frozen=True, slots=True)
class Service:
    """One server's parts.

    `pass_` is this run's own secret: who can read the data folder knows it, and is let in as its owner.
    `open` where nobody else can reach us: until there is a key, none is asked for. `origins` tells where
    settings come from that are not the default.
    """

    engine: Engine
    keys: Keys
    admission: Admission
    work: Work
    metrics: Metrics
    open: bool = True
    pace: Pace = field(default_factory=lambda: Pace(0))
    origins: Mapping[str, str] = field(default_factory=dict)
    pass_: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    naming: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def collections(self) -> list[str]:
        """All collections, in the order of their names: that of the settings, those made, those that hold
        documents.
        """
        noted = await self._noted()
        held = await asyncio.to_thread(self.engine.catalogue.collections)
        return sorted({self.engine.settings.collection, *noted, *held})

    async def check_known(self, collection: str) -> None:
        """Raises `NotFoundError` where there is no such collection."""
        if collection != self.engine.settings.collection and collection not in await self.collections():
            raise no_collection(collection)

    async def note(self, collection: str, *, there: bool) -> None:
        """Note that a collection was made, or is gone."""
        async with self.naming:
            noted = set(await self._noted())
            changed = noted | {collection} if there else noted - {collection}
            if changed != noted:
                text = json.dumps(sorted(changed))
                await asyncio.to_thread(self.engine.catalogue.remember, NOTE, text)

    async def _noted(self) -> list[str]:
        kept = await asyncio.to_thread(self.engine.catalogue.recall, NOTE)
        return [str(name) for name in json.loads(kept or "[]")]


def no_collection(name: str) -> NotFoundError:
    """The same words for what is not there and for what is another's: nobody learns of the difference."""
    return NotFoundError(f"there is no collection {name!r}", hint="GET /v1/collections lists yours.")
