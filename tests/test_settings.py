from __future__ import annotations

from pathlib import Path

import pytest

from glede.cli.configuring import explained
from glede.errors import ConfigurationError
from glede.models.dashscope import (
    NATIVE,
    DashScopeEmbedding,
    open_dashscope_chat,
    open_dashscope_embedding,
)
from glede.models.http import open_client
from glede.roles import ModelChoice, Role, model_of
from glede.settings import HARMLESS, Settings, load, shown


def test_defaults(tmp_path: Path) -> None:
    resolved = load(environment={"HOME": str(tmp_path)}, directory=tmp_path)
    assert resolved.settings.home == tmp_path / ".glede"
    assert resolved.settings.embed == "local:use3"
    assert resolved.origins["home"] == "default"


def test_the_first_place_that_names_a_setting_wins(tmp_path: Path) -> None:
    user = tmp_path / "home" / ".config" / "glede"
    user.mkdir(parents=True)
    (user / "config.toml").write_text(
        "search_limit = 1\ncandidates = 11\nparse_seconds = 7\nchunk_tokens = 101\n"
    )
    (tmp_path / "glede.toml").write_text("search_limit = 2\ncandidates = 12\nchunk_tokens = 102\n")
    (tmp_path / ".env").write_text("GLEDE_SEARCH_LIMIT=3\nGLEDE_CHUNK_TOKENS=103\n")
    env = {"HOME": str(tmp_path / "home"), "GLEDE_SEARCH_LIMIT": "4"}
    resolved = load({"search_limit": 5}, environment=env, directory=tmp_path)
    assert resolved.settings.search_limit == 5
    assert resolved.settings.chunk_tokens == 103
    assert resolved.settings.candidates == 12
    assert resolved.settings.parse_seconds == 7
    assert load(environment=env, directory=tmp_path).settings.search_limit == 4
    assert resolved.origins["search_limit"] == "argument"
    assert resolved.origins["candidates"] == "glede.toml"
    assert resolved.origins["parse_seconds"].endswith("config.toml")


def test_the_names_of_the_tutorials_are_understood(tmp_path: Path) -> None:
    env = {"HOME": str(tmp_path), "MILVUS_URI": "http://localhost:19530", "MILVUS_TOKEN": "root:Milvus"}
    resolved = load(environment=env, directory=tmp_path)
    assert resolved.settings.milvus_uri == "http://localhost:19530"
    assert resolved.settings.milvus_token.get_secret_value() == "root:Milvus"
    env["GLEDE_MILVUS_URI"] = "http://elsewhere:19530"
    assert load(environment=env, directory=tmp_path).settings.milvus_uri == "http://elsewhere:19530"


