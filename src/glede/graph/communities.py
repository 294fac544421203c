"""Themes: groups of entities that stand together more often than chance has it.

Leiden (Traag, Waltman, van Eck 2019, arXiv 1810.08473) through `graspologic-native` where that is installed,
which `pip install 'glede[graph]'` brings; else Louvain (Blondel et al. 2008, arXiv 0803.0476), its groups cut
where they are not connected. Both maximise modularity, and come out alike.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

MOST_TOGETHER = 32
"""Entities of one chunk that are tied to one another; the first of a longer chunk are."""
SMALLEST = 3
SEED = 20_260_601
_GAIN = 1e-9

Edges = Mapping[tuple[int, int], float]


def ties(chunks: Iterable[Sequence[int]], weights: Mapping[int, float]) -> dict[tuple[int, int], float]:
    """Edges between entities named in one chunk, heavier where both are specific; `weights` are theirs.

    Each chunk gives an entity the same weight in all, so that long lists tie no closer than sentences.
    """
    found: dict[tuple[int, int], float] = defaultdict(float)
    for entities in chunks:
        inside = sorted({one for one in entities if one in weights}, key=lambda one: (-weights[one], one))
        inside = inside[:MOST_TOGETHER]
        for one, other in combinations(inside, 2):
            pair = (one, other) if one < other else (other, one)
            found[pair] += weights[one] * weights[other] / (len(inside) - 1)
    return dict(found)


def communities(edges: Edges) -> list[tuple[int, ...]]:
    """The groups of at least `SMALLEST` entities, the largest first, the same for the same edges."""
    found = _leiden(edges)
    if found is None:
        found = _connected(edges, louvain(edges))
    groups: dict[int, list[int]] = defaultdict(list)
    for entity, group in found.items():
        groups[group].append(entity)
    kept = [tuple(sorted(group)) for group in groups.values() if len(group) >= SMALLEST]
    return sorted(kept, key=lambda group: (-len(group), group))


def _leiden(edges: Edges) -> dict[int, int] | None:
    try:
        from graspologic_native import leiden
    except ImportError:
        return None
    if not edges:
        return {}
    named = [(str(one), str(other), weight) for (one, other), weight in sorted(edges.items())]
    _, groups = leiden(named, seed=SEED, use_modularity=True)
    return {int(entity): group for entity, group in groups.items()}


def louvain(edges: Edges) -> dict[int, int]:
    """The group of each entity by Louvain, level upon level until nothing is gained."""
    members: dict[int, list[int]] = {node: [node] for pair in edges for node in pair}
    current: dict[tuple[int, int], float] = dict(edges)
    while True:
        group_of = _moved(current, members)
        if len(set(group_of.values())) == len(members):
            break
        together: dict[int, list[int]] = defaultdict(list)
        for node, group in group_of.items():
            together[group] += members[node]
        members = dict(together)
        current = _folded(current, group_of)
    return {entity: group for group, inside in members.items() for entity in inside}


def _folded(edges: Edges, group_of: Mapping[int, int]) -> dict[tuple[int, int], float]:
    """The graph whose nodes are groups; what is within a group is a loop, of both its ends' weight."""
    found: dict[tuple[int, int], float] = defaultdict(float)
    for (one, other), weight in edges.items():
        first, second = group_of[one], group_of[other]
        found[(first, second) if first <= second else (second, first)] += weight
    return dict(found)


def _moved(edges: Edges, nodes: Iterable[int]) -> dict[int, int]:
    """One level of Louvain: each node moves to the neighbour's group that gains most, until none does."""
    near: dict[int, dict[int, float]] = {node: {} for node in sorted(nodes)}
    degree: dict[int, float] = dict.fromkeys(near, 0.0)
    for (one, other), weight in sorted(edges.items()):
        degree[one] += weight
        degree[other] += weight
        if one != other:
            near[one][other] = near[other][one] = weight
    whole = sum(degree.values()) or 1.0
    group_of = {node: node for node in near}
    weight_of = dict(degree)
    moving = True
    while moving:
        moving = False
        for node, ties_of_node in near.items():
            moving |= _move(node, ties_of_node, degree, group_of, weight_of, whole)
    return group_of


def _move(
    node: int,
    near: Mapping[int, float],
    degree: Mapping[int, float],
    group_of: dict[int, int],
    weight_of: dict[int, float],
    whole: float,
) -> bool:
    """Move a node where its gain in modularity is greatest; whether it moved."""
    home = group_of[node]
    toward: dict[int, float] = {home: 0.0}
    for other, weight in near.items():
        toward[group_of[other]] = toward.get(group_of[other], 0.0) + weight
    weight_of[home] -= degree[node]
    own = toward[home] - degree[node] * weight_of[home] / whole
    best, gained = home, own
    for group, weight in toward.items():
        gain = weight - degree[node] * weight_of[group] / whole
        if gain > gained + _GAIN:
            best, gained = group, gain
    weight_of[best] += degree[node]
    group_of[node] = best
    return best != home


def _connected(edges: Edges, group_of: Mapping[int, int]) -> dict[int, int]:
    """The groups, cut into parts that hang together: Louvain may leave some that do not."""
    near: dict[int, list[int]] = defaultdict(list)
    for one, other in edges:
        if group_of[one] == group_of[other]:
            near[one].append(other)
            near[other].append(one)
    part: dict[int, int] = {}
    for number, entity in enumerate(sorted(group_of)):
        waiting = [] if entity in part else [entity]
        while waiting:
            reached = waiting.pop()
            if reached not in part:
                part[reached] = number
                waiting += near[reached]
    return part


def modularity(edges: Edges, group_of: Mapping[int, int]) -> float:
    """How much more weight lies within the groups than chance has it (Newman 2004): -0.5 to 1."""
    degree: Counter[int] = Counter()
    within = 0.0
    total: dict[int, float] = defaultdict(float)
    whole = sum(edges.values())
    for (one, other), weight in edges.items():
        for node in (one, other):
            total[group_of[node]] += weight
            degree[node] += 1
        within += weight if group_of[one] == group_of[other] else 0.0
    if not whole:
        return 0.0
    return within / whole - sum((weight / (2 * whole)) ** 2 for weight in total.values())


def central(edges: Edges, groups: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Each group, the entities with the most weight within it first."""
    home = {entity: place for place, group in enumerate(groups) for entity in group}
    inside: dict[int, float] = defaultdict(float)
    for (one, other), weight in edges.items():
        if one in home and home[one] == home.get(other):
            inside[one] += weight
            inside[other] += weight
    return [tuple(sorted(group, key=lambda entity: (-inside[entity], entity))) for group in groups]
