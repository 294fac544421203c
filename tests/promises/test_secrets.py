"""S10: keys and passwords never leave: not in output, logs, errors, the data folder, or process arguments."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import sleep

import psutil  # type: ignore[import-untyped]
import pytest
from pydantic import SecretStr

from glede.roles import ROLES, model_of
from glede.settings import Resolved, Settings
from glede.testing.model_server import ModelServer
from glede.testing.model_wire import Refusal
from tests.cli.running import environment

CANARY = "cAnArY"
KEYS = {
    name: f"sk-{CANARY}{number:02d}x0123456789"
    for number, name in enumerate(
        [key for key, field in Settings.model_fields.items() if field.annotation is SecretStr]
    )
}
LOUD = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
for handler in logging.getLogger().handlers:
    handler.setLevel(logging.DEBUG)
    handler.stream = open(sys.argv.pop(1), "a")
from glede.cli import main
main()
"""
"""The command with Python's logging at its loudest, into a file."""


class Echoing(ModelServer):
    """Repeats in each refusal what it was sent, as some services do."""

    def _check_caller(self, route, request):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.key and given != self.key:
            raise Refusal(f"Incorrect key {given}, also {given!r}", f"bad {given}", status=401)


@pytest.fixture
def server() -> Iterator[Echoing]:
    with Echoing(key="") as running:
        running.answer = lambda _: 'Kites eat mice [1 "eats mice and voles"].'
        yield running


@pytest.fixture
def env(server: ModelServer) -> dict[str, str]:
    """All keys, and a name and password in each address."""
    address = server.url.replace("//", f"//me:{CANARY}word@")
    return {
        **{f"GLEDE_{name.upper()}": key for name, key in KEYS.items()},
        "OPENAI_LOG": "debug",
        "GLEDE_EMBED": "openai:text-embedding-3-small",
        "GLEDE_CHAT": "openai:gpt-4o",
        "GLEDE_VISION": "dashscope:qwen-vl-max",
        "GLEDE_RERANK": "rerank:bge-reranker-v2-m3",
        "GLEDE_EXTRACT": "lepton:mistral-7b",
        "GLEDE_EXTRACT_URL": address,
        "GLEDE_RERANK_URL": address,
        "GLEDE_OPENAI_URL": address,
        "GLEDE_DASHSCOPE_URL": address,
        "GLEDE_MODEL_TRIES": "2",
        "GLEDE_MODEL_WAIT": "0.01",
    }


class Watch(Thread):
    """Collects the arguments of all processes below this one."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[str] = set()
        self.over = False

    def run(self) -> None:
        me = psutil.Process()
        while not self.over:
            for child in me.children(recursive=True):
                try:
                    self.seen.add(" ".join(child.cmdline()))
                except psutil.Error:
                    continue
            sleep(0.02)


def command(folder: Path, env: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Exit code, and all that came out of a command: both outputs and the log."""
    log = folder / "log.txt"
    watch = Watch()
    watch.start()
    done = subprocess.run(
        [sys.executable, "-c", LOUD, str(log), *arguments],
        cwd=folder,
        env={**environment(folder), **env},
        capture_output=True,
        timeout=120,
        check=False,
    )
    watch.over = True
    watch.join()
    assert any("glede" in line for line in watch.seen)
    said = done.stdout.decode() + done.stderr.decode() + log.read_text()
    return done.returncode, said + "\n".join(watch.seen)


def lines_with_canary(text: str) -> list[str]:
    return [line[:300] for line in text.splitlines() if CANARY.casefold() in line.casefold()]


def assert_kept(folder: Path) -> None:
    """No file of the data folder holds a canary, in any of the ways in which text is stored."""
    names = [path for path in (folder / "data").rglob("*") if path.is_file()]
    assert names
    for path in names:
        data = path.read_bytes().lower()
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert CANARY.lower().encode(encoding) not in data, path


