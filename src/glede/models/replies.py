"""What endpoints answer, told apart: their errors as ours, their vectors checked, their words redacted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import orjson

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
BEGINNING = 80
"""Characters that are shown of an answer that cannot be read."""
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
_KEYS = {"openai": "OPENAI_API_KEY", "dashscope": "DASHSCOPE_API_KEY", "lepton": "LEPTONAI_TOKEN"}
"""Where users of a provider have its key."""


def failure(
    choice: ModelChoice, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> GledeError:
    """Our error for an endpoint's error answer; `code` is the endpoint's own word."""
    said, word = redacted(message, choice.key), redacted(code, choice.key)
    text = f"{choice.name} answered {status}" + (f" ({word})" if word else "") + (f": {said}" if said else "")
    words = f"{code} {message}".casefold()
    if status == 402 or _any(words, _NO_CREDIT):
        return RateLimitError(text, hint="The account has no credit left: see its billing page.")
    if status == 429 or "throttling" in words:
        return RateLimitError(text, retryable=True, retry_after=retry_after(headers or {}))
    for statuses, signs, kind in _KINDS:
        if status in statuses or _any(words, signs):
            return kind(text, hint=_hint(kind, choice))
    if status in (408, 409, 425) or status >= 500:
        return ModelError(text, retryable=True, retry_after=retry_after(headers or {}))
    return RefusedRequestError(text)


def _hint(kind: type[GledeError], choice: ModelChoice) -> str | None:
    """What helps with this model; `None` where the error knows it itself."""
    name = f"GLEDE_{choice.role.upper()}"
    if kind is CredentialsError:
        key = f"{_KEYS[choice.provider]} or {name}_KEY" if choice.provider in _KEYS else f"{name}_KEY"
        return f"Check {key}, and that it is a key for this address."
    if kind is UnknownModelError:
        return f"Check {name}={choice.name} and the address: `glede config show` tells both."
    if kind is ContextLengthError and choice.role in ("embed", "rerank"):
        return "Lower GLEDE_CHUNK_TOKENS and GLEDE_TABLE_TOKENS, or use a model that takes longer texts."
    if kind is ContentFilterError and choice.role in ("embed", "vision", "extract"):
        return "The other documents are not affected; another model may take this one."
    return None


def error_of(body: bytes) -> tuple[str, str]:
    """Code and message of an error answer in any of the shapes that are about."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "", body[: LONGEST * 4].decode("utf-8", "replace")
    inner = found.get("error", found) if isinstance(found, dict) else found
    if not isinstance(inner, Mapping):
        return "", str(inner)
    code = inner.get("code") or inner.get("type") or ""
    return str(code), str(inner.get("message") or inner.get("detail") or "")


def shown_address(url: str) -> str:
    """An address as it may be printed: without name, password and query."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


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
    # Redacted before it is cut: half of a key would not be found.
    shown = redacted(body[: LONGEST * 4].decode("utf-8", "replace"), choice.key)[:BEGINNING]
    began = f"; it begins {shown!r}" if shown else ""
    return ModelReplyError(f"{choice.name}: {what}{began}", retryable=True)


def check_vectors(choice: ModelChoice, vectors: Vectors, count: int, dimension: int) -> None:
    """Raises where there are too few rows, rows of another length, or values that are no numbers."""
    if len(vectors) != count:
        raise unreadable(choice, f"{len(vectors)} vectors came for {count} inputs")
    if vectors.shape[1] == 0:
        raise unreadable(choice, "the vectors are empty")
    if dimension and vectors.shape[1] != dimension:
        raise DimensionError(
            f"{choice.name} gives {vectors.shape[1]} numbers a vector, and {dimension} are expected",
            hint=f"Set GLEDE_EMBED_DIMENSION={vectors.shape[1]} (or EMBED_DIM), or name another model.",
        )
    if not np.isfinite(vectors).all():
        raise unreadable(choice, "a vector holds values that are no numbers")
