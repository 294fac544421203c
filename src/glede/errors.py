"""The errors of Glede, in one tree.

GledeError                     code, message, hint, exit code
├── UsageError                 the call itself is wrong                            exit 2
│   ├── NotFoundError          no such document, collection, citation
│   └── SqlError               a statement over tables that is refused, wrong or too costly
├── ConfigurationError         settings contradict each other or the data folder   exit 3
│   ├── ModelMismatchError     the index was built with another embedding model
│   ├── CredentialsError       no key for a model, or one that its endpoint refuses
│   ├── UnknownModelError      the endpoint has no model of that name
│   └── DimensionError         a model gives vectors of another length than configured
├── UnavailableError           a dependency or another process stands in the way   exit 4
│   ├── LockedError            another process owns the data folder
│   ├── DamagedError           what is stored is not what was written
│   ├── DiskFullError          a disk, a quota or the largest size of a file leaves no room
│   └── ModelError             a model's endpoint failed; `retryable` tells whether later may help
│       ├── RateLimitError     too many requests or tokens for now
│       ├── ModelTimeoutError  no answer, or not all of it, in time
│       ├── ModelReplyError    the answer is not what was asked for
│       ├── RefusedRequestError  the endpoint says that the request is wrong
│       ├── ContextLengthError the request is longer than the model takes
│       └── ContentFilterError the provider's filter stopped it
├── InterruptedRunError        stopped half-way; the same command resumes          exit 5
│   ├── PausedError            a job was asked to begin nothing more
│   └── BudgetError            the next call could pass the budget
└── DocumentError              one document cannot be added; the others go on      exit 1
    ├── UnreadableError        missing, no permission, empty, not a file
    ├── FetchError             an address could not be fetched
    │   └── RefusedAddressError  an address that may not be fetched
    ├── UnsupportedError       no parser for what is inside
    ├── MalformedError         damaged, or not what it claims to be
    ├── PasswordError          encrypted, and no or the wrong password was given
    ├── NeedsOcrError          pages without a text layer
    └── LimitError             larger, longer or deeper than the limits allow
        └── ExhaustedError     its parser took more time or memory than it may
"""

from __future__ import annotations

import errno
import os
from typing import ClassVar


class GledeError(Exception):
    """An error with a stable `code`, what happened, and what to do next (`hint`)."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    default_hint: ClassVar[str] = "Run the command again with -vv to see where it happened."

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.default_hint


class UsageError(GledeError):
    """The call itself is wrong: an unknown option value, an empty question."""

    code = "usage"
    exit_code = 2
    default_hint = "See `glede --help`."


class NotFoundError(UsageError):
    """A document, collection or citation of that name does not exist."""

    code = "not_found"
    default_hint = "`glede docs` lists what is there."


class SqlError(UsageError):
    """A statement over tables is not allowed, is wrong, or takes more than it may."""

    code = "sql"
    default_hint = "Write one SELECT over the columns that the table has."


class ConfigurationError(GledeError):
    """Settings contradict one another, or the data folder."""

    code = "configuration"
    exit_code = 3
    default_hint = "`glede config show` tells each value and where it comes from."


class ModelMismatchError(ConfigurationError):
    """The collection was built with another embedding model or dimension."""

    code = "model_mismatch"
    default_hint = (
        "Set GLEDE_EMBED back to the model that it was made with, or let `glede rebuild --embed` embed all "
        "with this one, or use it for a new --collection or --home."
    )

    def __init__(self, collection: str, found: str, wanted: str) -> None:
        super().__init__(
            f"the collection {collection!r} was embedded with {found}, and the settings say {wanted}"
        )


class UnavailableError(GledeError):
    """Something needed is missing or does not answer: a package, a server, a disk."""

    code = "unavailable"
    exit_code = 4
    default_hint = "`glede doctor` checks each part."


class LockedError(UnavailableError):
    """Another process owns the data folder; `pid` is its process id, if known."""

    code = "locked"

    def __init__(self, message: str, *, pid: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.pid = pid


class DamagedError(UnavailableError):
    """What is stored is not what was written: a file was cut off, or bits of it have changed."""

    code = "damaged"
    default_hint = "`glede doctor` names what is damaged, `glede rebuild` makes it again from what is whole."


class DiskFullError(UnavailableError):
    """A disk, a quota or the largest size of a file leaves no room for what is to be written."""

    code = "disk_full"
    default_hint = "Free some space and run the same command again: nothing acknowledged is lost."


class CredentialsError(ConfigurationError):
    """A model needs a key, and there is none, or its endpoint refuses it."""

    code = "credentials"
    default_hint = "Set the key of the model's provider, for example OPENAI_API_KEY; see `glede config show`."


class UnknownModelError(ConfigurationError):
    """The endpoint has no model of that name, or none for this account."""

    code = "unknown_model"
    default_hint = "Check the model's name and the address in `glede config show`."


class DimensionError(ConfigurationError):
    """A model gives vectors of another length than the settings say."""

    code = "dimension"
    default_hint = "Set GLEDE_EMBED_DIMENSION to what the model gives; `glede doctor` shows it."


class ModelError(UnavailableError):
    """The endpoint of a model failed.

    `retryable`: whether the same call may succeed later. `retry_after`: seconds that the endpoint asked
    us to wait, if it did.
    """

    code = "model"
    default_hint = "Run the command again later: what was paid for is kept. `glede doctor` asks each model."

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.retryable = retryable
        self.retry_after = retry_after


class RateLimitError(ModelError):
    """Too many requests or tokens for now, or an account without credit."""

    code = "rate_limited"
    default_hint = "Wait and run it again, or lower GLEDE_MODEL_CONCURRENCY."


class ModelTimeoutError(ModelError):
    """No answer, or not all of it, in the time that was allowed."""

    code = "model_timeout"
    default_hint = "Raise GLEDE_MODEL_SECONDS if the model is slow."


class ModelReplyError(ModelError):
    """The answer is not what was asked for: no JSON, another shape, too few vectors, no numbers."""

    code = "model_reply"
    default_hint = "Check that the address is that of a model's API; `glede doctor` asks it."


class RefusedRequestError(ModelError):
    """The endpoint says that the request is wrong, and asking again does not help."""

    code = "refused_request"
    default_hint = "The model may not know a parameter; `glede doctor` shows what it answers."


class ContextLengthError(ModelError):
    """The request is longer than the model takes."""

    code = "context_length"
    default_hint = "Lower GLEDE_CONTEXT_TOKENS, or use a model with a longer context."


class ContentFilterError(ModelError):
    """The provider's content filter stopped the request or the answer."""

    code = "content_filter"
    default_hint = "Put the question in other words, or use another model."


