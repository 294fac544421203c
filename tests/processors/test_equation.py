from __future__ import annotations

import json

import pytest

from glede.adding.chunking import Chunking, cut
from glede.answering.citing import stands_in
from glede.errors import ContentFilterError, ModelError
from glede.processors.equation import EquationProcessor
from glede.testing.fake_models import FakeChatModel, Script
from glede.types import Block, Parsed, Picture, sha256_of

DATA = b"pixels of an equation"
CROP = Picture(sha256_of(DATA), "image/png", 200, 40)
SEEN = json.dumps(
    {
        "latex": "$E = mc^2$",
        "number": "(7)",
        "name": "mass-energy equivalence",
        "symbols": [{"symbol": "E", "meaning": "energy"}, {"symbol": "c", "meaning": ""}],
    }
)


def parsed(*blocks: Block) -> Parsed:
    return Parsed("text/markdown", "fake", blocks, assets={CROP.asset: DATA})


def equation(latex: str, **values: object) -> Block:
    return Block("equation", f"$${latex}$$", latex=latex, **values)  # type: ignore[arg-type]


def text(words: str) -> Block:
    return Block("text", words)


async def said(*blocks: Block, vision: FakeChatModel | None = None) -> Parsed:
    return await EquationProcessor(vision).process(parsed(*blocks))


def known(block: Block) -> str:
    """What a reader sees, and below it what the equation is found by."""
    return "\n".join(part for part in (block.text, block.aid) if part)


async def test_an_equation_is_said_in_words() -> None:
    result = await said(
        Block("heading", "Triangles", level=1),
        text("The sides of a right triangle follow from this."),
        equation(r"x^2 + y^2 = z^2 \tag{3}", heading_path=("Triangles",)),
        text("where $x$ and $y$ are the legs and $z$ is the hypotenuse."),
    )
    assert known(result.blocks[2]).splitlines() == [
        r"$$x^2 + y^2 = z^2 \tag{3}$$",
        "Equation (3): Pythagorean theorem",
        "x squared plus y squared equals z squared",
        "x: legs; y: legs; z: hypotenuse",
    ]
    assert result.blocks[2].latex == r"x^2 + y^2 = z^2 \tag{3}"
    assert [block.text for block in result.blocks[:2]] == [
        "Triangles",
        "The sides of a right triangle follow from this.",
    ]


async def test_what_a_reader_sees_stays_first_and_can_be_quoted() -> None:
    result = await said(equation("E = mc^2"), text("E is the energy."))
    (chunk, _) = cut(result.blocks, "d", "v", Chunking())
    assert chunk.modality == "equation"
    assert chunk.text == "$$E = mc^2$$"
    assert stands_in("$$E = mc^2$$", chunk.text)


async def test_what_does_not_stand_in_the_document_is_found_and_never_quoted() -> None:
    result = await said(equation("E = mc^2"), text("where $E$ is the energy."))
    (chunk, _) = cut(result.blocks, "d", "v", Chunking())
    for words in ("mass-energy equivalence", "E equals m c squared", "E: energy"):
        assert words in chunk.embedding_text()
        assert not stands_in(words, chunk.text)


@pytest.mark.parametrize(
    ("blocks", "number"),
    [
        ((equation(r"a = b \tag{A.1}"),), "A.1"),
        ((Block("equation", "a = b (12)"),), "12"),
        ((equation("a = b", caption="(4)"),), "4"),
        ((equation("a = b"), text("(2.1)")), "2.1"),
        ((equation("a = f(1)"),), ""),
    ],
)
async def test_numbers_are_kept(blocks: tuple[Block, ...], number: str) -> None:
    result = await said(*blocks)
    assert ("Equation (" in known(result.blocks[0])) is bool(number)
    assert f"({number})" in known(result.blocks[0]) or not number


async def test_names_come_from_what_is_beside() -> None:
    result = await said(text("This is known as the Navier–Stokes equation:"), equation("a = b"))
    assert "Navier–Stokes equation" in known(result.blocks[1])
    result = await said(equation("a = b", heading_path=("Ising model", "Boltzmann distribution")))
    assert "Boltzmann distribution" in known(result.blocks[0])


async def test_the_commands_of_a_document_are_understood() -> None:
    result = await said(text(r"\newcommand{\half}{\frac{1}{2}}"), equation(r"E = \half m v^2"))
    assert "E equals one half times m v squared" in known(result.blocks[1])
    assert "kinetic energy" in known(result.blocks[1])


