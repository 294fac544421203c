"""What can be told of a picture without a model: a perceptual hash, a vector, and what it seems to be.

The vector compares pictures with pictures: the same one larger, cropped a little or saved anew, and drawings
of the same layout and colours. It knows nothing of meaning, and words cannot be compared with it.
"""

from __future__ import annotations

import base64
import binascii
import math
from functools import cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from glede.ports import Vectors

Kind = Literal["icon", "rule", "blank", "logo", "photo", "chart", "drawing", "text"]
Grey = npt.NDArray[np.float32]
Colours = npt.NDArray[np.uint8]
"""Rows of columns of red, green and blue."""

VERSION = "1"
FINGERPRINT = f"visual:{VERSION}"
"""Names the vectors below in an index."""
ORNAMENTS: frozenset[str] = frozenset(("icon", "rule", "blank", "logo"))
"""Kinds that say nothing: no model is asked about them."""
SIDE = 128
"""Pixels of the square that the vector is made of."""
HASH_SIDE = 32
CELLS = 4
ORIENTATIONS = 8
LEVELS = 4
DIMENSION = CELLS * CELLS * ORIENTATIONS + LEVELS**3 + 64
SHARES = (0.65, 0.25, 0.1)
"""What orientations, colours and the bits of the hash count in a cosine."""
NOISE = 8.0
"""A step from pixel to pixel below which it is no line, but what JPEG leaves."""
FLAT = 4.0
"""Levels of grey between the darkest and the lightest hundredth below which nothing can be seen."""
NEAR = 4
"""Bits of 64 by which the hashes of one picture in two files may differ."""
ALIKE = 0.99
"""The least cosine of the vectors of one picture in two files; screenshots of one program reach .97."""
LEAST_SIDE = 32
"""A picture less wide or high is an icon, unless it is a line of text."""
RIBBON = 12.0
"""A ribbon of this ratio of the sides, and thin, is a rule."""
RULE_SIDE = 12
ICON_SIDE = 48
TILE = 512
TILE_TOKENS, BASE_TOKENS = 170, 85


def hash_of(grey: Grey) -> str:
    """The signs of the lowest frequencies of a grey square of `HASH_SIDE`, 16 hexadecimal digits."""
    if _span(grey) < FLAT:
        return "0" * 16
    waves = _waves(grey.shape[0])
    low = waves @ grey @ waves.T
    low[0, 0] = 0.0
    bits = (low > np.median(low)).ravel()
    return np.packbits(bits).tobytes().hex()


@cache
def _waves(size: int) -> Grey:
    """The first eight cosine waves over `size` pixels, one a row."""
    places = (2 * np.arange(size) + 1) * math.pi / (2 * size)
    return np.cos(np.arange(8)[:, None] * places[None, :]).astype(np.float32)