@pytest.mark.parametrize("key", sorted(set(Settings.model_fields) - HARMLESS))
def test_a_projects_file_may_set_harmless_keys_only(tmp_path: Path, key: str) -> None:
    (tmp_path / "glede.toml").write_text(f'{key} = "x"\n')
    with pytest.raises(ConfigurationError, match="may not"):
        load(environment={"HOME": str(tmp_path)}, directory=tmp_path)


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"GLEDE_SEARCH_LIMIT": "many"}, "search_limit .from environment."),
        ({"GLEDE_SERCH_LIMIT": "3"}, "GLEDE_SERCH_LIMIT in environment"),
        ({"GLEDE_COLLECTION": "../x"}, "collection .from environment.: '../x' will not do, use letters"),
    ],
)
def test_a_bad_value_is_named_with_its_place(tmp_path: Path, env: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        load(environment={"HOME": str(tmp_path), **env}, directory=tmp_path)


def test_what_a_value_must_be_is_told_in_words_and_not_as_a_pattern(tmp_path: Path) -> None:
    fields = Settings.model_json_schema()["properties"]
    patterns = [name for name in fields if "pattern" in fields[name]]
    assert "collection" in patterns
    for name in patterns:
        with pytest.raises(ConfigurationError) as caught:
            load(environment={"HOME": str(tmp_path), f"GLEDE_{name.upper()}": "a b"}, directory=tmp_path)
        assert "'a b' will not do, " in caught.value.message
        assert "^" not in caught.value.message


def test_the_nearest_data_folder_upwards_is_used(tmp_path: Path) -> None:
    (tmp_path / ".glede").mkdir()
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert load(environment={"HOME": str(tmp_path)}, directory=deep).settings.home == tmp_path / ".glede"


def test_secrets_are_never_shown() -> None:
    settings = Settings(
        milvus_token="s3cret-token",  # type: ignore[arg-type]
        catalogue_url="postgresql://me:s3cret-word@host/db",
    )
    assert "s3cret" not in repr(settings.milvus_token)
    for key in Settings.model_fields:
        assert "s3cret" not in shown(settings, key)


def test_every_setting_is_explained(tmp_path: Path) -> None:
    resolved = load(environment={"HOME": str(tmp_path)}, directory=tmp_path)
    for key in Settings.model_fields:
        facts = explained(key, resolved)
        assert facts["meaning"]
        assert f"GLEDE_{key.upper()}" in facts["set by"]
    with pytest.raises(ConfigurationError):
        explained("no_such_key", resolved)


def of_tutorial(tmp_path: Path, text: str) -> Settings:
    """What a `.env` of a tutorial means, as it is."""
    (tmp_path / ".env").write_text(text)
    return load(environment={"HOME": str(tmp_path)}, directory=tmp_path).settings


def chosen(settings: Settings, role: Role) -> ModelChoice:
    found = model_of(settings, role)
    assert found is not None
    return found


def test_the_env_file_of_the_openai_tutorial(tmp_path: Path) -> None:
    text = 'OPENAI_API_KEY="sk-proj-1234"\nOPENAI_BASE_URL=https://proxy.example/v1\n'
    settings = of_tutorial(tmp_path, text).model_copy(update={"chat": "openai:gpt-4o"})
    choice = chosen(settings, "chat")
    assert (choice.key, choice.url) == ("sk-proj-1234", "https://proxy.example/v1")
    assert chosen(settings, "embed").name == "local:use3"  # a key alone sends nothing anywhere


def test_the_env_file_of_the_lepton_tutorial(tmp_path: Path) -> None:
    settings = of_tutorial(tmp_path, "export LEPTONAI_TOKEN=abc123\n")
    choice = chosen(settings.model_copy(update={"chat": "lepton:mistral-7b"}), "chat")
    assert (choice.key, choice.url) == ("abc123", "")


DASHSCOPE = """\
DASHSCOPE_API_KEY=sk-1234
ALIYUN_LLM_URL=https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions
ALIYUN_VLM_URL=https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions
ALIYUN_EMBED_URL=https://dashscope.aliyuncs.com/api/v1/services/embeddings/text-embedding
LLM_TEXT_MODEL=qwen-max
LLM_VLM_MODEL=qwen-vl-max
EMBED_MODEL=tongyi-embedding-vision-plus
MILVUS_URI=milvus_lite.db
MILVUS_COLLECTION=rag_multimodal_collection
EMBED_DIM=1152
"""


async def test_the_env_file_of_the_dashscope_tutorial(tmp_path: Path) -> None:
    settings = of_tutorial(tmp_path, DASHSCOPE)
    assert (settings.milvus_uri, settings.collection) == ("milvus_lite.db", "rag_multimodal_collection")
    roles: tuple[Role, ...] = ("chat", "vision", "embed", "extract")
    assert [chosen(settings, role).name for role in roles] == [
        "dashscope:qwen-max",
        "dashscope:qwen-vl-max",
        "dashscope:tongyi-embedding-vision-plus",
        "dashscope:qwen-max",
    ]
    assert {chosen(settings, role).key for role in roles} == {"sk-1234"}
    async with open_client() as http:
        addresses = {
            str(open_dashscope_chat(chosen(settings, role), http)._address.client.base_url)
            for role in ("chat", "vision", "extract")
        }
        endpoint = open_dashscope_embedding(chosen(settings, "embed"), http)
    assert addresses == {"https://dashscope.aliyuncs.com/compatible-mode/v1/"}
    assert isinstance(endpoint, DashScopeEmbedding)
    assert endpoint.dimension == 1152
    assert endpoint._url == f"https://dashscope.aliyuncs.com{NATIVE}"
