"""Chooses what a model is shown: numbered sources under a token budget, no two of them alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain

from glede.results import Hit
from glede.types import Chunk, content_hash

ALIKE = 0.8
"""The share of a text's runs of words that another text holds as well, from which it brings nothing new."""
RUN = 3
REACH = 1
"""How many chunks before and after a hit may be shown with it."""
SEPARATOR = "\n\n"
TEXTS_AT_HAND = 256
"""Texts whose runs are kept: questions that follow one another find the same."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Source:
    """What the model sees under a number: a hit, and those of its neighbours that had room, in order."""

    number: int
    hit: Hit
    chunks: tuple[Chunk, ...]

    @property
    def text(self) -> str:
        """The chunks one after another."""
        return SEPARATOR.join(chunk.text for chunk in self.chunks)


def pack(
    hits: Sequence[Hit],
    around: Mapping[str, Sequence[Chunk]],
    count: Callable[[str], int],
    budget: int,
) -> tuple[Source, ...]:
    """The best hits that fit, each with its neighbours as far as there is room.

    `around` maps the id of a hit's chunk to the chunks before and after it; `count` counts tokens. The
    first hit is always shown, cut to the budget.
    """
    chosen: list[Source] = []
    left = budget
    for hit in _distinct(hits):
        source = Source(len(chosen) + 1, hit, (hit.chunk,))
        cost = count(shown(source, ""))
        if cost > left:
            if chosen:
                continue
            source = replace(source, chunks=(_shortened(hit.chunk, count, budget),))
            cost = left
        chosen.append(source)
        left -= cost
    return tuple(_widened(chosen, around, count, left))


def _distinct(hits: Sequence[Hit]) -> list[Hit]:
    kept: list[tuple[Hit, frozenset[tuple[str, ...]]]] = []
    for hit in hits:
        runs = _runs(hit.chunk.text)
        if not any(_alike(runs, other) for _, other in kept):
            kept.append((hit, runs))
    return [hit for hit, _ in kept]


@lru_cache(maxsize=TEXTS_AT_HAND)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return frozenset(tuple(words[place : place + RUN]) for place in range(max(1, len(words) - RUN + 1)))


def _alike(new: frozenset[tuple[str, ...]], old: frozenset[tuple[str, ...]]) -> bool:
    """Whether `old` says most of what `new` does; the reverse would hide the longer of the two."""
    return len(new & old) >= ALIKE * len(new)


def _widened(
    sources: Sequence[Source], around: Mapping[str, Sequence[Chunk]], count: Callable[[str], int], left: int
) -> list[Source]:
    shown_already = {chunk.id for source in sources for chunk in source.chunks}
    widened: list[Source] = []
    for source in sources:
        chunks = list(source.chunks)
        for neighbour in around.get(source.hit.chunk.id, ()):
            cost = count(neighbour.text)
            if neighbour.id in shown_already or cost > left or not _together(source.hit.chunk, neighbour):
                continue
            shown_already.add(neighbour.id)
            left -= cost
            chunks.append(neighbour)
        widened.append(replace(source, chunks=tuple(sorted(chunks, key=lambda chunk: chunk.ordinal))))
    return widened


def _together(one: Chunk, other: Chunk) -> bool:
    return (
        one.document_id == other.document_id
        and one.heading_path == other.heading_path
        and abs(one.ordinal - other.ordinal) <= REACH
    )


def _shortened(chunk: Chunk, count: Callable[[str], int], budget: int) -> Chunk:
    text = chunk.text
    while count(text) > budget and len(text) > RUN:
        text = text[: max(RUN, int(len(text) * 0.8))]
    return replace(chunk, text=text)


def shown(source: Source, fence: str) -> str:
    """A source as the model sees it: its number, where it stands, and its text between two fences."""
    chunk = source.hit.chunk
    facts = [_one_line(source.hit.source)]
    if chunk.page is not None:
        facts.append(f"page {chunk.page}")
    if chunk.heading_path:
        facts.append(_one_line(" > ".join(chunk.heading_path)))
    lead = f"{_one_line(chunk.lead)}\n" if chunk.lead else ""
    head = f"{fence} source {source.number} ({', '.join(facts)})"
    return f"{head}\n{lead}{source.text}\n{fence} end of {source.number}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def fence_of(texts: Sequence[str]) -> str:
    """A mark that stands in none of the texts, and that who wrote one of them could not foresee.

    It follows from all of them together, so that the same question makes the same prompt.
    """
    digest = content_hash("fence", *texts, length=12)
    while any(digest in text for text in texts):
        digest = content_hash("fence", digest, length=12)
    return f"=={digest}=="


def sources_text(sources: Sequence[Source], question: str) -> tuple[str, str]:
    """All sources as the model sees them, and the fence between them."""
    texts = chain((question,), (source.text for source in sources))
    fence = fence_of([*texts, *(source.hit.source for source in sources)])
    return "\n".join(shown(source, fence) for source in sources), fence
