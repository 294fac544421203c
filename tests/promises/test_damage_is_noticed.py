"""R7: damage is told, never a wrong answer; `doctor` names the file, and `rebuild` restores it."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from glede import Engine, Settings
from glede.care.doctor import compared
from glede.care.rebuilding import Rebuilt
from glede.errors import GledeError
from glede.testing.fakes import FakeEmbedder
from tests.promises.damaging import Shown, damaged, files, made, shown

CASES = 1000 if os.environ.get("GLEDE_FULL") else 100
SEED = 7


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("whole") / "data"
    asyncio.run(made(home))
    return home


Truth = dict[str, list[Shown]]


@dataclass(frozen=True)
class Seen:
    """What a folder shows, or the error that it does, and what the doctor finds wrong with it."""

    shown: Truth | GledeError
    faults: list[str]


async def seen(home: Path) -> Seen:
    """Opened once where it can be, as a question does; else as the doctor does."""
    settings = Settings(home=home)
    try:
        async with Engine.open(settings, embedder=FakeEmbedder()) as engine:
            faults = (await engine.care.check(deep=True)).problems
            told = [f"{one.code} {one.place}: {one.detail} ({one.hint})" for one in faults]
            return Seen(await _shown(engine), told)
    except GledeError as error:
        found = [one async for one in compared(settings, deep=True, embedder=FakeEmbedder())]
        return Seen(
            error, [f"{one.code} {one.name}: {one.detail} ({one.hint})" for one in found if not one.ok]
        )


async def _shown(engine: Engine) -> Truth | GledeError:
    try:
        return await shown(engine)
    except GledeError as error:
        return error


async def rebuilt(home: Path) -> tuple[Rebuilt, Seen] | GledeError:
    try:
        async with Engine.open(Settings(home=home), embedder=FakeEmbedder(), afresh=True) as engine:
            made = await engine.care.rebuild()
            faults = (await engine.care.check(deep=True)).problems
            return made, Seen(await _shown(engine), [str(one) for one in faults])
    except GledeError as error:
        return error


def test_no_damage_is_silent(whole: Path, tmp_path: Path) -> None:
    """Each file in turn: what is shown is true or an error, what changes is named, and it comes back."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    truth = asyncio.run(seen(whole)).shown
    assert not isinstance(truth, GledeError)
    names = files(whole)
    chance.shuffle(names)
    outcomes: Counter[str] = Counter()
    for case in range(CASES):
        name = names[case % len(names)]
        what = damaged(whole, tmp_path / "data", name, chance)
        outcomes[asyncio.run(_case(tmp_path / "data", truth, what, name))] += 1
    print(dict(outcomes))
    assert outcomes["restored"] > CASES / 2


async def _case(home: Path, truth: Truth, what: str, name: Path) -> str:
    before = await seen(home)
    if isinstance(before.shown, GledeError):
        assert before.shown.hint, what
        assert before.faults, f"{what}: {before.shown.message}, and the doctor finds nothing"
    else:
        for question, hits in before.shown.items():
            assert set(hits) <= set(truth[question]), f"{what}: {question} shows what is not true"
        assert before.shown == truth or before.faults, f"{what}: an answer has changed, and nobody says so"
    if not before.faults:
        return "without effect"
    places = " ".join(before.faults)
    assert name.name in places or _names(name, places), f"{what} is not named: {places}"
    after = await rebuilt(home)
    if isinstance(after, GledeError):
        assert "add" in after.hint or "backup" in after.hint, f"{what}: {after.message} ({after.hint})"
        return "to be added again"
    made, now = after
    if made.lost:
        assert all("add it again" in one.hint for one in made.lost), what
        return "to be added again"
    assert now.faults == [], what
    assert now.shown == truth, what
    return "restored"


def _names(name: Path, places: str) -> bool:
    """A damaged catalogue is named as such, or by the document whose rows are."""
    return name.name.startswith("catalogue.db") and ("catalogue" in places or "document" in places)
