"""Settings -> Engine: the one module that knows every port and every adapter."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from glede.adding.blob_keys import asset_key
from glede.adding.chunking import Chunking
from glede.adding.enriching import Enriching
from glede.adding.ingest import Ingest
from glede.adding.making import Making
from glede.adding.rehearsal import RehearsedResponses
from glede.adding.storing import Store
from glede.adding.tracking import Tracking
from glede.answering.answer import Ask
from glede.answering.computing import Computing
from glede.answering.questions import Questions
from glede.answering.writing import Writing
from glede.aside import past_of
from glede.care.belonging import check_place, identity_of
from glede.care.books import searched
from glede.care.packing import Packs
from glede.care.past import PastRows
from glede.care.rebuilding import BEGUN, EMPTIED, NOTE
from glede.endpoints import Responses
from glede.engine import Engine
from glede.errors import ConfigurationError, DamagedError, LockedError
from glede.extracting import Means
from glede.graph.themes import Themes
from glede.knowledge import Extractor
from glede.lines import Lines
from glede.lock import hold
from glede.looking import MIB, MODULES, Drawing, kept, parse_limits
from glede.parsing import ParseOptions
from glede.pictures.features import pictures_of
from glede.pictures.shown import FittedPictures, KeptPictures
from glede.places import PlacedIndex, Places
from glede.ports import Blobs, Catalogue, Embedder, Index
from glede.processing import Tools
from glede.providers import LOCAL, Models, opened_models
from glede.reading.choosing import Reading
from glede.registry import choose_parsers, open_extractor, open_processors
from glede.retrieval.exploring import Explore
from glede.retrieval.retrieve import Retrieve
from glede.roles import model_of
from glede.settings import Settings
from glede.sources.containers import ArchiveLimits
from glede.text.tokens import TokenCounter

if TYPE_CHECKING:
    from glede.parsers.worker import ParserPool
    from glede.stores.catalogue import SqlCatalogue
    from glede.stores.tables import SqlRunner
    from glede.telemetry.tracing import Tracing


@asynccontextmanager
async def opened(
    settings: Settings, embedder: Embedder | None = None, *, afresh: bool = False
) -> AsyncIterator[Engine]:
    """The engine of a data folder; closes everything it opened, in the reverse order.

    `afresh` is with an empty index, for `glede.care` to write again.
    """
    from glede.extractors.stated import with_stated
    from glede.parsers.worker import ParserPool  # adapters load when opened
    from glede.sources.fetching import Fetcher, FetchLimits

    async with AsyncExitStack() as stack:
        home = _home(settings.home)
        stack.enter_context(hold(home))
        catalogue, blobs = kept(settings, home, stack)
        await asyncio.to_thread(catalogue.hold)
        ledger, responses = catalogue.ledger, RehearsedResponses(catalogue.responses)
        models = await stack.enter_async_context(opened_models(settings, responses, ledger, embedder))
        tracing = await _tracing(settings, stack)
        models = tracing.models(models) if tracing else models
        found = await asyncio.to_thread(_emptied if afresh else _whole, settings, home, catalogue)
        index = PlacedIndex(found, Places(catalogue))
        stack.callback(index.close)
        if settings.catalogue_url and not afresh:
            await asyncio.to_thread(check_place, catalogue, index, blobs, _place(settings, home))
        _tell_parsers(settings)
        pool = ParserPool(parse_limits(settings), settings.parse_workers, MODULES)
        sees = models.sees and FittedPictures(models.sees, pool, settings.max_pixels)
        choice = None if embedder is not None else model_of(settings, "embed")
        metered = choice is not None and choice.provider != LOCAL
        past, packs = PastRows(catalogue.past), Packs(catalogue.books)
        store = Store(catalogue, index, blobs, models.embedder, sees, metered, past, packs)
        if not settings.blobs_url:  # a folder of our own, which the lock binds
            await asyncio.to_thread(blobs.tidy)
        await asyncio.to_thread(catalogue.jobs.interrupt, time.time())
        await asyncio.to_thread(store.sweep)
        for name in await asyncio.to_thread(searched, catalogue.books):
            await asyncio.to_thread(index.sweep_left, name)
        extractor = _extractor(settings)
        ingest = Ingest(
            catalogue=catalogue,
            store=store,
            reading=Reading(pool),
            choose=choose_parsers,
            making=Making(
                catalogue=catalogue,
                how=Chunking(settings.chunk_tokens, settings.table_tokens, settings.chunker),
                processors=cache(
                    lambda: open_processors(
                        _named(settings.processors), _tools(settings, pool, responses, models)
                    )
                ),
                extractor=with_stated(extractor),
            ),
            options=ParseOptions(
                max_pages=settings.max_pages,
                max_depth=settings.max_depth,
                max_pixels=settings.max_pixels,
                max_picture=int(settings.max_picture_mb * MIB),
            ),
            max_bytes=int(settings.max_file_mb * MIB),
            calls=settings.model_concurrency if models.vision else settings.parse_workers + 1,
            archives=ArchiveLimits(
                settings.archive_depth,
                settings.archive_members,
                settings.archive_ratio,
                int(settings.archive_mb * MIB),
            ),
            fetch=Fetcher(
                FetchLimits(settings.fetch_seconds, int(settings.fetch_mb * MIB), settings.fetch_redirects),
                private=settings.fetch_private,
            ),
        )
        enriching = _enriching(settings, catalogue, blobs, models, extractor)
        retrieve = Retrieve(
            catalogue,
            index,
            models.embedder,
            settings.candidates,
            settings.max_question,
            models.reranker,
            Explore(catalogue.graph, Themes(catalogue.graph, catalogue)),
            sees=sees is not None,
        )
        runner = _runner()
        stack.callback(runner.close)
        ask = Ask(
            retrieve,
            catalogue,
            models.embedder,
            _writing(settings, catalogue, models, KeptPictures(blobs, pool, asset_key, settings.max_pixels)),
            Computing(catalogue, blobs, runner, asset_key, models.chat),
        )
        try:
            questions = Questions(
                pool, ingest.reading, choose_parsers, ingest.options, sees, ingest.max_bytes
            )
            lines = Lines(
                store,
                ingest,
                retrieve,
                ask,
                questions,
                await asyncio.to_thread(_tracking, catalogue, home / "uploads"),
                models.usage,
                enriching,
                models.extract,
            )
            lines = tracing.lines(lines) if tracing else lines
            yield Engine(catalogue, blobs, lines, settings, Drawing(settings, pool))
        finally:
            await pool.close()


def _tracking(catalogue: SqlCatalogue, folder: Path) -> Tracking:
    """What follows jobs; uploads that none needs any more are dropped."""
    from glede.sources.uploads import Uploads
    from glede.stores.blobs import FileBlobs

    blobs = FileBlobs(str(folder))
    tracking = Tracking(catalogue.jobs, Uploads(blobs))
    if folder.is_dir():
        blobs.tidy()
        tracking.tidy()
    return tracking


async def _tracing(settings: Settings, stack: AsyncExitStack) -> Tracing | None:
    """What tells OpenTelemetry of all that is asked and added; its packages load with it."""
    if not settings.traces:
        return None
    from glede.telemetry.opening import opened_tracing

    return await stack.enter_async_context(opened_tracing(settings))


def _tell_parsers(settings: Settings) -> None:
    """What a parser must know before it is made stands in the environment, which its process inherits."""
    if settings.mineru:
        os.environ["GLEDE_MINERU"] = settings.mineru
    os.environ["GLEDE_MINERU_TIER"] = settings.mineru_tier


def _tools(settings: Settings, pool: ParserPool, responses: Responses, models: Models) -> Tools:
    from glede.parsers.recognition import engine_version

    return Tools(
        look=pool,
        kept=responses,
        vision=models.vision,
        chat=models.chat,
        look_version=engine_version(),
        max_pixels=settings.max_pixels,
        context_tokens=settings.context_around,
    )


def _extractor(settings: Settings) -> Extractor | None:
    """What reads a document before it is searchable: never a model, which follows after."""
    from glede.extractors.late import LateExtractor
    from glede.extractors.remembering import RememberingExtractor

    if settings.extractor == "none":
        return None
    rules = LateExtractor(cache(lambda: open_extractor("nlp", Means())))
    return rules if settings.extractor == "nlp" else RememberingExtractor(rules)


def _enriching(
    settings: Settings, catalogue: SqlCatalogue, blobs: Blobs, models: Models, base: Extractor | None
) -> Enriching | None:
    """What reads documents for the graph that are searchable already; `base` has read them before."""
    from glede.extractors.stated import with_stated

    if base is None:
        return None
    means = Means(
        kept=RehearsedResponses(catalogue.responses),
        chat=models.extract,
        types=tuple(_named(settings.entity_types)),
        labels=tuple(_named(settings.relation_types)),
        calls=settings.model_concurrency,
        answer_tokens=settings.answer_tokens,
        base=base,
    )
    extractor = base if settings.extractor == "nlp" else open_extractor(settings.extractor, means)
    follows = extractor is not base and extractor.fingerprint != base.fingerprint
    reading = with_stated(extractor)
    return Enriching(catalogue, blobs, catalogue.graph, reading, settings.model_concurrency, follows)


def _named(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


def _runner() -> SqlRunner:
    from glede.stores.tables import SqlRunner

    return SqlRunner()


def _writing(
    settings: Settings, catalogue: Catalogue, models: Models, pictures: KeptPictures
) -> Writing | None:
    if models.chat is None:
        return None
    return Writing(
        models.chat,
        catalogue,
        TokenCounter(),
        settings.context_tokens,
        settings.answer_tokens,
        seeing=models.vision,
        show=pictures.show,
    )


def _home(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.chmod(0o700)
    except OSError as error:
        what = "written to" if path.is_dir() else "made"
        raise ConfigurationError(
            f"the data folder {path} cannot be {what}: {error.strerror}",
            hint="Make it writable, or name another with --home.",
        ) from error
    return path.resolve()


def _place(settings: Settings, home: Path) -> str:
    """Where blobs and index lie, as nobody else names another place."""
    here = f"{platform.node()}:{home}"
    return f"{settings.blobs_url or here} {settings.milvus_uri or here} {settings.milvus_prefix}"


def _whole(settings: Settings, home: Path, catalogue: Catalogue) -> Index:
    """The index, which is not to be searched while a part of it is missing."""
    if catalogue.recall(NOTE):
        raise DamagedError(
            "the index is being made again, and a part of it is missing", hint="`glede rebuild` goes on."
        )
    return _index(settings, home, catalogue)


def _emptied(settings: Settings, home: Path, catalogue: Catalogue) -> Index:
    """The index without rows; with those that an earlier rebuild has written, where that was stopped."""
    if catalogue.recall(NOTE) == EMPTIED:
        with suppress(DamagedError):
            return _index(settings, home, catalogue)
    if settings.milvus_uri:
        index = _index(settings, home, catalogue)  # whoever may not empty it is told before it is noted
        catalogue.remember(NOTE, BEGUN)
    else:
        catalogue.remember(NOTE, BEGUN)
        (home / "index.db.seal").unlink(missing_ok=True)
        if (home / "index.db").exists():
            shutil.rmtree(home / "index.db")
        index = _index(settings, home, catalogue)
    placed = PlacedIndex(index, Places(catalogue))
    for name in catalogue.collections() if settings.milvus_uri else ():
        for one in (name, past_of(name)):
            placed.drop(one)
            placed.drop(pictures_of(one))
    catalogue.remember(NOTE, EMPTIED)
    return index


def _index(settings: Settings, home: Path, catalogue: Catalogue) -> Index:
    from glede.stores.milvus import MilvusIndex

    uri = settings.milvus_uri or str(home / "index.db")
    token = settings.milvus_token.get_secret_value()
    owner = identity_of(catalogue) if settings.milvus_uri else ""
    index = MilvusIndex(uri, token, settings.milvus_prefix, owner=owner)
    try:
        index.fingerprint(settings.collection)  # connects, so that a wrong address is told at once
    except LockedError as error:
        raise DamagedError(
            f"the index in {home} is damaged, or a process without the folder's lock is using it",
            hint="End that process, or let `glede rebuild` make the index again.",
        ) from error
    return index
