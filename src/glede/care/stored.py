"""A stored document as it was when it was written, and the rows of the index that follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from glede.adding.blob_keys import asset_key, parse_key, unpacked
from glede.adding.parsed_json import load_parsed
from glede.adding.ready import Prepared, weighed
from glede.adding.storing import Store, picture_key, pictures_in
from glede.errors import DamagedError, NotFoundError
from glede.ports import Blobs, IndexRow, Vectors
from glede.text.labels import labels_of
from glede.types import Chunk, Document, Parsed, content_hash


@dataclass(frozen=True, slots=True)
class Rows:
    """What the index holds of documents: rows of chunks, and of those that are pictures."""

    texts: tuple[IndexRow, ...] = ()
    pictures: tuple[IndexRow, ...] = ()


def prepared(store: Store, collection: str, document_id: str, *, assets: bool = False) -> Prepared:
    """A document of the catalogue as it came to be embedded; the bytes of its pictures only where asked for.

    Its parse is read only where a picture may be in it.
    """
    document = store.catalogue.document(collection, document_id)
    if document is None:
        raise NotFoundError(f"there is no document {document_id}")
    chunks = tuple(store.catalogue.document_chunks(collection, document_id))
    if len(chunks) != document.chunks:
        said = f"{document.source} has {len(chunks)} chunks in the catalogue instead of {document.chunks}"
        raise DamagedError(said)
    parsed = Parsed(document.media_type, document.parser, ())
    if any(chunk.modality == "image" for chunk in chunks):
        parsed = stored_parse(store.blobs, document, chunks, assets=assets)
    return Prepared(0, document.source, 0.0, b"", document, parsed, chunks)


def stored_parse(blobs: Blobs, document: Document, chunks: Sequence[Chunk], *, assets: bool) -> Parsed:
    """What the parser made of a document; of its pictures' bytes nothing or all."""
    key = parse_key(document.version)
    parsed = load_parsed(unpacked(blobs.get(key), key), {})
    found: dict[str, bytes] = {}
    for chunk in chunks:
        pictures = (parsed.blocks[span.block].picture for span in chunk.spans)
        for picture in pictures if chunk.modality == "image" else ():
            if picture is not None and blobs.exists(asset_key(picture.asset)):
                found[picture.asset] = blobs.get(asset_key(picture.asset)) if assets else b""
    return replace(parsed, assets=found)


def text_keys(one: Prepared) -> dict[str, str]:
    """The text of each chunk, by what its vector is found by."""
    texts = (chunk.vector_text() for chunk in one.chunks)
    return {content_hash("text", text): text for text in texts}


def vectors_for(store: Store, documents: Sequence[Prepared]) -> dict[str, Vectors]:
    """The stored vectors of all texts and pictures; those that are not stored are missing."""
    keys = dict.fromkeys(key for one in documents for key in text_keys(one))
    if store.sees is not None:
        keys |= dict.fromkeys(picture_key(picture) for one in documents for _, picture in pictures_in(one))
    return {key: vector for key, (vector, _) in store.stored(list(keys)).items()}


def rows_of(store: Store, one: Prepared, vectors: Mapping[str, Vectors]) -> Rows:
    """The rows of a document; raises `DamagedError` where a vector is missing."""
    labels = labels_of(one.document)
    missing = text_keys(one).keys() - vectors.keys()
    if missing:
        raise DamagedError(f"{len(missing)} vectors of {one.document.source} are missing")
    texts = tuple(
        IndexRow(
            chunk.id,
            one.document.id,
            chunk.modality,
            labels,
            vectors[content_hash("text", chunk.vector_text())],
            weighed(chunk).weights,
        )
        for chunk in one.chunks
    )
    return Rows(texts, store.picture_rows(one, labels, vectors))
