from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from glede.adding.blob_keys import packed, parse_key
from glede.adding.enriching import Enriching
from glede.adding.parsed_json import dump_parsed
from glede.adding.ready import Foreseeing, Prepared
from glede.aside import past_of
from glede.endpoints import Prompt, Reply
from glede.errors import BudgetError, GledeError, RefusedRequestError, UnavailableError
from glede.extractors.llm import LlmExtractor
from glede.knowledge import DocumentGraph, Mention
from glede.ports import Commit, Progress
from glede.results import Added, Failure, Report
from glede.testing.fake_catalogue import MemoryCatalogue
from glede.testing.fake_models import MemoryResponses
from glede.testing.fakes import MemoryBlobs
from glede.testing.model_server import ModelServer
from glede.types import Chunk, Document, Parsed, content_hash
from tests.extractors.llm_serving import reading_model, reads

TEXT = "Then Anna Weber met Paul Klee in Bern, where Kite{} flies."
NAME = "default"


class Stores:
    """A catalogue and blobs that hold so many documents of one chunk."""

    def __init__(self, count: int) -> None:
        self.catalogue = MemoryCatalogue()
        self.blobs = MemoryBlobs()
        self.ids = [self.add(number) for number in range(count)]

    def add(self, number: int, collection: str = NAME) -> str:
        document_id = content_hash(str(number))
        document = Document(document_id, document_id, "s", "text/plain", 1, "plain", (f"{number}.txt",))
        chunk = Chunk(content_hash("c", str(number)), document_id, 0, TEXT.format(number), "text")
        commit = Commit(document, f"{number}.txt", 0.0, (chunk,), {}, 1, ())
        self.catalogue.commit(collection, [commit])
        parsed = Parsed("text/plain", "plain", ())
        self.blobs.put(parse_key(document_id), packed(dump_parsed(parsed)))
        return document_id

    def line(self, extractor: object, calls: int = 4) -> Enriching:
        return Enriching(self.catalogue, self.blobs, self.catalogue.graph, extractor, calls)  # type: ignore[arg-type]

    def pending(self, fingerprint: str) -> list[str]:
        return self.catalogue.graph.pending(NAME, fingerprint, 1000)


class Reader:
    """An extractor that fails for some documents."""

    fingerprint = "reader@1"

    def __init__(self, failing: dict[str, GledeError] | None = None) -> None:
        self.failing = failing or {}
        self.asked: list[str] = []
        self.active = self.most = 0

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        document_id = chunks[0].document_id
        self.asked.append(document_id)
        self.active += 1
        self.most = max(self.most, self.active)
        await asyncio.sleep(0.01)
        self.active -= 1
        if document_id in self.failing:
            raise self.failing[document_id]
        return DocumentGraph(document_id, self.fingerprint, (Mention("Paul Klee", "person", 0),))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(key="sk-test") as running:
        running.answer = reads
        yield running


async def test_all_that_is_pending_is_read_side_by_side_and_once() -> None:
    stores, reader = Stores(20), Reader()
    outcome = await stores.line(reader, calls=5).enrich(NAME)
    assert {one.document_id for one in outcome.documents} == set(stores.ids)
    assert {one.status for one in outcome.documents} == {"enriched"}
    assert reader.most == 5
    assert stores.pending("reader@1") == []
    assert (await stores.line(reader).enrich(NAME)).documents == ()
    assert len(reader.asked) == 20


async def test_more_documents_than_a_page_and_some_that_stay_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.adding.enriching.PAGE", 3)
    stores = Stores(11)
    failing: dict[str, GledeError] = {stores.ids[place]: RefusedRequestError("no") for place in (4, 9)}
    reader = Reader(failing)
    outcome = await stores.line(reader).enrich(NAME)
    assert len(outcome.documents) == 11
    assert {one.document_id for one in outcome.documents if one.status == "failed"} == set(failing)
    assert stores.pending("reader@1") == sorted(failing)
    assert outcome.stopped is None


async def test_only_those_named() -> None:
    stores, reader = Stores(5), Reader()
    await stores.line(reader).enrich(NAME, frozenset(stores.ids[:2]))
    assert set(reader.asked) == set(stores.ids[:2])


async def test_the_budget_stops_the_run_and_leaves_the_rest_pending() -> None:
    stores = Stores(12)
    reader = Reader({stores.catalogue.graph.pending(NAME, "reader@1", 4)[3]: BudgetError("it is spent")})
    outcome = await stores.line(reader, calls=1).enrich(NAME)
    assert [one.status for one in outcome.documents] == ["enriched"] * 3 + ["pending"] * 9
    assert outcome.stopped is not None
    assert outcome.stopped.exit_code == 5
    assert len(stores.pending("reader@1")) == 9


