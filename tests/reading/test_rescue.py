"""The pages of a document that takes more than it may: which are kept, and when it is given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from glede.errors import ExhaustedError, GledeError, MalformedError, NeedsOcrError, PasswordError
from glede.parsing import ParseOptions
from glede.reading import rescue
from glede.reading.rescue import page_by_page
from glede.types import Block, Page, Parsed

PDF = "application/pdf"


@dataclass
class Bombs:
    """Fails wherever one of the pages asked for is among `bombs`."""

    bombs: frozenset[int]
    error: Callable[[], GledeError] = lambda: ExhaustedError("took more than 6 s")
    asked: list[tuple[int, ...]] = field(default_factory=list)

    async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
        self.asked.append(options.pages)
        if self.bombs & set(options.pages):
            raise self.error()
        return Parsed(
            PDF,
            parser,
            tuple(Block("text", f"page {number}", page=number) for number in options.pages),
            tuple(Page(number, 600, 800) for number in options.pages),
            title="Kites" if 1 in options.pages else "",
            warnings=("light",),
        )


async def rescued(parser: Bombs, pages: int, options: ParseOptions | None = None) -> Parsed:
    cause = ExhaustedError("the whole took more", pages=pages)
    return await page_by_page(parser, b"", PDF, "pdf", options or ParseOptions(), cause)


async def test_only_the_bombs_are_left_out() -> None:
    parser = Bombs(frozenset({10, 12}))
    parsed = await rescued(parser, 18)
    assert [block.page for block in parsed.blocks] == [*range(1, 10), 11, *range(13, 19)]
    assert [(page.number, page.failed) for page in parsed.pages if page.failed] == [
        (10, "took more than 6 s"),
        (12, "took more than 6 s"),
    ]
    assert [page.number for page in parsed.pages] == list(range(1, 19))
    assert parser.asked[:3] == [tuple(range(1, 9)), tuple(range(9, 17)), (9,)]
    assert parser.asked[-1] == (17, 18)
    assert (parsed.title, parsed.warnings) == ("Kites", ("light",))


async def test_a_long_document_is_opened_a_few_times_only() -> None:
    parser = Bombs(frozenset({2700}))
    parsed = await rescued(parser, 5000)
    assert [page.number for page in parsed.pages if page.failed] == [2700]
    assert [page.number for page in parsed.pages] == list(range(1, 5001))
    assert len(parser.asked) < 40


@pytest.mark.parametrize("error", [MalformedError("bad"), NeedsOcrError("no text")])
async def test_pages_that_fail_otherwise_are_left_out_too(error: GledeError) -> None:
    parsed = await rescued(Bombs(frozenset({2}), lambda: error), 3)
    assert [page.failed for page in parsed.pages] == ["", error.message, ""]


async def test_other_errors_are_raised() -> None:
    with pytest.raises(PasswordError):
        await rescued(Bombs(frozenset({2}), lambda: PasswordError("locked")), 3)


async def test_hopeless_documents_raise_the_cause() -> None:
    parser = Bombs(frozenset(range(1, 100)))
    with pytest.raises(ExhaustedError, match="the whole took more"):
        await rescued(parser, 99)
    assert len(parser.asked) == 1 + rescue.HOPELESS


async def test_a_bomb_at_the_start_does_not_give_up_the_rest() -> None:
    parsed = await rescued(Bombs(frozenset({1, 2})), 12)
    assert [page.number for page in parsed.pages if page.failed] == [1, 2]


async def test_the_budget_ends_the_rescue(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Bombs):
        async def parse(self, data: bytes, media_type: str, parser: str, options: ParseOptions) -> Parsed:
            await asyncio.sleep(0.15)
            return await super().parse(data, media_type, parser, options)

    monkeypatch.setattr(rescue, "SECONDS", 0.2)
    monkeypatch.setattr(rescue, "SECONDS_PER_PAGE", 0.0)
    parsed = await rescued(Slow(frozenset()), 40)
    assert [block.page for block in parsed.blocks] == list(range(1, 17))
    assert {page.failed for page in parsed.pages[16:]} == {"the whole took more"}


async def test_no_more_pages_than_are_allowed() -> None:
    parsed = await rescued(Bombs(frozenset()), 1000, ParseOptions(max_pages=9))
    assert [page.number for page in parsed.pages] == list(range(1, 10))
