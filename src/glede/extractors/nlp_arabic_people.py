"""People in Arabic texts: two or three words behind what only people do, or are to somebody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_words import words_of
from glede.text.languages import STOPWORDS

_LETTERS = "\u0621-\u065f\u0670-\u06d3"
_BORN = words_of(
    """ولد ولدت توفي توفيت تخرج تخرجت درس درست تعلم تعلمت تزوج تزوجت عاش عاشت نشأ نشأت شغل
        شغلت عمل عملت فاز فازت التحق التحقت هاجر هاجرت كتب كتبت ألف ألفت أخرج أخرجت رسم رسمت
        صمم صممت أسس أسست لحن لحنت غنى غنت قاد ترأس اخترع اكتشف ترجم ترجمت"""
)
"""Verbs that stand before who does it."""
_MADE = words_of(
    "أخرج أخرجت كتب كتبت ألف ألفت رسم رسمت صمم صممت أسس أسست بنى بنت لحن لحنت غنى غنت ترجم ترجمت أنتج أنتجت"
)
"""Verbs that take the thing made as an ending: "which he directed"."""
_THING = ("ه", "ها")
DONE = (
    _BORN
    | _MADE
    | frozenset(verb + thing for verb in _MADE for thing in _THING)
    | words_of(
        """صدر صدرت شيد شيدت نشر نشرت بني بنيت تأسس تأسست افتتح افتتحت يملك يملكه يملكها تملكه
        تملكها يدير يديره يديرها تديره تديرها اشترى اشترت اشتراه اشترته وضع وضعت فتح عرض
        عرضت قتل قتلت حكم حكمت"""
    )
)
"""Verbs: no name goes on with one."""
_BY = (
    "(?:من|وفق|حسب) (?:تأليف|إخراج|تصميم|رسم|تلحين|كتابة|إنتاج|بطولة|تأسيس|أداء)"
    "|بقلم|وضع موسيقاه|ووضع موسيقاه|ابنة|نجل|زوجها|زوجته"
)
"""Words behind which somebody is named."""
_VERBS = sorted(_BORN | {verb + thing for verb in _MADE for thing in _THING}, key=len, reverse=True)
_MEETING = re.compile(
    rf"(?<![{_LETTERS}])(?:و|ف)?(?:{'|'.join(_VERBS)}|{_BY})"
    rf" (?=([{_LETTERS}]{{2,20}}(?: [{_LETTERS}]{{2,20}}){{1,2}}))"
)
KINDS_OF_WORKS = words_of(
    "روائي وثائقي قصير طويل درامي كوميدي مصري أمريكي هندي فرنسي تاريخي سينمائي تلفزيوني"
)
"""What a film or book is said to be, where its name is expected."""
_NO_NAMES = (
    STOPWORDS["ar"]
    | DONE
    | words_of(
        """التي الذي هذا هذه ذلك تلك كان كانت أول ثم أو بل حتى منذ عام سنة مدينة بلدة قرية
        جامعة مدرسة كلية معهد شركة فيلم رواية كتاب لوحة في من على إلى عن مع بعد قبل عند بين
        حيث لدى جزيرة نهر مجموعة منصب وظيفة جائزة الأمير الملك الطبيب الدكتور الخباز الرئيس
        الشاعر الكاتب المهندس"""
    )
)


def arabic_people(text: str) -> Iterator[Found]:
    """The people that a text names behind such words: a first name, and one or two that follow."""
    for match in _MEETING.finditer(text):
        words: list[str] = []
        for word in match[1].split():
            if word in _NO_NAMES or (words and word.startswith(("و", "ب", "ل")) and len(words) > 1):
                break
            words.append(word)
            if len(words) > 1 and word.startswith("ال"):
                break  # "al-Halwani" is where a name ends
        if len(words) > 1 and not words[0].startswith("ال"):
            name = " ".join(words[:2])
            yield Found(name, match.start(1), match.start(1) + len(name))
