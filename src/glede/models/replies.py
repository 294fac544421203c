"""What endpoints answer, told apart: their errors as ours, their vectors checked, their words redacted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

import numpy as np

from glede.errors import (
    ContentFilterError,
    ContextLengthError,
    CredentialsError,
    DimensionError,
    GledeError,
    ModelError,
    ModelReplyError,
    RateLimitError,
    RefusedRequestError,
    UnknownModelError,
)
from glede.ports import Vectors
from glede.roles import ModelChoice

LONGEST = 300
_NO_CREDIT = ("insufficient_quota", "arrearage", "quotaexhausted", "payment")
_KINDS: tuple[tuple[frozenset[int], tuple[str, ...], type[GledeError]], ...] = (
    (frozenset({401, 403}), ("invalid_api_key", "invalidapikey", "incorrect api key"), CredentialsError),
    (
        frozenset(),
        ("content_filter", "content filter", "data_inspection", "datainspection", "content_policy"),
        ContentFilterError,
    ),
    (
        frozenset({413}),
        ("context_length", "context length", "maximum context", "too many tokens", "input length"),
        ContextLengthError,
    ),
    (
        frozenset({404}),
        ("model_not_found", "model.notfound", "modelnotfound", "does not exist"),
        UnknownModelError,
    ),
)
"""What an endpoint's status, or the words of its code and message, mean; the first that fits."""
_SECRET = re.compile(r"\b(?:sk|pk|tok)-[A-Za-z0-9_\-*]{6,}")


def failure(
    choice: ModelChoice, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> GledeError:
    """Our error for an endpoint's error answer; `code` is the endpoint's own word."""
    said = redacted(message, choice.key)
    text = f"{choice.name} answered {status}" + (f" ({code})" if code else "") + (f": {said}" if said else "")
    words = f"{code} {message}".casefold()
    if status == 402 or _any(words, _NO_CREDIT):
        return RateLimitError(text, hint="The account has no credit left: see its billing page.")
    if status == 429 or "throttling" in words:
        return RateLimitError(text, retryable=True, retry_after=retry_after(headers or {}))
    for statuses, signs, kind in _KINDS:
        if status in statuses or _any(words, signs):
            return kind(text)
    if status in (408, 409, 425) or status >= 500:
        return ModelError(text, retryable=True, retry_after=retry_after(headers or {}))
    return RefusedRequestError(text)


def _any(words: str, signs: tuple[str, ...]) -> bool:
    return any(sign in words for sign in signs)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds that the answer asks us to wait: a number or a date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - time()
        except ValueError:
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def redacted(text: str, *secrets: str) -> str:
    """A short form of what an endpoint said, without keys: some repeat them in their errors."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "********")
    text = " ".join(_SECRET.sub("********", text).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def unreadable(choice: ModelChoice, what: str, body: bytes = b"") -> ModelReplyError:
    """For an answer that is not what was asked for; a later one may be."""
    shown = redacted(body[:80].decode("utf-8", "replace"), choice.key)
    began = f"; it begins {shown!r}" if shown else ""
    return ModelReplyError(f"{choice.name}: {what}{began}", retryable=True)


def check_vectors(choice: ModelChoice, vectors: Vectors, count: int, dimension: int) -> None:
    """Raises where there are too few rows, rows of another length, or values that are no numbers."""
    if len(vectors) != count:
        raise unreadable(choice, f"{len(vectors)} vectors came for {count} inputs")
    if dimension and vectors.shape[1] != dimension:
        raise DimensionError(
            f"{choice.name} gives {vectors.shape[1]} numbers a vector, and {dimension} are expected",
            hint=f"Set GLEDE_EMBED_DIMENSION={vectors.shape[1]} (or EMBED_DIM), or name another model.",
        )
    if not np.isfinite(vectors).all():
        raise unreadable(choice, "a vector holds values that are no numbers")
