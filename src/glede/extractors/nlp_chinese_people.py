"""People in Chinese texts: names of two to four letters beside what only people do, are or are called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from glede.extractors.nlp_parts import Found

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付"
    "方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿兰焦俞"
    "左柳甘祝宁尚符舒阮柯纪梅童凌毕季裴霍涂苗盛曲翁冉骆蓝游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳穆农司卓古吉缪简芦麦褚娄"
    "窦戚岑宫费卜冷晏席卫米柏宗瞿桂全佟臧闵苟邬边卞姬师仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩佘池查麻苑迟邝"
)
_NAME = f"[{_SURNAMES}][{_HAN}]{{1,2}}"
_BEHIND = (
    "出生|生于|毕业|自幼|自小|早年|晚年|幼年|年轻时|嫁给|娶了|娶|曾任|曾在|曾长期|担任|就读|逝世|去世|死于|于\\d|执导|导演|编剧|主演|饰演|"
    "设计|创作|撰写|谱曲|作曲|作词|谱写|演唱|创办|创立|创建|建立|指挥|翻译|发明|发现|提出|获得|率领|之手|之女|之子|先生|女士|教授|博士|"
    "主席|总统|总理|部长|皇帝|将军|校长|院士|说|表示|认为|（|是(?:一[位名]|面包|中国|美国|著名|.{0,8}(?:的(?:女儿|儿子|妻子|丈夫|父亲|母亲)|家|人|师)[，。])"
)
_ROLE = (
    "导演|作家|作者|画家|诗人|歌手|演员|医生|作曲家|设计师|建筑师|科学家|物理学家|化学家|数学家|工程师|企业家|教授|国王|皇帝|总统|总理|将军|"
    "女儿|儿子|妻子|丈夫|父亲|母亲|学生|弟子|老师|歌手|记者|律师|商人|面包师|由|嫁给|娶了|出自|作者是|导演是"
)
_DOES = re.compile(rf"(?:(?<![{_HAN}])|(?<=[由是和与被在]))({_NAME})(?={_BEHIND})")
"""At the beginning of a clause, before what only a person does."""
_CALLED = re.compile(
    rf"(?:{_ROLE})({_NAME}?)(?=[的，。、,；;和与及在之于曾]|执导|导演|设计|编剧|主演|创作|创办|创立|撰写|等|$)"
)
"""Behind what a person is, up to where a name must end."""
_WROTE = re.compile(
    rf"(?<=[是由])({_NAME})的(?:长篇|短篇|中篇)?(?:小说|作品|油画|画作|诗集|诗|歌曲|电影|名著|代表作)"
)
_NO_NAME = re.compile(
    f"[{_SURNAMES}][的是在和与及于了过着一不有这那其之者们]|曾[长任经获被为多先]|何[时处人地种]|方[面法式向]|高[度等级]|任[何务命]"
    "|向[来上下前]|万[人元年]|金[属额]"
)
"""Words that begin with the letter of a surname."""


def chinese_people(text: str) -> Iterator[Found]:
    """The people that a text names in Chinese letters of their own."""
    for pattern in (_DOES, _CALLED, _WROTE):
        for match in pattern.finditer(text):
            if not _NO_NAME.match(match[1]):
                yield Found(match[1], match.start(1), match.end(1))
