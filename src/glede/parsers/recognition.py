"""Lines of text in pixels, read by RapidOCR with the weights inside its package: Latin and Chinese.

The page is turned upright first. A line of a low score is read again at other scales and in two halves,
because a wide line may come out as garbage at one scale and right at the next; then by Tesseract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from glede.errors import UnsupportedError
from glede.parsers import tesseract
from glede.parsers.rendering import Pixels
from glede.types import Box

Corners = npt.NDArray[np.float32]
"""The four corners of a line, x and y, from its top left clockwise."""

INSTALL = "pip install 'glede[ocr]'"
SURE = 0.9
"""On pages without a garbled line the lowest score was .98, on pages with one .55 to .77."""
LEAST = 0.5
"""Below this score it is no text but a texture."""
FOUND_SIDE = 1600
"""Pixels of the longer side at which lines are looked for; they are read from all pixels."""
SAMPLES = 5
"""Lines that tell which way up the page is."""
CERTAIN = 0.97
"""Where all samples reach this score one way up, the other is not tried."""
FEWEST_LETTERS = 0.6
"""Letters to a height in the width of a line; Latin text has about two, Chinese one. A line of fewer, and of
many spaces, was not read: dots that lead to a page number are left out as well, but are no spaces."""
RETRIES = (0.67, 1.5)
WORTH_SPLITTING = 10
"""Heights in the width of a line from which it is read in two halves."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, how sure it is from 0 to 1, and where it stands in pixels."""

    text: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a page, boxes in pixels after `turns` quarter turns against the clock made it upright.

    `unread` counts the lines that were found and could not be read.
    """

    lines: tuple[Line, ...]
    turns: int
    width: int
    height: int
    unread: int = 0

    def turned_back(self, box: Box) -> Box:
        """Where a box of the upright page is on the page as it came."""
        if self.turns == 1:
            return Box(self.height - box.y1, box.x0, self.height - box.y0, box.x1)
        if self.turns == 2:
            return Box(self.width - box.x1, self.height - box.y1, self.width - box.x0, self.height - box.y0)
        if self.turns == 3:
            return Box(box.y0, self.width - box.x1, box.y1, self.width - box.x0)
        return box


class Engine(Protocol):
    """What finds lines and reads one; `RapidEngine`, and a fake in tests."""

    def find(self, pixels: Pixels) -> list[Corners]:
        """The corners of each line."""
        ...

    def read(self, line: Pixels) -> tuple[str, float]:
        """The text of one line, and its score."""
        ...


def is_installed() -> bool:
    """Whether the extra `ocr` is."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@lru_cache(maxsize=1)
def engine_version() -> str:
    """What would read a scan here: the version of a parser that reads scans ends with it."""
    if not is_installed():
        return ""
    try:
        return f"+rapidocr{version('rapidocr')}"
    except PackageNotFoundError:
        return "+rapidocr"


@lru_cache(maxsize=1)
def load_engine() -> Engine:
    """The engine, made once in a process; raises `UnsupportedError` where the extra is not installed."""
    if not is_installed():
        raise UnsupportedError("OCR is not installed", hint="pip install 'glede[ocr]'")
    return RapidEngine()


class RapidEngine:
    """RapidOCR's detection and recognition, each called by itself."""

    def __init__(self) -> None:
        from rapidocr import RapidOCR

        self._rapid = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                # A second thread takes half as much processor time again, and is slower on a busy machine.
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        self.find(np.full((64, 64, 3), 255, np.uint8))  # now the weights are in memory
        self.read(np.full((48, 96, 3), 255, np.uint8))

    def find(self, pixels: Pixels) -> list[Corners]:
        """The corners of each line, found on a smaller copy if the page is large."""
        smaller = min(1.0, FOUND_SIDE / max(pixels.shape[:2]))
        found = self._rapid(resized(pixels, smaller), use_det=True, use_cls=False, use_rec=False).boxes
        return [] if found is None else [np.asarray(one, np.float32) / np.float32(smaller) for one in found]

    def read(self, line: Pixels) -> tuple[str, float]:
        """The text of one upright line, and its score."""
        result = self._rapid(np.ascontiguousarray(line), use_det=False, use_cls=False, use_rec=True)
        if not result.txts:
            return "", 0.0
        text = str(result.txts[0])
        heights = line.shape[1] / line.shape[0]
        letters = len("".join(text.split()))
        if letters < FEWEST_LETTERS * heights and letters <= 2 * (len(text) - letters):
            return text, 0.0  # a script that it does not know comes out as spaces, and with a high score
        return text, float(result.scores[0])


