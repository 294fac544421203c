from pathlib import Path

from bench.tables import agreement, relations, true_tables
from glede.types import Cell, Table

STRUCTURE = """<document filename='x'><table id='1'><region id='1' page='1'>
<cell id='1' start-row='0' start-col='0' end-col='1'><content>Pairs of kites</content></cell>
<cell id='2' start-row='1' start-col='0'><content>2019</content></cell>
<cell id='3' start-row='1' start-col='1'><content>–17</content></cell>
</region></table></document>"""


def test_relations_of_a_structure_file(tmp_path: Path) -> None:
    path = tmp_path / "x-str.xml"
    path.write_text(STRUCTURE, encoding="utf-8")
    (table,) = true_tables(path)
    assert (table.rows, table.columns) == (2, 2)
    found = relations([table])
    assert set(found) == {
        ("2019", "-17", "right"),
        ("pairsofkites", "2019", "below"),
        ("pairsofkites", "-17", "below"),
    }
    assert agreement(found, found).f1 == 1


def test_blank_cells_are_skipped_and_false_tables_cost() -> None:
    true = relations([Table(1, 3, (Cell(0, 0, "a"), Cell(0, 1, " "), Cell(0, 2, "b")))])
    assert set(true) == {("a", "b", "right")}
    false = Table(1, 2, (Cell(0, 0, "c"), Cell(0, 1, "d")))
    score = agreement(true + relations([false]), true)
    assert (score.precision, score.recall) == (0.5, 1)
    assert agreement(relations([]), true).f1 == 0
