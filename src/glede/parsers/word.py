"""Word documents, read from their XML: no library keeps the order of all that may stand in them."""

from __future__ import annotations

from lxml import etree

from glede.errors import LimitError, MalformedError
from glede.parsers.building import Draft, one_line
from glede.parsers.office_package import DAMAGE, Package
from glede.parsers.word_body import BodyReader
from glede.parsers.word_figures import FigureReader
from glede.parsers.word_inline import InlineReader
from glede.parsers.word_notes import Notes
from glede.parsers.word_numbering import Numbering
from glede.parsers.word_sections import Sections
from glede.parsers.word_styles import Styles
from glede.parsers.word_xml import W, child, value
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Parsed

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_RECOVERED: tuple[Feature, ...] = (
    "text", "headings", "lists", "tables", "spans", "pictures", "equations", "links",
    "footnotes", "furniture",
)  # fmt: skip


class WordParser:
    """Reads documents as they are shown: with tracked changes accepted, and without hidden text.

    Comments are footnotes that say so. A document has no pages before it is printed, so none are given.
    """

    name = "word"
    version = "1"
    media_types = frozenset({DOCX})
    cost = 0.005
    recovers: frozenset[Feature] = frozenset(_RECOVERED)
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `MalformedError` where there is no text, `LimitError` where it nests or unpacks too far."""
        package = Package(data)
        try:
            return _read(package, media_type, options)
        except RecursionError as error:
            raise LimitError("the parts of the document nest too deep") from error
        except DAMAGE as error:
            raise MalformedError("the document is damaged: its structure cannot be read") from error


def _read(package: Package, media_type: str, options: ParseOptions) -> Parsed:
    part = package.main()
    root = package.tree(part)
    body = child(root, "body")
    if body is None:
        raise MalformedError("the document is damaged: it has no body")
    draft = Draft(options.max_picture)
    styles = Styles(_related(package, part, "styles"))
    notes = Notes(package, part, styles)
    sections = Sections(package, part, draft, styles, body)
    addresses = {relation.id: relation.target for relation in package.relations(part) if relation.external}
    inline = InlineReader(styles, lambda key: addresses.get(key, ""), notes.mark)
    inline.torn_fields = _has_torn_fields(body)
    reader = BodyReader(
        draft,
        styles,
        Numbering(_related(package, part, "numbering"), styles),
        inline,
        FigureReader(package, part, draft, options.max_pixels),
        notes,
        sections,
    )
    reader.levels_below_title = int(_has_title(body, styles))
    sections.begin()
    reader.read(body)
    reader.add_endnotes()
    sections.end()
    return draft.parsed(media_type, WordParser.name, reader.title or _property_title(package))


def _related(package: Package, part: str, kind: str) -> etree._Element | None:
    target = package.related(part, kind)
    return None if target is None else package.tree(target)


def _has_torn_fields(body: etree._Element) -> bool:
    kinds = [mark.get(f"{W}fldCharType") for mark in body.iter(f"{W}fldChar")]
    return kinds.count("begin") != kinds.count("end")


def _has_title(body: etree._Element, styles: Styles) -> bool:
    return any(
        styles.has_name(value(paragraph, "pPr/pStyle"), "title")
        and any((text.text or "").strip() for text in paragraph.iter(f"{W}t"))
        for paragraph in body.iter(f"{W}p")
    )


def _property_title(package: Package) -> str:
    core = package.related("", "core-properties")
    if core is None:
        return ""
    try:
        title = package.tree(core).find("{http://purl.org/dc/elements/1.1/}title")
    except MalformedError:
        return ""
    return one_line(title.text or "") if title is not None else ""
