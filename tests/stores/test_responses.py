"""Answers and expenses in memory and in SQLite: one contract, and when the catalogue lets answers go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from glede.endpoints import Ledger, Responses
from glede.models.cache import vector_key
from glede.stores.catalogue import SqlCatalogue
from glede.testing.catalogue_contract import HERE, sample_commit
from glede.testing.fake_models import MemoryLedger, MemoryResponses
from glede.testing.responses_contract import (
    LedgerContract,
    ResponsesContract,
    sample_expense,
    sample_key,
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[SqlCatalogue]:
    catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
    yield catalogue
    catalogue.close()


class TestMemoryResponses(ResponsesContract):
    @pytest.fixture
    def responses(self) -> Responses:
        return MemoryResponses()


class TestSqliteResponses(ResponsesContract):
    @pytest.fixture
    def responses(self, catalogue: SqlCatalogue) -> Responses:
        return catalogue.responses


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    def ledger(self) -> Ledger:
        return MemoryLedger()


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    def ledger(self, catalogue: SqlCatalogue) -> Ledger:
        return catalogue.ledger


def test_a_commit_drops_the_vectors_that_lie_in_its_pack(catalogue: SqlCatalogue) -> None:
    commit = sample_commit("kite", "kite.txt")
    own = [vector_key("fake", chunk.text) for chunk in commit.chunks]
    others = [sample_key(1), vector_key("fake", "another text"), vector_key("other", commit.chunks[0].text)]
    catalogue.responses.keep(dict.fromkeys((*own, *others), b"1234"))
    catalogue.commit(HERE, [commit])
    assert catalogue.responses.load([*own, *others]).keys() == set(others)


def test_what_was_said_of_a_document_goes_with_it(catalogue: SqlCatalogue) -> None:
    kite, owl = sample_commit("kite", "kite.txt"), sample_commit("owl", "owl.txt")
    catalogue.commit(HERE, [kite, owl])
    catalogue.responses.keep({sample_key(1): b"a"}, kite.document.id)
    catalogue.responses.keep({sample_key(2): b"b"}, owl.document.id)
    catalogue.responses.keep({sample_key(3): b"c"})
    catalogue.ledger.spend([sample_expense(document=kite.document.id)])
    catalogue.remove(HERE, [kite.document.id])
    assert catalogue.responses.load([sample_key(n) for n in (1, 2, 3)]).keys() == {
        sample_key(2),
        sample_key(3),
    }
    assert [one.name for one in catalogue.ledger.spending("document")] == [kite.document.id]


def test_both_outlive_the_process(tmp_path: Path) -> None:
    for expected in (1, 2):
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db")
        catalogue.ledger.spend([sample_expense(cost="1")])
        catalogue.responses.keep({sample_key(expected): b"x"})
        assert catalogue.ledger.total() == expected
        assert len(catalogue.responses.load([sample_key(1), sample_key(2)])) == expected
        catalogue.close()
