"""Names in Chinese, which sets no words apart: by marks, endings, letters of foreign names, repetition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from glede.extractors.nlp_chinese_people import chinese_people
from glede.extractors.nlp_parts import Found
from glede.extractors.nlp_words import words_of

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKED = re.compile(r"《([^《》\n]{1,40})》|「([^「」\n]{2,30})」|『([^『』\n]{2,30})』|“([^“”\n]{2,30})”")
_FOREIGN_LETTERS = (
    "阿埃艾安昂奥澳巴白贝本比彼毕别宾波伯博布查昌达大戴丹道德登迪蒂丁东杜敦多俄厄恩尔法凡范菲费芬丰弗夫福富盖冈高戈格根古瓜圭哈海汉豪"
    "赫亨洪胡华怀惠霍基吉季加贾简江杰捷金津京居卡凯坎康考柯科可克肯孔库夸拉来莱兰朗劳勒雷黎里理利莉历立连列林琳龙卢鲁路吕伦罗洛马玛"
    "迈麦曼毛梅美门蒙孟米密敏明缪摩莫默姆木穆那纳乃娜南内尼妮涅宁纽农努诺欧帕派潘庞佩彭蓬皮匹珀普奇契恰千乔切钦琼丘屈让热仁日荣"
    "茹儒瑞若撒萨塞赛三桑瑟森沙山杉莎尚邵绍舍申生圣施石什史士舒朔司思斯松苏索所塔台泰坦汤唐陶特滕提天田铁廷亭通图土托瓦万旺威韦"
    "维卫魏温文翁沃乌吾伍武西希锡夏咸香肖谢辛欣兴匈修许雪逊雅亚延扬杨耶叶伊依以因英永尤于宇约泽曾扎詹张哲者珍治朱卓兹子宗祖佐矶"
)
"""Letters that write the sounds of foreign names."""
_FOREIGN = re.compile(
    rf"[{_FOREIGN_LETTERS}]{{3,10}}(?:[·・-][{_FOREIGN_LETTERS}]{{2,10}})*"
    rf"|[{_FOREIGN_LETTERS}]{{1,8}}(?:[·・][{_FOREIGN_LETTERS}]{{1,10}})+"
)
_NO_FOREIGN = re.compile(r"[子大三日东南西高明文以者可所士于立天多达通过来理利提让]+")
_BREAKS = (
    "的是在和与及于由从到为以对将被把了有该这那其也都还而并或等之所个一二三四五六七八九十两多中上下内外前后但因如同向往至则且又很最更"
    "他她它们我你您您此各每某些着过地得不没无未已曾可能会要让使令给比当时年月日"
)
_SEGMENT = re.compile(rf"(?:(?![{_BREAKS}])[{_HAN}]){{2,12}}")
_ENDING_TYPES = {
    **dict.fromkeys(
        words_of(
            """公司 集团 大学 学院 中学 小学 学校 银行 医院 博物馆 图书馆 委员会 协会 联盟 组织 研究所
            研究院 实验室 法院 议会 政府 基金会 出版社 电视台 乐队 球队 俱乐部 党 联合会"""
        ),
        "organization",
    ),
    **dict.fromkeys(
        words_of(
            """市 省 县 州 河 江 湖 山 岛 海 洋 路 街 站 机场 公园 教堂 广场 共和国 帝国 王国 半岛
            群岛 溪 湾 港 寺 塔 天文台 水库 大桥 平原 高原 盆地 山脉 海峡 地区 都市区 镇 村 桥"""
        ),
        "place",
    ),
    **dict.fromkeys(
        words_of("""战争 战役 革命 运动会 奥运会 锦标赛 世界杯 起义 条约 大会 奖 事件 王朝"""),
        "event",
    ),
}
"""What a name is that ends so."""
_BY_ENDING = re.compile(
    rf"(?:(?![{_BREAKS}])[{_HAN}]){{2,8}}?"
    rf"(?:{'|'.join(sorted(_ENDING_TYPES, key=len, reverse=True))})(?![{_HAN}]{{0,2}}学)"
)
_LED = re.compile(
    "^(?:注入|流入|汇入|位于|来自|前往|进入|加入|属于|收购|创办|建立|设在|坐落|流经|发源|途经|到达|离开|就读|任教|任职|隶属|并入|改名|更名|成立|"
    "访问|迁往|迁至|定居|担任|长期担任|毕业|来到|返回|抵达|经过|连接|通往|靠近|临近|毗邻|环绕|横跨|位在|即|叫|名为|称为|[座条个位名部所家间只本场种])+"
)
"""What stands before a name and is no part of it: verbs, and words that count things."""
_COUNTRY = re.compile("[美中英法德泰韩俄]国|日本|印度|俄罗斯|欧洲|亚洲|非洲|美洲")
LEAST_LETTERS, MOST_LETTERS = 2, 6
"""Letters of what is a term because it is repeated."""


def chinese_names(text: str) -> Iterator[tuple[Found, str]]:
    """Names and their types; an empty type where nothing tells."""
    people = list(chinese_people(text))
    for found in people:
        yield found, "person"
    taken = {place for found in people for place in range(found.start, found.end)}
    for match in _MARKED.finditer(text):
        yield (
            Found(match[match.lastindex or 0], match.start(), match.end(), quoted=True),
            "work" if match[1] else "",
        )
    for match in _FOREIGN.finditer(text):
        name = match[0].rstrip("大以于三子日东南西")
        start = match.start() + len(name)
        name = name.lstrip("于以")
        if (
            len(name) > LEAST_LETTERS
            and taken.isdisjoint(range(start - len(name), start))
            and not _NO_FOREIGN.fullmatch(name)
        ):
            yield Found(name, start - len(name), start), "person" if "·" in name else ""
    for match in _COUNTRY.finditer(text):
        yield Found(match[0], match.start(), match.end()), "place"
    for match in _BY_ENDING.finditer(text):
        name = _LED.sub("", match[0])
        if len(name) > 1 and name not in _ENDING_TYPES and match.end() - 1 not in taken:
            yield Found(name, match.end() - len(name), match.end()), _ending_type(name)


def _ending_type(name: str) -> str:
    for length in (3, 2, 1):
        if kind := _ENDING_TYPES.get(name[-length:]):
            return kind
    return ""


def chinese_terms(text: str) -> list[tuple[str, int, int]]:
    """What stands between small words, and every run of letters within: those repeated are terms."""
    found = []
    for segment in _SEGMENT.finditer(text):
        run, start = segment[0], segment.start()
        for length in range(LEAST_LETTERS, min(MOST_LETTERS, len(run)) + 1):
            for place in range(len(run) - length + 1):
                found.append((run[place : place + length], start + place, start + place + length))
    return found


def repeated_letters(counts: Counter[str]) -> list[str]:
    """Runs said three times, or two where they are longer; not those that are only part of a longer one."""
    inner: Counter[str] = Counter()
    for name, count in counts.items():
        if count > 1 and len(name) > LEAST_LETTERS:
            for part in (name[1:], name[:-1]):
                inner[part] = max(inner[part], count)
    return [
        name
        for name, count in counts.items()
        if count >= (3 if len(name) == LEAST_LETTERS else 2) and count > inner[name]
    ]
