"""How a figure is said, as data: how exactly, as a target or a change, denied, dated, per year."""

from __future__ import annotations

import re

from ingest.sources.reports.headings import MONTH_NAMES
from ingest.sources.reports.measures import Pattern, words

QUALIFIERS: tuple[tuple[str, Pattern], ...] = tuple(
    (name, re.compile(rf"(?:\b(?:{words})|{symbols}) ?$", re.I))
    for name, words, symbols in (
        (
            "over",
            "over|(?<!no )(?<!not )more than|in excess of|exceeding|upwards of|better than",
            ">",
        ),
        ("above", "above", "(?!)"),
        ("at_least", "at least|no(?:t)? less than|no(?:t)? fewer than|a minimum of", "≥|>="),
        ("up_to", r"(?<!take)(?<!take[ -])up to|at most|no(?:t)? more than|a maximum of", "≤|<="),
        ("under", "under|below|less than|fewer than", "<"),
        (
            "around",
            "around|about|approximately|roughly|some|circa|c\\.|nearly|almost|close to",
            "~",
        ),
    )
)
"""How exactly a value is meant, by the words directly before it; without any it is exact."""

ESTIMATE = words(r"\b(?:an? )?estimate[ds]?\b")
CHANGE = words(
    r"\b(?:increas(?:e|es|ed|ing)|ris(?:e|es|en|ing)|rose|gr(?:ow|ows|ew|own|owing)|"
    r"(?<!take)(?<!take[ -])up(?! to\b)|climb(?:s|ed|ing)?|jump(?:s|ed)?|rais(?:e|es|ed|ing)|"
    r"fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|down|decreas(?:e|es|ed|ing)|reduc(?:e|es|ed|ing)|"
    r"improv(?:e|es|ed|ing)|extend(?:s|ed|ing)?|bring(?:s|ing)?|brought|lift(?:s|ed|ing)?|"
    r"push(?:es|ed|ing)?|dr(?:ive|ives|ove|iven)|cut(?:s|ting)?|doubl(?:e|es|ed|ing)|trebl(?:e|es|ed|ing)|"
    r"halv(?:e|es|ed|ing)|declin(?:e|es|ed|ing)|move[sd]?|went|gone)\b"
)
"""Words of change: without one, `to` before a number is not a direction."""

INTENDED = words(
    r"\b(?:will|would|shall|aims?|aiming|wants?|plans to|planning to|planned to|is planned|"
    r"intends?|with a view to|sought to|seeks? to|seeking to|hopes? to|"
    r"expects? to|(?:expected|forecast|projected|likely|set) to|on (?:course|track) to|should|"
    r"(?<!who )(?<!that )(?:could|might))\b"
)
"""Words that make a figure a target: something that is still to come."""

PRESENT = words(r"\b(?:currently|current|already|at present|so far|to date|now)\b")
"""Words that make a figure an outcome even among plans."""

TARGET = r"(?:targets?|goals?|ambitions?|milestones?|aspirations?|benchmarks?)"
TARGET_BEFORE = re.compile(
    rf"\b(?:{TARGET}(?: (?!and\b|but\b|with\b|reaching\b|by\b)[\w'-]+){{0,4}}:?"
    r"|(?:plan|forecast|projection|expectation) of) \(?$",
    re.I,
)
NOT_ITS_NAME = (
    "of|in|by|and|but|was|were|is|against|above|below|under|over|ahead|short|beyond|to|than|versus|"
    "compared|towards?|with|for|from|on|at|as"
)
TARGET_AFTER = re.compile(rf"(?: (?!(?:{NOT_ITS_NAME})\b)[\w'-]+){{0,4}} {TARGET}\b", re.I)
"""`the 90% take-up target`: what a figure is named as, not measured."""
TARGET_DATED = re.compile(rf"\b{TARGET}(?: of \S+)?(?: set)? for$", re.I)
TARGET_PASSED = re.compile(
    r"\b(?:exceed(?:s|ed|ing)?|pass(?:es|ed|ing)?|met|meets|meeting|reach(?:es|ed|ing)?|beat|beats|"
    r"beating|above|beyond|below|under|achiev(?:es|ed|ing)|surpass(?:es|ed|ing)?|hit|missed|"
    r"missing|short of|against|towards?)\b",
    re.I,
)
"""A date beside such words is that of passing a target, unless it is in the target's own name."""

NEGATED_BEFORE = re.compile(
    r"(?:\b(?:not|never|cannot|neither|nor|without|failed to|fails to|failing to|unable to|"
    r"unlikely to|short of|far from|instead of|rather than|no longer|hardly|yet to|none|nobody|"
    r"no (?!less|more|fewer|later|change|longer|doubt)[a-z]+(?: of [\w' ]+)? (?:expects?|has|have|"
    r"had|is|are|was|were|reached|plans?|wants?|aims?))|n't)\b"
    r"(?! (?:less|more|fewer|only|just)\b)[^,;:%]{0,40}$",
    re.I,
)
NEGATED_AFTER = re.compile(
    r"^[^,;%]{0,60}?(?:\b(?:not|never|cannot|neither)|n't)\b(?! (?:only|just)\b)", re.I
)
"""A share of those who do not do something is not the share of those who do."""

