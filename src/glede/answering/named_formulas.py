"""Questions for a formula by its name: the formula that is called so is quoted, and none beside it.

All formulas of a page look alike to a reader of words: "What is the quadratic formula?" shares as much with
one as with another. Which it is follows from names beside it (see `glede.processors.equation`), from its
structure where it is well known, or from words around it that say the name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from glede.answering.extractive import Unit
from glede.formulas.features import formulas_in
from glede.formulas.names import known_names, well_known, written_plainly
from glede.text.languages import stem

_ASKS = (
    r"(?:please )?(?:what(?: is|'s| are| was| does)|state|give(?: me)?|show(?: me)?|write(?: down)?|define"
    r"|tell me|quote|which (?:formula|equation) is|how does)? ?(?:the |an? )?"
    r"(?:(?:formula|equation) (?:for|of) )?(?:the )?(?P<name>\S.*?)"
)
_ENDS = (r"[ ?.!]*", r" (?:say|state|read|look like|called|go)[ ?.!]*", r" (?:formula|equation)[ ?.!]*")
"""How such a question may end."""
_NAMES = re.compile(r"Equation \([^()]*\):? ?|, ")
"""What stands between the names of an equation, in the line that a processor says of it."""


@dataclass(frozen=True, slots=True)
class NamedFormula:
    """A formula that a question names; `known` where the name is that of a well-known one."""

    name: str
    known: bool


def named_formula(question: str) -> NamedFormula | None:
    """The formula that a question asks for and nothing else; `None` where it may ask for anything."""
    text = written_plainly(question)
    found = (re.fullmatch(_ASKS + end, text) for end in _ENDS)
    names = [match.group("name") for match in found if match is not None]
    name = next((name for name in names if name in well_known()), "")
    if name:
        return NamedFormula(name, known=True)
    return NamedFormula(names[0], known=False) if names else None


def called(named: NamedFormula, units: Sequence[Unit]) -> list[Unit]:
    """The unit that is the formula, and one beside it that says its name; none where no unit is."""
    formulas = [unit for unit in units if _is_called(named, unit)]
    saying = [unit for unit in units if _says(named, unit)]
    if not formulas:
        return saying[:1] if named.known and any(map(_formulas, saying[:1])) else []
    best = next((unit for unit in formulas if unit in saying), formulas[0])
    beside = [unit for unit in saying if unit is not best and not _formulas(unit) and _is_near(unit, best)]
    return sorted([best, *beside[:1]], key=lambda unit: (unit.hit.chunk.ordinal, unit.place))


def unsaid(named: NamedFormula, units: Sequence[Unit]) -> bool:
    """Whether there are formulas, and nothing says the name of the well-known one: none of them answers."""
    if not named.known or " " not in named.name or not any(map(_formulas, units)):
        return False
    return not any(_says(named, unit) or _is_called(named, unit) for unit in units)


def _says(named: NamedFormula, unit: Unit) -> bool:
    return f" {_stems(named.name)} " in f" {_stems(f'{unit.quote} {unit.headings}')} "


def _stems(text: str) -> str:
    return " ".join(stem(word, "en") for word in re.findall(r"[\w'-]+", written_plainly(text)))


def _is_called(named: NamedFormula, unit: Unit) -> bool:
    """Whether the unit is a formula of that name, by what is known beside it or by its structure."""
    if unit.hit.chunk.modality == "equation":
        names = (name for line in unit.hit.chunk.aid.splitlines() for name in _NAMES.split(line))
        return named.name in map(written_plainly, names)
    if not named.known:
        return False
    return any(named.name in map(written_plainly, known_names(formula)) for formula in _formulas(unit))


def _formulas(unit: Unit) -> list[str]:
    return formulas_in(unit.quote)


def _is_near(unit: Unit, other: Unit) -> bool:
    """Whether two units stand in one document."""
    return unit.hit.chunk.document_id == other.hit.chunk.document_id
