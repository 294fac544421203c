"""Each recipe runs as it stands in its folder: the real script, the real clients, a scripted server."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.parsers import recognition
from glede.settings import TUTORIAL_NAMES
from glede.testing.model_server import ModelServer
from tests.milvus import serving
from tests.recipes.running import DESCRIPTION, RECIPES, Ran, example, quote_the_sources, run

KEY = "sk-test-of-the-recipes"
SEEN = "Below them stand a streaming node, a query node and a data node, above the object storage."
NAMES = ("docling-openai", "lepton", "rag-anything-dashscope")
needs_docling = pytest.mark.skipif(
    importlib.util.find_spec("docling") is None, reason="the extra docling is not installed"
)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key=KEY) as running:
        running.answer = quote_the_sources
        yield running


@pytest.fixture
def milvus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served")) as address:
        yield address


def dashscope(server: ModelServer) -> dict[str, str]:
    """The tutorial's own `.env`, at another address."""
    return {
        "DASHSCOPE_API_KEY": KEY,
        "ALIYUN_LLM_URL": f"{server.url}/chat/completions",
        "ALIYUN_VLM_URL": f"{server.url}/chat/completions",
        "ALIYUN_EMBED_URL": f"{server.dashscope_url}/services/embeddings/text-embedding",
        "LLM_TEXT_MODEL": "qwen-max",
        "LLM_VLM_MODEL": "qwen-vl-max",
        "EMBED_MODEL": "tongyi-embedding-vision-plus",
        "EMBED_DIM": "1152",
        "MILVUS_URI": "milvus_lite.db",
        "MILVUS_COLLECTION": "rag_multimodal_collection",
    }


def asked(server: ModelServer) -> dict[str, set[str]]:
    """The models that were asked, by the end of the route."""
    found: dict[str, set[str]] = {}
    for call in server.calls:
        assert call.status == 200, call
        found.setdefault(call.route.rpartition("/")[2], set()).add(call.model)
    return found


def dimension(uri: str, collection: str) -> int:
    """How long the dense vectors are that Milvus holds."""
    from pymilvus import DataType, MilvusClient

    client = MilvusClient(uri=uri)
    try:
        names = [name for name in client.list_collections() if collection in name]
        (name,) = [name for name in names if "pictures" not in name]
        fields = client.describe_collection(name)["fields"]
        (dense,) = [field for field in fields if field["type"] == DataType.FLOAT_VECTOR]
        return int(dense["params"]["dim"])
    finally:
        client.close()


def answers(done: Ran) -> list[str]:
    """What was printed for each question, its citations included."""
    assert done.code == 0, done.out + done.err
    return done.out.split("\nQuestion: ")[1:]


def test_text_and_picture_with_the_tutorials_own_settings(server: ModelServer, tmp_path: Path) -> None:
    done = run("rag-anything-dashscope", tmp_path, dashscope(server))
    text, picture = answers(done)
    assert "Milvus keeps two kinds of data apart. [1]" in text
    assert '[1] faq.txt, text: "Milvus keeps two kinds of data apart."' in text
    assert SEEN in DESCRIPTION
    seen = f"[1?] architecture.png, image: a model sees: {SEEN}"
    read = '[1] architecture.png, image: "'  # OCR: the words in it answer as well
    assert (read if recognition.is_installed() else seen) in picture
    assert asked(server) == {
        "completions": {"qwen-vl-max"},  # a picture is among the sources of both questions
        "multimodal-embedding": {"tongyi-embedding-vision-plus"},
    }
    assert len([call for call in server.calls if "completions" in call.route]) in (
        3,
        4,
    )  # one may be repaired
    assert dimension(str(tmp_path / "milvus_lite.db"), "rag_multimodal_collection") == 1152


