"""All settings, in one frozen value, read in this module and spent in `glede.build`.

The first of these that names a setting wins: arguments, `GLEDE_*` in the environment, `.env`, the names
that the Milvus tutorials use, the project's `glede.toml` (harmless keys only, since a folder may come
from anybody), the user's `config.toml`, the default.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from glede.errors import ConfigurationError

COLLECTION_NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"
COLLECTION_NAME_SAID = "letters, digits, _ and -, at most 63 of them"
_PATTERNS = {
    "collection": f"use {COLLECTION_NAME_SAID}",
    "milvus_prefix": "use letters, digits and _, at most 101 of them, no digit first",
    "mineru_tier": "choose flash, basic, standard or advanced",
}
"""What a value must be, said to people; of each setting that has a pattern."""


class Settings(BaseModel):
    """What an `Engine` is built from; the description of each field is what `config explain` prints."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path = Field(default=Path(".glede"), description="The data folder; made with mode 0700.")
    collection: str = Field(
        default="default", pattern=COLLECTION_NAME, description="Which collection commands use."
    )
    embed: str = Field(default="local:use3", description="The embedding model, as provider:model.")
    embed_dimension: int = Field(
        default=0, ge=0, le=32768, description="The length of its vectors; 0 is what the model gives."
    )
    chat: str = Field(
        default="",
        description="The model that writes answers, as provider:model; empty for answers made of quotes.",
    )
    vision: str = Field(default="", description="The model that describes pictures, as provider:model.")
    extract: str = Field(
        default="", description="The model that finds entities, as provider:model; empty for that of chat."
    )
    rerank: str = Field(default="", description="The model that reorders hits, as rerank:model.")
    embed_url: str = Field(default="", description="The address of the embedding model's API.")
    chat_url: str = Field(default="", description="The address of the chat model's API.")
    vision_url: str = Field(default="", description="The address of the vision model's API.")
    extract_url: str = Field(default="", description="The address of the extracting model's API.")
    rerank_url: str = Field(default="", description="The address of the reranker's API.")
    embed_key: SecretStr = Field(default=SecretStr(""), description="The key of the embedding model.")
    chat_key: SecretStr = Field(default=SecretStr(""), description="The key of the chat model.")
    vision_key: SecretStr = Field(default=SecretStr(""), description="The key of the vision model.")
    extract_key: SecretStr = Field(default=SecretStr(""), description="The key of the extracting model.")
    rerank_key: SecretStr = Field(default=SecretStr(""), description="The key of the reranker.")
    openai_url: str = Field(
        default="", description="The address for openai: models of any role; empty for OpenAI's own."
    )
    openai_key: SecretStr = Field(default=SecretStr(""), description="The key for openai: models.")
    dashscope_url: str = Field(
        default="", description="DashScope's address, with or without a path; empty for the Beijing region."
    )
    dashscope_key: SecretStr = Field(default=SecretStr(""), description="The key for dashscope: models.")
    lepton_key: SecretStr = Field(default=SecretStr(""), description="The token for lepton: models.")
    model_seconds: float = Field(
        default=120.0, gt=0, description="The longest that one call of a model may take."
    )
    model_tries: int = Field(default=5, ge=1, le=20, description="How often a call is tried in all.")
    model_wait: float = Field(
        default=0.5, gt=0, description="Seconds before the second try of a call; each later wait is longer."
    )
    model_concurrency: int = Field(
        default=16, ge=1, le=1024, description="How many calls of one role are under way at a time."
    )
    model_requests_per_minute: int = Field(default=0, ge=0, description="Calls of one role; 0 is any number.")
    model_tokens_per_minute: int = Field(default=0, ge=0, description="Tokens of one role; 0 is any number.")
    budget: str = Field(
        default="", description="The most that models may cost in this data folder, in money; empty for any."
    )
    prices: str = Field(
        default="",
        description="Prices by model, per million tokens: `gpt-4o=2.5/10,my-model=0/0` (prompt/completion).",
    )
    context_tokens: int = Field(
        default=6000, ge=200, le=2_000_000, description="The most tokens of sources in a prompt."
    )
    answer_tokens: int = Field(default=4096, ge=16, le=131072, description="The most tokens of an answer.")
    processors: str = Field(
        default="image,table,equation,generic",
        description="What is done with all that is no text, in this order; empty for nothing.",
    )
    entity_types: str = Field(
        default="",
        description="Types of entities that a model looks for: `drug,gene`; empty for general ones.",
    )
    relation_types: str = Field(
        default="", description="Relations that a model looks for: `treats,inhibits`; empty for any."
    )
    extractor: str = Field(
        default="nlp",
        description="How the graph is found: nlp (rules, no model), spacy (the pipelines installed), "
        "llm (the model of extract), none.",
    )
    context_around: int = Field(
        default=300, ge=0, le=20_000, description="The most tokens around a picture that a model is shown."
    )
    chunker: str = Field(
        default="structure", description="How documents are cut: structure, heading, docling:hierarchical."
    )
    milvus_uri: str = Field(
        default="",
        description="Where the index lives: a server's address, or empty for Milvus Lite in the data folder.",
    )
    milvus_token: SecretStr = Field(
        default=SecretStr(""), description="The Milvus server's token, or user:password."
    )
    milvus_prefix: str = Field(
        default="glede",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,100}$",
        description="Begins the names of Milvus collections.",
    )
    catalogue_url: str = Field(
        default="", description="SQL address of the catalogue; empty for SQLite in the data folder."
    )
    blobs_url: str = Field(
        default="", description="fsspec address of the blobs; empty for a folder in the data folder."
    )
    chunk_tokens: int = Field(
        default=160, ge=16, le=8192, description="The most tokens of a chunk of text (estimated)."
    )
    table_tokens: int = Field(
        default=480, ge=32, le=8192, description="The most tokens of a chunk of a table."
    )
    search_limit: int = Field(default=8, ge=1, le=1000, description="How many hits a search returns.")
    candidates: int = Field(
        default=100, ge=10, le=5000, description="How many candidates each channel proposes."
    )
    parse_workers: int = Field(default=1, ge=1, le=64, description="Parser processes that run side by side.")
    parse_seconds: float = Field(default=60.0, gt=0, description="The longest that a file may take to parse.")
    parse_seconds_per_page: float = Field(
        default=2.0, ge=0, description="Added to parse_seconds for each page."
    )
    parse_memory_mb: int = Field(
        default=2048, ge=128, description="The most memory of a parser process, in MiB."
    )
    mineru: str = Field(
        default="",
        description="MinerU's command `mineru-kit`, or the virtual environment it lies in; empty for PATH.",
    )
    mineru_tier: str = Field(
        default="flash",
        pattern=r"^(?:flash|basic|standard|advanced)$",
        description="How thoroughly MinerU reads; above flash it needs its models.",
    )
    max_file_mb: float = Field(default=100.0, gt=0, description="The largest file that is read, in MiB.")
    fetch_private: bool = Field(
        default=False, description="Whether addresses of this machine and the local network may be added."
    )
    fetch_seconds: float = Field(default=30.0, gt=0, description="The longest that an address may take.")
    fetch_mb: float = Field(default=50.0, gt=0, description="The most that an address may hold, in MiB.")
    fetch_redirects: int = Field(default=5, ge=0, le=20, description="The most redirects of an address.")
    max_pages: int = Field(default=5000, ge=1, description="The most pages of a document.")
    max_depth: int = Field(default=200, ge=10, description="The deepest nesting of HTML and JSON.")
    max_pixels: int = Field(default=100_000_000, ge=1, description="The largest picture, in pixels.")
    max_picture_mb: float = Field(
        default=20.0, gt=0, description="The largest picture within a document, in MiB."
    )
    archive_depth: int = Field(default=2, ge=0, le=10, description="How deep archives may nest.")
    archive_members: int = Field(default=10_000, ge=1, description="The most members of an archive.")
    archive_ratio: int = Field(
        default=100, ge=1, description="How many times larger than packed a member may be."
    )
    archive_mb: float = Field(default=2048.0, gt=0, description="The most that an archive may hold, in MiB.")
    history: bool = Field(
        default=False,
        description="Whether what is replaced or removed is kept, so that one can ask as of a date.",
    )
    max_question: int = Field(default=8192, ge=16, description="The longest question, in characters.")
    server_host: str = Field(default="127.0.0.1", description="Where `glede serve` listens.")
    server_port: int = Field(default=8787, ge=0, le=65535, description="Its port; 0 is any that is free.")
    server_hosts: str = Field(
        default="", description="Names that the server is called by beside localhost: `glede.example.org`."
    )
    server_origins: str = Field(
        default="", description="Sites whose pages may call the server: `https://chat.example.org`."
    )
    server_body_mb: float = Field(
        default=16.0, gt=0, description="The largest body of a call that is no upload, in MiB."
    )
    server_answers: int = Field(
        default=64, ge=1, description="Questions and searches under way at a time, in all."
    )
    server_answers_per_key: int = Field(default=4, ge=1, description="The same, with one key.")
    server_calls_per_minute: int = Field(
        default=600, ge=0, description="Calls of any kind in a minute, with one key; 0 is any number."
    )
    server_answer_seconds: float = Field(
        default=120.0, gt=0, description="The longest that an answer may take."
    )
    server_jobs: int = Field(default=100, ge=1, description="Jobs of the server that run or wait, in all.")

    traces: bool = Field(
        default=False, description="Whether OpenTelemetry is told how questions and additions go."
    )
    traces_url: str = Field(
        default="",
        description="The collector's address (OTLP over HTTP); empty for OTEL_EXPORTER_OTLP_ENDPOINT.",
    )
    traces_content: bool = Field(
        default=False, description="Whether traces may hold questions, answers, prompts and names of files."
    )

    def __repr_args__(self) -> list[tuple[str | None, object]]:
        """As they may be printed: addresses can hold passwords."""
        return [(key, shown(self, key)) for key in type(self).model_fields]


