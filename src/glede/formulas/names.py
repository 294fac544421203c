"""What formulas are called: by the words around them, and by a table of well-known identities."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations

from glede.formulas.forms import balanced, normal, text_of
from glede.formulas.known import BY_LETTERS, BY_STRUCTURE
from glede.formulas.reader import parse
from glede.formulas.trees import Tree

MOST = 4
_PLAIN = str.maketrans("’‘–‑", "''--")
LONGEST_CHAIN = 6
"""Sides of a = b = c that are compared with one another."""
CONTEXT = 3000
_KINDS = (
    "theorem|law|laws|equation|equations|formula|identity|inequality|rule|principle|lemma|series|distribution|"
    "transform|function|condition|approximation|criterion|relation|expansion|test|constant|problem|product|"
    "conjecture|decomposition|algorithm|metric|score|loss|entropy|similarity|norm|divergence"
)
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b((?:[A-Z][\w'’]*[a-z][\w'’]*(?:[-–][A-Z]\w+)*\s+)+(?:[a-z]+\s+)?(?:{_KINDS}))\b",
        r"\b([Tt]heorem|[Ll]aw|[Rr]ule|[Pp]rinciple|[Ll]aws)\s+of\s+(?:the\s+)?((?:[\w-]+\s+)?[\w-]+)",
        r"\b((?:Satz|Gesetz|Formel|Gleichung|Regel|Ungleichung|Lemma|Prinzip)\s+(?:von|des|der|vom)"
        r"\s+[A-ZÄÖÜ][\w-]+(?:\s+[A-ZÄÖÜ][\w-]+)?)",
        r"\b([A-ZÄÖÜ][a-zäöüß-]{3,}(?:satz|gesetz|formel|gleichung|regel|ungleichung|verteilung|prinzip))\b",
        r"\b((?:[Тт]еорем|[Зз]акон|[Фф]ормул|[Уу]равнени|[Нн]еравенств|[Пп]равил|[Тт]ождеств)\w*\s+"
        r"[А-ЯЁ][\w-]+(?:\s*[—–-]\s*[А-ЯЁ]\w+)?)",
        r"((?:[\u4e00-\u9fff]{2,6}?)(?:定理|定律|公式|方程|不等式|恒等式|法则|分布|原理))",
    )
)
_NO_NAME = re.compile(
    r"^(?:The|This|That|These|Those|An?|Our|Its|In|By|From|For|If|Let|Then|Here|Where|Using|With|And|Eq\w*)\s+"
)
_ARTICLE = re.compile(r"(?<=\w) (?:The|This|That|These|Those) ")
"""Where a sentence begins after a heading without a stop."""
_CHINESE_START = re.compile(
    r"^(?:这是|根据|由|其中|以下|下面|这个|该|称为|叫做|著名的|的|是|为|即|我们|有|用)+"
)


def names_of(latex: str, context: str = "") -> list[str]:
    """The names of a formula, the surest first: from the table, then from the words around it."""
    names: dict[str, str] = {}
    for name in (*known_names(latex), *_named(context[-CONTEXT:])):
        names.setdefault(name.casefold(), name)
    return list(names.values())[:MOST]


def known_names(latex: str) -> list[str]:
    """The names of a well-known identity, whatever its variables are called and wherever its terms are."""
    form = normal(parse(latex))
    found: list[str] = []
    for part in _parts(form):
        found.extend(_structures().get(balanced(part), ()))
        found.extend(_letters().get(text_of(part), ()))
    return list(dict.fromkeys(found))


@cache
def well_known() -> frozenset[str]:
    """The names of all identities that are known by their form, written plainly."""
    listed = (names for names, *_ in (*BY_STRUCTURE, *BY_LETTERS))
    return frozenset(written_plainly(name) for names in listed for name in names.split(" | "))


def written_plainly(name: str) -> str:
    """A name in lower case, without an article, with plain apostrophes and hyphens."""
    plain = " ".join(name.casefold().translate(_PLAIN).split())
    return plain.removeprefix("the ")


def _parts(form: Tree) -> Iterator[Tree]:
    """The formula and those it is made of: in a list, and of a = b = c each of the equations."""
    yield form
    if form.label == "chain" and all(child.label == "=" for child in form.children):
        sides = list(dict.fromkeys(side for child in form.children for side in child.children))
        for one, other in combinations(sides[:LONGEST_CHAIN], 2):
            yield normal(Tree("=", (one, other)))
    elif form.label in ("list", "chain", "Rightarrow", "cases", "row"):
        for child in form.children:
            yield from _parts(child)


@cache
def _structures() -> dict[str, tuple[str, ...]]:
    return _table(BY_STRUCTURE, structural=True)


@cache
def _letters() -> dict[str, tuple[str, ...]]:
    return _table(BY_LETTERS, structural=False)


def _table(entries: Iterable[tuple[str, ...]], structural: bool) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for names, *formulas in entries:
        for formula in formulas:
            form = normal(parse(formula))
            key = balanced(form) if structural else text_of(form)
            table[key] = (*table.get(key, ()), *names.split(" | "))
    return table


def _named(context: str) -> Iterator[str]:
    """Names in a text, those that stand last, and so next to the formula, first."""
    places = [
        (-match.start(), _trimmed(" of ".join(match.groups())))
        for pattern in _PATTERNS
        for match in pattern.finditer(context)
    ]
    for _, name in sorted(places):
        if (
            len(name) > 3
            and not name.startswith("the ")
            and not (name.isascii() and name.isalpha() and name.islower())
        ):
            yield name


def _trimmed(name: str) -> str:
    name = _ARTICLE.split(" ".join(name.split()))[-1]
    while (shorter := _NO_NAME.sub("", name)) != name:
        name = shorter
    return _CHINESE_START.sub("", name)
