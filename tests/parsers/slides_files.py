"""Presentations, made with python-pptx where it can, else by changing the XML that it writes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from PIL import Image
from pptx import Presentation
from pptx.presentation import Presentation as Deck
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.util import Pt

from glede.parsers.slides import PRESENTATION, SlidesParser
from glede.parsing import ParseOptions
from glede.types import Parsed

A = "http://schemas.openxmlformats.org/drawingml/2006/main"


def png(color: str = "red") -> io.BytesIO:
    stream = io.BytesIO()
    Image.new("RGB", (40, 20), color).save(stream, "PNG")
    stream.seek(0)
    return stream


def presentation(build: Callable[[Deck], None]) -> bytes:
    made = Presentation()
    build(made)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def titled(made: Deck, title: str, layout: int = 5) -> Slide:
    slide = made.slides.add_slide(made.slide_layouts[layout])
    slide.shapes.title.text = title
    return slide


def textbox(
    slide: Slide, text: str, left: float, top: float, width: float = 100, height: float = 30
) -> Shape:
    box = slide.shapes.add_textbox(Pt(left), Pt(top), Pt(width), Pt(height))
    box.text_frame.text = text
    return box


def changed(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The same package with each part passed through `change`; `None` leaves it out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return stream.getvalue()


def read(data: bytes, options: ParseOptions = ParseOptions()) -> Parsed:  # noqa: B008 - frozen
    return SlidesParser().parse(data, PRESENTATION, options)


def outline(parsed: Parsed) -> list[tuple[str, str]]:
    return [(block.type, block.text) for block in parsed.blocks]
