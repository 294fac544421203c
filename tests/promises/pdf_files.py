"""PDFs written object by object, since no library writes what no reader should be given."""

from __future__ import annotations

import zlib
from collections.abc import Sequence


class Pdf:
    """Objects by their numbers; the first two are the catalogue and the tree of pages."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = [b"", b""]

    def add(self, body: bytes) -> int:
        """The number of a new object."""
        self._bodies.append(body)
        return len(self._bodies)

    def stream(self, data: bytes, entries: bytes = b"", *, deflate: bool = False) -> int:
        """The number of a new stream."""
        if deflate:
            data, entries = zlib.compress(data, 9), entries + b"/Filter/FlateDecode"
        return self.add(b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data))

    def page(self, content: int, resources: bytes = b"", box: bytes = b"0 0 600 800") -> int:
        """The number of a new page."""
        return self.add(
            b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R/Resources<<%s>>>>"
            % (box, content, resources)
        )

    def written(self, pages: Sequence[int], tree: bytes = b"", catalogue: bytes = b"") -> bytes:
        """The file; `tree` takes the place of the entries of the tree of pages."""
        kids = b" ".join(b"%d 0 R" % page for page in pages)
        self._bodies[0] = catalogue or b"<</Type/Catalog/Pages 2 0 R>>"
        self._bodies[1] = b"<</Type/Pages%s>>" % (tree or b"/Kids[%s]/Count %d" % (kids, len(pages)))
        data, places = b"%PDF-1.7\n", []
        for number, body in enumerate(self._bodies, 1):
            places.append(len(data))
            data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        table = b"".join(b"%010d 00000 n \n" % place for place in places)
        size = len(places) + 1
        head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        tail = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(data))
        return data + head + tail


FONT = b"/Font<</H<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"


def page_of(pdf: Pdf, text: str) -> int:
    """A page with one line."""
    return pdf.page(pdf.stream(b"BT /H 12 Tf 72 700 Td (%s) Tj ET" % text.encode()), FONT)


def nested_forms(pdf: Pdf, depth: int, width: int, inside: bytes = b"0 0 1 1 re f") -> int:
    """A page of forms that each draw the next one `width` times."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 600 800]"
    inner = pdf.stream(inside, form + b"/Resources<<%s>>" % FONT)
    for _ in range(depth):
        inner = pdf.stream(b"/F Do " * width, form + b"/Resources<</XObject<</F %d 0 R>>>>" % inner)
    return pdf.page(pdf.stream(b"/F Do"), b"/XObject<</F %d 0 R>>" % inner)
