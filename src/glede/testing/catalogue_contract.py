"""What every catalogue must do, as tests to inherit: `class TestMine(CatalogueContract)` with a fixture."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace

from glede.ports import Catalogue, Commit, EmbeddingPack, TermStatistics
from glede.types import Box, Chunk, Document, Span, content_hash

HERE = "default"
TERMS = range(1, 30)
VOCABULARY = tuple(term * 100_000_007 % 2**32 for term in TERMS)


def sample_chunk(document_id: str, ordinal: int, version: str = "1") -> Chunk:
    """A chunk that uses every field."""
    spans = (Span(0, 4, 1, "table", 2, Box(1.5, 2.0, 3.25, 4.0), 7), Span(4, 9, 2, page=3, label="xii"))
    return Chunk(
        id=content_hash("chunk", document_id, version, str(ordinal)),
        document_id=document_id,
        ordinal=ordinal,
        text=f"Text {ordinal} of {document_id}: 'ß' \n“赤鳶” 🪁",
        modality="table" if ordinal % 2 else "text",
        heading_path=("One", 'Two "2"'),
        spans=spans,
        tokens=9,
        asset="f" * 64 if ordinal % 2 else None,
        lead="See the table:",
    )


def sample_commit(
    content: str, source: str, *, version: str = "1", chunks: int = 3, blobs: Iterable[str] = ()
) -> Commit:
    """A commit that follows from its arguments alone; it keeps a blob, a pack, and `blobs`."""
    document_id = content_hash("document", content)
    pieces = tuple(sample_chunk(document_id, number, version) for number in range(chunks))
    draw = random.Random(f"{content} {version}")  # noqa: S311 - numbers that repeat, not secrets
    key = f"vectors/{document_id}-{version}"
    return Commit(
        document=Document(
            id=document_id,
            version=content_hash("version", document_id, version),
            sha256=content_hash(content, length=64),
            media_type="text/plain",
            size=len(content),
            parser="plain",
            sources=(source,),
            title=f"About {content}",
            metadata={"year": 2020, "open": True, "share": 0.5, "who": "Ö'Neil"},
            pages=2,
            chunks=chunks,
            blocks={"text": 2, "table": 1},
            warnings=("a warning",),
            added_at="2026-11-21T08:00:00Z",
        ),
        source=source,
        modified=1234.5,
        chunks=pieces,
        terms={term: draw.randint(1, chunks) for term in draw.sample(VOCABULARY, 8)} if chunks else {},
        lengths=chunks * 10,
        blobs=(f"originals/{document_id}", key, *blobs),
        pack=EmbeddingPack("fake", key, tuple(text_key(chunk) for chunk in pieces)),
    )


def text_key(chunk: Chunk) -> str:
    """What a chunk's vector is remembered by."""
    return content_hash("text", chunk.text)


def expected_statistics(commits: Iterable[Commit]) -> TermStatistics:
    """The statistics of a collection that holds exactly these documents."""
    live = list(commits)
    counts = {term: sum(commit.terms.get(term, 0) for commit in live) for term in VOCABULARY}
    chunks = sum(len(commit.chunks) for commit in live)
    lengths = sum(commit.lengths for commit in live)
    present = {term: count for term, count in counts.items() if count}
    return TermStatistics(chunks, lengths / chunks if chunks else 0.0, present)


def waiting(catalogue: Catalogue) -> tuple[set[str], set[str]]:
    """The chunks and blobs that are retired."""
    entries = catalogue.retired(10_000)
    return (
        {key for entry in entries for key in entry.chunk_ids},
        {key for entry in entries for key in entry.blobs},
    )


