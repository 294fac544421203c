"""A neighbourhood as an SVG picture: entities as labelled plates, relations as arrows between them.

Colours follow the type, in a light and a dark form that the viewer chooses. Names are escaped, and given in
full where they are cut. Equal input gives an equal picture.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from glede.graph.exporting import writable
from glede.graph.layout import HEIGHT, Points, apart, forced
from glede.graph.paths import TOGETHER
from glede.graph.views import UNKNOWN, Entity, Relation
from glede.knowledge import ENTITY_TYPES

MOST_ENTITIES = 60
MOST_RELATIONS = 150
LONGEST_LABEL = 32
_SEED = 7
BESIDE = 0.25
"""How strongly what is only named together pulls, beside what is stated."""
_FONT = 13.0
_SMALL = 10.5
_MARGIN = 28.0
_LEGEND_ROW = 22.0
_STEERING = re.compile("[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_COLOURS = (  # plate and edge by day, plate and edge by night (contrast with the words at least 4.5 : 1)
    ("#dbeafe", "#1d4ed8", "#172e5c", "#93b4f8"),
    ("#dcfce7", "#15803d", "#123a22", "#7fd59b"),
    ("#fef3c7", "#a16207", "#453208", "#f0c75e"),
    ("#fce7f3", "#be185d", "#4b1330", "#f29ac2"),
    ("#ede9fe", "#6d28d9", "#33205e", "#bda6f7"),
    ("#ccfbf1", "#0f766e", "#0c3b37", "#6fd3c6"),
    ("#ffedd5", "#c2410c", "#4a210b", "#f5a36b"),
    ("#ecfccb", "#4d7c0f", "#2a3a10", "#b4d66b"),
    ("#fee2e2", "#b91c1c", "#4c1515", "#f29a9a"),
    ("#e5e7eb", "#4b5563", "#2b3340", "#a9b2c0"),
)
_GREY = len(_COLOURS) - 1
_STYLE = """
text { font-family: system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; fill: #1f2937; }
.ground { fill: #ffffff; } .tie { stroke: #9ca3af; stroke-width: 1.3; fill: none; }
.beside { stroke-width: 1; stroke-dasharray: 2 4; }
.tip { fill: #9ca3af; } .said { font-size: 10.5px; fill: #4b5563; paint-order: stroke;
stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; } .quiet { fill: #6b7280; font-size: 11px; }
.name { font-size: 13px; } .middle { font-weight: 600; }
.heading { font-size: 14px; font-weight: 600; } rect { stroke-width: 1.2; }
"""
_NIGHT = """
text { fill: #e5e7eb; } .ground { fill: #111827; } .tie { stroke: #6b7280; } .tip { fill: #6b7280; }
.said { fill: #c3cad5; stroke: #111827; } .quiet { fill: #9ca3af; }
"""

_DAYS = "".join(f".t{n} {{ fill: {c[0]}; stroke: {c[1]}; }}\n" for n, c in enumerate(_COLOURS))
_NIGHTS = "".join(f".t{n} {{ fill: {c[2]}; stroke: {c[3]}; }}\n" for n, c in enumerate(_COLOURS))
_STYLES = f"<style>{_STYLE}{_DAYS}@media (prefers-color-scheme: dark) {{{_NIGHT}{_NIGHTS}}}</style>"


@dataclass(frozen=True, slots=True)
class _Plate:
    entity: Entity
    label: str
    width: float
    colour: int


@dataclass(frozen=True, slots=True)
class _Tie:
    """All relations between two plates, the arrows of both directions."""

    source: int
    target: int
    labels: tuple[str, ...]
    both: bool

    @property
    def beside(self) -> bool:
        """Whether nothing is stated: the two only stand in one passage."""
        return set(self.labels) == {TOGETHER}


def drawn(
    title: str, middle: Sequence[str], entities: Sequence[Entity], relations: Sequence[Relation]
) -> str:
    """The picture; `middle` are the ids of the entities that were asked for.

    The first `MOST_ENTITIES` entities are drawn, and relations between them; the title says what is left out.
    """
    shown = entities[:MOST_ENTITIES]
    types = sorted({entity.type for entity in shown}, key=_order)
    plates = [_plate(entity, types) for entity in shown]
    ties = _ties([entity.id for entity in shown], relations)[:MOST_RELATIONS]
    places = _placed(plates, ties, [entity.id in set(middle) for entity in shown])
    legend = list(_legend(types, places, plates, beside=any(tie.beside for tie in ties)))
    size, places, legend_top = _framed(places, plates, types)
    return "\n".join(
        [
            *_head(title, entities, shown, relations, size),
            _STYLES,
            f'<rect class="ground" width="{size[0]:.0f}" height="{size[1]:.0f}"/>',
            f'<text class="heading" x="{_MARGIN:.0f}" y="{_MARGIN + 4:.0f}">{escape(_short(title))}</text>',
            *_drawn_ties(ties, plates, places),
            *_drawn_plates(plates, places, set(middle)),
            f'<g transform="translate({_MARGIN:.0f} {legend_top:.0f})">',
            *legend,
            "</g>",
            "</svg>\n",
        ]
    )


def readable(name: str) -> str:
    """A name on one line, without what turns or hides the letters around it."""
    return " ".join(_STEERING.sub("", writable(name)).split())


def _short(name: str) -> str:
    plain = readable(name) or "?"
    return plain if len(plain) <= LONGEST_LABEL else plain[: LONGEST_LABEL - 1].rstrip() + "…"


def _width(text: str, size: float) -> float:
    """How wide words are drawn, about: fonts differ, and it is better to have too much room."""
    wide = sum(
        0.0 if unicodedata.combining(letter)
        else 1.05 if unicodedata.east_asian_width(letter) in "WF"
        else 0.74 if letter.isupper() or letter in "mwMW@%"
        else 0.33 if letter in "iljtfr.,:;'|!() "
        else 0.58
        for letter in text
    )  # fmt: skip
    return wide * size * 1.04


def _order(kind: str) -> tuple[bool, int, str]:
    """Known types in the order in which they are listed, then a domain's own, names of unknown kind last."""
    known = ENTITY_TYPES.index(kind) if kind in ENTITY_TYPES else len(ENTITY_TYPES)
    return kind == UNKNOWN, known, kind


def _colour(place: int, kind: str) -> int:
    return _GREY if kind == UNKNOWN else place % _GREY


def _plate(entity: Entity, types: Sequence[str]) -> _Plate:
    label = _short(entity.name)
    colour = _colour(types.index(entity.type), entity.type)
    return _Plate(entity, label, _width(label, _FONT) + 24, colour)


def _ties(ids: Sequence[str], relations: Sequence[Relation]) -> list[_Tie]:
    place = {key: number for number, key in enumerate(ids)}
    labels: dict[tuple[int, int], dict[str, None]] = {}
    for relation in relations:
        one, other = place.get(relation.source_id), place.get(relation.target_id)
        if one is not None and other is not None and one != other:
            labels.setdefault((one, other), {})[readable(relation.label)] = None
    return [
        _Tie(one, other, (*said, *labels.get((other, one), ())), (other, one) in labels)
        for (one, other), said in labels.items()
        if (other, one) not in labels or one < other
    ]


def _placed(plates: Sequence[_Plate], ties: Sequence[_Tie], middle: Sequence[bool]) -> Points:
    """Where the middle of each plate is."""
    count = len(plates)
    if count == 0:
        return np.zeros((0, 2))
    points = np.random.default_rng(_SEED).uniform(-1, 1, (count, 2))
    points[np.array(middle)] *= 0.05
    pull = np.zeros((count, count))
    for tie in ties:
        pull[tie.source, tie.target] = pull[tie.target, tie.source] = BESIDE if tie.beside else 1.0
    points = forced(points, pull) * 62.0 * math.sqrt(count)
    # Labels are wider than high: so are the distances.
    return apart(points * np.array([1.5, 1.0]), np.array([plate.width for plate in plates]))


def _framed(
    places: Points, plates: Sequence[_Plate], types: Sequence[str]
) -> tuple[tuple[float, float], Points, float]:
    """The size of the picture, the places within it, and where the legend begins."""
    legend = sum(_width(one, _SMALL) + 44 for one in types) + 140
    if not plates:
        return (480.0, 120.0), places, 90.0
    half = np.array([plate.width for plate in plates]) / 2
    left, right = (places[:, 0] - half).min(), (places[:, 0] + half).max()
    top, bottom = places[:, 1].min() - HEIGHT / 2, places[:, 1].max() + HEIGHT / 2
    width = max(right - left, min(legend, 900.0), 320.0) + 2 * _MARGIN
    shift = np.array([(width - left - right) / 2, _MARGIN + 30 - top])
    rows = math.ceil(legend / max(width - 2 * _MARGIN, 1.0))
    base = bottom + shift[1] + _MARGIN
    return (width, base + rows * _LEGEND_ROW + _MARGIN / 2), places + shift, base


def _head(
    title: str,
    entities: Sequence[Entity],
    shown: Sequence[Entity],
    relations: Sequence[Relation],
    size: tuple[float, float],
) -> Iterator[str]:
    more = f", {len(entities) - len(shown)} more left out" if len(entities) > len(shown) else ""
    said = "; ".join(
        f"{readable(one.source)} – {readable(one.label)} – {readable(one.target)}" for one in relations[:40]
    )
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" '
        f'width="{size[0]:.0f}" height="{size[1]:.0f}" role="img" aria-labelledby="title description">'
    )
    yield f'<title id="title">{escape(readable(title))}</title>'
    counted = f"{len(shown)} entities{more}, {len(relations)} relations."
    yield f'<desc id="description">{escape(f"{counted} {said}".strip())}</desc>'


def _drawn_ties(ties: Sequence[_Tie], plates: Sequence[_Plate], places: Points) -> Iterator[str]:
    """Lines with their tips, then those labels that lie on nothing else."""
    taken = [
        (x - plate.width / 2, y - HEIGHT / 2, x + plate.width / 2, y + HEIGHT / 2)
        for plate, (x, y) in zip(plates, places.tolist(), strict=True)
    ]
    labels = []
    for tie in ties:
        start = _border(places[tie.source], places[tie.target], plates[tie.source].width)
        end = _border(places[tie.target], places[tie.source], plates[tie.target].width)
        full = ", ".join(tie.labels)
        line = f"M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"
        yield (
            f'<g><path class="tie{" beside" if tie.beside else ""}" d="{line}"/>'
            f"{_tips(tie, start, end)}"
            f"<title>{escape(full)}</title></g>"
        )
        if tie.beside:
            continue
        label = _short(tie.labels[0]) + (f" +{len(tie.labels) - 1}" if len(tie.labels) > 1 else "")
        if (spot := _spot(label, start, end, taken)) is not None:
            labels.append(f'<text class="said" x="{spot[0]:.1f}" y="{spot[1]:.1f}" text-anchor="middle">'
                          f"{escape(label)}</text>")  # fmt: skip
    yield from labels


def _spot(
    label: str, start: Points, end: Points, taken: list[tuple[float, float, float, float]]
) -> tuple[float, float] | None:
    """Where a label fits along a line without lying on another thing; it then takes that room."""
    half = _width(label, _SMALL) / 2 + 3
    for share in (0.5, 0.4, 0.6, 0.3, 0.7):
        x, y = (start + (end - start) * share).tolist()
        box = (x - half, y - 8.0, x + half, y + 8.0)
        if not any(_overlap(box, other) for other in taken):
            taken.append(box)
            return x, y + 3.5
    return None


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _border(inside: Points, toward: Points, width: float) -> Points:
    """Where the line from the middle of a plate leaves it, with a little room."""
    way = toward - inside
    reach = np.array([width / 2 + 3, HEIGHT / 2 + 3]) / np.maximum(np.abs(way), 1e-9)
    return inside + way * min(float(reach.min()), 0.5)


def _tips(tie: _Tie, start: Points, end: Points) -> str:
    """Arrows say who is said of whom; being named together has no direction."""
    if tie.beside:
        return ""
    return _tip(start, end) + (_tip(end, start) if tie.both else "")


def _tip(start: Points, end: Points) -> str:
    """The tip of an arrow at the end of a line."""
    way = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    side = np.array([-way[1], way[0]]) * 3.4
    corners = (end, end - way * 8 + side, end - way * 8 - side)
    return f'<path class="tip" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in corners)}Z"/>'


def _drawn_plates(plates: Sequence[_Plate], places: Points, middle: set[str]) -> Iterator[str]:
    for plate, (x, y) in zip(plates, places.tolist(), strict=True):
        entity = plate.entity
        asked = entity.id in middle
        told = f"{readable(entity.name)} ({readable(entity.type)}, {entity.mentions} mentions)"
        stroke = ' style="stroke-width: 2.6"' if asked else ""
        yield (
            f"<g><title>{escape(told)}</title>"
            f'<rect class="t{plate.colour}" x="{x - plate.width / 2:.1f}" y="{y - HEIGHT / 2:.1f}" '
            f'width="{plate.width:.1f}" height="{HEIGHT:.0f}" rx="8"{stroke}/>'
            f'<text class="name{" middle" if asked else ""}" x="{x:.1f}" y="{y + 4.6:.1f}" '
            f'text-anchor="middle">{escape(plate.label)}</text></g>'
        )


def _legend(types: Sequence[str], places: Points, plates: Sequence[_Plate], *, beside: bool) -> Iterator[str]:
    """A swatch and the name of each type, in rows as wide as the picture."""
    size, _, _ = _framed(places, plates, types)
    x = y = 0.0
    for place, one in enumerate(types):
        label = _short(one)
        wide = _width(label, _SMALL) + 44
        if x and x + wide > size[0] - 2 * _MARGIN:
            x, y = 0.0, y + _LEGEND_ROW
        yield (
            f'<rect class="t{_colour(place, one)}" x="{x:.0f}" y="{y:.0f}" width="14" height="12" rx="3"/>'
            f'<text class="quiet" x="{x + 20:.0f}" y="{y + 10:.0f}">{escape(label)}</text>'
        )
        x += wide
    if beside:
        yield (
            f'<path class="tie beside" d="M{x:.0f} {y + 6:.0f}h22"/>'
            f'<text class="quiet" x="{x + 28:.0f}" y="{y + 10:.0f}">{TOGETHER}</text>'
        )
