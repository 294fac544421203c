"""JSON on standard output."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glede.shapes.results import Json

_STEERING = re.compile("[\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


def write_json(value: Json) -> None:
    """One JSON document on standard output; what could steer a terminal is escaped, and means the same."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    sys.stdout.write(_STEERING.sub(lambda match: f"\\u{ord(match.group()):04x}", text) + "\n")


def write_line(value: Json) -> None:
    """One JSON document on a line of its own, there at once."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
