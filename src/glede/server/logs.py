"""The server's log: one line for each call and each mishap, for people or as JSON, and no secret in any.

A line tells who called by the id of the key, where by the route's pattern, and nothing of what was asked.
What the server knows to be secret is taken out of every line, whoever wrote it.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

import orjson
from pydantic import SecretStr

from glede.server.keys import PREFIX

if TYPE_CHECKING:
    from glede.settings import Settings

LogFormat: TypeAlias = Literal["text", "json"]
HIDDEN = "********"
WORDY = ("sse_starlette", "python_multipart", "multipart", "mcp")
"""Libraries that log, at their loudest, what documents, questions and answers say."""
FUSSY = ("faiss.loader",)
"""Libraries that log what looks like trouble and is none: which processors they were not made for."""
_OUR_KEYS = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]{20,}")
_SENT_KEYS = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}")

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the call that is being answered; what it begins inherits it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has ended; `key` is the id of the key, `code` that of the problem it was answered with."""

    method: str
    route: str
    status: int
    milliseconds: float
    key: str = ""
    code: str = ""

    def __str__(self) -> str:
        said = f"{self.method} {self.route} {self.status} {self.milliseconds:.0f} ms"
        who = f" by {self.key}" if self.key else ""
        return f"{said}{who}{f' ({self.code})' if self.code else ''}"

    def fields(self) -> Mapping[str, str | int | float]:
        """As JSON tells it."""
        told: dict[str, str | int | float] = {
            "method": self.method,
            "route": self.route,
            "status": self.status,
            "ms": round(self.milliseconds, 1),
        }
        return told | {name: value for name, value in (("key", self.key), ("code", self.code)) if value}


class Lines(logging.Formatter):
    """Lines for people; what is secret is hidden in them."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._secrets = sorted((one for one in secrets if one), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, and below it the trace of its error."""
        return self._without_secrets(self._line(record))

    def _line(self, record: logging.LogRecord) -> str:
        identity = request_id.get()
        head = f"{_time(record)} {record.levelname}{f' {identity}' if identity else ''} {record.getMessage()}"
        trace = self._trace(record)
        return f"{head}\n{trace}" if trace else head

    def _trace(self, record: logging.LogRecord) -> str:
        return self.formatException(record.exc_info) if record.exc_info else ""

    def _without_secrets(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return _SENT_KEYS.sub(rf"\1 {HIDDEN}", _OUR_KEYS.sub(HIDDEN, line))


class JsonLines(Lines):
    """The same as JSON, an object a line."""

    def _line(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identity := request_id.get():
            told["request_id"] = identity
        call = getattr(record, "call", None)
        if isinstance(call, Call):
            told |= call.fields()
        if trace := self._trace(record):
            told["error"] = trace
        return orjson.dumps(told).decode()


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def write_logs(settings: Settings, level: int, style: LogFormat) -> None:
    """Log to standard error from now on, all that the process logs at that level or above."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter({"text": Lines, "json": JsonLines}[style](secrets_of(settings)))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in WORDY:
        logging.getLogger(name).setLevel(max(level, logging.INFO))
    for name in FUSSY:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def secrets_of(settings: Settings) -> list[str]:
    """The keys of the settings, and the passwords inside addresses."""
    values = [getattr(settings, key) for key in type(settings).model_fields]
    keys = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    addresses = [value for value in values if isinstance(value, str)]
    found = [match[1] for one in addresses if (match := re.search(r"://[^:/@]*:([^@/]+)@", one))]
    return [one for one in (*keys, *found) if len(one) >= 4]
