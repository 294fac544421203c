"""The word lists that the rules of `nlp` go by; our own, and small."""

from __future__ import annotations


def words_of(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


STARTERS = words_of(
    """although additionally afterwards afterward alongside already among amongst another around as aside
    beginning beside besides beyond born by certain currently despite due early eventually ever every
    everyone few finally first firstly following formerly four generally given hence her here his
    historically however if in inside instead just last late later latter lastly less like likewise
    located long many maybe mean meanwhile more moreover most much nearly neither never nevertheless next
    nobody none nonetheless nor nothing notably now numerous often once one only originally other others
    otherwise our outside over overall part perhaps prior previously recently regarding second secondly
    seven several shortly similarly since six some someone something sometimes soon still subsequently
    such ten than thanks their then there thereafter therefore these third thirdly those though three
    through throughout thus till together today two typically under unlike until upon usually various via
    what whatever when whenever where whereas wherever whether which whichever while whilst who whoever
    whom whose why with within without yet you your yes no not please see let according based compared
    including known next using used today tomorrow yesterday within across against along amid nowadays
    ultimately essentially furthermore consequently accordingly especially particularly specifically
    initially interestingly importantly similarly unfortunately fortunately traditionally apparently
    clearly obviously indeed rather either both each all any its it's i'm we're they're don't doesn't
    isn't can't won't let's that's there's he's she's севернее южнее восточнее западнее кроме однако
    также после перед согласно среди около более менее несмотря благодаря вместе затем позже позднее
    сегодня ранее хотя поскольку"""
)
"""English words that begin sentences and are no part of a name there."""

COMMON = words_of(
    """abstract action actions age album albums animals answer answers appendix army art article articles
    artists author authors band bands battle books book born census chapter characters children church
    city climate college communities community companies company conclusion contents countries country
    court critics culture data day days death development director discography district during economics
    education events example examples experience facts family fans figure film films filming fig food
    friends game games government governments group groups growth health help historians history home
    house images individuals industry infrastructure introduction island issues king language law leaders
    legacy life line lines list local make making man management media medical members men military
    modern money music nature new news note notes number old online parents people person personal plans
    plants players police population president production professor programs project public queen
    question questions reception references region regular release reports research residents results
    review reviews river road role school schools science scientists season section series services shows
    singer single site social society song songs source sources sports staff star state states stories
    story students studies study summary support table team teams technology time times today tracks
    trade training transportation travel treatment type types university use users version village voters
    war water weather winner winners wife women work workers works world writer writers year years young
    add create get run set start stop install open close click check choose select enter delete update
    return returns true false null none default optional required note january february march april may
    june july august september october november december monday tuesday wednesday thursday friday
    saturday sunday warning tip important step steps overview usage background discussion methods method
    materials objective objectives purpose findings evidence mr mrs ms dr prof sir lord lady"""
)
"""English words that are often capitalised by their place only, and no name by themselves."""

ROLES = words_of(
    """president king queen prince princess emperor minister senator governor mayor general admiral
    captain colonel major lieutenant sergeant pope bishop archbishop cardinal saint sir dame lord lady
    duke duchess earl count countess baron baroness professor doctor judge justice chancellor secretary
    ambassador chairman ceo director писатель писательница поэт художник композитор президент король
    император князь министр актёр актриса режиссёр учёный физик математик философ певец певица царь граф
    генерал singer actor actress author writer producer composer footballer politician leader premier
    sultan emir shah tsar mr mrs ms miss dr prof"""
)
"""Titles of people: before a name they say that it is a person's."""

NOUN_ENDINGS = tuple(
    words_of(
        """ung ungen heit heiten keit keiten schaft schaften tion tionen tät täten ismus nis nisse tum
        ling linge erung ierung isten ierungen zeit jahr jahre jahren jahrhundert jahrhunderts
        jahrhunderte innen chen lein zeug werk werke weise kraft kräfte stoff stoffe gesetz gesetze recht
        rechte system systeme mann männer frau frauen kind kinder mensch menschen spiel spiele spieler
        punkt punkte teil teile form formen fall fälle leben welt zahl zahlen gebiet gebiete arbeit
        arbeiter bildung stadt städte land länder million millionen milliarden einwohner einwohnern
        region regionen raum räume gebieten städten gemeinde gemeinden bereich bereiche zentrum staat
        staaten bundesstaat gruppe gruppen begriff anteil hälfte mehrheit beispiel ende anfang"""
    )
)
"""Endings of German nouns that are no names; compounds end like their last part."""

ROLE_ENDINGS = tuple(
    words_of(
        """erin iker ikerin steller stellerin leiter führer präsident präsidentin minister ministerin
        kanzler kanzlerin könig königin kaiser kaiserin papst bischof graf herzog fürst prinz prinzessin
        schauspieler spieler sänger maler dichter komponist philosoph regisseur autor professor doktor
        herr frau ingenieur arzt richter general"""
    )
)
"""Endings of what people are, which stands before their names."""
NOUN_SIGNALS = words_of(
    """der die das dem den des ein eine einem einen einer eines kein keine keinen keiner keinem mein
    meine meinen sein seine seinen seiner seinem ihr ihre ihren ihrer ihrem unser unsere dieser diese
    dieses diesem diesen jeder jede jedes jedem jeden viele vielen einige einigen alle allen mehrere
    mehreren zwei drei vier fünf sechs sieben acht neun zehn zum zur vom im am beim ins ans als ohne mehr
    wenige manche solche welche welcher pro per zwecks sowie nördlich südlich östlich westlich innerhalb
    außerhalb trotz während seit obwohl laut zudem außerdem jedoch dabei dadurch danach daher heute
    später schließlich neben statt gemäß aufgrund nachdem bevor sobald insgesamt insbesondere derzeit
    zunächst bereits ebenfalls allerdings etwa rund weitere zahlreiche ab bis gegen"""
)
"""German words behind which a noun follows, whether name or not."""

GENERIC = words_of(
    """abstract acknowledgements acknowledgments appendix background bibliography conclusion conclusions
    contents discussion introduction method methods notes overview preface reference references result
    results summary experiments evaluation related work further reading external links see also table of
    index glossary faq example examples usage installation requirements limitations license changelog
    prerequisites next steps getting started untitled document and the einleitung zusammenfassung fazit
    literatur anhang inhalt und введение заключение выводы содержание литература и المقدمة الخاتمة
    المراجع 引言 结论 参考文献 摘要 目录 概述 附录 前言"""
)
"""Words of headings that every document has."""

HEADS = words_of(
    """university institute institution college academy school ministry department bureau agency
    commission committee council association society union federation foundation bank house church board
    office court republic kingdom state states county city province gulf bay battle siege war treaty
    museum library hospital center centre army navy force forces league party order knights lord game
    games history theory book gospel journal review proceedings museum national international royal
    central supreme general high north south east west great museum school faculty division secretary
    head vice deputy medal isle island islands tower"""
)
"""Words that need what follows "of": without it they are no name."""
MONTHS = words_of(
    """january february march april may june july august september october november december jan feb mar
    apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember"""
)

NO_TERMS = words_of(
    """way ways thing things lot part parts kind kinds number numbers time times example examples fact
    case cases one ones first second new good better best different important various similar however
    therefore within without like well even much many also including particular common several high low
    large small great long short various certain major main key able due order instance addition result
    reason reasons people person ability aspect aspects role something anything everything someone years
    year day days today use used using sometimes usually perhaps often always never else heißt heißen gilt
    gelten seien sodass beziehungsweise jeweils"""
)
"""Words that carry too little meaning for a term."""
