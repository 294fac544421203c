from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from glede.errors import DocumentError, LimitError, MalformedError
from glede.parsers.html import HtmlParser
from glede.parsers.mathml import latex_of
from glede.parsing import ParseOptions
from glede.testing.parser_contract import ParserContract
from glede.types import Parsed

GOLDEN = Path(__file__).parent / "golden"
SHARED = Path(__file__).parents[3] / "shared" / "corpus"


def parse(text: str | bytes) -> Parsed:
    data = text.encode() if isinstance(text, str) else text
    return HtmlParser().parse(data, "text/html", ParseOptions())


def texts(text: str) -> list[tuple[str, str]]:
    return [(block.type, block.text) for block in parse(text).blocks]


class TestHtmlContract(ParserContract):
    parser = HtmlParser()
    samples = (
        ((GOLDEN / "page.html").read_bytes(), "text/html"),
        (
            b'<?xml version="1.0" encoding="utf-8"?><html><body><p>x</p></body></html>',
            "application/xhtml+xml",
        ),
    )


@pytest.mark.parametrize(
    ("markup", "latex"),
    [
        ("<mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup>", "E = mc^{2}"),
        ("<msqrt><mi>a</mi><mo>+</mo><mn>1</mn></msqrt>", r"\sqrt{a + 1}"),
        ("<mroot><mi>x</mi><mn>3</mn></mroot>", r"\sqrt[3]{x}"),
        ("<mfrac><mi>α</mi><mrow><mn>2</mn><mi>b</mi></mrow></mfrac>", r"\frac{\alpha}{2b}"),
        ("<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover><mi>x</mi>", r"\sum_{i}^{n}x"),
        ("<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>", "x_{i}^{2}"),
        ("<mover><mi>v</mi><mo>→</mo></mover>", r"\vec{v}"),
        ("<mtext>if</mtext><mi>β</mi><mi>x</mi>", r"\text{if}\beta x"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        ("<mtable><mtr><mtd>1</mtd><mtd>0</mtd></mtr><mtr><mtd>0</mtd><mtd>1</mtd></mtr></mtable>",
         r"\begin{matrix} 1 & 0 \\ 0 & 1 \end{matrix}"),
        ("<mstrange><mi>x</mi></mstrange>", "x"),
    ],
)  # fmt: skip
def test_mathml(markup: str, latex: str) -> None:
    assert latex_of(lxml_html.fragment_fromstring(f"<math>{markup}</math>")) == latex


def test_wikipedia_formula() -> None:
    markup = (
        '<p>So <span class="mwe-math-element"><span style="display: none;"><math '
        'alttext="{\\displaystyle a_1}"></math></span><img alt="a_1" src="x.svg">'
        "</span> holds.</p>"
    )
    assert texts(markup) == [("text", "So $a_1$ holds.")]


def test_mathjax_2_is_not_doubled() -> None:
    markup = (
        '<p>A <span class="MathJax_Preview">p</span><span class="MathJax"><math><mi>q</mi></math></span>'
        '<script type="math/tex">q_1</script> b</p>'
    )
    assert texts(markup) == [("text", "A $q_1$ b")]


def test_spans_reach_no_further_than_the_table() -> None:
    (block,) = parse("<table><tr><td rowspan=0>a<td colspan=0>b<tr><td rowspan=99>c</table>").blocks
    assert block.table is not None
    assert block.table.grid() == [["a", "b"], ["a", "c"]]


def test_layout_tables_do_not_double_text() -> None:
    markup = "<table><tr><td>outer<table><tr><td>x<td>y<tr><td>z<td>w</table></td><td>side</td></tr></table>"
    found = " ".join(text for _, text in texts(markup))
    assert [found.count(word) for word in ("outer", "x", "y", "z", "w", "side")] == [1] * 6


def test_chrome_is_dropped_and_main_preferred() -> None:
    page = "<body><header>Site</header><nav>Menu</nav><main><p>The text itself.</p></main><p>Ad</p></body>"
    assert texts(page) == [("text", "The text itself.")]
    page = "<body><main>x</main><p>What most of the page consists of.</p></body>"
    assert len(texts(page)) == 2


def test_the_frame_around_several_articles_is_dropped_and_what_is_inside_them_is_kept() -> None:
    page = (
        "<body><header>Site <form>Search</form></header><form>"
        "<article><header><h1>Kites</h1></header><p>They soar.</p><aside>A note.</aside></article>"
        "<article><h1>Owls</h1><p>They hoot.</p><footer>By Ada</footer></article>"
        "</form><aside>Most read</aside><footer>Imprint</footer></body>"
    )
    assert [block.text for block in parse(page).blocks] == [
        "Kites", "They soar.", "A note.", "Owls", "They hoot.", "By Ada",
    ]  # fmt: skip
    assert "Site" in parse(page.replace("article", "div")).blocks[0].text


def test_characters_that_no_tree_can_hold() -> None:
    assert parse("<p>a&#31;b&#xd800;c\x1fd &#65;&#x42;</p><math><mi>\x02</mi></math>").blocks[0].text == (
        "a\ufffdb\ufffdc d AB"
    )


def test_declared_encoding() -> None:
    page = '<meta charset="cp1251"><p>Привет</p>'.encode("cp1251")
    assert parse(page).blocks[0].text == "Привет"


def test_no_entity_is_expanded_and_no_file_read() -> None:
    page = '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY l "lol">]>'
    found = parse(page + "<html><body><p>a &x; &l; b</p></body></html>")
    assert "root:" not in found.blocks[0].text
    assert "lol lol" not in found.blocks[0].text


@pytest.mark.parametrize("page", ["", "<html></html>", "<script>x</script>", "<!-- x -->", "<nav>menu</nav>"])
def test_no_text(page: str) -> None:
    with pytest.raises(MalformedError):
        parse(page)


@pytest.mark.measured
@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 20_000 + "x" + "</div>" * 20_000,
        "<table><tr><td>" * 3000,
        "<ul><li>x" * 5000,
        "<table>" + ("<tr>" + "<td rowspan=60000 colspan=1000>x" * 50) * 50 + "<tr><td>y" * 5000,
        "<p>x" * 20_000,
        "<math>" + "<mi>x</mi>" * 30_000 + "</math>",
        "<figure><img alt=a><figcaption>b</figcaption></figure>" * 3000,
    ],
    ids=["divs", "tables", "lists", "spans", "paragraphs", "math", "figures"],
)
def test_hostile_pages_end_quickly(page: str) -> None:
    start = time.process_time()
    try:
        assert parse(page).blocks
    except DocumentError as error:
        assert isinstance(error, LimitError)
    assert time.process_time() - start < 5


