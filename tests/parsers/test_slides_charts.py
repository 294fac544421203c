"""Charts of presentations, as tables."""

from __future__ import annotations

from lxml import etree
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.presentation import Presentation as Deck
from pptx.util import Pt

from glede.parsers.office_charts import chart_of
from tests.parsers.slides_files import A, presentation, read, titled


def test_charts_are_tables() -> None:
    def build(made: Deck) -> None:
        data = CategoryChartData()
        data.categories = ["2023", "2024"]
        data.add_series("kites", (0.25, 0.5), "0%")
        data.add_series("eagles", (1, None))
        slide = titled(made, "Charts")
        frame = slide.shapes.add_chart(
            XL_CHART_TYPE.COLUMN_CLUSTERED, Pt(50), Pt(150), Pt(300), Pt(200), data
        )
        frame.chart.has_title = True
        frame.chart.chart_title.text_frame.text = "Pairs seen"

    block = read(presentation(build)).blocks[1]
    assert (block.type, block.caption) == ("table", "Pairs seen")
    assert block.text == (
        "Pairs seen\n\n|  | kites | eagles |\n| --- | --- | --- |\n| 2023 | 25% | 1 |\n| 2024 | 50% |  |"
    )


def test_charts_of_other_kinds() -> None:
    def build(made: Deck) -> None:
        places = [Pt(50), Pt(150), Pt(300), Pt(200)]
        slice_data = CategoryChartData()
        slice_data.categories = ["mice", "frogs"]
        slice_data.add_series("Food", (0.75, 0.25))
        titled(made, "Pie").shapes.add_chart(XL_CHART_TYPE.PIE, *places, slice_data)
        points = XyChartData()
        for name, values in (("kites", ((1.5, 2), (3, 4))), ("eagles", ((7, 8),))):
            series = points.add_series(name)
            for x, y in values:
                series.add_data_point(x, y)
        titled(made, "Points").shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *places, points)

    tables = [block for block in read(presentation(build)).blocks if block.type == "table"]
    assert [(block.caption, block.table.grid()) for block in tables if block.table] == [
        ("Food", [["", "Food"], ["mice", "0.75"], ["frogs", "0.25"]]),
        (None, [["", "kites"], ["1.5", "2"], ["3", "4"]]),
        (None, [["", "eagles"], ["7", "8"]]),
    ]


def test_categories_of_categories() -> None:
    def build(made: Deck) -> None:
        data = CategoryChartData()
        for country, towns in (("US", ("LA", "NY")), ("UK", ("London",))):
            category = data.add_category(country)
            for town in towns:
                category.add_sub_category(town)
        data.add_series("Pairs", (1, 2, 3))
        data.add_series("Chicks", (4, 5, 6))
        kind = XL_CHART_TYPE.BAR_CLUSTERED
        titled(made, "Towns").shapes.add_chart(kind, Pt(50), Pt(150), Pt(300), Pt(200), data)

    table = read(presentation(build)).blocks[1].table
    assert table is not None
    assert [row[0] for row in table.grid()] == ["", "US / LA", "US / NY", "UK / London"]


def test_newer_charts() -> None:
    space = "http://schemas.microsoft.com/office/drawing/2014/chartex"
    source = f"""<cx:chartSpace xmlns:cx="{space}" xmlns:a="{A}"><cx:chartData><cx:data id="0">
    <cx:strDim type="cat"><cx:lvl><cx:pt idx="0">in</cx:pt><cx:pt idx="1">out</cx:pt></cx:lvl></cx:strDim>
    <cx:numDim type="val"><cx:lvl><cx:pt idx="0">5</cx:pt><cx:pt idx="1">-2</cx:pt></cx:lvl></cx:numDim>
    </cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:rich><a:p><a:r><a:t>Balance</a:t></a:r></a:p>
    </cx:rich></cx:tx></cx:title><cx:plotArea><cx:plotAreaRegion><cx:series><cx:tx><cx:txData>
    <cx:v>Pairs</cx:v></cx:txData></cx:tx></cx:series></cx:plotAreaRegion></cx:plotArea></cx:chart>
    </cx:chartSpace>"""
    chart = chart_of(etree.fromstring(source))
    assert chart.title == "Balance"
    assert [table.grid() for table in chart.tables] == [[["", "Pairs"], ["in", "5"], ["out", "-2"]]]
