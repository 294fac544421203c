"""E-mails taken apart, within what one may hold: for the parser, and for whoever opens what is attached."""

from __future__ import annotations

import email
import email.policy
from email.errors import MessageError
from email.message import Message

from glede.errors import LimitError, MalformedError

_MOST_PARTS = 10_000
"""Lines that may begin a part; the library takes as long for a thousand as for a megabyte of text."""
_LONGEST_HEADER = 16_000
"""The library goes over a header again for each address in it, and into it for each bracket."""


def taken_apart(data: bytes) -> Message[str, str]:
    """The message with its parts; raises `MalformedError` where they cannot be told apart."""
    if data.count(b"\n--") > _MOST_PARTS and b"multipart/" in data.lower():
        raise LimitError(f"the e-mail may have more than {_MOST_PARTS:,} parts")
    try:
        return email.message_from_bytes(data, policy=email.policy.default)
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise MalformedError("the e-mail is damaged: its parts cannot be told apart") from error


def header(message: Message[str, str], name: str) -> str:
    """A header's text, decoded; as it stands where it cannot be read, empty where it is missing."""
    raw = next((text for key, text in message.raw_items() if key.lower() == name.lower()), None)
    if raw is None:
        return ""
    shown = str(raw)[:_LONGEST_HEADER]
    try:
        return str(email.policy.default.header_fetch_parse(name, shown))
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, OverflowError, RecursionError):
        return shown
