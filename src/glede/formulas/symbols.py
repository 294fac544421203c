"""What the symbols of a formula mean, read from the sentences around it.

Patterns of English, German, Russian and Chinese: "where E is the energy and c the speed of light", "let n
denote ...", "wobei m die Masse ist", "где m — масса", "其中 m 为质量". Compare Pagael and Schubotz 2014,
"Mathematical Language Processing Project", whose patterns the English ones extend.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from glede.formulas.forms import normal, text_of
from glede.formulas.latex_symbols import ACCENTS, GREEK, UNICODE
from glede.formulas.reader import parse
from glede.formulas.trees import Tree

CONTEXT = 6000
"""Characters around a formula that are read."""
LONGEST_MEANING = 80
SENTENCE = 1500
"""Characters of a sentence that are read."""
MOST = 400
"""Mentions of symbols in a context."""
_FIRST = 0xE000  # of the private characters that stand for mentions
_MENTION = f"[\ue000-{chr(_FIRST + MOST)}]"
_MARKED = re.compile(r"\$\$(.{1,200}?)\$\$|\$([^$\n]{1,120}?)\$|\\\((.{1,120}?)\\\)", re.DOTALL)
_PLAIN = re.compile(
    r"(?<![\w\\'’.{-])(?:\\(?:" + "|".join(sorted(GREEK)) + r")|[B-HJ-Zb-zα-ωΑ-Ω𝐀-𝟋])"
    r"(?:_\{?[\w]{1,6}\}?|[₀-₉ᵢⱼₙₖ]|′|')?(?![\w'’{(^-]|\.[a-z])"
    r"|(?<![\w\\'’.{-])[aA](?=,? (?:is the|is a|are|denotes?|represents?|stands|the)\b)"
    r"|^[aA](?=\s*[:：—–=]\s)",
    re.MULTILINE,
)
_JOIN = r" ?(?:[,、;] ?)?(?:(?:and|or|und|oder|sowie|и|или|和|与|以及) ?)?"
_GROUP = rf"(?P<group>{_MENTION}(?>{_JOIN}{_MENTION}){{0,9}}+)"  # atomic, or long lists take for ever
_ARTICLE = r"(?:the|an?|any|some|its|their|our|der|die|das|den|dem|ein|eine|einen|einer|eines)\s+"
_END = (
    rf"(?=\s*(?:[.;。；，\n]|,(?!\d)|$|\bwhere\b|\bwhich\b|\bthat\b|\bsuch that\b|\bwobei\b|\bwith\b"
    rf"|\brespectively\b|\bdenoted\b|(?:\band\s+)?\blet\b|\bfor (?:all|any|each)\b|\bin the\b"
    r"|\bund\s+bezeichn|\bis\b|\bare\b|\bist\b|\bsind\b"
    rf"|(?:and|und|и|а|和|与|及|while|whereas)\s*{_MENTION}"
    rf"|(?:and|und|и|和|与)\s+(?:the|a|an|der|die|das)\s+\w+\s+{_MENTION}"
    rf"|[:：(（]|—|–))"
)
_MEANING = rf"(?P<meaning>[^.;。；，:：()（）\n]{{1,{LONGEST_MEANING}}}?){_END}"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"{_GROUP},?\s*(?:are|denote|represent|stand\s+for|mean|indicate|be)\s+(?:{_ARTICLE})?"
        r"(?P<meaning>[^.;\n]{1,160}?)(?=,?\s*respectively\b)",
        rf"{_GROUP},?\s*(?:\w+ly\s+)?(?:denotes?|represents?|stands?\s+for|means?|indicates?|refers?\s+to|designates?"
        rf"|corresponds?\s+to|signifies|signify|describes?|measures)\s+(?:{_ARTICLE})?{_MEANING}",
        rf"(?:denote|denotes|denoting|write|call)\s+(?:by\s+)?{_GROUP}\s+(?:for\s+)?{_ARTICLE}{_MEANING}",
        rf"by\s+{_GROUP}\s+we\s+(?:denote|mean)\s+(?:{_ARTICLE})?{_MEANING}",
        rf"{_GROUP},?\s*(?:is|are|be|being|as)\s+(?!not\b|given\b|called\b|defined\b){_ARTICLE}{_MEANING}",
        rf"{_GROUP}\s*(?:are|be)\s+(?!not\b|given\b|called\b)(?=(?:[\w-]+\s+){{0,3}}\w+s\b){_MEANING}",
        rf"(?:\b(?:where|here|with|and|wobei|dabei|und|mit)|,)\s+{_GROUP}\s+(?=(?:the|der|die|das)\s){_ARTICLE}"
        rf"(?!same\b|following\b|above\b){_MEANING}",
        rf"{_GROUP},?\s*(?:sei|seien|ist|sind|bezeichnet|bezeichnen|bezeichne|steht\s+für|stehen\s+für|bedeutet|"
        rf"beschreibt|bildet)\s+(?:{_ARTICLE})?{_MEANING}",
        rf"(?:sei|seien|ist|sind|is|are|bezeichnet|bezeichnen|bezeichne|beschreibt|bedeutet)\s+{_GROUP}\s+(?:{_ARTICLE}){_MEANING}",
        rf"mit\s+{_GROUP}\s+(?:als\s+)?(?:{_ARTICLE})?{_MEANING}",
        rf"{_GROUP}\s*(?:—|–|-|―)\s*(?:это\s+)?{_MEANING}",
        rf"{_GROUP}\s*(?:это|есть|обозначает|обозначают|означает|представляет\s+собой|является|являются)\s+{_MEANING}",
        rf"через\s+{_GROUP}\s+(?:обозначим|обозначена?|обозначено|обозначены|обозначается)\s+{_MEANING}",
        rf"{_GROUP}\s*(?:分别)?(?:是指|是|为|表示|代表|指的是|指|即|称为)\s*{_MEANING}",
        rf"^[\s*•-]*{_GROUP}\s*(?:[:：=]|\t|\s[-–—]\s)\s*{_MEANING}",
    )
)
_BEFORE = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        rf"(?:the|an?)\s+(?P<meaning>(?:[\w-]+\s+){{1,6}}?)(?:is\s+|are\s+)?(?:,\s*)?(?:we\s+)?denoted?\s+(?:by|as)\s+{_GROUP}",
        rf"\b(?:denote|write)\s+(?:the|an?)\s+(?P<meaning>[^.;,\n]{{3,60}}?)\s+(?:by|as)\s+{_GROUP}",
        rf"(?P<meaning>[^\s，。；、,.;：:]{{2,12}}?)\s*(?:用|以|记为|记作)\s*{_GROUP}\s*(?:来)?(?:表示|代表)?",
        rf"(?:обозначим|обозначается)\s+(?P<meaning>[\w\s-]{{3,40}}?)\s+(?:через|как)\s+{_GROUP}",
    )
)
_APPOSED = re.compile(
    rf"(?:\b(?:the|an?|each|every|any|of|with|and|for|all|given|between|two|der|die|das|des|dem|eine?r?)|,)\s+"
    rf"(?P<meaning>(?:(?!(?:with|and|for|in)\b)[^\W\d_][\w-]*\s+){{1,3}}?),?"
    rf"\s*{_GROUP}",
    re.IGNORECASE,
)
"""The noun before a symbol, "the energy E": the weakest sign, used where there is no other."""
_FILLING = (
    "for if that is are be where and or let with then of in at as by on to from "
    "when have has we define given such than equation formula theorem point value real any "
    "all some each holds between two three"
)
_NO_NOUN = frozenset(_FILLING.split())
_SENTENCES = re.compile(r"(?<=[.。；;])\s+|\n\s*\n")
_SPACES = re.compile(r"[^\S\n]+")
_LEADING = re.compile(rf"^(?:(?:and|und|и|all|each|every)\s+|{_ARTICLE})+", re.IGNORECASE)
_TRAILING = re.compile(r"(?:[\s,]|\b(?:and|und|и|the|of|a|ist|is|are|sind|als|bzw)\b)+$", re.IGNORECASE)


_MEANS = re.compile(r"[^\W\d_]{2,}|[\u4e00-\u9fff]")
_CLAUSE = re.compile(
    r"[=<>]|\b(?:can be|is equal|are equal|holds?|we have|satisf\w+|follows)\b|\\frac|\\sum|\\int"
)
"""In what is no meaning but the rest of a sentence."""


def symbols_in(latex: str) -> list[str]:
    """The variables of a formula in order, an index or an accent included: `E`, `x_i`, `hat(b)`."""
    return list(dict.fromkeys(_symbols(parse(latex))))


def _symbols(tree: Tree) -> Iterator[str]:
    if tree.kind == "variable":
        yield tree.label
    elif tree.label in ACCENTS or tree.label == "_":
        yield text_of(normal(tree))
    for child in tree.children:
        yield from _symbols(child)


def symbols_of(latex: str, context: str) -> dict[str, str]:
    """What the context says that symbols of the formula mean, by the symbol as it is written there."""
    wanted = set(symbols_in(latex))
    text, mentions = _with_mentions(context[:CONTEXT])
    found: dict[str, tuple[str, str]] = {}
    for symbols, meaning in _definitions(text, mentions):
        for written, key in symbols:
            if key in wanted and key not in found:
                found[key] = (written, meaning)
    return dict(found.values())


def _with_mentions(context: str) -> tuple[str, list[list[str]]]:
    """The context with one private character for each symbol in it, and what they stand for."""
    mentions: list[list[str]] = []

    def marked(match: re.Match[str]) -> str:
        inner = next(group for group in match.groups() if group is not None)
        return placed(_listed(inner)) if len(inner) <= 60 else " "

    def plain(match: re.Match[str]) -> str:
        return placed([match.group()])

    def placed(written: list[str]) -> str:
        if len(mentions) >= MOST:
            return " "
        mentions.append(written)
        return chr(_FIRST + len(mentions) - 1)

    return _SPACES.sub(" ", _PLAIN.sub(plain, _MARKED.sub(marked, context))), mentions


def _listed(inner: str) -> list[str]:
    """The symbols of `a, b, c`; of a formula with a relation the part before it."""
    if "," in inner and "(" not in inner and "{" not in inner:
        return [part.strip() for part in inner.split(",") if part.strip()]
    return [inner.strip()]


def _definitions(text: str, mentions: Sequence[list[str]]) -> Iterator[tuple[list[tuple[str, str]], str]]:
    """Symbols, each as written and as it is compared, with a meaning; the surest patterns first."""
    for sentence in (piece[:SENTENCE] for piece in _SENTENCES.split(text)):
        for pattern in (*_PATTERNS, *_BEFORE):
            for match in _overlapping(pattern, sentence):
                yield from _read(match, mentions)
    for match in _APPOSED.finditer(text):
        words = match.group("meaning").split()
        if words and words[-1].casefold() not in _NO_NOUN and len(words[-1]) > 2:
            yield from _read(match, mentions)


def _overlapping(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Matches, each looked for from the end of the symbols of the one before: meanings may overlap them."""
    place = 0
    while (match := pattern.search(text, place)) is not None:
        yield match
        place = max(match.end("group"), place + 1)


