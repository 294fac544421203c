"""English verbs by their finite forms: what stands between two things that a sentence ties. Our own list."""

from __future__ import annotations

from glede.extractors.nlp_words import words_of

_REGULAR = words_of(
    """absorb accept accompany achieve acquire adapt add address administer adopt advance affect aim
    allow alter analyse analyze announce appear apply appoint argue arrange arrive assign assist attack
    attend attract avoid award balance base belong benefit block border call capture carry cause
    challenge change characterize claim collaborate collect combine comment compare compete complete
    comprise compute concern conclude conduct confirm connect consider consist constitute consume contain
    continue contribute control convert cool cover create criticize cross cure damage debut decide
    declare decline decrease dedicate defeat defend define deliver demonstrate denote depend depict
    deploy derive describe deserve design destroy detect determine develop devote differ direct disappear
    discover discuss display distribute divide document dominate earn educate elect eliminate emerge
    emphasize employ enable encompass encourage end engage enhance ensure enter equal escape establish
    estimate evolve examine execute exhibit exist expand experience explain explore export expose express
    extend face facilitate fail feature filter finance finish flow focus follow force form foster found
    fuel fulfill function fund gain generate govern graduate guarantee guide handle happen help highlight
    host house identify ignore illustrate imagine implement imply import improve include incorporate
    increase index indicate influence inform inherit initiate inject inspire install integrate intend
    interact introduce invade invent invest involve issue join kill lack last launch limit link list live
    load locate lower maintain manage manufacture mark marry measure merge migrate minimize mix monitor
    motivate move name narrate need nominate observe obtain occupy occur offer open operate oppose
    optimize orbit order organize originate outline oversee own paint participate partner pass perform
    permit persist pioneer place plan play portray possess praise predict prefer premiere prepare present
    preserve prevent process produce prohibit promote propose protect prove provide publish purchase
    pursue raise rank reach realize receive recognize recommend record recover reduce refer reflect
    refuse regulate reject relate release rely remain remember remove replace report represent require
    rescue research reside resign resist resolve respect respond restore result retain retire return
    reveal review roam rule sample save score search secure separate serve settle shape share shift show
    sign simplify signal solve sort spark span specialize star start state stem stop store strengthen
    structure succeed suffer suggest supply support surround survive symbolize target tend terminate test
    thrive trace trade train transfer transform translate transmit transport travel treat trigger turn
    undergo unite update use utilize value vary view visit vote want warn wait walk win witness work
    yield enrich empower captivate fascinate roam shed nourish cultivate"""
)
_IRREGULAR = words_of(
    """is are was were has have had became becomes become began begins begin begun beat bred bring brings
    brought broke breaks build builds built buys bought came comes caught chose chooses drew draws drove
    drives fell falls feels felt fought fights finds found flew flies gave gives get gets got goes went
    grew grows held holds hits keeps kept knew knows lays laid lead leads led leaves left lent lies lost
    loses made makes make means meant meets met paid pays puts ran runs rose rises said says saw sees
    seeks sought sells sold sends sent sets sang sings sits slew speaks spoke spends spent splits spreads
    stands stood takes took taught teaches tells told thinks thought understands wears won wins writes
    wrote does did can could may might must shall should will would cannot allows dies died dates lives
    married studied plays"""
)


def _forms(verb: str) -> tuple[str, ...]:
    if verb.endswith("e"):
        return (verb, f"{verb}s", f"{verb}d")
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return (verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied")
    if verb.endswith(("s", "sh", "ch", "x", "z")):
        return (verb, f"{verb}es", f"{verb}ed")
    doubled = (verb.endswith(("an", "op", "it", "el", "ar", "er", "ur")) and verb[-1]) or ""
    return (verb, f"{verb}s", f"{verb}ed", f"{verb}{doubled}ed")


FINITE = frozenset(form for verb in _REGULAR for form in _forms(verb)) | _IRREGULAR
"""Forms that may be the verb of a clause."""
AUXILIARY = words_of(
    """is are was were has have had can could may might must shall should will would cannot do does did
    be been being not also often still then later first never always usually typically now only already
    largely mainly primarily widely commonly generally currently originally eventually subsequently"""
)
"""What may stand before the verb that tells, and is part of the tie."""
AFTER_VERB = words_of(
    """to in on at by of for from with into as about against between through over under within among
    toward towards upon after before during since until up out off beside near behind below above across
    along"""
)
"""What may stand behind a verb and is part of the tie."""
DETERMINERS = words_of(
    """the a an this that these those its their his her our your my some any each every both all many
    most several few more various certain such one two three no another other numerous"""
)
PRONOUNS = words_of("it he she they we i you this these who which that there what here")
PARTICIPLES = words_of("starring featuring including containing representing covering using")
"""Forms that tie what follows to the subject of the clause, as in "a film starring"."""
