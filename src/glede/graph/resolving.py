"""Joins entities that are one: sure pairs by rule, others by a model's verdict; each join can be undone."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from glede.endpoints import ChatModel, Message, Prompt
from glede.errors import ContentFilterError, ContextLengthError, ModelReplyError, RefusedRequestError
from glede.graph.likeness import Pair, agree, pairs_of
from glede.knowledge import ALL, Edit, Listed, WholeGraph
from glede.ports import Catalogue
from glede.prompting.packing import fence_of
from glede.prompting.structured import structured
from glede.prompts import filled

PAGE = 5_000
BATCH = 20
"""Pairs that one call judges."""
MOST_JUDGED = 1_000
"""Pairs that a model is asked about in one run, the likeliest first."""
WORDS = 160
"""Characters of a passage that are shown around a name."""
TOGETHER = 100
"""Documents of an entity that are looked at for whether they name the other as well."""
ANSWER_TOKENS = 1024
BY_RULE = "rule"
_ITS_OWN = (ContentFilterError, ContextLengthError, ModelReplyError, RefusedRequestError)


class _Verdict(BaseModel):
    same: list[int]


@dataclass(frozen=True, slots=True)
class Joined:
    """Entities that are one, the one that is kept first; `by` is who says so. `edit` is 0 in a dry run."""

    entities: tuple[Listed, ...]
    by: str
    edit: int = 0


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was joined; `judged` pairs a model was asked about, `failed` ones it did not answer for."""

    joined: tuple[Joined, ...] = ()
    judged: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Resolving:
    """The line and what it needs; without a model only sure pairs are joined. `calls` are made at a time."""

    catalogue: Catalogue
    graph: WholeGraph
    chat: ChatModel | None = None
    calls: int = 16

    async def resolve(self, collection: str, *, dry_run: bool = False) -> Resolution:
        """Join what is one entity. What users have taken apart, or undone, stays apart."""
        pairs = await asyncio.to_thread(self._pairs, collection)
        sure = await asyncio.to_thread(self._apart, collection, [pair for pair in pairs if pair.sure])
        known = {(pair.one.entity, pair.other.entity) for pair in sure}
        open_ = [pair for pair in pairs if (pair.one.entity, pair.other.entity) not in known][:MOST_JUDGED]
        same, failed = await self._judged(collection, open_)
        joined = [Joined(tuple(group), BY_RULE) for group in _groups(sure)]
        by = f"model:{self.chat.model}" if self.chat else ""
        joined += [Joined(tuple(group), by) for group in _groups(same)]
        if not dry_run:
            joined = await asyncio.to_thread(self._written, collection, joined)
        return Resolution(tuple(joined), len(open_) if self.chat else 0, failed)

    def _pairs(self, collection: str) -> list[Pair]:
        """What may be one entity and is not yet, nor was kept apart by anybody."""
        listed: list[Listed] = []
        while page := self.graph.entities(collection, listed[-1].entity if listed else 0, PAGE):
            listed += page
        apart = _kept_apart(self.graph.edits(collection))
        pairs = [pair for pair in pairs_of(listed) if not apart & {pair.one.entity, pair.other.entity}]
        ends = list(dict.fromkeys(one.entity for pair in pairs for one in (pair.one, pair.other)))
        meaning = self.graph.canonical(collection, ends)
        kept = {entity: meaning.get(entity, (entity,))[0] for entity in ends}
        return [pair for pair in pairs if kept[pair.one.entity] != kept[pair.other.entity]]

    def _apart(self, collection: str, pairs: Sequence[Pair]) -> list[Pair]:
        """Those that no document names both of: who writes two names in one document may mean two things."""
        return [pair for pair in pairs if pair.score == 1.0 or not self._together(collection, pair)]

    def _together(self, collection: str, pair: Pair) -> bool:
        one, other = (
            {naming.document_id for naming in self.graph.namings(collection, end.entity, TOGETHER, ALL)}
            for end in (pair.one, pair.other)
        )
        return bool(one & other)

    async def _judged(self, collection: str, pairs: Sequence[Pair]) -> tuple[list[Pair], int]:
        """The pairs that the model says are one, and how many it did not answer for."""
        if self.chat is None or not pairs:
            return [], 0
        said = await asyncio.to_thread(self._said, collection, pairs)
        gate = asyncio.Semaphore(self.calls)
        parts = [pairs[start : start + BATCH] for start in range(0, len(pairs), BATCH)]
        found = await asyncio.gather(*(self._verdict(self.chat, gate, part, said) for part in parts))
        failed = sum(len(part) for part, one in zip(parts, found, strict=True) if one is None)
        return [pair for one in found if one is not None for pair in one], failed

    async def _verdict(
        self, chat: ChatModel, gate: asyncio.Semaphore, pairs: Sequence[Pair], said: Mapping[int, str]
    ) -> list[Pair] | None:
        """Those of a batch that are one; `None` where the model gave no verdict."""
        shown = [
            "\n".join(_shown(end, said.get(end.entity, "")) for end in (pair.one, pair.other))
            for pair in pairs
        ]
        mark = fence_of(shown)
        text = "\n".join(f"{mark} {number}\n{words}" for number, words in enumerate(shown, start=1))
        messages = (Message("system", filled("identity")), Message("user", f"{text}\n{mark} end"))
        async with gate:
            try:
                verdict = await structured(chat, Prompt(messages, max_tokens=ANSWER_TOKENS), _Verdict)
            except _ITS_OWN:
                return None
        return [pairs[number - 1] for number in sorted(set(verdict.same)) if 1 <= number <= len(pairs)]

    def _said(self, collection: str, pairs: Sequence[Pair]) -> dict[int, str]:
        """For each entity some words that it stands in."""
        ends = {one.entity: one for pair in pairs for one in (pair.one, pair.other)}
        places = self.graph.places(collection, list(ends), 1, ALL)
        first = {entity: found[0].chunk for entity, found in places.items() if found}
        ids = self.graph.chunk_ids(collection, list(dict.fromkeys(first.values())))
        chunks = self.catalogue.chunks(collection, list(ids.values()))
        texts = {number: chunks[one].chunk.text for number, one in ids.items() if one in chunks}
        return {
            entity: _around(ends[entity].name, texts[chunk])
            for entity, chunk in first.items()
            if chunk in texts
        }

    def _written(self, collection: str, joined: Iterable[Joined]) -> list[Joined]:
        written = []
        for one in joined:
            numbers = [listed.entity for listed in one.entities]
            edit = self.graph.edit(collection, "merge", numbers, (), one.by)
            written.append(Joined(one.entities, one.by, edit.id))
        return written


