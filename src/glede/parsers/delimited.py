"""Tables kept as text: CSV, TSV, and their cousins with semicolons and pipes."""

from __future__ import annotations

import csv
import io
import re

from glede.errors import LimitError, MalformedError
from glede.media.text import delimiter_of
from glede.parsers.building import Draft, table_from_grid
from glede.parsing import Feature, ParseOptions, always_available
from glede.text.decoding import decode
from glede.types import Parsed

MAX_ROWS = 1_000_000
MAX_CELLS = 2_000_000
_NUMBER = re.compile(r"[^\w\s]*\d[\d.,:/\-\s]*[^\w\s]?\w{0,3}")


class DelimitedParser:
    """Reads one table; its delimiter is found in the content, its first row is a header if it can be."""

    name = "delimited"
    version = "1"
    media_types = frozenset({"text/csv", "text/tab-separated-values"})
    cost = 0.001
    recovers: frozenset[Feature] = frozenset({"text", "tables"})
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """One table block; short rows are filled up. Raises `LimitError` beyond `MAX_ROWS`."""
        text, _ = decode(data)
        first, _, rest = text.partition("\n")
        default = "\t" if media_type == "text/tab-separated-values" else ","
        if match := re.fullmatch(r"sep=(.)", first.strip("\r")):  # what Excel writes for itself
            text, default = rest, match[1]
            delimiter = default
        else:
            delimiter = delimiter_of(text) or default
        rows = _rows(text, delimiter)
        draft = Draft()
        if len({len(row) for row in rows}) > 1:
            draft.warnings.append("Not all rows have the same number of columns.")
        draft.table(table_from_grid(rows, header_rows=1 if _has_header(rows) else 0))
        return draft.parsed(media_type, self.name)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    """The rows that are not empty, cells without the white space around them."""
    rows: list[list[str]] = []
    widest = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for record in reader:
            row = [cell.strip() for cell in record]
            if not any(row):
                continue
            rows.append(row)
            widest = max(widest, len(row))
            if len(rows) > MAX_ROWS:
                raise LimitError(f"The table has more than {MAX_ROWS:,} rows.", hint=_SPLIT)
            if len(rows) * widest > MAX_CELLS:
                raise LimitError(f"The table has more than {MAX_CELLS:,} cells.", hint=_SPLIT)
    except csv.Error as error:
        raise MalformedError(f"Line {reader.line_num} cannot be read as a table: {error}.") from error
    return rows


_SPLIT = "Split the table into several files, and add those."


def _has_header(rows: list[list[str]]) -> bool:
    """A first row names columns if its cells are distinct words, none of them empty or a number."""
    if not rows:
        return False
    names = [cell for cell in rows[0] if cell]
    if len(names) * 2 <= len(rows[0]) or len(set(names)) < len(names):
        return False
    return not any(_NUMBER.fullmatch(name) for name in names) or _years(names)


def _years(names: list[str]) -> bool:
    """A header may hold years, as in `country, 2019, 2020`."""
    words = [name for name in names if not _NUMBER.fullmatch(name)]
    return bool(words) and all(re.fullmatch(r"(?:19|20)\d\d", name) for name in names if name not in words)
