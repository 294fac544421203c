"""Makes samples/report.pdf: two pages with headings, a ruled table and a figure. Needs the extra `test`.

    python tools/make_sample_report.py [TARGET]

The same bytes come out each time, so that the file in the repository can be compared with it.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
from reportlab.platypus import Image as Figure

INK, RUST, PALE = HexColor("#22303c"), HexColor("#a8452a"), HexColor("#f3ede4")
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=15, textColor=INK, spaceAfter=9)
TITLE = ParagraphStyle("title", BODY, fontName="Helvetica-Bold", fontSize=22, leading=27, spaceAfter=14)
HEADING = ParagraphStyle(
    "heading", BODY, fontName="Helvetica-Bold", fontSize=14, leading=18, textColor=RUST, spaceBefore=12
)
CAPTION = ParagraphStyle("caption", BODY, fontName="Helvetica-Oblique", fontSize=9, leading=12)

WIND = [
    ["Place", "Height", "Mean wind", "Strongest gust", "Day of the gust"],
    ["Summit mast", "612 m", "7.4 m/s", "31.2 m/s", "18 January"],
    ["South slope", "455 m", "4.1 m/s", "22.8 m/s", "18 January"],
    ["Quarry roost", "380 m", "3.3 m/s", "19.5 m/s", "2 December"],
    ["Visitor hut", "290 m", "2.6 m/s", "17.1 m/s", "18 January"],
]
PAIRS = {"2019": 7, "2020": 8, "2021": 8, "2022": 10, "2023": 11, "2024": 12, "2025": 14}


def chart() -> io.BytesIO:
    """Pairs of red kites by year, as a PNG picture."""
    image = Image.new("RGB", (1200, 600), "#ffffff")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(28)
    draw.line([(90, 520), (1160, 520)], fill="#22303c", width=3)
    for place, (year, pairs) in enumerate(PAIRS.items()):
        left = 130 + place * 150
        top = 520 - pairs * 32
        draw.rectangle([left, top, left + 90, 519], fill="#a8452a")
        draw.text((left + 45, top - 8), str(pairs), fill="#22303c", font=font, anchor="mb")
        draw.text((left + 45, 534), year, fill="#22303c", font=font, anchor="mt")
    stream = io.BytesIO()
    image.save(stream, "PNG", optimize=True)
    stream.seek(0)
    return stream


def wind_table() -> Table:
    """The ruled table of the first page."""
    table = Table(WIND, colWidths=[95, 60, 80, 100, 110], rowHeights=22)
    table.setStyle(
        TableStyle(
            [
                ("FONT", (0, 0), (-1, 0), "Helvetica-Bold", 9.5),
                ("FONT", (0, 1), (-1, -1), "Helvetica", 9.5),
                ("TEXTCOLOR", (0, 0), (-1, 0), white),
                ("TEXTCOLOR", (0, 1), (-1, -1), INK),
                ("BACKGROUND", (0, 0), (-1, 0), RUST),
                ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, PALE]),
                ("GRID", (0, 0), (-1, -1), 0.6, INK),
                ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ]
        )
    )
    return table


def story() -> list[Flowable]:
    """What stands on the two pages."""
    return [
        Paragraph("Yearly report 2025", TITLE),
        Paragraph(
            "This report of the Aller Ridge Observatory sums up the wind measurements and the breeding "
            "season of the red kites. It was written in January 2026 by the volunteers of the station.",
            BODY,
        ),
        Paragraph("Wind", HEADING),
        Paragraph(
            "2025 was a windy year. The storm of 18 January brought the strongest gust since the station was "
            "built; it bent the summit mast, which was straightened in March. Table 1 lists what the four "
            "anemometers measured.",
            BODY,
        ),
        Paragraph("Table 1: Wind speeds measured at the four places in 2025", CAPTION),
        wind_table(),
        Spacer(1, 14),
        Paragraph("Rain", HEADING),
        Paragraph(
            "Rain fell on 171 days, 846 mm in all. The wettest day was 9 July with 64 mm, when the lower "
            "part of the oak path was washed out.",
            BODY,
        ),
        PageBreak(),
        Paragraph("Red kites", HEADING),
        Paragraph(
            "Fourteen pairs of red kites bred on the ridge and raised 23 young, of which 19 were ringed. One "
            "of them, a female with the ring K 417, was seen in November in the marshes near Valdoro, 1,120 "
            "km to the south-west.",
            BODY,
        ),
        Paragraph("The number of pairs has doubled since 2019, as Figure 1 shows.", BODY),
        Figure(chart(), 440, 220),
        Paragraph("Figure 1: Breeding pairs of red kites on Aller Ridge, 2019 to 2025", CAPTION),
        Paragraph("Outlook", HEADING),
        Paragraph(
            "In 2026 the thermometer will be replaced, and a second camera will watch the winter roost at "
            "the quarry.",
            BODY,
        ),
    ]


def main() -> None:
    """Write the report where the first argument says, or into samples/."""
    beside = Path(__file__).parents[1] / "samples" / "report.pdf"
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else beside
    document = SimpleDocTemplate(
        str(target), pagesize=A4, title="Yearly report 2025", author="Aller Ridge Observatory", invariant=1
    )
    document.build(story())


if __name__ == "__main__":
    main()
