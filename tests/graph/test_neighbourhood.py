from __future__ import annotations

from collections.abc import Sequence

from glede.graph.names import entity_of
from glede.graph.neighbourhood import ASKED_PLACES, ENTITIES, PLACES, View, asked_entities, neighbourhood
from glede.graph.ranking import boosted, opening, ranked
from glede.knowledge import DocumentGraph, Mention, Place
from glede.ports import Commit
from glede.results import Filter
from glede.testing.fake_catalogue import MemoryCatalogue
from glede.testing.fake_graph import MemoryGraph
from glede.types import Chunk, Document

COLLECTION = "default"


class Counting(MemoryGraph):
    """A graph that counts its reads, and the most entities asked of it at once."""

    reads = 0
    widest = 0

    def places(
        self, collection: str, entities: Sequence[int], limit: int, where: Filter
    ) -> dict[int, list[Place]]:
        """Counted."""
        self.reads += 1
        self.widest = max(self.widest, len(entities))
        return super().places(collection, entities, limit, where)


def saying(documents: dict[str, list[Mention]], chunks: int = 1) -> Counting:
    """What documents of so many chunks each say."""
    catalogue = MemoryCatalogue()
    graph = Counting(catalogue)
    catalogue.graph = graph
    for name, mentions in documents.items():
        document = Document(name, f"v-{name}", name, "text/plain", 1, "plain", (name,), chunks=chunks)
        made = tuple(Chunk(f"{name}-{place}", name, place, name, "text") for place in range(chunks))
        said = DocumentGraph(name, "test", tuple(mentions))
        catalogue.commit(COLLECTION, [Commit(document, name, 0.0, made, {}, 1, (), graph=said)])
    return graph


def view(graph: MemoryGraph, where: Filter | None = None, total: int = 1000) -> View:
    return View(graph, COLLECTION, where or Filter(), total)


def test_entities_of_the_question_know_their_chunks_and_rarity() -> None:
    graph = saying(
        {
            "film": [Mention("Inherent Vice", "work", 0, 2, subject=True)],
            "maker": [Mention("Inherent Vice", "work", 0), Mention("Paul Falk", "person", 0, subject=True)],
        }
    )
    vice, paul = asked_entities(view(graph), "Did Paul Falk make Inherent Vice?")[::-1]
    assert (vice.stretch.text, len(vice.places), len(vice.subjects)) == ("Inherent Vice", 2, 1)
    assert 0 < vice.rarity < paul.rarity <= 1


def test_nothing_known_is_nothing_asked() -> None:
    assert asked_entities(view(saying({})), "Did Paul Falk make Inherent Vice?") == []


def test_a_filter_binds_what_is_read() -> None:
    mentions = {"in": [Mention("Paul Falk", "person", 0, subject=True)]}
    graph = saying(mentions | {"out": mentions["in"] + [Mention("Canary", "name", 0)]})
    bound = view(graph, Filter(documents=frozenset(["in"])))
    [paul] = asked_entities(bound, "Who is Paul Falk?")
    assert len(paul.places) == 1
    near = neighbourhood(bound, [paul], {})
    assert entity_of("Canary") not in near.places
    assert {tie.chunk for tie in near.ties} == {paul.places[0].chunk}


def test_a_hub_is_followed_only_to_what_is_about_it() -> None:
    hub = Mention("Hub", "name", 0)
    documents = {f"d{number}": [hub] for number in range(PLACES + 5)}
    documents["about"] = [Mention("Hub", "name", 0, subject=True)]
    documents["film"] = [Mention("Inherent Vice", "work", 0, subject=True), hub]
    graph = saying(documents)
    asked = asked_entities(view(graph), "Who made Inherent Vice?")
    near = neighbourhood(view(graph), asked, {})
    assert len([tie for tie in near.ties if tie.entity == entity_of("Hub")]) == 1


def test_lower_cased_words_are_names_where_they_are_seldom_anything_else() -> None:
    graph = saying({"search": [Mention("Search", "term", 0, subject=True)]})
    common = View(graph, COLLECTION, Filter(), 1000, {"search": 80})
    rare = View(graph, COLLECTION, Filter(), 1000, {"search": 2})
    assert [one.telling for one in asked_entities(common, "how does search work?")] == [False]
    assert [one.telling for one in asked_entities(rare, "how does search work?")] == [True]


def test_however_much_documents_name_the_reads_are_bounded() -> None:
    crowd = [Mention(f"Name {number}", "name", 0) for number in range(2 * ENTITIES)]
    film = Mention("Inherent Vice", "work", 0, subject=True)
    documents = {f"d{number}": [film, *crowd] for number in range(ASKED_PLACES + 5)}
    graph = saying(documents)
    asked = asked_entities(view(graph), "Who made Inherent Vice?")
    near = neighbourhood(view(graph), asked, {asked[0].places[0].chunk: 1.0})
    assert len(asked[0].places) == ASKED_PLACES + 1
    assert graph.widest <= ENTITIES
    assert graph.reads == 2
    assert len(near.ties) <= ENTITIES * PLACES + ASKED_PLACES + 1


def test_the_name_of_a_long_document_does_not_lift_its_beginning() -> None:
    title = [Mention("Timber Handbook", "work", place, 2, subject=True) for place in range(60)]
    graph = saying({"handbook": title, "other": [Mention("Oak", "name", 0)]}, chunks=60)
    seen = view(graph, total=5000)
    wanted = {"handbook-50": 1.0, "handbook-3": 0.5, "other-0": 0.6}
    plain = graph.numbers(COLLECTION, list(wanted))
    scores = {plain[key]: score for key, score in wanted.items()}
    asked = asked_entities(seen, "What does the Timber Handbook say of oak?")
    lifted = boosted(scores, opening(asked))
    found = ranked(scores, lifted, asked, neighbourhood(seen, asked, lifted))
    assert opening(asked) == asked
    assert found.graded[0].chunk == plain["handbook-50"]
    assert found.graded[1].chunk == plain["handbook-3"]


def test_what_everything_is_about_is_no_rare_name_however_few_places_are_read() -> None:
    title = [Mention("Milvus", "product", place, subject=True) for place in range(60)]
    graph = saying({"manual": title}, chunks=60)
    common = View(graph, COLLECTION, Filter(), 1000, {"milvus": 900})
    assert opening(asked_entities(common, "How much does Milvus cost?")) == []
