"""`lepton:` models: an address for each model, in OpenAI's language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from glede.errors import CredentialsError
from glede.models.openai import Address
from glede.models.openai_chat import OpenAIChat
from glede.roles import ModelChoice

if TYPE_CHECKING:
    import httpx2


def open_lepton_chat(choice: ModelChoice, http: httpx2.AsyncClient) -> OpenAIChat:
    """The model for `lepton:MODEL`."""
    if not choice.key:
        raise CredentialsError(f"{choice.name} needs a token", hint="Set LEPTONAI_TOKEN.")
    url = choice.url or f"https://{choice.model}.lepton.run/api/v1"
    return OpenAIChat(Address(replace(choice, url=url), http))
