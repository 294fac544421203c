"""Pictures and pages for the tests of items that cannot be read or described."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib

from PIL import Image, ImageDraw

from glede import Content, Engine
from glede.results import Added
from glede.types import Block

KEY = "sk-test"
SEEN = "A diagram: a proxy sends queries to three query nodes, which read from object storage."
AROUND = "The red kite soars over the ridge, as the next picture shows to everyone who looks at it."
AFTER = "It has a forked tail, and that is how people tell it from the other birds of prey."


def drawn(mode: str = "RGB", color: str = "red", kind: str = "PNG", **options: object) -> bytes:
    picture = Image.new("RGB", (200, 150), "white")
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 20, 120, 120), fill=color)
    draw.rectangle((90, 40, 180, 140), fill="navy")
    made = io.BytesIO()
    picture.convert(mode).save(made, kind, **options)
    return made.getvalue()


def claimed(width: int, height: int) -> bytes:
    """A PNG whose header tells this size."""

    def part(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = part(b"IHDR", header) + part(b"IDAT", zlib.compress(bytes(100))) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def page(picture: bytes, kind: str = "png", alt: str = "") -> Content:
    data = base64.b64encode(picture).decode()
    text = f"# Kites\n\n{AROUND}\n\n![{alt}](data:image/{kind};base64,{data})\n\n{AFTER}\n"
    return Content(text, "page.md")


def seen(description: str = SEEN) -> str:
    fields = {"kind": "diagram", "meaning": "", "text": "", "objects": [], "relations": []}
    return json.dumps({**fields, "columns": [], "rows": [], "description": description})


async def added(engine: Engine, content: Content) -> Added:
    (one,) = (await engine.add(content)).documents
    return one


async def blocks_of(engine: Engine, one: Added, kind: str) -> list[Block]:
    return [block for block in await engine.blocks(await engine.document(one.id or "")) if block.type == kind]
