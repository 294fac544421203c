"""The errors of Glede, in one tree.

GledeError                     code, message, hint, exit code
├── UsageError                 the call itself is wrong                            exit 2
│   └── NotFoundError          no such document, collection, citation
├── ConfigurationError         settings contradict each other or the data folder   exit 3
│   └── ModelMismatchError     the index was built with another embedding model
├── UnavailableError           a dependency or another process stands in the way   exit 4
│   └── LockedError            another process owns the data folder
├── InterruptedRunError        stopped half-way; the same command resumes          exit 5
└── DocumentError              one document cannot be added; the others go on      exit 1
    ├── UnreadableError        missing, no permission, empty, not a file
    ├── UnsupportedError       no parser for what is inside
    ├── MalformedError         damaged, or not what it claims to be
    ├── PasswordError          encrypted, and no or the wrong password was given
    ├── NeedsOcrError          pages without a text layer
    └── LimitError             larger, longer or deeper than the limits allow
"""

from __future__ import annotations

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


class ConfigurationError(GledeError):
    """Settings contradict one another, or the data folder."""

    code = "configuration"
    exit_code = 3
    default_hint = "`glede config show` tells each value and where it comes from."


class ModelMismatchError(ConfigurationError):
    """The collection was built with another embedding model or dimension."""

    code = "model_mismatch"
    default_hint = (
        "Set GLEDE_EMBED back to the model that it was made with, or add the documents to a new --collection "
        "or --home with this one."
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


class InterruptedRunError(GledeError):
    """Stopped by the user or a signal; what was acknowledged is kept."""

    code = "interrupted"
    exit_code = 5
    default_hint = "Run the same command again: what is done is skipped."


class DocumentError(GledeError):
    """One document cannot be added; nothing of it is kept, and the others go on."""

    code = "document"
    default_hint = "The other documents are not affected."


class UnreadableError(DocumentError):
    """The file is missing, empty, no regular file, or may not be read."""

    code = "unreadable"
    default_hint = "Check the path and its permissions."


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
