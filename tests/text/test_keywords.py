"""The keyword channel: stems meet, weights are BM25's, and no text breaks it."""

from __future__ import annotations

import math
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.ports import TermStatistics
from glede.text.keywords import AVERAGE_LENGTH, K1, analyse, language_of, number_of, query_terms, weigh

NOTHING = TermStatistics(0, 0.0, {})


def statistics(*texts: str) -> TermStatistics:
    counts: dict[int, int] = {}
    weighed = [weigh(text) for text in texts]
    for weights in weighed:
        for term in weights.terms:
            counts[term] = counts.get(term, 0) + 1
    return TermStatistics(len(texts), sum(weights.length for weights in weighed) / len(texts), counts)


def score(question: str, text: str, counts: TermStatistics) -> float:
    document = weigh(text).weights
    return sum(
        weight * document.get(term, 0.0) for term, weight in query_terms(question).weights(counts).items()
    )


@given(st.text())
def test_any_text_gives_finite_positive_weights(text: str) -> None:
    weights = weigh(text)
    assert weights == weigh(text)
    assert weights.terms <= set(weights.weights)
    assert weights.length >= 0
    assert all(0 < term < 2**32 - 1 for term in weights.weights)
    assert all(0 < weight < math.inf for weight in weights.weights.values())


@given(st.text(), st.integers(1, 1000))
def test_any_question_gives_finite_positive_weights(text: str, chunks: int) -> None:
    terms = query_terms(text)
    counts = TermStatistics(chunks, 60.0, dict.fromkeys(terms.terms, chunks))
    assert all(0 < weight < math.inf for weight in terms.weights(counts).values())
    assert terms.ideal(counts) >= 0
    assert set(terms.rarity(counts)) <= set(analyse(text))


@given(st.text(alphabet=st.characters(blacklist_categories=["Cs"]), min_size=1, max_size=40))
def test_a_text_is_found_by_itself(text: str) -> None:
    counts = statistics(text, "something else altogether")
    assert bool(query_terms(text).groups) == (score(text, text, counts) > 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the databases are stored", "a database storing"),
        ("die Häuser wurden gebaut", "das Haus und die Gebäude der Stadt, Hauses"),
        ("новые книги и журналы", "о новой книге в журнале"),
        ("الكتاب الجديد في المكتبة", "هذا كتاب جديد من مكتبة"),
        ("les maisons nationales dans la ville", "une maison nationale et des villes"),
        ("las casas de los gobiernos", "el gobierno y la casa"),
    ],
)
def test_inflections_meet(one: str, other: str) -> None:
    assert len(set(analyse(one)) & set(analyse(other))) >= 1


@pytest.mark.parametrize("word", ["Datenbanken", "gespeicherte", "nationales", "gobiernos"])
def test_a_question_of_one_word_finds_itself_in_english_text(word: str) -> None:
    text = f"The title of the book is {word} and it was written in the last century"
    assert score(word, text, statistics(text, "other")) > 0


def test_a_name_is_found_across_languages() -> None:
    text = "The Panthers defense gave up just 308 points in this season"
    assert score("Wie viele Punkte gab die Verteidigung der Panthers ab?", text, statistics(text, "x")) > 0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How is data stored in Milvus?", "en"),
        ("Wie werden die Daten gespeichert?", "de"),
        ("Comment sont les données dans la base ?", "fr"),
        ("¿Cómo se guardan los datos en la base?", "es"),
        ("Come sono conservati i dati nella base?", "it"),
        ("Como os dados são guardados em uma base?", "pt"),
        ("Hoe worden de gegevens in een database bewaard?", "nl"),
        ("Как хранятся данные?", "ru"),
        ("كيف يتم تخزين البيانات؟", "ar"),
        ("数据是如何存储的？", "zh"),
        ("データはどのように保存されますか", "ja"),
        ("데이터는 어떻게 저장됩니까", "ko"),
        ("", "und"),
        ("12345", "und"),
        ("xyzzy plugh", "und"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("milvus_lite", {"milvus_lite", "milvus", "lite"}),
        ("v2.4.1", {"v2.4.1", "v2"}),
        ("65,535", {"65535"}),
        ("1.234.567", {"1234567"}),
        ("3,14", {"3.14"}),
        ("C++ and C#", {"c++", "c#"}),
        ("MilvusClient", {"milvus", "client", "milvuscli"}),
        ("ﬁle２", {"file2"}),
        ("café", {"cafe"}),
        ("don't", {"don"}),
        ("黑豹队", {"黑豹", "豹队", "黑", "豹", "队"}),
        ("猫", {"猫"}),
        ("ภาษา", {"ภา", "าษ", "ษา"}),
    ],
)
def test_terms(text: str, terms: set[str]) -> None:
    assert set(analyse(text)) == terms


def test_stopwords_are_left_out() -> None:
    assert analyse("How is the data stored?") == ["data", "store"]


def test_a_language_can_be_given() -> None:
    assert analyse("Datenbanken", "de") == ["datenbank"]


def test_long_runs_are_cut() -> None:
    assert analyse("a" * 100_000) == ["a" * 64]


def test_weights_are_those_of_bm25() -> None:
    words = " ".join(f"w{number}x" for number in range(int(AVERAGE_LENGTH) - 2))
    weights = weigh(f"zebra zebra {words}").weights
    assert weights[number_of("zebra")] == pytest.approx(2 * (K1 + 1) / (2 + K1))
    assert weights[number_of("w7x")] == pytest.approx(1.0)


def test_inverse_document_frequency() -> None:
    terms = query_terms("zebra")
    counts = TermStatistics(10, 60.0, {number_of("zebra"): 2})
    expected = math.log(1 + (10 - 2 + 0.5) / (2 + 0.5))
    assert terms.weights(counts) == {number_of("zebra"): pytest.approx(expected)}
    assert terms.ideal(counts) == pytest.approx(expected)
    assert terms.rarity(counts) == {"zebra": pytest.approx(expected)}


def test_words_side_by_side_count_more() -> None:
    apart = "the fiscal report covers the last year and the results"
    together = "the report covers the last fiscal year and the results"
    counts = statistics(apart, together)
    assert score("fiscal year", together, counts) > score("fiscal year", apart, counts)


def test_an_empty_collection_gives_no_infinity() -> None:
    assert all(math.isfinite(weight) for weight in query_terms("zebra crossing").weights(NOTHING).values())


def test_threads_agree() -> None:
    text = " ".join(f"running{chr(97 + number % 26)}s{number}" for number in range(300))
    seen: list[list[str]] = []
    threads = [threading.Thread(target=lambda: seen.append(analyse(text))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(terms == seen[0] for terms in seen)


@given(st.text(alphabet="aZq9_.,'+# -\x1f(", max_size=40))
def test_plain_ascii_is_cut_like_everything_else(text: str) -> None:
    # One letter of another script at the end makes the whole text take the general way.
    assert analyse(text, "en") == analyse(f"{text} ж", "en")[:-1]
