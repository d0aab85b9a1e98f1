"""A sentence with what is known around it, and its clauses, brackets and noun phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from ingest.sources.reports.document import Section
from ingest.sources.reports.kinds import NounPhrase
from ingest.sources.reports.measures import NOUNS_IN_ING, STOP_WORDS, USERS
from ingest.sources.reports.periods import Dated, periods_in
from ingest.sources.reports.registers import Mention, Registers
from ingest.sources.reports.text import TAIL
from ingest.sources.reports.tokens import Token
from ingest.sources.reports.wording import TARGET_AFTER, TARGET_BEFORE

CLAUSE_END = re.compile(
    r"; | - |, (?:and|but|whereas|although|though|while|against|compared|up from|down from)\b"
)
HEDGE = r"(?:(?:around|about|over|under|just|approximately|more|than|nearly|a|an) )*$"
"""Words that may be between `from` or `to` and its number."""


MOVES = (
    "go|goes|going|gone|went|rise|rises|rising|risen|rose|grow|grew|climb|climbed|creep|crept|edged|"
    "brought|pushed|lifted|moved"
)
MOVED_UP = re.compile(rf"\b(?:{MOVES}) up to {HEDGE}", re.I)
"""Not a limit, but where something went."""


@dataclass
class Sentence:
    """One sentence, with what is known around it. Offsets are those of its own text.

    `tokens` are its numbers, and `numbers` those of them that may be claims. `previous` are the
    services that the sentence before named; `counted` is what the paragraph last counted, for `half
    of these`. What `is_listed`: in a numbered list: a recommendation, unless its section says
    otherwise.
    """

    folded: str
    numbers: list[Token]
    mentions: list[Mention]
    previous: list[Mention]
    counted: str | None
    section: Section
    dated_on: date | None
    registers: Registers
    is_listed: bool = False
    tokens: list[Token] = field(default_factory=list)
    dated: list[Dated] = field(default_factory=list)
    _spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    _targets: dict[int, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.numbers:
            self.dated = periods_in(self.folded, year=self.section.year)

    def before(self, token: Token) -> str:
        """The words directly before a token."""
        return self.folded[max(token.start - TAIL, 0) : token.start]

    def phrase_at(self, start: int) -> NounPhrase | None:
        """The noun phrase from an offset, the whole of a registered name that it begins with
        included: `practical driving test bookings`."""
        start += self.folded.startswith(" ", start)
        for mention in self.mentions:
            if mention.start == start:
                last = noun_phrase(self.folded, mention.end) if self._goes_on(mention) else None
                end = last.end if last is not None else mention.end
                text = self.folded[start:end]
                return NounPhrase(text, text.split()[-1].casefold(), start, end)
        return noun_phrase(self.folded, start)

    def _goes_on(self, mention: Mention) -> bool:
        return re.match(r" [a-z]", self.folded[mention.end :]) is not None

    def mentions_in(self, start: int, end: int) -> list[Mention]:
        """Services that are named between two offsets, in part or whole."""
        return [m for m in self.mentions if m.start < end and start < m.end]

    def is_named_target(self, token: Token) -> bool:
        """Whether the words around a figure call it a target: `its target of 90%`."""
        known = self._targets.get(token.start)
        if known is None:
            start, end = self.span(token)
            known = self._targets[token.start] = bool(
                TARGET_BEFORE.search(self.folded[max(start, token.start - TAIL) : token.start])
                or TARGET_AFTER.match(self.folded, token.end, end)
            )
        return known

    def bracket(self, token: Token) -> tuple[int, int] | None:
        """The brackets around a token, as offsets."""
        opened = self.folded.rfind("(", 0, token.start)
        closed = self.folded.find(")", token.end)
        if opened < 0 or closed < 0 or ")" in self.folded[opened : token.start]:
            return None
        return opened, closed + 1

    def span(self, token: Token) -> tuple[int, int]:
        """The brackets around a token, else its clause."""
        if token.start not in self._spans:
            self._spans[token.start] = self.bracket(token) or self._clause(token)
        return self._spans[token.start]

    def _clause(self, token: Token) -> tuple[int, int]:
        start, end = 0, len(self.folded)
        for match in CLAUSE_END.finditer(self.folded):
            if match.end() <= token.start:
                start = match.end()
            elif match.start() >= token.end:
                end = match.start()
                break
        return start, end

    def masked(self, token: Token) -> str:
        """The sentence with other brackets blanked, or all but the token's own."""
        if "(" not in self.folded:
            return self.folded
        inside = self.bracket(token)
        if inside is not None:
            return " " * inside[0] + self.folded[inside[0] : inside[1]]
        return re.sub(r"\([^()]*\)", lambda match: " " * len(match.group()), self.folded)


def is_range(token: Token, sentence: Sentence) -> str | None:
    """`from` or `up_to` where a number is an end of a range (`between 1.7 and 1.8 billion`)."""
    for first, second in pairwise(sentence.numbers):
        if token not in (first, second) or (first.shape, first.unit) != (second.shape, second.unit):
            continue
        between = sentence.folded[first.end : second.start]
        lead = sentence.folded[: first.start]
        said = re.search(r"\bbetween $", lead) and between == " and "
        dashed = re.fullmatch(r" ?- ?| to ", between) and not re.search(r"\bfrom $", lead)
        if said or dashed:
            return "from" if token is first else "up_to"
    return None


def is_moved_up(token: Token, sentence: Sentence) -> bool:
    """Whether `up to` before a number only ends a move: `from 10% up to 25%`, `will go up to`."""
    if MOVED_UP.search(sentence.before(token)):
        return True
    for first, second in pairwise(sentence.numbers):
        if second is token and sentence.folded[first.end : second.start] == " up to ":
            return re.search(r"\bfrom (?:\w+ )?$", sentence.folded[: first.start]) is not None
    return False


def noun_phrase(folded: str, start: int, *, most: int = 6) -> NounPhrase | None:
    """Up to `most` words from an offset, ended by punctuation, a number or a stop word."""
    words: list[re.Match[str]] = []
    finder = re.compile(r" ?([A-Za-z][\w'-]*)")
    at = start
    while len(words) < most:
        match = finder.match(folded, at)
        if match is None or match[1].casefold() in STOP_WORDS:
            break
        if words and match[1].casefold() in ("online", "digitally"):
            break
        if words and _is_participle(match[1], after=words[-1][1].casefold()):
            break
        words.append(match)
        at = match.end()
    if not words:
        return None
    first, last = words[0].start(1), words[-1].end(1)
    return NounPhrase(folded[first:last], words[-1][1].casefold(), first, last)


def _is_participle(word: str, *, after: str) -> bool:
    """Whether a word begins what people do (`users booking a visit`), and ends their noun."""
    if not word.islower() or not re.search(r"(?:ing|ed)$", word):
        return False
    return word not in NOUNS_IN_ING or after in USERS
