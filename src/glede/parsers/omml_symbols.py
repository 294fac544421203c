"""Characters of Office formulas as LaTeX commands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_GREEK = "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩϵϑϕϖϱϰ"
_GREEK_NAMES = (
    "alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho varsigma sigma tau "
    "upsilon varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega epsilon "
    "vartheta phi varpi varrho varkappa"
)
_COMMANDS = (
    "∑ sum ∏ prod ∐ coprod ∫ int ∬ iint ∭ iiint ∮ oint ∯ oiint ∰ oiiint ⋃ bigcup ⋂ bigcap ⋁ bigvee "
    "⋀ bigwedge ⨁ bigoplus ⨂ bigotimes ⨀ bigodot ⨆ bigsqcup ⨄ biguplus ∂ partial ∇ nabla ∞ infty ± pm "
    "∓ mp × times ÷ div ⋅ cdot · cdot ∘ circ ° degree • bullet ∙ bullet ⋆ star ≤ leq ≥ geq ≦ leqq "
    "≧ geqq ≠ neq ≈ approx ≡ equiv ∼ sim ≃ simeq ≅ cong ≍ asymp ∝ propto ≪ ll ≫ gg ≺ prec ≻ succ "
    "≐ doteq ≜ triangleq ∈ in ∉ notin ∋ ni ⊂ subset ⊃ supset ⊆ subseteq ⊇ supseteq ⊊ subsetneq ∪ cup "
    "∩ cap ⊎ uplus ⊔ sqcup ⊓ sqcap ∖ setminus ∧ wedge ∨ vee ¬ neg ∀ forall ∃ exists ∄ nexists "
    "∴ therefore ∵ because ⊢ vdash ⊨ models ⊤ top ⊥ bot ⟂ perp ∥ parallel ∦ nparallel ∣ mid ∠ angle "
    "∡ measuredangle △ triangle □ square → to ← leftarrow ↔ leftrightarrow ⇒ Rightarrow ⇐ Leftarrow "
    "⇔ Leftrightarrow ↑ uparrow ↓ downarrow ↕ updownarrow ⇑ Uparrow ⇓ Downarrow ↦ mapsto "
    "↪ hookrightarrow ↩ hookleftarrow ⟶ longrightarrow ⟵ longleftarrow ⟹ Longrightarrow "
    "⟺ Longleftrightarrow ⇌ rightleftharpoons ⇀ rightharpoonup ⇁ rightharpoondown ↼ leftharpoonup "
    "↽ leftharpoondown ↗ nearrow ↘ searrow ↙ swarrow ↖ nwarrow … ldots ⋯ cdots ⋮ vdots ⋱ ddots ℓ ell "
    "ℏ hbar ℑ Im ℜ Re ℘ wp ℵ aleph ℶ beth ∅ emptyset ı imath ȷ jmath ⟨ langle ⟩ rangle 〈 langle "
    "〉 rangle ⌈ lceil ⌉ rceil ⌊ lfloor ⌋ rfloor ⊕ oplus ⊖ ominus ⊗ otimes ⊘ oslash ⊙ odot † dagger "
    "‡ ddagger √ surd § S ¶ P ⊲ triangleleft ⊳ triangleright ♯ sharp ♭ flat ♮ natural ⌢ frown ⌣ smile "
    "≀ wr ⋈ bowtie"
)
_pairs = _COMMANDS.split()
_SYMBOLS = (
    {letter: f"\\{name}" for letter, name in zip(_GREEK, _GREEK_NAMES.split(), strict=True)}
    | {sign: f"\\{name}" for sign, name in zip(_pairs[::2], _pairs[1::2], strict=True)}
    | {
        "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℂ": r"\mathbb{C}", "ℚ": r"\mathbb{Q}",
        "ℙ": r"\mathbb{P}", "ℍ": r"\mathbb{H}", "ℒ": r"\mathcal{L}", "ℱ": r"\mathcal{F}", "ℋ": r"\mathcal{H}",
        "ℬ": r"\mathcal{B}", "ℰ": r"\mathcal{E}", "ℳ": r"\mathcal{M}", "ℛ": r"\mathcal{R}",
        "ℐ": r"\mathcal{I}",
        "ℎ": "h", "ⅆ": "d", "ⅇ": "e", "ⅈ": "i", "‖": r"\|", "−": "-", "∗": "*", "′": "'", "″": "''",
        "‴": "'''", "≔": ":=", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#", "&": r"\&", "_": r"\_",
        "$": r"\$", "\\": r"\backslash", "~": r"\sim", "^": r"\hat{}", "\xa0": " ", "\u2003": r"\quad ",
        "\u2002": r"\enspace ", "\u2009": r"\,", "\u2005": r"\:", "\u2004": r"\;", "\u200a": "", "\u200b": "",
        "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u202f": r"\,", "\u3008": r"\langle",
        "\u3009": r"\rangle",
    }
)  # fmt: skip
_FUNCTION_NAMES = (
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp lim limsup liminf max "
    "min sup inf det dim ker arg deg gcd hom Pr"
)
_LIMIT_NAMES = (
    "sum prod coprod bigcup bigcap bigvee bigwedge bigoplus bigotimes bigodot bigsqcup biguplus lim limsup "
    "liminf max min sup inf det gcd Pr"
)
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
LIMITS = frozenset(f"\\{name}" for name in _LIMIT_NAMES.split())
"""Operators that carry their limits below and above."""
ACCENTS = {
    "\u0302": (r"\hat", r"\widehat"), "^": (r"\hat", r"\widehat"), "\u02c6": (r"\hat", r"\widehat"),
    "\u0303": (r"\tilde", r"\widetilde"), "~": (r"\tilde", r"\widetilde"),
    "\u02dc": (r"\tilde", r"\widetilde"),
    "\u0304": (r"\bar", r"\overline"), "\u0305": (r"\bar", r"\overline"), "\u00af": (r"\bar", r"\overline"),
    "\u203e": (r"\bar", r"\overline"), "\u0332": (r"\underline", r"\underline"),
    "\u0333": (r"\underline", r"\underline"), "\u033f": (r"\overline", r"\overline"),
    "\u20d7": (r"\vec", r"\overrightarrow"), "\u2192": (r"\vec", r"\overrightarrow"),
    "\u20d6": (r"\overleftarrow", r"\overleftarrow"),
    "\u20e1": (r"\overleftrightarrow", r"\overleftrightarrow"),
    "\u0307": (r"\dot", r"\dot"), "\u02d9": (r"\dot", r"\dot"), "\u0308": (r"\ddot", r"\ddot"),
    "\u00a8": (r"\ddot", r"\ddot"), "\u20db": (r"\dddot", r"\dddot"), "\u20dc": (r"\ddddot", r"\ddddot"),
    "\u030c": (r"\check", r"\check"), "\u02c7": (r"\check", r"\check"), "\u0306": (r"\breve", r"\breve"),
    "\u02d8": (r"\breve", r"\breve"), "\u0301": (r"\acute", r"\acute"), "\u00b4": (r"\acute", r"\acute"),
    "\u0300": (r"\grave", r"\grave"), "`": (r"\grave", r"\grave"), "\u030a": (r"\mathring", r"\mathring"),
    "\u20d1": (r"\overset{\rightharpoonup}", r"\overset{\rightharpoonup}"),
    "\u20d0": (r"\overset{\leftharpoonup}", r"\overset{\leftharpoonup}"),
}  # fmt: skip
"""The command of an accent over one letter, and over more."""
DELIMITERS = {
    "": ".", "(": "(", ")": ")", "[": "[", "]": "]", "{": r"\{", "}": r"\}", "|": "|", "‖": r"\|", "∥": r"\|",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "⟨": r"\langle", "⟩": r"\rangle",
    "〈": r"\langle", "〉": r"\rangle", "\u2329": r"\langle", "\u232a": r"\rangle", "<": r"\langle",
    ">": r"\rangle", "/": "/", "\\": r"\backslash", "↑": r"\uparrow", "↓": r"\downarrow", "∣": "|",
}  # fmt: skip
"""What may follow `\\left` and `\\right`."""
SCRIPTS = {
    "script": r"\mathcal", "fraktur": r"\mathfrak", "double-struck": r"\mathbb", "sans-serif": r"\mathsf",
    "monospace": r"\mathtt",
}  # fmt: skip
STYLES = {"p": r"\mathrm", "b": r"\mathbf", "bi": r"\boldsymbol"}
_ALPHABETS = (
    ("BOLD SCRIPT ", r"\mathcal"), ("SCRIPT ", r"\mathcal"), ("BOLD FRAKTUR ", r"\mathfrak"),
    ("FRAKTUR ", r"\mathfrak"), ("DOUBLE-STRUCK ", r"\mathbb"), ("SANS-SERIF ", r"\mathsf"),
    ("MONOSPACE ", r"\mathtt"), ("BOLD ITALIC ", r"\boldsymbol"), ("BOLD ", r"\mathbf"), ("ITALIC ", ""),
)  # fmt: skip
_COMMAND_END = re.compile(r"\\[A-Za-z]+\*?\Z")
_TEXT_SPECIAL = re.compile(r"[\\{}$&#%_^~]")
_TEXT_NAMES = {"\\": r"\textbackslash{}", "^": r"\^{}", "~": r"\~{}"}


def side_by_side(parts: Iterable[str]) -> str:
    """The parts in a row; a command must not run into a letter after it."""
    result: list[str] = []
    for part in parts:
        if not part:
            continue
        if result and part[0].isalpha() and _COMMAND_END.search(result[-1]):
            result.append(" ")
        result.append(part)
    return "".join(result)


def symbols(text: str) -> str:
    """Text of a formula with each character as LaTeX writes it."""
    return side_by_side(symbol(character) for character in text)


def symbol(character: str) -> str:
    """One character; a letter of a mathematical alphabet is the letter in that style."""
    if character in _SYMBOLS:
        return _SYMBOLS[character]
    if character.isascii():
        return character
    name = unicodedata.name(character, "")
    if name.startswith("MATHEMATICAL "):
        plain = unicodedata.normalize("NFKC", character)
        plain = _SYMBOLS.get(plain, plain)
        style = next((command for words, command in _ALPHABETS if words in name), "")
        return f"{style}{{{plain}}}" if style else plain
    return character


def words(text: str) -> str:
    """Words that stand in a formula as text."""
    return rf"\text{{{_TEXT_SPECIAL.sub(lambda match: _TEXT_NAMES.get(match[0], chr(92) + match[0]), text)}}}"
