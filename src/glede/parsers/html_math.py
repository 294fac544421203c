"""The first pass over HTML: formulas become `<glede-math>` elements that hold their LaTeX.

KaTeX, MathJax 2 to 4 and Wikipedia leave the source beside the rendering; only for bare MathML it has to
be made up (see `glede.parsers.mathml`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from glede.parsers.mathml import latex_of

MATH = "glede-math"
_WRAPPER_TAGS = frozenset(["mjx-container", "mjx-assistive-mml"])
_WRAPPER_CLASS = re.compile(r"(?:^|\s)(?:katex|mwe-math|MathJax|MJX|mjx)", re.IGNORECASE)
_RENDERING = re.compile(r"(?:^|\s)MathJax(?:_\w+)?(?:\s|$)")
_CLIMB = 8
_DISPLAYSTYLE = re.compile(r"\{\\(?:displaystyle|textstyle)\s+(.*)\}", re.DOTALL)


def save_math(root: HtmlElement) -> None:
    """Replace every formula below `root`, together with the rendering around it."""
    scripts = [script for script in root.iter("script") if script.get("type", "").startswith("math/tex")]
    for script in scripts:
        _replace(script, script.text or "", display="mode=display" in script.get("type", ""))
    if scripts:  # MathJax 2 keeps its rendering beside the script
        _drop_renderings(root)
    replaced: set[HtmlElement] = set()
    for element in list(root.iter("math", "mjx-container")):
        wrappers = list(_wrappers(element))
        if replaced.isdisjoint(wrappers) and (latex := _latex(element)):
            _replace(wrappers[-1], latex, display=any(map(_is_display, wrappers)))
            replaced.add(wrappers[-1])


def _drop_renderings(root: HtmlElement) -> None:
    for element in [element for element in root.iter() if _RENDERING.search(element.get("class", ""))]:
        if element.getparent() is not None:
            element.drop_tree()


def _wrappers(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element, and those around it that belong to the rendering of the same formula."""
    yield element
    reached: list[HtmlElement] = []
    for above, _ in zip(element.iterancestors(), range(_CLIMB), strict=False):
        reached.append(above)
        if above.tag in _WRAPPER_TAGS or _WRAPPER_CLASS.search(above.get("class", "")):
            yield from reached
            reached = []


def _is_display(element: HtmlElement) -> bool:
    if element.get("display") in ("block", "true"):
        return True
    return "display" in element.get("class", "").lower() and element.tag != "math"


def _latex(element: HtmlElement) -> str:
    for annotation in element.iter("annotation"):
        if "tex" in annotation.get("encoding", "").lower():
            return _unwrapped(annotation.text or "")
    for candidate in element.iter("math", "mjx-container", "mjx-math"):
        if source := candidate.get("alttext") or candidate.get("data-latex"):
            return _unwrapped(source)
    if element.tag == "math":
        return latex_of(element)
    return ""


def _unwrapped(latex: str) -> str:
    match = _DISPLAYSTYLE.fullmatch(latex.strip())
    return (match[1] if match else latex).strip()


def _replace(element: HtmlElement, latex: str, *, display: bool) -> None:
    parent = element.getparent()
    if parent is None:
        return
    marker = element.makeelement(MATH, {"display": "block" if display else "inline"})
    marker.text, marker.tail, element.tail = latex.strip(), element.tail, None
    parent.replace(element, marker)
