"""Each construct of Office formulas, and the LaTeX that it becomes."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest
from lxml import etree

from glede.parsers.omml import latex_of

SHARED = os.environ.get("GLEDE_SHARED", "")
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def latex(inside: str, tag: str = "oMath") -> str:
    """The markup is written without prefixes for the elements, with `m:` for the attributes."""
    source = f'<m:{tag} xmlns:m="{M}" xmlns="{M}" xmlns:w="{W}">{inside}</m:{tag}>'
    return latex_of(etree.fromstring(source))


def run(text: str, properties: str = "") -> str:
    style = f"<rPr>{properties}</rPr>" if properties else ""
    return f'<r>{style}<t xml:space="preserve">{text}</t></r>'


def e(inside: str, tag: str = "e") -> str:
    return f"<{tag}>{inside if inside.startswith('<') or not inside else run(inside)}</{tag}>"


def script(kind: str, base: str, sub: str = "", sup: str = "") -> str:
    parts = (e(sub, "sub") if kind != "sSup" else "") + (e(sup, "sup") if kind != "sSub" else "")
    return f"<{kind}>{e(base)}{parts}</{kind}>"


def nary(sign: str | None, sub: str = "", sup: str = "", properties: str = "") -> str:
    sign_markup = "" if sign is None else f'<chr m:val="{sign}"/>'
    return f"<nary><naryPr>{sign_markup}{properties}</naryPr>{e(sub, 'sub')}{e(sup, 'sup')}{e('x')}</nary>"


def delimited(*insides: str, properties: str = "") -> str:
    return f"<d><dPr>{properties}</dPr>{''.join(map(e, insides))}</d>"


def delimiters(begin: str, end: str) -> str:
    return f'<begChr m:val="{begin}"/><endChr m:val="{end}"/>'


def fraction(over: str, under: str, kind: str = "") -> str:
    properties = f'<fPr><type m:val="{kind}"/></fPr>' if kind else ""
    return f"<f>{properties}{e(over, 'num')}{e(under, 'den')}</f>"


def matrix(*rows: str) -> str:
    return "<m>" + "".join(f"<mr>{''.join(map(e, row))}</mr>" for row in rows) + "</m>"


def accent(sign: str | None, base: str) -> str:
    properties = "" if sign is None else f'<accPr><chr m:val="{sign}"/></accPr>'
    return f"<acc>{properties}{e(base)}</acc>"


def limit(kind: str, base: str, text: str) -> str:
    return f"<{kind}>{e(base)}{e(text, 'lim')}</{kind}>"


def group(inside: str, properties: str = "") -> str:
    return f"<groupChr><groupChrPr>{properties}</groupChrPr>{e(inside)}</groupChr>"


def array(*rows: str, properties: str = "") -> str:
    return f"<eqArr><eqArrPr>{properties}</eqArrPr>{''.join(map(e, rows))}</eqArr>"


def phantom(properties: str) -> str:
    return f"<phant><phantPr>{properties}</phantPr>{e('x')}</phant>"


def bordered(properties: str = "") -> str:
    return f"<borderBox><borderBoxPr>{properties}</borderBoxPr>{e('x')}</borderBox>"


def off(name: str) -> str:
    return f'<{name} m:val="0"/>'


HIDE_ALL = "<hideTop/><hideBot/><hideLeft/><hideRight/>"
UPRIGHT = '<sty m:val="p"/>'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        # Letters and signs
        (run("α+Ω≤∞"), r"\alpha+\Omega\leq\infty"),
        (run("αx"), r"\alpha x"),
        (run("a→b∈ℝ"), r"a\to b\in\mathbb{R}"),
        (run("50% of {a_b} #1"), r"50\% of \{a\_b\} \#1"),
        (run("𝑥𝐀𝔄𝒞𝔻𝛼"), r"x\mathbf{A}\mathfrak{A}\mathcal{C}\mathbb{D}\alpha"),
        (run("f′"), "f'"),
        (run("for all") + run(" ") + run("x"), r"for\ all\ x"),
        (run("飞"), "飞"),
        # Styles
        (run("x", UPRIGHT), r"\mathrm{x}"),
        (run("max", UPRIGHT), r"\max"),
        (run("A", '<sty m:val="b"/>'), r"\mathbf{A}"),
        (run("Aα", '<sty m:val="bi"/>'), r"\boldsymbol{A\alpha}"),
        (run("A", '<scr m:val="script"/>'), r"\mathcal{A}"),
        (run("A", '<scr m:val="fraktur"/>'), r"\mathfrak{A}"),
        (run("R", '<scr m:val="double-struck"/><sty m:val="p"/>'), r"\mathbb{R}"),
        (run("A", '<scr m:val="sans-serif"/>'), r"\mathsf{A}"),
        (run("A", '<scr m:val="monospace"/>'), r"\mathtt{A}"),
        (run("if x_1 ", "<nor/>"), r"\text{if x\_1 }"),
        (run("a", '<nor m:val="0"/>'), "a"),
        # Fractions and radicals
        (fraction("a", "b"), r"\frac{a}{b}"),
        (fraction("a", "b+c", "lin"), "a/{b+c}"),
        (fraction("a", "b", "skw"), "a/b"),
        (fraction("n", "k", "noBar"), r"\genfrac{}{}{0pt}{}{n}{k}"),
        (delimited(fraction("n", "k", "noBar")), r"\binom{n}{k}"),
        (f"<rad><radPr><degHide/></radPr><deg/>{e('x')}</rad>", r"\sqrt{x}"),
        (f"<rad>{e('3', 'deg')}{e('x')}</rad>", r"\sqrt[3]{x}"),
        # Scripts
        (script("sSup", "x", sup="2"), "x^{2}"),
        (script("sSub", "x", sub="ij"), "x_{ij}"),
        (script("sSubSup", "x", "i", "2"), "x_{i}^{2}"),
        (script("sSup", "ab", sup="2"), "{ab}^{2}"),
        (script("sSup", "f", sup="′"), "f'"),
        (script("sSup", delimited("a+b"), sup="2"), r"\left(a+b\right)^{2}"),
        (script("sPre", "X", "1", "2"), "{}_{1}^{2}X"),
        (script("sPre", "X", "1"), "{}_{1}X"),
        # Large operators
        (nary("∑", "i=1", "n"), r"\sum_{i=1}^{n}x"),
        (nary(None, "0", "1"), r"\int_{0}^{1}x"),
        (nary("∬", "D", properties='<limLoc m:val="undOvr"/>'), r"\iint\limits_{D}x"),
        (nary("∏", "i", "n", "<subHide/><supHide/>"), r"\prod x"),
        (nary("⋃", "i"), r"\bigcup_{i}x"),
        # Delimiters
        (delimited("x"), r"\left(x\right)"),
        (delimited("x", properties=delimiters("[", ")")), r"\left[x\right)"),
        (delimited("x", properties=delimiters("{", "")), r"\left\{x\right."),
        (delimited("x", properties=delimiters("⌊", "⌋")), r"\left\lfloor x\right\rfloor"),
        (delimited("x", properties=delimiters("‖", "‖")), r"\left\|x\right\|"),
        (delimited("a", "b"), r"\left(a\middle| b\right)"),
        (delimited("a", "b", properties='<sepChr m:val=","/>'), r"\left(a,b\right)"),
        (delimited("x", properties=delimiters("⌜", "⌝")), "⌜x⌝"),
        # Matrices, cases, arrays of equations
        (matrix("ab", "cd"), r"\begin{matrix} a & b \\ c & d \end{matrix}"),
        (delimited(matrix("ab", "cd")), r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}"),
        (
            delimited(matrix("a", "c"), properties=delimiters("[", "]")),
            r"\begin{bmatrix} a \\ c \end{bmatrix}",
        ),
        (delimited(matrix("ab"), properties=delimiters("|", "|")), r"\begin{vmatrix} a & b \end{vmatrix}"),
        (
            delimited(array("a,&amp;x&gt;0", "b,&amp;x≤0"), properties=delimiters("{", "")),
            r"\begin{cases} a,&x>0 \\ b,&x\leq0 \end{cases}",
        ),
        (array("a&amp;=b", "&amp;=c"), r"\begin{aligned} a&=b \\ &=c \end{aligned}"),
        (array("a=b#(1.2)", properties="<maxDist/>"), r"a=b \tag{1.2}"),
        (array(run("a=b#") + delimited("3")), r"a=b \tag{3}"),
        # Functions and limits
        (f"<func>{e(run('sin', UPRIGHT), 'fName')}{e('x')}</func>", r"\sin x"),
        (f"<func>{e('log', 'fName')}{e(delimited('x'))}</func>", r"\log\left(x\right)"),
        (f"<func>{e(run('rank', UPRIGHT), 'fName')}{e('A')}</func>", r"\operatorname{rank}A"),
        (
            f"<func>{e(limit('limLow', run('lim', UPRIGHT), 'n→∞'), 'fName')}{e('a')}</func>",
            r"\lim_{n\to\infty}a",
        ),
        (
            f"<func>{e(script('sSup', run('sin', UPRIGHT), sup='2'), 'fName')}{e('x')}</func>",
            r"\sin^{2}x",
        ),
        (limit("limLow", run("argmax", UPRIGHT), "x"), r"\operatorname*{argmax}_{x}"),
        (limit("limLow", "abc", "x"), r"\underset{x}{abc}"),
        (limit("limUpp", "=", "def"), r"\overset{def}{=}"),
        # Accents, bars, groups
        (accent(None, "x"), r"\hat{x}"),
        (accent("\u0302", "xy"), r"\widehat{xy}"),
        (accent("\u0303", "x"), r"\tilde{x}"),
        (accent("\u20d7", "v"), r"\vec{v}"),
        (accent("\u20d7", "AB"), r"\overrightarrow{AB}"),
        (accent("\u0305", "x"), r"\bar{x}"),
        (accent("\u0307", "x"), r"\dot{x}"),
        (accent("\u0308", "x"), r"\ddot{x}"),
        (accent("\u030c", "x"), r"\check{x}"),
        (accent("☺", "x"), r"\overset{☺}{x}"),
        (f'<bar><barPr><pos m:val="top"/></barPr>{e("xy")}</bar>', r"\overline{xy}"),
        (f"<bar>{e('xy')}</bar>", r"\underline{xy}"),
        (group("x+y"), r"\underbrace{x+y}"),
        (group("x+y", '<chr m:val="⏞"/><pos m:val="top"/>'), r"\overbrace{x+y}"),
        (limit("limLow", group("x+y"), "n"), r"\underbrace{x+y}_{n}"),
        (
            limit("limUpp", group("x+y", '<chr m:val="⏞"/><pos m:val="top"/>'), "n"),
            r"\overbrace{x+y}^{n}",
        ),
        (group("yields", '<chr m:val="→"/>'), r"\xrightarrow{yields}"),
        (group("cold", '<chr m:val="←"/><pos m:val="top"/>'), r"\xleftarrow[cold]{}"),
        (group("x", '<chr m:val="∼"/><pos m:val="top"/>'), r"\overset{\sim}{x}"),
        # Boxes and phantoms
        (f"<box><boxPr><diff/></boxPr>{e('dx')}</box>", r"\,dx"),
        (f"<box>{e('x')}</box>", "x"),
        (bordered(), r"\boxed{x}"),
        (bordered(HIDE_ALL + "<strikeBLTR/>"), r"\cancel{x}"),
        (bordered(HIDE_ALL + "<strikeTLBR/>"), r"\bcancel{x}"),
        (bordered(HIDE_ALL + "<strikeTLBR/><strikeBLTR/>"), r"\xcancel{x}"),
        (bordered(HIDE_ALL + "<strikeH/>"), r"\sout{x}"),
        (phantom(off("show")), r"\phantom{x}"),
        (phantom(off("show") + "<zeroWid/>"), r"\vphantom{x}"),
        (phantom(off("show") + "<zeroAsc/><zeroDesc/>"), r"\hphantom{x}"),
        (phantom("<zeroAsc/>"), r"\smash{x}"),
        (phantom(""), "x"),
        # Changes, unknown elements
        (run("a") + f"<w:del>{run('b')}</w:del><w:ins>{run('c')}</w:ins>", "ac"),
        (f"<newThing><newThingPr/>{e('x')}</newThing>", "x"),
        ("", ""),
    ],
)  # fmt: skip
def test_construct(source: str, expected: str) -> None:
    assert latex(source) == expected


def test_paragraph_of_formulas() -> None:
    one, two = (f"<oMath>{run(text)}</oMath>" for text in "ab")
    assert latex(one, "oMathPara") == "a"
    assert latex(one + two, "oMathPara") == r"\begin{gathered} a \\ b \end{gathered}"


@pytest.mark.skipif(not SHARED, reason="GLEDE_SHARED names no folder")
def test_each_formula_of_a_document() -> None:
    with zipfile.ZipFile(Path(SHARED) / "corpus" / "equations.docx") as archive:
        root = etree.fromstring(archive.read("word/document.xml"))
    found = [latex_of(formula) for formula in root.iter(f"{{{M}}}oMath")]
    assert len(found) == 27
    assert all(found)
    assert found[8] == r"\left(x+a\right)^{n}=\sum_{k=0}^{n}\binom{n}{k}x^{k}a^{n-k}"