async def test_a_model_that_is_away_is_not_asked_for_ever() -> None:
    stores = Stores(30)
    reader = Reader(dict.fromkeys(stores.ids, UnavailableError("away")))
    outcome = await stores.line(reader, calls=1).enrich(NAME)
    assert len(reader.asked) == 3
    assert outcome.stopped is not None
    assert [one.status for one in outcome.documents].count("pending") == 27


async def test_documents_that_go_meanwhile_are_left_out() -> None:
    stores, reader = Stores(3), Reader()
    line = stores.line(reader)
    async with line.following(NAME) as following:
        stores.catalogue.remove(NAME, [stores.ids[0]])
        for document_id in stores.ids:
            following.feed(document_id)
    assert {one.document_id for one in following.outcome().documents} == set(stores.ids[1:])


async def test_leaving_early_ends_the_work() -> None:
    stores, reader = Stores(5), Reader()
    with pytest.raises(RuntimeError, match="enough"):
        async with stores.line(reader).following(NAME) as following:
            for document_id in stores.ids:
                following.feed(document_id)
            raise RuntimeError("enough")
    assert len(reader.asked) < 5
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_crash_half_way_costs_no_call_again(server: ModelServer) -> None:
    """Killed after answers had come and before their documents were written: all of them are known."""
    kept, stores = MemoryResponses(), Stores(16)
    async with reading_model(server, kept) as chat:
        killer = Killer(chat.chat, after=9)
        chat.chat = killer.chat  # type: ignore[method-assign]
        with pytest.raises(Killed):
            await stores.line(LlmExtractor(chat, kept=kept), calls=3).enrich(NAME)
    paid = server.count("chat")
    assert paid == 9
    async with reading_model(server, kept) as chat:
        extractor = LlmExtractor(chat, kept=kept)
        outcome = await stores.line(extractor, calls=3).enrich(NAME)
        assert {one.status for one in outcome.documents} == {"enriched"}
        assert stores.pending(extractor.fingerprint) == []
    asked = [call.body["messages"][1]["content"] for call in server.calls]
    assert len(asked) == len(set(asked)) == 16


class Killed(BaseException):
    """The end of the program."""


class Killer:
    """Ends the program, as it were, after so many answers, when all that was asked is answered."""

    def __init__(self, chat: object, after: int) -> None:
        self._chat = chat
        self._left = after
        self._under_way = 0

    async def chat(self, prompt: Prompt) -> Reply:
        if self._left <= 0:
            await asyncio.Event().wait()  # the end comes first
        self._left -= 1
        last = self._left == 0
        self._under_way += 1
        reply: Reply = await self._chat(prompt)  # type: ignore[operator]
        self._under_way -= 1
        while last and self._under_way:
            await asyncio.sleep(0.001)
        if last:
            raise Killed
        return reply


async def test_calls_of_many_small_documents_are_under_way_together(server: ModelServer) -> None:
    server.latency = 0.3
    stores = Stores(48)
    async with reading_model(server, model_concurrency=12) as chat:
        await stores.line(LlmExtractor(chat, calls=12), calls=12).enrich(NAME)
    assert server.count("chat") == 48
    assert server.most_in_flight == 12
    assert server.in_flight_mean("chat") >= 8


def prepared(number: int, graph: DocumentGraph | None = None) -> Prepared:
    document_id = content_hash(str(number))
    document = Document(document_id, document_id, "s", "text/plain", 1, "plain", (f"{number}.txt",))
    chunk = Chunk(content_hash("c", str(number)), document_id, 0, TEXT.format(number), "text")
    parsed = Parsed("text/plain", "plain", ())
    return Prepared(number, f"{number}.txt", 0.0, b"", document, parsed, (chunk,), graph)


class Arriving:
    """An `add` of documents that are foreseen, and searchable or failed once `stored` is set."""

    def __init__(self, *ahead: Prepared, failing: Sequence[int] = ()) -> None:
        self.stores = Stores(0)
        self.stored = asyncio.Event()
        self._ahead, self._failing = ahead, failing

    async def __call__(self, progress: Progress | None) -> Report:
        assert isinstance(progress, Foreseeing)
        for one in self._ahead:
            progress.foresee(one)
        await asyncio.wait_for(self.stored.wait(), 10)
        ended = []
        for one in self._ahead:
            if one.place in self._failing:
                ended.append(
                    Added(one.source, "failed", error=Failure("unavailable", "the disk is full", ""))
                )
            else:
                self.stores.add(one.place)
                ended.append(Added(one.source, "searchable", one.document.id))
            progress.done(ended[-1])
        return Report(tuple(ended))


