"""Whether a question needs the one before it to be understood: by the words that refer, without a model."""

from __future__ import annotations

import re

from glede.text.keywords import analyse

_REFERRING = """
it its itself they them their theirs he him his she her hers this these those former latter
er ihn ihm ihr ihre ihrem ihren ihrer sein seine seinem seinen seiner dessen deren denen dies diese diesem
diesen dieser dieses dort davon dazu damit darin daran darüber dabei dafür jene jener
il elle ils elles lui leur leurs cet cette ces cela ceci celui celle ceux
ella ellos ellas esta este estos estas esa ese esos esas eso esto aquello allí ahí
esso essa essi esse lei loro suo sua suoi sue questo questa questi queste quello quella
ele ela eles elas seu seus isto isso aquele aquela ali
hij zij hem haar hun hen deze ervan ermee
он она оно они его её ее их ему ей им ним нём нем неё нее них это этот эта эти этого этой этих там тогда
هو هي هم هن هذا هذه ذلك تلك هؤلاء هناك فيه فيها منه منها عنه عنها له لها لهم
"""
"""Words that mean something said before, in ten languages: none that is an article or a conjunction."""
_WORDS = frozenset(_REFERRING.split())
_AT_THE_END = re.compile(r"\b(that|there|ones?|da|das|dat|daar|ça|là|lì|lá|те|тот)\W*$", re.IGNORECASE)
"""Words that refer where nothing follows them."""
_CHINESE = re.compile(r"它|他|她|这|那(?!曲)|其(?!他|它)|该|此")
_GOES_ON = re.compile(
    r"^\W*(and|but|or|so|what about|how about|und|aber|oder|et|mais|y|e|ma|en|maar|а|и|но|ماذا عن|还有)\b",
    re.IGNORECASE,
)
_FEW = 2
"""A question of fewer meaningful words says too little to be searched for alone."""


def refers(question: str) -> bool:
    """Whether the question leans on the one before: it refers, begins as one that goes on, or says little."""
    if any(sign.search(question) for sign in (_GOES_ON, _AT_THE_END, _CHINESE)):
        return True
    if not _WORDS.isdisjoint(re.findall(r"\w+", question.casefold())):
        return True
    return len(set(analyse(question))) < _FEW
