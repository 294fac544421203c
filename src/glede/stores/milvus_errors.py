"""The errors of Milvus as ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from glede.errors import DiskFullError, GledeError, UnavailableError, unavailable


@contextmanager
def translated(uri: str) -> Iterator[None]:
    """The errors of Milvus as ours; what it does not implement comes as a bare gRPC error."""
    try:
        yield
    except GledeError:
        raise
    except OSError as error:
        raise unavailable("the index", error) from error
    except _of_pymilvus(uri) as error:
        shown = re.sub(r"://[^@/ ]*@", "://", uri)
        ours = unavailable(f"Milvus at {shown}", error)
        if not isinstance(ours, DiskFullError):
            ours = UnavailableError(ours.message, hint="Check the address and token.")
        raise ours from error


def _of_pymilvus(uri: str) -> tuple[type[Exception], ...]:
    """The errors of what is asked at an address; it is loaded where it was asked."""
    if "://" not in uri:
        return ()
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    return MilvusException, RpcError
