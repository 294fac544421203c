from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import glede
from tests.web_server import Web, served

ALLOWED = {"GLEDE_FETCH_PRIVATE": "true"}


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with served() as web:
        yield web


def test_an_address_is_added_asked_about_and_removed(tmp_path: Path, web: Web) -> None:
    address = web.address("/kites")
    planned = glede("add", address, "--dry-run", "--json", cwd=tmp_path, env=ALLOWED)
    assert [one["status"] for one in planned.json["documents"]] == ["planned"]
    assert glede("docs", "--json", cwd=tmp_path).json == {"documents": []}

    added = glede("add", address, "--json", cwd=tmp_path, env=ALLOWED)
    assert added.code == 0, added.err
    assert [one["status"] for one in added.json["documents"]] == ["searchable"]
    again = glede("add", address, "--json", cwd=tmp_path, env=ALLOWED).json
    assert [one["status"] for one in again["documents"]] == ["unchanged"]
    assert again["usage"]["embedded_texts"] == 0

    answer = glede("Where does the red kite nest?", "--json", cwd=tmp_path).json
    assert answer["citations"][0]["source"] == address
    assert "old oaks" in answer["answer"]
    assert address in glede("docs", cwd=tmp_path).out
    assert glede("open", "1", "--json", cwd=tmp_path).json["file"] is None
    assert glede("rm", "kites", cwd=tmp_path).code == 0


def test_this_machine_is_refused_as_it_comes(tmp_path: Path, web: Web) -> None:
    web.requests.clear()
    done = glede("add", web.address("/kites"), cwd=tmp_path)
    assert done.code == 1
    assert "error[refused_address]: 127.0.0.1 is not on the public internet" in done.err
    assert "hint: GLEDE_FETCH_PRIVATE=true" in done.err
    assert web.requests == []


def test_a_folder_s_settings_cannot_allow_it(tmp_path: Path, web: Web) -> None:
    (tmp_path / "glede.toml").write_text("fetch_private = true\n")
    done = glede("add", web.address("/kites"), cwd=tmp_path)
    assert done.code == 3
    assert "fetch_private" in done.err


@pytest.mark.parametrize(
    ("path", "env", "code", "retryable"),
    [
        ("/missing", {}, "fetch_failed", False),
        ("/error", {}, "fetch_failed", True),
        ("/hop/6", {}, "fetch_failed", False),
        ("/hop/2", {"GLEDE_FETCH_REDIRECTS": "1"}, "fetch_failed", False),
        ("/to-file", {}, "refused_address", False),
        ("/bomb", {}, "limit_exceeded", False),
        ("/drip", {"GLEDE_FETCH_SECONDS": "0.5"}, "limit_exceeded", False),
    ],
)
def test_what_fails_is_one_failed_document(
    tmp_path: Path, web: Web, path: str, env: dict[str, str], code: str, retryable: bool
) -> None:
    done = glede("add", web.address(path), "--json", cwd=tmp_path, env={**ALLOWED, **env})
    assert done.code == 1, done.err
    (document,) = done.json["documents"]
    assert document["status"] == "failed"
    assert (document["error"]["code"], document["error"]["retryable"]) == (code, retryable)
    assert document["error"]["hint"]


def test_a_password_in_an_address_is_not_shown(tmp_path: Path) -> None:
    done = glede("add", "http://reader:canary-key@127.0.0.1/", "-vv", cwd=tmp_path, env=ALLOWED)
    assert done.code == 1
    assert "error[refused_address]" in done.err
    assert "canary-key" not in done.out + done.err
