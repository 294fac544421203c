"""The index in memory, in Milvus Lite and behind a Milvus address keep one contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.ports import Index
from glede.stores.milvus import MilvusIndex
from glede.testing.fakes import MemoryIndex
from glede.testing.index_contract import IndexContract


class TestMemoryIndex(IndexContract):
    @pytest.fixture(scope="class")
    def index(self) -> Index:
        return MemoryIndex()


class TestMilvusLite(IndexContract):
    @pytest.fixture(scope="class")
    def index(self, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
        index = MilvusIndex(str(tmp_path_factory.mktemp("läte") / "new" / "index.db"))
        yield index
        index.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Milvus Lite behind a port: the nearest thing to a server that runs here."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    folder: Path = tmp_path_factory.mktemp("served")
    server, database, port = start_server_in_thread(str(folder / "served.db"), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{port}"
    server.stop(grace=2)
    database.close()


class TestMilvusByAddress(IndexContract):
    @pytest.fixture(scope="class")
    def index(self, address: str) -> Iterator[Index]:
        index = MilvusIndex(address)
        yield index
        index.close()
