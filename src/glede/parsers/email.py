"""E-mails: the headers that a reader sees, and the text, or the HTML where there is no text.

What is attached is no part of it: `glede.sources.containers` makes documents of their own of that.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message

from glede.errors import LimitError
from glede.media.types import EMAIL
from glede.parsers.building import Draft, one_line
from glede.parsers.html import read_markup
from glede.parsing import Feature, ParseOptions, always_available
from glede.sources.messages import header, taken_apart
from glede.types import Parsed

_HEADERS = ("From", "To", "Cc", "Reply-To", "Date", "Subject")
_MAX_HEADER = 4000
_MAX_DEPTH = 50


class EmailParser:
    """Reads a message as it is stored in a file with the ending `.eml`."""

    name = "email"
    version = "1"
    media_types = frozenset({EMAIL})
    cost = 0.005
    recovers: frozenset[Feature] = frozenset({"text", "headings", "lists", "tables", "pictures", "links"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `MalformedError` where it has none of the headers, and no text."""
        message = taken_apart(data)
        draft = Draft(options.max_picture)
        subject = header_text(message, "Subject")
        draft.heading(subject, 1)
        found = [(name, header_text(message, name)) for name in _HEADERS]
        draft.text("\n".join(f"{name}: {value}" for name, value in found if value))
        body, is_html = _body(message)
        if is_html:
            read_markup(body, draft, options.max_pixels)
        else:
            for paragraph in _paragraphs(body):
                draft.text(paragraph)
        return draft.parsed(media_type, self.name, subject)


def header_text(message: Message[str, str], name: str) -> str:
    """A header on one line, decoded; empty where it is missing."""
    return _legal(one_line(header(message, name))[:_MAX_HEADER])


def _body(message: Message[str, str]) -> tuple[str, bool]:
    """The first part of plain text with any words, else of HTML; and whether it is HTML."""
    html = ""
    for part in _parts(message, 0):
        if part.get_content_maintype() != "text" or part.get_content_disposition() == "attachment":
            continue
        text = _part_text(part)
        if part.get_content_subtype() == "html":
            html = html or text
        elif text.strip():
            return text, False
    return html, True


def _parts(message: Message[str, str], depth: int) -> Iterator[Message[str, str]]:
    """The parts that are no containers; a message within is somebody else's."""
    if depth > _MAX_DEPTH:
        raise LimitError(f"the parts of the e-mail nest deeper than {_MAX_DEPTH} levels")
    if not message.is_multipart():
        yield message
    elif message.get_content_maintype() == "multipart":
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _parts(part, depth + 1)


def _part_text(part: Message[str, str]) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset() or "utf-8"
    try:
        text = data.decode(charset, "replace")
    except (LookupError, ValueError):  # no such encoding
        text = data.decode("utf-8", "replace")
    return _legal(text.replace("\r\n", "\n").replace("\r", "\n"))


def _legal(text: str) -> str:
    """Text that can be stored: no NUL, no halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


def _paragraphs(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            lines.append(line.rstrip())
        elif lines:
            yield "\n".join(lines)
            lines = []