def test_nothing_tells_a_key_while_all_is_well(tmp_path: Path, env: dict[str, str]) -> None:
    (tmp_path / "kites.md").write_text("# Kites\n\nThe red kite eats mice and voles. It nests in oaks.")
    del env["GLEDE_MILVUS_TOKEN"]  # Milvus Lite knows none
    for arguments in (
        ["config", "show", "--json"],
        ["config", "explain", "openai_url"],
        ["doctor", "-vv"],
        ["add", "kites.md", "-vv"],
        ["ask", "What does the red kite eat?", "-vv"],
        ["ask", "What does the red kite eat?", "--json"],
        ["dump"],
    ):
        code, said = command(tmp_path, env, *arguments)
        assert code == 0, said[-3000:]
        assert not lines_with_canary(said), arguments
    assert_kept(tmp_path)


def test_nothing_tells_a_key_that_the_endpoint_repeats(
    tmp_path: Path, env: dict[str, str], server: Echoing
) -> None:
    for name in [name for name in env if name.endswith("_URL")]:
        env[name] = server.url  # without a password: it is the keys that are sent and repeated
    del env["GLEDE_MILVUS_TOKEN"]
    server.key = "another"
    (tmp_path / "kites.txt").write_text("The red kite eats mice and voles.")
    for arguments in (
        ["doctor", "-vv"],
        ["add", "kites.txt", "-vv"],
        ["add", "kites.txt", "--json"],
        ["ask", "What does the red kite eat?", "-vv", "--model", "openai:gpt-4o"],
    ):
        _, said = command(tmp_path, env, *arguments)
        assert "Incorrect key ********" in said
        assert not lines_with_canary(said), arguments
    assert_kept(tmp_path)


PLACES = {
    "GLEDE_MILVUS_URI": f"http://me:{CANARY}word@127.0.0.1:9",
    "GLEDE_CATALOGUE_URL": f"postgresql://me:{CANARY}word@127.0.0.1:9/glede",
    "GLEDE_BLOBS_URL": f"nosuch://me:{CANARY}word@127.0.0.1:9/bucket",
    "GLEDE_EMBED_KEY": f"sk-{CANARY}\nline",
    "GLEDE_OPENAI_URL": f"htp://me:{CANARY}word@127.0.0.1:9/v1",
    "GLEDE_MODEL_TRIES": "none",
}


@pytest.mark.parametrize("name", PLACES)
def test_nothing_tells_a_secret_of_what_is_set_wrongly(
    tmp_path: Path, env: dict[str, str], name: str
) -> None:
    (tmp_path / "kites.txt").write_text("The red kite eats mice and voles.")
    env[name] = PLACES[name]
    if name != "GLEDE_MILVUS_URI":
        del env["GLEDE_MILVUS_TOKEN"]
    code, said = command(tmp_path, env, "add", "kites.txt", "-vv")
    assert code != 0
    assert not lines_with_canary(said)


def test_an_env_file_keeps_its_secrets(tmp_path: Path, env: dict[str, str]) -> None:
    del env["GLEDE_MILVUS_TOKEN"], env["OPENAI_LOG"]
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in env.items()))
    (tmp_path / "kites.txt").write_text("The red kite eats mice and voles.")
    for arguments in (["config", "show"], ["add", ".", "-vv"], ["ask", "What do kites eat?", "-vv"]):
        code, said = command(tmp_path, {}, *arguments)
        assert code == 0, said[-2000:]
        assert not lines_with_canary(said), arguments
    assert_kept(tmp_path)  # a folder's `.env` is not one of its documents


def test_values_do_not_tell_their_secrets(env: dict[str, str]) -> None:
    del env["OPENAI_LOG"]
    values = {name.removeprefix("GLEDE_").lower(): value for name, value in env.items()}
    settings = Settings.model_validate({**values, "catalogue_url": PLACES["GLEDE_CATALOGUE_URL"]})
    resolved = Resolved(settings=settings, origins={})
    choices = [model_of(settings, role) for role in ROLES]
    assert CANARY not in f"{settings!r} {settings!s} {resolved!r} {choices!r}"
