"""Keys and their scopes."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from glede.errors import NotFoundError, UsageError
from glede.server.keys import BYTES, LEVELS, PREFIX, Keys, Scope, scope_of
from tests.cli.running import glede


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


def test_a_key_is_found_by_its_secret_and_by_nothing_else(keys: Keys) -> None:
    key, secret = keys.create("alice", [Scope("read", "papers")])
    assert keys.find(secret) == key
    for wrong in ("", PREFIX, secret[:-1], secret + "A", secret.lower(), key.id, "' OR 1=1 --", "\udcff"):
        assert keys.find(wrong) is None


def test_a_secret_is_256_random_bits(keys: Keys) -> None:
    secrets = {keys.create(str(number), [Scope("read", "*")])[1] for number in range(50)}
    assert len(secrets) == 50
    assert BYTES * 8 == 256
    assert all(len(secret) == len(PREFIX) + math.ceil(BYTES * 8 / 6) for secret in secrets)


def test_only_the_hash_is_kept(keys: Keys, tmp_path: Path) -> None:
    _, secret = keys.create("alice", [Scope("read", "papers")])
    data = (tmp_path / "keys.db").read_bytes()
    assert secret.encode() not in data
    assert secret.removeprefix(PREFIX).encode() not in data
    assert (tmp_path / "keys.db").stat().st_mode & 0o777 == 0o600


def test_a_revoked_key_opens_nothing_and_is_still_listed(keys: Keys, tmp_path: Path) -> None:
    _, secret = keys.create("alice", [Scope("read", "papers")])
    other = Keys(tmp_path)  # another process
    assert other.revoke("alice").name == "alice"
    assert keys.find(secret) is None
    assert [key.revoked is not None for key in keys.all()] == [True]
    assert keys.needed()
    with pytest.raises(NotFoundError):
        keys.revoke("alice")


def test_two_of_one_name_are_told_apart_by_their_ids(keys: Keys) -> None:
    first, _ = keys.create("bot", [Scope("read", "a")])
    second, secret = keys.create("bot", [Scope("read", "b")])
    with pytest.raises(NotFoundError, match="2 keys"):
        keys.revoke("bot")
    keys.revoke(first.id)
    assert keys.find(secret) == second


def test_without_a_key_none_is_needed(keys: Keys, tmp_path: Path) -> None:
    assert not keys.needed()
    assert keys.find("x") is None
    assert not (tmp_path / "keys.db").exists()


def test_levels_hold_what_is_below_them() -> None:
    for number, level in enumerate(LEVELS):
        scope = Scope(level, "papers")
        assert [scope.allows(one, "papers") for one in LEVELS] == [one <= number for one in range(3)]
        assert not any(scope.allows(one, "notes") for one in LEVELS)
        assert not any(scope.allows(one, "*") for one in LEVELS)
        assert Scope(level, "*").allows(level, "notes")


@pytest.mark.parametrize("text", ["", "read", "read:", ":papers", "own:papers", "read:a b", "read:**"])
def test_what_is_no_scope(text: str) -> None:
    with pytest.raises(UsageError):
        scope_of(text)


def test_a_key_without_a_scope_is_not_made(keys: Keys) -> None:
    with pytest.raises(UsageError):
        keys.create("alice", [])


def test_the_commands(tmp_path: Path) -> None:
    made = glede("keys", "create", "alice", "--scope", "read:papers", "--scope", "write:notes", cwd=tmp_path)
    assert made.code == 0, made.err
    assert made.out.startswith(PREFIX)
    assert "Shown once" in made.err
    listed = glede("keys", "list", "--json", cwd=tmp_path).json["keys"]
    assert [key["scopes"] for key in listed] == [["read:papers", "write:notes"]]
    assert made.out.strip() not in glede("keys", "list", cwd=tmp_path).out
    assert glede("keys", "revoke", "alice", cwd=tmp_path).code == 0
    assert "revoked" in glede("keys", "list", cwd=tmp_path).out
    assert glede("keys", "revoke", "bob", cwd=tmp_path).code == 2
    assert glede("keys", "create", "x", "--scope", "all", cwd=tmp_path).code == 2
