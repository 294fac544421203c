"""PDFs that ask for very much."""

# ruff: noqa: E501 - markup is no easier to read in pieces

from __future__ import annotations

import zlib

from tests.promises.bombs import DAMAGED, LIMIT, READ, Bomb, deflated, zlib_stream
from tests.promises.pdf_files import FONT, Pdf, nested_forms, page_of

FLATE = b"/Filter/FlateDecode"
FORM = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]"


def forms(depth: int, width: int, inside: bytes = b"0 0 1 1 re f") -> bytes:
    pdf = Pdf()
    return pdf.written([nested_forms(pdf, depth, width, inside)])


def own_form() -> bytes:
    """A form that draws itself, and twice."""
    pdf = Pdf()
    form = pdf.stream(b"/F Do /F Do", FORM + b"/Resources<</XObject<</F 3 0 R>>>>")
    return pdf.written([pdf.page(pdf.stream(b"/F Do"), b"/XObject<</F %d 0 R>>" % form)])


def patterns() -> bytes:
    """Patterns whose tiles are filled with patterns."""
    pdf = Pdf()
    tile = b"/Type/Pattern/PatternType 1/PaintType 1/TilingType 1/BBox[0 0 1 1]/XStep 1/YStep 1"
    inner = pdf.stream(b"0 0 1 1 re f", tile + b"/Resources<<>>")
    for _ in range(8):
        inner = pdf.stream(
            b"/Pattern cs /P scn 0 0 600 800 re f",
            tile.replace(b"[0 0 1 1]", b"[0 0 600 800]") + b"/Resources<</Pattern<</P %d 0 R>>>>" % inner,
        )
    page = pdf.page(pdf.stream(b"/Pattern cs /P scn 0 0 600 800 re f"), b"/Pattern<</P %d 0 R>>" % inner)
    return pdf.written([page])


def glyphs() -> bytes:
    """Fonts whose letters are written in fonts."""
    pdf = Pdf()
    glyph = pdf.stream(b"10 0 d0 0 0 1 1 re f")
    font = b""
    for _ in range(12):
        number = pdf.add(
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 10 10]/FontMatrix[1 0 0 1 0 0]/FirstChar 97/LastChar 97"
            b"/Widths[10]/Encoding<</Differences[97/a]>>/CharProcs<</a %d 0 R>>/Resources<<%s>>>>"
            % (glyph, font)
        )
        font = b"/Font<</H %d 0 R>>" % number
        glyph = pdf.stream(b"10 0 d0 BT /H 1 Tf (aaaaaaaa) Tj ET")
    return pdf.written([pdf.page(pdf.stream(b"BT /H 1 Tf 72 700 Td (aaaaaaaa) Tj ET"), font)])


def content(stream: bytes, entries: bytes) -> bytes:
    pdf = Pdf()
    return pdf.written([pdf.page(pdf.stream(stream, entries), FONT)])


def image(entries: bytes, data: bytes) -> bytes:
    pdf = Pdf()
    shown = b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/ColorSpace/DeviceGray/BitsPerComponent 8"
    number = pdf.stream(data, shown + entries)
    drawn = pdf.stream(b"600 0 0 800 0 0 cm /I Do")
    return pdf.written([pdf.page(drawn, b"/XObject<</I %d 0 R>>" % number)])


def font_program() -> bytes:
    pdf = Pdf()
    program = pdf.stream(zlib_stream(2**30), FLATE + b"/Length1 1073741824")
    about = pdf.add(
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1 1]/ItalicAngle 0/Ascent 1/Descent 0"
        b"/CapHeight 1/StemV 1/FontFile2 %d 0 R>>" % program
    )
    font = b"/Font<</H<</Type/Font/Subtype/TrueType/BaseFont/X/FirstChar 97/LastChar 97/Widths[500]"
    page = pdf.page(
        pdf.stream(b"BT /H 12 Tf 72 700 Td (aaa) Tj ET"), font + b"/FontDescriptor %d 0 R>>>>" % about
    )
    return pdf.written([page])


def object_stream() -> bytes:
    """The objects, as the table of them says, are in a stream that inflates to a gigabyte."""
    data = b"%PDF-1.7\n"
    packed = zlib_stream(2**30)
    first = len(data)
    data += b"1 0 obj\n<</Type/ObjStm/N 100/First 1000%s/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        FLATE, len(packed), packed,
    )  # fmt: skip
    table = len(data)
    rows = bytes([0, 0, 0, 0, 0, 255]) + b"\1" + first.to_bytes(4, "big") + b"\0"
    rows += b"".join(b"\2\0\0\0\1" + bytes([number]) for number in range(3))
    data += b"2 0 obj\n<</Type/XRef/Size 5/W[1 4 1]/Root 3 0 R/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        len(rows), rows,
    )  # fmt: skip
    return data + b"startxref\n%d\n%%%%EOF" % table


