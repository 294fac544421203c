import io
import zipfile
from typing import ClassVar

import pytest
from PIL import Image

from glede.errors import DocumentError, MalformedError, PasswordError
from glede.parsers.epub import MEDIA_TYPE, EpubParser
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Parsed, sha256_of

CONTAINER = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
version="1.0"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles></container>"""
BOOK = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Kites of  Aller</dc:title></metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="two" href="text/two.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one%20a.xhtml" media-type="application/xhtml+xml"/>
<item id="kite" href="images/kite.png" media-type="image/png"/>
<item id="gone" href="text/gone.xhtml" media-type="application/xhtml+xml"/>
</manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="gone"/></spine>
</package>"""
ONE = """<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body><h1>Nests</h1>
<p>Seen from the <a href="https://example.org/ridge">ridge</a> and <a href="two.xhtml#a">later</a>.</p>
<figure><img src="../images/kite.png" alt="A kite"/><figcaption>Figure 1: A kite</figcaption></figure>
<img src="https://example.org/kite.png" alt="elsewhere"/><img src="../../../etc/passwd" alt="outside"/>
</body></html>"""
TWO = "<html><body><h1>Numbers</h1><table><tr><th>Year</th></tr><tr><td>2025</td></tr></table></body></html>"


def _png() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(drawn, "PNG")
    return drawn.getvalue()


KITE = _png()


def epub(**changed: str | None) -> bytes:
    parts: dict[str, str | bytes | None] = {
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": BOOK,
        "OEBPS/nav.xhtml": "<html><body><nav><ol><li>Nests</li></ol></nav>Contents</body></html>",
        "OEBPS/text/one a.xhtml": ONE,
        "OEBPS/text/two.xhtml": TWO,
        "OEBPS/images/kite.png": KITE,
    }
    parts.update(changed)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", MEDIA_TYPE)
        for name, content in parts.items():
            if content is not None:
                archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def parse(data: bytes) -> Parsed:
    return EpubParser().parse(data, MEDIA_TYPE, ParseOptions())


class TestEpub(ParserContract):
    parser = EpubParser()
    samples: ClassVar = [(epub(), MEDIA_TYPE)]


def test_chapters_in_the_order_of_the_spine() -> None:
    parsed = parse(epub())
    assert parsed.title == "The Kites of Aller"
    assert [block.text for block in parsed.blocks if block.type == "heading"] == ["Nests", "Numbers"]
    assert "Contents" not in " ".join(block.text for block in parsed.blocks)
    (table,) = [block for block in parsed.blocks if block.type == "table"]
    assert table.heading_path == ("Numbers",)


def test_pictures_of_the_book_and_no_others() -> None:
    parsed = parse(epub())
    assert parsed.assets == {sha256_of(KITE): KITE}
    kite, elsewhere, outside = [block for block in parsed.blocks if block.type == "image"]
    assert kite.caption == "Figure 1: A kite"
    assert elsewhere.picture is outside.picture is None


def test_links_out_of_the_book_are_kept() -> None:
    links = [link for block in parse(epub()).blocks for link in block.links]
    assert [(link.text, link.address) for link in links] == [("ridge", "https://example.org/ridge")]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"META-INF/container.xml": None}, MalformedError),
        ({"META-INF/container.xml": "<container/>"}, MalformedError),
        ({"OEBPS/book.opf": "<package>"}, MalformedError),
        ({"OEBPS/book.opf": "<package/>"}, MalformedError),
        (
            {
                "META-INF/encryption.xml": "<encryption><EncryptedData><EncryptionMethod "
                'Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></EncryptedData></encryption>'
            },
            PasswordError,
        ),
    ],
)
def test_damage_and_protection(changed: dict[str, str | None], error: type[DocumentError]) -> None:
    with pytest.raises(error):
        parse(epub(**changed))


def test_hidden_fonts_are_no_protection() -> None:
    fonts = (
        "<encryption><EncryptedData><EncryptionMethod "
        'Algorithm="http://www.idpf.org/2008/embedding"/></EncryptedData></encryption>'
    )
    assert parse(epub(**{"META-INF/encryption.xml": fonts})).blocks
