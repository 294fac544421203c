"""Work stands back while a question is answered, and not for ever."""

from __future__ import annotations

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from glede.precedence import LATELY, TURN, Precedence

LONG = 60.0
SHORT = 0.05


def test_work_waits_for_the_last_question() -> None:
    precedence, order = Precedence(LONG), []

    def work() -> None:
        precedence.give_way()
        order.append("work")

    with ThreadPoolExecutor(1) as pool:
        with precedence.first():
            with precedence.first():
                working = pool.submit(work)
                time.sleep(SHORT)
            time.sleep(SHORT)
            order.append("answered")
        working.result(LONG)
    assert order == ["answered", "work"]


async def test_work_in_the_event_loop_waits_too() -> None:
    precedence = Precedence(LONG)
    with precedence.first():
        waiting = asyncio.create_task(precedence.given_way())
        await asyncio.sleep(SHORT)
        assert not waiting.done()
    await asyncio.wait_for(waiting, LONG)


async def test_questions_without_end_do_not_stop_work() -> None:
    precedence = Precedence(SHORT)
    with precedence.first():
        began = time.monotonic()
        precedence.give_way()
        await precedence.given_way()
        assert time.monotonic() - began >= 2 * SHORT


def test_somebody_is_asking_until_a_while_after() -> None:
    precedence = Precedence()
    precedence._answered = time.monotonic() - 2 * LATELY
    assert not precedence.lately
    with precedence.first():
        assert precedence.lately
    assert precedence.lately
    precedence._answered -= 2 * LATELY
    assert not precedence.lately


@pytest.mark.measured
def test_a_question_that_fails_is_over() -> None:
    precedence = Precedence(LONG)
    with pytest.raises(RuntimeError), precedence.first():
        raise RuntimeError
    began = time.monotonic()
    precedence.give_way()
    assert time.monotonic() - began < LONG / 2


def test_a_turn_grows_with_the_questions_and_is_as_before_once_they_are_answered() -> None:
    precedence, usual = Precedence(), sys.getswitchinterval()
    assert usual > 2 * TURN
    with precedence.first():
        assert sys.getswitchinterval() == pytest.approx(TURN)
        with precedence.first():
            assert sys.getswitchinterval() == pytest.approx(2 * TURN)
        assert sys.getswitchinterval() == pytest.approx(TURN)
    assert sys.getswitchinterval() == pytest.approx(usual)
