"""Formulas of Office documents (OMML) as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lxml import etree

from glede.parsers.omml_symbols import (
    ACCENTS,
    DELIMITERS,
    FUNCTIONS,
    LIMITS,
    SCRIPTS,
    STYLES,
    side_by_side,
    symbol,
    symbols,
    words,
)

_SPACES = re.compile(r"\s+")
_AROUND = re.compile("\\A[\\s\ue001]+|[\\s\ue001]+\\Z")
_BETWEEN_WORDS = re.compile(r"(?<=[^\W\d_]) +(?=[^\W\d_]|\Z)|\A +\Z")
_SINGLE = re.compile(r"[^\\{}\s]|\d+|\\[A-Za-z]+|\\[A-Za-z]+\{[A-Za-z]\}")
_FENCED = re.compile(r"\\left.*\\right\S+|\(.*\)", re.DOTALL)
_LINE_END = r" \\ "
_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER_MARK = "\ue000"
"""Stands where Word begins the number of an equation; of no use in any formula."""
_SPACE = "\ue001"
"""Stands for a space that is to be seen."""
_NUMBER = re.compile(r"\s*(?:\\left)?\(?(.*?)(?:\\right)?\)?\s*")
_SKIPPED = frozenset({"del", "moveFrom", "rPr", "ctrlPr", "annotationRef"})
_MATRICES = {
    ("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("{", "}"): "Bmatrix", ("|", "|"): "vmatrix",
    ("‖", "‖"): "Vmatrix", ("{", ""): "cases",
}  # fmt: skip
_ARROWS = {
    "→": "xrightarrow", "←": "xleftarrow", "⇒": "xRightarrow", "⇐": "xLeftarrow", "↔": "xleftrightarrow",
    "⇔": "xLeftrightarrow", "⇌": "xrightleftharpoons",
}  # fmt: skip
_INTEGRALS = frozenset("∫∬∭∮∯∰")


def latex_of(element: etree._Element) -> str:
    """The LaTeX of `m:oMath` or `m:oMathPara`, without delimiters; of what it does not know, the parts."""
    latex = _trimmed(_SPACES.sub(" ", _latex(element)))
    return latex.replace(_NUMBER_MARK, r"\#").replace(_SPACE, r"\ ")


def _latex(element: etree._Element) -> str:
    name = _name(element)
    if name in _SKIPPED:
        return ""
    convert = _CONVERTERS.get(name)
    return convert(element) if convert is not None else _row(element)


def _name(element: etree._Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else "del"


def _row(element: etree._Element | None) -> str:
    if element is None:
        return ""
    return side_by_side(_latex(child) for child in element if not _name(child).endswith("Pr"))


def _part(element: etree._Element, name: str) -> str:
    return _trimmed(_row(element.find(f"{{*}}{name}")))


def _trimmed(text: str) -> str:
    """Without space around it, be it a blank or the command for one."""
    return _AROUND.sub("", text)


def _property(element: etree._Element, name: str, default: str = "") -> str:
    """The value of a property: `default` where it is missing, and `1` where it is there without a value."""
    return _value(element.find(f"{{*}}{_name(element)}Pr/{{*}}{name}"), default)


def _value(element: etree._Element | None, default: str) -> str:
    if element is None:
        return default
    return next((str(value) for key, value in element.attrib.items() if str(key).endswith("}val")), "1")


def _is_on(element: etree._Element, name: str) -> bool:
    return _property(element, name, "0") not in ("0", "off", "false")


def _grouped(text: str) -> str:
    return text if _SINGLE.fullmatch(text) or _FENCED.fullmatch(text) else f"{{{text}}}"


def _scripted(base: str, sub: str, sup: str) -> str:
    if re.fullmatch(r"'+", sup):
        base, sup = base + sup, ""
    return base + (f"_{{{sub}}}" if sub else "") + (f"^{{{sup}}}" if sup else "")


def _paragraph(element: etree._Element) -> str:
    lines = [text for child in element if _name(child) == "oMath" and (text := _trimmed(_row(child)))]
    if len(lines) < 2:
        return "".join(lines)
    return _environment("gathered", lines)


def _run(element: etree._Element) -> str:
    text = "".join(
        (child.text or "") if _name(child) == "t" else " "
        for child in element
        if _name(child) in ("t", "br", "tab")
    )
    properties = element.find("{http://schemas.openxmlformats.org/officeDocument/2006/math}rPr")
    if properties is None:
        return _letters(text, element)
    if _flag(properties, "nor"):
        return words(text) if text.strip() else " "
    style, script = _flag(properties, "sty"), _flag(properties, "scr")
    command = SCRIPTS.get(script) or STYLES.get(style, "")
    return _styled(text, command, element) if command else _letters(text, element)


def _flag(properties: etree._Element, name: str) -> str:
    value = _value(properties.find(f"{{*}}{name}"), "")
    return "" if value in ("0", "off", "false") else value


def _styled(text: str, command: str, element: etree._Element) -> str:
    """Letters, and in bold digits, in the style; functions by their names; all else as it is."""
    pattern = r"[^\W\d_]+|[\W\d_]+" if command == r"\mathrm" else r"\w+|\W+"
    parts = []
    for piece in re.findall(pattern, text):
        if command == r"\mathrm" and piece in FUNCTIONS:
            parts.append(f"\\{piece}")
        elif piece.isascii() and piece.isalnum():
            parts.append(f"{command}{{{piece}}}")
        elif command == r"\boldsymbol" and piece.isalpha():
            parts.append(f"{command}{{{symbols(piece)}}}")
        else:
            parts.append(_letters(piece, element))
    return side_by_side(parts)


def _letters(text: str, element: etree._Element) -> str:
    """In an array of equations `&` is where they are aligned, and `#` begins the number."""
    text = _BETWEEN_WORDS.sub(_SPACE, text)
    if "&" not in text and "#" not in text:
        return symbols(text)
    in_array = any(_name(above) == "eqArr" for above in element.iterancestors())
    signs = {"&": "&", "#": _NUMBER_MARK} if in_array else {}
    return side_by_side(signs.get(character) or symbol(character) for character in text)


def _fraction(element: etree._Element) -> str:
    over, under = _part(element, "num"), _part(element, "den")
    kind = _property(element, "type", "bar")
    if kind == "noBar":
        return rf"\genfrac{{}}{{}}{{0pt}}{{}}{{{over}}}{{{under}}}"
    if kind in ("lin", "skw"):
        return f"{_grouped(over)}/{_grouped(under)}"
    return rf"\frac{{{over}}}{{{under}}}"


def _radical(element: etree._Element) -> str:
    degree = "" if _is_on(element, "degHide") else _part(element, "deg")
    root = _part(element, "e")
    return rf"\sqrt[{degree}]{{{root}}}" if degree else rf"\sqrt{{{root}}}"


def _script(element: etree._Element) -> str:
    return _scripted(_grouped(_part(element, "e")), _part(element, "sub"), _part(element, "sup"))


def _script_before(element: etree._Element) -> str:
    return _scripted("{}", _part(element, "sub"), _part(element, "sup")) + _grouped(_part(element, "e"))


def _operator(element: etree._Element) -> str:
    sign = _property(element, "chr", "∫")
    sub = "" if _is_on(element, "subHide") else _part(element, "sub")
    sup = "" if _is_on(element, "supHide") else _part(element, "sup")
    base = symbols(sign) or "{}"
    if sign in _INTEGRALS and _property(element, "limLoc") == "undOvr" and (sub or sup):
        base += r"\limits"
    return side_by_side([_scripted(base, sub, sup), _part(element, "e")])


def _delimited(element: etree._Element) -> str:
    left, right = _property(element, "begChr", "("), _property(element, "endChr", ")")
    insides = element.findall("{*}e")
    if len(insides) == 1 and (special := _special_delimited(insides[0], left, right)):
        return special
    parts = [_trimmed(_row(inside)) for inside in insides]
    separator = _property(element, "sepChr", "|")
    if left not in DELIMITERS or right not in DELIMITERS:
        return side_by_side([symbols(left), symbols(separator).join(parts), symbols(right)])
    if DELIMITERS.get(separator, "") not in ("", "."):
        separator = rf"\middle{DELIMITERS[separator]} "
    else:
        separator = symbols(separator)
    inner = separator.join(parts)
    opening = DELIMITERS[left]
    space = " " if opening[-1:].isalpha() and inner[:1].isalpha() else ""
    return rf"\left{opening}{space}{inner}\right{DELIMITERS[right]}"


def _special_delimited(inside: etree._Element, left: str, right: str) -> str:
    """A matrix or cases by its environment, and a binomial coefficient."""
    children = [child for child in inside if not _name(child).endswith("Pr")]
    if len(children) != 1:
        return ""
    child, name = children[0], _name(children[0])
    kind = _MATRICES.get((left, right))
    if kind is not None and (name == "m" or (name == "eqArr" and kind == "cases")):
        return _environment(kind, _matrix_rows(child) if name == "m" else _equations(child))
    if name == "f" and (left, right) == ("(", ")") and _property(child, "type") == "noBar":
        return rf"\binom{{{_part(child, 'num')}}}{{{_part(child, 'den')}}}"
    return ""


def _environment(name: str, rows: Sequence[str]) -> str:
    return rf"\begin{{{name}}} {_LINE_END.join(rows)} \end{{{name}}}"


def _matrix_rows(element: etree._Element) -> list[str]:
    return [
        " & ".join(_trimmed(_row(cell)) for cell in row.iterfind("{*}e")) for row in element.iterfind("{*}mr")
    ]


def _matrix(element: etree._Element) -> str:
    return _environment("matrix", _matrix_rows(element))


def _equations(element: etree._Element) -> list[str]:
    return [_trimmed(_row(line)) for line in element.iterfind("{*}e")]


def _equation_array(element: etree._Element) -> str:
    rows = _equations(element)
    if len(rows) != 1:
        rows = [row.replace(_NUMBER_MARK, r" \quad ") for row in rows]
        return _environment("aligned", rows)
    equation, mark, number = rows[0].partition(_NUMBER_MARK)
    equation = equation.replace("&", "") if r"\begin" not in equation else equation
    match = _NUMBER.fullmatch(number)
    return rf"{equation} \tag{{{match[1]}}}" if mark and match else equation


def _function(element: etree._Element) -> str:
    name, argument = _part(element, "fName"), _part(element, "e")
    plain = name.removeprefix(r"\mathrm{").removesuffix("}")
    if plain in FUNCTIONS:
        name = f"\\{plain}"
    elif _WORD.fullmatch(plain):
        name = rf"\operatorname{{{plain}}}"
    return side_by_side([name, argument if name.endswith("}") or argument[:1] != "{" else f" {argument}"])


def _limit(element: etree._Element) -> str:
    base, limit = _part(element, "e"), _part(element, "lim")
    below = _name(element) == "limLow"
    plain = base.removeprefix(r"\mathrm{").removesuffix("}")
    if f"\\{plain}" in LIMITS:
        base = f"\\{plain}"
    elif _WORD.fullmatch(plain) and base != plain:
        base = rf"\operatorname*{{{plain}}}"
    carries = base in LIMITS or base.startswith(r"\operatorname*")
    if carries or base.startswith(r"\underbrace" if below else r"\overbrace"):
        return f"{base}_{{{limit}}}" if below else f"{base}^{{{limit}}}"
    return rf"\{'under' if below else 'over'}set{{{limit}}}{{{base}}}"


def _accent(element: etree._Element) -> str:
    sign, base = _property(element, "chr", "\u0302"), _part(element, "e")
    narrow, wide = ACCENTS.get(sign, (rf"\overset{{{symbols(sign)}}}",) * 2)
    return f"{narrow if _SINGLE.fullmatch(base) else wide}{{{base}}}"


def _bar(element: etree._Element) -> str:
    command = r"\overline" if _property(element, "pos", "bot") == "top" else r"\underline"
    return f"{command}{{{_part(element, 'e')}}}"


def _group(element: etree._Element) -> str:
    """A brace or another sign along a group; words along an arrow belong to the arrow."""
    sign, inside = _property(element, "chr", "⏟"), _part(element, "e")
    on_top = _property(element, "pos", "bot") == "top"
    if sign in "⏞⏟":
        return rf"\{'over' if sign == '⏞' else 'under'}brace{{{inside}}}"
    if sign in _ARROWS:
        return rf"\{_ARROWS[sign]}[{inside}]{{}}" if on_top else rf"\{_ARROWS[sign]}{{{inside}}}"
    return rf"\{'over' if on_top else 'under'}set{{{symbols(sign)}}}{{{inside}}}"


def _phantom(element: etree._Element) -> str:
    inside = _part(element, "e")
    if _property(element, "show", "1") not in ("0", "off", "false"):
        return rf"\smash{{{inside}}}" if _is_on(element, "zeroAsc") or _is_on(element, "zeroDesc") else inside
    if _is_on(element, "zeroWid"):
        return rf"\vphantom{{{inside}}}"
    flat = _is_on(element, "zeroAsc") and _is_on(element, "zeroDesc")
    return rf"\hphantom{{{inside}}}" if flat else rf"\phantom{{{inside}}}"


def _bordered(element: etree._Element) -> str:
    inside = _part(element, "e")
    rising, falling = _is_on(element, "strikeBLTR"), _is_on(element, "strikeTLBR")
    if rising or falling:
        inside = rf"\{'x' if rising and falling else 'b' if falling else ''}cancel{{{inside}}}"
    elif _is_on(element, "strikeH") or _is_on(element, "strikeV"):
        inside = rf"\sout{{{inside}}}"
    sides = [_is_on(element, f"hide{side}") for side in ("Top", "Bot", "Left", "Right")]
    return inside if all(sides) else rf"\boxed{{{inside}}}"


def _box(element: etree._Element) -> str:
    inside = _part(element, "e")
    return rf"\,{inside}" if _is_on(element, "diff") else inside


_CONVERTERS: dict[str, Callable[[etree._Element], str]] = {
    "oMathPara": _paragraph, "r": _run, "f": _fraction, "rad": _radical, "sSup": _script, "sSub": _script,
    "sSubSup": _script, "sPre": _script_before, "nary": _operator, "d": _delimited, "m": _matrix,
    "eqArr": _equation_array, "func": _function, "limLow": _limit, "limUpp": _limit, "acc": _accent,
    "bar": _bar, "groupChr": _group, "phant": _phantom, "borderBox": _bordered, "box": _box,
}  # fmt: skip
