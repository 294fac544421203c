"""`glede usage` as a user runs it."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from glede.endpoints import Expense
from glede.stores.catalogue import SqlCatalogue
from glede.testing.catalogue_contract import HERE, sample_commit
from tests.cli.running import glede


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/data/catalogue.db")
    commit = sample_commit("kite", "/a/kite.txt")
    catalogue.commit(HERE, [commit])
    day = "2026-11-21"
    catalogue.ledger.spend(
        [
            Expense("chat", "openai:gpt-4o", "", day, 1000, 100, Decimal("0.0035")),
            Expense("vision", "openai:mine", commit.document.id, day, 50, 5, Decimal(0), priced=False),
        ]
    )
    catalogue.close()
    return tmp_path


def test_as_json(home: Path) -> None:
    done = glede("usage", "--json", cwd=home, env={"GLEDE_BUDGET": "5.00"})
    assert done.code == 0, done.err
    chat = {
        "name": "chat",
        "source": None,
        "calls": 1,
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "cost": 0.0035,
        "unpriced_calls": 0,
    }
    assert done.json["by"] == "role"
    assert done.json["usage"][0] == chat
    assert done.json["total"]["calls"] == 2
    assert done.json["total"]["unpriced_calls"] == 1
    assert done.json["budget"] == "5.00"
    by_document = glede("usage", "--by", "document", "--json", cwd=home).json
    assert [one["source"] for one in by_document["usage"]] == [None, "/a/kite.txt"]


def test_for_people(home: Path) -> None:
    done = glede("usage", "--by", "model", cwd=home)
    assert done.out.splitlines() == [
        "model\tcalls\tprompt tokens\tcompletion tokens\tcost",
        "openai:gpt-4o\t1\t1000\t100\t0.0035",
        "openai:mine\t1\t50\t5\t0.0000 + 1 without a price",
        "total\t2\t1050\t105\t0.0035 + 1 without a price",
    ]


def test_before_any_call(tmp_path: Path) -> None:
    assert glede("usage", cwd=tmp_path).code == 4
    (tmp_path / "data").mkdir()
    done = glede("usage", cwd=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "No model has been called yet." in done.err
    assert glede("usage", "--json", cwd=tmp_path).json["usage"] == []
    assert glede("usage", "--by", "colour", cwd=tmp_path).code == 2
