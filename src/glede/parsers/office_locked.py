"""Encrypted Office documents where nothing is installed that opens them: said in so many words."""

from __future__ import annotations

from glede.errors import PasswordError
from glede.media.types import ENCRYPTED_OFFICE
from glede.parsing import Feature, ParseOptions, always_available
from glede.types import Parsed


class LockedParser:
    """Reads nothing; it is asked where `glede.parsers.office` cannot run, being the dearer of the two."""

    name = "locked"
    version = "1"
    media_types = frozenset({ENCRYPTED_OFFICE})
    cost = 1000.0
    recovers: frozenset[Feature] = frozenset()
    available = always_available

    def parse(self, data: bytes, media_type: str, options: ParseOptions) -> Parsed:
        """Raises `PasswordError`, always."""
        raise PasswordError(
            "the Office document is encrypted",
            hint="Save it without a password; or pip install 'glede[office]', and give it with --password.",
        )
