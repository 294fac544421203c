"""Who calls, and whether they may. Every route takes one of these; a test holds the table of routes to it."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from fastapi import Depends, Path, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers

from glede.server.keys import EVERYWHERE, Level, Scope
from glede.server.refusals import ForbiddenError, UnauthenticatedError
from glede.server.service import Service, no_collection
from glede.settings import COLLECTION_NAME


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a key with its scopes, or the owner of the machine; `local` may name files of it."""

    key: str | None
    scopes: tuple[Scope, ...]
    local: bool = False

    def may(self, level: Level, collection: str) -> bool:
        """Whether they may do that there."""
        return any(scope.allows(level, collection) for scope in self.scopes)

    def check(self, level: Level, collection: str) -> None:
        """Raises `NotFoundError` of a collection that is not theirs to see, else `ForbiddenError`."""
        if self.may(level, collection):
            return
        if collection == EVERYWHERE:
            raise _beyond(f"{level}:*")
        if not self.may("read", collection):
            raise no_collection(collection)
        raise _beyond(f"{level}:{collection}")


def _beyond(scope: str) -> ForbiddenError:
    hint = f"Use a key with that scope; `glede keys create NAME --scope {scope}` makes one."
    return ForbiddenError(f"this takes the scope {scope}", hint=hint)


_EVERYTHING = (Scope("admin", EVERYWHERE),)
OWNER = Caller(None, _EVERYTHING)
OWNER_HERE = Caller(None, _EVERYTHING, local=True)
_bearer = HTTPBearer(auto_error=False, description="A key of `glede keys create`, where one is needed.")


def is_known(headers: Headers, service: Service) -> bool:
    """Whether someone is let in at all with these headers."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    try:
        caller_with(secret if scheme.lower() == "bearer" else headers.get("x-api-key", ""), service)
    except UnauthenticatedError:
        return False
    return True


async def service_of(request: Request) -> Service:
    """The parts of the server."""
    service: Service = request.app.state.service
    return service


Serving: TypeAlias = Annotated[Service, Depends(service_of)]


def caller_of(
    request: Request,
    service: Serving,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    """Who calls; raises `UnauthenticatedError` of a key that is missing, wrong or revoked.

    Raises `TooManyCallsError` where it came too often.
    """
    caller = caller_with(bearer.credentials if bearer else request.headers.get("x-api-key", ""), service)
    request.scope["glede.caller"] = caller.key or "owner"  # the log tells of it
    service.pace.spend(caller.key)
    return caller


def caller_with(secret: str, service: Service) -> Caller:
    """Who has that secret; raises `UnauthenticatedError`."""
    if secret and hmac.compare_digest(secret.encode(), service.pass_.encode()):
        return OWNER_HERE
    if service.open and not service.keys.needed():
        return OWNER
    key = service.keys.find(secret) if secret else None
    if key is None:
        raise UnauthenticatedError("the key is wrong or was revoked" if secret else "this takes a key")
    return Caller(key.id, key.scopes)


Calling: TypeAlias = Annotated[Caller, Depends(caller_of)]
Named: TypeAlias = Annotated[str, Path(pattern=COLLECTION_NAME, description="The name of a collection.")]


async def reader_of(collection: Named, caller: Calling, service: Serving) -> Caller:
    """Who may read in the collection of the path, which is there."""
    caller.check("read", collection)
    await service.check_known(collection)
    return caller


async def writer_of(collection: Named, caller: Calling) -> Caller:
    """Who may write in the collection of the path, which may be new."""
    caller.check("write", collection)
    return caller


async def keeper_of(collection: Named, caller: Calling) -> Caller:
    """Who may make and remove the collection of the path."""
    caller.check("admin", collection)
    return caller


def everywhere(level: Level) -> object:
    """A dependency: who may do that in all collections."""

    async def checked(caller: Calling) -> Caller:
        caller.check(level, EVERYWHERE)
        return caller

    return Depends(checked)


Reader: TypeAlias = Annotated[Caller, Depends(reader_of)]
Writer: TypeAlias = Annotated[Caller, Depends(writer_of)]
Keeper: TypeAlias = Annotated[Caller, Depends(keeper_of)]
Watcher: TypeAlias = Annotated[Caller, everywhere("read")]
Ruler: TypeAlias = Annotated[Caller, everywhere("admin")]