class InterruptedRunError(GledeError):
    """Stopped by the user or a signal; what was acknowledged is kept."""

    code = "interrupted"
    exit_code = 5
    default_hint = "Run the same command again: what is done is skipped."


class PausedError(InterruptedRunError):
    """A job was asked to begin nothing more; what it had begun is done."""

    code = "paused"
    default_hint = "Go on: `glede jobs resume ID`."


class BudgetError(InterruptedRunError):
    """The next call could pass the budget, so it was not made."""

    code = "budget"
    default_hint = "Raise GLEDE_BUDGET and run the same command again: what is paid for is kept."


class DocumentError(GledeError):
    """One document cannot be added; nothing of it is kept, and the others go on."""

    code = "document"
    default_hint = "The other documents are not affected."


class UnreadableError(DocumentError):
    """The file is missing, empty, no regular file, or may not be read."""

    code = "unreadable"
    default_hint = "Check the path and its permissions."


class FetchError(DocumentError):
    """An address could not be fetched; `retryable` tells whether later may help."""

    code = "fetch_failed"
    default_hint = "Check the address in a browser; what needs a login cannot be fetched."

    def __init__(self, message: str, *, hint: str | None = None, retryable: bool = False) -> None:
        later = "This may pass: run the same command again later." if retryable else None
        super().__init__(message, hint=hint or later)
        self.retryable = retryable


class RefusedAddressError(FetchError):
    """The address is none of the web, or one of this machine or the local network."""

    code = "refused_address"
    default_hint = "GLEDE_FETCH_PRIVATE=true allows addresses of this machine and the local network."


class UnsupportedError(DocumentError):
    """No parser is installed for what is inside the file."""

    code = "unsupported"
    default_hint = "`glede doctor` lists the parsers and what each one reads."


class MalformedError(DocumentError):
    """The content is damaged, or not what it claims to be."""

    code = "malformed"
    default_hint = "Open the file in its own program and save it again."


class PasswordError(DocumentError):
    """The document is encrypted, and the password is missing or wrong."""

    code = "password"
    default_hint = "Give the password: `glede add FILE --password ...`."


class NeedsOcrError(DocumentError):
    """The pages are pictures: there is no text layer to read."""

    code = "needs_ocr"
    default_hint = "Run the file through an OCR program that adds a text layer, and add the result."


class LimitError(DocumentError):
    """A limit of size, time, memory or depth was reached."""

    code = "limit_exceeded"
    default_hint = "`glede config show` lists the limits; each can be raised."


class ExhaustedError(LimitError):
    """A parser took more time or memory than it may, and was ended; `pages` is how many it had found."""

    def __init__(self, message: str, *, hint: str | None = None, pages: int | None = None) -> None:
        super().__init__(message, hint=hint)
        self.pages = pages


_NO_ROOM = {number: os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)}


def unavailable(what: str, error: BaseException) -> UnavailableError:
    """What stands in the way of a store, as our error: `DiskFullError` where there is no room to write."""
    text = str(getattr(error, "strerror", "") or getattr(error, "message", "") or error)
    full = getattr(error, "errno", None) in _NO_ROOM or any(words in text for words in _NO_ROOM.values())
    return (DiskFullError if full or "is full" in text else UnavailableError)(f"{what}: {text}")


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The first error of ours among those that ended work side by side; where none is, the group itself."""
    ours: BaseException | None = group.subgroup(GledeError)
    while isinstance(ours, BaseExceptionGroup):
        ours = ours.exceptions[0]
    return ours or group
