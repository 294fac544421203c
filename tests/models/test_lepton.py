"""`lepton:` models: an address for each model, in OpenAI's language."""

from __future__ import annotations

import httpx2
import pytest

from glede.errors import CredentialsError, UnknownModelError
from glede.models.lepton import open_lepton_chat
from glede.testing.model_server import ModelServer
from tests.models.serving import HELLO, KEY, choice


async def test_answers_at_the_address_that_is_set(http: httpx2.AsyncClient) -> None:
    with ModelServer(key=KEY) as server:
        url = f"http://127.0.0.1:{server.port}/api/v1"
        reply = await open_lepton_chat(choice("chat", "lepton:mistral-7b", url), http).chat(HELLO)
        assert (reply.text, reply.model) == ("ok", "lepton:mistral-7b")
        wrong = open_lepton_chat(choice("chat", "lepton:mistral-7b", url, key="sk-wrong"), http)
        with pytest.raises(CredentialsError) as caught:
            await wrong.chat(HELLO)
        assert "LEPTONAI_TOKEN" in caught.value.hint
        with pytest.raises(UnknownModelError):
            await open_lepton_chat(choice("chat", "lepton:mistral-8", url), http).chat(HELLO)


def test_each_model_has_an_address_of_its_own(http: httpx2.AsyncClient) -> None:
    chat = open_lepton_chat(choice("chat", "lepton:mistral-7b", ""), http)
    assert str(chat._address.client.base_url) == "https://mistral-7b.lepton.run/api/v1/"


def test_no_token(http: httpx2.AsyncClient) -> None:
    with pytest.raises(CredentialsError) as caught:
        open_lepton_chat(choice("chat", "lepton:mistral-7b", "", key=""), http)
    assert "LEPTONAI_TOKEN" in caught.value.hint
