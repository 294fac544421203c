from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glede.parsers.markdown import MarkdownParser
from glede.parsers.markdown_tabular import cell_text, latex_tables
from glede.parsing import ParseOptions
from glede.tables.values import Rows
from glede.types import Block

SALES = r"""
\begin{tabular}{|c|c|c|}
  \hline
  \multirow[b]{2}{*}{(Millions)} & \multicolumn{2}{|c|}{Year ended June 30,} \\
  & 2023 & 2022 \\ \hline

  Net sales & \$ 8,325 & \$ 8,702 \\
  \multicolumn{3}{|l|}{Operating expenses} \\
  Research \& development & $(473)$ & $\mathbf{5}$ \% \\[2pt]
  \cline{2-3}
\end{tabular}
"""


def blocks(source: str) -> tuple[Block, ...]:
    return MarkdownParser().parse(source.encode(), "text/markdown", ParseOptions()).blocks


def grids(source: str) -> list[list[list[str]]]:
    return [found.table.grid() for found in latex_tables(source)]


def test_a_table_in_latex_is_a_table() -> None:
    (block,) = blocks(SALES)
    assert block.type == "table"
    assert block.table is not None
    assert block.table.grid() == [
        ["(Millions)", "Year ended June 30,", "Year ended June 30,"],
        ["(Millions)", "2023", "2022"],
        ["Net sales", "$ 8,325", "$ 8,702"],
        ["Operating expenses", "", ""],
        ["Research & development", "(473)", "5 %"],
    ]


def test_its_rows_can_be_computed_with() -> None:
    from glede.tables.typing import typed

    (block,) = blocks(SALES)
    assert block.table is not None
    rows = typed(block.table, None, "")
    assert isinstance(rows, Rows)
    assert [value for value in rows.values[0] if isinstance(value, float)] == [8325.0, 8702.0]


def test_text_around_it_stays() -> None:
    found = blocks("We sold\n" + SALES.strip() + "\nless than in 2022.\n\nEnd.")
    assert [block.type for block in found] == ["text", "table", "text", "text"]
    assert [block.text for block in found if block.type == "text"] == [
        "We sold",
        "less than in 2022.",
        "End.",
    ]


def test_a_frame_gives_the_caption() -> None:
    source = (
        "\\begin{table}[h]\n\\centering\n\\caption[short]{Sales of \\textbf{cars}}\n"
        "\\begin{tabularx}{\\textwidth}{lr}\na & 1 \\\\ b & 2\n\\end{tabularx}\n\\end{table}"
    )
    (block,) = blocks(source)
    assert (block.caption, block.text.splitlines()[0]) == ("Sales of cars", "Sales of cars")
    assert block.table is not None
    assert block.table.grid() == [["a", "1"], ["b", "2"]]


@pytest.mark.parametrize(
    ("source", "grid"),
    [
        (
            r"\begin{tabular}{ll}a & \begin{tabular}{l}b \\ c\end{tabular} \\ d & e\end{tabular}",
            [["a", "b c"], ["d", "e"]],
        ),
        (r"\begin{tabular}{l@{ : }l}a {x & y} & b\end{tabular}", [["a {x & y}", "b"]]),
        (r"\begin{tabular}{ll}a \& b & c\\d\end{tabular}", [["a & b", "c"], ["d", ""]]),
        (r"\begin{tabular}{ll}\multirow{9}{*}{a} & b\\ & c\end{tabular}", [["a", "b"], ["a", "c"]]),
        (r"\begin{tabular}{ll}\multirow{2}{*}{a} & b\\c & d\end{tabular}", [["a", "b"], ["c", "d"]]),
        (r"\begin{tabular}{l}{a & b \\ c & d\end{tabular}", [["{a", "b"], ["c", "d"]]),
        (r"\begin{tabular}{l}a\end{tabular}\begin{tabular}{l}b\end{tabular}", [["a"]]),
        (r"\begin{tabular}{l}a & b", [["a", "b"]]),
    ],
)  # fmt: skip
def test_odd_tables(source: str, grid: list[list[str]]) -> None:
    assert grids(source)[0] == grid


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (r"$(8,958)$", "(8,958)"),
        (r"\textbf{Total \emph{assets}}", "Total assets"),
        (r"$\$$ 5", "$ 5"),
        (r"$x^2$ and $\alpha$", r"$x^2$ and $\alpha$"),
        (r"$\underline{\text { Earnings }}$", "Earnings"),
        ("a~b\n  c", "a b c"),
    ],
)
def test_cells_as_they_read(source: str, text: str) -> None:
    assert cell_text(source) == text


@pytest.mark.parametrize(
    "source",
    [
        "    \\begin{tabular}{l}\n    a\n    \\end{tabular}",
        "```\n\\begin{tabular}{l}\na\n\\end{tabular}\n```",
        "\\begin{tabular}{l}\na & b",
        "see \\begin{tabular}{l} in a line \\end{tabular}",
        "\\begin{table}\nno columns\n\\end{table}",
    ],
)
def test_what_is_no_table(source: str) -> None:
    assert "table" not in {block.type for block in blocks(source)}


@pytest.mark.measured
@pytest.mark.parametrize(
    "source",
    [
        "\\begin{tabular}{l}\n\n" * 20_000,
        "\\begin{tabular}" + "{" * 100_000 + "\n\\end{tabular}",
        "\\begin{tabular}{l}\n" + "\\multicolumn{999999999}{l}{a} & " * 2_000 + "\n\\end{tabular}",
        "\\begin{tabular}{l}\n" + "\\textbf{" * 5_000 + "\n\\end{tabular}",
        "\\begin{tabular}{l}\n" + "\\multirow{9}{*}{" * 5_000 + "\n\\end{tabular}",
        "\\begin{tabular}{l}\n" + "\\\\" * 100_000 + "\n\\end{tabular}",
    ],
)
def test_hostile_tables_end_quickly(source: str) -> None:
    began = time.process_time()
    blocks("a\n\n" + source)
    assert time.process_time() - began < 5


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from(["", "a", "b c", "1,5", "$x_1$"]), min_size=1, max_size=4), max_size=5)
)
def test_no_cell_is_lost(rows: list[list[str]]) -> None:
    body = " \\\\\n".join(" & ".join(row) for row in rows)
    (found,) = latex_tables(f"\\begin{{tabular}}{{llll}}\n{body}\n\\end{{tabular}}")
    shown = [[text for text in row if text] for row in found.table.grid()]
    assert shown == [[text for text in row if text] for row in rows if any(row)]
