"""What looks like a name and names nothing: numbers in words, units, and references such as "Figure 1".

Left in, they stand beside everything, tie documents that have nothing in common, and head every list.
"""

from __future__ import annotations

import re
from functools import lru_cache

from glede.extractors.nlp_words import words_of

_NUMBERS = words_of(
    """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
    hundreds thousand thousands million millions billion billions trillion dozen dozens half first second
    third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth and
    null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn
    siebzehn achtzehn neunzehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert
    tausend millionen milliarden dutzend erste zweite dritte vierte
    один два три четыре пять шесть семь восемь девять десять двенадцать двадцать тридцать сорок пятьдесят
    сто тысяча тысячи миллион миллиона миллионов миллиард миллиарда миллиардов
    واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة عشرون ثلاثون مئة مائة ألف مليون مليار"""
)
_HAN_NUMBER = re.compile("[第]?[零一二三四五六七八九十百千万亿两]+[个位年月日章节页条次]?")
_SINGLE_WORDS = frozenset({"one", "first", "second", "third", "half", "and", "null", "million", "billion"})
"""Number words that by themselves may be a title or a unit of its own; only capitals of a text tell."""
_UNITS = words_of(
    """km m cm mm nm µm kg g mg µg t l L ml s ms h Hz kHz MHz GHz W kW MW GW kWh MWh kV mA mAh °C °F kB KB
    MB GB TB PB KiB MiB GiB kbit Mbit Gbit bps kbps Mbps Gbps dpi px fps rpm psi MPa kPa USD EUR GBP CHF
    JPY CNY RMB km/h km² m² m³ m/s mph ppm ppb dB mol kcal kJ км кг м см мм г т л млн млрд руб"""
)
"""As they are written: MS is none."""
_LABELS = words_of(
    """figure figures fig figs table tables tab chart charts picture pictures image images photo plate
    diagram equation equations eq eqs formula section sections sec chapter chapters chap appendix page
    pages p pp line lines step steps example examples listing box note notes item items row rows column
    columns col cols slide slides sheet sheets exhibit annex article articles art clause paragraph para
    footnote vol volume no nos nr part question questions exercise exercises theorem lemma corollary
    proposition definition remark algorithm schedule
    abbildung abbildungen abb tabelle tabellen gleichung kapitel abschnitt seite seiten anhang beispiel
    aufgabe satz bemerkung schritt zeile spalte artikel teil bild folie
    рисунок рис таблица табл уравнение глава раздел страница стр приложение пример шаг часть пункт
    شكل الشكل جدول الجدول معادلة المعادلة فصل الفصل صفحة الصفحة ملحق الملحق مثال خطوة"""
)
"""What a reference begins with, before its number."""
_ALONE = words_of(
    """figure figures fig figs table tables chart charts picture pictures image images photo photos diagram
    equation eq eqs abb tab rис isbn issn doi pmid pmc oclc lccn ibid al vol pp others sources see
    kilometer kilometern kilometers kilometres meter metern meters metres prozent percent jahre jahren
    stunden minuten sekunden tage tagen wochen monate tonnen einwohner einwohnern
    abbildung tabelle рис табл"""
)
"""Words of references that name nothing without a number either."""
_REFERENCE = re.compile(
    r"(?P<label>[^\W\d_]+)\.?[\s\u00a0]*[#(]?"
    r"(?:\d+(?:[.\-–]\d+)*[a-z]?|[ivxlc]+|[a-z](?:[.\-]?\d+(?:[.\-]\d+)*)?)[).:]?"
)
"""A label with a number, a Roman one, or a letter."""
_HAN_REFERENCE = re.compile(
    r"(?:图|圖|表|公式|式|第)\s?[\d一二三四五六七八九十]+(?:[.\-]\d+)*\s?[章节節页頁条條]?"
)
_BARE = re.compile(r"[#№$]?[\d\s.,:/()+–—-]+[%‰°]?")
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_SHOUTED = words_of(
    """A AND ARE AS AT BE BUT BY CASE ELSE END FOR FROM HAS IF IN INTO IS LIKE NOT OF ON OR THAT THE THEN
    THIS TO UPDATE WAS WHEN WHERE WHILE WILL WITH"""
)
"""Small words that code and warnings write in capitals; US, IT, WHO and the like are acronyms."""


@lru_cache(maxsize=2**14)
def is_noise(name: str) -> bool:
    """Whether a name is a number in words, a unit, a reference, or a small word in capitals.

    Dates and quantities are for others to tell: a year is none.
    """
    text = name.strip()
    if text in _SHOUTED or (_BARE.fullmatch(text) and not _YEAR.fullmatch(text)):
        return True
    folded = text.casefold().strip(".:,() ")
    if text in _UNITS or folded.removeprefix("et ") in _ALONE or _HAN_REFERENCE.fullmatch(folded):
        return True
    return _counts(folded) or _refers(folded)


def _counts(folded: str) -> bool:
    """Whether all of it are words of numbers, or single letters."""
    if _HAN_NUMBER.fullmatch(folded):
        return True
    words = folded.replace("-", " ").split()
    if len(words) > 1 and folded.isascii() and all(len(word) == 1 for word in words):
        return True  # the letters of a drawing or a formula
    return bool(words) and folded not in _SINGLE_WORDS and all(word in _NUMBERS for word in words)


def _refers(folded: str) -> bool:
    """Whether it is a label and its number, or several."""
    match = _REFERENCE.fullmatch(folded)
    return match is not None and match["label"] in _LABELS
