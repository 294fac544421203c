"""PowerPoint presentations: each slide a page, its shapes in the order in which one reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from lxml import etree

from glede.errors import DocumentError, LimitError, MalformedError
from glede.parsers.building import Draft, one_line
from glede.parsers.office_charts import chart_of
from glede.parsers.office_package import DAMAGE, RELATION_ID, Package
from glede.parsers.office_pictures import kept_picture
from glede.parsers.pacing import announce_pages
from glede.parsers.slides_graphics import diagram_text, table_of
from glede.parsers.slides_layouts import FURNITURE, TITLES, Layout
from glede.parsers.slides_shapes import POINT, P, Shape, placeholder_of, shapes_of
from glede.parsers.slides_text import A, Passage, largest_size, passages, plain_text
from glede.parsing import Feature, ParseOptions, always_available
from glede.reading.outline import Outline
from glede.types import Block, Box, Link, Page, Parsed, Table

PRESENTATION = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_LONGEST_TITLE = 120


class SlidesParser:
    """Reads presentations, templates and slide shows, with the speaker's notes and the comments.

    Hidden slides are left out, and slides that are damaged; a warning tells which.
    """

    name = "slides"
    version = "1"
    media_types = frozenset({PRESENTATION})
    cost = 0.02
    recovers: frozenset[Feature] = frozenset(
        {
            "text",
            "headings",
            "lists",
            "tables",
            "spans",
            "pictures",
            "equations",
            "boxes",
            "links",
            "furniture",
        }
    )
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `MalformedError` where there is no slide that can be read."""
        package = Package(data)
        try:
            return _Presentation(package, options).read(media_type, self.name)
        except DAMAGE as error:
            raise MalformedError("the presentation is damaged: its slides cannot be found") from error


class _Presentation:
    """One presentation, read slide by slide into one draft."""

    def __init__(self, package: Package, options: ParseOptions) -> None:
        self._package = package
        self._options = options
        self._draft = Draft(options.max_picture)
        self._part = package.main()
        self._root = package.tree(self._part)
        self._layouts: dict[str | None, Layout] = {}

    def read(self, media_type: str, parser: str) -> Parsed:
        slides = list(self._root.iterfind(f"{P}sldIdLst/{P}sldId"))
        if len(slides) > self._options.max_pages:
            raise LimitError(
                f"the presentation has {len(slides)} slides; the limit is {self._options.max_pages}",
                hint="Raise it with GLEDE_MAX_PAGES.",
            )
        wanted = self._options.pages
        announce_pages(len(wanted) or len(slides))
        pages = [
            self._page(slide.get(f"{RELATION_ID}id"), number)
            for number, slide in enumerate(slides, 1)
            if not wanted or number in wanted
        ]
        if pages and all(page.failed for page in pages):
            raise MalformedError(f"the presentation is damaged: {pages[0].failed}")
        title = next((block.text for block in self._draft.blocks if block.type == "heading"), "")
        return replace(self._draft.parsed(media_type, parser, title), pages=tuple(pages))

    def _page(self, key: str | None, number: int) -> Page:
        """Read one slide; what is wrong with it alone is said of its page."""
        size = self._root.find(f"{P}sldSz")
        width, height = (
            int(size.get(name) or 0) / POINT if size is not None else 0.0 for name in ("cx", "cy")
        )
        page = Page(number, width, height)
        before = len(self._draft.blocks)
        try:
            part = self._package.target(self._part, key)
            if part is None:
                raise MalformedError("its part is missing")
            slide = _Slide(self._package, self._options, self._draft, part, number, self._layout(part))
            hidden = slide.read()
        except LimitError:
            raise
        except (DocumentError, *DAMAGE) as error:
            del self._draft.blocks[before:]
            reason = error.message if isinstance(error, DocumentError) else "its content makes no sense"
            self._draft.warnings.append(f"Slide {number} could not be read: {reason}.")
            return replace(page, failed=reason)
        if hidden:
            warning = f"Slide {number} is hidden and was left out."
            self._draft.warnings.append(warning)
            return replace(page, warnings=(warning,))
        return page

    def _layout(self, part: str) -> Layout:
        layout = self._package.related(part, "slideLayout")
        if layout not in self._layouts:
            self._layouts[layout] = Layout(self._package, layout)
        return self._layouts[layout]


