"""Small plain tables made up for tests, with what ordinary users ask of them, and what they cannot answer."""

from __future__ import annotations

from dataclasses import dataclass

from glede.tables.values import Rows
from tests.tables.table_examples import rows_of


@dataclass(frozen=True)
class Asked:
    """A table with the words around it, questions with their answers, and questions it does not answer."""

    rows: Rows
    context: str
    answers: tuple[tuple[str, str], ...]
    unanswerable: tuple[str, ...]


KITES = Asked(
    rows_of("Valley | 2019 | 2022 | 2025\nAller | 7 | 10 | 14\nWern | 12 | 9 | 11\nTauber | 3 | 5 | 8"),
    "Red kites\nBreeding pairs by valley and year.",
    (
        ("What was the change in pairs in Aller between 2019 and 2025?", "7"),
        ("By how much did the pairs in Tauber increase from 2019 to 2025?", "5"),
        ("How many pairs were there in Wern in 2022?", "9"),
        ("What was the number of pairs in Aller in 2025?", "14"),
        ("How many breeding pairs did Tauber have in 2019?", "3"),
        ("How many pairs were there in all valleys in 2025?", "33"),
        ("How many pairs were there altogether in 2019?", "22"),
        ("What is the total for 2025?", "33"),
        ("Which valley had the most pairs in 2019?", "Wern"),
        ("Which valley had the fewest pairs in 2025?", "Tauber"),
        ("Which valley had more pairs in 2025, Aller or Wern?", "Aller"),
        ("What is the average number of pairs in Tauber?", "5.3333"),
        ("What was the average number of pairs in 2022?", "8"),
        ("In which year did Wern have the most pairs?", "2019"),
        ("How many more pairs were there in Aller than in Wern in 2025?", "3"),
        ("How many valleys are listed?", "3"),
        ("Which valleys had more than 10 pairs in 2025?", "Aller, Wern"),
        ("How did the number of pairs in Aller change from 2019 to 2022?", "3"),
        ("How many pairs did Aller have in 2022?", "10"),
        ("How many breeding pairs were in Aller and Wern together in 2025?", "25"),
        ("What was the percentage increase of pairs in Aller from 2019 to 2025?", "100%"),
        ("Which year had the highest number of pairs in Tauber?", "2025"),
        ("How many pairs were there in total in Wern?", "32"),
        ("What percentage of pairs in 2025 were in Tauber?", "24.2424%"),
        ("How many fewer pairs were there in Wern in 2022 than in 2019?", "3"),
        ("What is the highest number of pairs in 2022?", "10"),
        ("How much did the pairs grow in Tauber between 2022 and 2025?", "3"),
        ("In 2019, which valley had the least pairs?", "Tauber"),
    ),
    (
        "How many pairs were there in Wern in 2023?",
        "How many pairs were there in Danube in 2022?",
        "How many eggs were there in Aller in 2025?",
        "What was the change in pairs in Aller between 2019 and 2030?",
        "What was the number of chicks in Wern in 2022?",
        "What was the change in eagles in Aller between 2019 and 2025?",
        "How many juvenile pairs were there in Wern in 2022?",
        "Which valley had the most nests in 2019?",
    ),
)
PEOPLE = Asked(
    rows_of(
        """
        Name | Height (cm) | Age | City
        Anna | 168 | 34 | Bremen
        Boris | 191 | 41 | Kiel
        Clara | 175 | 29 | Bremen
        David | 183 | 52 | Ulm
        Elif | 160 | 23 | Kiel
        Falk | 179 | 37 | Bremen
        """
    ),
    "Members of the choir",
    (
        ("How many people live in Bremen?", "3"),
        ("Who is the tallest?", "Boris"),
        ("Who is the oldest person?", "David"),
        ("Who is the youngest?", "Elif"),
        ("What is the average age?", "36"),
        ("What is the average height of the people in Kiel?", "175.5"),
        ("How tall is Clara?", "175"),
        ("How old is Falk?", "37"),
        ("What is the age of Anna?", "34"),
        ("Who is older, Anna or Clara?", "Anna"),
        ("Who is taller, David or Boris?", "Boris"),
        ("List those taller than 180.", "Boris, David"),
        ("Which people are taller than 175 cm?", "Boris, David, Falk"),
        ("Who is younger than 30?", "Clara, Elif"),
        ("Where does David live?", "Ulm"),
        ("Which city does Elif live in?", "Kiel"),
        ("Who lives in Ulm?", "David"),
        ("How many people are older than 35?", "3"),
        ("How much taller is Boris than Elif?", "31"),
        ("How old is the oldest person?", "52"),
        ("How many members are there?", "6"),
        ("Who are the people from Kiel?", "Boris, Elif"),
        ("What is Clara's height?", "175"),
        ("Which person is the shortest?", "Elif"),
        ("How many people are from Bremen?", "3"),
        ("What city is Falk from?", "Bremen"),
        ("Show everyone who is at least 40 years old", "Boris, David"),
        ("What is the mean age of people living in Bremen?", "33.3333"),
    ),
    (
        "How old is Gregor?",
        "How much does Anna weigh?",
        "How many people live in Berlin?",
        "Who is the richest?",
        "What is the average salary?",
    ),
)
BRUT = Asked(
    rows_of("Tal | 2020 | 2023\nAhr | 4 | 6\nLahn | 11 | 9\nSieg | 8 | 8", "Brutpaare nach Tal und Jahr"),
    "Schwarzstörche",
    (
        ("Wie viele Paare gab es 2023 in Ahr?", "6"),
        ("Wie viele Brutpaare gab es 2020 insgesamt?", "23"),
        ("Welches Tal hatte 2023 die meisten Brutpaare?", "Lahn"),
        ("Wie groß war die Veränderung der Brutpaare in Ahr zwischen 2020 und 2023?", "2"),
        ("Wie viele Brutpaare gab es 2020 durchschnittlich?", "7.6667"),
        ("Welches Tal hatte 2020 weniger Brutpaare, Ahr oder Sieg?", "Ahr"),
    ),
    ("Wie viele Brutpaare gab es 2021 in Ahr?", "Wie viele Eier gab es 2020 in Sieg?"),
)
VEREIN = Asked(
    rows_of(
        "Name | Größe | Alter | Wohnort\nUte | 170 | 44 | Jena\nVeit | 188 | 39 | Gera"
        "\nWalter | 176 | 61 | Jena"
    ),
    "Mitglieder des Vereins",
    (
        ("Wer ist am ältesten?", "Walter"),
        ("Wie alt ist Ute?", "44"),
        ("Wie groß ist Veit?", "188"),
        ("Wer wohnt in Gera?", "Veit"),
        ("Wie viele Personen wohnen in Jena?", "2"),
        ("Wo wohnt Walter?", "Jena"),
        ("Wer ist größer als 175?", "Veit, Walter"),
        ("Wer ist jünger, Ute oder Veit?", "Veit"),
    ),
    ("Wie alt ist Xaver?", "Wie schwer ist Ute?"),
)
LIGHTHOUSE = Asked(
    rows_of("Month | Visitors | Receipts\nMay | 310 | $ 1,240\nJune | 420 | $ 2,100\nJuly | 560 | $ 2,800"),
    "The lighthouse in summer",
    (
        ("How many visitors came in June?", "420"),
        ("How many visitors were there in total?", "1290"),
        ("Which month had the most visitors?", "July"),
        ("What were the receipts in May?", "$ 1,240"),
        ("What is the difference in visitors between June and July?", "140"),
        ("Which month had the lowest receipts?", "May"),
        ("What was the average number of visitors?", "430"),
        ("In which month were there the fewest visitors?", "May"),
        ("How many visitors were there in May and June together?", "730"),
        ("What were the total receipts?", "6140"),
        ("In which months were there more than 400 visitors?", "June, July"),
    ),
    (
        "How many visitors came in August?",
        "How many foreign visitors came in June?",
        "How many visitors came in June 2020?",
        "How many boats came in June?",
    ),
)
TREES = Asked(
    rows_of("Year | Trees\n2018 | 120\n2019 | 150\n2020 | 95", "Trees planted in the park"),
    "",
    (
        ("How many trees were planted in 2019?", "150"),
        ("In which year were the most trees planted?", "2019"),
        ("How many trees were planted in total?", "365"),
        ("What was the change in trees planted between 2018 and 2020?", "-25"),
    ),
    ("How many trees were planted in 2021?",),
)
FURNITURE = Asked(
    rows_of(
        "Article | Price (€) | Stock | Colour\nLamp | 35 | 12 | red\nChair | 80 | 4 | blue"
        "\nDesk | 210 | 2 | red"
    ),
    "Furniture on sale",
    (
        ("How much does the Chair cost?", "80"),
        ("Which is the cheapest?", "Lamp"),
        ("What is the price of the Desk?", "210"),
        ("Which are red?", "Lamp, Desk"),
        ("What is the colour of the Chair?", "blue"),
        ("What is the total stock?", "18"),
    ),
    ("How much does the Sofa cost?",),
)
RIVERS = Asked(
    rows_of(
        "River | Length (km) | Country\nRhine | 1,230 | Germany\nLoire | 1,006 | France\nSeine | 775 | France"
    ),
    "Rivers of western Europe",
    (
        ("How long is the Loire?", "1,006"),
        ("Which river is the longest?", "Rhine"),
        ("Which rivers are longer than 1,000 km?", "Rhine, Loire"),
        ("How many rivers are there in France?", "2"),
        ("Which river is longer, the Loire or the Seine?", "Loire"),
        ("What is the average length of the rivers?", "1003.6667"),
        ("What is the length of the Seine?", "775"),
        ("Which country is the Rhine in?", "Germany"),
        ("What is the shortest river?", "Seine"),
        ("How much longer is the Rhine than the Seine?", "455"),
        ("What is the total length of all rivers?", "3011"),
    ),
    ("How long is the Danube?", "Which river is the longest in Spain?", "How deep is the Rhine?"),
)
RAIN = Asked(
    rows_of(
        "Station | Jan | Feb | Mar\nHof | 12 | 30 | 41\nPlauen | 8 | 22 | 35\nGera | 15 | 19 | 27",
        "Rainfall in mm by station",
    ),
    "",
    (
        ("Which station had the most rainfall in Feb?", "Hof"),
        ("What is the total rainfall in Jan?", "35"),
        ("What was the average rainfall in Gera?", "20.3333"),
    ),
    (
        "How much rainfall was there in Gera in April?",
        "What was the average rainfall in Jena?",
    ),
)
PLAYERS = Asked(
    rows_of(
        """
        Player | Team | Goals | Assists
        Kim | Reds | 12 | 4
        Lopez | Blues | 9 | 11
        Maier | Reds | 15 | 2
        Nilsson | Greens | 7 | 6
        """
    ),
    "",
    (
        ("Who scored the most goals?", "Maier"),
        ("How many goals did Lopez score?", "9"),
        ("How many players are in the Reds?", "2"),
        ("Which team does Kim play for?", "Reds"),
        ("How many goals did the Reds score in total?", "27"),
        ("Who had more assists, Kim or Nilsson?", "Nilsson"),
        ("Which players have more than 10 goals?", "Kim, Maier"),
        ("What is the average number of assists?", "5.75"),
    ),
    (
        "How many red cards did Kim get?",
        "How many goals did Olsen score?",
    ),
)
CITIES = Asked(
    rows_of(
        """
        Stadt | Einwohner | Fläche (km²)
        Fulda | 68345 | 104
        Kassel | 201048 | 107
        Gießen | 84301 | 73
        """,
        "Städte in Hessen",
    ),
    "",
    (
        ("Welche Stadt hat die meisten Einwohner?", "Kassel"),
        ("Wie groß ist die Fläche von Kassel?", "107"),
        ("Wie viele Einwohner haben alle Städte zusammen?", "353694"),
        ("Wie viele Einwohner hat Fulda?", "68345"),
    ),
    ("Wie viele Einwohner hat Marburg?",),
)
ALL = {
    "kites": KITES,
    "people": PEOPLE, "brut": BRUT, "verein": VEREIN, "lighthouse": LIGHTHOUSE, "trees": TREES,
    "furniture": FURNITURE, "rain": RAIN, "players": PLAYERS, "cities": CITIES,
    "rivers": RIVERS,
}  # fmt: skip
