from __future__ import annotations

import numpy as np
import pytest

from glede.pictures import features as visual
from glede.pictures.features import Colours, Grey


def drawing(
    size: int = visual.SIDE, place: float = 0.25, colour: tuple[int, int, int] = (200, 30, 30)
) -> Colours:
    """A box with a border, on white."""
    pixels = np.full((size, size, 3), 255, np.uint8)
    start, end = int(size * place), int(size * (place + 0.4))
    pixels[start:end, start:end] = colour
    return pixels


def tiny(pixels: Colours) -> Grey:
    step = pixels.shape[0] // visual.HASH_SIDE
    return visual.grey_of(pixels)[::step, ::step]


def look(pixels: Colours) -> tuple[str, str]:
    found = visual.hash_of(tiny(pixels))
    return found, visual.feature_of(pixels, found)


def cosine(one: Colours, other: Colours) -> float:
    left, right = visual.vector_of(look(one)[1]), visual.vector_of(look(other)[1])
    assert left is not None
    assert right is not None
    return float(left @ right)


def test_a_feature_is_a_vector_of_length_1() -> None:
    vector = visual.vector_of(look(drawing())[1])
    assert vector is not None
    assert vector.shape == (visual.DIMENSION,)
    assert np.linalg.norm(vector) == pytest.approx(1.0)


@pytest.mark.parametrize("feature", ["", "AAAA", "no base64!", "ü"])
def test_what_is_no_feature_is_none(feature: str) -> None:
    assert visual.vector_of(feature) is None


def test_a_picture_is_nearest_to_itself_a_little_changed() -> None:
    one = drawing()
    noisy = np.clip(one.astype(int) + np.random.default_rng(1).integers(-6, 7, one.shape), 0, 255)
    assert cosine(one, noisy.astype(np.uint8)) > 0.95
    assert cosine(one, noisy.astype(np.uint8)) > cosine(one, drawing(place=0.55))
    assert cosine(one, drawing(colour=(190, 40, 40))) > cosine(one, drawing(colour=(30, 30, 200)))


def test_hashes_differ_by_what_is_seen() -> None:
    one, other = visual.hash_of(tiny(drawing())), visual.hash_of(tiny(drawing(place=0.5)))
    assert visual.distance(one, one) == 0
    assert visual.distance(one, other) > visual.NEAR
    assert visual.the_same(look(drawing()), look(drawing()))
    assert not visual.the_same(look(drawing()), look(drawing(place=0.5)))


def test_what_shows_nothing_has_a_hash_and_a_vector() -> None:
    blank = np.full((visual.SIDE, visual.SIDE, 3), 240, np.uint8)
    assert visual.hash_of(tiny(blank)) == "0" * 16
    assert visual.vector_of(look(blank)[1]) is not None


@pytest.mark.parametrize(
    ("width", "height", "kind"),
    [(600, 4, "rule"), (3, 300, "rule"), (16, 16, "icon"), (48, 40, "icon"), (300, 28, "drawing")],
)
def test_ornaments_are_told_by_their_size(width: int, height: int, kind: str) -> None:
    assert visual.kind_of(drawing(), width, height) == kind


def test_kinds_by_content() -> None:
    random = np.random.default_rng(7)
    photo = random.integers(0, 256, (256, 256, 3)).astype(np.uint8)
    letters = np.where(random.random((256, 256, 1)) < 0.1, 0, 255).repeat(3, axis=2).astype(np.uint8)
    grid = np.full((256, 256, 3), 255, np.uint8)
    grid[40:240:40, 20:240] = (120, 120, 120)
    grid[100:240, 60:90] = (20, 90, 200)
    assert visual.kind_of(np.full((9, 9, 3), 7, np.uint8), 300, 300) == "blank"
    assert visual.kind_of(photo, 600, 400) == "photo"
    assert visual.kind_of(letters, 600, 400) == "text"
    assert visual.kind_of(grid, 600, 400) == "chart"
    assert visual.kind_of(drawing(), 600, 400) == "drawing"


def test_tokens_are_counted_in_tiles() -> None:
    assert visual.tokens_of(512, 512) == 255
    assert visual.tokens_of(1024, 768) == 85 + 4 * 170
    assert visual.fitted(4000, 3000) == (1024, 768)
    assert visual.fitted(100, 30) == (100, 30)
    assert visual.fitted(10_000, 1) == (1024, 1)
