"""The one place where a filter becomes a Milvus expression.

Nothing that a user wrote enters an expression: metadata pairs are hashes, document ids hexadecimal digits,
modalities words of ours. Anything else is refused, so there is nothing to escape.
"""

from __future__ import annotations

import re

from glede.results import Filter
from glede.text.labels import label_of
from glede.types import MODALITIES

_ID = re.compile(r"[0-9a-f]{1,64}")


def expression(where: Filter) -> str | None:
    """The expression, empty where everything matches, or `None` where nothing can."""
    if where.documents is not None and not where.documents:
        return None
    conditions = [f'array_contains(labels, "{_hex(label_of(key, value))}")' for key, value in where.labels]
    if where.modalities:
        conditions.append(_one_of("modality", [_modality(one) for one in where.modalities]))
    if where.documents is not None:
        conditions.append(_one_of("document", [_hex(one) for one in sorted(where.documents)]))
    return " and ".join(conditions)


def _one_of(field: str, values: list[str]) -> str:
    quoted = ", ".join(f'"{value}"' for value in values)
    return f"{field} in [{quoted}]"


def _hex(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"{text!r} is no identifier of ours")
    return text


def _modality(text: str) -> str:
    if text not in MODALITIES:
        raise ValueError(f"{text!r} is no modality")
    return text
