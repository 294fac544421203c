"""Addresses in memory: what tests use where a web server would only cost time."""

from __future__ import annotations

from collections.abc import Mapping

from glede.errors import FetchError, RefusedAddressError
from glede.ports import Fetched


class MemoryFetch:
    """Pages by address; `asked` lists the addresses that were asked for."""

    def __init__(self, pages: Mapping[str, Fetched]) -> None:
        self._pages = dict(pages)
        self.asked: list[str] = []

    async def fetch(self, address: str) -> Fetched:
        """The page; raises `FetchError` where there is none."""
        self.asked.append(address)
        if not address.lower().startswith(("http://", "https://")):
            raise RefusedAddressError("it is no address of the web")
        page = self._pages.get(address)
        if page is None:
            raise FetchError("its server answered 404 (Not Found)")
        return page
