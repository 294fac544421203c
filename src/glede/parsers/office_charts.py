"""Charts of Office files as the tables that they show: a row for each category, a column for each series."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from glede.errors import LimitError
from glede.parsers.building import one_line, table_from_grid
from glede.parsers.sheets_formats import NumberFormat, shown
from glede.types import Table

_MOST_POINTS = 200_000
_LEVELS = " / "
_GENERAL = NumberFormat("General")


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart says; `tables` has several where its series do not share their categories."""

    title: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class _Series:
    name: str
    categories: dict[int, str]
    columns: tuple[tuple[str, dict[int, str]], ...]


def chart_of(root: etree._Element) -> Chart:
    """Read the part of a chart, of the kind with `c:ser` or of the newer one with `cx:series`."""
    if root.tag.endswith("/chartex}chartSpace"):
        return _extended(root)
    title = root.find("{*}chart/{*}title")
    series = [_series(element, number) for number, element in enumerate(root.iter("{*}ser"), 1)]
    name = _rich_text(title) if title is not None else ""
    if not name and len(series) == 1 and not _is_deleted(root):
        name = series[0].name  # what Office prints as the title of a single series
    return Chart(name, tuple(_tables(series, _axis_title(root))))


def _is_deleted(root: etree._Element) -> bool:
    deleted = next(root.iter("{*}autoTitleDeleted"), None)
    return deleted is not None and deleted.get("val") in (None, "1", "true")


def _axis_title(root: etree._Element) -> str:
    """What the axis of the categories is called, or of scattered points the first axis."""
    for name in ("catAx", "dateAx", "valAx"):
        axis = next(root.iter(f"{{*}}{name}"), None)
        if axis is not None:
            title = axis.find("{*}title")
            return _rich_text(title) if title is not None else ""
    return ""


def _rich_text(element: etree._Element) -> str:
    """The paragraphs of a title, or the cell that it was taken from."""
    texts = [node.text or "" for node in element.iter("{*}t")]
    if not texts:
        texts = [node.text or "" for node in element.iter("{*}v")]
    return one_line("".join(texts))


def _series(element: etree._Element, number: int) -> _Series:
    name = element.find("{*}tx")
    title = _rich_text(name) if name is not None else ""
    categories = _points(element.find("{*}cat"))
    if not categories:
        categories = _points(element.find("{*}xVal"))
    title = title or f"Series {number}"
    values = _points(element.find("{*}val")) or _points(element.find("{*}yVal"))
    columns = [(title, values)]
    if sizes := _points(element.find("{*}bubbleSize")):
        columns.append((f"{title} (size)", sizes))
    return _Series(title, categories, tuple(columns))


def _points(source: etree._Element | None) -> dict[int, str]:
    """The values that were kept in the chart by their places, each as it is shown."""
    if source is None:
        return {}
    code = next(source.iter("{*}formatCode"), None)
    pattern = NumberFormat(code.text) if code is not None and code.text else _GENERAL
    numeric = next(source.iter("{*}numCache", "{*}numLit"), None) is not None
    found = _levels(list(source.iter("{*}lvl")) or [source])
    return {place: shown(text, pattern) for place, text in found.items()} if numeric else found


def _levels(levels: Sequence[etree._Element]) -> dict[int, str]:
    """Categories of categories, the innermost first: an outer one holds until the next of its level."""
    found = dict(_level_points(levels[0])) if levels else {}
    for level in levels[1:]:
        outer = dict(_level_points(level))
        name = ""
        for place in sorted(found.keys() | outer.keys()):
            name = outer.get(place, name)
            if place in found and name:
                found[place] = f"{name}{_LEVELS}{found[place]}"
    return found


def _level_points(level: etree._Element) -> Iterator[tuple[int, str]]:
    for point in level.iter("{*}pt"):
        value = point.find("{*}v")
        place = point.get("idx") or ""
        text = one_line((value.text if value is not None else point.text) or "")
        if text and re.fullmatch(r"\d{1,7}", place):
            yield int(place), text


def _tables(series: Sequence[_Series], corner: str) -> Iterator[Table]:
    """One table for all series of the same categories."""
    left = [one for one in series if any(values for _, values in one.columns)]
    while left:
        alike = [one for one in left if one.categories == left[0].categories or not one.categories]
        left = [one for one in left if one not in alike]
        columns = [column for one in alike for column in one.columns]
        categories = alike[0].categories
        places = sorted({*categories, *(place for _, values in columns for place in values)})
        if len(places) * (len(columns) + 1) > _MOST_POINTS:
            raise LimitError(f"a chart shows more than {_MOST_POINTS:,} values")
        head = [corner, *(name for name, _ in columns)]
        rows = [
            [categories.get(place, str(place + 1)), *(values.get(place, "") for _, values in columns)]
            for place in places
        ]
        yield table_from_grid([head, *rows])


def _extended(root: etree._Element) -> Chart:
    """The kinds since Office 2016: waterfall, funnel, treemap and others."""
    title = root.find("{*}chart/{*}title")
    series = []
    for number, data in enumerate(root.iterfind("{*}chartData/{*}data"), 1):
        names = _levels(list(data.iterfind("{*}strDim/{*}lvl")))
        values = dict(point for level in data.iterfind("{*}numDim/{*}lvl") for point in _level_points(level))
        name = next((node.text or "" for node in root.iterfind(".//{*}series/{*}tx//{*}v")), "")
        title_text = name or f"Series {number}"
        series.append(_Series(title_text, names, ((title_text, values),)))
    return Chart(_rich_text(title) if title is not None else "", tuple(_tables(series, "")))
