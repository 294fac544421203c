"""The errors of Milvus as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from glede.errors import DiskFullError, LockedError, UnavailableError, unavailable


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """The errors of Milvus as ours; what it does not implement comes as a bare gRPC error."""
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, RpcError) as error:
        text = str(getattr(error, "message", "") or error)
        if "Open local milvus failed" in text:
            raise LockedError(
                "another process is using the index, or it cannot be opened",
                hint="Wait until that process ends, or give another folder with --home.",
            ) from error
        shown = re.sub(r"://[^@/ ]*@", "://", uri)
        ours = unavailable(f"Milvus at {shown}", error)
        if "://" in uri and not isinstance(ours, DiskFullError):
            ours = UnavailableError(ours.message, hint="Check the address and token.")
        raise ours from error
    except OSError as error:
        raise unavailable("the index", error) from error
