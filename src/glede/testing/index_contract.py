"""What every index must do, as tests to inherit: `class TestMine(IndexContract)` with a fixture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
import pytest

from glede.errors import ModelMismatchError
from glede.ports import Index, IndexRow, Match, Vectors
from glede.results import Filter
from glede.text.labels import label_of
from glede.types import MODALITIES, content_hash

MODEL = "fake:words@1 (8 dimensions)"
DIMENSION = 8
ANY = Filter()
_numbers = count()


def sample_vector(number: int, dimension: int = DIMENSION) -> Vectors:
    """A vector of length 1 that follows from its number."""
    vector = np.random.default_rng(number).normal(size=dimension).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def sample_row(number: int, dimension: int = DIMENSION) -> IndexRow:
    """Row `number`: of document `number // 3`, labelled by its remainders, with some keywords."""
    labels = (label_of("even", str(number % 2)), label_of("third", str(number % 3)))
    return IndexRow(
        id=content_hash("row", str(number)),
        document_id=content_hash("document", str(number // 3)),
        modality=MODALITIES[number % 4],
        labels=labels,
        vector=sample_vector(number, dimension),
        keywords={4_000_000_000 - number % 5: 1.0 + number, 7: 0.5} if number % 7 else {},
    )


def expected_dense(rows: Sequence[IndexRow], vector: Vectors) -> list[tuple[str, float]]:
    """Ids and cosines, best first."""
    lengths = np.linalg.norm(vector)
    scores = [(row.id, float(row.vector @ vector / lengths)) for row in rows]
    return sorted(scores, key=lambda pair: -pair[1])


def same(matches: Sequence[Match], expected: Sequence[tuple[str, float]]) -> bool:
    """Whether ids are equal in order, and scores but for rounding."""
    ids = [match.id for match in matches] == [key for key, _ in expected]
    scores = [score for _, score in expected]
    return ids and bool(np.allclose([match.score for match in matches], scores, rtol=1e-4, atol=1e-5))


def _named(where: Filter) -> str:
    """The same in every process: sets of texts have no order of their own."""
    documents = None if where.documents is None else sorted(where.documents)
    return f"{where.labels} {where.modalities} {documents}"


class IndexContract:
    """Define a fixture `index`; it may be shared, since each test uses collections of its own."""

    @pytest.fixture
    def name(self) -> str:
        """A name of a collection that no other test uses."""
        return f"c{next(_numbers)}"

    @pytest.fixture
    def rows(self, index: Index, name: str) -> list[IndexRow]:
        """Thirty rows in the collection, not flushed."""
        rows = [sample_row(number) for number in range(30)]
        index.create(name, MODEL, DIMENSION)
        index.upsert(name, rows)
        return rows

    def test_a_collection_belongs_to_a_model(self, index: Index, name: str) -> None:
        """To create it again is nothing; with another model it is refused, and left as it is."""
        assert index.fingerprint(name) is None
        index.create(name, MODEL, DIMENSION)
        index.create(name, MODEL, DIMENSION)
        assert index.fingerprint(name) == MODEL
        with pytest.raises(ModelMismatchError):
            index.create(name, "other@2 (8 dimensions)", DIMENSION)
        assert index.fingerprint(name) == MODEL

    def test_what_is_not_there_is_empty(self, index: Index, name: str) -> None:
        """Neither a collection that is missing nor one without rows is an error."""
        for _ in range(2):
            assert index.dense(name, sample_vector(1), 5, ANY) == []
            assert index.keyword(name, {7: 1.0}, 5, ANY) == []
            assert index.ids(name, ["a" * 32]) == set()
            assert index.count(name) == 0
            index.delete(name, ["a" * 32])
            index.flush(name)
            index.create(name, MODEL, DIMENSION)
        index.upsert(name, [])
        index.delete(name, [])
        index.flush(name)
        assert index.ids(name, []) == set()

    def test_scores_are_cosines(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """Best first, no more than asked for, whatever the length of the query."""
        vector = sample_vector(1000)
        assert same(index.dense(name, vector, 10, ANY), expected_dense(rows, vector)[:10])
        assert same(index.dense(name, vector * 3, 100, ANY), expected_dense(rows, vector))

    def test_keyword_scores_are_inner_products(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """Only rows that share a term, best first; terms that no row has count for nothing."""
        weights = {4_000_000_000: 2.0, 3_999_999_999: 0.25, 12345: 9.0}
        scores = [
            (row.id, sum(row.keywords.get(term, 0) * weights[term] for term in weights)) for row in rows
        ]
        expected = sorted((pair for pair in scores if pair[1] > 0), key=lambda pair: -pair[1])
        assert same(index.keyword(name, weights, 100, ANY), expected)
        assert same(index.keyword(name, weights, 3, ANY), expected[:3])
        assert index.keyword(name, {12345: 1.0}, 10, ANY) == []
        assert index.keyword(name, {}, 10, ANY) == []

    def test_a_row_without_keywords_is_found_by_its_vector_only(self, index: Index, name: str) -> None:
        """An empty bag of keywords is no error."""
        row = sample_row(0)
        assert row.keywords == {}
        index.create(name, MODEL, DIMENSION)
        index.upsert(name, [row])
        assert [match.id for match in index.dense(name, row.vector, 1, ANY)] == [row.id]
        assert index.keyword(name, {7: 1.0, 1: 1.0}, 10, ANY) == []

    def test_writes_are_seen_at_once(self, index: Index, name: str) -> None:
        """By every way of reading, without a flush."""
        index.create(name, MODEL, DIMENSION)
        for number in range(1, 7):
            row = sample_row(number)
            index.upsert(name, [row])
            assert index.dense(name, row.vector, 1, ANY)[0].id == row.id
            assert row.id in {match.id for match in index.keyword(name, row.keywords, 100, ANY)}
            assert index.ids(name, [row.id]) == {row.id}
            assert index.count(name) == number
            if number % 2 == 0:
                index.flush(name)

    def test_a_row_of_the_same_id_is_replaced(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """In every channel and filter."""
        new = sample_row(500)
        old = rows[1]
        replaced = IndexRow(old.id, new.document_id, "image", new.labels, new.vector, {99: 1.0})
        index.flush(name)
        index.upsert(name, [replaced])
        assert index.count(name) == 30
        assert same(index.dense(name, new.vector, 1, ANY), [(old.id, 1.0)])
        assert [one.id for one in index.keyword(name, {99: 1.0}, 5, ANY)] == [old.id]
        assert old.id not in {one.id for one in index.keyword(name, dict(old.keywords), 100, ANY)}
        where = Filter(documents=frozenset({old.document_id}))
        assert old.id not in {one.id for one in index.dense(name, old.vector, 100, where)}

    def test_deleted_rows_are_gone_at_once(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """Also after a flush; unknown ids are ignored; what is deleted may come again."""
        index.flush(name)
        gone = [row.id for row in rows[:10]]
        index.delete(name, [*gone, "a" * 32])
        for _ in range(2):
            found = {match.id for match in index.dense(name, sample_vector(1), 100, ANY)}
            assert found == {row.id for row in rows[10:]}
            assert not {match.id for match in index.keyword(name, {7: 1.0}, 100, ANY)} & set(gone)
            assert index.ids(name, [row.id for row in rows]) == found
            assert index.count(name) == 20
            index.flush(name)
        index.upsert(name, rows[:1])
        assert index.ids(name, gone) == {rows[0].id}

    @pytest.mark.parametrize(
        "where",
        [
            ANY,
            Filter(labels=(("even", "1"),)),
            Filter(labels=(("even", "1"), ("third", "2"))),
            Filter(labels=(("even", "1"), ("even", "0"))),
            Filter(labels=(("odd", "1"),)),
            Filter(modalities=("table",)),
            Filter(modalities=("text", "equation")),
            Filter(documents=frozenset(content_hash("document", str(number)) for number in (1, 4))),
            Filter(documents=frozenset({"0" * 32})),
            Filter(documents=frozenset()),
            Filter((("even", "0"),), ("text",), frozenset({content_hash("document", "2")})),
        ],
        ids=_named,
    )
    def test_a_filter_means_what_it_says(
        self, index: Index, name: str, rows: list[IndexRow], where: Filter
    ) -> None:
        """In both channels: all labels, any of the modalities, any of the documents."""
        seen = [row for row in rows if _passes(row, where)]
        vector = sample_vector(2000)
        assert same(index.dense(name, vector, 100, where), expected_dense(seen, vector))
        found = {match.id for match in index.keyword(name, {7: 1.0}, 100, where)}
        assert found == {row.id for row in seen if row.keywords}

    def test_all_rows_are_listed_once(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """Those written before and after a flush, and again; deleted ones are gone."""
        index.flush(name)
        index.upsert(name, [*rows[:5], sample_row(100)])
        index.delete(name, [rows[7].id])
        listed = [key for batch in index.all_ids(name) for key in batch]
        assert sorted(listed) == sorted({row.id for row in rows} - {rows[7].id} | {sample_row(100).id})
        assert list(index.all_ids(f"{name}_missing")) in ([], [[]])

    def test_drop_removes_all(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """The collection may then be made anew, for another model; to drop nothing is nothing."""
        index.drop(name)
        index.drop(name)
        assert index.fingerprint(name) is None
        assert index.count(name) == 0
        index.create(name, "other (4 dimensions)", 4)
        assert index.count(name) == 0
        index.upsert(name, [sample_row(1, 4)])
        assert index.ids(name, [row.id for row in rows]) == {rows[1].id}

    def test_collections_are_apart(self, index: Index, name: str, rows: list[IndexRow]) -> None:
        """Whatever their names, as long as they differ."""
        names = [f"{name}-a", f"{name}_a", f"{name} a", f"{name}é", f"{name}" + "x" * 150, f"{name}-A"]
        for number, other in enumerate(names):
            index.create(other, MODEL, DIMENSION)
            index.upsert(other, [sample_row(100 + number)])
        for number, other in enumerate(names):
            assert index.fingerprint(other) == MODEL
            assert index.count(other) == 1
            assert index.dense(other, sample_vector(1), 5, ANY)[0].id == sample_row(100 + number).id
        index.delete(names[0], [row.id for row in rows])
        index.drop(names[0])
        assert index.count(name) == 30
        assert index.count(names[1]) == 1

    def test_takes_thousands_at_once(self, index: Index, name: str) -> None:
        """More rows and ids than one request carries."""
        rows = [sample_row(number) for number in range(2200)]
        index.create(name, MODEL, DIMENSION)
        index.upsert(name, rows)
        index.flush(name)
        ids = [row.id for row in rows]
        assert index.ids(name, ids) == set(ids)
        assert len(index.dense(name, sample_vector(1), 2000, ANY)) == 2000
        index.delete(name, ids[100:])
        assert index.count(name) == 100


def _passes(row: IndexRow, where: Filter) -> bool:
    return (
        all(label_of(key, value) in row.labels for key, value in where.labels)
        and (not where.modalities or row.modality in where.modalities)
        and (where.documents is None or row.document_id in where.documents)
    )