HARMLESS = frozenset(
    {"collection", "chunk_tokens", "table_tokens", "search_limit", "candidates", "parse_workers", "chunker"}
)
"""What a project's own `glede.toml` may set: nothing that reaches out, opens a limit or moves data.

No model's name either: it would send the documents to whom it belongs, on the user's own key.
"""

TUTORIAL_NAMES = {
    "MILVUS_URI": "milvus_uri",
    "MILVUS_TOKEN": "milvus_token",
    "MILVUS_COLLECTION": "collection",
    "OPENAI_API_KEY": "openai_key",
    "OPENAI_BASE_URL": "openai_url",
    "LEPTONAI_TOKEN": "lepton_key",
    "DASHSCOPE_API_KEY": "dashscope_key",
    "ALIYUN_LLM_URL": "chat_url",
    "ALIYUN_VLM_URL": "vision_url",
    "ALIYUN_EMBED_URL": "embed_url",
    "LLM_TEXT_MODEL": "chat",
    "LLM_VLM_MODEL": "vision",
    "EMBED_MODEL": "embed",
    "EMBED_DIM": "embed_dimension",
}
"""The environment names that users of the Milvus tutorials have set already."""

_MODELS = ("LLM_TEXT_MODEL", "LLM_VLM_MODEL", "EMBED_MODEL")
"""Tutorial names of models, which come without a provider: that tutorial's is DashScope."""


