"""The pages can be built again from what is committed, on any machine."""

from __future__ import annotations

import json
from pathlib import Path

WEB = Path(__file__).parents[2] / "web"


def test_the_lock_file_holds_what_other_systems_install() -> None:
    """`npm ci` refuses a lock file that lacks one: it was made on one system, and names packages of all."""
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]
    names = {place.rpartition("node_modules/")[2] for place in packages}
    asked = {name for one in packages.values() for name in one.get("optionalDependencies", {})}
    assert {"@rolldown/binding-darwin-arm64", "lightningcss-win32-x64-msvc"} <= asked
    assert asked <= names, sorted(asked - names)
    wanted = json.loads((WEB / "package.json").read_text())
    for kind in ("dependencies", "devDependencies"):
        assert packages[""][kind] == wanted[kind]
