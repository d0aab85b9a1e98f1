"""What a sentence says something of: the words before its verb, by rules that are words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.sources.reports.kinds import NounPhrase
from ingest.sources.reports.sentence import Sentence
from ingest.sources.reports.tokens import Token

VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|being|has|have|had|will|would|could|can|should|may|went|goes|"
    r"going|gone|rose|rise[sn]?|rising|grew|gr[eo]w[sn]?|growing|fell|fall(?:s|en|ing)?|"
    r"drop(?:s|ped)?|(?:in|de)creas(?:e[sd]?|ing)|reach(?:e[sd]|ing)?|moved?|moves|moving|"
    r"stay(?:s|ed)|st(?:ood|ands)|remain(?:s|ed)|passed|exceed(?:s|ed)|climb(?:s|ed)|jumped|"
    r"doubled|improved|declined|halved|averaged|totalled|hit|cost|costs|saw|sees|said|says|"
    r"launched|received|handled|saved|spent|helped|trained|started|used|uses|made|met|missed|"
    r"achieved|achiev(?:es|ing)|expects?|wants?|plans|aims|hopes|intends|answered|issued)\b"
)
"""Verbs that end the words before them: in these papers few others carry a number."""

MOVED = re.compile(
    r"\b(?:bring|move|raise|lift|increase|get|push|drive|shift|take(?! up\b)|grow|cut|reduce)"
    r"(?:[sd]|ed|ing)? (?:the |its |their |our )?(?P<what>(?!of |in )[A-Za-z][A-Za-z' -]*?)"
    r"(?: (?:up|down|online|digital))* (?:from|to|by|above|over|past)\b[^,;]*$",
    re.I,
)
"""`BIS will bring patent renewals to`: what moves is the verb's object."""

ADVERBIAL = re.compile(
    r"\s*(?:and |but |while |meanwhile |however )*(?:(?:in|by|at|on|during|since|over|between|"
    r"throughout|for|within|across|after|before|until|as|with|through)\b"
    r"(?:[^,]*,| the (?:\w+ )?(?:period|year|month|quarter|summer|winter|spring|autumn)) )?"
    r"(?:and |but |however,? |meanwhile,? |overall,? |nationally,? )*"
    r"(?:the |its |their |our |this |all )?(?:(?:number|proportion|share|percentage|rate|level)s? "
    r"of (?:all |the |its |their )?)?",
    re.I,
)
"""What may be before the words themselves."""

AFTER_NOUN = re.compile(
    r" (?:of|for|to|from|in|at|on|with|by|made|received|submitted|completed|sent|taken|handled|"
    r"issued|done|among|through|about|that|which|who|per|online|digitally|already|still|now|also)\b",
    re.I,
)
BREAK = re.compile(r", (?:and |but |which |with )?| and | but | while ")
THING = (
    "(?:new |online |digital |live |exemplar )*"
    "(?:service|scheme|system|site|exemplar|form|fund|benefit|allowance|programme|project|network|"
    "pilot|tender|contract|campaign|initiative|roll-?out)"
)
ANAPHOR = re.compile(
    r"(?:(?:and|but|also|however|overall) )?"
    r"(?:(?:in|by|at|on|during|since|over|throughout|within|after|before|until)\b[^,]*,? )?"
    r"(?:(?:around|about|over|nearly|almost|some|more than|at least|just|up to|only) )*"
    rf"(?:(?:it|they|this|these|(?:the|this|its|government's) {THING})(?:'s)? )?"
    r"(?:the )?(?:(?:digital|online|overall) )?"
    r"(?:(?:take[ -]?up|uptake|user satisfaction|satisfaction|completion|completion rate|cost) )?"
    rf"(?:(?:of|for|with) (?:it|them|(?:the|this) {THING}) )?",
    re.I,
)
"""Words that take up what the sentence before said: `it`, `the service`, a bare `take-up`."""


@dataclass(frozen=True)
class Subject:
    """Words before a verb, and whether they only take up what was said before (`it`)."""

    phrase: NounPhrase | None
    is_anaphor: bool


def subject_of(token: Token, sentence: Sentence) -> Subject | None:
    """What the clause of a number says something of, or None where no verb is before it."""
    start, _ = sentence.span(token)
    before = sentence.masked(token)[: token.start]
    moved = MOVED.search(before, start)
    if moved is not None:
        return Subject(_phrase(before, moved.start("what"), moved.end("what")), False)
    verbs = [match.start() for match in VERB.finditer(before, start)]
    while verbs:
        end = _first_of_group(before, verbs)
        begin = max(_clause_starts(before, start, end, verbs, sentence), default=start)
        if before[begin:end].strip(" ,"):
            return _subject(before, begin, end, sentence)
        verbs = [at for at in verbs if at < begin]
    return None


def has_own_subject(start: int, sentence: Sentence) -> bool:
    """Whether words before an offset say what a sentence is about: nothing, `it` and `the
    service` take that from the sentence before."""
    before = sentence.folded[:start]
    verb = VERB.search(before)
    if verb is not None:
        before = before[: verb.start()]
    for dated in sentence.dated:
        if dated.end <= len(before):
            before = before[: dated.start] + " " * (dated.end - dated.start) + before[dated.end :]
    return ANAPHOR.fullmatch(_spaced(before)) is None


def _spaced(text: str) -> str:
    """Words with one space after each."""
    return "".join(f"{word} " for word in text.split())


def _first_of_group(before: str, verbs: list[int]) -> int:
    """Where the last verb with its auxiliaries begins: `will be made` begins at `will`."""
    first = verbs[-1]
    for at in reversed(verbs[:-1]):
        if not re.fullmatch(r"\w+(?: (?:now|also|already|still|not|to))* ", before[at:first]):
            break
        first = at
    return first


def _clause_starts(
    before: str, start: int, end: int, verbs: list[int], sentence: Sentence
) -> Iterator[int]:
    """After each comma or `and` that has a verb before it: there another clause may begin."""
    for match in BREAK.finditer(before, start, end):
        is_in_date = any(d.start < match.start() and match.end() < d.end for d in sentence.dated)
        if not is_in_date and any(at < match.start() for at in verbs):
            yield match.end()


def _subject(before: str, begin: int, end: int, sentence: Sentence) -> Subject:
    opening = ADVERBIAL.match(before, begin, end)
    first = opening.end() if opening else begin
    for dated in sentence.dated:
        if begin <= dated.start <= first + 3 and dated.end < end:
            first = max(first, dated.end)
    is_anaphor = ANAPHOR.fullmatch(_spaced(before[begin:end])) is not None
    return Subject(_phrase(before, first, end), is_anaphor)


def _phrase(text: str, start: int, end: int) -> NounPhrase | None:
    words = text[start:end].strip(" ,")
    start += len(text[start:end]) - len(text[start:end].lstrip(" ,"))
    noun = AFTER_NOUN.search(words)
    if noun is not None:
        words = words[: noun.start()]
    if not re.match(r"[A-Za-z]", words):
        return None
    return NounPhrase(words, words.split()[-1].casefold(), start, start + len(words))
