from __future__ import annotations

import re
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from glede.graph.drawing import LONGEST_LABEL, MOST_ENTITIES, drawn, readable
from glede.graph.paths import TOGETHER
from glede.graph.views import Entity, Relation
from tests.graph.test_exporting import HOSTILE

SVG = "{http://www.w3.org/2000/svg}"
Box = tuple[float, float, float, float]


def entity(number: int, name: str, kind: str = "name") -> Entity:
    return Entity(f"{number:016x}", name, kind, number + 1, 1)


def star(names: list[str], kinds: list[str] | None = None) -> tuple[list[Entity], list[Relation]]:
    entities = [
        entity(place, name, (kinds or ["name"])[place % len(kinds or [1])])
        for place, name in enumerate(names)
    ]
    first = entities[0]
    relations = [Relation(first.name, one.name, f"says {one.name}", first.id, one.id) for one in entities[1:]]
    return entities, relations


def read(picture: str) -> etree._Element:
    return etree.fromstring(picture.encode(), etree.XMLParser(resolve_entities=False))


def plates(root: etree._Element) -> list[Box]:
    found = []
    for rect in root.iter(f"{SVG}rect"):
        if rect.get("rx") == "8":
            x, y, width, height = (float(rect.get(name, "")) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + width, y + height))
    return found


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("count", [1, 2, 3, 12, 35, 60])
def test_plates_never_lie_on_one_another_and_stay_inside(count: int) -> None:
    entities, relations = star(
        [f"Entity of number {number} {'long ' * (number % 4)}" for number in range(count)]
    )
    root = read(drawn("All", [entities[0].id], entities, relations))
    found = plates(root)
    assert len(found) == count
    assert not [pair for pair in combinations(found, 2) if overlap(*pair)]
    _, _, width, height = map(float, root.get("viewBox", "").split())
    assert all(x0 >= 0 and y0 >= 0 and x1 <= width and y1 <= height for x0, y0, x1, y1 in found)


def test_labels_of_relations_lie_on_nothing() -> None:
    entities, relations = star([f"Name {number}" for number in range(30)])
    root = read(drawn("All", [entities[0].id], entities, relations))
    said = []
    for text in root.iter(f"{SVG}text"):
        if text.get("class") == "said":
            x, y, half = float(text.get("x", "")), float(text.get("y", "")), 2.2 * len(text.text or "")
            said.append((x - half, y - 9, x + half, y + 2))
    assert len(said) >= 10
    assert not [pair for pair in combinations([*said, *plates(root)], 2) if overlap(*pair)]


@settings(max_examples=40)
@given(
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40)), min_size=1, max_size=8),
    st.text(max_size=20),
)
def test_hostile_names_are_text_and_nothing_else(names: list[str], title: str) -> None:
    entities, relations = star(names)
    root = read(drawn(title, [entities[0].id], entities, relations))
    known = {"svg", "title", "desc", "style", "rect", "text", "g", "path"}
    assert {etree.QName(one).localname for one in root.iter()} <= known
    assert not [name for one in root.iter() for name in one.attrib if str(name).startswith("on")]
    labels = [one.text or "" for one in root.iter(f"{SVG}text")]
    assert max(map(len, labels)) <= LONGEST_LABEL + 6
    told = [one.text or "" for one in root.iter(f"{SVG}title")]
    for name in names:
        assert any(readable(name) in one for one in told)


def test_it_can_be_read_aloud_and_by_night() -> None:
    entities, relations = star(["Milvus", "Zilliz"], ["product", "organization"])
    picture = drawn("Milvus", [entities[0].id], entities, relations)
    root = read(picture)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "title description"
    ids = {one.get("id"): one.text for one in root.iter() if one.get("id")}
    assert ids["title"] == "Milvus"
    assert "2 entities, 1 relations. Milvus – says Zilliz – Zilliz" in (ids["description"] or "")
    assert "@media (prefers-color-scheme: dark)" in picture
    legend = [one.text for one in root.iter(f"{SVG}text") if one.get("class") == "quiet"]
    assert legend == ["organization", "product"]


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_words_stand_out_from_every_plate() -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1."""
    entities, _ = star(["Milvus"])
    style = drawn("Milvus", [], entities, []).partition("@media")
    for part, ink in ((style[0], "#1f2937"), (style[2], "#e5e7eb")):
        found = re.findall(r"\.t\d+ \{ fill: (#\w{6})", part)
        assert len(found) >= 8
        assert all(contrast(plate, ink) >= 4.5 for plate in found)


def test_what_is_only_named_together_is_dotted_and_has_no_direction() -> None:
    entities, relations = star(["Milvus", "Zilliz", "etcd"])
    beside = Relation("Milvus", "etcd", TOGETHER, entities[0].id, entities[2].id)
    root = read(drawn("Milvus", [], entities, [relations[0], beside]))
    kinds = [one.get("class") for one in root.iter(f"{SVG}path")]
    assert sorted(str(kind) for kind in kinds) == [
        "tie",
        "tie beside",
        "tie beside",
        "tip",
    ]  # one in the legend
    assert [one.text for one in root.iter(f"{SVG}text") if one.text == TOGETHER] == [TOGETHER]


@pytest.mark.measured
def test_more_than_fits_is_left_out_and_said() -> None:
    entities, relations = star([f"Name {number}" for number in range(500)])
    began = time.thread_time()
    root = read(drawn("Hub", [entities[0].id], entities, relations))
    assert time.thread_time() - began < 2
    assert len(plates(root)) == MOST_ENTITIES
    assert "440 more left out" in (root.findtext(f"{SVG}desc") or "")


def test_equal_input_is_an_equal_picture() -> None:
    entities, relations = star([f"Name {number}" for number in range(20)])
    assert drawn("A", [], entities, relations) == drawn("A", [], entities, relations)


def test_nothing_can_be_drawn_too() -> None:
    assert plates(read(drawn("Nothing", [], [], []))) == []
