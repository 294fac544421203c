"""What a question for the meaning of a term gives candidates that say it.

"What is a segment?" holds one word that tells, and a manual holds it in hundreds of chunks; the one that is
meant says "A segment is ..." or stands under that heading.
"""

from __future__ import annotations

from collections.abc import Sequence

from glede.retrieval.fusion import Fused, within_one
from glede.retrieval.support import Read
from glede.text.defining import TITLED, Term
from glede.types import Chunk

CHANNEL = "definition"
"""The candidates that the keyword index gives for the term's own numbers."""
CANDIDATES = 40
"""The best candidates, which are looked at."""
DEFINING = 40
"""Those that only the channel gives, which are looked at too."""
SAYS = 2.0
"""What a chunk gains that says it for sure: more than all channels together give one that does not."""
BEGINNING = 0.1
"""What the first chunk of a document gains before all others: what is introduced is said there."""


def defining(term: Term, ranking: Sequence[Fused], read: Read) -> list[Fused]:
    """The ranking with what says the meaning of the term raised, best first; scores stay from 0 to 1."""
    others = sorted(
        (one for one in ranking[CANDIDATES:] if one.ranks.get(CHANNEL)),
        key=lambda one: one.ranks[CHANNEL] or 0,
    )
    looked = [*ranking[:CANDIDATES], *others[:DEFINING]]
    chunks = {key: stored.chunk for key, stored in read([one.id for one in looked]).items()}
    gains = {key: gain for key, chunk in chunks.items() if (gain := _gain(term, chunk))}
    if not gains:
        return list(ranking)
    return within_one(
        [Fused(one.id, one.score + gains[one.id], one.ranks) if one.id in gains else one for one in ranking]
    )


def _gain(term: Term, chunk: Chunk) -> float:
    if chunk.modality != "text":
        return 0.0
    titled = bool(chunk.heading_path) and term.is_title(chunk.heading_path[-1])
    said = term.said_in(chunk.text) + TITLED * titled
    return SAYS * said + BEGINNING / (1 + chunk.ordinal) if said else 0.0
