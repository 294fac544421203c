from __future__ import annotations

from collections.abc import Iterator

import pytest

from glede.adding.trouble import PATIENCE, Trouble, describing
from glede.endpoints import Message, Prompt
from glede.errors import BudgetError, ContentFilterError, GledeError, ModelError
from glede.models.halt import HaltingChat
from glede.testing.fake_models import FakeChatModel, Script, Step

ASKED = Prompt((Message("user", "What is this?"),))


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    made = Trouble()
    token = describing.set(made)
    yield made
    describing.reset(token)


async def ask(model: HaltingChat, times: int) -> list[str]:
    """What comes of each call: a code, or the answer."""
    found = []
    for _ in range(times):
        try:
            found.append((await model.chat(ASKED)).text)
        except GledeError as error:
            found.append(error.code)
    return found


async def test_a_model_that_fails_again_and_again_is_asked_no_more(trouble: Trouble) -> None:
    inner = FakeChatModel(Script([ModelError("down")] * 10))
    assert await ask(HaltingChat(inner), PATIENCE + 4) == ["model"] * (PATIENCE + 4)
    assert inner.script.calls == PATIENCE
    assert trouble.stopped is not None
    assert trouble.hopeless is None


async def test_an_answer_between_gives_new_patience(trouble: Trouble) -> None:
    steps: list[Step] = [*[ModelError("down")] * (PATIENCE - 1), "good"] * 3
    inner = FakeChatModel(Script(steps))
    assert (await ask(HaltingChat(inner), len(steps))).count("good") == 3
    assert trouble.stopped is None


async def test_what_is_refused_of_one_picture_stops_nothing(trouble: Trouble) -> None:
    inner = FakeChatModel(Script([ContentFilterError("no")] * 10))
    assert await ask(HaltingChat(inner), 10) == ["content_filter"] * 10
    assert inner.script.calls == 10
    assert trouble.failures == 0


async def test_a_spent_budget_stops_at_once(trouble: Trouble) -> None:
    inner = FakeChatModel(Script([BudgetError("spent")]))
    assert await ask(HaltingChat(inner), 3) == ["budget"] * 3
    assert inner.script.calls == 1
    assert trouble.hopeless is trouble.stopped


async def test_outside_of_a_run_it_is_always_asked() -> None:
    inner = FakeChatModel(Script([ModelError("down")] * 10))
    await ask(HaltingChat(inner), 10)
    assert inner.script.calls == 10
