"""What was uploaded is kept until no job needs it, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from glede.errors import UnavailableError, UnreadableError
from glede.sources.items import Content, items_of, read
from glede.sources.uploads import Uploads
from glede.stores.blobs import FileBlobs

MOST = 2**20
KITE = Content("A kite.", "birds/kite.txt", {"year": 2026})
HAWK = Content(b"\x00\xff", "hawk.bin")


def none() -> set[str]:
    return set()


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(str(tmp_path / "uploads"))


def test_it_is_kept_for_another_process(blobs: FileBlobs) -> None:
    kept = Uploads(blobs).keep([KITE, HAWK], "birds")
    again = Uploads(blobs).opened(kept.id)
    assert again == kept
    items = list(items_of([again]))
    assert [(item.source, dict(item.metadata)) for item in items] == [
        ("birds/kite.txt", {"year": 2026}),
        ("hawk.bin", {}),
    ]
    assert [read(item, MOST)[0] for item in items] == [b"A kite.", b"\x00\xff"]
    assert [item.source for item in again.only({"hawk.bin"}).items] == ["hawk.bin"]


def test_what_is_in_hand_or_needed_stays(blobs: FileBlobs) -> None:
    uploads = Uploads(blobs)
    first, second = uploads.keep([KITE], "birds"), uploads.keep([KITE, HAWK], "birds")
    uploads.sweep(none)
    assert len(blobs.keys()) == 5
    uploads.release([first.id, second.id])
    uploads.sweep(lambda: {first.id})
    assert uploads.opened(first.id) == first
    assert uploads.opened(second.id).items == ()
    uploads.sweep(none)
    assert blobs.keys() == []


def test_what_is_gone_says_so(blobs: FileBlobs, tmp_path: Path) -> None:
    uploads = Uploads(blobs)
    assert uploads.opened("0" * 16).items == ()
    kept = uploads.keep([KITE], "birds")
    (content,) = (tmp_path / "uploads").glob("*-0")
    content.write_bytes(b"A crow.")
    with pytest.raises(UnreadableError, match="damaged"):
        read(kept.items[0], MOST)
    (listed,) = (tmp_path / "uploads").glob("*.json")
    listed.write_text("{")
    uploads.release([kept.id])
    uploads.forget("birds", [KITE.source])
    assert uploads.opened(kept.id).items == ()
    content.unlink()
    with pytest.raises(UnreadableError, match="not kept any more"):
        read(kept.items[0], MOST)


def test_what_is_removed_is_forgotten(blobs: FileBlobs) -> None:
    uploads = Uploads(blobs)
    inside = Content(b"PK", "all.zip")
    birds, fish = uploads.keep([KITE, HAWK, inside], "birds"), uploads.keep([KITE], "fish")
    uploads.forget("birds", ["birds/kite.txt"])
    assert uploads.opened(birds.id) == birds
    uploads.release([birds.id, fish.id])
    uploads.forget("birds", ["birds/kite.txt", "all.zip/owl.txt", "hawk"])
    assert [item.source for item in uploads.opened(birds.id).items] == ["hawk.bin"]
    assert uploads.opened(fish.id) == fish
    uploads.forget("birds")
    assert uploads.opened(birds.id).items == ()
    assert uploads.opened(fish.id) == fish


def test_what_cannot_be_kept_is_not_in_hand(blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = Uploads(blobs)

    def full(key: str, data: bytes) -> None:
        raise UnavailableError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(blobs, "put", full)
        with pytest.raises(UnavailableError):
            uploads.keep([KITE], "birds")
    uploads.sweep(none)
    assert blobs.keys() == []


@pytest.mark.parametrize("contents", [[], [KITE, KITE]])
def test_odd_uploads(blobs: FileBlobs, contents: list[Content]) -> None:
    kept = Uploads(blobs).keep(contents, "birds")
    assert len(kept.items) == len(contents)
    assert len(list(items_of([kept]))) == len({content.source for content in contents})
