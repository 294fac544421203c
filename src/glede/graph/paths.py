"""How two entities hang together: the shortest chains of facts and shared chunks, searched from both ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

TOGETHER = "named together"
"""The label of a step that no fact states: both stand in one chunk."""


@dataclass(frozen=True, slots=True)
class Step:
    """From one entity to another: what is stated, where, and whether it reads from `target` to `source`."""

    source: int
    target: int
    label: str
    chunk: int
    stated: bool = True
    backwards: bool = False

    def turned(self) -> Step:
        """The same step, walked the other way."""
        return replace(self, source=self.target, target=self.source, backwards=not self.backwards)


Steps = Callable[[Sequence[int]], Mapping[int, Sequence[Step]]]
"""The steps that lead away from each of some entities; bounded by who gives them."""


@dataclass(slots=True)
class _Side:
    """One end of the search: the steps by which each entity was first reached, and those reached last."""

    reached: dict[int, list[Step]]
    edge: list[int]

    def spread(self, steps: Steps, most: int) -> None:
        """Go one step further from everything reached last."""
        fresh: dict[int, list[Step]] = {}
        for found in steps(self.edge).values():
            for step in found:
                if step.target in self.reached or (len(fresh) >= most and step.target not in fresh):
                    continue
                _keep(fresh.setdefault(step.target, []), step)
        self.reached |= fresh
        self.edge = list(fresh)


def _keep(kept: list[Step], step: Step) -> None:
    """One step from each entity before it: a stated one rather than one that only stands beside."""
    for place, other in enumerate(kept):
        if other.source == step.source:
            if step.stated and not other.stated:
                kept[place] = step
            return
    kept.append(step)


def shortest(
    start: int, goal: int, steps: Steps, longest: int = 6, most: int = 5000, paths: int = 3
) -> list[tuple[Step, ...]]:
    """The shortest chains from `start` to `goal`, those with the most stated steps first.

    At most `longest` steps long; each side holds at most about `most` entities a step, so that chains through
    hubs may be missed, and what is found is bounded.
    """
    if start == goal:
        return []
    near, far = _Side({start: []}, [start]), _Side({goal: []}, [goal])
    for _ in range(longest):
        side = near if len(near.edge) <= len(far.edge) else far
        if not side.edge:
            side = far if side is near else near
        if not side.edge:
            return []
        side.spread(steps, most)
        meeting = near.reached.keys() & far.reached.keys()
        if meeting:
            return _best(near, far, meeting, paths)
    return []


def _best(near: _Side, far: _Side, meeting: set[int], paths: int) -> list[tuple[Step, ...]]:
    found: dict[tuple[int, ...], tuple[Step, ...]] = {}
    for middle in sorted(meeting):
        for head in _chains(near.reached, middle, paths):
            for tail in _chains(far.reached, middle, paths):
                chain = (*head, *(step.turned() for step in reversed(tail)))
                found.setdefault(tuple(step.target for step in chain), chain)
        if len(found) >= 20 * paths:
            break
    ordered = sorted(
        found.values(), key=lambda chain: (len(chain), sum(not one.stated for one in chain), _ends(chain))
    )
    return ordered[:paths]


def _ends(chain: tuple[Step, ...]) -> tuple[int, ...]:
    return tuple(step.target for step in chain)


def _chains(reached: Mapping[int, Sequence[Step]], entity: int, most: int) -> Iterator[tuple[Step, ...]]:
    """Chains from the side's beginning to an entity, at most `most` branches at each."""
    steps = sorted(reached[entity], key=lambda step: (not step.stated, step.source))[:most]
    if not steps:
        yield ()
    for step in steps:
        for head in _chains(reached, step.source, most):
            yield (*head, step)
