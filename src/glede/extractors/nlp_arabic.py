"""Names in Arabic, which has no capitals: what follows a word that says its kind, and persons by "bin"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glede.extractors.nlp_arabic_people import DONE, KINDS_OF_WORKS, arabic_people
from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_words import words_of
from glede.text.languages import STOPWORDS

_TYPES = {
    **dict.fromkeys(
        words_of(
            """مدينة ولاية دولة جمهورية مملكة محافظة إقليم قرية جزيرة نهر بحيرة جبل بحر خليج مقاطعة شارع
            مطار حديقة وادي برج جسر ميناء قلعة قصر بلدة منطقة ساحة ميدان واحة هضبة"""
        ),
        "place",
    ),
    **dict.fromkeys(
        words_of(
            """جامعة شركة منظمة حزب وزارة معهد بنك مؤسسة جمعية كلية مدرسة متحف مستشفى قناة صحيفة مجلة
            نادي فريق جيش كنيسة مسجد محكمة برلمان مجلس اتحاد لجنة هيئة وكالة مجموعة مصانع مصنع مرصد
            مكتبة فرقة أكاديمية"""
        ),
        "organization",
    ),
    **dict.fromkeys(
        words_of(
            """الرئيس الملك الملكة الأمير الأميرة الدكتور السيد السيدة الشيخ الإمام الخليفة السلطان
            القديس البابا الوزير الجنرال الإمبراطور القائد العالم الكاتب الشاعر المخرج الممثل اللاعب
            الطبيب المهندس الأستاذ الرسام الملحن المؤلف الفنان المعماري المطرب القاضي الفيلسوف المؤرخ
            الخباز التاجر الكاتبة الشاعرة الممثلة الرسامة المغنية المخرجة الطبيبة"""
        ),
        "person",
    ),
    **dict.fromkeys(
        words_of("""معركة حرب ثورة معاهدة مهرجان بطولة مؤتمر"""),
        "event",
    ),
    **dict.fromkeys(
        words_of("""كتاب فيلم رواية أغنية مسلسل ألبوم"""),
        "work",
    ),
}
"""What a thing is that is named behind one of these words."""
_LETTERS = "\u0621-\u065f\u0670-\u06d3"
_WORD = rf"(?<![{_LETTERS}])[{_LETTERS}]{{2,30}}(?![{_LETTERS}])"
_HEAD = re.compile(
    rf"(?<![{_LETTERS}])(?:[وفبل]|ال)?({'|'.join(sorted(_TYPES, key=len, reverse=True))})"
    rf"(?=((?: {_WORD}){{1,3}}))"  # another of these words may follow soon: "a city on the river Nile"
)
_PERSON = re.compile(
    rf"{_WORD}(?: (?:بن|ابن|بنت|أبو|أبي|عبد|آل) {_WORD})+(?: {_WORD})?|(?:عبد|أبو|ابن) {_WORD}"
)
_QUOTED = re.compile(r'["“«]\s?([^"”»\n]{2,50}?)\s?["”»]')
_SMALL = STOPWORDS["ar"] | words_of(
    """التي الذي الذين هذه هذا ذلك تلك كان كانت يكون تكون وهو وهي والتي والذي كما حيث أثناء خلال منذ عام
    سنة أكثر أكبر أصغر عدد جميع كافة بعض كل غير أول ثاني ثالث آخر أخرى جديدة جديد كبيرة كبير صغيرة واحدة
    واحد بها فيها منها عليها لها به فيه منه عليه له إليها إليه وقد قد لقد ثم أو أم بل لكن ولكن حتى لأن
    بأن بأنها وأن وفي ومن وعلى وإلى تعتبر يعتبر تقع يقع تم يتم يوم ليلة شهر صباح مساء"""
)
_VERB = re.compile(rf"^(?:[يت][{_LETTERS}]{{3,}}|كان|كانت|قام|قامت|أصبح|أصبحت|تم|أعلن|قال|قالت)$")
_JOINED = re.compile(rf"^(?:وال|بال|لل|فال|و(?=[{_LETTERS}]{{3}}))")
"""What begins with "and" or "in the" and is another thing than the word before it."""
_PREFIX = re.compile(rf"^(?:وال|بال)(?=[{_LETTERS}]{{3}})")
_TERM_WORDS = re.compile(rf"{_WORD}(?: {_WORD})*")
LEAST_LETTERS = 4


def arabic_names(text: str) -> Iterator[tuple[Found, str]]:
    """Names and their types."""
    for found in arabic_people(text):
        yield found, "person"
    end = 0
    for match in _HEAD.finditer(text):
        words = _until_small(match[2].split()) if match.start(1) >= end else []
        if words:
            whole = " ".join((match[1], *words))
            end = match.start(1) + len(whole)
            kind = _TYPES[match[1]]
            name = " ".join(words) if kind == "person" else whole
            yield Found(name, match.start(1), match.start(1) + len(whole)), kind
            definite = text[match.start() : match.start(1)] == "ال"  # "the old city", and not "city of Cairo"
            if kind == "work" and words[0].startswith("ال"):
                continue
            if kind in ("place", "work") and not (definite and words[0].startswith("ال")):
                inner = " ".join(words)
                yield Found(inner, match.start(2) + 1, match.start(2) + 1 + len(inner)), kind
    for match in _PERSON.finditer(text):
        name = match[0]
        if (last := name.rpartition(" ")[2]) in _SMALL or last in _TYPES:
            name = name.rpartition(" ")[0]
        yield Found(name, match.start(), match.start() + len(name)), "person"
    for match in _QUOTED.finditer(text):
        if len(match[1].split()) <= 6:
            yield Found(match[1], match.start(1), match.end(1), quoted=True), ""


def _until_small(words: list[str]) -> list[str]:
    """Words up to one that cannot be part of a name; an adjective agrees with its article."""
    kept: list[str] = []
    for word in words:
        if word in KINDS_OF_WORKS and not kept:
            break
        if _ends(word) or (kept and (_JOINED.match(word) or word in _TYPES)):
            break
        if kept and word.startswith("ال") != kept[-1].startswith("ال") and not kept[-1].startswith("ال"):
            break
        kept.append(word)
    return kept


def _ends(word: str) -> bool:
    """Whether a name cannot go on with a word: a small one, or a verb."""
    return word in _SMALL or word in DONE or _VERB.match(word) is not None


def arabic_terms(text: str) -> list[tuple[str, int, int]]:
    """Words that carry meaning, and pairs of them, without "and the"; those repeated are terms."""
    found: list[tuple[str, int, int]] = []
    for run in _TERM_WORDS.finditer(text):
        before: tuple[str, int, int] | None = None
        place = run.start()
        for word in run[0].split(" "):
            start, place = place, place + len(word) + 1
            if len(word) < LEAST_LETTERS or word in _SMALL or _VERB.match(word):
                before = None
                continue
            one = (_PREFIX.sub("ال", word), start, start + len(word))
            found.append(one)
            if before is not None:
                found.append((f"{before[0]} {one[0]}", before[1], one[2]))
            before = one
    return found
