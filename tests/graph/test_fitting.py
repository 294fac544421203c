from __future__ import annotations

from glede.graph.fitting import fitting
from glede.graph.linking import Stretch
from glede.graph.neighbourhood import Asked
from glede.knowledge import Named, Stated

VICE, PAUL, OWL = 1, 2, 3
NAMES = {
    number: Named(number, (name,), ("name",), 1, 1)
    for number, name in ((VICE, "Inherent Vice"), (PAUL, "Paul Falk"), (OWL, "Owl"))
}


def asked(entity: int) -> Asked:
    return Asked(entity, Stretch(0, 1, "", entity, True), (), 0.8, True)


def test_facts_with_both_ends_in_the_question_come_first() -> None:
    both = Stated(VICE, PAUL, "made by", 7)
    one = Stated(VICE, OWL, "made by", 8)
    found = fitting([one, both], [asked(VICE), asked(PAUL)], NAMES, "Is Inherent Vice by Paul Falk?")
    assert [fit.fact for fit in found] == [both, one]


def test_a_relation_in_the_words_of_the_question_comes_first() -> None:
    composed = Stated(VICE, OWL, "composed by", 7)
    directed = Stated(VICE, PAUL, "directed by", 8)
    found = fitting([composed, directed], [asked(VICE)], NAMES, "Who directed Inherent Vice?")
    assert [fit.fact for fit in found] == [directed, composed]


def test_what_shares_nothing_with_the_question_does_not_fit() -> None:
    assert fitting([Stated(PAUL, OWL, "likes", 7)], [], NAMES, "Where are kites?") == []
    assert fitting([], [asked(VICE)], NAMES, "") == []


def test_a_chunk_counts_once_by_its_best_fact() -> None:
    facts = [Stated(VICE, OWL, "shown with", 7), Stated(VICE, PAUL, "made by", 7)]
    found = fitting(facts, [asked(VICE), asked(PAUL)], NAMES, "Inherent Vice")
    assert [fit.fact.target for fit in found] == [PAUL]