def test_a_second_run_describes_and_embeds_nothing_again(server: ModelServer, tmp_path: Path) -> None:
    first = run("rag-anything-dashscope", tmp_path, dashscope(server))
    server.clear()
    again = run("rag-anything-dashscope", tmp_path, dashscope(server))
    assert answers(again) == answers(first)
    assert server.calls == []


def test_the_picture_goes_to_milvus_by_address_and_token(
    server: ModelServer, milvus: str, tmp_path: Path
) -> None:
    settings = {**dashscope(server), "MILVUS_URI": milvus, "MILVUS_TOKEN": "root:Milvus"}
    assert len(answers(run("rag-anything-dashscope", tmp_path, settings))) == 2
    assert dimension(milvus, "rag_multimodal_collection") == 1152
    assert not list(tmp_path.rglob("*.db/")), "nothing of the index is kept here"


def test_mistral_on_lepton_answers_from_faqs_embedded_here(server: ModelServer, tmp_path: Path) -> None:
    done = run("lepton", tmp_path, {"LEPTONAI_TOKEN": KEY, "GLEDE_CHAT_URL": server.url})
    (answer,) = answers(done)
    assert '[1] storage.md, text: "Milvus keeps two kinds of data apart: what users insert, ' in answer
    assert "4 chunks" in done.out
    assert asked(server) == {"completions": {"mistral-7b"}}
    (call,) = server.calls
    assert call.route.endswith("/v1/chat/completions")
    assert dimension(str(tmp_path / ".glede" / "index.db"), "default") == 512


@needs_docling
def test_docling_cuts_and_openai_embeds_and_answers(server: ModelServer, tmp_path: Path) -> None:
    done = run("docling-openai", tmp_path, {"OPENAI_API_KEY": KEY}, {"OPENAI_BASE_URL": server.url})
    (answer,) = answers(done)
    assert '[1] overview.md, text: "' in answer
    assert asked(server) == {"embeddings": {"text-embedding-3-small"}, "completions": {"gpt-4o"}}
    assert dimension(str(tmp_path / ".glede" / "index.db"), "default") == 1536
    sources = server.calls[-1].body["messages"][-1]["content"].count(" source ")
    assert 1 <= sources <= 3


@needs_docling
def test_docling_with_milvus_by_address(server: ModelServer, milvus: str, tmp_path: Path) -> None:
    settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url, "MILVUS_URI": milvus}
    assert len(answers(run("docling-openai", tmp_path, settings))) == 1
    assert dimension(milvus, "default") == 1536


@pytest.mark.parametrize("name", NAMES)
def test_without_a_key_a_recipe_says_what_to_set(name: str, tmp_path: Path) -> None:
    settings = {key: value for key, value in example(name).items() if not key.endswith(("_KEY", "_TOKEN"))}
    done = run(name, tmp_path, settings)
    assert done.code == 1
    assert "Set " in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", NAMES)
def test_the_example_has_the_tutorials_names_and_the_scripts_settings(name: str) -> None:
    from glede.settings import load

    found = example(name)
    assert {key for key in found if not key.startswith("GLEDE_")} <= TUTORIAL_NAMES.keys()
    script = (RECIPES / name / "main.py").read_text(encoding="utf-8")
    assert len(script.splitlines()) <= 40
    if "RECIPE:" not in script:
        return
    settings = load(environment=found, directory=RECIPES / name).settings
    recipe = script.partition("RECIPE:")[2].partition("}")[0]
    own = {key: value for key, value in settings.model_dump(mode="json").items() if f'"{key}":' in recipe}
    for key, value in own.items():
        assert f'"{key}": {value!r}'.replace("'", '"') in recipe


def test_the_picture_is_what_its_tool_draws(tmp_path: Path) -> None:
    tool = RECIPES.parent / "tools" / "make_recipe_picture.py"
    made = tmp_path / "made.png"
    subprocess.run([sys.executable, tool, made], check=True, timeout=60)
    assert made.read_bytes() == (RECIPES / "rag-anything-dashscope" / "architecture.png").read_bytes()
