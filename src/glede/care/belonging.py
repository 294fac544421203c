"""Whether index and blobs belong to the catalogue, where not all of them lie in one folder.

What one engine has added is missing in the folder of another that shares the catalogue alone: it would be
called unchanged there, and be in no answer.
"""

from __future__ import annotations

from uuid import uuid4

from glede.adding.blob_keys import original_key
from glede.errors import ConfigurationError
from glede.ports import Blobs, Catalogue, Index

IDENTITY = "identity"
"""Under what the catalogue notes by which name others tell it from all catalogues."""
PLACE = "stores"
"""Under what the catalogue notes where index and blobs lie."""
LOOKED_AT = 8
"""Documents of a collection of which something must be there."""


def identity_of(catalogue: Catalogue) -> str:
    """The name of the catalogue that no other has; given to it when it is first asked for."""
    if catalogue.recall(IDENTITY) is None:
        catalogue.remember(IDENTITY, uuid4().hex)
    return catalogue.recall(IDENTITY) or ""


def check_place(catalogue: Catalogue, index: Index, blobs: Blobs, place: str) -> None:
    """Note where index and blobs lie.

    Raises `ConfigurationError` where they lay elsewhere before, and hold nothing of what the catalogue knows.
    """
    if catalogue.recall(PLACE) == place:
        return
    for name in catalogue.collections():
        documents = catalogue.page(name, "", LOOKED_AT)
        if documents and not any(blobs.exists(original_key(one.sha256)) for one in documents):
            raise ConfigurationError(
                "the catalogue knows documents whose files are not here: another engine has added them",
                hint="Name the place that all engines share: GLEDE_BLOBS_URL.",
            )
        chunks = [chunk.id for one in documents for chunk in catalogue.document_chunks(name, one.id)[:1]]
        if chunks and not index.ids(name, chunks):
            raise ConfigurationError(
                "the catalogue knows documents that are not in this index: another engine has added them",
                hint="Name the Milvus server that all engines share: GLEDE_MILVUS_URI. "
                "Where the index was lost, `glede rebuild` makes it again.",
            )
    catalogue.remember(PLACE, place)
