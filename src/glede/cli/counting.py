"""Numbers with their nouns, as people write them: "1 chunk", "2,000 chunks", "1 entity"."""

from __future__ import annotations


def counted(number: int, noun: str) -> str:
    """How many there are of what the noun names in the singular."""
    if number == 1:
        return f"{number} {noun}"
    several = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {several}"
