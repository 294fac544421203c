"""What the server refuses by itself, as errors of the one tree (`glede.errors`).

CallError                      a call that is not carried out as it stands
├── UnauthenticatedError       no key, or one that is wrong or revoked              401
├── ForbiddenError             the key does not allow this                          403
├── WrongOriginError           a page of another site asks                          403
├── ConflictError              the same Idempotency-Key is in use                   409
├── TooLargeError              a body that is larger than the limits allow          413
├── WrongHostError             the name of another machine                          421
├── InvalidError               a body or parameter of the wrong shape               422
├── BusyError                  too many calls at a time with one key                429
├── TooManyCallsError          too many calls in a minute with one key              429
└── OverloadedError            too many calls at a time in all                      503
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from glede.errors import ConfigurationError, GledeError


class CallError(GledeError):
    """A call that is not carried out; `status` is that of the response, and `retry_after` in seconds."""

    code = "refused"
    status: ClassVar[int] = 400
    default_hint = "See docs/server.md."
    retry_after: int | None = None


class UnauthenticatedError(CallError):
    """No key came with the call, or one that is wrong or revoked."""

    code = "unauthenticated"
    status = 401
    default_hint = "Send `Authorization: Bearer KEY`; `glede keys create NAME` makes one."


class ForbiddenError(CallError):
    """The key is good, and does not allow this."""

    code = "forbidden"
    status = 403
    default_hint = "Use a key with that scope; `glede keys create NAME --scope write:COLLECTION` makes one."


class WrongOriginError(CallError):
    """A page of another site asks; a browser must not be made to."""

    code = "wrong_origin"
    status = 403
    default_hint = "Allow the site: GLEDE_SERVER_ORIGINS=https://chat.example.org"


class ConflictError(CallError):
    """A call with the same Idempotency-Key is under way."""

    code = "conflict"
    status = 409
    default_hint = "Wait for the first one, or use another Idempotency-Key."
    retry_after = 1


class TooLargeError(CallError):
    """The body is larger than the limits allow."""

    code = "too_large"
    status = 413
    default_hint = "Uploads are bound by GLEDE_MAX_FILE_MB, other bodies by GLEDE_SERVER_BODY_MB."


class WrongHostError(CallError):
    """The call names another machine: a name was pointed at this one (DNS rebinding)."""

    code = "wrong_host"
    status = 421
    default_hint = "Allow the name: GLEDE_SERVER_HOSTS=glede.example.org"


class InvalidError(CallError):
    """A body, a parameter or a header of the wrong shape."""

    code = "invalid"
    status = 422
    default_hint = "/v1/openapi.json describes every call."

    @classmethod
    def at(cls, place: Iterable[object], message: str) -> InvalidError:
        """What is wrong at a place of what was sent: `body`, the name of a field, a number in a list."""
        return cls(f"{'.'.join(map(str, place))[:200]}: {message[:500]}")


class BusyError(CallError):
    """Too many calls are under way with this key."""

    code = "busy"
    status = 429
    default_hint = "Wait for one to end. GLEDE_SERVER_ANSWERS_PER_KEY is the most at a time."
    retry_after = 1


class TooManyCallsError(CallError):
    """Too many calls came with this key of late; `retry_after` tells when the next one may come."""

    code = "too_many_calls"
    status = 429
    default_hint = "Wait so long. GLEDE_SERVER_CALLS_PER_MINUTE is the most in a minute."

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OverloadedError(CallError):
    """Too many calls are under way in all, or too many jobs wait."""

    code = "overloaded"
    status = 503
    default_hint = "Try again later. GLEDE_SERVER_ANSWERS and GLEDE_SERVER_JOBS are the most at a time."
    retry_after = 2


class NoModelError(ConfigurationError):
    """What is asked takes a model that the settings do not name: nothing that the caller could mend."""

    default_hint = "Name one in GLEDE_CHAT, or ask without."
