"""What the rules of `nlp` find in sentences, one rule a test."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import tracemalloc

import pytest

from glede.adding.chunking import Chunking, cut
from glede.extractors import nlp
from glede.extractors.nlp import NlpExtractor
from glede.extractors.nlp_identifiers import long_form
from glede.extractors.nlp_modal import Modal
from glede.extractors.nlp_tally import MOST_FACTS, MOST_MENTIONS
from glede.graph.names import key_of
from glede.knowledge import DocumentGraph
from glede.types import Block, Cell, Parsed, Picture, Table


def graph_of(*blocks: Block | str, title: str = "") -> DocumentGraph:
    path = (title,) if title else ()
    all_blocks = (
        *((Block("heading", title, level=1),) if title else ()),
        *(Block("text", block, path) if isinstance(block, str) else block for block in blocks),
    )
    chunks = cut(all_blocks, "document", "v", Chunking())
    return NlpExtractor().read(Parsed("text/markdown", "fake", all_blocks, title=title), chunks)


def types(graph: DocumentGraph) -> dict[str, str]:
    return {mention.name: mention.type for mention in graph.mentions}


def facts(graph: DocumentGraph) -> set[tuple[str, str, str]]:
    return {(fact.source, fact.label, fact.target) for fact in graph.facts}


NAMES = {
    "In 1981 she hosted the Sanremo Music Festival with Claudio Cecchetto.": {
        "Sanremo Music Festival": "event",
        "Claudio Cecchetto": "name",
        "1981": "date",
    },
    "He studied at the University of Oxford and at Trinity College.": {
        "University of Oxford": "organization",
        "Trinity College": "organization",
    },
    "Ludwig van Beethoven lived near the River Rhine.": {
        "Ludwig van Beethoven": "name",
        "River Rhine": "place",
    },
    "Kylie Jenner (born August 10, 1997) is a model.": {"Kylie Jenner": "person", "August 10, 1997": "date"},
    "Acme Inc. bought Foo Ltd. for $3.5 million.": {
        "Acme Inc": "organization",
        "Foo Ltd": "organization",
        "$3.5 million": "quantity",
    },
    "They met Dr. Smith and Prof. Ada King.": {"Dr. Smith": "person", "Prof. Ada King": "person"},
    "Gardenia is a 1979 Italian film.": {"Gardenia": "work"},
    'She sang "Changed It" twice.': {"Changed It": "work"},
    "The iPhone runs iOS.": {"iPhone": "name", "iOS": "name"},
    "St. Louis and Los Angeles are cities.": {"St. Louis": "name", "Los Angeles": "name"},
    "It blew at 7.4 m/s, then at 60 km/h.": {"7.4 m/s": "quantity", "60 km/h": "quantity"},
    "Power at 80 €, heat at 60 kWh/m² or 5 m²/person.": {"60 kWh/m²": "quantity", "5 m²/person": "quantity"},
    "The nest is 12 m high and weighs 300 kg.": {"12 m": "quantity", "300 kg": "quantity"},
    "Call `collection.insert()` of v2.4.1 in src/store.py; it raises ERR_CONN_RESET.": {
        "collection.insert()": "identifier",
        "v2.4.1": "identifier",
        "src/store.py": "identifier",
        "ERR_CONN_RESET": "identifier",
    },
}


@pytest.mark.parametrize("text", NAMES)
def test_names_and_their_types(text: str) -> None:
    found = {key_of(name): kind for name, kind in types(graph_of(text)).items()}
    expected = {key_of(name): kind for name, kind in NAMES[text].items()}
    assert {key: found.get(key) for key in expected} == expected


def test_both_sides_of_and_are_names_and_a_pair_of_words_is_one_too() -> None:
    names = types(graph_of("They saw Raf Vallone and Elena Varzi in Pride and Prejudice."))
    assert {"Raf Vallone", "Elena Varzi", "Pride and Prejudice"} <= names.keys()
    assert "Raf Vallone and Elena Varzi" not in names


def test_a_role_before_a_name_is_no_part_of_it() -> None:
    names = types(graph_of("They met King Norodom Suramarit and former Mississippi Governor William Winter."))
    assert {"Norodom Suramarit", "William Winter"} <= names.keys()


def test_ranks_and_places_behind_a_comma_belong_to_a_name() -> None:
    names = types(
        graph_of("She married Albert III, Duke of Bavaria, and was born in Young, New South Wales.")
    )
    assert {"Albert III, Duke of Bavaria", "Young, New South Wales"} <= names.keys()


def test_a_word_that_begins_a_sentence_is_no_name_by_that_alone() -> None:
    names = types(
        graph_of("However it rained. Scientists waited. The scientists left. Interestingly all went.")
    )
    assert not {"However", "Scientists", "The", "Interestingly"} & names.keys()


def test_titles_and_headings_are_what_the_chunks_below_are_about() -> None:
    below = Block("text", "It is blue.", ("Springfield, Illinois", "2.1 Early history"))
    heading = Block("heading", "2.1 Early history", ("Springfield, Illinois",), level=2)
    graph = graph_of("It is a city.", heading, below, title="Springfield, Illinois")
    subjects = {(mention.name, mention.chunk) for mention in graph.mentions if mention.subject}
    assert {("Springfield, Illinois", 0), ("Springfield", 0), ("Springfield, Illinois", 1)} <= subjects
    assert ("Early history", 1) in subjects
    assert ("Early history", "part of", "Springfield, Illinois") in facts(graph)


@pytest.mark.parametrize(
    "title", ["I Cover the Underworld", "3 Dots", "1984 in music", "2001: A Space Odyssey"]
)
def test_a_number_that_begins_a_title_stays(title: str) -> None:
    assert title in types(graph_of("It is a film.", title=title))


def test_headings_that_every_document_has_are_no_entities() -> None:
    heading = Block("heading", "Introduction", ("Kites",), level=2)
    graph = graph_of(heading, Block("text", "It flies.", ("Kites", "Introduction")), title="Kites")
    assert "Introduction" not in {mention.name for mention in graph.mentions if mention.subject}


def test_acronyms_are_aliases_of_what_they_stand_for() -> None:
    graph = graph_of(
        "The World Health Organization (WHO) uses principal component analysis (PCA). HTTP (Hypertext "
        "Transfer Protocol) is old. He (Bob) agrees."
    )
    assert {(alias.name, alias.other) for alias in graph.aliases} == {
        ("World Health Organization", "WHO"),
        ("principal component analysis", "PCA"),
        ("Hypertext Transfer Protocol", "HTTP"),
    }


@pytest.mark.parametrize(
    ("short", "candidate", "long"),
    [
        ("HMM", "a hidden Markov model", "hidden Markov model"),
        ("TTF-1", "the thyroid transcription factor 1", "thyroid transcription factor 1"),
        ("ABC", "nothing of the kind", ""),
        ("WHO", "WHO", ""),
    ],
)
def test_the_long_form_is_found_from_right_to_left(short: str, candidate: str, long: str) -> None:
    assert long_form(short, candidate) == long


def test_names_that_a_text_equates_are_aliases() -> None:
    graph = graph_of(
        "Samuel Clemens, better known as Mark Twain, wrote. Byzantium, also called Constantinople."
    )
    assert {(alias.name, alias.other) for alias in graph.aliases} == {
        ("Samuel Clemens", "Mark Twain"),
        ("Byzantium", "Constantinople"),
    }


STATED = {
    "Marie Curie discovered Radium.": ("Marie Curie", "discovered", "Radium"),
    "Raf Vallone was born in Tropea.": ("Raf Vallone", "was born in", "Tropea"),
    "El Tonto is a 2004 film directed by Charlie Day.": ("El Tonto", "directed by", "Charlie Day"),
    "Paris is the capital of France.": ("Paris", "is capital of", "France"),
    "Milvus Lite is part of the Milvus Project.": ("Milvus Lite", "part of", "Milvus Project"),
    "Siegfried, the son of Sigmund, died.": ("Siegfried", "son of", "Sigmund"),
    "Gravity is a force.": ("Gravity", "is a", "force"),
}


@pytest.mark.parametrize("text", STATED)
def test_facts_of_a_sentence(text: str) -> None:
    assert STATED[text] in facts(graph_of(text))


def test_pronouns_mean_the_title() -> None:
    graph = graph_of("She was educated in Berlin.", title="Ada King")
    assert ("Ada King", "was educated in", "Berlin") in facts(graph)


def test_what_a_document_repeats_is_a_term() -> None:
    graph = graph_of("The vector database stores rows. A vector database is fast.", "No other thing is said.")
    assert types(graph).get("vector database") == "term"


def test_a_glossary_gives_descriptions() -> None:
    graph = graph_of(
        Block("list", "- nlist: the number of cluster units\n- nprobe: how many units are asked")
    )
    said = {mention.name: mention.description for mention in graph.mentions}
    assert said["nlist"] == "the number of cluster units"


def table(*rows: tuple[str, ...], caption: str = "") -> Block:
    cells = tuple(
        Cell(row, column, text, header=row == 0)
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
    )
    lines = ["| " + " | ".join(texts) + " |" for texts in rows]
    lines.insert(1, "| " + " | ".join("---" for _ in rows[0]) + " |")
    return Block("table", "\n".join(lines), caption=caption, table=Table(len(rows), len(rows[0]), cells))


def test_a_table_is_a_node_and_its_rows_belong_to_it() -> None:
    kites = table(
        ("Name", "Span", "Home"), ("Red kite", "180 cm", "Wales"), caption="Table 2: Kites of Europe"
    )
    graph = graph_of(kites, title="Birds of Prey")
    node = "Table 2: Kites of Europe — Birds of Prey"
    assert {(mention.type, mention.subject) for mention in graph.mentions if mention.name == node} == {
        ("table", True)
    }
    assert facts(graph) >= {
        (node, "belongs to", "Birds of Prey"),
        (node, "names", "Kites of Europe"),
        ("Red kite", "row of", node),
        ("Red kite", "Home", "Wales"),
    }


@pytest.mark.measured
def test_a_long_table_costs_what_it_is_long() -> None:
    def seconds(rows: int) -> float:
        kites = table(("Name", "Home"), *((f"Kite {row}", "Wales") for row in range(rows)))
        chunks = cut((kites,), "d", "v", Chunking())
        began = time.thread_time()
        NlpExtractor().read(Parsed("text/csv", "fake", (kites,)), chunks)
        return time.thread_time() - began

    seconds(500)
    assert seconds(4000) < 24 * max(seconds(500), 0.01)


@pytest.mark.measured
def test_a_book_of_equations_costs_what_it_is_long() -> None:
    def seconds(equations: int) -> float:
        blocks = [Block("equation", "$$x$$"), Block("text", "It holds that")] * equations
        modal = Modal(Parsed("text/markdown", "fake", tuple(blocks)), "Book", "document")
        began = time.thread_time()
        names = [modal.name_of(place, "equation") for place in range(0, len(blocks), 2)]
        assert names[-1] == f"Equation {equations} — Book"
        return time.thread_time() - began

    seconds(500)
    assert seconds(4000) < 24 * max(seconds(500), 0.01)


def test_a_long_document_is_read_like_a_short_one_in_less_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(3)
    words = ("harbour", "copper", "engine", "glacier", "schedule", "orchard", "beacon", "turbine", "survey")
    blocks = [Block("text", f"Anna Berg saw {' '.join(chance.choices(words, k=90))}.") for _ in range(300)]
    chunks = cut(blocks, "document", "v", Chunking())

    def read(at_hand: int) -> tuple[DocumentGraph, int]:
        monkeypatch.setattr(nlp, "AT_HAND", at_hand)
        tracemalloc.start()
        graph = NlpExtractor().read(Parsed("text/plain", "fake", tuple(blocks)), chunks)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return graph, most

    read(len(chunks))
    (short, all_kept), (long, few_kept) = read(len(chunks)), read(4)
    assert long == short
    assert few_kept < 0.6 * all_kept


def test_a_picture_is_tied_to_what_its_caption_names() -> None:
    picture = Picture("a" * 64, "image/png", 10, 10)
    image = Block(
        "image",
        "Figure 1. The Severn Bridge at night",
        picture=picture,
        caption="Figure 1. The Severn Bridge at night",
    )
    graph = graph_of("Wales lies west.", image, title="Bridges of Wales")
    node = "Figure 1: The Severn Bridge at night — Bridges of Wales"
    assert (node, "shows", "Severn Bridge") in facts(graph)
    assert (node, "belongs to", "Bridges of Wales") in facts(graph)


def test_an_equation_is_tied_to_its_name_and_symbols() -> None:
    aid = "mass-energy equivalence\nE equals m c squared\nE: energy; c: speed of light"
    graph = graph_of(
        Block("equation", "$$E = mc^2$$", ("Physics",), latex="E = mc^2", aid=aid), title="Physics"
    )
    node = "Equation 1 — Physics"
    assert facts(graph) >= {
        (node, "is called", "mass-energy equivalence"),
        (node, "E is", "energy"),
        (node, "c is", "speed of light"),
    }


def test_nodes_of_one_document_have_names_of_their_own() -> None:
    graph = graph_of(table(("A", "B"), ("x", "y")), "Text.", table(("A", "B"), ("x", "y")), title="Twice")
    assert {mention.name for mention in graph.mentions if mention.type == "table"} == {
        "Table 1 — Twice",
        "Table 2 — Twice",
    }


def test_a_chunk_keeps_the_names_that_tell_most_and_counts_the_others() -> None:
    names = " ".join(f"Ann{chr(97 + n % 26)}{chr(97 + n // 26)} left." for n in range(90))
    blocks = (Block("text", names),)
    chunks = cut(blocks, "d", "v", Chunking(4000))
    graph = NlpExtractor().read(Parsed("text/plain", "fake", blocks), chunks)
    assert len(graph.mentions) == MOST_MENTIONS
    assert len(graph.facts) <= MOST_FACTS
    assert "left out of the graph" in graph.warnings[0]


def test_a_page_without_a_name_is_told() -> None:
    assert "no names were found" in graph_of("ไทย " * 300).warnings[0]
    assert not graph_of("Short.").warnings


LANGUAGES = {
    "Die Schriftstellerin Herta Müller wurde in Nitzkydorf geboren und lebt in Berlin. Der Hund ist müde.": (
        {"Herta Müller", "Nitzkydorf", "Berlin"},
        {"Hund", "Die", "Der"},
    ),
    "Писатель Лев Толстой родился в Ясной Поляне. Он учился в Казанском университете.": (
        {"Лев Толстой", "Ясной Поляне", "Казанском университете"},
        {"Он", "Писатель"},
    ),
    "ولد محمد بن سلمان في مدينة الرياض ودرس في جامعة الملك سعود، ويعمل في شركة أرامكو.": (
        {"محمد بن سلمان", "مدينة الرياض", "شركة أرامكو"},
        {"في"},
    ),
    "زار الرئيس محمد بن سلمان مدينة الرياض يوم الخميس. تقع مدينة القاهرة على نهر النيل.": (
        {"محمد بن سلمان", "مدينة الرياض", "الرياض", "القاهرة", "النيل"},
        {"محمد بن سلمان مدينة", "مدينة الرياض يوم"},
    ),
    "史蒂夫·乔布斯在加利福尼亚创立了苹果公司，毕业于北京大学的王小明教授写了《红楼梦》。": (
        {"史蒂夫·乔布斯", "加利福尼亚", "苹果公司", "北京大学", "红楼梦"},
        {"的"},
    ),
}


@pytest.mark.parametrize("text", LANGUAGES)
def test_names_in_other_languages(text: str) -> None:
    wanted, unwanted = LANGUAGES[text]
    found = types(graph_of(text)).keys()
    assert wanted <= found
    assert not unwanted & found


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("The Kite Works are in Leeds. Anna Berg founded them.", set()),
        ("小米科技有限公司由雷军创立，总部位于北京市。", {"chinese"}),
        ("ولد أحمد زويل في مدينة دمنهور ودرس في جامعة الإسكندرية.", {"arabic"}),
    ],
)
def test_rules_of_a_script_are_loaded_with_the_first_text_in_it(text: str, loaded: set[str]) -> None:
    code = f"""
import sys
from glede.adding.chunking import Chunking, cut
from glede.extractors.nlp import NlpExtractor
from glede.types import Block, Parsed
blocks = (Block("text", {text!a}),)
graph = NlpExtractor().read(Parsed("text/plain", "fake", blocks), cut(blocks, "document", "v", Chunking()))
assert graph.mentions
print(*(name for name in ("chinese", "arabic") if f"glede.extractors.nlp_{{name}}" in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {*done.stdout.split()} == loaded