class CatalogueContract:
    """Define a fixture `catalogue` that gives an empty catalogue."""

    def test_documents_are_listed_page_by_page(self, catalogue: Catalogue) -> None:
        """In the order of their first names, each once."""
        names = ["/b/two.txt", "/a/One.txt", "/a/one.txt", "/Ö/drei.txt", "/a/four.txt"]
        for place, name in enumerate(names):
            catalogue.commit(HERE, [sample_commit(str(place), name, chunks=place)])
        catalogue.commit("elsewhere", [sample_commit("0", "/a/elsewhere.txt")])
        document = sample_commit("0", names[0]).document
        for more in ("/a/another name.txt", "/z/last.txt"):  # a later name is no other place in the order
            assert catalogue.attach(HERE, more, document.id, 1.0)
        whole = catalogue.documents(HERE)
        wanted = sorted(whole, key=lambda one: one.sources[0])
        for size in (1, 2, 3, 100):
            seen: list[Document] = []
            while page := catalogue.page(HERE, seen[-1].sources[0] if seen else "", size):
                assert len(page) == min(size, len(wanted) - len(seen))
                seen += page
            assert seen == wanted
        assert catalogue.extent(HERE) == (5, 10)
        assert catalogue.extent("nowhere") == (0, 0)
        assert catalogue.page("nowhere", "", 10) == []

    def test_is_empty_at_first(self, catalogue: Catalogue) -> None:
        """Nothing is found, and nothing fails."""
        assert catalogue.documents(HERE) == []
        assert catalogue.collections() == []
        assert catalogue.retired() == []
        assert catalogue.document(HERE, "0" * 32) is None
        assert catalogue.source(HERE, "a.txt") is None
        assert catalogue.find(HERE, "a.txt") == []
        assert catalogue.chunks(HERE, ["0" * 32]) == {}
        assert catalogue.document_chunks(HERE, "0" * 32) == []
        assert catalogue.term_statistics(HERE, VOCABULARY) == TermStatistics(0, 0.0, {})
        assert catalogue.embeddings("fake", ["0"]) == {}
        assert not catalogue.uses_blob("originals/0")
        catalogue.remove(HERE, ["0" * 32])
        catalogue.purged([1])

    def test_commit_makes_live(self, catalogue: Catalogue) -> None:
        """Everything that was committed is read back as it was."""
        commit = sample_commit("kite", "/a/kite.txt")
        catalogue.commit(HERE, [commit])
        document = commit.document
        assert catalogue.document(HERE, document.id) == document
        assert catalogue.documents(HERE) == [document]
        assert catalogue.collections() == [HERE]
        assert catalogue.document_chunks(HERE, document.id) == list(commit.chunks)
        for chunk in commit.chunks:
            near = [other for other in commit.chunks if 0 < abs(other.ordinal - chunk.ordinal) <= 1]
            assert catalogue.neighbours(HERE, [chunk], 1) == {chunk.id: near}
        assert catalogue.neighbours("elsewhere", commit.chunks[:1], 1) == {commit.chunks[0].id: []}
        stored = catalogue.chunks(HERE, [*(chunk.id for chunk in commit.chunks), "0" * 32])
        assert {key: one.chunk for key, one in stored.items()} == {one.id: one for one in commit.chunks}
        assert {one.source for one in stored.values()} == {"/a/kite.txt"}
        state = catalogue.source(HERE, "/a/kite.txt")
        assert state is not None
        assert (state.document_id, state.size, state.modified) == (document.id, document.size, 1234.5)
        assert all(catalogue.uses_blob(key) for key in commit.blobs)
        assert catalogue.retired() == []
        assert catalogue.term_statistics(HERE, VOCABULARY) == expected_statistics([commit])

    def test_committing_again_changes_nothing(self, catalogue: Catalogue) -> None:
        """The same commit twice, or twice in one: nothing that is live is retired or counted twice."""
        commit = sample_commit("kite", "/a/kite.txt")
        catalogue.commit(HERE, [commit])
        catalogue.commit(HERE, [commit])
        catalogue.commit(HERE, [commit, commit])
        assert catalogue.documents(HERE) == [commit.document]
        assert catalogue.retired() == []
        assert catalogue.term_statistics(HERE, VOCABULARY) == expected_statistics([commit])
        assert len(catalogue.embeddings("fake", map(text_key, commit.chunks))) == 3

    def test_a_new_version_retires_the_old(self, catalogue: Catalogue) -> None:
        """Its chunks and blobs wait to be purged, those that both versions keep do not."""
        old = sample_commit("kite", "kite.txt", blobs=["assets/1"])
        new = sample_commit("kite", "kite.txt", version="2", chunks=2, blobs=["assets/1"])
        catalogue.commit(HERE, [old])
        catalogue.commit(HERE, [new])
        assert waiting(catalogue) == ({chunk.id for chunk in old.chunks}, set(old.blobs) - set(new.blobs))
        assert catalogue.documents(HERE) == [new.document]
        assert catalogue.chunks(HERE, [chunk.id for chunk in old.chunks]) == {}
        assert catalogue.term_statistics(HERE, VOCABULARY) == expected_statistics([new])

    def test_a_changed_source_retires_what_it_meant(self, catalogue: Catalogue) -> None:
        """But only where no other source names it."""
        old, new = sample_commit("old", "a.txt"), sample_commit("new", "a.txt")
        catalogue.commit(HERE, [old])
        catalogue.attach(HERE, "b.txt", old.document.id, 2.0)
        catalogue.commit(HERE, [new])
        assert {document.id for document in catalogue.documents(HERE)} == {old.document.id, new.document.id}
        assert catalogue.retired() == []
        catalogue.attach(HERE, "b.txt", new.document.id, 3.0)
        assert [document.sources for document in catalogue.documents(HERE)] == [("a.txt", "b.txt")]
        assert waiting(catalogue) == ({chunk.id for chunk in old.chunks}, set(old.blobs))
        assert catalogue.document(HERE, old.document.id) is None
        assert catalogue.term_statistics(HERE, VOCABULARY) == expected_statistics([new])

    def test_sources_may_change_places_in_one_commit(self, catalogue: Catalogue) -> None:
        """A file that was renamed, and another in its place: no document of the commit is lost."""
        old, other = sample_commit("old", "a.txt"), sample_commit("other", "a.txt")
        catalogue.commit(HERE, [old])
        catalogue.commit(HERE, [other, sample_commit("old", "b.txt")])
        assert [document.sources for document in catalogue.documents(HERE)] == [("a.txt",), ("b.txt",)]
        catalogue.commit(HERE, [sample_commit("old", "a.txt"), sample_commit("other", "b.txt")])
        assert [one.id for one in catalogue.documents(HERE)] == [old.document.id, other.document.id]
        assert catalogue.retired() == []
        assert catalogue.term_statistics(HERE, VOCABULARY) == expected_statistics([old, other])

    def test_one_source_twice_in_a_commit_means_the_last(self, catalogue: Catalogue) -> None:
        """What it meant in between is retired with the rest."""
        first, last = sample_commit("first", "a.txt"), sample_commit("last", "a.txt")
        catalogue.commit(HERE, [first, last])
        assert catalogue.documents(HERE) == [last.document]
        assert waiting(catalogue) == ({chunk.id for chunk in first.chunks}, set(first.blobs))

    def test_attach_names_a_live_document(self, catalogue: Catalogue) -> None:
        """The latest name comes last, and hits bear it; what is not live cannot be named."""
        commit = sample_commit("kite", "a.txt")
        catalogue.commit(HERE, [commit])
        catalogue.attach(HERE, "b.txt", commit.document.id, 2.0)
        (document,) = catalogue.documents(HERE)
        assert document.sources == ("a.txt", "b.txt")
        stored = catalogue.chunks(HERE, [commit.chunks[0].id])
        assert stored[commit.chunks[0].id].source == "b.txt"
        catalogue.attach(HERE, "a.txt", commit.document.id, 3.0)
        state = catalogue.source(HERE, "a.txt")
        assert state is not None
        assert state.modified == 3.0
        assert not catalogue.attach(HERE, "c.txt", "0" * 32, 1.0)
        assert not catalogue.attach("other", "c.txt", commit.document.id, 1.0)
        assert catalogue.find(HERE, "c.txt") == []

    def test_a_folder_tells_its_sources(self, catalogue: Catalogue) -> None:
        """Those whose names begin with it and a slash, by the letter, with the time that was noted last."""
        names = ("/a/b/one.txt", "/a/b_/two.txt", "/a/B/three.txt", "/a/b/c/four.txt")
        commits = [sample_commit(f"{place:032}", name) for place, name in enumerate(names)]
        catalogue.commit("default", commits)
        assert catalogue.sources_below("other", "/a/b") == []
        found = catalogue.sources_below("default", "/a/b")
        assert [one.source for one in found] == ["/a/b/one.txt", "/a/b/c/four.txt"]
        assert found == [catalogue.source("default", one.source) for one in found]
        assert len(catalogue.sources_below("default", "/")) == 4
        catalogue.touch("default", {"/a/b/one.txt": 12.5, "/a/b/nothing.txt": 1.0})
        state = catalogue.source("default", "/a/b/one.txt")
        assert state is not None and state.modified == 12.5
        assert catalogue.source("default", "/a/b/nothing.txt") is None

    def test_a_detached_document_lives_as_long_as_it_has_a_name(self, catalogue: Catalogue) -> None:
        """The last name takes it along; names that nobody knows are no matter."""
        commit = sample_commit("a" * 32, "one.txt")
        catalogue.commit("default", [commit])
        assert catalogue.attach("default", "two.txt", commit.document.id, 0.0)
        catalogue.detach("default", ["one.txt", "unknown.txt"])
        (document,) = catalogue.documents("default")
        assert document.sources == ("two.txt",)
        assert waiting(catalogue) == (set(), set())
        catalogue.detach("default", ["two.txt"])
        assert catalogue.documents("default") == []
        assert waiting(catalogue) == ({chunk.id for chunk in commit.chunks}, set(commit.blobs))

    def test_remove_is_total(self, catalogue: Catalogue) -> None:
        """No source, chunk, term, total, vector or blob is left, and all wait to be purged."""
        commits = [sample_commit(str(number), f"{number}.txt") for number in range(5)]
        catalogue.commit(HERE, commits)
        catalogue.attach(HERE, "more.txt", commits[0].document.id, 1.0)
        ids = [commit.document.id for commit in commits]
        catalogue.remove(HERE, [*ids, ids[0], "0" * 32])
        chunks = [chunk for commit in commits for chunk in commit.chunks]
        blobs = {key for commit in commits for key in commit.blobs}
        assert waiting(catalogue) == ({chunk.id for chunk in chunks}, blobs)
        assert catalogue.documents(HERE) == []
        assert catalogue.collections() == []
        assert catalogue.source(HERE, "more.txt") is None
        assert catalogue.chunks(HERE, [chunk.id for chunk in chunks]) == {}
        assert catalogue.embeddings("fake", map(text_key, chunks)) == {}
        assert not any(catalogue.uses_blob(key) for key in blobs)
        assert catalogue.term_statistics(HERE, VOCABULARY) == TermStatistics(0, 0.0, {})

    def test_a_shared_blob_goes_with_the_last(self, catalogue: Catalogue) -> None:
        """Also where the other document lives in another collection."""
        one, two = (sample_commit(name, f"{name}.txt", blobs=["assets/1"]) for name in ("one", "two"))
        catalogue.commit(HERE, [one, two])
        catalogue.commit("other", [two])
        catalogue.remove(HERE, [one.document.id, two.document.id])
        assert waiting(catalogue)[1] == set(one.blobs) - {"assets/1"}
        assert catalogue.uses_blob("assets/1")
        catalogue.remove("other", [two.document.id])
        assert set(two.blobs) <= waiting(catalogue)[1]
        assert not catalogue.uses_blob("assets/1")

    def test_what_a_commit_brings_again_is_not_retired(self, catalogue: Catalogue) -> None:
        """A pack that one document gives up and the next of the same commit keeps stays in use."""
        old = sample_commit("old", "a.txt")
        keeper = sample_commit("keeper", "b.txt", blobs=old.blobs)
        catalogue.commit(HERE, [old])
        catalogue.commit(HERE, [sample_commit("old", "a.txt", version="2"), keeper])
        assert waiting(catalogue)[1] == set()
        assert len(catalogue.embeddings("fake", map(text_key, old.chunks))) == 3

    def test_announced_counts_as_retired_until_the_commit(self, catalogue: Catalogue) -> None:
        """So a crash in between leaves a note of what to purge."""
        commit = sample_commit("kite", "a.txt")
        first = catalogue.announce(HERE, ["c1", "c2"], ["b1"])
        second = catalogue.announce(HERE, [chunk.id for chunk in commit.chunks], commit.blobs)
        assert [entry.id for entry in catalogue.retired()] == [first, second]
        (entry,) = catalogue.retired(limit=1)
        assert (entry.collection, entry.chunk_ids, entry.blobs) == (HERE, ("c1", "c2"), ("b1",))
        catalogue.commit(HERE, [commit], announced=second)
        assert [entry.id for entry in catalogue.retired()] == [first]
        catalogue.purged([first])
        assert catalogue.retired() == []
        assert catalogue.announce(HERE, [], []) not in (first, second)

    def test_finds_by_any_name(self, catalogue: Catalogue) -> None:
        """Id, beginning of an id, source, end of a source; wildcards and case mean themselves."""
        names = ("/x/100%_a.txt", "/x/100%ba.txt", "/x/1000_a.txt", "/x/y/A.txt", "/z/y/A.txt")
        commits = {name: sample_commit(name, name) for name in names}
        catalogue.commit(HERE, list(commits.values()))

        def found(name: str) -> list[str]:
            return [document.source for document in catalogue.find(HERE, name)]

        assert found("100%_a.txt") == ["/x/100%_a.txt"]
        assert found("/x/100%_a.txt") == ["/x/100%_a.txt"]
        assert found("x/1000_a.txt") == ["/x/1000_a.txt"]
        assert found("./y/A.txt") == ["/x/y/A.txt", "/z/y/A.txt"]
        assert found("y/a.txt") == found("%.txt") == found("_a.txt") == found(".txt") == []
        document = commits["/x/y/A.txt"].document
        assert found(document.id) == found(document.id[:12]) == ["/x/y/A.txt"]
        assert found(document.id[:3]) == []
        catalogue.remove(HERE, [document.id])
        assert found("A.txt") == ["/z/y/A.txt"]
        assert found(document.id) == []

    def test_counts_stay_exact(self, catalogue: Catalogue) -> None:
        """After any sequence of commits and removals, as if only the live documents had been added."""
        draw = random.Random(7)  # noqa: S311 - numbers that repeat, not secrets
        live: dict[str, Commit] = {}
        for _ in range(60):
            name = str(draw.randrange(8))
            commit = sample_commit(name, name, version=str(draw.randrange(3)), chunks=draw.randrange(5))
            if draw.random() < 0.6:
                catalogue.commit(HERE, [commit])
                live[name] = commit
            else:
                catalogue.remove(HERE, [commit.document.id])
                live.pop(name, None)
            assert catalogue.term_statistics(HERE, VOCABULARY) == expected_statistics(live.values())
        assert catalogue.term_statistics(HERE, VOCABULARY[:2]).frequencies.keys() <= set(VOCABULARY[:2])

    def test_recalls_what_it_was_told(self, catalogue: Catalogue) -> None:
        """The last text under each key."""
        assert catalogue.recall("key") is None
        catalogue.remember("key", "one")
        catalogue.remember("key", "two 'ß'\n")
        assert catalogue.recall("key") == "two 'ß'\n"

    def test_embeddings_belong_to_a_model(self, catalogue: Catalogue) -> None:
        """Each text is found in its row of the pack."""
        commit = sample_commit("kite", "a.txt")
        catalogue.commit(HERE, [commit])
        keys = [text_key(chunk) for chunk in commit.chunks]
        places = catalogue.embeddings("fake", [*keys, "0"])
        assert places == {key: (commit.blobs[1], row) for row, key in enumerate(keys)}
        assert catalogue.embeddings("other", keys) == {}

    def test_collections_are_apart(self, catalogue: Catalogue) -> None:
        """The same document in two: what happens in one leaves the other as it is."""
        commit = sample_commit("kite", "a.txt")
        for collection in ("two", "one"):
            catalogue.commit(collection, [commit])
        assert catalogue.collections() == ["one", "two"]
        catalogue.attach("one", "b.txt", commit.document.id, 1.0)
        catalogue.remove("two", [commit.document.id])
        assert catalogue.collections() == ["one"]
        assert catalogue.documents("one")[0].sources == ("a.txt", "b.txt")
        assert len(catalogue.chunks("one", [chunk.id for chunk in commit.chunks])) == 3
        assert catalogue.term_statistics("one", VOCABULARY) == expected_statistics([commit])
        assert waiting(catalogue) == ({chunk.id for chunk in commit.chunks}, set())
        assert {entry.collection for entry in catalogue.retired()} == {"two"}

    def test_takes_thousands_at_once(self, catalogue: Catalogue) -> None:
        """No call is limited by what fits one statement."""
        commit = sample_commit("long", "a.txt", chunks=2500)
        catalogue.commit(HERE, [commit])
        ids = [chunk.id for chunk in commit.chunks]
        assert len(catalogue.chunks(HERE, ids)) == 2500
        assert len(catalogue.embeddings("fake", map(text_key, commit.chunks))) == 2500
        assert catalogue.term_statistics(HERE, range(2000)).frequencies == {}
        catalogue.remove(HERE, [commit.document.id, *ids])
        assert waiting(catalogue)[0] == set(ids)

    def test_documents_are_found_by_their_metadata(self, catalogue: Catalogue) -> None:
        """All pairs must hold; what was removed or replaced is not found."""
        for number in range(6):
            made = sample_commit(f"text {number}", f"{number}.txt")
            document = replace(made.document, metadata={"even": number % 2 == 0, "third": number % 3})
            catalogue.commit(HERE, [replace(made, document=document)])
        ids = {n: sample_commit(f"text {n}", f"{n}.txt").document.id for n in range(6)}
        assert catalogue.labelled(HERE, [("even", "true")], 9) == frozenset((ids[0], ids[2], ids[4]))
        assert catalogue.labelled(HERE, [("even", "true"), ("third", "1")], 9) == frozenset((ids[4],))
        assert catalogue.labelled(HERE, [("even", "no"), ("third", "1")], 9) == frozenset()
        assert catalogue.labelled("elsewhere", [("even", "true")], 9) == frozenset()
        assert catalogue.labelled(HERE, [("even", "true")], 2) is None
        catalogue.remove(HERE, [ids[4]])
        assert catalogue.labelled(HERE, [("even", "true"), ("third", "1")], 9) == frozenset()
