from __future__ import annotations

from email.message import EmailMessage

import pytest

from glede.media import detect
from glede.media.types import EMAIL
from glede.parsers.email import EmailParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract


def message(text: str = "The kites\nare back.\n\nBring a ladder.", html: str = "") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Zoë <zoe@example.org>"
    mail["To"] = "all@example.org"
    mail["Subject"] = "Kites at the Straße"
    mail["Date"] = "Fri, 21 Nov 2025 12:00:00 +0000"
    mail["Message-ID"] = "<1@example.org>"
    if text:
        mail.set_content(text)
    if html:
        (mail.add_alternative if text else mail.set_content)(html, subtype="html")
    return mail


class TestEmailContract(ParserContract):
    parser = EmailParser()
    samples = (
        (bytes(message()), EMAIL),
        (bytes(message("", "<h2>News</h2><p>They fly.</p>")), EMAIL),
    )


def test_headers_and_text() -> None:
    parsed = EmailParser().parse(bytes(message(html="<p>not this</p>")), EMAIL, ParseOptions())
    assert parsed.title == "Kites at the Straße"
    heading, headers, first, second = (block.text for block in parsed.blocks)
    assert heading == parsed.title
    assert headers.splitlines()[0] == "From: Zoë <zoe@example.org>"
    assert (first, second) == ("The kites\nare back.", "Bring a ladder.")


def test_html_where_there_is_no_text() -> None:
    parsed = EmailParser().parse(bytes(message("", "<h2>News</h2><p>They fly.</p>")), EMAIL, ParseOptions())
    assert [block.text for block in parsed.blocks][2:] == ["News", "They fly."]


def test_the_charset_that_a_part_names_may_be_unknown() -> None:
    data = b"From: a@b\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=klingon\n\nHello.\n"
    assert EmailParser().parse(data, EMAIL, ParseOptions()).blocks[-1].text == "Hello."


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (bytes(message()), "", EMAIL),
        (bytes(message()), "mail.txt", EMAIL),
        (b"Subject: x\n\nHello.", "x.eml", EMAIL),
        (b"Subject: x\n\nHello.", "x.txt", "text/plain"),
        (b"Name: x\nSize: 4\n\nHello.", "x.eml", "text/plain"),
    ],
)
def test_told_by_its_headers(data: bytes, name: str, media_type: str) -> None:
    assert detect(data, name) == media_type
