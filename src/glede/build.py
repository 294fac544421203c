"""Settings -> Engine: the one module that knows every port and every adapter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path

from glede.answer import Ask
from glede.chunking import Chunking
from glede.engine import Engine, Library, Lines
from glede.errors import ConfigurationError, UnavailableError
from glede.ingest import Ingest
from glede.lock import hold
from glede.ports import Blobs, Catalogue, Embedder, Index, ParseOptions
from glede.registry import choose_parser, open_embedder
from glede.retrieve import Retrieve
from glede.settings import Settings
from glede.storing import Store

MIB = 2**20


@asynccontextmanager
async def opened(settings: Settings, embedder: Embedder | None = None) -> AsyncIterator[Engine]:
    """The engine of a data folder; closes everything it opened, in the reverse order."""
    from glede.parsers.worker import ParseLimits, ParserPool  # adapters load when opened

    with ExitStack() as stack:
        home = _home(settings.home)
        stack.enter_context(hold(home))
        catalogue, blobs = _kept(settings, home, stack)
        embedder = embedder or open_embedder(settings.embed)
        index = await asyncio.to_thread(_index, settings, home)
        stack.callback(index.close)
        store = Store(catalogue, index, blobs, embedder)
        await asyncio.to_thread(store.sweep)
        limits = ParseLimits(
            seconds=settings.parse_seconds,
            seconds_per_page=settings.parse_seconds_per_page,
            memory_bytes=settings.parse_memory_mb * MIB,
        )
        pool = ParserPool(limits, settings.parse_workers)
        ingest = Ingest(
            catalogue=catalogue,
            store=store,
            parser=pool,
            choose=choose_parser,
            how=Chunking(settings.chunk_tokens, settings.table_tokens),
            options=ParseOptions(
                max_pages=settings.max_pages, max_depth=settings.max_depth, max_pixels=settings.max_pixels
            ),
            max_bytes=int(settings.max_file_mb * MIB),
            workers=settings.parse_workers,
        )
        retrieve = Retrieve(catalogue, index, embedder, settings.candidates, settings.max_question)
        try:
            yield Engine(
                catalogue, blobs, Lines(store, ingest, retrieve, Ask(retrieve, catalogue, embedder)), settings
            )
        finally:
            await pool.close()


@contextmanager
def looked_at(settings: Settings) -> Iterator[Library]:
    """What is stored, to be looked at only."""
    if not settings.home.is_dir():
        raise UnavailableError(
            f"there is no data folder {settings.home}", hint="Add documents: `glede add PATH`."
        )
    with ExitStack() as stack:
        catalogue, blobs = _kept(settings, settings.home.resolve(), stack)
        yield Library(catalogue, blobs, settings)


def _home(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        raise ConfigurationError(
            f"the data folder {path} cannot be made: {error.strerror}", hint="Name another with --home."
        ) from error
    return path.resolve()


def _kept(settings: Settings, home: Path, stack: ExitStack) -> tuple[Catalogue, Blobs]:
    from glede.stores.blobs import FileBlobs
    from glede.stores.catalogue import SqlCatalogue

    catalogue = SqlCatalogue(settings.catalogue_url or f"sqlite:///{home / 'catalogue.db'}")
    stack.callback(catalogue.close)
    return catalogue, FileBlobs(settings.blobs_url or str(home / "blobs"))


def _index(settings: Settings, home: Path) -> Index:
    from glede.stores.milvus import MilvusIndex

    uri = settings.milvus_uri or str(home / "index.db")
    index = MilvusIndex(uri, settings.milvus_token.get_secret_value(), settings.milvus_prefix)
    index.fingerprint(settings.collection)  # connects, so that a wrong address is told at once
    return index