def distance(one: str, other: str) -> int:
    """The bits by which two hashes differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def feature_of(colours: Colours, picture_hash: str) -> str:
    """The vector of a square of `SIDE` pixels, as base64 of one byte for each number."""
    grey = grey_of(colours)
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(picture_hash), np.uint8)).astype(np.float32) * 2 - 1
    parts = (_orientations(grey), _histogram(colours), bits)
    shares = zip(SHARES, parts, strict=True)
    joined = np.concatenate([math.sqrt(share) * _unit(part) for share, part in shares])
    scaled = np.clip(np.rint(joined * 127 / max(float(np.abs(joined).max()), 1e-6)), -127, 127)
    return base64.b64encode((scaled + 128).astype(np.uint8).tobytes()).decode()


def vector_of(feature: str) -> Vectors | None:
    """The vector of length 1 that a `feature` holds; `None` where it holds none of this version."""
    try:
        data = base64.b64decode(feature, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(data) != DIMENSION:
        return None
    vector = np.frombuffer(data, np.uint8).astype(np.float32) - 128
    return _unit(vector) if np.any(vector) else None


def grey_of(colours: Colours) -> Grey:
    """How light each pixel is, from 0 to 255."""
    return np.asarray(colours.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))


def _orientations(grey: Grey) -> Grey:
    """How strongly lines run in each direction, in each cell of a grid over the picture."""
    half = grey.shape[0] // 2
    grey = grey.reshape(half, 2, half, 2).mean(axis=(1, 3))  # less noise
    down, across = np.gradient(grey)
    strength = np.hypot(down, across)
    strength[strength < NOISE] = 0
    # Upright and level lines are the most common ones: each lies in the middle of a direction.
    angles = (np.arctan2(down, across) / math.pi * ORIENTATIONS + 0.5) % ORIENTATIONS
    places = np.arange(grey.shape[0]) * CELLS // grey.shape[0]
    cells = places[:, None] * CELLS + places[None, :]
    bins = cells * ORIENTATIONS + np.minimum(angles.astype(int), ORIENTATIONS - 1)
    counts = np.bincount(bins.ravel(), strength.ravel(), CELLS * CELLS * ORIENTATIONS)
    return np.sqrt(counts).astype(np.float32)


def _histogram(colours: Colours) -> Grey:
    """How much there is of each colour; one between two levels counts for both in part."""
    steps = np.arange(LEVELS, dtype=np.float32)
    places = colours.reshape(-1, 3, 1).astype(np.float32) * (LEVELS - 1) / 255
    near = np.maximum(0, 1 - np.abs(places - steps))
    counts = np.einsum("ni,nj,nk->ijk", near[:, 0], near[:, 1], near[:, 2], optimize=True)
    return np.asarray(np.sqrt(counts), dtype=np.float32).ravel()


def _unit(vector: Grey) -> Grey:
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length, dtype=np.float32) if length else vector


def _span(grey: Grey) -> float:
    low, high = np.percentile(grey, (1, 99))
    return max(float(high - low), float(grey.max() - grey.min()) / 8)


def kind_of(colours: Colours, width: int, height: int) -> Kind:
    """What a picture seems to be; `colours` are pixels of it, not blended with their neighbours."""
    short, long = min(width, height), max(width, height)
    if short <= RULE_SIDE and long >= RIBBON * short:
        return "rule"
    if long <= ICON_SIDE or (short < LEAST_SIDE and long < 2 * LEAST_SIDE):
        return "icon"
    grey = grey_of(colours)
    if _span(grey) < FLAT:
        return "blank"
    return _content(colours, grey)


def _content(colours: Colours, grey: Grey) -> Kind:
    """A photo has many colours and no ground; a chart long straight lines on one; text is black on white."""
    counts = np.sort(np.bincount(_coarse(colours), minlength=1))[::-1]
    shares = counts / counts.sum()
    ground, used = float(shares[0]), int(np.searchsorted(np.cumsum(shares), 0.9))
    if ground < 0.35 and used > 60:
        return "photo"
    coloured = float((np.ptp(colours.astype(int), axis=2) > 40).mean())
    if coloured < 0.005 and ground > 0.7 and not _has_axes(grey):
        return "text"
    return "chart" if ground > 0.4 and _has_axes(grey) else "drawing"


def _coarse(colours: Colours) -> npt.NDArray[np.int64]:
    levels = (colours >> 4).astype(np.int64)
    return ((levels[..., 0] * 16 + levels[..., 1]) * 16 + levels[..., 2]).ravel()


def _has_axes(grey: Grey) -> bool:
    """Whether straight lines run along half of it: the axes of a chart, the frames of a diagram."""
    return max(_lines(grey), _lines(grey.T)) >= 3


def _lines(grey: Grey) -> int:
    """How many rows differ from the row above by about the same along half of their length."""
    steps = np.abs(np.diff(grey, axis=0)) > 12
    rows = steps.mean(axis=1) > 0.5
    return int(np.count_nonzero(rows[1:] & ~rows[:-1]))


def the_same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two pictures, each a hash and a feature, are one picture in two files."""
    if distance(one[0], other[0]) > NEAR:
        return False
    left, right = vector_of(one[1]), vector_of(other[1])
    return left is None or right is None or float(left @ right) >= ALIKE


def fitted(width: int, height: int, longest: int = 1024, shortest: int = 768) -> tuple[int, int]:
    """The size that a picture is shown to a model in: never larger than it is."""
    scale = min(1.0, longest / max(width, height), shortest / min(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def tokens_of(width: int, height: int) -> int:
    """What a picture of that size costs a model in tokens, as OpenAI counts them."""
    return BASE_TOKENS + TILE_TOKENS * math.ceil(width / TILE) * math.ceil(height / TILE)


def pictures_of(collection: str) -> str:
    """The name in the index of the vectors of a collection's pictures."""
    return f"{collection}.pictures"