class Resolved(BaseModel):
    """Settings, and for each the name of the place that its value came from."""

    model_config = ConfigDict(frozen=True)

    settings: Settings
    origins: Mapping[str, str]


def load(
    arguments: Mapping[str, object] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> Resolved:
    """Settings from all places; raises `ConfigurationError` that names the place of a bad value."""
    here = directory or Path.cwd()
    env = dict(os.environ if environment is None else environment)
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for origin, found in _layers(arguments or {}, env, here):
        for key, value in found.items():
            if key not in values:
                values[key], origins[key] = value, origin
    if "home" not in values:
        values["home"], origins["home"] = _nearest_home(here)
    return Resolved(settings=_checked(values, origins), origins=origins)


def _layers(
    arguments: Mapping[str, object], env: Mapping[str, str], here: Path
) -> list[tuple[str, Mapping[str, object]]]:
    dotenv = {key: value for key, value in dotenv_values(here / ".env").items() if value is not None}
    return [
        ("argument", {key: value for key, value in arguments.items() if value is not None}),
        ("environment", _prefixed(env, "environment")),
        (".env", _prefixed(dotenv, ".env")),
        ("environment (tutorial name)", _tutorial(env)),
        (".env (tutorial name)", _tutorial(dotenv)),
        ("glede.toml", _project(here)),
        (str(user_file(env)), _toml(user_file(env))),
    ]


def _prefixed(env: Mapping[str, str], origin: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in env.items():
        if name.startswith("GLEDE_") and name not in _NOT_SETTINGS:
            key = name.removeprefix("GLEDE_").lower().replace("__", "_")
            _check_known(key, f"{name} in {origin}")
            found[key] = value
    return found


_NOT_SETTINGS = frozenset({"GLEDE_FULL", "GLEDE_UPDATE_GOLDEN", "GLEDE_FAILPOINTS"})
"""Names in the environment that steer our tests and are no settings."""


def _tutorial(env: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, key in TUTORIAL_NAMES.items():
        if value := env.get(name):
            found[key] = f"dashscope:{value}" if name in _MODELS and ":" not in value else value
    return found


def _project(here: Path) -> dict[str, object]:
    path = here / "glede.toml"
    values = _toml(path)
    refused = sorted(set(values) - HARMLESS)
    if refused:
        raise ConfigurationError(
            f"{path} sets {', '.join(refused)}, which a project's file may not",
            hint=f"Move it to {user_file(os.environ)}. Allowed here: {', '.join(sorted(HARMLESS))}.",
        )
    return values


def _toml(path: Path) -> dict[str, object]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"cannot read {path}: {error}") from error
    try:
        values: dict[str, object] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    for key in values:
        _check_known(key, str(path))
    return values


def _check_known(key: str, place: str) -> None:
    if key not in Settings.model_fields:
        raise ConfigurationError(f"{place} sets {key!r}, which is no setting")


def user_file(env: Mapping[str, str]) -> Path:
    """The user's own settings file."""
    base = env.get("XDG_CONFIG_HOME") or str(Path(env.get("HOME", "~")).expanduser() / ".config")
    return Path(base) / "glede" / "config.toml"


def _nearest_home(here: Path) -> tuple[Path, str]:
    for folder in (here, *here.parents):
        if (folder / ".glede").is_dir():
            return folder / ".glede", "nearest .glede upwards"
    return here / ".glede", "default"


def _checked(values: Mapping[str, object], origins: Mapping[str, str]) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        key = str(problem["loc"][0]) if problem["loc"] else "settings"
        said = problem["msg"]
        if problem["type"] == "string_pattern_mismatch":
            said = f"{str(problem['input'])[:80]!r} will not do, {_PATTERNS[key]}"
        raise ConfigurationError(
            f"{key} (from {origins.get(key, 'default')}): {said}",
            hint=f"`glede config explain {key}` tells what it means.",
        ) from error


def shown(settings: Settings, key: str) -> str:
    """A value as it may be printed: secrets hidden, and passwords inside addresses."""
    value = getattr(settings, key)
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    return without_password(str(value))


def without_password(address: str) -> str:
    """An address as it may be printed."""
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:********@", address)
