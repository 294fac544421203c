"""The server of Milvus Lite in this process: how it is ended, and how it is left as a kill would leave it."""

from __future__ import annotations

import os
from typing import Any


def release(path: str) -> None:
    """End the server of a folder in order; another process may then open it."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(path)


def abandon(path: str) -> None:
    """End the server of a folder and write nothing more, so that the next opening reads its logs again.

    A flush of Milvus Lite 3.2 that fails forgets the rows that it was to write, and the next one, also that
    of an end in order, then deletes the log that still holds them. There is no call that ends it otherwise.
    """
    from milvus_lite.server_manager import server_manager_instance

    servers: dict[str, Any] = server_manager_instance._servers
    entry = servers.pop(os.path.abspath(path), None)  # noqa: PTH100 - as it names its servers
    if entry is None:
        return
    server, database, _ = entry
    server.stop(grace=None).wait()
    for collection in database._collections.values():
        collection._bg_closed = True
        collection._bg_executor.shutdown(wait=True)
    database._collections.clear()
    database._release_lock()
    database._closed = True