class Ahead(Reader):
    """Lets the documents be stored once it was asked for the first of them."""

    def __init__(self, arriving: Arriving) -> None:
        super().__init__()
        self._arriving = arriving

    async def extract(self, parsed: Parsed, chunks: Sequence[Chunk]) -> DocumentGraph:
        found = await super().extract(parsed, chunks)
        self._arriving.stored.set()
        return found


async def test_a_new_document_is_read_before_it_is_stored_and_its_graph_kept_after() -> None:
    arriving = Arriving(prepared(1), prepared(2), failing=[2])
    reader = Ahead(arriving)
    report = await arriving.stores.line(reader, calls=1).along(NAME, arriving, None)
    assert [one.status for one in report.documents] == ["enriched", "failed"]
    graph = arriving.stores.catalogue.graph
    read = graph.read(NAME, content_hash("1"))
    assert read is not None
    assert [one.name for one in read.mentions] == ["Paul Klee"]
    assert graph.read(NAME, content_hash("2")) is None
    assert arriving.stores.pending("reader@1") == []


async def test_what_a_model_has_said_by_then_is_stored_with_the_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And not once more behind it, in place of what rules have found."""
    arriving, reader = Arriving(prepared(1), prepared(2)), Reader()
    catalogue = arriving.stores.catalogue

    def refused(*_: object) -> None:
        raise AssertionError("what was stored with the document is written again")

    async def add(progress: Progress | None) -> Report:
        assert isinstance(progress, Foreseeing)
        progress.foresee(prepared(1))
        while (latest := progress.latest(prepared(1))).graph is None:
            await asyncio.sleep(0.01)
        unread = prepared(2)
        assert progress.latest(unread) is unread
        catalogue.commit(
            NAME, [Commit(latest.document, latest.source, 0.0, latest.chunks, {}, 1, (), None, latest.graph)]
        )
        monkeypatch.setattr(catalogue.graph, "write", refused)
        ended = Added(latest.source, "searchable", latest.document.id)
        progress.done(ended)
        return Report((ended,))

    report = await arriving.stores.line(reader).along(NAME, add, None)
    assert [one.status for one in report.documents] == ["enriched"]
    kept = catalogue.graph.read(NAME, content_hash("1"))
    assert kept is not None
    assert kept.extractor == reader.fingerprint


async def test_many_documents_wait_until_they_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glede.adding.enriching.MOST_AHEAD", 2)
    arriving = Arriving(*map(prepared, range(9)))
    reader = Ahead(arriving)
    report = await arriving.stores.line(reader, calls=3).along(NAME, arriving, None)
    assert [one.status for one in report.documents] == ["enriched"] * 9
    assert sorted(reader.asked) == sorted(content_hash(str(number)) for number in range(9))


async def test_what_a_former_version_has_told_is_read_from_where_it_is_kept() -> None:
    known = DocumentGraph(content_hash("1"), "reader@1", (Mention("Paul Klee", "person", 0),))
    arriving, reader = Arriving(prepared(1, known)), Reader()
    arriving.stored.set()
    report = await arriving.stores.line(reader).along(NAME, arriving, None)
    assert [one.status for one in report.documents] == ["enriched"]
    assert len(reader.asked) == 1


async def test_a_document_that_comes_back_from_the_past_is_read_when_it_is_there() -> None:
    arriving, reader = Arriving(prepared(1)), Reader()
    arriving.stores.add(1, past_of(NAME))
    adding = asyncio.create_task(arriving.stores.line(reader).along(NAME, arriving, None))
    await asyncio.sleep(0.1)
    assert reader.asked == []
    arriving.stored.set()
    assert [one.status for one in (await adding).documents] == ["enriched"]


async def test_an_add_that_breaks_off_leaves_no_reader_waiting() -> None:
    arriving, reader = Arriving(prepared(1)), Reader()
    adding = asyncio.create_task(arriving.stores.line(reader).along(NAME, arriving, None))
    while not reader.asked:
        await asyncio.sleep(0.01)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert asyncio.all_tasks() == {asyncio.current_task()}
