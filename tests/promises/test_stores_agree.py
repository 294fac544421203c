"""R5: whatever is done to a data folder in whatever order, all stores say what a dictionary says.

The engine is the real one, with SQLite and Milvus Lite; only the parsers run in this process, since what a
parser process costs to start would be most of the time.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from glede import Content, Engine, Settings, failpoints
from glede.errors import GledeError
from glede.parsing import ParseOptions
from glede.plugins import parser_named
from glede.reading.choosing import Reading
from glede.testing.fakes import FakeEmbedder
from glede.types import Parsed
from tests.promises.agreement import disagreements, found_by_all_channels

T = TypeVar("T")
FULL = bool(os.environ.get("GLEDE_FULL"))
EXAMPLES, STEPS = (5000, 50) if FULL else (8, 40)
SOURCES = st.sampled_from([f"{name}.md" for name in "abcdef"])
TEXTS = st.integers(0, 9).map(
    lambda number: f"# Bird {number}\n\nA bird{number:02} sings.\n\n# Nest\n\nIt is high.\n"
)
BATCHES = st.dictionaries(SOURCES, TEXTS, min_size=1, max_size=4)
PLACES = st.integers(1, 30)
ACTS = st.sampled_from(["error", "full"])


class InThisProcess:
    """Parses without a process of its own."""

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        """See `glede.parsing.Parse`."""
        return parser_named(parser).parse(data, media_type, options)


class Stores(RuleBasedStateMachine):
    """Adds, changes, copies, renames, deletes, searches, fails, and opens again, beside a dictionary."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.model: dict[str, str] = {}
        self.open()

    def open(self) -> None:
        home = Settings(home=Path(self.folder.name))
        self.opening: AbstractAsyncContextManager[Engine] = Engine.open(home, embedder=FakeEmbedder())
        engine = self.run(self.opening.__aenter__())
        ingest = replace(engine.lines.ingest, reading=Reading(InThisProcess()))
        engine.lines = replace(engine.lines, ingest=ingest)
        self.engine = engine
        self.written = False

    def run(self, work: Coroutine[object, object, T]) -> T:
        return self.runner.run(work)

    def close(self) -> None:
        self.run(self.opening.__aexit__(None, None, None))

    def added(self, batch: dict[str, str]) -> None:
        report = self.run(self.engine.add(*(Content(text, source) for source, text in batch.items())))
        assert not report.failed

    def seen(self) -> dict[str, str]:
        """Each source with its text, as it is stored."""
        found: dict[str, str] = {}
        for document in self.run(self.engine.documents()):
            text = self.run(self.engine.original(document)).decode()
            found |= dict.fromkeys(document.sources, text)
        return found

    @rule(batch=BATCHES)
    def add(self, batch: dict[str, str]) -> None:
        self.added(batch)
        self.model |= batch
        self.written = True
        assert self.seen() == self.model

    @precondition(lambda self: self.model)
    @rule(data=st.data(), text=TEXTS)
    def change(self, data: st.DataObject, text: str) -> None:
        self.add({data.draw(st.sampled_from(sorted(self.model))): text})

    @precondition(lambda self: self.model)
    @rule(data=st.data(), source=SOURCES)
    def rename(self, data: st.DataObject, source: str) -> None:
        old = data.draw(st.sampled_from(sorted(self.model)))
        if source == old:
            return
        self.added({source: self.model[old]})
        self.run(self.engine.detach([old]))
        self.model[source] = self.model.pop(old)
        self.written = True
        assert self.seen() == self.model

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        source = data.draw(st.sampled_from(sorted(self.model)))
        self.run(self.engine.delete(source))
        text = self.model[source]
        self.model = {name: other for name, other in self.model.items() if other != text}
        self.written = True
        assert self.seen() == self.model

    @precondition(lambda self: self.model)
    @rule(number=st.integers(0, 9))
    def search(self, number: int) -> None:
        word = f"bird{number:02}"
        hits = self.run(self.engine.search(word, limit=50))
        named = {name for name, text in self.model.items() if word in text}
        best = [hit for hit in hits if word in hit.chunk.text]
        assert bool(best) == bool(named)
        assert {hit.source for hit in best} <= named
        assert {hit.source for hit in hits} <= set(self.model)

    @rule(batch=BATCHES, place=PLACES, act=ACTS, stays=st.booleans())
    def crash_while_adding(self, batch: dict[str, str], place: int, act: str, stays: bool) -> None:
        failpoints.arm(f"*={act}@{place}{'+' if stays else ''}")
        allowed = {name: {text} for name, text in self.model.items()}
        try:
            self.added(batch)
        except GledeError:
            for source, text in batch.items():
                allowed[source] = {text, *allowed.get(source, {""})}
        else:
            allowed |= {source: {text} for source, text in batch.items()}
        self.after_crash(allowed)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), place=PLACES, act=ACTS)
    def crash_while_deleting(self, data: st.DataObject, place: int, act: str) -> None:
        source = data.draw(st.sampled_from(sorted(self.model)))
        failpoints.arm(f"*={act}@{place}")
        allowed = {name: {text} for name, text in self.model.items()}
        failed = False
        try:
            self.run(self.engine.delete(source))
        except GledeError:
            failed = True
        for name, text in self.model.items():
            if text == self.model[source]:
                allowed[name] = {"", text} if failed else {""}
        self.after_crash(allowed)

    def after_crash(self, allowed: dict[str, set[str]]) -> None:
        """Open the folder again: of each source there is one of the texts that it may have, "" for none."""
        failpoints.arm("")
        self.close()
        self.open()
        seen = self.seen()
        assert set(seen) <= set(allowed)
        for source, texts in allowed.items():
            assert seen.get(source, "") in texts, source
        self.model = seen
        assert disagreements(self.engine) == []

    @precondition(lambda self: self.written)  # else it would be most of what is done
    @rule()
    def reopen(self) -> None:
        self.close()
        self.open()
        assert self.seen() == self.model
        assert disagreements(self.engine) == []

    def teardown(self) -> None:
        failpoints.arm("")
        if hasattr(self, "engine"):
            self.reopen()
            found = self.run(found_by_all_channels(self.engine, "bird"))
            assert {self.model[source] for source in found} == set(self.model.values())
            self.close()
            self.runner.close()
            self.folder.cleanup()


TestStores = Stores.TestCase
TestStores.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=not FULL,
    suppress_health_check=list(HealthCheck),
)
