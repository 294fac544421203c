"""Which language a text is in, its words that carry no meaning, and the stems of the others.

The language is found by script, and among Latin scripts by counting stopwords; stems are Snowball's
(Porter 2001, https://snowballstem.org). The word lists are our own.
"""

from __future__ import annotations

import threading
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer

UNKNOWN = "und"
_STOPWORDS = {
    "en": """a about above after again all also am an and any are as at be been before being below between
        both but by can could did do does doing down during each for from further had has have having he her
        here hers him his how i if in into is it its itself just me more most my no nor not now of off on
        once only or other our out over own same she should so some such than that the their them then there
        these they this those through to too under until up very was we were what when where which while who
        whom whose why will with would you your""",
    "de": """aber alle allem allen aller alles als also am an auch auf aus bei beim bin bis da damit dann das
        dass dein dem den denn der deren des dessen die dies diese diesem diesen dieser dieses doch dort du
        durch ein eine einem einen einer eines er es etwas euch euer für gegen hat hatte hatten habe haben
        hier hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ist ja jede jedem jeden jeder jedes
        kann kein keine können man mein mit nach nicht noch nun nur ob oder ohne sehr sein seine seinem
        seinen seiner sich sie sind so über um und uns unser unter viel viele vom von vor wann war waren
        warum was weil welche welchem welchen welcher welches wenn wer werden wie wieder wir wird wo wurde
        wurden zu zum zur zwar zwischen""",
    "fr": """à ai alors au aucun aussi autre aux avait avant avec avoir ce cela ces cet cette ceux chez
        comme comment dans de depuis des donc dont du elle elles en encore entre est et étaient était été
        être eu eux fait il ils je la là le les leur leurs lors lui ma mais même mes moi mon ne ni nos notre
        nous on ont ou où par parce pas peut plus pour pourquoi qu quand que quel quelle quelles quels qui
        quoi sa sans se ses si son sont sous sur ta tandis te tes toi ton tous tout toute toutes très tu un
        une vers vos votre vous y""",
    "es": """a al algo algunas algunos ante antes aunque cada como cómo con contra cual cuál cuáles cualquier
        cuando cuándo cuánto cuántos cuya cuyo de del desde donde dónde dos durante e el él ella ellas ellos
        en entre era eran es esa esas ese eso esos esta está están estas este esto estos fue fueron ha había
        habían han hasta hay la las le les lo los más me mi mientras muy nada ni no nos nosotros o os otra
        otros para pero poco por porque que qué quien quién quienes se ser si sí sido sin sobre son su sus
        también tan tanto te tiene tienen todo todos tu tus un una unas uno unos y ya yo""",
    "it": """a ad agli ai al alla alle allo anche ancora avere aveva che chi ci come con contro cosa così
        cui da dagli dai dal dalla dalle dallo degli dei del dell della delle dello di dopo dove due e è ed
        era erano essere fra gli ha hanno ho i il in io la le lei li lo loro ma mentre mi nei nel nell nella
        nelle nello noi non nostro o ogni per perché più poi prima può qual quale quali quando quanti quanto
        quella quelli quello questa queste questi questo se sei si sia sono sopra sotto stata stato su sua
        sue sugli sul sulla suo suoi tra tu tutti tutto un una uno vi voi""",
    "pt": """a ao aos aquela aquele aqueles as às até com como da das de dela dele deles depois do dos e é
        ela elas ele eles em entre era eram essa essas esse esses esta está estão este estes eu foi foram há
        isso isto já la lhe lo mais mas me mesmo meu minha muito na não nas nem no nos nós nossa nosso num
        numa o onde os ou para pela pelas pelo pelos por porque qual quais quando quanto que quem são se sem
        ser seu seus sob sobre sua suas também tem têm teu tinha tu tua um uma uns você vos""",
    "nl": """aan al alle alleen als altijd andere ben bij binnen daar dan dat de deze die dit door dus een
        eens en er ge geen haar had hadden heb hebben heeft hem het hier hij hoe hun ik in is ja je kan
        kunnen maar meer men met mij mijn moet na naar niet niets nog nu of om omdat onder ons ook op over
        reeds te tegen toch toen tot u uit uw van veel voor waar waarom wanneer waren was wat we welk welke
        werd wezen wie wil worden wordt zal ze zei zelf zich zij zijn zo zonder zou""",
    "ru": """а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да даже для до
        его ее её если есть еще ещё же за здесь и из или им их к как какая какие какой каком какую когда
        которая которого которой которые который которых кто куда ли между меня мне много может мы на над
        надо нам нас не него нее неё нет ни них но ну о об однако он она они оно от очень по под после при с
        сам свою себя со так также такой там те тем то того тоже только том тот ту ты у уже чего чем что
        чтобы чья эта эти это этого этой этом этот эту я""",
    "ar": """في من إلى الى على عن مع هذا هذه ذلك تلك هو هي هم هن كان كانت كانوا يكون تكون قد
        لقد لم لن لا ما ماذا متى أين اين كيف كم هل أي اي التي الذي الذين اللذان أن ان إن
        أو او ثم بل لكن حتى كل بعض بين عند عندما بعد قبل أثناء خلال منذ حيث كما مما لما
        إذا اذا غير سوى فقط أيضا ايضا به بها فيه فيها له لها لهم منه منها عليه عليها
        إليه إليها وهو وهي وقد ولم ولا وكان وكانت نحن أنا أنت انت لأن بما و""",
}
STOPWORDS = {language: frozenset(words.split()) for language, words in _STOPWORDS.items()}
_LATIN = ("en", "de", "fr", "es", "it", "pt", "nl")
_ALGORITHMS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
    "nl": "dutch", "ru": "russian", "ar": "arabic", "el": "greek", "hi": "hindi",
}  # fmt: skip
_RANGES = (
    ("a", "\u024f", "latin"), ("\u1e00", "\u1eff", "latin"), ("\u0370", "\u03ff", "el"),
    ("\u1f00", "\u1fff", "el"), ("\u0400", "\u052f", "ru"), ("\u0590", "\u05ff", "he"),
    ("\u0600", "\u08ff", "ar"), ("\u0900", "\u097f", "hi"), ("\u0e00", "\u0e7f", "th"),
    ("\u3040", "\u30ff", "ja"), ("\u3400", "\u9fff", "zh"), ("\uf900", "\ufaff", "zh"),
    ("\U00020000", "\U0003ffff", "zh"), ("\u1100", "\u11ff", "ko"), ("\uac00", "\ud7af", "ko"),
)  # fmt: skip
_FOLDED = frozenset(("latin", "el", "ru"))
MOST_SEEN = 2**15
"""Words of which is kept what was found of them; more begin anew."""
SAMPLE = 400
"""How many words decide a text's language."""
_local = threading.local()


