"""Bare MathML to LaTeX: the presentation elements that occur, by a loop instead of recursion."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

MAX_ELEMENTS = 20_000
_SPACES = re.compile(r"\s+")
_GREEK = "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩϵϕϑ"
_GREEK_NAMES = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon "
    "varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega epsilon phi vartheta"
)
_SYMBOLS = {letter: f"\\{name}" for letter, name in zip(_GREEK, _GREEK_NAMES.split(), strict=True)} | {
    "∑": r"\sum", "∏": r"\prod", "∫": r"\int", "∬": r"\iint", "∮": r"\oint", "∂": r"\partial",
    "∇": r"\nabla", "∞": r"\infty", "±": r"\pm", "∓": r"\mp", "×": r"\times", "÷": r"\div", "⋅": r"\cdot",
    "·": r"\cdot", "∘": r"\circ", "≤": r"\leq", "≥": r"\geq", "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv",
    "∼": r"\sim", "∝": r"\propto", "∈": r"\in", "∉": r"\notin", "⊂": r"\subset", "⊆": r"\subseteq",
    "∪": r"\cup", "∩": r"\cap", "∧": r"\wedge", "∨": r"\vee", "¬": r"\neg", "∀": r"\forall",
    "∃": r"\exists", "→": r"\to", "←": r"\leftarrow", "⇒": r"\Rightarrow", "⇔": r"\Leftrightarrow",
    "↦": r"\mapsto", "…": r"\ldots", "⋯": r"\cdots", "⋮": r"\vdots", "⋱": r"\ddots", "ℓ": r"\ell",
    "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℂ": r"\mathbb{C}", "ℚ": r"\mathbb{Q}",
    "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "−": "-", "∗": "*", "′": "'", "∅": r"\emptyset",
    "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_", "$": r"\$", "\\": r"\backslash",
    "⊕": r"\oplus", "⊗": r"\otimes", "∥": r"\parallel", "⊥": r"\perp", "√": r"\surd", "ħ": r"\hbar",
    "\u2061": "", "\u2062": "", "\u2063": ",", "\u2064": "", "\xa0": " ",
}  # fmt: skip
_FUNCTIONS = frozenset(
    [
        "sin",
        "cos",
        "tan",
        "cot",
        "log",
        "ln",
        "exp",
        "lim",
        "max",
        "min",
        "sup",
        "inf",
        "det",
        "dim",
        "ker",
        "arg",
    ]
)
_ACCENTS = {
    "¯": r"\bar", "‾": r"\overline", "^": r"\hat", "ˆ": r"\hat", "~": r"\tilde", "˜": r"\tilde",
    "→": r"\vec", "⃗": r"\vec", "˙": r"\dot", "¨": r"\ddot", "⏞": r"\overbrace",
}  # fmt: skip
_LIMITS = frozenset([r"\sum", r"\prod", r"\int", r"\lim", r"\max", r"\min", r"\sup", r"\inf", r"\oint"])
_SKIPPED = frozenset(["annotation", "annotation-xml", "mphantom", "mprescripts", "none"])


def latex_of(math: HtmlElement) -> str:
    """The LaTeX of a `<math>` element, without delimiters; elements it does not know become their parts.

    Beyond 20,000 elements only the text is kept.
    """
    elements = [element for element in math.iter() if isinstance(element.tag, str)]
    if len(elements) > MAX_ELEMENTS:
        return _SPACES.sub(" ", math.text_content()).strip()
    done: dict[HtmlElement, str] = {}
    for element in reversed(elements):  # children come after their parents, so backwards they are ready
        parts = [done.pop(child) for child in element if child in done]
        done[element] = "" if element.tag in _SKIPPED else _convert(element, parts)
    return _SPACES.sub(" ", done[math]).strip()


def _convert(element: HtmlElement, parts: Sequence[str]) -> str:
    tag = str(element.tag).rpartition(":")[2].lower()
    if not parts or tag in ("mi", "mo", "mn", "mtext", "ms"):
        return _token(tag, _SPACES.sub(" ", element.text_content()).strip())
    if tag in _SCRIPTS and len(parts) >= _SCRIPTS[tag]:
        return _script(tag, parts)
    if tag in ("mfrac", "mroot") and len(parts) == 2:
        over, under = parts
        return rf"\frac{{{over}}}{{{under}}}" if tag == "mfrac" else rf"\sqrt[{under}]{{{over}}}"
    if tag == "mfenced":
        return _fenced(element, parts)
    return _wrapped(tag, parts)


def _fenced(element: HtmlElement, parts: Sequence[str]) -> str:
    left, right = element.get("open", "("), element.get("close", ")")
    separator = element.get("separators", ",")[:1]
    return _row([_symbols(left), f"{separator} ".join(parts), _symbols(right)])


def _wrapped(tag: str, parts: Sequence[str]) -> str:
    if tag == "msqrt":
        return rf"\sqrt{{{_row(parts)}}}"
    if tag == "mtable":
        rows = r" \\ ".join(parts)
        return rf"\begin{{matrix}} {rows} \end{{matrix}}"
    return " & ".join(parts) if tag in ("mtr", "mlabeledtr") else _row(parts)


_SCRIPTS = {"msup": 2, "msub": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3}


def _script(tag: str, parts: Sequence[str]) -> str:
    base = parts[0] if _is_single(parts[0]) else f"{{{parts[0]}}}"
    if tag in ("msubsup", "munderover"):
        return f"{base}_{{{parts[1]}}}^{{{parts[2]}}}"
    if tag == "msub" or (tag == "munder" and base in _LIMITS):
        return f"{base}_{{{parts[1]}}}"
    if tag == "munder":
        return rf"\underset{{{parts[1]}}}{{{parts[0]}}}"
    if tag == "mover" and base not in _LIMITS:
        accent = _ACCENTS_IN_LATEX.get(parts[1])
        return f"{accent}{{{parts[0]}}}" if accent else rf"\overset{{{parts[1]}}}{{{parts[0]}}}"
    return f"{base}^{{{parts[1]}}}"


def _is_single(text: str) -> bool:
    return len(text) <= 1 or re.fullmatch(r"\\[A-Za-z]+|\d+|[()\[\]|]", text) is not None


def _row(parts: Sequence[str]) -> str:
    """Side by side; a command must not run into a letter after it."""
    result = ""
    for part in parts:
        spaced = re.search(r"\\[A-Za-z]+$", result) and part[:1].isalpha()
        result += f" {part}" if spaced else part
    return result


def _token(tag: str, text: str) -> str:
    if tag == "mtext" and text:
        return rf"\text{{{text}}}"
    if tag == "mspace":
        return r"\,"
    if text in _FUNCTIONS:
        return f"\\{text}"
    if tag == "mi" and len(text) > 1 and text.isalpha():
        return rf"\mathrm{{{text}}}"
    if tag == "mo" and text in _RELATIONS:
        return f" {_symbols(text)} "
    return _symbols(text)


_RELATIONS = frozenset("=+-−±×⋅≤≥≠≈≡∼∝∈∉⊂⊆∪∩∧∨→←⇒⇔↦<>,")


def _symbols(text: str) -> str:
    return _row([_SYMBOLS.get(character, character) for character in text])


_ACCENTS_IN_LATEX = {_symbols(sign): command for sign, command in _ACCENTS.items()} | {" \\to ": r"\vec"}
