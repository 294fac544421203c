"""What of a question tells what is looked for, and not how the answer is to be written.

"Round your answer to three decimals" stands in no document that answers, and shares its words with many that
do not. Only sentences after the first are left out, and only those that speak of the answer or its form.
"""

from __future__ import annotations

import re

from glede.text.sentences import sentence_spans

_ANSWER = (
    r"answers?|antwort(?:e|en|et)?|réponse|réponds|répondez|respuesta|respond[ae]|risposta|rispondi|resposta|"
    r"antwoord|ответ\w*|إجابة|الإجابة|أجب"
)
_ANSWER_UNSPACED = "回答|答案|答え"
_POLITE = (
    r"(?:(?:please|kindly|directly|only|just|bitte|nur|s'il vous plaît|por favor|пожалуйста|请|أرجو)\W+)?"
)
_FORM = (
    r"write|round|format|express|return|use|schreib\w*|runde\w*|formatier\w*|écri\w+|arrondi\w*|escrib\w+|"
    r"redonde\w*|scrivi|arrotonda|arredonde|escreva|schrijf|rond|напиши\w*|округли\w*|写出|四舍五入|اكتب|قرب"
)
_TELL = r"give|provide|put|state|report|list|gib|geben|nenne|donne[rz]?|da|indica|дай\w*|给出"
_SHAPE = (
    r"format|decimals?|digits?|integer|float|json|nachkommastellen?|dezimal\w*|ganzzahl|décimales?|decimales|"
    r"decimali|знак\w*|小数|格式"
)
_SAYS_ANSWER = re.compile(
    rf"^\W*{_POLITE}(?:(?:the|your|die|la|das|le)\s+)?(?:(?:{_ANSWER})(?!\w)|{_ANSWER_UNSPACED})",
    re.IGNORECASE,
)
_ASKS_FORM = re.compile(
    rf"^\W*{_POLITE}(?:(?:{_FORM}|{_TELL})(?:\W+\w+){{0,3}}\W+(?:{_ANSWER})(?!\w)"
    rf"|(?:{_FORM})\b.*\b(?:{_SHAPE})\b)",
    re.IGNORECASE | re.DOTALL,
)
_EXAMPLE = re.compile(
    r"^\W*(?:for example|for instance|e\.g|zum beispiel|z\. ?b|par exemple|por ejemplo|per esempio|"
    r"например|例如)",
    re.IGNORECASE,
)
_QUESTION_MARK = re.compile(r"(?<=[?？؟])\s*(?=\S)")
LONGEST = 30
"""Words of a sentence about the answer's form; a longer one says more than that."""


def sought(question: str) -> str:
    """The question without the sentences that only say how the answer is to be written."""
    first, *others = _sentences(question)
    kept = [first]
    dropped = False
    for sentence in others:
        dropped = is_about_form(sentence) or (dropped and _EXAMPLE.match(sentence) is not None)
        if not dropped:
            kept.append(sentence)
    return " ".join(kept) if len(kept) <= len(others) else question


def is_about_form(sentence: str) -> bool:
    """Whether a sentence says only how an answer is to be written."""
    if sentence.rstrip().endswith(("?", "？", "؟")) or len(sentence.split()) > LONGEST:
        return False
    return bool(_SAYS_ANSWER.match(sentence) or _ASKS_FORM.match(sentence))


def _sentences(question: str) -> list[str]:
    """Sentences; what follows a question mark is one even where no space sets it apart."""
    parts = [
        part.strip()
        for start, end in sentence_spans(question)
        for part in _QUESTION_MARK.split(question[start:end])
    ]
    return [part for part in parts if part] or [question]