def language_of(words: Iterable[str]) -> str:
    """The ISO 639-1 code of what most case-folded words are written in; `und` where nothing tells."""
    scripts: dict[str, int] = {}
    evidence = dict.fromkeys(_LATIN, 0)
    for telling, count in Counter(map(_TOLD_BY.__getitem__, words)).items():
        scripts[telling.script] = scripts.get(telling.script, 0) + count
        for code in telling.spoken:
            evidence[code] += count
    script = _main_script(scripts)
    if script != "latin":
        return script
    best = max(evidence, key=evidence.__getitem__)
    return best if evidence[best] * 20 >= scripts["latin"] else UNKNOWN


def _main_script(scripts: dict[str, int]) -> str:
    """The script of most words; kana between Chinese characters make them Japanese."""
    japanese = scripts.get("ja", 0)
    if japanese * 10 > scripts.get("zh", 0):
        scripts["ja"] = japanese + scripts.pop("zh", 0)
    scripts.pop(UNKNOWN, None)
    return max(scripts, key=scripts.__getitem__, default=UNKNOWN)


@lru_cache(maxsize=2**16)
def script_of(word: str) -> str:
    """`latin`, or the code of the language that stands for the script, by the first letter of the word."""
    for character in word:
        for first, last, script in _RANGES:
            if first <= character <= last:
                return script
    return UNKNOWN


@dataclass(frozen=True, slots=True, eq=False)
class _Telling:
    """The script of words, and the languages that they are stopwords of; one for all that tell the same."""

    script: str
    spoken: tuple[str, ...]


@cache  # there are no more than scripts and sets of languages
def _telling(script: str, spoken: tuple[str, ...]) -> _Telling:
    return _Telling(script, spoken)


class _Tellings(dict[str, _Telling]):
    """What words that were met lately tell."""

    def __missing__(self, word: str) -> _Telling:
        if len(self) >= MOST_SEEN:
            self.clear()
        spoken = tuple(code for code in _LATIN if word in STOPWORDS[code])
        found = self[word] = _telling(script_of(word), spoken)
        return found


_TOLD_BY = _Tellings()


@lru_cache(maxsize=64)
def stopwords_of(language: str) -> frozenset[str]:
    """The stopwords of a language and of those that no other script can be mistaken for."""
    return STOPWORDS.get(language, frozenset()) | STOPWORDS["ru"] | STOPWORDS["ar"]


def stem(word: str, language: str) -> str:
    """The stem of a case-folded word; the word's script overrules a language of another script."""
    script = script_of(word)
    code = script if script != "latin" else language if language in _LATIN else "en"
    if code in _ALGORITHMS and word.isalpha():
        word = _stemmer(code).stemWord(word) or word
    return _without_accents(word) if script in _FOLDED else word


def stems(word: str, languages: Iterable[str]) -> tuple[str, ...]:
    """The different stems that a word has in several languages, sorted."""
    return tuple(sorted({stem(word, language) for language in languages}))


def _stemmer(code: str) -> Stemmer.Stemmer:
    """One for each thread and language: a Snowball stemmer keeps its state between the letters."""
    found = getattr(_local, code, None)
    if found is None:
        found = Stemmer.Stemmer(_ALGORITHMS[code], 0)
        setattr(_local, code, found)
    return found


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    return "".join(mark for mark in unicodedata.normalize("NFD", word) if unicodedata.category(mark) != "Mn")
