from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.equations import Formula, labels, main, renamed, retrieval


def test_no_letter_of_a_renamed_formula_is_its_own() -> None:
    assert "a" not in renamed(r"a^2 + \sin(b)").replace(r"\sin", "")
    assert renamed(r"\mathrm{i} \frac{x}{y}").startswith(r"\mathrm{i} \frac{")


def test_other_versions_of_an_identity_are_found() -> None:
    versions = [
        Formula("1-0", "energy", ("E = mc^2",)),
        Formula("1-1", "energy", ("m c^2 = E",)),
        Formula("2-0", "triangle", ("a^2 + b^2 = c^2",)),
        Formula("2-1", "triangle", ("x^2 + y^2 = z^2",)),
        Formula("2-2", "triangle", ()),
    ]
    figures = {figure.name: figure.value for figure in retrieval(versions, str, "named")}
    assert figures["named P@5"] == pytest.approx((1 + 2) / 5 / 2)
    assert figures["named P@5 of what there is"] == 1


def test_labels_are_pairs() -> None:
    assert labels()["2-8"] == {"a": "length", "b": "length", "c": "hypotenuse"}
    assert labels()["7-6"] == {}


def test_without_data_nothing_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path)]) == 0
    assert "nothing measured" in capsys.readouterr().out


def test_a_figure_below_its_floor_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.equations.LABELS", "1-1 E energy")
    folder = tmp_path / "equations"
    folder.mkdir()
    rows = [
        {"id": "1-0", "identity": "energy", "latex": "E = mc^2"},
        {"id": "1-1", "identity": "energy", "latex": "where $E$ is the energy, $E = mc^2$"},
    ]
    (folder / "named_formulas.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    (folder / "image_latex.jsonl").write_text('{"latex": "a + b"}', encoding="utf-8")
    symbols = {"latex": "E = mc^2", "symbols": {"E": ["energy"]}}
    (folder / "symbol_definitions.jsonl").write_text(json.dumps(symbols), encoding="utf-8")
    out = tmp_path / "figures.json"
    assert main(["--data", str(tmp_path), "--json", str(out)]) == 1
    figures = {one["name"]: one["value"] for one in json.loads(out.read_text(encoding="utf-8"))}
    assert figures["symbols recall"] == 1
    assert figures["symbols of real sentences recall"] == 1
