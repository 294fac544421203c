"""Two readings of the same pages as one: the second one's roles, the better tables, the words of both."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from glede.reading.grids import is_believed, is_clearly_better
from glede.reading.headings import doubted_headings, is_heading
from glede.reading.outline import placed
from glede.reading.readings import Said, agreement, covered, shared, squeezed
from glede.types import FURNITURE, Block, Page, Parsed

SAME = 0.5
"""The part of the smaller box that two blocks share which are the same thing."""
WITHIN = 0.6
"""The part of a block that lies in a table whose text it is."""
FULL = 0.8
"""The part of a figure's box that a picture must cover to show all of it."""
RIGHT_TO_LEFT = 0.3
"""The part of a page's letters from which its order is that of the first reading."""
_INLINE = re.compile(r"\$[^$\n]*[\\^_={}][^$\n]*\$")
"""LaTeX in a line; an amount of money has none of its signs."""
_ROLES = frozenset({"list", "code", "footnote", *FURNITURE})


def merged(first: Parsed, second: Parsed, numbers: frozenset[int]) -> Parsed:
    """The first reading, with the pages named put together from both.

    A page on which the second engine found less than half of the letters stays as it was.
    """
    theirs, ours = _by_page(second.blocks), _by_page(first.blocks)
    read = {page.number: page for page in second.pages}
    levels = _levels(first.blocks, second.blocks)
    pages: list[Page] = []
    blocks: list[Block] = ours.get(0, [])
    together = False
    for page in first.pages:
        here, there = ours.get(page.number, []), theirs.get(page.number, [])
        if page.number in numbers and page.number in read and _letters(there) * 2 > _letters(here):
            together = True
            blocks += _page(here, there, levels)
            pages.append(_read_by_both(page, first.parser, second.parser, agreement(here, there)))
        else:
            blocks += here
            pages.append(page)
    kept = {block.picture.asset for block in blocks if block.picture is not None}
    assets = {**first.assets, **second.assets}
    return replace(
        first,
        blocks=tuple(placed(blocks)),
        pages=tuple(pages),
        assets={key: data for key, data in assets.items() if key in kept},
        warnings=(*first.warnings, *second.warnings),
        parser=f"{first.parser}+{second.parser}" if together else first.parser,
    )


def _by_page(blocks: Sequence[Block]) -> dict[int, list[Block]]:
    return {number or 0: list(found) for number, found in groupby(blocks, key=lambda block: block.page)}


def _letters(blocks: Sequence[Block]) -> int:
    return sum(len("".join(block.text.split())) for block in blocks)


def _read_by_both(page: Page, first: str, second: str, sure: float) -> Page:
    why = "; ".join(doubt.reason for doubt in page.doubts)
    reason = f"{why}; read by {first} and {second}, which agree on {sure:.0%} of the letters".lstrip("; ")
    return replace(page, parser=f"{first}+{second}", reason=reason, confidence=round(sure, 4))


def _levels(ours: Sequence[Block], theirs: Sequence[Block]) -> Mapping[int, int]:
    """What a level of the second reading is in the first, by the headings that both have."""
    known = {squeezed(block.text): block.level for block in ours if block.type == "heading"}
    pairs: dict[int, Counter[int]] = {}
    for block in theirs:
        if block.type == "heading" and (level := known.get(squeezed(block.text))) is not None:
            pairs.setdefault(block.level, Counter())[level] += 1
    return {level: found.most_common(1)[0][0] for level, found in pairs.items()}


def _page(ours: Sequence[Block], theirs: Sequence[Block], levels: Mapping[int, int]) -> list[Block]:
    if _is_right_to_left(ours):
        return list(ours)
    theirs = _with_formulas(ours, theirs)
    made = _with_roles(_with_pictures(_with_tables(ours, theirs), ours), ours)
    agreed = frozenset(squeezed(block.text) for block in ours if block.type == "heading")
    made = doubted_headings(made, agreed)
    rivals = [block for block in (*ours, *theirs) if not _is_beaten(block, made)]
    made = _with_gaps(made, rivals)
    return [_levelled(block, ours, levels) for block in made]


def _is_beaten(block: Block, made: Sequence[Block]) -> bool:
    """Whether it is a table or picture in whose place the other reading's stands."""
    if block.type not in ("table", "image"):
        return False
    return any(other.type in (block.type, "table") and shared(other.box, block.box) > SAME for other in made)


def _is_right_to_left(blocks: Sequence[Block]) -> bool:
    """Whether much of the page runs from right to left, where engines differ in the order of letters."""
    letters = [sign for block in blocks for sign in block.text if sign.isalpha()]
    turned = sum(unicodedata.bidirectional(sign) in ("R", "AL") for sign in letters)
    return bool(letters) and turned > RIGHT_TO_LEFT * len(letters)


