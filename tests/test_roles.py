from __future__ import annotations

import pytest

from glede.errors import ConfigurationError
from glede.roles import ROLES, Role, model_of
from glede.settings import Settings


def settings(**values: object) -> Settings:
    return Settings.model_validate(values)


def test_by_default_only_the_local_embedder_is_used() -> None:
    choices = {role: model_of(settings(), role) for role in ROLES}
    assert {role for role, choice in choices.items() if choice} == {"embed"}
    assert choices["embed"] is not None
    assert (choices["embed"].name, choices["embed"].key, choices["embed"].url) == ("local:use3", "", "")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_has_its_own_model_address_and_key(role: Role) -> None:
    found = model_of(
        settings(
            **{role: "openai:a:b", f"{role}_url": "http://own/v1", f"{role}_key": "own-key"},
            openai_url="http://shared/v1",
            openai_key="shared-key",
            embed_dimension=7,
            model_seconds=9,
        ),
        role,
    )
    assert found is not None
    assert (found.provider, found.model, found.name) == ("openai", "a:b", "openai:a:b")
    assert (found.url, found.key, found.seconds) == ("http://own/v1", "own-key", 9)
    assert found.dimension == (7 if role == "embed" else 0)
    assert "own-key" not in repr(found)


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_has_not_its_provider_gives(role: Role) -> None:
    values = {role: "openai:gpt-4o", "openai_url": "http://shared/v1", "openai_key": "shared-key"}
    found = model_of(settings(**values, dashscope_key="other"), role)
    assert found is not None
    assert (found.url, found.key) == ("http://shared/v1", "shared-key")


def test_who_extracts_is_who_writes_unless_named() -> None:
    found = model_of(settings(chat="lepton:mistral-7b", chat_key="k", chat_url="http://c/v1"), "extract")
    assert found is not None
    assert (found.role, found.name, found.url, found.key) == (
        "extract",
        "lepton:mistral-7b",
        "http://c/v1",
        "k",
    )
    other = model_of(settings(chat="lepton:mistral-7b", extract="openai:gpt-4o-mini"), "extract")
    assert other is not None
    assert other.name == "openai:gpt-4o-mini"


@pytest.mark.parametrize("name", ["gpt-4o", ":gpt-4o", "openai:", ":"])
def test_a_name_that_names_no_model(name: str) -> None:
    with pytest.raises(ConfigurationError, match="does not name a model") as caught:
        model_of(settings(chat=name), "chat")
    assert "provider:model" in caught.value.hint
