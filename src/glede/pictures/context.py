"""What a document says about its pictures: captions, the sentences that refer to them, what stands around.

Also which pictures are ornaments of its pages, because they come back on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from glede.pictures.features import the_same
from glede.tables.markdown import one_line
from glede.text.sentences import count_tokens, sentence_spans, split_text
from glede.types import FURNITURE, Block, Picture

REFERENCES = 3
"""How many sentences that refer to a picture are kept."""
REFERENCE_TOKENS = 60
LEAST_TOKENS = 8
"""The beginning of a text that has room for fewer says nothing."""
AROUND = 2
"""How many blocks before and after a picture may be shown with it."""
RECURRING = 3
"""On so many pages, or in so many places of a document without pages, a picture is a logo."""
SMALL = 400
"""Pixels of the longer side up to which a picture is taken for a logo where no page tells its size."""
_SAME_PLACE = 3.0
_NAMES = (
    r"fig(?:ure)?s?|abb(?:ildung(?:en)?)?|bild(?:er)?|schaubild|figuras?|im[aá]gen(?:es)?|images?|immagin[ei]|"
    r"afbeelding(?:en)?|charts?|diagrams?|exhibits?|grafik|рис(?:унок|унка|унке|унки)?|"
    r"الشكل|شكل"
)
_UNSPACED = "图|圖|図|그림"
_NUMBER = r"\d+(?:[.\-‑–]\d+)*"
_NAMED = re.compile(
    rf"(?:(?<![^\W\d_])(?:{_NAMES})|{_UNSPACED})\.?[\s\u00a0]*(?P<numbers>{_NUMBER}[a-z]?"
    rf"(?:\s*(?:,|&|、|和|및|and|und|et|y|e|и|o|or|oder)\s*{_NUMBER}[a-z]?)*)",
    re.IGNORECASE,
)
_ONE_NUMBER = re.compile(_NUMBER)


def label_of(block: Block) -> str:
    """How a caption names its picture, "Figure 3"; empty where it does not."""
    for text in (block.caption, block.text):
        found = _NAMED.match((text or "").lstrip("*_( "))
        if found is not None:
            number = _ONE_NUMBER.search(found["numbers"])
            return found.group()[: found.start("numbers")] + (number.group() if number else "")
    return ""


def _numbers(text: str) -> Iterable[str]:
    for found in _NAMED.finditer(text):
        for number in _ONE_NUMBER.findall(found["numbers"]):
            yield re.sub(r"[\-‑–]", ".", number)


def is_captioned(block: Block) -> bool:
    """Whether it has words of its own: a caption, and not only an alternative text."""
    alt = one_line(block.picture.alt).casefold() if block.picture else ""
    caption = one_line(block.caption or "").casefold()
    return bool(label_of(block)) or (bool(caption) and caption != alt)


@dataclass(frozen=True, slots=True)
class Mentions:
    """The sentences of a document that name a figure, by its number."""

    sentences: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, block: Block) -> tuple[str, ...]:
        """Those that name the picture of this block."""
        numbers = _numbers(label_of(block))
        named = (sentence for number in numbers for sentence in self.sentences.get(number, ()))
        return tuple(dict.fromkeys(named))[:REFERENCES]


def mentions_in(blocks: Sequence[Block]) -> Mentions:
    """All sentences of running text that name a figure."""
    found: dict[str, list[str]] = {}
    for block in blocks:
        if block.type not in ("text", "list", "footnote") or not _NAMED.search(block.text):
            continue
        for start, end in sentence_spans(block.text):
            sentence = block.text[start:end]
            for number in _numbers(sentence):
                found.setdefault(number, []).append(shortened(sentence, REFERENCE_TOKENS))
    return Mentions(found)


def shortened(text: str, tokens: int) -> str:
    """The beginning of a text in one line, whole sentences where they fit."""
    text = one_line(text)
    if count_tokens(text) <= tokens:
        return text
    if tokens < LEAST_TOKENS:
        return ""
    pieces = split_text(text, tokens)
    return text[pieces[0][0] : pieces[0][1]] if pieces else ""


def around(blocks: Sequence[Block], place: int, tokens: int) -> list[str]:
    """The text before and after a picture in its section, the nearest first, as far as there is room."""
    texts = []
    for near in _nearest(blocks, place):
        block = blocks[near]
        if tokens <= 0:
            break
        text = _end_of(block.text, tokens) if near < place else shortened(block.text, tokens)
        if text:
            texts.append(text)
            tokens -= count_tokens(text)
    return texts


def _nearest(blocks: Sequence[Block], place: int) -> Iterable[int]:
    def close(near: int) -> bool:
        if not 0 <= near < len(blocks):
            return False
        block = blocks[near]
        speaks = block.type in ("text", "list", "code", "footnote")
        return speaks and block.heading_path == blocks[place].heading_path

    def beside(step: int) -> list[int]:
        found: list[int] = []
        near = place + step
        while 0 <= near < len(blocks) and len(found) < AROUND:
            if blocks[near].type not in FURNITURE | {"image"}:
                if not close(near):
                    break
                found.append(near)
            near += step
        return found

    before, after = beside(-1), beside(1)
    for rank in range(AROUND):
        yield from (found[rank] for found in (before, after) if rank < len(found))


def _end_of(text: str, tokens: int) -> str:
    """The last sentences of a text that fit."""
    text = one_line(text)
    if count_tokens(text) <= tokens:
        return text
    kept = ""
    for start, _ in reversed(sentence_spans(text)):
        if count_tokens(text[start:]) > tokens:
            break
        kept = text[start:]
    return kept


def context_of(blocks: Sequence[Block], place: int, mentions: Mentions, tokens: int) -> str:
    """Headings, caption, what refers to the picture, and the text around it, in this order of importance."""
    block = blocks[place]
    parts = []
    for text in (" > ".join(block.heading_path), block.caption or block.text, *mentions.of(block)):
        if (part := shortened(text, tokens)) and part not in parts:
            parts.append(part)
            tokens -= count_tokens(part)
    return "\n".join([*parts, *(text for text in around(blocks, place, tokens) if text not in parts)])


def recurring(blocks: Sequence[Block]) -> frozenset[int]:
    """The places of the pictures that come back on pages: logos, backgrounds, rules.

    A picture with a caption of its own is none of them.
    """
    groups: list[list[int]] = []
    for place, block in enumerate(blocks):
        if block.type == "image" and block.picture is not None:
            _join(groups, blocks, place)
    found: set[int] = set()
    for group in groups:
        own = [blocks[place] for place in group]
        if not any(is_captioned(block) for block in own) and _comes_back(own):
            found.update(group)
    return frozenset(found)


def _join(groups: list[list[int]], blocks: Sequence[Block], place: int) -> None:
    picture = blocks[place].picture
    for group in groups:
        first = blocks[group[0]].picture
        if picture is not None and first is not None and _equal(picture, first):
            group.append(place)
            return
    groups.append([place])


def _equal(one: Picture, other: Picture) -> bool:
    """The same bytes; or looks, of small pictures only, since large drawings may differ in a word."""
    if one.asset == other.asset:
        return True
    if not (one.hash and other.hash) or max(one.width, one.height, other.width, other.height) > SMALL:
        return False
    ratio = one.width * other.height / max(1, one.height * other.width)
    return 0.9 <= ratio <= 1.1 and the_same((one.hash, one.feature), (other.hash, other.feature))


def _comes_back(group: Sequence[Block]) -> bool:
    pages = {block.page for block in group if block.page is not None}
    if not pages:
        small = all(
            max(block.picture.width, block.picture.height) <= SMALL for block in group if block.picture
        )
        return small and len(group) >= RECURRING
    return len(pages) >= RECURRING or (len(pages) > 1 and _in_one_place(group))


def _in_one_place(group: Sequence[Block]) -> bool:
    boxes = [block.box for block in group if block.box is not None]
    if len(boxes) < len(group):
        return False
    first = boxes[0].rounded()
    return all(
        abs(one - other) <= _SAME_PLACE
        for box in boxes
        for one, other in zip(box.rounded(), first, strict=True)
    )
