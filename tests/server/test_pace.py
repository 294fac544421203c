"""How often a key may call."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glede.server.admission import Pace
from glede.server.refusals import TooManyCallsError
from tests.server.serving import key, serving


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    per_minute=st.integers(1, 200),
    waits=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=300),
)
def test_no_minute_holds_more_than_twice_its_calls(per_minute: int, waits: list[float]) -> None:
    """What a bucket can give: a minute's calls at once, and those of the minute in which it fills up."""
    clock, let_in = Clock(), []
    pace = Pace(per_minute, now=clock)
    for wait in waits:
        clock.now += wait
        try:
            pace.spend("alice")
        except TooManyCallsError as error:
            assert error.retry_after is not None
            assert error.retry_after >= 1
            clock.now += error.retry_after
            pace.spend("alice")  # who waits as long as was said is let in
        let_in.append(clock.now)
    for place, end in enumerate(let_in):
        within = [one for one in let_in[: place + 1] if end - one < 60]
        assert len(within) <= 2 * per_minute


@pytest.mark.parametrize("began", [0.1, 1 / 3, 1e5 + 0.7, 4e6 + 1e-3])
@pytest.mark.parametrize("per_minute", [1, 7, 60, 199])
def test_who_waits_as_long_as_was_said_is_let_in(per_minute: int, began: float) -> None:
    clock = Clock()
    clock.now = began
    pace = Pace(per_minute, now=clock)
    for step in range(50):
        with pytest.raises(TooManyCallsError) as caught:
            for _ in range(per_minute + 1):
                pace.spend("alice")
        clock.now += caught.value.retry_after or 0
        pace.spend("alice")
        clock.now += step / 7


def test_one_key_takes_nothing_from_another() -> None:
    pace = Pace(2, now=Clock())
    for name in ("alice", "bob"):
        pace.spend(name)
        pace.spend(name)
        with pytest.raises(TooManyCallsError):
            pace.spend(name)


def test_the_owner_and_zero_have_no_limit() -> None:
    for pace, name in ((Pace(1, now=Clock()), None), (Pace(0, now=Clock()), "alice")):
        for _ in range(100):
            pace.spend(name)


def test_a_server_says_when_to_come_again(tmp_path: Path) -> None:
    alice, bob = key(tmp_path, "alice", "read:*"), key(tmp_path, "bob", "read:*")
    env = {"GLEDE_SERVER_CALLS_PER_MINUTE": "5", "GLEDE_EXTRACTOR": "none"}
    with serving(tmp_path, env=env) as server:
        with server.as_(alice) as client:
            answered = [client.get("/v1/collections") for _ in range(8)]
            assert [one.status_code for one in answered[:5]] == [200] * 5
            refused = answered[-1]
            assert refused.status_code == 429
            assert refused.json()["code"] == "too_many_calls"
            assert 1 <= int(refused.headers["retry-after"]) <= 12
            assert client.post("/mcp", json={}).status_code == 429
            assert client.get("/v1/models").json()["error"]["type"] == "rate_limit_error"
            assert client.get("/healthz").status_code == 200
        with server.as_(bob) as client:
            assert client.get("/v1/collections").status_code == 200
        with server.as_(server.pass_) as owner:
            assert {owner.get("/v1/collections").status_code for _ in range(10)} == {200}