def page_box(size: int) -> bytes:
    pdf = Pdf()
    number = pdf.stream(b"BT /H 12 Tf 72 700 Td (A kite) Tj ET")
    return pdf.written([pdf.page(number, FONT, b"0 0 %d %d" % (size, size))])


def tree(entries: bytes) -> bytes:
    pdf = Pdf()
    page_of(pdf, "A kite")
    return pdf.written([], entries)


def deep_tree(depth: int) -> bytes:
    pdf = Pdf()
    for number in range(depth):
        pdf.add(b"<</Type/Pages/Parent %d 0 R/Kids[%d 0 R]/Count 1>>" % (number + 2, number + 4))
    page_of(pdf, "A kite")
    return pdf.written([3])


def deep_value(depth: int) -> bytes:
    pdf = Pdf()
    number = pdf.stream(b"BT ET")
    return pdf.written([pdf.page(number, b"/X " + b"[" * depth + b"]" * depth)])


OPERATORS = 3_000_000
BOMBS = (
    Bomb("forms.pdf", lambda: forms(12, 8)),
    Bomb("forms-of-text.pdf", lambda: forms(9, 10, b"BT /H 1 Tf (a) Tj ET")),
    Bomb("forms-deep.pdf", lambda: forms(20_000, 1), (LIMIT, DAMAGED, "needs_ocr")),
    Bomb("forms-own.pdf", own_form, (LIMIT, DAMAGED)),
    Bomb("patterns.pdf", patterns, (LIMIT, DAMAGED, "needs_ocr")),
    Bomb("glyphs.pdf", glyphs, (LIMIT, DAMAGED, READ)),
    Bomb("flate.pdf", lambda: content(zlib_stream(2**30), FLATE), (LIMIT, DAMAGED)),
    Bomb(
        "flate-chained.pdf",
        lambda: content(zlib.compress(zlib_stream(2**32), 9), b"/Filter[/FlateDecode/FlateDecode]"),
        (LIMIT, DAMAGED),
    ),
    Bomb("image.pdf", lambda: image(FLATE, zlib_stream(60_000 * 60_000, b"\0")), (LIMIT, DAMAGED, "needs_ocr")),
    Bomb(
        "image-run-length.pdf",
        lambda: image(b"/Filter[/FlateDecode/RunLengthDecode]", zlib_stream(2**26, b"\x81\0")),
        (LIMIT, DAMAGED, "needs_ocr"),
    ),
    Bomb("image-fax.pdf", lambda: image(b"/Filter/CCITTFaxDecode/DecodeParms<</K -1/Columns 60000/Rows 60000>>",
                                        b"\xff" * 1000), (LIMIT, DAMAGED, "needs_ocr")),
    Bomb("font.pdf", font_program, (LIMIT, DAMAGED, READ)),
    Bomb("objects.pdf", object_stream, (LIMIT, DAMAGED)),
    Bomb("box.pdf", lambda: page_box(2_000_000), (LIMIT, DAMAGED, READ)),
    Bomb("tree-loop.pdf", lambda: tree(b"/Kids[2 0 R 2 0 R]/Count 4"), (LIMIT, DAMAGED)),
    Bomb("tree-deep.pdf", lambda: deep_tree(20_000), (LIMIT, DAMAGED, READ)),
    Bomb("million-pages.pdf", lambda: tree(b"/Kids[4 0 R]/Count 1000000")),
    Bomb("same-page.pdf", lambda: tree(b"/Kids[%s]/Count 200000" % (b"4 0 R " * 200_000))),
    Bomb("nested-values.pdf", lambda: deep_value(1_000_000), (LIMIT, DAMAGED, READ)),
    Bomb("operators.pdf", lambda: content(zlib.compress(b"0 0 1 1 re f\n" * OPERATORS, 9), FLATE), (LIMIT, DAMAGED)),
    Bomb("letters.pdf", lambda: content(zlib.compress(b"BT /H 1 Tf 9 9 Td (a) Tj ET\n" * OPERATORS, 9), FLATE)),
    Bomb("states.pdf", lambda: content(zlib.compress(b"q " * 10_000_000, 9), FLATE), (LIMIT, DAMAGED)),
    Bomb("inline.pdf", lambda: content(
        b"q BI /W 60000 /H 60000 /BPC 8 /CS /G /F /Fl ID " + b"\x78\xda" + deflated(2**28, b"\0") + b" EI Q", b""),
        (LIMIT, DAMAGED, "needs_ocr", READ)),
)  # fmt: skip
