"""What every graph must do, as tests to inherit: `class TestMine(GraphContract)` with a fixture."""

from __future__ import annotations

from dataclasses import replace

from glede.graph.names import entity_of
from glede.knowledge import (
    Alias,
    Content,
    Fact,
    GraphCounts,
    Growth,
    Mention,
    Place,
)
from glede.results import Filter
from glede.testing.catalogue_contract import HERE, sample_commit
from glede.testing.graph_samples import (
    ALL,
    FIRST,
    HOSTILE,
    LONG,
    SECOND,
    WHO,
    GraphCatalogue,
    canonical,
    chunks_of,
    firsts,
    numbers_of,
    only,
    sample_graph,
    telling,
)


class GraphContract:
    """Define a fixture `catalogue` that gives an empty catalogue with a graph."""

    def test_is_empty_at_first(self, catalogue: GraphCatalogue) -> None:
        """Nothing is found, and nothing fails."""
        graph = catalogue.graph
        assert graph.canonical(HERE, [1, 2]) == {1: (1,), 2: (2,)}
        assert graph.places(HERE, [1], 9, ALL) == {}
        assert graph.contents(HERE, [1]) == {}
        assert graph.facts(HERE, [1], 9, ALL) == {}
        assert graph.named(HERE, [1], ALL) == {}
        assert graph.numbers(HERE, ["0"]) == {}
        assert graph.chunk_ids(HERE, [1]) == {}
        assert graph.pending(HERE, FIRST, 9) == []
        assert graph.edits(HERE) == []
        assert graph.counts(HERE) == GraphCounts(0, 0, 0, 0, {})
        assert graph.entities(HERE, 0, 9) == []
        assert graph.statements(HERE, None, 9) == []
        assert graph.namings(HERE, 1, 9, ALL) == []
        assert graph.growth(HERE, 0) == Growth(0, 0, 0)
        assert graph.undo(HERE) is None

    def test_a_commit_brings_its_graph(self, catalogue: GraphCatalogue) -> None:
        """What a document says is read back from every end."""
        kite = telling(
            "kite",
            [
                Mention("Red Kite", "term", 0, 2, subject=True, description="A bird."),
                Mention("Gigrin Farm", "term", 2),
                Mention("the Red Kite", "name", 2, 3),
                Mention("Wales", "place", 1, 4),
            ],
            [Fact("Red Kite", "breeds in", "Wales", 1, "since 1903"), Fact("Wales", "has", "Red Kite", 1)],
        )
        catalogue.commit(HERE, [kite])
        graph = catalogue.graph
        red, wales = numbers_of(["Red Kite", "Wales"])
        numbers = graph.numbers(HERE, [chunk.id for chunk in kite.chunks])
        first, second, third = (numbers[chunk.id] for chunk in kite.chunks)
        assert graph.chunk_ids(HERE, [third, first]) == {
            third: kite.chunks[2].id,
            first: kite.chunks[0].id,
        }
        places = graph.places(HERE, [red, wales, 1], 9, ALL)
        assert places[red] == [Place(first, 2, True), Place(second, 1, False), Place(third, 3, False)]
        assert places[wales] == [Place(second, 4, False)]
        contents = graph.contents(HERE, [second, third, 5])
        assert contents[second] == [Content(wales, 4, False), Content(red, 1, False)]
        assert set(contents[third]) == {Content(red, 3, False), Content(entity_of("Gigrin Farm"), 1, False)}
        stated = graph.facts(HERE, [red, wales], 9, ALL)
        assert [(one.label, one.description) for one in stated[red]] in (
            [("breeds in", "since 1903"), ("has", "")],
            [("has", ""), ("breeds in", "since 1903")],
        )
        assert stated[red] == stated[wales] == graph.statements(HERE, None, 9)
        named = graph.named(HERE, [red], ALL)[red]
        assert (named.entity, named.mentions, named.documents) == (red, 6, 1)
        assert named.types == ("term",)
        assert named.descriptions == ("A bird.",)
        assert graph.counts(HERE).documents == {FIRST: 1}
        assert graph.pending(HERE, FIRST, 9) == []

    def test_a_document_without_graph_is_pending(self, catalogue: GraphCatalogue) -> None:
        """Also one that another extractor has read, and one that was not read wholly."""
        made = [sample_commit(name, name) for name in "abcd"]
        catalogue.commit(HERE, made)
        ids = sorted(commit.document.id for commit in made)
        assert catalogue.graph.pending(HERE, FIRST, 9) == ids
        assert catalogue.graph.pending(HERE, FIRST, 2) == ids[:2]
        assert catalogue.graph.pending("elsewhere", FIRST, 9) == []
        a, b, c, d = (sample_graph(commit, [Mention("Kite", "name", 0)]) for commit in made)
        catalogue.graph.write(HERE, [a, replace(b, unread=(1,)), replace(c, extractor=SECOND), d])
        assert set(catalogue.graph.pending(HERE, FIRST, 9)) == {b.document_id, c.document_id}
        catalogue.graph.write(HERE, [b, c, replace(d, document_id="0" * 32)])
        assert catalogue.graph.pending(HERE, FIRST, 9) == []
        assert catalogue.graph.counts(HERE).documents == {FIRST: 4}
        assert len(chunks_of(catalogue, "Kite")) == 4

    def test_is_read_back_in_one_order(self, catalogue: GraphCatalogue) -> None:
        """However it was told; what was read back and is written again is the same."""
        mentions = [
            Mention(name, "name", n % 3, 2, subject=n == 1) for n, name in enumerate([LONG, WHO, "Owl"])
        ]
        facts = [Fact("Owl", "asks", WHO, 1), Fact(WHO, "hears", "Owl", 0, "at night")]
        commit = telling("one", mentions, facts, [Alias(LONG, WHO, 0)])
        catalogue.commit(HERE, [commit])
        kept = catalogue.graph.read(HERE, commit.document.id)
        assert kept is not None
        assert kept.aliases == (Alias(WHO, LONG, 0),)
        aliases = catalogue.graph.aliases(HERE, [commit.document.id, "0" * 32])
        assert aliases == {commit.document.id: kept.aliases}
        assert catalogue.graph.aliases("elsewhere", [commit.document.id]) == {}
        assert {(one.name, one.chunk, one.subject) for one in kept.mentions} == {
            ("Owl", 0, False),
            ("Owl", 1, False),
            ("Owl", 2, False),
            (WHO, 0, False),
            (WHO, 1, True),
        }
        assert [(one.label, one.description) for one in kept.facts] == [("hears", "at night"), ("asks", "")]
        assert commit.graph is not None
        other = replace(commit.graph, mentions=tuple(reversed(mentions)), facts=tuple(reversed(facts)))
        for graph in (other, replace(kept)):
            catalogue.graph.write(HERE, [graph])
            assert catalogue.graph.read(HERE, commit.document.id) == kept
        assert catalogue.graph.read(HERE, "0" * 32) is None
        assert catalogue.graph.read("elsewhere", commit.document.id) is None

    def test_goes_with_its_document(self, catalogue: GraphCatalogue) -> None:
        """Removed, replaced by another version, or named by no source any more."""
        one, two = telling("one", ["Kite"]), telling("two", ["Kite"])
        catalogue.commit(HERE, [one, two])
        catalogue.remove(HERE, [one.document.id])
        assert chunks_of(catalogue, "Kite") == firsts(two)
        catalogue.commit(HERE, [replace(sample_commit("three", "two.txt"), graph=None)])
        assert chunks_of(catalogue, "Kite") == []
        catalogue.commit(HERE, [one])
        newer = sample_commit("one", "one.txt", version="2")
        catalogue.commit(HERE, [replace(newer, graph=sample_graph(newer, [Mention("Owl", "name", 1)]))])
        assert chunks_of(catalogue, "Kite") == []
        assert chunks_of(catalogue, "Owl") == [newer.chunks[1].id]
        catalogue.commit(HERE, [newer])
        assert chunks_of(catalogue, "Owl") == []
        assert catalogue.graph.counts(HERE) == GraphCounts(0, 0, 0, 0, {})

    def test_collections_are_apart(self, catalogue: GraphCatalogue) -> None:
        """Rows, numbers and edits of one are nothing to the other."""
        kite = telling("kite", ["Kite", "Owl"], [Fact("Kite", "eats", "Owl", 0)])
        catalogue.commit("one", [kite])
        catalogue.commit("two", [kite])
        catalogue.graph.edit("one", "merge", numbers_of(["Kite", "Owl"]), (), "me")
        assert catalogue.graph.edits("two") == []
        owl = entity_of("Owl")
        assert catalogue.graph.canonical("two", [owl]) == {owl: (owl,)}
        (place,) = catalogue.graph.places("one", [owl], 9, ALL)[owl]
        assert catalogue.graph.contents("two", [place.chunk]) == {}
        assert catalogue.graph.chunk_ids("two", [place.chunk]) == {}
        catalogue.remove("one", [kite.document.id])
        assert chunks_of(catalogue, "Owl", collection="two") == firsts(kite)
        assert catalogue.graph.undo("two") is None

    def test_answers_are_bounded(self, catalogue: GraphCatalogue) -> None:
        """At most one more place than asked for, those that are about the entity first."""
        about = Mention("Hub", "name", 1, subject=True)
        commits = [telling(f"{n}", [about if n in (7, 20) else Mention("Hub", "name", 1)]) for n in range(30)]
        catalogue.commit(HERE, commits)
        hub = entity_of("Hub")
        places = catalogue.graph.places(HERE, [hub], 4, ALL)[hub]
        assert [place.subject for place in places] == [True, True, False, False, False]
        ids = catalogue.graph.chunk_ids(HERE, [place.chunk for place in places])
        assert [ids[place.chunk] for place in places] == [commits[n].chunks[1].id for n in (7, 20, 0, 1, 2)]
        assert len(catalogue.graph.places(HERE, [hub], 30, ALL)[hub]) == 30
        assert len(catalogue.graph.places(HERE, [hub], 0, ALL)[hub]) == 1

    def test_facts_are_bounded(self, catalogue: GraphCatalogue) -> None:
        """At most as many as asked for, in few documents or many."""
        facts = [Fact("Hub", f"verb {n}", f"Spoke {n}", n % 3) for n in range(40)]
        catalogue.commit(HERE, [telling("wheel", ["Hub"], facts)])
        catalogue.commit(HERE, [telling(f"{n}", ["Hub"], facts[n : n + 1]) for n in range(40)])
        hub = entity_of("Hub")
        assert len(catalogue.graph.facts(HERE, [hub], 10, ALL)[hub]) == 10
        assert len(catalogue.graph.facts(HERE, [hub], 100, ALL)[hub]) == 80

    def test_a_filter_binds(self, catalogue: GraphCatalogue) -> None:
        """By documents, few or many, and by labels: rows of others are as if they were not there."""
        commits = []
        for number in range(60):
            made = telling(f"{number}", ["Hub", f"Name {number}"], [Fact("Hub", "has", f"Name {number}", 0)])
            document = replace(made.document, metadata={"third": number % 3, "even": number % 2 == 0})
            commits.append(replace(made, document=document))
        catalogue.commit(HERE, commits)
        hub = entity_of("Hub")
        labels = Filter(labels=(("third", "1"), ("even", "true")))
        both = replace(labels, documents=only(*commits[:20]).documents)
        for where, seen in (
            (only(commits[7]), [7]),
            (only(*commits[40:]), list(range(40, 60))),
            (only(*commits[:50]), list(range(50))),
            (labels, list(range(4, 60, 6))),
            (both, [4, 10, 16]),
            (Filter(documents=frozenset()), []),
            (Filter(documents=frozenset(["0" * 32])), []),
            (Filter(labels=(("third", "7"),)), []),
            (Filter(modalities=("table",)), list(range(60))),
        ):
            assert chunks_of(catalogue, hub, where) == firsts(*(commits[n] for n in seen))
            stated = catalogue.graph.facts(HERE, [hub], 99, where).get(hub, [])
            assert [one.target for one in stated] == [entity_of(f"Name {n}") for n in seen]
            named = catalogue.graph.named(HERE, [hub], where)
            assert [one.documents for one in named.values()] == ([len(seen)] if seen else [])
            namings = catalogue.graph.namings(HERE, hub, 99, where)
            assert [one.document_id for one in namings] == [commits[n].document.id for n in seen]
            every = catalogue.graph.numbers(HERE, firsts(*commits))
            contents = catalogue.graph.contents(HERE, list(every.values()), where)
            assert contents.keys() == {every[commits[n].chunks[0].id] for n in seen}

    def test_names_are_data(self, catalogue: GraphCatalogue) -> None:
        """Quotes, separators, control characters and texts without end: kept, cut, and never executed."""
        mentions = [Mention(name, name, 0, description=name) for name in HOSTILE]
        facts = [Fact(name, name, "Kite", 0, name) for name in HOSTILE]
        aliases = [Alias(name, "Kite", 0) for name in HOSTILE[:2]]
        commit = telling("hostile", mentions, facts, aliases)
        catalogue.commit(HERE, [commit, telling("plain", HOSTILE)])
        for name in HOSTILE:
            if entity_of(name):
                assert set(chunks_of(catalogue, name)) <= set(firsts(commit, telling("plain")))
                assert canonical(catalogue, name)
        kite = entity_of("Kite")
        for named in catalogue.graph.named(HERE, [kite, *numbers_of(HOSTILE)], ALL).values():
            for text in (*named.names, *named.types, *named.descriptions):
                assert len(text) <= 400
                assert text.isprintable() or "\u202e" in text
        assert catalogue.graph.counts(HERE).documents == {FIRST: 2}

    def test_what_a_model_invents_is_left_out(self, catalogue: GraphCatalogue) -> None:
        """Chunks that are not there, names without letters, facts of one thing with itself."""
        mentions = [Mention("Kite", "name", 3), Mention("Kite", "name", -1), Mention("...", "name", 0)]
        mentions += [Mention("Owl", "name", 0, 10**9), Mention("Wren", "name", 0, -5)]
        facts = [Fact("Owl", "is", "the owl", 0), Fact("Owl", "eats", "", 0), Fact("Owl", "eats", "Kite", 9)]
        facts += [Fact("Owl", "eats", "Mouse", 1)] * 3
        catalogue.commit(HERE, [telling("invented", mentions, facts, [Alias("Owl", "Bird", 77)])])
        assert chunks_of(catalogue, "Kite") == []
        owl, wren, mouse = numbers_of(["Owl", "Wren", "Mouse"])
        places = catalogue.graph.places(HERE, [owl, wren, mouse], 9, ALL)
        assert [len(places[entity]) for entity in (owl, wren, mouse)] == [2, 1, 1]
        assert places[wren][0].count == 1
        assert len(catalogue.graph.facts(HERE, [owl], 9, ALL)[owl]) == 1
        assert canonical(catalogue, "Owl") == (owl,)

    def test_ten_thousand_names_in_one_chunk(self, catalogue: GraphCatalogue) -> None:
        """All are found from their names; from the chunk, the weightiest."""
        names = [f"Name {n}" for n in range(10_000)]
        catalogue.commit(HERE, [telling("full", [*names, Mention("Main", "name", 0, subject=True)])])
        places = catalogue.graph.places(HERE, numbers_of(names), 9, ALL)
        assert len(places) == 10_000
        (chunk,) = {place.chunk for found in places.values() for place in found}
        contents = catalogue.graph.contents(HERE, [chunk])[chunk]
        assert contents[0] == Content(entity_of("Main"), 1, True)
        assert 100 <= len(contents) <= 1_000
        assert catalogue.graph.counts(HERE).entities == 10_001
        assert len(catalogue.graph.canonical(HERE, numbers_of(names))) == 10_000
        catalogue.remove(HERE, [telling("full").document.id])
        assert catalogue.graph.counts(HERE) == GraphCounts(0, 0, 0, 0, {})

    def test_lists_go_on_where_they_ended(self, catalogue: GraphCatalogue) -> None:
        """Entities and facts in pages, each once."""
        for n in range(9):
            facts = [Fact(f"Name {n}", verb, f"Name {n + 1}", chunk) for verb in "ab" for chunk in (0, 2)]
            catalogue.commit(HERE, [telling(f"{n}", [f"Name {n}"], facts)])
        entities = catalogue.graph.entities(HERE, 0, 99)
        assert [one.entity for one in entities] == sorted(entity_of(f"Name {n}") for n in range(10))
        assert {one.name: one.documents for one in entities} == {
            f"Name {n}": 2 if 0 < n < 9 else 1 for n in range(10)
        }
        rest = catalogue.graph.entities(HERE, entities[3].entity, 4)
        assert rest == entities[4:8]
        facts_ = catalogue.graph.statements(HERE, None, 99)
        assert len(facts_) == len(set(facts_)) == 36
        paged = catalogue.graph.statements(HERE, None, 5)
        while more := catalogue.graph.statements(HERE, paged[-1], 5):
            paged += more
        assert paged == facts_
        growth = catalogue.graph.growth(HERE, 0)
        assert (growth.documents, growth.added) == (9, 9)
        catalogue.commit(HERE, [telling("more", ["Name 1"])])
        assert catalogue.graph.growth(HERE, growth.last).added == 1

    def test_namings_tell_what_each_document_says(self, catalogue: GraphCatalogue) -> None:
        """Its words, its type, how often, and where; also of what was merged in."""
        kite = telling("kite", [Mention("the Kite", "term", 1, 2), Mention("the Kite", "term", 2)])
        glede = telling("glede", [Mention("Glede", "name", 0, subject=True)])
        catalogue.commit(HERE, [kite, glede])
        catalogue.graph.edit(HERE, "merge", numbers_of(["Kite", "Glede"]), (), "me")
        namings = catalogue.graph.namings(HERE, entity_of("Glede"), 9, ALL)
        assert [(one.name, one.type, one.mentions) for one in namings] == [
            ("Glede", "name", 1),
            ("the Kite", "term", 3),
        ]
        numbers = catalogue.graph.numbers(HERE, [chunk.id for chunk in kite.chunks])
        assert namings[1].chunks == tuple(numbers[chunk.id] for chunk in kite.chunks[1:])
        assert len(catalogue.graph.namings(HERE, entity_of("Glede"), 1, ALL)) == 1
