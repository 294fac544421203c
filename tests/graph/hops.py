"""Small collections in German, Chinese and Arabic, and questions that take two of their documents to answer.

All of it is made up. A question names what one document is about; the answer stands in another, which shares
no word with the question that the rest does not share as well.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """A question, and the titles of the two documents that it takes."""

    text: str
    needed: tuple[str, str]


class Library(NamedTuple):
    """Texts by title, and what is asked of them."""

    texts: dict[str, str]
    questions: tuple[Question, ...]


GERMAN = Library(
    {
        "Nordlicht über Telgen": "Nordlicht über Telgen ist ein Spielfilm aus dem Jahr 1987. Regie führte "
        "Hanna Brückner, die Musik schrieb Olaf Wendt.",
        "Hanna Brückner": "Hanna Brückner kam in Lindhausen zur Welt und studierte zunächst Chemie. Später "
        "zog sie mit ihrer Familie an die Küste.",
        "Olaf Wendt": "Olaf Wendt lernte als Kind das Cello und starb 2003 in Rosenau nach langer Krankheit.",
        "Wasserturm Grünfelde": "Der Wasserturm Grünfelde wurde 1911 nach Plänen von Ernst Habermehl "
        "errichtet. Heute dient er als Aussichtspunkt.",
        "Ernst Habermehl": "Ernst Habermehl besuchte die Technische Hochschule Marlow. Er war lange Jahre "
        "Stadtrat und züchtete Tauben.",
        "Die stille Brücke": "Die stille Brücke ist ein Roman von Gerda Lohmann, der 1954 in kleiner Auflage "
        "erschien und bald vergessen war.",
        "Gerda Lohmann": "Gerda Lohmann heiratete den Arzt Paul Reuter und lebte mit ihm auf einer Insel.",
        "Kessler Motorenwerke": "Die Kessler Motorenwerke bauten Pumpen und kleine Dieselmotoren. Das "
        "Unternehmen gehört seit 1999 zur Altwinder Gruppe.",
        "Altwinder Gruppe": "Die Altwinder Gruppe beschäftigt etwa neuntausend Menschen. Ihr Sitz ist seit "
        "der Gründung in Torgelow.",
        "Mühlbach": "Der Mühlbach entspringt am Hohen Stein und mündet nach elf Kilometern in die Lenne.",
        "Lenne": "Die Lenne ist 129 Kilometer lang. Sie treibt viele kleine Kraftwerke an und ist reich an "
        "Forellen.",
        "Sternwarte Falkenhöhe": "Die Sternwarte Falkenhöhe wird von der Universität Bernstedt betrieben und "
        "besitzt ein Spiegelteleskop.",
        "Universität Bernstedt": "Die Universität Bernstedt wurde 1742 von Herzog Leopold gegründet und hat "
        "sechs Fakultäten.",
        "Rotes Kreuz von Halden": "Das Rote Kreuz von Halden ist ein Gemälde von Mathilde Stern. Es hängt in "
        "einer Dorfkirche.",
        "Mathilde Stern": "Mathilde Stern war die Tochter des Bäckers Anton Stern und wuchs in "
        "Kaltenbrunn auf.",
        "Kinobetrieb": "Wer in einem Film Regie führt, wird oft gefragt, wo er geboren wurde. Der Ort der "
        "Geburt steht in jedem Lexikon.",
        "Bauwesen": "Ein Architekt studiert meist an einer Hochschule. Wo er studiert hat, sagt wenig über "
        "seine Bauwerke und Türme.",
        "Firmensitze": "Der Sitz eines Unternehmens liegt dort, wo der Konzern es will. Auch der Sitz des "
        "Mutterkonzerns wechselt.",
        "Gründungen": "Wer eine Universität gegründet hat, die eine Sternwarte betreibt, ist meist bekannt.",
        "Flüsse": "In welchen Fluss ein Bach mündet, zeigt die Karte. Wie lang ein Fluss ist, misst man.",
    },
    (
        Question("Wo wurde die Regisseurin von Nordlicht über Telgen geboren?",
                 ("Nordlicht über Telgen", "Hanna Brückner")),
        Question("Wann starb der Komponist der Musik von Nordlicht über Telgen?",
                 ("Nordlicht über Telgen", "Olaf Wendt")),
        Question("Wo hat der Architekt des Wasserturms Grünfelde studiert?",
                 ("Wasserturm Grünfelde", "Ernst Habermehl")),
        Question("Mit wem war die Autorin von Die stille Brücke verheiratet?",
                 ("Die stille Brücke", "Gerda Lohmann")),
        Question("Wo liegt der Sitz des Konzerns, zu dem die Kessler Motorenwerke gehören?",
                 ("Kessler Motorenwerke", "Altwinder Gruppe")),
        Question("Wie lang ist der Fluss, in den der Mühlbach mündet?", ("Mühlbach", "Lenne")),
        Question("Wer hat die Universität gegründet, die die Sternwarte Falkenhöhe betreibt?",
                 ("Sternwarte Falkenhöhe", "Universität Bernstedt")),
        Question("Wer war der Vater der Malerin von Rotes Kreuz von Halden?",
                 ("Rotes Kreuz von Halden", "Mathilde Stern")),
    ),
)  # fmt: skip

CHINESE = Library(
    {
        "《北岸的灯》": "《北岸的灯》是一部1987年上映的故事片,由林秋河执导,配乐出自沈望舒之手。",
        "林秋河": "林秋河出生于临川县,早年学习化学,后来随家人迁居海边。",
        "沈望舒": "沈望舒自幼学习大提琴,2003年因病在青禾市去世。",
        "绿原水塔": "绿原水塔建于1911年,由贺明山设计,如今是一座观景台。",
        "贺明山": "贺明山毕业于东岭大学,曾长期担任市议员,喜欢养鸽子。",
        "《静桥》": "《静桥》是顾兰亭的长篇小说,1954年少量印行,不久便被遗忘。",
        "顾兰亭": "顾兰亭嫁给医生罗正平,两人在一座小岛上生活。",
        "凯明机械公司": "凯明机械公司生产水泵和小型柴油机,1999年被远岭集团收购。",
        "远岭集团": "远岭集团约有九千名员工,总部自创立以来一直设在平州市。",
        "石磨溪": "石磨溪发源于高石岭,流经十一公里后注入澜水河。",
        "澜水河": "澜水河全长一百二十九公里,沿岸有许多小型水电站,盛产鳟鱼。",
        "鹰山天文台": "鹰山天文台由柏城大学运营,拥有一架反射望远镜。",
        "柏城大学": "柏城大学由利奥波德公爵于1742年创办,设有六个学院。",
        "《红色渡口》": "《红色渡口》是画家孟书澜的油画,现挂在一座乡村教堂里。",
        "孟书澜": "孟书澜是面包师孟德贵的女儿,在寒泉镇长大。",
        "电影行业": "电影的导演常常被问到在哪里出生。导演的出生地写在每一本词典里。",
        "建筑行业": "设计师大多毕业于大学。设计师毕业于哪所大学,与他设计的水塔无关。",
        "公司总部": "收购一家公司的集团,总部设在哪里由集团自己决定。",
        "办学": "运营天文台的大学是谁创办的,人们大多知道。",
        "河流": "一条溪流注入哪条河,看地图便知。一条河全长多少公里,要去测量。",
    },
    (
        Question("《北岸的灯》的导演出生在哪里?", ("《北岸的灯》", "林秋河")),
        Question("为《北岸的灯》配乐的作曲家是哪一年去世的?", ("《北岸的灯》", "沈望舒")),
        Question("绿原水塔的设计师毕业于哪所大学?", ("绿原水塔", "贺明山")),
        Question("《静桥》的作者嫁给了谁?", ("《静桥》", "顾兰亭")),
        Question("收购凯明机械公司的集团总部在哪里?", ("凯明机械公司", "远岭集团")),
        Question("石磨溪注入的河流全长多少公里?", ("石磨溪", "澜水河")),
        Question("运营鹰山天文台的大学是谁创办的?", ("鹰山天文台", "柏城大学")),
        Question("《红色渡口》的画家的父亲是谁?", ("《红色渡口》", "孟书澜")),
    ),
)

ARABIC = Library(
    {
        "أضواء الشاطئ البعيد": "أضواء الشاطئ البعيد فيلم روائي صدر عام 1987. أخرجه سامر الحلواني ووضع "
        "موسيقاه نبيل درويش.",
        "سامر الحلواني": "ولد سامر الحلواني في بلدة زيتونة ودرس الكيمياء أولا، ثم انتقل مع أسرته إلى الساحل.",
        "نبيل درويش": "تعلم نبيل درويش العزف على التشيلو في طفولته، وتوفي عام 2003 في وردان بعد مرض طويل.",
        "برج مياه الخضراء": "شيد برج مياه الخضراء عام 1911 وفق تصميم فؤاد الكيلاني، وهو اليوم موقع للمشاهدة.",
        "فؤاد الكيلاني": "تخرج فؤاد الكيلاني في جامعة المنار، وكان عضوا في المجلس البلدي ومربيا للحمام.",
        "الجسر الصامت": "الجسر الصامت رواية كتبتها ليلى منصور، صدرت عام 1954 في طبعة صغيرة ثم نسيت.",
        "ليلى منصور": "تزوجت ليلى منصور من الطبيب رامي حداد وعاشت معه في جزيرة صغيرة.",
        "مصانع الكوكب": "تنتج مصانع الكوكب المضخات ومحركات الديزل الصغيرة، وتملكها منذ عام 1999 "
        "مجموعة الرافد.",
        "مجموعة الرافد": "يعمل في مجموعة الرافد نحو تسعة آلاف شخص، ويقع مقرها منذ تأسيسها في مدينة تلال.",
        "وادي الطاحون": "ينبع وادي الطاحون من الجبل العالي ويصب بعد أحد عشر كيلومترا في نهر السلسال.",
        "نهر السلسال": "يبلغ طول نهر السلسال 129 كيلومترا، وعليه محطات كهرباء صغيرة كثيرة، وهو غني بالأسماك.",
        "مرصد الصقر": "تدير مرصد الصقر جامعة الريحان، وفيه مقراب عاكس كبير.",
        "جامعة الريحان": "أسس جامعة الريحان الأمير لؤي عام 1742، وفيها ست كليات.",
        "الصليب الأحمر": "الصليب الأحمر لوحة رسمتها مها نجار، وهي معلقة في كنيسة قرية.",
        "مها نجار": "مها نجار ابنة الخباز أنطون نجار، وقد نشأت في عين باردة.",
        "صناعة السينما": "يسأل مخرج الفيلم كثيرا أين ولد. ومكان ولادة المخرج مذكور في كل معجم.",
        "العمارة": "يدرس المهندس المصمم غالبا في جامعة. أين درس لا يقول شيئا عن البرج الذي صممه.",
        "مقرات الشركات": "يقع مقر المجموعة التي تملك المصانع حيث تريد المجموعة.",
        "تأسيس الجامعات": "من أسس الجامعة التي تدير المرصد معروف في الغالب.",
        "الأنهار": "في أي نهر يصب الوادي تبينه الخريطة. وكم يبلغ طول النهر يقاس قياسا.",
    },
    (
        Question("أين ولد مخرج فيلم أضواء الشاطئ البعيد؟", ("أضواء الشاطئ البعيد", "سامر الحلواني")),
        Question("متى توفي واضع موسيقى فيلم أضواء الشاطئ البعيد؟", ("أضواء الشاطئ البعيد", "نبيل درويش")),
        Question("في أي جامعة درس مصمم برج مياه الخضراء؟", ("برج مياه الخضراء", "فؤاد الكيلاني")),
        Question("من هو زوج كاتبة رواية الجسر الصامت؟", ("الجسر الصامت", "ليلى منصور")),
        Question("أين يقع مقر المجموعة التي تملك مصانع الكوكب؟", ("مصانع الكوكب", "مجموعة الرافد")),
        Question("كم طول النهر الذي يصب فيه وادي الطاحون؟", ("وادي الطاحون", "نهر السلسال")),
        Question("من أسس الجامعة التي تدير مرصد الصقر؟", ("مرصد الصقر", "جامعة الريحان")),
        Question("من هو والد رسامة لوحة الصليب الأحمر؟", ("الصليب الأحمر", "مها نجار")),
    ),
)

HELD = (
    Library(
        {
            "Villa Morgenrot": "Die Villa Morgenrot ließ der Kaufmann Heinrich Oltmann 1898 erbauen.",
            "Heinrich Oltmann": "Heinrich Oltmann handelte mit Tee. Die letzten Jahre verbrachte er hier.",
            "Winter in Arnow": "Winter in Arnow ist ein Album der Sängerin Petra Vogt und kam 1979 heraus.",
            "Petra Vogt": "Petra Vogt erhielt den Kulturpreis der Stadt Malchow und sang danach nie mehr.",
            "FC Hafen Stolpe": "Der FC Hafen Stolpe trägt seine Heimspiele im Seestadion Stolpe aus.",
            "Seestadion Stolpe": "Das Seestadion Stolpe fasst 4.300 Zuschauer und hat eine hölzerne Tribüne.",
            "Kaufleute": "Wo ein Kaufmann, der eine Villa erbauen ließ, seine letzten Jahre verbrachte.",
            "Preise": "Welchen Preis eine Sängerin für ein Album erhielt, steht in der Zeitung.",
            "Stadien": "Wie viele Zuschauer ein Stadion fasst, in dem ein Verein seine Heimspiele austrägt.",
        },
        (
            Question("Wo verbrachte der Bauherr der Villa Morgenrot seine letzten Jahre?",
                     ("Villa Morgenrot", "Heinrich Oltmann")),
            Question("Welchen Preis erhielt die Sängerin des Albums Winter in Arnow?",
                     ("Winter in Arnow", "Petra Vogt")),
            Question("Wie viele Zuschauer fasst das Stadion, in dem der FC Hafen Stolpe spielt?",
                     ("FC Hafen Stolpe", "Seestadion Stolpe")),
        ),
    ),
    Library(
        {
            "晨曦别墅": "晨曦别墅是商人郭敬棠于1898年为自己修建的住所。",
            "郭敬棠": "郭敬棠经营茶叶生意,最后几年在沙林镇度过。",
            "《阿诺的冬天》": "《阿诺的冬天》是歌手魏佩兰1979年发行的专辑。",
            "魏佩兰": "魏佩兰获得了马尔市文化奖,此后不再举办音乐会。",
            "海港足球俱乐部": "海港足球俱乐部的主场是湖滨体育场。",
            "湖滨体育场": "湖滨体育场可容纳四千三百名观众,看台用木材搭成。",
            "商人": "修建别墅的商人最后几年在哪里度过,少有人知道。",
            "奖项": "歌手因为专辑获得什么奖,报纸会写。",
            "体育场": "足球俱乐部的主场可容纳多少名观众,要看看台。",
        },
        (
            Question("修建晨曦别墅的商人最后几年在哪里度过?", ("晨曦别墅", "郭敬棠")),
            Question("专辑《阿诺的冬天》的歌手获得了什么奖?", ("《阿诺的冬天》", "魏佩兰")),
            Question("海港足球俱乐部的主场可容纳多少观众?", ("海港足球俱乐部", "湖滨体育场")),
        ),
    ),
    Library(
        {
            "دار الفجر": "دار الفجر منزل بناه التاجر حسن العطار لنفسه عام 1898.",
            "حسن العطار": "عمل حسن العطار في تجارة الشاي وأمضى سنواته الأخيرة في بلدة صفصافة.",
            "شتاء أرنون": "شتاء أرنون ألبوم غنته المطربة سعاد بركات وصدر عام 1979.",
            "سعاد بركات": "نالت سعاد بركات جائزة الثقافة لمدينة مرجان ولم تقم حفلات بعدها.",
            "نادي الميناء": "يلعب نادي الميناء مبارياته في ملعب البحيرة.",
            "ملعب البحيرة": "يتسع ملعب البحيرة لأربعة آلاف متفرج، ومدرجه من الخشب.",
            "التجار": "أين أمضى التاجر الذي بنى منزلا سنواته الأخيرة لا يعرفه كثيرون.",
            "الجوائز": "أي جائزة نالت المطربة عن ألبوم تكتبه الصحف.",
            "الملاعب": "كم متفرجا يتسع له الملعب الذي يلعب فيه النادي.",
        },
        (
            Question("أين أمضى باني دار الفجر سنواته الأخيرة؟", ("دار الفجر", "حسن العطار")),
            Question("أي جائزة نالت مطربة ألبوم شتاء أرنون؟", ("شتاء أرنون", "سعاد بركات")),
            Question("كم متفرجا يتسع له ملعب نادي الميناء؟", ("نادي الميناء", "ملعب البحيرة")),
        ),
    ),
)  # fmt: skip
"""The same in each language, by other verbs: written after the rules, which were not changed for it."""
