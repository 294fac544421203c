"""What every store of answers and every ledger must do, as tests to inherit with a fixture each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from glede.endpoints import Account, Expense, Ledger, Responses, Spending


def sample_key(number: int) -> bytes:
    """16 bytes, others for each number."""
    return number.to_bytes(16, "big")


class ResponsesContract:
    """Define a fixture `responses` that gives an empty store."""

    def test_gives_back_what_was_kept(self, responses: Responses) -> None:
        """All bytes, also none at all and very many."""
        answers = {sample_key(1): bytes(range(256)), sample_key(2): b"", sample_key(3): b"\0" * 300_000}
        assert responses.load(list(answers)) == {}
        responses.keep(answers)
        assert responses.load([*answers, sample_key(4)]) == answers
        assert responses.load([]) == {}

    def test_a_later_answer_takes_the_place_of_an_earlier(self, responses: Responses) -> None:
        """An answer that turned out damaged is asked for again."""
        responses.keep({sample_key(1): b"first", sample_key(2): b"other"})
        responses.keep({sample_key(1): b"second"}, document="a")
        assert responses.load([sample_key(1), sample_key(2)]) == {
            sample_key(1): b"second",
            sample_key(2): b"other",
        }
        responses.keep({})

    def test_many_at_once(self, responses: Responses) -> None:
        """More keys than one statement takes, from several threads."""
        parts = [{sample_key(number): b"%d" % number for number in range(n, 1500, 5)} for n in range(5)]
        with ThreadPoolExecutor(5) as threads:
            list(threads.map(responses.keep, parts))
        found = responses.load([sample_key(number) for number in range(1500)])
        assert found == {sample_key(number): b"%d" % number for number in range(1500)}


def sample_expense(role: str = "chat", document: str = "", cost: str = "0.1") -> Expense:
    """An expense of 10 and 5 tokens."""
    return Expense(role, f"fake:{role}", document, "2026-11-21", 10, 5, Decimal(cost))


class LedgerContract:
    """Define a fixture `ledger` that gives an empty one."""

    def test_is_empty_at_first(self, ledger: Ledger) -> None:
        """Nothing is spent."""
        assert ledger.total() == 0
        assert ledger.spending("role") == []
        ledger.spend([])
        assert ledger.total() == 0

    def test_sums_are_exact(self, ledger: Ledger) -> None:
        """Ten times a tenth is one, and a ten-millionth is not lost."""
        for _ in range(10):
            ledger.spend([sample_expense()])
        assert ledger.total() == 1
        ledger.spend([sample_expense(cost="0.0000001")])
        assert ledger.total() == Decimal("1.0000001")

    @pytest.mark.parametrize(
        ("by", "names"),
        [
            ("role", ["chat", "embed"]),
            ("model", ["fake:chat", "fake:embed"]),
            ("document", ["", "a", "b"]),
            ("day", ["2026-11-21", "2026-11-22"]),
        ],
    )
    def test_sums_by_each_account(self, ledger: Ledger, by: Account, names: list[str]) -> None:
        """Whatever the sums are by, together they are the total."""
        other = Expense("embed", "fake:embed", "b", "2026-11-22", 7, 0, Decimal(0), priced=False)
        ledger.spend([sample_expense(), sample_expense(document="a"), other, other])
        found = ledger.spending(by)
        assert [one.name for one in found] == names
        assert sum(one.calls for one in found) == 4
        assert sum(one.prompt_tokens for one in found) == 34
        assert sum(one.completion_tokens for one in found) == 10
        assert sum(one.cost for one in found) == ledger.total() == Decimal("0.2")
        assert found[-1] == Spending(names[-1], 2, 14, 0, Decimal(0), 2)

    def test_one_name_is_told_alone(self, ledger: Ledger) -> None:
        """What one document has cost, without those beside it; nothing of what nobody has paid for."""
        ledger.spend([sample_expense(), sample_expense(document="a"), sample_expense(document="b")])
        assert ledger.spending("document", "a") == [Spending("a", 1, 10, 5, Decimal("0.1"))]
        assert ledger.spending("document", "c") == []

    def test_threads_do_not_get_in_each_others_way(self, ledger: Ledger) -> None:
        """No expense is lost."""
        with ThreadPoolExecutor(5) as threads:
            list(threads.map(ledger.spend, [[sample_expense()] * 2] * 20))
        assert ledger.spending("role") == [Spending("chat", 40, 400, 200, Decimal(4))]
