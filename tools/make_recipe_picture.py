"""Makes the architecture picture of recipes/rag-anything-dashscope. Needs the extra `test`.

    python tools/make_recipe_picture.py [TARGET]

The same bytes come out each time, so that the file in the repository can be compared with it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

TARGET = Path(__file__).parent.parent / "recipes" / "rag-anything-dashscope" / "architecture.png"
INK, RUST, PALE, PAPER = "#22303c", "#a8452a", "#f3ede4", "#ffffff"
SIZE = (960, 640)
LAYERS = (
    ("Application", 40, ("SDK",)),
    ("Access layer", 190, ("Proxy", "Proxy", "Proxy")),
    ("Worker nodes", 340, ("Streaming node", "Query node", "Data node")),
    ("Storage", 490, ("etcd: metadata", "Write-ahead log", "Object storage")),
)
LEFT, WIDTH, HEIGHT = 200, 720, 100


def draw_layer(draw: ImageDraw.ImageDraw, name: str, top: int, parts: tuple[str, ...]) -> None:
    """A row of boxes with the name of the layer before it."""
    draw.text((30, top + HEIGHT / 2), name, fill=RUST, font=ImageFont.load_default(22), anchor="lm")
    gap = 20
    width = (WIDTH - gap * (len(parts) - 1)) / len(parts)
    for place, part in enumerate(parts):
        left = LEFT + place * (width + gap)
        draw.rounded_rectangle([left, top, left + width, top + HEIGHT], 10, PALE, INK, 2)
        middle = (left + width / 2, top + HEIGHT / 2)
        draw.text(middle, part, fill=INK, font=ImageFont.load_default(18), anchor="mm")


def draw_arrow(draw: ImageDraw.ImageDraw, top: int) -> None:
    """From one layer down to the next."""
    middle, end = LEFT + WIDTH / 2, top + 50
    draw.line([(middle, top + 4), (middle, end - 14)], fill=INK, width=3)
    draw.polygon([(middle - 9, end - 15), (middle + 9, end - 15), (middle, end - 3)], fill=INK)


def main(target: Path) -> None:
    """Draw the picture."""
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    for name, top, parts in LAYERS:
        draw_layer(draw, name, top, parts)
    for _, top, _ in LAYERS[:-1]:
        draw_arrow(draw, top + HEIGHT)
    image.save(target, "PNG", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
