"""What a model has seen in a picture, as entities and facts of its chunk: one call for both."""

from __future__ import annotations

from glede.extractors.nlp_tally import Tally
from glede.types import Picture


def tell_seen(tally: Tally, picture: Picture, node: str) -> None:
    """Tie a picture to the things in it, and those to one another."""
    for name in picture.objects:
        tally.add(name, _type_of(name))
        tally.state(node, "shows", name)
    for source, label, target in picture.relations:
        for name in (source, target):
            tally.add(name, _type_of(name))
        tally.state(source, label, target)


def _type_of(name: str) -> str:
    return "name" if name[:1].isupper() else "term"