def _levelled(block: Block, ours: Sequence[Block], levels: Mapping[int, int]) -> Block:
    if block.type != "heading":
        return block
    known = (
        one.level for one in ours if one.type == "heading" and squeezed(one.text) == squeezed(block.text)
    )
    return replace(block, level=next(known, levels.get(block.level, block.level)))


# Formulas and tables


def _with_formulas(ours: Sequence[Block], theirs: Sequence[Block]) -> list[Block]:
    """The second reading with our blocks where those hold LaTeX, which letters in a line do not tell."""
    made: list[Block] = []
    for block in theirs:
        instead = _with_latex(block, ours) if block.type in ("text", "list", "equation") else []
        if not instead:
            made.append(block)
        drawn = block.picture if block.type == "equation" else None
        for known in instead:
            shown = known.picture or (drawn if known.type == "equation" else None)
            if not any(known.text == other.text and known.box == other.box for other in made):
                made.append(replace(known, picture=shown))
    return made


def _with_latex(block: Block, ours: Sequence[Block]) -> list[Block]:
    """What we have in the place of a block, if there are formulas in it."""
    within = [
        other
        for other in ours
        if covered(other.box, block.box) > WITHIN
        or (_is_formula(other) and covered(block.box, other.box) > WITHIN)
    ]
    return within if any(_is_formula(other) for other in within) else []


def _is_formula(block: Block) -> bool:
    return bool(block.latex) or (block.type in ("text", "list") and bool(_INLINE.search(block.text)))


def _with_tables(ours: Sequence[Block], theirs: Sequence[Block]) -> list[Block]:
    """The second reading with the better table of every region."""
    kept = _kept_tables(ours, theirs)
    waiting = list(kept)
    made: list[Block] = []
    for block in theirs:
        within = [table for table in kept if _stands_in(block, table)] or _tables_in(block, kept)
        if not within:
            made += _their_table(block, ours) if block.type == "table" else [block]
            continue
        for table in within:
            if table in waiting:
                waiting.remove(table)
                made.append(_captioned(table, block))
    for table in waiting:
        _insert(made, table)
    return made


def _kept_tables(ours: Sequence[Block], theirs: Sequence[Block]) -> list[Block]:
    """Those of our tables that stay, beside or in the place of what the others see there."""
    kept = []
    for block in ours:
        if block.table is None:
            continue
        rivals = [other for other in theirs if other.table and shared(block.box, other.box) > SAME]
        if rivals:
            better = any(other.table and is_clearly_better(other.table, block.table) for other in rivals)
            kept += [] if better else [block]
        elif _is_table_after_all(block, theirs):
            kept.append(block)
    return kept


def _is_table_after_all(block: Block, theirs: Sequence[Block]) -> bool:
    """Whether a table that only we see is one: there is nothing else, or its cells speak for it."""
    within = [other for other in theirs if covered(other.box, block.box) > WITHIN]
    drawn = any(other.type == "image" and not _stands_in(other, block) for other in within)
    return not within or (not drawn and block.table is not None and is_believed(block.table))


def _stands_in(block: Block, table: Block) -> bool:
    """Whether what the others have there is that table of ours, or part of it."""
    if block.type == "table":
        return shared(block.box, table.box) > SAME
    if block.type == "image":
        return covered(table.box, block.box) > WITHIN and covered(block.box, table.box) > SAME
    return covered(block.box, table.box) > WITHIN


def _tables_in(block: Block, kept: Sequence[Block]) -> list[Block]:
    """The tables that say most of what a large block of theirs says that lies around them."""
    around = [table for table in kept if covered(table.box, block.box) > WITHIN]
    return around if around and agreement([block], around) > WITHIN else []


def _their_table(block: Block, ours: Sequence[Block]) -> list[Block]:
    """A table that only they have, if it looks like one; else what we read there."""
    rivals = any(other.table and shared(block.box, other.box) > SAME for other in ours)
    if block.table is None or rivals or is_believed(block.table):
        return [block]
    instead = [other for other in ours if covered(other.box, block.box) > WITHIN]
    return instead or [block]


def _captioned(table: Block, block: Block) -> Block:
    """Our table with the caption of theirs, where that says more."""
    own = table.caption or ""
    if block.type != "table" or not block.caption or squeezed(own) not in squeezed(block.caption):
        return table
    grid = table.text.removeprefix(own).lstrip("\n")
    return replace(table, caption=block.caption, text=f"{block.caption}\n\n{grid}")


# Pictures and roles


