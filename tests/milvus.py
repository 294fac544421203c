"""Milvus Lite behind a port: the nearest thing to a Milvus server that runs here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of one that keeps its file in the folder."""
    from milvus_lite.adapter.grpc.server import start_server_in_thread

    server, database, port = start_server_in_thread(str(folder / "served.db"), "127.0.0.1", 0)
    yield f"http://127.0.0.1:{port}"
    server.stop(grace=2)
    database.close()
