from glede.processors.generic import GenericProcessor
from glede.types import Block, Parsed


async def test_what_speaks_not_for_itself_gets_its_context() -> None:
    blocks = (
        Block("heading", "Nests", level=1),
        Block("text", "Counted by hand."),
        Block("code", "count(nests)", ("Nests",)),
        Block("equation", "a=b", aid="a equals b"),
        Block("text", "As in 2019."),
        Block("header", "Yearbook"),
    )
    done = (await GenericProcessor().process(Parsed("text/plain", "fake", blocks))).blocks
    assert done[2].aid == "Counted by hand.\nAs in 2019."
    assert done[3].aid == "a equals b"
    assert [block.aid for block in (*done[:2], *done[4:])] == [""] * 4


async def test_the_context_is_bounded() -> None:
    blocks = (Block("text", "kite " * 5000), Block("code", "x"), Block("text", "owl " * 5000))
    done = (await GenericProcessor(tokens=50).process(Parsed("text/plain", "fake", blocks))).blocks
    assert len(done[1].aid) < 400
