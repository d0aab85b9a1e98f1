"""What a number can be, and the rules that tell it by its neighbours, as data.

A case that is missing here leaves a number undecided, never guessed. To teach the reader a new
turn of phrase, add a row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.sources.reports.headings import MONTH_NAMES

NUMBER_KINDS: dict[str, str] = {
    "claim": "a figure that the document states",
    "year": "a calendar year",
    "date": "part of a day, month or quarter",
    "financial_year": "part of a financial year",
    "section_year": "the year in a section's heading",
    "action_number": "the number of an action of the strategy",
    "section_number": "the number of a chapter",
    "page_number": "a page's number, or part of the line that bears it",
    "list_number": "the number of a list's item",
    "note": "the number of a note",
    "level": "a level of a scale, by its name",
    "label": "the number in a name such as Phase 1 or Annex 2",
    "name": "part of a proper name",
    "duration": "a stretch of time that is planned, not achieved",
    "ordinal": "a place in an order",
    "idiom": "a turn of phrase: at all, third party, single approach, two-way",
    "generality": "all of something that nobody counts: users, needs, policies",
    "part_of_claim": "the whole of which a claim takes a share",
    "vague": "a quantity in words beside or inside another claim",
    "address": "part of a web or e-mail address",
    "sidebar": "part of the page around the document",
    "undecided": "the rules cannot tell: a person has to",
}
"""Every class that a number can have, with what it means."""


@dataclass(frozen=True)
class KindRule:
    """A number's class by its shape, its text and what is directly before and after it."""

    kind: str
    shapes: frozenset[str]
    before: re.Pattern[str] | None = None
    after: re.Pattern[str] | None = None
    text: re.Pattern[str] | None = None


def _rule(kind: str, shapes: str, before: str = "", after: str = "", text: str = "") -> KindRule:
    return KindRule(
        kind,
        frozenset(shapes.split()),
        re.compile(f"(?:{before})$", re.I) if before else None,
        re.compile(f"(?:{after})", re.I) if after else None,
        re.compile(f"(?:{text})", re.I) if text else None,
    )


LABELS = (
    "phase|annex|appendix|part|step|version|chapter|section|tier|band|form|article|stage|table|"
    "figure|wave|schedule|paragraph|release|volume|box|class|category|grade|question|option|"
    "recommendation|principle"
)
MONTH = f"(?-i:{'|'.join(MONTH_NAMES)})"
"""With its capital: `3 may` is not a date."""
ONE_YEAR = r"(?:19|20)\d\d"

KIND_RULES: tuple[KindRule, ...] = (
    _rule("address", "address"),
    _rule("action_number", "count", r"\bActions? (?:\d+(?:, | to | and |-))*"),
    _rule("level", "count", r"\blevels? (?:\d+(?: to | and |-))*"),
    _rule("label", "count", rf"\b(?:{LABELS})s? "),
    # Days, months and quarters; the year after a month is part of that date.
    _rule("date", "count ordinal", after=rf" (?:of )?{MONTH}\b"),
    _rule("date", "count", rf"\b{MONTH} ", rf",? {ONE_YEAR}"),
    _rule("date", "year", rf"\b{MONTH},? (?:\d{{1,2}},? )?"),
    _rule("date", "part_of_year"),
    _rule("date", "ordinal", after=r" (?:calendar |financial )?(?:quarter|half)s?\b"),
    _rule("date", "year", r"\b(?:quarter|half) of (?:the year )?"),
    _rule("date", "code", text=r"Q[1-4]|\d{1,2}/\d{1,2}(?:/\d{2,4})?"),
    _rule("financial_year", "years"),
    # All, every: turns of phrase first; what is left is judged by its noun.
    _rule("idiom", "universal", r"\b(?:at|above|after|once and for) "),
    _rule("idiom", "universal", after=r"-| (?:along|together|round|but|over)\b"),
    _rule("idiom", "universal", after=r" (?:day|week|month|quarter|year|time|few|opportunity)\b"),
    _rule("generality", "universal", r"\b(?:not|nearly|almost) "),
    _rule(
        "part_of_claim",
        "universal",
        r"(?:%|\bper cent|\b(?:half|thirds?|quarters?|proportion|share|percentage)) of ",
    ),
    _rule(
        "generality",
        "universal",
        r"\b(?:approach|framework|guidance|policy|rules?|view) (?:for|across|to) ",
    ),
    # Number words that count nothing.
    _rule("idiom", "count", r"\bno[- ]", text="one"),
    _rule("idiom", "count", r"\bone-to-", text="one"),
    _rule("idiom", "count", after=r" (?:of|another)\b", text="one"),
    _rule("idiom", "count", r"\b(?:this|that|any|which|each|every) ", text="one"),
    _rule("idiom", "count", after=r"-[a-z]"),
    _rule("idiom", "ordinal", after=r"[- ](?:part(?:y|ies)|sectors?|persons?)\b"),
    _rule("idiom", "quantity_word", r"\b(?:ethnic|black and) "),
    _rule("idiom", "quantity_word", after=r" (?:ethnic|groups?|communit(?:y|ies)|languages?)\b"),
    _rule("vague", "quantity_word", after=r" \(\d"),
    _rule("vague", "quantity_word", r"\bwhere an? (?:\w+ )?"),
    _rule("date", "duration", after=rf" (?:to|ending|ended)(?: in)? (?:\d+ )?{MONTH}\b"),
    _rule("note", "count", r"\[", r"\]"),
    _rule(
        "duration",
        "duration",
        after=r" (?:[a-z]+ )?(?:plan|roadmap|programme|strategy|contract|pilot|trial|period)\b",
    ),
    _rule(
        "duration",
        "duration",
        r"\b(?:next|last|past|previous|coming|first|another|over|for|every|within) ",
    ),
)
"""Read in order: the first whose every part fits decides."""

NAMES: tuple[str, ...] = (
    "First World War",
    "Second World War",
    "Consumer First",
    "One Digital",
    "One Stop Shop",
)
"""Names that hold a number's word and are in no register."""

NAME_WITH_YEAR = re.compile(
    r"(?<![.!?] )(?<!^)\b(?!(?:In|By|Since|Until|From|For|Throughout|During|Between|After|Before|"
    r"And|To|Of|At|On|The|Within|Over|Around|About|Early|Late|Mid|Spring|Summer|Autumn|Winter|"
    r"Progress|Plans|Updated|Published|Year|End) )[A-Z][A-Za-z]+ $"
)
"""What comes before a year that belongs to a name: a capitalised word inside a sentence."""

COUNTED = frozenset(
    "service services transaction transactions exemplar exemplars consultation consultations "
    "channel channels department departments proposal proposals programme programmes project "
    "projects staff member members form forms requirement requirements provision redesign "
    "redesigns agency agencies manager managers charity charities website websites application "
    "applications claim claims pilot pilots office offices team teams contract contracts".split()
)
"""Nouns after `all` or `every` that make a claim: one could count who does it and who does not."""

UNCOUNTED = frozenset(
    "user users citizen citizens audience audiences those who people customer customers sector "
    "sectors policy policies policymaking need needs case cases stage stages area areas aspect "
    "aspects stakeholder stakeholders visitor visitors part parts means other others product "
    "products times levels circumstances directions partners work things".split()
)
"""Nouns after `all` or `every` that make a generality."""

BEFORE_NOUN = frozenset("of the its their our his her other these those".split())
"""Words after `all` that are not part of the subject's name."""
