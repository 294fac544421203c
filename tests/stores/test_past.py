"""The past in memory and in SQLite: one contract, and equal in all things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st

from glede.ports import Commit
from glede.stores.catalogue import SqlCatalogue
from glede.testing.catalogue_contract import HERE, VOCABULARY, waiting
from glede.testing.fakes import MemoryCatalogue
from glede.testing.past_contract import GONE, Clock, KeepingCatalogue, PastContract, made, minute


class TestMemoryPast(PastContract):
    @pytest.fixture
    def keeping(self) -> KeepingCatalogue:
        return MemoryCatalogue(history=True)


class TestSqlitePast(PastContract):
    @pytest.fixture
    def keeping(self, tmp_path: Path) -> Iterator[KeepingCatalogue]:
        catalogue = SqlCatalogue(f"sqlite:///{tmp_path}/catalogue.db", history=True)
        yield catalogue
        catalogue.close()


CONTENTS, SOURCES = "wxyz", ("a.txt", "b.txt", "/c/d.txt")
STEPS = st.tuples(
    st.sampled_from(["commit", "attach", "detach", "remove", "erase", "purge"]),
    st.integers(-3, 5),
    st.sampled_from(CONTENTS),
    st.sampled_from(SOURCES),
    st.sampled_from("12"),
)


@hypothesis.settings(max_examples=60, deadline=None, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(steps=st.lists(STEPS, min_size=4, max_size=16))
def test_memory_and_sql_are_equal(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str, str, str]]
) -> None:
    """Whatever happens in whatever order, by a clock that may be set back."""
    sql = SqlCatalogue(f"sqlite:///{tmp_path_factory.mktemp('equal')}/catalogue.db", history=True)
    memory = MemoryCatalogue(history=True)
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock(patch)
        for what, passed, content, source, version in steps:
            clock.minute = max(0, clock.minute + passed)
            for catalogue in (sql, memory):
                _do(catalogue, what, made(content, source, clock, version), minute(clock.minute // 2))
            assert _seen(memory) == _seen(sql), what
    sql.close()


def _do(catalogue: KeepingCatalogue, what: str, commit: Commit, moment: str) -> None:
    if what == "commit":
        catalogue.commit(HERE, [commit])
    elif what == "attach":
        catalogue.attach(HERE, commit.source, commit.document.id, 1.0)
    elif what == "detach":
        catalogue.detach(HERE, [commit.source])
    elif what == "remove":
        catalogue.remove(HERE, [commit.document.id])
    elif what == "erase":
        catalogue.past.erase(HERE, [commit.document.id])
    else:
        catalogue.past.purge(HERE, moment)


def _seen(catalogue: KeepingCatalogue) -> dict[str, object]:
    past = catalogue.past
    ids = past.ids_of(GONE)
    return {
        "versions": [past.versions(HERE, source) for source in SOURCES],
        "live": [past.live_at(HERE, minute(at)) for at in range(0, 40, 3)],
        "places": (past.ids_of(HERE), ids),
        "documents": [
            (catalogue.document(GONE, one), catalogue.document_chunks(GONE, one)) for one in sorted(ids)
        ],
        "present": catalogue.documents(HERE),
        "words": [catalogue.term_statistics(scope, VOCABULARY) for scope in (HERE, GONE)],
        "waiting": waiting(catalogue),
        "unindexed": sorted(past.unindexed(99)),
    }