class _Slide:
    """One slide with the layout and the master that its placeholders inherit from."""

    def __init__(
        self,
        package: Package,
        options: ParseOptions,
        draft: Draft,
        part: str,
        number: int,
        layout: Layout,
    ) -> None:
        self._package = package
        self._options = options
        self._draft = draft
        self._part = part
        self._number = number
        self._root = package.tree(part)
        self._layout = layout

    def read(self) -> bool:
        """Add the blocks of the slide to the draft; whether it was hidden instead."""
        if self._root.get("show") in ("0", "false"):
            return True
        self._draft.outline = Outline()
        shapes = shapes_of(self._root, self._layout.box, self._options.max_depth)
        furniture = [shape for shape in shapes if _kind(shape) in FURNITURE]
        shapes = [shape for shape in shapes if _kind(shape) not in FURNITURE]
        title = next((shape for shape in shapes if _kind(shape) in TITLES and _has_text(shape)), None)
        title = title or _likely_title(shapes)
        if title is not None:
            self._heading(title)
        for shape in shapes:
            if shape is not title:
                self._shape(shape)
        for shape in furniture:
            text = " ".join(part.text for part in self._passages(shape))
            self._add(Block(FURNITURE[_kind(shape)], one_line(text)), shape.box)
        self._notes()
        self._comments()
        return False

    def _heading(self, shape: Shape) -> None:
        parts = self._passages(shape)
        start = len(self._draft.blocks)
        self._draft.heading(" ".join(part.text for part in parts), 1)
        self._placed(start, shape.box, tuple(link for part in parts for link in part.links))

    def _shape(self, shape: Shape) -> None:
        if shape.kind == "pic":
            self._picture(shape, shape.element)
        elif shape.kind == "graphicFrame":
            self._frame(shape)
        else:
            self._text(self._passages(shape), shape.box, self._shape_link(shape))
            filled = shape.element.find(f"{P}spPr/{A}blipFill")
            if filled is not None:
                self._picture(shape, filled)

    def _text(self, parts: Sequence[Passage], box: Box | None, link: str = "") -> None:
        for part in parts:
            start = len(self._draft.blocks)
            if part.kind == "equation":
                self._draft.equation(part.text)
            elif part.kind == "list":
                self._draft.list(part.text)
            else:
                self._draft.text(part.text)
            links = (*part.links, Link(one_line(part.text), link)) if link else part.links
            self._placed(start, box, links)

    def _picture(self, shape: Shape, element: etree._Element) -> None:
        blip = next(element.iter(f"{A}blip"), None)
        part = None if blip is None else self._package.target(self._part, blip.get(f"{RELATION_ID}embed"))
        picture = None
        if part is not None:
            data = self._package.read(part)
            picture = kept_picture(self._draft, data, shape.alt, self._options.max_pixels)
        start = len(self._draft.blocks)
        self._draft.image(shape.alt, picture=picture)
        link = self._shape_link(shape)
        self._placed(start, shape.box, (Link(shape.alt or shape.name, link),) if link else ())

    def _frame(self, shape: Shape) -> None:
        """A table, chart, SmartArt drawing, or an object of another program, shown by its picture."""
        table = next(shape.element.iter(f"{A}tbl"), None)
        chart = next((node for node in shape.element.iter("{*}chart") if node.get(f"{RELATION_ID}id")), None)
        diagram = next(shape.element.iter("{*}relIds"), None)
        picture = next(shape.element.iter(f"{P}pic"), None)
        if table is not None:
            found, links = table_of(table, shape.box, self._layout.styles(None), self._address)
            self._table(found, "", shape.box, links)
        elif chart is not None:
            self._chart(shape, self._package.target(self._part, chart.get(f"{RELATION_ID}id")))
        elif diagram is not None:
            self._diagram(shape, self._package.target(self._part, diagram.get(f"{RELATION_ID}dm")))
        elif picture is not None:
            self._picture(shape, picture)

    def _chart(self, shape: Shape, part: str | None) -> None:
        if part is None:
            return
        chart = chart_of(self._package.tree(part))
        caption = chart.title or shape.alt
        for table in chart.tables:
            self._table(table, caption, shape.box)
        if not chart.tables:
            start = len(self._draft.blocks)
            self._draft.image(shape.alt, chart.title)
            self._placed(start, shape.box)

    def _diagram(self, shape: Shape, part: str | None) -> None:
        start = len(self._draft.blocks)
        if part is not None:
            self._draft.list(diagram_text(self._package.tree(part)))
        if len(self._draft.blocks) == start:
            self._draft.image(shape.alt)
        self._placed(start, shape.box)

    def _table(self, table: Table, caption: str, box: Box | None, links: tuple[Link, ...] = ()) -> None:
        start = len(self._draft.blocks)
        self._draft.table(table, caption)
        self._placed(start, box, links)

    def _notes(self) -> None:
        """What the speaker wanted to say, behind the slide; it has no place on it."""
        part = self._package.related(self._part, "notesSlide")
        if part is None:
            return
        for element in self._package.tree(part).iterfind(f"{P}cSld/{P}spTree/{P}sp"):
            placeholder = placeholder_of(element)
            if placeholder is not None and placeholder.kind == "body":
                found = passages(element.find(f"{P}txBody"), (), lambda key: self._package.address(part, key))
                self._text(list(found), None)

    def _comments(self) -> None:
        for relation in self._package.relations(self._part):
            if relation.kind == "comments" and self._package.has(relation.target):
                for comment in self._package.tree(relation.target).iter("{*}cm", "{*}reply"):
                    self._text([Passage("text", text) for text in _comment(comment)], None)

    def _passages(self, shape: Shape) -> list[Passage]:
        return list(
            passages(shape.element.find(f"{P}txBody"), self._layout.styles(shape.placeholder), self._address)
        )

    def _shape_link(self, shape: Shape) -> str:
        click = next(shape.element.iter(f"{P}cNvPr"), None)
        click = None if click is None else click.find(f"{A}hlinkClick")
        return "" if click is None else self._address(click.get(f"{RELATION_ID}id"))

    def _address(self, key: str | None) -> str:
        return self._package.address(self._part, key)

    def _add(self, block: Block, box: Box | None) -> None:
        if block.text:
            self._draft.blocks.append(replace(block, heading_path=self._draft.outline.path))
            self._placed(len(self._draft.blocks) - 1, box)

    def _placed(self, start: int, box: Box | None, links: tuple[Link, ...] = ()) -> None:
        """Say of the blocks from `start` where they stand."""
        blocks = self._draft.blocks
        blocks[start:] = [replace(block, page=self._number, box=box, links=links) for block in blocks[start:]]