WORDS = st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=4).map(" ".join)
ELEMENTS = st.recursive(
    WORDS,
    lambda inner: st.tuples(
        st.sampled_from(
            ["div", "p", "ul", "li", "b", "h2", "pre", "blockquote", "section", "td", "figure", "a"]
        ),
        st.lists(inner, min_size=1, max_size=3).map(" ".join),
    ).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(ELEMENTS)
def test_no_word_is_lost_or_doubled(markup: str) -> None:
    found = " ".join(block.text for block in parse(f"<body>{markup}</body>").blocks)
    assert re.findall("[a-z]+", found) == re.findall("[a-z]+", re.sub(r"<[^>]+>", " ", markup))


@pytest.mark.skipif(not SHARED.exists(), reason="the shared corpus is not here")
def test_wikipedia_article_resembles_the_reference() -> None:
    found = " ".join(block.text for block in parse((SHARED / "wiki_duck.html").read_bytes()).blocks)
    reference = (SHARED / "gt" / "wiki_duck.html.md").read_text(encoding="utf-8")
    article = re.sub(r"\]\((?:[^()]|\([^()]*\))*\)", "]", reference[reference.index("## Etymology") :])
    words = set(re.findall(r"[A-Za-z]{4,}", article[: article.index("## See also")]))
    assert len(words & set(re.findall(r"[A-Za-z]{4,}", found))) > 0.97 * len(words)


def test_links_stay_with_their_blocks() -> None:
    page = (
        "<h2>Reports <a href='/all'>all of them</a></h2><p>See the <a href='https://example.org/2025'>2025\n"
        "report</a> or <a href='mailto:kite@example.org'>write</a>.</p><p>Plain.</p>"
        "<p><a href='javascript:alert(1)'>never</a></p>"
        "<table><tr><td><a href='https://example.org/t'>Aller</a></td></tr></table>"
    )
    found = [[(link.text, link.address) for link in block.links] for block in parse(page).blocks]
    assert found == [
        [("all of them", "/all")],
        [("2025 report", "https://example.org/2025"), ("write", "mailto:kite@example.org")],
        [],
        [],
        [("Aller", "https://example.org/t")],
    ]