COMPARED = re.compile(
    r"\b(?:(?:up|down) from|higher than|lower than|compared (?:with|to)|against|versus|from) "
    r"(?:the |in )*(?:(?:just|around|about|over|under|nearly|only) )*$",
    re.I,
)
"""What comes before a number that another one is held against."""
COMPARED_DATE = re.compile(
    r"(?:\bthan|\bcompared (?:with|to)|\bagainst|\bversus|\brelative to|\b(?:up|down|points?) on|"
    r"% on|\bunlike|\b(?:same|much|many|high|low|often) as|\b(?:double|twice)|\bsince|"
    r"\b(?:where|what|as)(?= (?:it|they) (?:was|were|had been)\b))"
    r"(?: (?:it|they) (?:was|were|had been))?(?: (?:in|at|by|during|on|for|the end of))?(?: the)?$",
    re.I,
)
COMPARED_LEVEL = re.compile(
    r"(?:'s)? (?:figure|level|total|baseline|rate|average|share|result)s?\b", re.I
)
"""What is around a date that a comparison is with: it does not date the value."""
OTHER_TIME = re.compile(
    r"[^%;]{0,25}?\b(?:(?:a|one|two|three) (?:years?|months?) (?:earlier|before|ago)|last year|"
    r"(?:in |for )?the (?:previous|preceding|prior|last) (?:\w+ )?(?:year|month|quarter|period)|"
    r"(?:the )?(?:year|month|quarter) before|"
    r"within (?:an?|one|two|three|\d+) (?:years?|months?))\b",
    re.I,
)
"""A time told by its distance from another: nothing here says which."""
UNDATED = re.compile(
    r"\bover (?:the )?(?:next |last )?(?:two|three|four|five|\d+) years\b|"
    r"\b(?:in|during|over) (?:an?|the|its|this) (?:\w+ ){0,2}(?:week|month|quarter|summer|winter|"
    rf"spring|autumn)\b|\b(?:last|this) (?:{'|'.join(MONTH_NAMES)}|week|month|quarter|summer|"
    r"winter|spring|autumn)\b",
    re.I,
)
"""A time of which the text does not say when it was."""
CHANGED_BY = re.compile(
    r" (?:(?:percentage )?points? )?(?:increase|rise|reduction|fall|drop|growth|decrease|more|"
    r"fewer|less|improvement|higher|lower|up|down)\b(?! to\b)",
    re.I,
)
"""After a number that is a change and not a level."""

SCOPES: tuple[Pattern, ...] = (
    words(r"\bfor (current (?:\w+ )?registrations)\b"),
    re.compile(r"\b(Phase \d+)\b"),
    re.compile(r"\breceived from ([A-Z]\w+)\b"),
    words(r"\bhave (low or no digital capability)\b"),
    words(r"\b(from offline to digital channels)\b"),
)
SCOPES_OF_SHARES: tuple[Pattern, ...] = (
    words(
        r"\b(among (?:those |people |users )?[\w' -]{2,40}?)"
        r"(?=[,.;)]|$| (?:is|was|were|are|has|rose|fell|stood|reached)\b)"
    ),
    words(r"\b(on (?:mobiles?|tablets?|smartphones?)(?: (?:devices?|phones?))?)\b"),
    words(r"\b(in (?:an?|the|its|this) (?:\w+ ){0,2}(?:pilot|trial|test|beta|week|month))\b"),
)
"""The part of its users or its time."""
"""The part of its subject that a claim covers."""
PLACE = re.compile(
    rf"\bin ((?:the )?(?!(?:{'|'.join(MONTH_NAMES)}|GOV|Jobcentre|Parliament|Q\d)\b)[A-Z][a-z]+"
    r"(?: [A-Z][a-z]+)?)(?=[.,;)]|$| (?:and|to|was|were|is|are|has|had|rose|fell|alone|only|but)\b)"
)
"""A place for which alone a figure is said to hold."""
CHANGE_OF = re.compile(
    r"\b(?:increase|rise|fall|drop|reduction|growth|improvement|decrease|gain|decline|jump)s? of "
    r"(?:(?:a|an|over|around|about|more|than|nearly|almost|some|just) )*$",
    re.I,
)
CHANGE_BY = re.compile(r"\bby (?:(?:a|an|over|around|about|more|than|nearly|almost|some|just) )*$")
"""Before a number that is a change and not a level."""
SINCE = re.compile(r"\bsince (?:the )?((?:[A-Z][a-z]+ )?(?:19|20)\d\d)\b", re.I)

SPANS = "year|month|week|day|quarter|hour"
ADVERBS = {
    "annually": "year",
    "yearly": "year",
    "monthly": "month",
    "weekly": "week",
    "daily": "day",
}
COUNTED_BY = "transaction|application|claim|call|booking|visit|form|letter"
BETWEEN = (
    r"(?: (?:online|digitally|on average|in total|made|received|handled|processed|issued|answered|"
    r"(?:of|through|from|for|to|by) (?:(?!in|within|over|for|after)[\w'-]+ ?){1,5}?))?"
)
PER = re.compile(
    rf"{BETWEEN} ?(?:\b(?:a|an|each|every) (?P<span>{SPANS}|{COUNTED_BY})\b"
    rf"(?! (?:earlier|before|ago|later|early|late|ahead))"
    rf"|\bper (?P<unit>[a-z]+)\b|/ ?(?P<slash>{SPANS})\b|\b(?P<adverb>{'|'.join(ADVERBS)})\b)",
    re.I,
)
PER_BEFORE = re.compile(rf"^(?:Each|Every) (?P<span>{SPANS}),? ", re.I)
"""What a figure is counted by: a year, a month, a booking."""
