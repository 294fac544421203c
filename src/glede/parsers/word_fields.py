"""Fields of Word: instructions that are not shown, and the results that are."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ARGUMENT = re.compile(r'"([^"]*)"|(\S+)')
_ADDRESS = re.compile(r"(?:https?|ftp)://\S|mailto:\S|tel:\S|doi:\S", re.IGNORECASE)
_MOST_INSTRUCTION = 4000
_SILENT = frozenset({"ASK", "RD", "SET", "TA", "TC", "XE"})
"""Fields whose result is kept, and not shown."""


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    in_result: bool = False
    start: int = 0
    """How many pieces of the paragraph stood before the result."""


@dataclass(frozen=True, slots=True)
class EndedField:
    """A field that has ended: its name, the address that it leads to, and where its result began."""

    name: str
    address: str
    start: int


class Fields:
    """The fields that are open where a reader stands; they may reach over paragraphs."""

    def __init__(self) -> None:
        self._open: list[_Field] = []

    @property
    def shows(self) -> bool:
        """Whether text is shown here."""
        return all(one.in_result and _name(one.instruction) not in _SILENT for one in self._open)

    def begin(self, instruction: str = "", at: int = 0) -> None:
        """A field begins; given its instruction, its result follows at once."""
        self._open.append(_Field(instruction, in_result=bool(instruction), start=at))

    def instruct(self, text: str) -> None:
        """More of the instruction."""
        if self._open and not self._open[-1].in_result:
            self._open[-1].instruction = (self._open[-1].instruction + text)[:_MOST_INSTRUCTION]

    def separate(self, at: int) -> str:
        """The result begins; gives the name of the field."""
        if not self._open:
            return ""
        self._open[-1].in_result = True
        self._open[-1].start = at
        return _name(self._open[-1].instruction)

    def end(self) -> EndedField | None:
        """The innermost field ends."""
        if not self._open:
            return None
        field = self._open.pop()
        return EndedField(_name(field.instruction), _hyperlink(field.instruction), field.start)

    def names(self) -> frozenset[str]:
        """The names of the fields whose results are being read."""
        return frozenset(_name(one.instruction) for one in self._open if one.in_result)

    def next_paragraph(self) -> list[EndedField]:
        """The fields that go on in the next paragraph, as if each ended here and began anew."""
        ended = [
            EndedField(_name(one.instruction), _hyperlink(one.instruction), one.start)
            for one in self._open
            if one.in_result
        ]
        for one in self._open:
            one.start = 0
        return ended

    def drop(self) -> None:
        """Forget what was never ended."""
        self._open.clear()


def web_address(address: str) -> str:
    """The address where it leads out of the document, else nothing."""
    address = address.strip()
    return address if _ADDRESS.match(address) else ""


def _name(instruction: str) -> str:
    return instruction.split(maxsplit=1)[0].upper() if instruction.strip() else ""


def _hyperlink(instruction: str) -> str:
    if _name(instruction) != "HYPERLINK":
        return ""
    arguments = _ARGUMENT.finditer(instruction.strip()[len("HYPERLINK") :])
    address, anchor, switch = "", "", ""
    for match in arguments:
        text = match[1] if match[1] is not None else match[2]
        if match[2] is not None and text.startswith("\\"):
            switch = text
            continue
        if switch == "\\l":
            anchor = text
        elif switch not in ("\\o", "\\t"):
            address = address or text
        switch = ""
    address = web_address(address)
    return f"{address}#{anchor}" if address and anchor else address
