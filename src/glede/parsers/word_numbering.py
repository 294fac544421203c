"""The numbers of paragraphs, counted as Word counts them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from glede.parsers.word_styles import Styles
from glede.parsers.word_xml import W, child, number, switch, value

_PLACE = re.compile(r"%([1-9])")
_MOST_LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_CHINESE = "〇一二三四五六七八九"
_CHINESE_FORMATS = frozenset(
    ["chineseCounting", "chineseCountingThousand", "ideographDigital", "japaneseCounting",
     "taiwaneseCounting", "taiwaneseCountingThousand", "japaneseDigitalTenThousand"]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered; `restart` is the level above it that lets it begin anew."""

    start: int = 1
    form: str = "decimal"
    text: str = ""
    restart: int | None = None
    only_digits: bool = False


@dataclass(slots=True)
class _List:
    """Levels, and the counters that all lists of one abstract numbering share."""

    levels: dict[int, Level]
    counts: dict[int, int]
    started: dict[int, int] = field(default_factory=dict)
    """Levels that this list begins anew, at which number; each once."""


class Numbering:
    """The lists of a document, with the numbers that they have reached."""

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._lists: dict[int, _List] = {}
        if root is None:
            return
        abstract = {one.get(f"{W}abstractNumId"): one for one in root.iterchildren(f"{W}abstractNum")}
        instances = {one.get(f"{W}numId"): one for one in root.iterchildren(f"{W}num")}
        counts: dict[str | None, dict[int, int]] = {}
        for key, instance in instances.items():
            base = value(instance, "abstractNumId")
            definition = _linked(abstract.get(base), abstract, instances, styles)
            if key is not None and key.lstrip("-").isdigit():
                self._lists[int(key)] = _list(instance, definition, counts.setdefault(base, {}))

    def marker(self, list_id: int, level: int) -> str | None:
        """Count one more paragraph; its number, `-` of a bullet, `None` where nothing is shown."""
        found = self._lists.get(list_id)
        level = max(0, min(level, _MOST_LEVELS - 1))
        if found is None:
            return None
        how = found.levels.get(level, Level(text=f"%{level + 1}."))
        start = found.started.pop(level, None)
        counts = found.counts
        counts[level] = counts.get(level, how.start - 1) + 1 if start is None else start
        for deeper in [one for one in counts if one > level]:
            if _begins_anew(found.levels.get(deeper), deeper, level):
                del counts[deeper]
        if how.form == "bullet":
            return "-"
        return None if how.form == "none" and not how.text else _shown(found, how)


def _begins_anew(how: Level | None, deeper: int, level: int) -> bool:
    """Usually after any level above it, else only after the one named or a higher one."""
    if how is None or how.restart is None:
        return True
    return how.restart != 0 and level < how.restart <= deeper


def _shown(found: _List, how: Level) -> str | None:
    def place(match: re.Match[str]) -> str:
        level = int(match[1]) - 1
        other = found.levels.get(level, Level())
        count = found.counts.get(level, other.start)
        return formatted(count, "decimal" if how.only_digits and other.form != "none" else other.form)

    return _PLACE.sub(place, how.text).strip() or None


def _linked(
    definition: etree._Element | None,
    abstract: dict[str | None, etree._Element],
    instances: dict[str | None, etree._Element],
    styles: Styles,
) -> etree._Element | None:
    """A numbering may only name a style, and that style the list."""
    link = value(definition, "numStyleLink")
    if link is None:
        return definition
    list_id, _ = styles.list_of(link)
    return abstract.get(value(instances.get(str(list_id)), "abstractNumId"), definition)


def _list(instance: etree._Element, definition: etree._Element | None, counts: dict[int, int]) -> _List:
    levels = _levels(definition)
    started: dict[int, int] = {}
    for override in instance.iterchildren(f"{W}lvlOverride"):
        place = _place(override)
        if (own := child(override, "lvl")) is not None:
            levels[place] = _level(own)
        if (start := number(override, "startOverride")) is not None:
            started[place] = start
    return _List(levels, counts, started)


def _levels(definition: etree._Element | None) -> dict[int, Level]:
    if definition is None:
        return {}
    return {_place(element): _level(element) for element in definition.iterchildren(f"{W}lvl")}


def _place(element: etree._Element) -> int:
    text = str(element.get(f"{W}ilvl") or "")
    return int(text) if text.isdecimal() else 0


def _level(element: etree._Element) -> Level:
    start = number(element, "start")
    return Level(
        start=1 if start is None else start,
        form=value(element, "numFmt") or "decimal",
        text=value(element, "lvlText") or "",
        restart=number(element, "lvlRestart"),
        only_digits=bool(switch(element, "isLgl")),
    )


def formatted(count: int, form: str) -> str:
    """A number in one of Word's formats; in digits where the format is not known."""
    if form in ("none", "bullet"):
        return ""
    if form in ("lowerRoman", "upperRoman") and 0 < count < 4000:
        return _roman(count) if form == "lowerRoman" else _roman(count).upper()
    if form in ("lowerLetter", "upperLetter") and count > 0:
        letter = chr(ord("a" if form == "lowerLetter" else "A") + (count - 1) % 26)
        return letter * min((count - 1) // 26 + 1, 40)
    if form in _CHINESE_FORMATS and 0 < count < 100:
        return _chinese(count)
    if form == "decimalZero":
        return f"{count:02}"
    return f"{count}{_ordinal(count)}" if form == "ordinal" else str(count)


def _roman(count: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        text += letters * (count // size)
        count %= size
    return text


def _chinese(count: int) -> str:
    tens, ones = divmod(count, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_CHINESE[tens]}十"
    return head + (_CHINESE[ones] if ones else "")


def _ordinal(count: int) -> str:
    if count % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
