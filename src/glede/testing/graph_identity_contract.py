"""What merges, splits and aliases must do in every graph, as tests to inherit: `GraphIdentityContract`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glede.errors import UsageError
from glede.graph.identity import parted
from glede.graph.names import entity_of
from glede.knowledge import (
    Alias,
    Content,
    Fact,
    Mention,
)
from glede.testing.catalogue_contract import HERE
from glede.testing.graph_samples import (
    ALL,
    LONG,
    OTHER,
    WHO,
    GraphCatalogue,
    canonical,
    chunks_of,
    firsts,
    numbers_of,
    only,
    telling,
)


class GraphIdentityContract:
    """Define a fixture `catalogue` that gives an empty catalogue with a graph."""

    def test_a_merge_makes_one_of_several(self, catalogue: GraphCatalogue) -> None:
        """Under the first, from whatever end; chains and circles come to one."""
        a, b, c, d = (telling(name, [f"Name {name}"]) for name in "abcd")
        catalogue.commit(HERE, [a, b, c, d])
        one, two, three, four = numbers_of([f"Name {name}" for name in "abcd"])
        edit = catalogue.graph.edit(HERE, "merge", [one, two], (), "me")
        assert (edit.kind, edit.entities, edit.by, edit.undone) == ("merge", (one, two), "me", False)
        for entity in (one, two):
            assert catalogue.graph.canonical(HERE, [entity])[entity] == (one,)
            assert chunks_of(catalogue, entity) == firsts(a, b)
            named = catalogue.graph.named(HERE, [entity], ALL)[entity]
            assert (named.entity, named.names, named.documents) == (one, ("Name a", "Name b"), 2)
        catalogue.graph.edit(HERE, "merge", [three, two], (), "me")
        catalogue.graph.edit(HERE, "merge", [two, three], (), "me")
        catalogue.graph.edit(HERE, "merge", [four, one], (), "me")
        every = [one, two, three, four]
        assert set(catalogue.graph.canonical(HERE, every).values()) == {(four,)}
        assert all(chunks_of(catalogue, entity) == firsts(a, b, c, d) for entity in every)
        numbers = catalogue.graph.numbers(HERE, firsts(a, d))
        contents = catalogue.graph.contents(HERE, list(numbers.values()))
        assert {one.entity for found in contents.values() for one in found} == {four}

    def test_an_edit_is_taken_back(self, catalogue: GraphCatalogue) -> None:
        """The last or a named one; the others stay, and a thing that is undone stays undone."""
        commits = [telling(name, [f"Name {name}"]) for name in "abc"]
        catalogue.commit(HERE, commits)
        one, two, three = numbers_of([f"Name {name}" for name in "abc"])
        first = catalogue.graph.edit(HERE, "merge", [one, two], (), "me")
        last = catalogue.graph.edit(HERE, "merge", [one, three], (), "model")
        assert catalogue.graph.undo(HERE, first.id) == replace(first, undone=True)
        assert catalogue.graph.undo(HERE, first.id) is None
        assert chunks_of(catalogue, one) == firsts(commits[0], commits[2])
        assert chunks_of(catalogue, two) == firsts(commits[1])
        assert catalogue.graph.undo(HERE) == replace(last, undone=True)
        assert chunks_of(catalogue, one) == firsts(commits[0])
        assert catalogue.graph.undo(HERE) is None
        assert catalogue.graph.edits(HERE) == [replace(first, undone=True), replace(last, undone=True)]

    def test_a_split_gives_documents_another_entity(self, catalogue: GraphCatalogue) -> None:
        """A name then stands for both; the split holds when the document comes again."""
        facts = [Fact("Mercury", "orbits", "Sun", 0)]
        planet = telling("planet", ["Mercury", "Sun"], facts)
        metal = telling("metal", [Mention("Mercury", "term", 1, 2, subject=True)])
        catalogue.commit(HERE, [planet, metal])
        mercury, ids = entity_of("Mercury"), (metal.document.id,)
        other = parted(mercury, ids)
        catalogue.graph.edit(HERE, "split", [mercury], ids, "me")
        for _ in range(2):
            assert catalogue.graph.canonical(HERE, [mercury])[mercury] == (mercury, other)
            assert chunks_of(catalogue, mercury) == firsts(planet)
            assert chunks_of(catalogue, other) == [metal.chunks[1].id]
            (number,) = catalogue.graph.numbers(HERE, [metal.chunks[1].id]).values()
            assert catalogue.graph.contents(HERE, [number]) == {number: [Content(other, 2, True)]}
            assert catalogue.graph.named(HERE, [other], ALL)[other].names == ("Mercury",)
            assert other not in catalogue.graph.facts(HERE, [mercury, other], 9, ALL)
            catalogue.remove(HERE, [metal.document.id])
            assert chunks_of(catalogue, other) == []
            catalogue.commit(HERE, [metal])
        catalogue.graph.undo(HERE)
        assert catalogue.graph.canonical(HERE, [mercury])[mercury] == (mercury,)
        assert chunks_of(catalogue, mercury) == [metal.chunks[1].id, *firsts(planet)]

    def test_a_split_follows_a_file(self, catalogue: GraphCatalogue) -> None:
        """What a changed file says means the other entity as well; that of a removed one is nobody's."""
        mercury, planet = entity_of("Mercury"), telling("planet", ["Mercury"])
        metal = telling("metal", ["Mercury"])
        catalogue.commit(HERE, [planet, metal])
        edit = catalogue.graph.edit(HERE, "split", [mercury], [metal.document.id], "me")
        changed = replace(telling("metal of today", ["Mercury"]), source=metal.source)
        catalogue.commit(HERE, [changed])
        ids = (changed.document.id,)
        assert catalogue.graph.edits(HERE) == [replace(edit, documents=ids)]
        other = parted(mercury, ids)
        assert chunks_of(catalogue, other) == firsts(changed)
        assert chunks_of(catalogue, mercury) == firsts(planet)
        assert catalogue.graph.canonical(HERE, [mercury])[mercury] == (mercury, other)
        catalogue.remove(HERE, ids)
        catalogue.commit(HERE, [replace(telling("another", ["Mercury"]), source=metal.source)])
        assert catalogue.graph.edits(HERE) == [replace(edit, documents=ids)]
        assert chunks_of(catalogue, other) == []

    def test_a_split_takes_facts_along(self, catalogue: GraphCatalogue) -> None:
        """Also of an entity that is several by a merge, and back again when the merge is undone."""
        facts = [Fact("Mercury", "melts", "Gold", 0), Fact("Quicksilver", "is in", "Thermometer", 1)]
        metal = telling("metal", ["Mercury", "Quicksilver"], facts)
        planet = telling("planet", ["Mercury"], [Fact("Mercury", "orbits", "Sun", 0)])
        catalogue.commit(HERE, [metal, planet])
        mercury, silver = numbers_of(["Mercury", "Quicksilver"])
        ids = (metal.document.id,)
        merge = catalogue.graph.edit(HERE, "merge", [mercury, silver], (), "me")
        catalogue.graph.edit(HERE, "split", [mercury], ids, "me")
        other = parted(mercury, ids)
        stated = catalogue.graph.facts(HERE, [mercury, other], 9, ALL)
        assert [one.label for one in stated[mercury]] == ["orbits"]
        assert {(one.source, one.label) for one in stated[other]} == {(other, "melts"), (other, "is in")}
        catalogue.graph.undo(HERE, merge.id)
        stated = catalogue.graph.facts(HERE, [mercury, silver, other], 9, ALL)
        assert [[one.label for one in stated[entity]] for entity in (mercury, silver, other)] == [
            ["orbits"],
            ["is in"],
            ["melts"],
        ]

    def test_an_edit_that_means_nothing_is_refused(self, catalogue: GraphCatalogue) -> None:
        """Too few entities, documents for a merge or none for a split, another kind."""
        for kind, entities, documents in (
            ("merge", [1], []),
            ("merge", [1, 1], []),
            ("merge", [1, 2], ["a"]),
            ("merge", list(range(1, 9_000)), []),
            ("split", [1], []),
            ("split", [1, 2], ["a"]),
            ("rename", [1, 2], []),
        ):
            with pytest.raises(UsageError):
                catalogue.graph.edit(HERE, kind, entities, documents, "me")
        assert catalogue.graph.edits(HERE) == []

    def test_an_acronym_means_what_documents_say(self, catalogue: GraphCatalogue) -> None:
        """In the document that says so, and elsewhere where only one meaning is stated and seen."""
        plain = telling("plain", [WHO])
        states = telling("states", [WHO, LONG], aliases=[Alias(LONG, WHO, 0)])
        long = telling("long", [LONG])
        catalogue.commit(HERE, [plain, states, long])
        who, health, office = numbers_of([WHO, LONG, OTHER])
        assert canonical(catalogue, WHO) == (health,)
        assert canonical(catalogue, LONG) == (health,)
        assert chunks_of(catalogue, WHO) == chunks_of(catalogue, LONG) == firsts(plain, states, long)
        numbers = list(catalogue.graph.numbers(HERE, firsts(plain, states)).values())
        contents = catalogue.graph.contents(HERE, numbers)
        assert [[one.entity for one in contents[number]] for number in numbers] == [[health], [health]]
        assert catalogue.graph.named(HERE, [who], ALL)[who].entity == health
        outside = only(plain, long)
        assert canonical(catalogue, WHO, outside) == (who,)
        assert chunks_of(catalogue, WHO, outside) == firsts(plain)
        assert chunks_of(catalogue, LONG, outside) == firsts(long)
        another = telling("another", [OTHER], aliases=[Alias(WHO, OTHER, 0)])
        catalogue.commit(HERE, [another])
        assert canonical(catalogue, WHO) == (who, *sorted((health, office)))
        assert chunks_of(catalogue, WHO) == firsts(plain)
        assert chunks_of(catalogue, LONG) == firsts(states, long)
        assert canonical(catalogue, WHO, only(plain, another)) == (office,)
        catalogue.remove(HERE, [states.document.id])
        assert chunks_of(catalogue, WHO) == firsts(plain, another)

    def test_other_names_bind_their_document_only(self, catalogue: GraphCatalogue) -> None:
        """What is no acronym is an alias where it is stated, and one reading of the name elsewhere."""
        states = telling("states", ["Tom Smith"], aliases=[Alias("Sir Thomas Smith", "Tom Smith", 0)])
        other = telling("other", ["Tom Smith"])
        catalogue.commit(HERE, [states, other])
        tom, thomas = numbers_of(["Tom Smith", "Sir Thomas Smith"])
        assert canonical(catalogue, "Tom Smith") == (tom, thomas)
        assert chunks_of(catalogue, "Tom Smith") == firsts(other)
        assert chunks_of(catalogue, "Sir Thomas Smith") == firsts(states)

    def test_aliases_in_circles_are_safe(self, catalogue: GraphCatalogue) -> None:
        """Of names among themselves, of a name and itself, and through merges."""
        names = ["ABC", "Alpha Beta Corp", "Alpha Beta Corporation", "Alpha Beta"]
        circle = [Alias(one, other, 0) for one in names for other in names]
        commit = telling("circle", [*names, "Gamma"], aliases=[*circle, Alias("", "!", 0)])
        catalogue.commit(HERE, [commit, telling("plain", ["ABC"])])
        catalogue.graph.edit(HERE, "merge", numbers_of(["ABC", "Alpha Beta Corporation"]), (), "me")
        catalogue.graph.edit(HERE, "merge", numbers_of(["Alpha Beta Corporation", "ABC"]), (), "me")
        assert set(chunks_of(catalogue, "ABC")) == set(firsts(commit, telling("plain")))
        assert len(canonical(catalogue, "ABC")) <= 4
