"""Where the chunks of an earlier version began and ended, so that what is unchanged is cut as it was.

A chunk that is packed up to a budget begins where the one before it ended: one more sentence at the top would
move every later chunk of its section, and each of them would be embedded, and read by a model, again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from glede.types import Chunk


@dataclass(frozen=True, slots=True)
class Seams:
    """The texts that each earlier chunk was made of, by the first of them; the longest chunks first."""

    runs: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)

    def kept(self, texts: Sequence[str], start: int) -> int:
        """How many of the texts from `start` on were a chunk; 0 where they were none."""
        for run in self.runs.get(texts[start], ()):
            if tuple(texts[start : start + len(run)]) == run:
                return len(run)
        return 0


NONE = Seams()
"""Nothing was there before."""


def seams_of(chunks: Sequence[Chunk]) -> Seams:
    """The seams of a version, by its chunks of text: tables and pictures are cut by themselves."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for chunk in chunks:
        if chunk.modality == "text" and chunk.spans:
            run = tuple(chunk.text[span.start : span.end] for span in chunk.spans)
            found.setdefault(run[0], []).append(run)
    return Seams({first: tuple(sorted(set(runs), key=_order)) for first, runs in found.items()})


def _order(run: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return -len(run), run
