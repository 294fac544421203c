"""What is found in one chunk, counted by entity, of which the most specific is kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from glede.extractors.nlp_noise import is_noise
from glede.graph.names import key_of
from glede.knowledge import Alias, Fact, Mention

MOST_MENTIONS = 60
MOST_FACTS = 60
"""Of one chunk; what is above is counted in a warning."""
_VAGUE = ("name", "term", "acronym", "identifier")
"""Types that give way to any other."""
_RANKS = {
    "image": 9.0, "table": 9.0, "equation": 9.0, "person": 3.0, "organization": 3.0, "place": 3.0,
    "work": 3.0, "event": 3.0, "product": 3.0, "name": 2.5, "acronym": 2.0, "document": 2.0, "section": 2.0,
    "identifier": 1.5, "date": 1.0, "term": 1.0, "quantity": 0.5,
}  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """One entity in one chunk."""

    name: str
    type: str
    count: int
    subject: bool
    description: str = ""

    @property
    def rank(self) -> float:
        """How much it tells of the chunk: what is rarer elsewhere by its form comes first."""
        words = self.name.count(" ")
        return _RANKS.get(self.type, 2.0) + min(words, 3) * 0.5 + min(self.count, 4) * 0.3 + 20 * self.subject


@dataclass(slots=True)
class Tally:
    """Collects what one chunk names and states."""

    chunk: int
    seen: dict[str, _Seen] = field(default_factory=dict)
    facts: dict[tuple[str, str, str], Fact] = field(default_factory=dict)
    aliases: dict[tuple[str, str], Alias] = field(default_factory=dict)

    def add(
        self, name: str, kind: str, count: int = 1, *, subject: bool = False, description: str = ""
    ) -> None:
        """One more mention of a name; nothing where it has no key, or is a name by its looks only."""
        key = key_of(name)
        if not key or (kind in _VAGUE and is_noise(name)):
            return
        found = self.seen.get(key)
        if found is None:
            self.seen[key] = _Seen(name, kind, count, subject, description)
            return
        found.count += count
        found.subject |= subject
        found.description = found.description or description
        if found.type in _VAGUE and kind not in _VAGUE:
            found.type = kind

    def state(self, source: str, label: str, target: str, description: str = "") -> None:
        """A fact of two entities; nothing where one has no name or both have the same."""
        keys = (key_of(source), label, key_of(target))
        if self._names(source) and self._names(target) and keys[0] != keys[2]:
            self.facts.setdefault(keys, Fact(source, label, target, self.chunk, description))

    def _names(self, name: str) -> bool:
        """Whether a name may be the end of a fact."""
        key = key_of(name)
        return bool(key) and (key in self.seen or not is_noise(name))

    def same(self, name: str, other: str) -> None:
        """Two names that mean the same."""
        keys = (key_of(name), key_of(other))
        if all(keys) and keys[0] != keys[1]:
            self.aliases.setdefault(keys, Alias(name, other, self.chunk))

    def mentions(self) -> list[Mention]:
        """The most specific of them, in the order of their first place."""
        seen = list(self.seen.values())
        if len(seen) > MOST_MENTIONS:
            kept = sorted(range(len(seen)), key=lambda place: (-seen[place].rank, place))[:MOST_MENTIONS]
            seen = [seen[place] for place in sorted(kept)]
        return [
            Mention(one.name, one.type, self.chunk, one.count, one.subject, one.description) for one in seen
        ]

    def statements(self) -> list[Fact]:
        """The first of them, which are those of structure."""
        return list(self.facts.values())[:MOST_FACTS]

    @property
    def dropped(self) -> int:
        """How many mentions and facts are more than a chunk may have."""
        return max(0, len(self.seen) - MOST_MENTIONS) + max(0, len(self.facts) - MOST_FACTS)