def _read(match: re.Match[str], mentions: Sequence[list[str]]) -> Iterator[tuple[list[tuple[str, str]], str]]:
    meaning = _restored(match.group("meaning"), mentions)
    if not _MEANS.search(meaning) or _CLAUSE.search(meaning):
        return
    places = [ord(sign) - _FIRST for sign in match.group("group") if _FIRST <= ord(sign) <= _FIRST + MOST]
    symbols = [(written, _key(written)) for place in places for written in mentions[place]]
    parts = _parts(meaning) if match.string[match.end() :].lstrip(" ,").startswith("respectively") else []
    if len(parts) == len(symbols) > 1:
        yield from (([symbol], part) for symbol, part in zip(symbols, parts, strict=True))
    else:
        yield symbols, meaning


def _parts(meaning: str) -> list[str]:
    return [_LEADING.sub("", part).strip() for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", meaning)]


def _restored(meaning: str, mentions: Sequence[list[str]]) -> str:
    """The words of a meaning, with the symbols in it as they are written."""
    words = "".join(
        ", ".join(mentions[ord(sign) - _FIRST]) if _FIRST <= ord(sign) < _FIRST + len(mentions) else sign
        for sign in meaning
    )
    words = " ".join(words.split()).strip(" ,:—–-")
    return _TRAILING.sub("", _LEADING.sub("", words))


def _key(written: str) -> str:
    """A symbol as it is compared: of `f(x)` the function, of `n \\in N` and `x = 1` the variable."""
    tree = parse(written)
    while tree.label in ("apply", "in", "=", "<", "le", "ne"):
        tree = next((child for child in tree.children if child.kind != "number"), Tree(""))
    return text_of(normal(tree))


def written(symbols: Mapping[str, str]) -> str:
    """The meanings as one line: `E: energy; c: speed of light`."""
    return "; ".join(f"{_bare(symbol)}: {meaning}" for symbol, meaning in symbols.items())


_LETTERS = {name: sign for sign, name in reversed(list(UNICODE.items())) if name in GREEK or name == "pi"}
_COMMAND = re.compile(r"\\([A-Za-z]+)")


def _bare(symbol: str) -> str:
    """A symbol as one would type it: Greek letters for commands, no braces."""
    signs = _COMMAND.sub(lambda match: _LETTERS.get(match.group(1), match.group(1)), symbol)
    return signs.replace("{", "").replace("}", "")
