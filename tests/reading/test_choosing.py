"""Who reads a document and each of its pages: scripted parsers, in their order, with what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from glede.errors import (
    ExhaustedError,
    GledeError,
    LimitError,
    MalformedError,
    NeedsOcrError,
    PasswordError,
    UnavailableError,
    UnsupportedError,
)
from glede.parsing import Feature, ParseOptions
from glede.reading import choosing
from glede.reading.choosing import Plan, Reading, Step
from glede.types import Block, Box, Doubt, Page, Parsed

PDF = "application/pdf"


@dataclass
class Script:
    """Answers as it is told for each parser, and notes what it was asked."""

    outcomes: dict[str, Parsed | GledeError]
    asked: list[tuple[str, tuple[int, ...]]] = field(default_factory=list)

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        self.asked.append((parser, options.pages))
        outcome = self.outcomes[parser]
        if isinstance(outcome, GledeError):
            raise outcome
        return outcome


def step(name: str, cost: float, *recovers: Feature) -> Step:
    return Step(name, cost, frozenset({"text", *recovers}))


def plan(*steps: Step) -> Plan:
    return Plan(steps, "x")


PLACES = ("the quarry", "a marsh", "old woods", "her nest")


def parsed(name: str, doubts: dict[int, str] | None = None, pages: int = 4, kind: str = "text") -> Parsed:
    told = doubts or {}
    return Parsed(
        PDF,
        name,
        tuple(said(PLACES[number - 1], number, kind) for number in range(1, pages + 1)),
        tuple(
            Page(
                number, 600, 800, parser=name, doubts=(Doubt(told[number], "why"),) if number in told else ()
            )
            for number in range(1, pages + 1)
        ),
    )


def said(place: str, number: int, kind: str) -> Block:
    text, box = f"The kite turned over {place} at noon", Box(70, 100 * number + 100, 500, 100 * number + 120)
    if kind == "heading":
        return Block("heading", text, level=1, page=number, box=box)
    return Block("text", text, page=number, box=box)


LIGHT = step("light", 0.01, "headings")
HEAVY = step("heavy", 4.0, "headings", "tables", "equations")


@pytest.mark.parametrize("error", [MalformedError("bad"), NeedsOcrError("no text"), UnsupportedError("no")])
async def test_the_next_parser_reads_what_the_first_cannot(error: GledeError) -> None:
    script = Script({"light": error, "heavy": parsed("heavy")})
    made = await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert made.parser == "heavy"
    assert made.warnings == (f"light could not read it ({error.message}); heavy did",)
    assert [name for name, _ in script.asked] == ["light", "heavy"]


@pytest.mark.parametrize("error", [PasswordError("locked"), LimitError("large"), UnavailableError("gone")])
async def test_what_stops_one_stops_all(error: GledeError) -> None:
    script = Script({"light": error, "heavy": parsed("heavy")})
    with pytest.raises(type(error)):
        await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert [name for name, _ in script.asked] == ["light"]


async def test_the_first_failure_is_told_where_all_fail() -> None:
    script = Script({"light": NeedsOcrError("no text"), "heavy": MalformedError("bad")})
    with pytest.raises(NeedsOcrError, match="no text"):
        await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())


async def test_nothing_is_asked_twice_without_a_doubt() -> None:
    script = Script({"light": parsed("light")})
    assert await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions()) == parsed("light")
    assert script.asked == [("light", ())]


async def test_doubted_pages_are_read_by_who_recovers_most_then_by_the_most_thorough() -> None:
    steps = plan(LIGHT, step("tables", 5.0, "tables"), HEAVY, step("both", 3.0, "tables", "headings"))
    light = parsed("light", {2: "tables", 3: "headings"})
    script = Script({"light": light, "heavy": parsed("heavy", kind="heading")})
    made = await Reading(script).read(b"", PDF, steps, ParseOptions())
    assert script.asked == [("light", ()), ("heavy", (2, 3))]
    assert [block.type for block in made.blocks] == ["text", "heading", "heading", "text"]
    assert made.parser == "light+heavy"
    assert made.pages[1].parser == "light+heavy"


async def test_a_cheap_parser_reads_the_whole_document_again() -> None:
    script = Script({"light": parsed("light", {2: "headings"}), "quick": parsed("quick")})
    await Reading(script).read(b"", PDF, plan(LIGHT, step("quick", 0.15, "headings")), ParseOptions())
    assert script.asked == [("light", ()), ("quick", (1, 2, 3, 4))]


async def test_doubts_that_nobody_can_remove_stay() -> None:
    light = parsed("light", {2: "ocr"})
    script = Script({"light": light})
    assert await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions()) == light
    assert script.asked == [("light", ())]


@pytest.mark.parametrize("error", [MalformedError("bad"), ExhaustedError("slow"), UnavailableError("gone")])
async def test_a_heavy_parser_that_fails_leaves_a_warning(error: GledeError) -> None:
    light = parsed("light", {2: "headings"})
    script = Script({"light": light, "heavy": error, "other": parsed("other", kind="heading")})
    steps = plan(LIGHT, HEAVY)
    made = await Reading(script).read(b"", PDF, steps, ParseOptions())
    assert made.blocks == light.blocks
    assert made.warnings == (f"heavy could not read doubtful pages ({error.message})",)
    again = await Reading(script).read(
        b"", PDF, plan(*steps.steps, step("other", 3.0, "headings")), ParseOptions()
    )
    assert again.parser == "light+other"


async def test_a_document_with_pages_that_could_not_be_read_is_not_read_again() -> None:
    light = parsed("light", {2: "headings", 3: "headings"})
    failed = Page(3, 0, 0, failed="took more than it may")
    light = Parsed(PDF, "light", light.blocks, (*light.pages[:2], failed, light.pages[3]))
    script = Script({"light": light})
    await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert script.asked == [("light", ())]


async def test_a_long_text_without_headings_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MANY_LETTERS", 100)
    script = Script({"light": parsed("light"), "heavy": parsed("heavy", kind="heading")})
    made = await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert script.asked[1] == ("heavy", (1, 2, 3, 4))
    assert {block.type for block in made.blocks} == {"heading"}
    script = Script({"light": parsed("light", kind="heading")})
    await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert script.asked == [("light", ())]


async def test_a_document_that_takes_too_much_is_read_page_by_page() -> None:
    @dataclass
    class Bomb(Script):
        async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
            self.asked.append((parser, options.pages))
            if not options.pages or 2 in options.pages:
                raise ExhaustedError("parsing took more than 6 s", pages=3)
            return parsed("light", pages=3)

    script = Bomb({})
    made = await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert [page.failed for page in made.pages if page.failed] == ["parsing took more than 6 s"]
    assert {name for name, _ in script.asked} == {"light"}


@pytest.mark.parametrize("pages", [None, 1])
async def test_one_page_that_takes_too_much_is_a_limit(pages: int | None) -> None:
    script = Script({"light": ExhaustedError("slow", pages=pages), "heavy": parsed("heavy")})
    with pytest.raises(LimitError):
        await Reading(script).read(b"", PDF, plan(LIGHT, HEAVY), ParseOptions())
    assert script.asked == [("light", ())]