def read_lines(pixels: Pixels, engine: Engine) -> Reading:
    """Turn the page upright and read it; lines in no particular order."""
    found = engine.find(pixels)
    turns = quarter_turns(pixels, found, engine)
    if turns:
        pixels = np.ascontiguousarray(np.rot90(pixels, turns))
        found = engine.find(pixels)
    crops = [(corners, crop(pixels, corners)) for corners in found]
    lines = [Line(*read_well(line, engine), _box(corners)) for corners, line in crops]
    lines = _second_opinions(pixels, lines, [line for _, line in crops])
    kept = tuple(line for line in lines if line.text.strip() and line.score >= LEAST)
    return Reading(kept, turns, pixels.shape[1], pixels.shape[0], len(lines) - len(kept))


def quarter_turns(pixels: Pixels, found: Sequence[Corners], engine: Engine) -> int:
    """How many quarter turns against the clock make the page upright.

    The longer sides of its lines tell the axis; reading a few of them both ways tells which end is up.
    """
    if not found:
        return 0
    sizes = [_size(corners) for corners in found]
    tall = sum(height for width, height in sizes if height >= 1.5 * width)
    wide = sum(width for width, height in sizes if width >= 1.5 * height)
    sideways = tall > wide
    ratios = [(height / width if sideways else width / height) for width, height in sizes]
    usual = [place for place, ratio in enumerate(ratios) if 2 <= ratio <= 20] or range(len(found))
    chosen = sorted(usual, key=lambda place: -ratios[place])[:SAMPLES]
    crops = [crop(pixels, found[place]) for place in chosen]
    upright = [engine.read(line) for line in crops]
    if all(score >= CERTAIN for _, score in upright):
        return 1 if sideways else 0
    over = [engine.read(np.rot90(line, 2)) for line in crops]
    if sum(map(_weight, upright)) >= sum(map(_weight, over)):
        return 1 if sideways else 0
    return 3 if sideways else 2


def _weight(read: tuple[str, float]) -> float:
    text, score = read
    return score**4 * len(text)


def read_well(line: Pixels, engine: Engine) -> tuple[str, float]:
    """The best reading of a line: as it is, and where that is unsure at other scales and in two halves."""
    best = engine.read(line)
    for scale in RETRIES:
        if best[1] >= SURE:
            return best
        best = max(best, engine.read(resized(line, scale)), key=lambda read: read[1])
    if best[1] < SURE and line.shape[1] >= WORTH_SPLITTING * line.shape[0]:
        middle = gap_near_middle(line)
        left, right = engine.read(line[:, :middle]), engine.read(line[:, middle:])
        best = max(best, (f"{left[0]} {right[0]}".strip(), min(left[1], right[1])), key=lambda read: read[1])
    return best


def gap_near_middle(line: Pixels) -> int:
    """The column in the middle fifth of a line with the least ink around it."""
    height, width = line.shape[:2]
    grey = line.astype(np.float32).mean(axis=2)
    ink = np.abs(grey - np.median(grey)).sum(axis=0)
    around = np.convolve(ink, np.ones(max(3, height // 4)), mode="same")
    start = int(width * 2 // 5)
    return start + int(np.argmin(around[start : width * 3 // 5]))


def _second_opinions(pixels: Pixels, lines: Sequence[Line], crops: Sequence[Pixels]) -> list[Line]:
    """The lines, the unsure ones as Tesseract reads them where it is surer."""
    if all(line.score >= SURE for line in lines) or not tesseract.is_installed():
        return list(lines)
    names = tesseract.page_languages(pixels)
    made = []
    for line, pixels_of_line in zip(lines, crops, strict=True):
        text, score = (line.text, line.score)
        if line.score < SURE:
            text, score = max(
                (text, score), tesseract.read_line(pixels_of_line, names), key=lambda read: read[1]
            )
        made.append(replace(line, text=text, score=score))
    return made


def crop(pixels: Pixels, corners: Corners) -> Pixels:
    """A line by itself, made straight; one that stands is laid down with a quarter turn."""
    from rapidocr.utils.process_img import get_rotate_crop_image

    return cast("Pixels", get_rotate_crop_image(pixels, corners.copy()))


def resized(pixels: Pixels, scale: float) -> Pixels:
    """The pixels, so many times as wide and high."""
    if scale == 1.0:
        return pixels
    from PIL import Image

    size = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(np.ascontiguousarray(pixels)).resize(size, method))


def _size(corners: Corners) -> tuple[float, float]:
    width = float(np.linalg.norm(corners[0] - corners[1]))
    height = float(np.linalg.norm(corners[0] - corners[3]))
    return max(width, 1.0), max(height, 1.0)


def _box(corners: Corners) -> Box:
    (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    return Box(x0, y0, x1, y1)
