"""Makes one ranking of several channels' rankings.

Scores of different channels are made comparable for each question (min-max over its candidates) and
summed by shares; ranks alone (RRF) lose too much where one channel knows nothing of the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from glede.ports import Match


@dataclass(frozen=True)
class Fused:
    """A candidate with its score of 0 to 1; `ranks` is its place from 1 in each channel, `None` if absent."""

    id: str
    score: float
    ranks: dict[str, int | None]


def fuse(channels: Mapping[str, Sequence[Match]], shares: Mapping[str, float]) -> list[Fused]:
    """All candidates, best first; equal scores in the order of their ids.

    A channel without a share counts nothing, but gives its candidates; a candidate that a channel did not
    find gets nothing from it.
    """
    ranks = {name: _ranks(matches) for name, matches in channels.items()}
    total = sum(shares.get(name, 0.0) for name in channels) or 1.0
    scores = dict.fromkeys(sorted({match.id for matches in channels.values() for match in matches}), 0.0)
    for name, matches in channels.items():
        share = shares.get(name, 0.0)
        for candidate, score in scaled(matches).items():
            scores[candidate] += share * score
    fused = []
    for candidate, score in scores.items():
        places = {name: found.get(candidate) for name, found in ranks.items()}
        fused.append(Fused(candidate, min(1.0, score / total), places))
    return sorted(fused, key=lambda one: (-one.score, one.id))


def within_one(ranking: Sequence[Fused]) -> list[Fused]:
    """The candidates, best first, their scores brought down to 1 where one has more."""
    highest = max((one.score for one in ranking), default=0.0)
    if highest > 1:
        ranking = [Fused(one.id, one.score / highest, one.ranks) for one in ranking]
    return sorted(ranking, key=lambda one: (-one.score, one.id))


def shares(dense: Sequence[Match], keyword: Sequence[Match], ideal: float) -> dict[str, float]:
    """How far to trust the channels on this question; to be used with `fuse`.

    The dense channel by how far its candidates lie apart, in parts of the way from the worst of them to a
    perfect match: cosines that are all alike tell nothing, and each model has its own range. The keyword
    channel by the part of the question that its best match covers: a question in another language than the
    documents is answered by meaning alone. `ideal` is from `QueryTerms.ideal`.
    """
    best = max((match.score for match in keyword), default=0.0)
    return {"dense": _spread(dense), "keyword": best / ideal if ideal > 0 else 0.0}


def _spread(matches: Sequence[Match]) -> float:
    """(highest - lowest) / (1 - lowest); 1 where there is nothing to compare."""
    if not matches:
        return 0.0
    low = min(match.score for match in matches)
    high = max(match.score for match in matches)
    return min(1.0, (high - low) / (1 - low)) if low < high and low < 1 else 1.0


def scaled(matches: Sequence[Match]) -> dict[str, float]:
    """The scores of one channel from 0 to 1, of the worst and the best of its candidates."""
    if not matches:
        return {}
    low = min(match.score for match in matches)
    width = max(match.score for match in matches) - low
    return {match.id: (match.score - low) / width if width > 0 else 1.0 for match in matches}


def _ranks(matches: Sequence[Match]) -> dict[str, int]:
    ordered = sorted(matches, key=lambda match: (-match.score, match.id))
    return {match.id: place for place, match in enumerate(ordered, 1)}