async def test_what_was_not_read_as_latex_is_said_as_well_as_can_be() -> None:
    result = await said(
        Block("equation", "a² + b² = c² (5)"), Block("equation", "where every word counts more")
    )
    assert known(result.blocks[0]).splitlines() == [
        "a² + b² = c² (5)",
        "Equation (5): Pythagorean theorem",
        "a squared plus b squared equals c squared",
    ]
    assert result.blocks[1].text == "where every word counts more"


@pytest.mark.parametrize("latex", [r"\frac{a}{b", "", "{{{{", r"\undefined{x}{y}", "(" * 5000, "\x00"])
async def test_bad_latex_is_left_as_it_is(latex: str) -> None:
    result = await said(equation(latex))
    assert result.blocks[0].text.startswith(f"$${latex}$$".strip())


async def test_other_blocks_are_left_alone() -> None:
    before = parsed(text("E = mc^2"), Block("table", "| a |"))
    assert await EquationProcessor().process(before) is before


async def test_a_model_reads_the_picture_of_an_equation_once() -> None:
    script = Script([SEEN])
    crop = Block("equation", "", picture=CROP, page=2)
    result = await said(crop, text("as above"), crop, equation("a + b"), vision=FakeChatModel(script))
    assert script.calls == 1
    for place in (0, 2):
        assert result.blocks[place].latex == "E = mc^2"
        assert known(result.blocks[place]).splitlines() == [
            "$$E = mc^2$$",
            "Equation (7): mass-energy equivalence",
            "E equals m c squared",
            "E: energy",
        ]
    assert not result.warnings


async def test_a_model_that_refuses_leaves_what_is_known() -> None:
    vision = FakeChatModel(Script([ContentFilterError("no")]))
    result = await said(Block("equation", "E = mc^2", picture=CROP, page=2), vision=vision)
    assert known(result.blocks[0]).startswith("E = mc^2\n")
    (mark,) = result.unfinished
    assert (mark.kind, mark.block, mark.page) == ("equation", 0, 2)
    assert (mark.code, mark.message, mark.retryable) == ("content_filter", "no", False)


async def test_a_model_that_gives_no_json_leaves_what_is_known() -> None:
    vision = FakeChatModel(Script(["I see an equation.", "Still no JSON."]))
    result = await said(Block("equation", "E = mc^2", picture=CROP), vision=vision)
    assert "mass-energy equivalence" in known(result.blocks[0])
    assert [(mark.code, mark.retryable) for mark in result.unfinished] == [("model_reply", True)]


async def test_an_endpoint_that_is_down_leaves_what_is_known() -> None:
    vision = FakeChatModel(Script([ModelError("down", retryable=True)]))
    result = await said(Block("equation", "E = mc^2", picture=CROP), vision=vision)
    assert "mass-energy equivalence" in known(result.blocks[0])
    assert [(mark.code, mark.retryable) for mark in result.unfinished] == [("model", True)]


BROKEN = equation(r"E = \frac{mc^2")


async def test_broken_latex_is_kept_and_marked() -> None:
    result = await said(text("This is known as the Navier–Stokes equation:"), BROKEN, equation("a = b"))
    assert result.blocks[1].text == BROKEN.text
    assert "Navier–Stokes equation" in known(result.blocks[1])
    assert [(mark.code, mark.block) for mark in result.unfinished] == [("malformed", 1)]


async def test_a_model_mends_broken_latex_which_is_not_quoted() -> None:
    vision = FakeChatModel(Script([SEEN]))
    result = await said(text("Known to all:"), BROKEN, BROKEN, vision=vision)
    assert vision.script.calls == 1
    assert r"E = \frac{mc^2" in vision.prompts[0].messages[0].text
    assert not vision.prompts[0].messages[0].pictures
    assert not result.unfinished
    for block in result.blocks[1:]:
        assert block.text == BROKEN.text
        assert block.latex == "E = mc^2"
        assert "E equals m c squared" in block.aid


async def test_a_model_that_gives_broken_latex_twice_is_not_believed() -> None:
    bad = json.dumps({**json.loads(SEEN), "latex": "E = {m"})
    vision = FakeChatModel(Script([bad, bad]))
    result = await said(BROKEN, vision=vision)
    assert "left open" in vision.prompts[1].messages[-1].text
    assert [(mark.code, mark.retryable) for mark in result.unfinished] == [("model_reply", True)]
    assert result.blocks[0].latex == BROKEN.latex


def test_the_fingerprint_names_the_model() -> None:
    assert EquationProcessor().fingerprint == "equation@5:"
    assert EquationProcessor(FakeChatModel()).fingerprint == "equation@5:fake:chat"