def _with_pictures(made: list[Block], ours: Sequence[Block]) -> list[Block]:
    """With our pictures too, each once: as it lies in the document where that shows the whole figure."""
    made = list(made)
    for block in ours:
        if block.picture is None or block.type != "image":
            continue
        same = [other for other in made if other.type == "image" and shared(other.box, block.box) > SAME]
        if not same:
            _insert(made, block)
            continue
        for number, other in enumerate(same):
            said = _both_texts(block, other) if number == 0 else (other.text, other.caption)
            whole = covered(other.box, block.box) > FULL and covered(block.box, other.box) > SAME
            picture = block.picture if whole else other.picture
            made[made.index(other)] = replace(other, picture=picture, text=said[0], caption=said[1])
    captions = {squeezed(block.caption) for block in made if block.caption}
    return [
        block for block in made if block.type in ("table", "image") or squeezed(block.text) not in captions
    ]


def _both_texts(ours: Block, theirs: Block) -> tuple[str, str | None]:
    """What both say of a picture, and its caption; of two readings of the same words the longer one."""
    if theirs.caption:
        return theirs.text, theirs.caption
    if agreement([ours], [theirs]) > WITHIN:
        return max(ours.text, theirs.text, key=len), ours.caption
    return "\n".join(part for part in (ours.text, theirs.text) if part), ours.caption


def _with_roles(made: Sequence[Block], ours: Sequence[Block]) -> list[Block]:
    """With what our reading knows of the same words: links, that they are a list, code, or furniture."""
    made = list(made)
    by_words = {squeezed(block.text): block for block in ours if block.type not in ("table", "image")}
    for place, block in enumerate(made):
        known = by_words.get(squeezed(block.text))
        if known is not None and block.type in ("text", "list"):
            made[place] = _with_role(block, known, made[place + 1] if place + 1 < len(made) else None)
        elif block.type == "list" and not block.links:
            made[place] = _linked(block, ours)
        if not made[place].links and block.type in ("text", "heading"):
            made[place] = _linked(made[place], ours)
    for known in ours:
        if known.type in ("list", "code"):
            made = _with_whole(made, known)
    return made


def _with_role(block: Block, known: Block, after: Block | None) -> Block:
    if known.type in _ROLES:
        text = known.text if known.type in ("list", "code") else block.text
        return replace(block, type=known.type, text=text, links=block.links or known.links)
    if known.type == "heading" and block.type == "text" and is_heading(known, after):
        return replace(block, type="heading", level=known.level, text=known.text)
    return block


def _linked(block: Block, ours: Sequence[Block]) -> Block:
    links = [link for other in ours if shared(other.box, block.box) > SAME for link in other.links]
    said = tuple(dict.fromkeys(link for link in links if link.text in block.text))
    return replace(block, links=said) if said else block


def _with_whole(made: list[Block], known: Block) -> list[Block]:
    """With a list or code of ours in the place of the paragraphs that they took it for."""
    parts = [
        block
        for block in made
        if block.type in ("text", "list") and covered(block.box, known.box) > WITHIN
        and squeezed(block.text) in squeezed(known.text)
    ]  # fmt: skip
    said = "".join(squeezed(block.text) for block in parts)
    if len(parts) < 2 or len(said) != len(squeezed(known.text)):
        return made
    place = made.index(parts[0])
    rest = [block for block in made if block not in parts]
    return [*rest[:place], known, *rest[place:]]


# Words that only one reading has


def _with_gaps(made: Sequence[Block], both: Sequence[Block]) -> list[Block]:
    """With the words of either reading that got lost, as text at their place."""
    made = list(made)
    for block in both:
        if block.picture is not None and not block.text:
            continue
        gaps = Said(made).gaps(block)
        lost = squeezed(" ".join(gaps))
        if not gaps:
            continue
        whole = block.table is None and len(lost) > WITHIN * len(squeezed(block.text))
        if whole:
            _insert(made, block)
            continue
        for gap in gaps:
            _insert(made, Block("text", gap, page=block.page, box=block.box))
    return made


def _insert(made: list[Block], block: Block) -> None:
    """Put a block below the nearest one above it in its column, else above the nearest one below."""
    above = [other for other in made if _is_above(other, block)]
    below = [other for other in made if _is_above(block, other)]
    if above:
        made.insert(made.index(max(above, key=_bottom)) + 1, block)
    elif below:
        made.insert(made.index(min(below, key=_bottom)), block)
    else:
        made.append(block)


def _bottom(block: Block) -> float:
    return block.box.y1 if block.box else 0.0


def _is_above(upper: Block, lower: Block) -> bool:
    """Whether one stands above the other in the same column."""
    if upper.box is None or lower.box is None:
        return False
    apart = upper.box.x0 >= lower.box.x1 or lower.box.x0 >= upper.box.x1
    return not apart and upper.box.y0 <= lower.box.y0 and upper.box.y1 <= lower.box.y1
