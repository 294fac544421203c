"""Whether catalogue, blobs, index, keyword statistics and graph of a data folder say the same of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson
from sqlalchemy import select

from glede import Engine
from glede.aside import past_of
from glede.graph.reading import NODE_BITS
from glede.pictures.features import pictures_of
from glede.places import PlacedIndex
from glede.results import Filter
from glede.stores import schema as t
from glede.stores import schema_graph as g
from glede.stores.blobs import FileBlobs
from glede.stores.catalogue import SqlCatalogue
from glede.stores.milvus import MilvusIndex
from glede.stores.milvus_lite import LiteClient
from glede.stores.milvus_served import ServedClient

ALL = 16_000


def disagreements(engine: Engine, collection: str = "default") -> list[str]:
    """What is wrong, in words; nothing where all of it agrees.

    To be called when nothing is being written, and all that was retired has been purged.
    """
    catalogue, placed = engine.catalogue, engine.lines.store.index
    assert isinstance(catalogue, SqlCatalogue)
    assert isinstance(placed, PlacedIndex)
    assert isinstance(placed.index, MilvusIndex)
    place = placed.places.of(collection)
    return [
        *_of_catalogue(catalogue, collection),
        *_of_index(catalogue, placed.index, collection, place.now or collection),
        *_lines("a place of the index is left", (*place.left, place.next) if place.next else place.left),
        *_of_past(catalogue, placed, past_of(collection)),
        *_of_blobs(catalogue, engine.blobs),
    ]


def _of_catalogue(catalogue: SqlCatalogue, collection: str) -> Iterator[str]:
    documents = catalogue.documents(collection)
    named = Counter(source for document in documents for source in document.sources)
    yield from _lines("a source means several documents", (one for one, count in named.items() if count > 1))
    yield from _lines("a document has no source", (one.id for one in documents if not one.sources))
    if catalogue.retired(1):
        yield "something retired is not purged"
    live = {document.id for document in documents}
    with catalogue._database.read() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite and connection.exec_driver_sql("PRAGMA integrity_check").scalar() != "ok":
            yield "the catalogue's file is damaged"
        chunks = connection.execute(select(t.chunks.c.document_id).where(t.chunks.c.collection == collection))
        counted = Counter(chunks.scalars())
        read = set(
            connection.scalars(
                select(g.documents.c.document_id).where(g.documents.c.collection == collection)
            )
        )
        nodes = set(connection.scalars(select(g.chunks.c.node)))
        numbers = set(connection.scalars(select(g.documents.c.number)))
        mentioned = set(connection.scalars(select(g.told.c.number)))
    yield from _lines("chunks of no document", set(counted) - live)
    yield from _lines("the graph of no document", read - live)
    yield from _lines("chunks of the graph of no document", {node >> NODE_BITS for node in nodes} - numbers)
    yield from _lines("mentions of no document", mentioned - numbers)
    for document in documents:
        if counted[document.id] != document.chunks:
            yield f"{document.source} has {counted[document.id]} chunks, not {document.chunks}"
    statistics = catalogue.term_statistics(collection, ())
    if statistics.chunks != sum(counted.values()):
        yield f"the keywords count {statistics.chunks} chunks, not {sum(counted.values())}"


def _of_index(catalogue: SqlCatalogue, index: MilvusIndex, collection: str, place: str) -> Iterator[str]:
    documents = catalogue.documents(collection)
    chunks = [chunk for one in documents for chunk in catalogue.document_chunks(collection, one.id)]
    found = indexed(index, place)
    yield from _lines("a row is there twice", (one for one, count in Counter(found).items() if count > 1))
    yield from _lines("a chunk has no row", {chunk.id for chunk in chunks} - set(found))
    yield from _lines("a row has no chunk", set(found) - {chunk.id for chunk in chunks})
    pictures = indexed(index, pictures_of(place))
    yield from _lines("a picture's row has no chunk", set(pictures) - {chunk.id for chunk in chunks})
    yield from _lines("a picture has no row", {c.id for c in chunks if c.modality == "image"} - set(pictures))


def _of_past(catalogue: SqlCatalogue, placed: PlacedIndex, scope: str) -> Iterator[str]:
    """What was replaced or removed, where a history is kept: it lies apart, and its rows with it."""
    assert isinstance(placed.index, MilvusIndex)
    yield from _lines("rows of the past are not written", (one for _, one in catalogue.past.unindexed(ALL)))
    ids = catalogue.past.ids_of(scope)
    documents = [one for one in (catalogue.document(scope, key) for key in ids) if one is not None]
    yield from _lines(
        "a document of the past was never live", (one.id for one in documents if not one.sources)
    )
    chunks = {chunk.id for one in documents for chunk in catalogue.document_chunks(scope, one.id)}
    found = indexed(placed.index, placed.places.of(scope).now or scope)
    yield from _lines("a chunk of the past has no row", chunks - set(found))
    yield from _lines("a row of the past has no chunk", set(found) - chunks)
    if catalogue.term_statistics(scope, ()).chunks != len(chunks):
        yield "the keywords of the past do not count its chunks"


def indexed(index: MilvusIndex, collection: str) -> list[str]:
    """The ids of all rows, one by one, as they stand in Milvus."""
    if index.fingerprint(collection) is None:
        return []
    name = index._name(collection)
    index._load(name)
    if isinstance(index._client, LiteClient):
        return [str(row["id"]) for row in index._client.collection(name).query(output_fields=["id"])]
    assert isinstance(index._client, ServedClient)
    rows = index._client._client.query_iterator(name, output_fields=["id"], consistency_level="Strong")
    return [str(row["id"]) for batch in iter(rows.next, []) for row in batch]


def _of_blobs(catalogue: SqlCatalogue, blobs: object) -> Iterator[str]:
    assert isinstance(blobs, FileBlobs)
    with catalogue._database.read() as connection:
        used = set(connection.scalars(select(t.blobs.c.key)))
        kept = {key for row in connection.scalars(select(t.documents.c.blobs)) for key in orjson.loads(row)}
    there = set(blobs.keys())
    yield from _lines("a blob is counted that no document keeps", used - kept)
    yield from _lines("a document keeps a blob that is not counted", kept - used)
    yield from _lines("a blob is missing", kept - there)
    yield from _lines("a blob belongs to nothing", there - kept)
    yield from _lines("a file was left half-written", _hidden(Path(blobs._root)))


def _hidden(root: Path) -> Iterator[str]:
    for folder, _, names in os.walk(root):
        yield from (str(Path(folder, name)) for name in names if name.startswith(".") or ".partial" in folder)


def _lines(what: str, which: Iterable[object]) -> Iterator[str]:
    found = sorted(map(str, which))
    if found:
        yield f"{what}: {', '.join(found[:5])}{' ...' if len(found) > 5 else ''} ({len(found)})"


async def found_by_all_channels(engine: Engine, word: str) -> set[str]:
    """The sources of every chunk that a search for a word gives, with the rows themselves beside."""
    hits = await engine.search(word, limit=1000)
    index = engine.lines.store.index
    (vector,) = await engine.lines.store.embedder.embed([word])
    rows = [match.id for match in index.dense("default", vector, ALL, Filter())]
    live = engine.catalogue.chunks("default", rows)
    return {hit.source for hit in hits} | {one.source for one in live.values()}
