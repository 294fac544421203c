"""Which pages a question names: "page 12", "p. xii", "pages 3 to 5", "the cover", "the second last page".

A number means what is printed on a page, or what the file calls it, before the page of that place in the
file; the first and the last page are those of the file. Who asks for "the date of the document" names none,
and still may mean the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from glede.text.numerals import NUMBER_WORDS
from glede.types import OPEN_BOOK, Span

LONGEST = 50
"""Pages of a range that is named; of a longer one only its ends are looked for."""
IN_FILE = 0.5
"""What the page at that place in the file counts where pages bear other numbers than their places."""
HEAD = 0.5
"""What the first page counts for what documents say at their head: title, author, date, number, parties."""

_WORDS = "|".join(NUMBER_WORDS)
_PAGE = r"pages?|pp?\.|slides?|seiten?|folien?|páginas?|pagin[ae]s?|страниц\w*|стр\.|слайд\w*|صفحة|الصفحة"
_ONE = rf"(?:(?-i:[A-Z]{{1,2}})[-.]?\d{{1,4}}|\d{{1,5}}|(?-i:[ivxlcdm]{{1,9}}|[IVXLCDM]{{2,9}})|{_WORDS})"
_RANGE = r"to|bis|through|à|-|–"
_AND = rf"\s*(?:,|&|、|and|und|et|y|e|и|和|与|{_RANGE})\s*"
_NAMED = re.compile(
    rf"(?<!\w)(?:{_PAGE})\s*(?:no\.?\s*|number\s+|#)?(?P<numbers>{_ONE}(?:{_AND}(?:(?:{_PAGE})\s*)?{_ONE}(?!\w))*)"
    r"(?![\w%])|第\s*(?P<chinese>\d{1,4})\s*(?:页|頁|ページ)",
    re.IGNORECASE,
)
_EACH = re.compile(rf"(?P<join>{_RANGE})?\s*(?:(?:{_PAGE})\s*)?(?P<one>(?<!\w){_ONE}(?!\w))", re.IGNORECASE)

_LEAF = r"(?:page|slide|seite|folie|página|pagina|страниц\w*|слайд\w*)"
_LEAVES = r"(?:pages|slides|seiten|folien|páginas|pagine)"
_COUNTED = (
    ("first|1st|cover|title|front|erste[nr]?|première|primera|prima|перв\\w*|титульн\\w*", 1),
    ("second|2nd|zweite[nr]?|deuxième|segunda|seconda|втор\\w*", 2),
    ("third|3rd|dritte[nr]?|troisième|tercera|terza|трет\\w*", 3),
    ("fourth|4th|vierte[nr]?", 4),
    ("fifth|5th|fünfte[nr]?", 5),
)
_FROM_END = (
    ("(?:third|3rd)[\\s-](?:to[\\s-](?:the[\\s-])?)?last|drittletzte[nr]?", -3),
    (
        "(?:second|2nd|next)[\\s-](?:to[\\s-](?:the[\\s-])?)?last|penultimate|last but one|vorletzte[nr]?|"
        "avant-dernière|penúltima|penultima|предпоследн\\w*",
        -2,
    ),
    ("last|final|letzte[nr]?|dernière|última|ultima|последн\\w*", -1),
)
_ORDINALS = tuple(
    (re.compile(rf"(?<![\w-])(?:{words})[\s-]+{_LEAF}(?!\w)", re.IGNORECASE), place)
    for words, place in (*_FROM_END, *_COUNTED)
)
_AFTER = tuple(
    (re.compile(rf"\b{_LEAF}\s+(?:\w+\s+){{0,2}}?(?:{words})(?!\w)", re.IGNORECASE), place)
    for words, place in _FROM_END
)
_SIGNS = (
    (
        re.compile(
            "封面|第一页|表紙|\\bportada\\b|\\bcopertina\\b|\\b(?:titelseite|deckblatt)\\b|page de garde"
        ),
        1,
    ),
    (re.compile("最后一页|最後のページ"), -1),
    (re.compile("倒数第二页"), -2),
)
_WORK = (
    r"(?:document|report|paper|article|study|thesis|book|letter|contract|agreement|invoice|filing|opinion|"
    r"judgment|case|manual|brochure|dokuments?|berichts?|vertrags?|briefs?|rechnung)"
)
_HEAD = re.compile(
    r"\b(?:titles?|authors?|dates?|names?|numbers?|ids?|identifiers?|publishers?|versions?|editions?|"
    r"titel|autor(?:en|in)?|datum|nummer|aktenzeichen)\b[^.?!]{0,40}?"
    rf"\b(?:of|in|on|from|for|des|der|dieses|dieser)\s+(?:(?:the|this|that)\s+)?{_WORK}\b"
    r"|\b(?:case|docket|invoice|contract|filing|report|document|version)\s+(?:number|no\.|id)(?!\w)"
    r"|\b(?:plaintiffs?|defendants?|appellants?|appellees?|petitioners?|corresponding author|isbn|issn|doi)\b"
    rf"|\bwho\s+(?:wrote|authored|published|issued|filed)\s+(?:the|this|that)\s+{_WORK}\b"
    rf"|\bwhen\s+was\s+(?:the|this|that)\s+{_WORK}\s+(?:written|published|issued|filed|dated|signed)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    rf"\b(?P<end>first|last|ersten|letzten)\s+(?P<count>\d|{_WORDS})\s+{_LEAVES}(?!\w)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class NamedPages:
    """Pages by what they are called, and by their place in the file: from 1, or from -1 for the last.

    `head` is true where a question asks for what documents say at their head, and so, it may be, page 1.
    """

    names: frozenset[str] = frozenset()
    places: frozenset[int] = frozenset()
    head: bool = False

    def __bool__(self) -> bool:
        return bool(self.names or self.places or self.head)

    def hold(self, span: Span, pages: int, *, labelled: bool) -> float:
        """How sure the span of a document of that many pages is on one of them, from 0 to 1.

        It is `labelled` where its pages are called otherwise than by their places in the file.
        """
        if span.page is None:
            return 0.0
        if span.page in self.places or span.page - pages - 1 in self.places:
            return 1.0
        if not self.names.isdisjoint(names_of(span.label)):
            return 1.0
        if str(span.page) in self.names:
            return IN_FILE if labelled else 1.0
        return HEAD if self.head and span.page == 1 and pages > 1 else 0.0


def names_of(label: str) -> tuple[str, ...]:
    """What a page of that label is asked for by: each of the two numbers of an open book, too."""
    label = label.casefold()
    return (label, *label.split(OPEN_BOOK)) if OPEN_BOOK in label else (label,) if label else ()


def named_pages(question: str) -> NamedPages:
    """The pages that a question names."""
    names = {name for found in _NAMED.finditer(question) for name in _names(found)}
    places = set(_several(question))
    rest = question
    for pattern, place in (*_ORDINALS, *_AFTER, *_SIGNS):
        rest, times = pattern.subn(" ", rest)  # "second last page" is none of "last page"
        places |= {place} if times else set()
    head = not names and not places and _HEAD.search(question) is not None
    return NamedPages(frozenset(names), frozenset(places), head)


def _names(found: re.Match[str]) -> Iterator[str]:
    """The names of one list of pages, and of those between the ends of a range."""
    numbers = found["numbers"] or found["chinese"]
    before = ""
    for one in _EACH.finditer(numbers):
        word = one["one"].casefold()
        name = str(NUMBER_WORDS.get(word, word))
        if one["join"] and before.isdecimal() and name.isdecimal():
            if 1 < int(name) - int(before) <= LONGEST:
                yield from map(str, range(int(before) + 1, int(name)))
            yield f"{before}-{name}"  # of a document that numbers its chapters, that is one page
        yield name
        before = name


def _several(question: str) -> Iterator[int]:
    for found in _SEVERAL.finditer(question):
        word = found["count"].casefold()
        count = int(word) if word.isdecimal() else NUMBER_WORDS[word]
        from_end = found["end"].casefold() in ("last", "letzten")
        yield from (-place if from_end else place for place in range(1, count + 1))
