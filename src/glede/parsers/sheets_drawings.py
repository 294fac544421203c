"""What lies on a sheet beside its cells: pictures, text boxes, charts and comments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from glede.parsers.building import one_line
from glede.parsers.office_charts import Chart, chart_of
from glede.parsers.office_package import RELATION_ID, Package
from glede.parsers.office_pictures import described
from glede.parsers.sheets_cells import place_of
from glede.parsers.sheets_workbook import rich_text
from glede.types import Link

_ANCHORS = frozenset({"twoCellAnchor", "oneCellAnchor", "absoluteAnchor"})
_THREAD = "[Threaded comment]"


@dataclass(frozen=True, slots=True)
class Drawing:
    """Something drawn; `picture` is the part of its pixels, `links` where a click leads."""

    row: int
    column: int
    text: str = ""
    alt: str = ""
    picture: str | None = None
    chart: Chart | None = None
    chart_sources: frozenset[str] = frozenset()
    links: tuple[Link, ...] = ()


def drawings_of(package: Package, part: str) -> Iterator[Drawing]:
    """All that a drawing part shows, groups resolved, each at the cell that it is fastened to."""
    for anchor in package.tree(part):
        if not isinstance(anchor.tag, str) or etree.QName(anchor).localname not in _ANCHORS:
            continue
        start = anchor.find("{*}from")
        row, column = (_whole(start, "row"), _whole(start, "col")) if start is not None else (0, 0)
        for node in _drawn(anchor):
            found = _drawing(package, part, node, row, column)
            if found is not None:
                yield found


def comments_of(package: Package, part: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The cell and the words of each comment; of a conversation all that was said in it."""
    threads: dict[tuple[int, int], list[str]] = {}
    for relation in package.relations(part):
        if relation.kind == "threadedComment" and package.has(relation.target):
            for comment in package.tree(relation.target).iter("{*}threadedComment"):
                place = place_of(comment.get("ref") or "")
                text = comment.findtext("{*}text") or ""
                if place is not None and text.strip():
                    threads.setdefault(place, []).append(text.strip())
    notes = package.related(part, "comments")
    for comment in package.tree(notes).iter("{*}comment") if notes else ():
        place = place_of(comment.get("ref") or "")
        body = comment.find("{*}text")
        text = rich_text(body) if body is not None else ""
        if place is None or not text:
            continue
        if place not in threads or not text.startswith(_THREAD):
            threads.setdefault(place, []).append(text)
    for place, texts in sorted(threads.items()):
        yield place, "\n".join(texts)


def _drawn(anchor: etree._Element) -> Iterator[etree._Element]:
    """Shapes, pictures and frames; of alternatives the first that has any, and nothing that is hidden."""
    for child in anchor:
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        if name in ("sp", "pic", "graphicFrame"):
            properties = next(child.iter("{*}cNvPr"), None)
            if properties is None or properties.get("hidden") not in ("1", "true"):
                yield child
        elif name in ("grpSp", "Choice"):
            yield from _drawn(child)
        elif name == "AlternateContent":
            found = [list(_drawn(choice)) for choice in child]
            yield from next((shapes for shapes in found if shapes), [])


def _drawing(package: Package, part: str, node: etree._Element, row: int, column: int) -> Drawing | None:
    properties = next(node.iter("{*}cNvPr"), None)
    alt = described(properties.get("descr") if properties is not None else None)
    name = etree.QName(node).localname
    if name == "pic":
        blip = next(node.iter("{*}blip"), None)
        picture = None if blip is None else package.target(part, blip.get(f"{RELATION_ID}embed"))
        return Drawing(row, column, alt=alt, picture=picture)
    if name == "sp":
        lines = ["".join(run.text or "" for run in line.iter("{*}t")).strip() for line in node.iter("{*}p")]
        text = "\n".join(line for line in lines if line)
        click = None if properties is None else properties.find("{*}hlinkClick")
        address = "" if click is None else package.address(part, click.get(f"{RELATION_ID}id"))
        links = (Link(one_line(text), address),) if address and text else ()
        return Drawing(row, column, text=text, alt=alt, links=links)
    reference = next((child for child in node.iter("{*}chart") if child.get(f"{RELATION_ID}id")), None)
    chart = None if reference is None else package.target(part, reference.get(f"{RELATION_ID}id"))
    if chart is None:
        return None
    root = package.tree(chart)
    return Drawing(row, column, alt=alt, chart=chart_of(root), chart_sources=_sources(root))


def _sources(root: etree._Element) -> frozenset[str]:
    """The names of the sheets that the values of a chart come from; an empty one of values of its own."""
    formulas = [node.text or "" for node in root.iter("{*}f")]
    return frozenset(formula.rpartition("!")[0].strip("'").replace("''", "'") for formula in formulas)


def _whole(start: etree._Element, name: str) -> int:
    text = (start.findtext(f"{{*}}{name}") or "").strip()
    return int(text) if text.isdigit() and len(text) < 8 else 0
