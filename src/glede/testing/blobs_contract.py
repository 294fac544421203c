"""What every store of blobs must do, as tests to inherit: `class TestMine(BlobsContract)` with a fixture."""

from __future__ import annotations

import pytest

from glede.errors import UnavailableError
from glede.ports import Blobs

BAD_KEYS: tuple[str, ...] = (
    "",
    "/",
    "/etc/passwd",
    "a//b",
    "a/",
    "../a",
    "a/../b",
    "a/..",
    "./a",
    "a b",
    " a",
    "a\n",
    "a\0",
    "a\\b",
    "é",
    "a?c",
    "x" * 201,
    "/".join("abcdefghi"),
)


class BlobsContract:
    """Define a fixture `blobs` that gives an empty store."""

    def test_gives_back_what_was_put(self, blobs: Blobs) -> None:
        """All bytes, also none at all."""
        for key, data in (("a/b/c.f32", bytes(range(256)) * 300), ("empty", b""), ("a/..b", b"\r\n")):
            assert not blobs.exists(key)
            blobs.put(key, data)
            assert blobs.exists(key)
            assert blobs.get(key) == data

    def test_a_key_is_written_once(self, blobs: Blobs) -> None:
        """What is there stays; after a deletion the key may be put anew."""
        blobs.put("a/b", b"first")
        blobs.put("a/b", b"second")
        assert blobs.get("a/b") == b"first"
        blobs.delete("a/b")
        blobs.put("a/b", b"second")
        assert blobs.get("a/b") == b"second"

    def test_many_are_put_as_each_is(self, blobs: Blobs) -> None:
        """More than are written at a time; what is there stays, and one bad key keeps all of them out."""
        blobs.put("a/1", b"first")
        many = {f"{kind}/{number}": b"%d" % number for kind in "ab" for number in range(100)}
        blobs.put_all(many)
        assert blobs.keys() == sorted(many)
        assert {key: blobs.get(key) for key in many} == many | {"a/1": b"first"}
        with pytest.raises(ValueError, match="no key"):
            blobs.put_all({"c/1": b"1", "../c": b"2"})
        assert not blobs.exists("c/1")
        blobs.put_all({})

    def test_what_is_missing_is_unavailable(self, blobs: Blobs) -> None:
        """The error is ours and names the key; to delete what is missing is no error."""
        with pytest.raises(UnavailableError, match="a/missing"):
            blobs.get("a/missing")
        blobs.delete("a/missing")
        blobs.put("a/b", b"1")
        blobs.delete("a/b")
        assert not blobs.exists("a/b")
        with pytest.raises(UnavailableError):
            blobs.get("a/b")

    def test_lists_keys_by_prefix(self, blobs: Blobs) -> None:
        """Sorted; a prefix need not end at a slash."""
        assert blobs.keys() == []
        for key in ("b/2", "a/2", "a/1", "ab/x/y"):
            blobs.put(key, b"1")
        assert blobs.keys() == ["a/1", "a/2", "ab/x/y", "b/2"]
        assert blobs.keys("a/") == ["a/1", "a/2"]
        assert blobs.keys("a") == ["a/1", "a/2", "ab/x/y"]
        assert blobs.keys("c") == []
        blobs.delete("a/1")
        assert blobs.keys("a/") == ["a/2"]

    @pytest.mark.parametrize("key", BAD_KEYS)
    def test_refuses_what_is_no_key(self, blobs: Blobs, key: str) -> None:
        """A key can never lead out of the store, or mean something to a shell or a server."""
        for action in (blobs.get, blobs.exists, blobs.delete):
            with pytest.raises(ValueError, match="no key"):
                action(key)
        with pytest.raises(ValueError, match="no key"):
            blobs.put(key, b"1")
        assert blobs.keys() == []
