"""Markdown with tables, also of LaTeX, formulas and front matter; formulas keep every character."""

from __future__ import annotations

from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Parsed


class MarkdownParser:
    """Reads CommonMark with the tables of GitHub, `$` formulas, and HTML in between.

    Emphasis loses its marks. A link keeps its text; its address, where the text alone says nothing, as in
    "here".
    """

    name = "markdown"
    version = "3"
    media_types = frozenset({"text/markdown"})
    cost = 0.005
    recovers: frozenset[Feature] = frozenset(
        {"text", "headings", "lists", "tables", "pictures", "equations", "links"}
    )
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """The title is that of the front matter, else the first heading of level 1."""
        from glede.parsers.markdown_reader import read_markdown  # who only chooses a parser needs none of it

        draft, title = read_markdown(decode(data)[0], options)
        return draft.parsed(media_type, self.name, title)