def _kept_apart(edits: Iterable[Edit]) -> set[int]:
    """Entities of joins that were undone, and of splits: somebody knew better."""
    return {entity for edit in edits if edit.undone == (edit.kind == "merge") for entity in edit.entities}


def _groups(pairs: Sequence[Pair]) -> list[list[Listed]]:
    """Entities that pairs tie together, the one that most documents name first.

    A group whose types exclude one another is cut back to those that agree with its first.
    """
    members: dict[int, list[Listed]] = {}
    for pair in pairs:
        one = members.setdefault(pair.one.entity, [pair.one])
        other = members.setdefault(pair.other.entity, [pair.other])
        if one is not other:
            one += other
            members.update((listed.entity, one) for listed in other)
    groups: dict[int, list[Listed]] = defaultdict(list)
    for group in members.values():
        groups[id(group)] = group
    return [found for group in groups.values() if len(found := _agreeing(group)) > 1]


def _agreeing(group: Sequence[Listed]) -> list[Listed]:
    kept: list[Listed] = []
    for one in sorted(group, key=lambda listed: (-listed.documents, listed.entity)):
        if all(agree(one.type, other.type) for other in kept):
            kept.append(one)
    return kept


def _shown(listed: Listed, words: str) -> str:
    return f"{listed.name} ({listed.type}): {words}" if words else f"{listed.name} ({listed.type})"


def _around(name: str, text: str) -> str:
    """Words of a text around a name, on one line."""
    found = text.casefold().find(name.casefold())
    start = max(0, found - WORDS // 2)
    return " ".join(text[start : start + WORDS].split())
