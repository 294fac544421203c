from __future__ import annotations

import os
from pathlib import Path

import pytest

from glede.errors import LimitError, UnreadableError
from glede.ports import Fetched
from glede.sources.items import Content, fetched, items_of, read


def names(items: object, root: Path) -> list[str]:
    return [Path(item.source).relative_to(root).as_posix() for item in items]  # type: ignore[attr-defined]


def test_folders_are_read_to_any_depth_in_order_and_each_file_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a/x.txt", "a/deep/y.txt", ".hidden/z.txt", "a/.secret", "node_modules/m.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    items = list(items_of([tmp_path, tmp_path / "b.txt"]))
    assert names(items, tmp_path) == ["a/deep/y.txt", "a/x.txt", "b.txt"]


def test_a_folder_that_contains_itself_by_a_link_is_one_error(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    good, bad = items_of([folder])
    assert good.error is None
    assert isinstance(bad.error, UnreadableError)
    assert "back to a folder above it" in bad.error.message


def test_links_stay_below_the_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "inside.txt").write_text("x")
    (folder / "link-in.txt").symlink_to(folder / "inside.txt")
    (folder / "link-out.txt").symlink_to(outside)
    (folder / "link-to-nothing").symlink_to(folder / "missing")
    (folder / "self").symlink_to(folder / "self")
    found = {Path(item.source).name: item.error for item in items_of([folder])}
    assert found["inside.txt"] is None
    assert found["link-in.txt"] is None
    for name in ("link-out.txt", "link-to-nothing", "self"):
        assert isinstance(found[name], UnreadableError), name


def test_an_address_is_an_item_of_its_own_as_it_was_given() -> None:
    (item,) = items_of(["https://example.org/page?a=b#c", "https://example.org/page?a=b#c"])
    assert (item.source, item.url) == ("https://example.org/page?a=b#c", "https://example.org/page?a=b#c")


def test_what_is_refused_for_its_password_is_shown_without_it() -> None:
    (item,) = items_of(["https://reader:secret@example.org/a@b"])
    assert item.source == "https://********@example.org/a@b"


@pytest.mark.parametrize(
    ("url", "media_type", "name"),
    [
        ("https://example.org/a/kites.md?x=/y.csv#z", "text/plain", "kites.md"),
        ("https://example.org/data.csv", "text/csv; charset=utf-8", "data.csv"),
        ("https://example.org/list.php", "TEXT/HTML", "list.php.html"),
        ("https://example.org/", "application/json", "page.json"),
        ("https://example.org", "", "page"),
    ],
)
def test_a_server_s_media_type_is_as_good_as_a_name(url: str, media_type: str, name: str) -> None:
    (item,) = items_of([url])
    page = fetched(item, Fetched(b"x", media_type))
    assert (page.name, page.content) == (name, b"x")


def problem(path: Path | Content, limit: int = 100) -> str:
    (item,) = items_of([path])
    with pytest.raises((UnreadableError, LimitError)) as caught:
        read(item, limit)
    return caught.value.message


def test_each_obstacle_has_its_own_words(tmp_path: Path) -> None:
    empty, large, pipe = tmp_path / "empty", tmp_path / "large", tmp_path / "pipe"
    empty.touch()
    large.write_bytes(b"x" * 101)
    os.mkfifo(pipe)
    assert "does not exist" in problem(tmp_path / "missing")
    assert "is empty" in problem(empty)
    assert "the limit is" in problem(large)
    assert "not a regular file" in problem(pipe)
    assert "is empty" in problem(Content("", "stdin"))
    assert "the limit is" in problem(Content("x" * 101, "stdin"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_is_said(tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.write_text("x")
    path.chmod(0)
    assert "may not be read" in problem(path)


def test_a_name_that_is_no_text_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("x")
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))).write_text("x")
    bad, good = items_of([tmp_path])
    assert isinstance(bad.error, UnreadableError)
    assert bad.source.endswith("caf\\xe9.txt")
    assert good.error is None


def test_a_data_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Kites.")
    for name, mark in (("data", "catalogue.db"), ("milvus_lite.db", "LOCK")):
        (tmp_path / name).mkdir()
        (tmp_path / name / mark).write_text("x")
        (tmp_path / name / "b.txt").write_text("Owls.")
    assert [item.source for item in items_of([tmp_path])] == [str(tmp_path / "a.txt")]