def _kind(shape: Shape) -> str:
    return shape.placeholder.kind if shape.placeholder is not None else ""


def _has_text(shape: Shape) -> bool:
    return any((node.text or "").strip() for node in shape.element.iter(f"{A}t"))


def _likely_title(shapes: Sequence[Shape]) -> Shape | None:
    """On a slide without a title, one short line in larger letters than all the rest, and above it."""
    sized = [
        (largest_size(body), shape)
        for shape in shapes
        if (body := shape.element.find(f"{P}txBody")) is not None and _has_text(shape)
    ]
    if not sized or len(shapes) < 2:
        return None
    size, shape = sized[0]
    text = plain_text(shape.element.find(f"{P}txBody"), (), lambda _: "")[0]
    rivals = [other for other, _ in sized[1:]]
    larger = size > max(rivals, default=0)
    return shape if larger and "\n" not in text and len(text) <= _LONGEST_TITLE else None


def _comment(element: etree._Element) -> Iterator[str]:
    """The words of a comment; replies are comments of their own."""
    own = element.find("{*}txBody")
    body = own if own is not None else element.find("{*}text")
    if body is None:
        return
    text = one_line(body.text or "".join(node.text or "" for node in body.iter(f"{A}t")))
    if text:
        yield f"Comment: {text}"
