"""What every fetcher must do, as tests to inherit: `class TestMine(FetchContract)` with three fixtures."""

from __future__ import annotations

import asyncio

import pytest

from glede.errors import FetchError, RefusedAddressError
from glede.ports import Fetch, Fetched


class FetchContract:
    """Define fixtures `fetch`, `page` (an address and what it holds) and `missing` (without a page)."""

    def test_a_page_is_as_it_was_sent(self, fetch: Fetch, page: tuple[str, Fetched]) -> None:
        """Bytes and media type, as often as it is asked for."""
        address, expected = page
        for _ in range(2):
            assert asyncio.run(_fetched(fetch, address)) == expected

    def test_nothing_is_one_error(self, fetch: Fetch, missing: str) -> None:
        """With a hint, and it is told whether later may help."""
        with pytest.raises(FetchError) as caught:
            asyncio.run(_fetched(fetch, missing))
        assert caught.value.code == "fetch_failed"
        assert caught.value.hint
        assert not caught.value.retryable

    @pytest.mark.parametrize("address", ["", "file:///etc/passwd", "ftp://example.org/", "kites.html"])
    def test_only_the_web_is_fetched(self, fetch: Fetch, address: str) -> None:
        """No files, and no other protocols."""
        with pytest.raises(RefusedAddressError):
            asyncio.run(_fetched(fetch, address))


async def _fetched(fetch: Fetch, address: str) -> Fetched:
    return await fetch.fetch(address)
