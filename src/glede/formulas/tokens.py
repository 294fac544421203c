"""LaTeX and plain mathematics as tokens: macros expanded, characters of Unicode read, looks dropped."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from glede.formulas.latex_symbols import ALIASES, SETS, SUBSCRIPTS, SUPERSCRIPTS, SWITCHES, UNICODE, WORDS

CHARACTERS = 4000
"""What is longer is no formula that anyone looks for: the rest is left away."""
TOKENS = 2000
EXPANSIONS = 200
_TOKEN = re.compile(
    r"\\(?P<command>[A-Za-z]+\*?|[^A-Za-z])|(?P<number>\d+(?:\.\d+)?|\.\d+)|(?P<word>[A-Za-z]+)|(?P<sign>\S)"
)
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")
_HIGH = "".join(map(chr, SUPERSCRIPTS))
_LOW = "".join(map(chr, SUBSCRIPTS))
_SCRIPTS = re.compile(f"[{_HIGH}]+|[{_LOW}]+")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"), ("&#10;", "\n"), ("&nbsp;", " "))
_DEFINITION = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|DeclareMathOperator)\*?\s*\{?\\(?P<new>[A-Za-z]+)\}?"
    r"(?:\[(?P<count>\d)\])?(?:\[[^\]]*\])?\s*(?={)"
    r"|\\def\s*\\(?P<old>[A-Za-z]+)(?P<marks>(?:#\d)*)\s*(?={)"
)
_ARGUMENT = re.compile(r"#(\d)")
_LENGTH = r"\s*-?\d*\.?\d+\s*(?:mu|pt|em|ex|cm|mm|in|sp)?"
_UNSAID = re.compile(
    r"\\(?:label|tag|ref|eqref|cite|footnote|intertext|[hv]space|[hv]?phantom|color)\*?\s*\{[^{}]*\}"
    rf"|\\(?:[hv]skip|mkern|kern|mskip|mathchar)(?:\{{{_LENGTH}\}}|{_LENGTH})"
    r"|(?<!\\)\\[\[\]()]"
)
"""What is no part of what a formula says."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A command that a document defines; `#1` in the body stands for its first argument."""

    body: str
    arguments: int = 0


def macros_in(text: str) -> dict[str, Macro]:
    """The commands, without backslash, that a text defines with newcommand, def and DeclareMathOperator."""
    macros = {}
    for match in _DEFINITION.finditer(text):
        body = _group_at(text, match.end())
        if body is None:
            continue
        if "DeclareMathOperator" in match.group():
            body = rf"\operatorname{{{body}}}"
        count = int(match.group("count") or 0) or (match.group("marks") or "").count("#")
        macros[match.group("new") or match.group("old")] = Macro(body, count)
    return macros


def tokens_of(latex: str, macros: Mapping[str, Macro] | None = None) -> list[str]:
    """The tokens of a formula: commands with a backslash, numbers, single letters, names of functions."""
    text = latex[:CHARACTERS]
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    text = _COMMENT.sub("", text)
    if macros:
        text = expanded(text, macros)
    return list(_tokens(_UNSAID.sub(" ", _plain(text))))[:TOKENS]


def _plain(text: str) -> str:
    """Characters of Unicode as LaTeX, and the letters of mathematical alphabets as letters."""
    if text.isascii():
        return text
    text = _SCRIPTS.sub(_script, text)
    signs = []
    for sign in text:
        if sign in SETS:
            signs.append(rf"\mathbb{{{SETS[sign]}}}")
            continue
        command = UNICODE.get(sign)
        plain = sign if command else unicodedata.normalize("NFKC", sign)
        command = command or UNICODE.get(plain)
        signs.append(f"\\{command} " if command and command != "|" else command or plain)
    return "".join(signs).replace("−", "-").replace("–", "-").replace("′", "'").replace("″", "''")


def _script(match: re.Match[str]) -> str:
    run = match.group()
    if run[0] in _HIGH:
        return f"^{{{run.translate(SUPERSCRIPTS)}}}"
    return f"_{{{run.translate(SUBSCRIPTS)}}}"


def _tokens(text: str) -> Iterator[str]:
    side = ""  # of the delimiter that comes next
    for match in _TOKEN.finditer(text):
        symbol = match.group()
        if match.lastgroup == "command":
            name = match.group("command").rstrip("*")
            if name in ("left", "right"):
                side = name
                continue
            if name in SWITCHES:
                continue
            symbol = _command(name)
        if side:
            symbol, side = _delimiter(symbol, side), ""
        if match.lastgroup == "word" and symbol not in WORDS:
            yield from symbol
        elif match.lastgroup == "word":
            yield f"\\{symbol}"
        elif symbol:
            yield "\\cdot" if symbol == "*" else symbol


def _command(name: str) -> str:
    """The symbol of a command, the same for those that mean the same."""
    if name == "|":
        return "\\Vert"
    name = ALIASES.get(name, name)
    return name if name in ("|", ":", "<", ">", "[", "]", "(", ")") else f"\\{name}"


def _delimiter(symbol: str, side: str) -> str:
    """The delimiter after `left` or `right`; a dot is none."""
    if symbol in ("|", "\\Vert"):
        return f"\\{side[0]}{'vert' if symbol == '|' else 'Vert'}"
    if symbol in "<>":
        return "\\langle" if side == "left" else "\\rangle"
    return "" if symbol == "." else symbol


def expanded(text: str, macros: Mapping[str, Macro]) -> str:
    """The text with the document's own commands replaced, under limits of number and length."""
    names = "|".join(sorted(map(re.escape, macros), key=len, reverse=True))
    command = re.compile(rf"\\({names})(?![A-Za-z])")
    place = 0
    for _ in range(EXPANSIONS):
        found = command.search(text, place)
        if found is None or len(text) > CHARACTERS:
            break
        macro = macros[found.group(1)]
        arguments, end = _arguments(text, found.end(), macro.arguments)
        text = f"{text[: found.start()]}{{{_filled(macro.body, arguments)}}}{text[end:]}"
        place = found.start()
    return text[:CHARACTERS]


def _filled(body: str, arguments: Sequence[str]) -> str:
    def given(match: re.Match[str]) -> str:
        number = int(match.group(1))
        return arguments[number - 1] if 0 < number <= len(arguments) else ""

    return _ARGUMENT.sub(given, body)


def _arguments(text: str, place: int, count: int) -> tuple[list[str], int]:
    found: list[str] = []
    for _ in range(count):
        while place < len(text) and text[place].isspace():
            place += 1
        body = _group_at(text, place)
        found.append(text[place : place + 1] if body is None else body)
        place += 1 if body is None else len(body) + 2
    return found, place


def _group_at(text: str, place: int) -> str | None:
    """What stands between the braces that begin at a place."""
    if text[place : place + 1] != "{":
        return None
    depth = 0
    for end in range(place, min(len(text), place + CHARACTERS)):
        if text[end] in "{}" and text[end - 1] != "\\":
            depth += 1 if text[end] == "{" else -1
            if depth == 0:
                return text[place + 1 : end]
    return None
