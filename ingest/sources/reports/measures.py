"""What a claim measures, of what and how exactly, as data: wordings on the left, fields on the
right. A wording that is missing here leaves the number undecided."""

from __future__ import annotations

import re
from dataclasses import dataclass

Pattern = re.Pattern[str]


def _words(pattern: str) -> Pattern:
    return re.compile(pattern, re.I)


@dataclass(frozen=True)
class MetricRule:
    """A metric and the words that tell it. The words nearest to the number decide."""

    metric: str
    words: Pattern


DIGITAL = r"(?:digital|online)"
TAKE_UP = (
    r"\b(?:take[ -]?up|up-?take)\b|\bdigital update of\b|\bdigital registrations\b"
    rf"|\b(?:through|via|by|using|to use|used?|chose|opted for|over) (?:the )?{DIGITAL} "
    r"(?:channels?|services?|options?|routes?|forms?)\b"
    r"|\b(?:made|submitted|completed|received|done|filed|booked|paid|sent|apply|applied|applying|"
    r"claim|claimed|register(?:ed)?|renew(?:ed)?|transact(?:ed)?|started) (?:\w+ )?"
    r"(?:online|digitally)\b"
    rf"|\b{DIGITAL} (?:applications|claims|bookings|submissions|transactions|renewals|returns)\b"
    r"|\b(?:transactions|applications|claims|bookings|returns) (?:\w+ )?online\b"
    r"|\b(?:are|were|is|was|went|go|gone) (?:now )?(?:online|digital)\b"
)

SHARE_METRICS: tuple[MetricRule, ...] = (
    MetricRule(
        "people_online",
        _words(
            r"\b(?:population|people|adults|households) (?:is|are) "
            r"(?:now )?online\b"
        ),
    ),
    MetricRule("digital_take_up", _words(TAKE_UP)),
    MetricRule("digital_enablement", _words(r"\bdigital service enablement\b|\bdigitally enabled")),
    MetricRule("premises_coverage", _words(r"\bpremises\b")),
    MetricRule("staff_at_skill_level", _words(r"\bstaff\b")),
    MetricRule("customers_served", _words(r"\bcustomer base\b")),
    MetricRule("contact_signposted", _words(r"\bcontacts? (?:\w+ )?signposted\b")),
    MetricRule("offline_channels_closed", _words(r"\boffline channels\b")),
    MetricRule(
        "services_without_digital_option",
        _words(
            r"\b(?:don't|do not|doesn't|does not) offer an? (?:digital|online) option\b"
            r"|\bwithout an? (?:digital|online) option\b"
        ),
    ),
    MetricRule("services_mostly_digital", _words(r"\bmajority of people who could use the online")),
    MetricRule("share_of_transactions", _words(r"\bgovernment transactions\b")),
    MetricRule("completion_rate", _words(r"\bcompletion rate\b")),
    MetricRule("user_satisfaction", _words(r"\b(?:user|customer) satisfaction\b|\bsatisfied\b")),
    MetricRule(
        "avoidable_contact",
        _words(
            r"\bavoidable contact\b|\bcall volumes?\b"
            r"|\btelephone calls\b|\bphone calls\b"
        ),
    ),
    MetricRule("assisted_digital", _words(r"\bassisted digital\b")),
)
"""Metrics of percentages, fractions, majorities and handfuls."""

CARRIED = frozenset(
    "digital_take_up applications people_trained people_engaged people_reached people_helped "
    "people_helped_online people_skilled people premises_reached claims bookings registrations "
    "transactions visits renewals returns".split()
)
"""Metrics whose service may be named in the sentence before (`it had received ...`)."""

WITHOUT_SERVICE = frozenset("exemplars departments services actions recommendations cost".split())
"""Metrics that are about no single service, whatever the sentence names beside them."""

ALWAYS_OUTCOME = frozenset("actions recommendations target_met_early target_missed_by".split())

COUNT_NOUNS: dict[str, str] = {
    noun: metric
    for metric, nouns in {
        "exemplars": "exemplar exemplars",
        "people": "people citizens residents adults",
        "applications": "applications application",
        "claims": "claims claim",
        "bookings": "bookings booking",
        "registrations": "registrations registration",
        "renewals": "renewals renewal",
        "returns": "returns",
        "visits": "visits",
        "calls": "calls",
        "transactions": "transactions",
        "premises": "premises",
        "vouchers": "vouchers voucher",
        "programmes": "programmes programme",
        "projects": "projects project",
        "pilots": "pilots trials",
        "jobcentres": "jobcentres jobcentre",
        "organisations": "organisations organisation organizations charities businesses companies",
        "centres": "centres centre",
        "libraries": "libraries",
        "departments": "departments",
        "agencies": "agencies",
        "services": "services",
        "actions": "actions",
        "digital_champions": "champions",
        "claimants": "claimants",
        "customers": "customers",
        "users": "users",
        "staff": "staff employees officers",
        "boroughs": "boroughs",
        "members": "members",
        "recommendations": "recommendations recommendation",
        "licences": "licences",
        "forms": "forms",
        "tests": "tests",
        "appointments": "appointments",
        "permits": "permits",
        "letters": "letters",
        "visitors": "visitors",
        "farmers": "farmers",
        "drivers": "drivers",
        "students": "students",
        "households": "households",
        "schools": "schools",
        "events": "events workshops",
    }.items()
    for noun in nouns.split()
}
"""The noun that is counted, and the metric that counts it."""

PEOPLE_METRICS: tuple[MetricRule, ...] = (
    MetricRule("people_helped_online", _words(r"\bget(?:ting)? online\b")),
    MetricRule("people_trained", _words(r"\btrain(?:ed|ing)?\b")),
    MetricRule("people_engaged", _words(r"\bengag(?:e|ed|ing)\b")),
    MetricRule("people_reached", _words(r"\breach(?:ed|ing)?\b")),
    MetricRule("people_skilled", _words(r"\bimprov(?:e|ed|ing) the (?:\w+ )?skills\b")),
    MetricRule("people_helped", _words(r"\bhelp(?:ed|ing)?\b|\bsupport(?:ed|ing)?\b")),
)
"""What is done with the people who are counted; getting online outranks the rest."""

MONEY_METRICS: tuple[MetricRule, ...] = (
    MetricRule("savings", _words(r"\bsav(?:e|es|ed|ings?)\b")),
    MetricRule("cost", _words(r"\bcost(?:s|ing)?\b|\bspen(?:d|ds|t|ding)\b")),
    MetricRule(
        "funding",
        _words(
            r"\bfund(?:s|ed|ing)?\b|\bcontribut(?:e|ed|es|ing|ion)\b|\binvest(?:ed|ing|ment)?\b"
            r"|\ballocat(?:e|ed|ing)\b|\bgrants?\b|\baward(?:ed)?\b"
        ),
    ),
)

FEATURES: tuple[MetricRule, ...] = (
    MetricRule("offline_availability", _words(r"\bavailable offline\b")),
    MetricRule("offline_alternative", _words(r"\boffline alternative\b")),
    MetricRule("exit_survey", _words(r"\bexit survey\b")),
    MetricRule(
        "promotion_plan",
        _words(
            r"\bplans for promotion\b|\bpromotion plans?\b"
            r"|\bmarketing plans?\b"
        ),
    ),
    MetricRule("channel_shift_strategy", _words(r"\bchannel shift strateg(?:y|ies)\b")),
    MetricRule("channel_shift", _words(r"\bchannel shift\b(?! strateg)")),
    MetricRule("agile_development", _words(r"\bagile\b")),
    MetricRule("audit", _words(r"\baudit(?:s|ed|ing)?\b")),
    MetricRule("redesign", _words(r"\bredesign of\b|\bservice redesign\b")),
    MetricRule("service_standard", _words(r"\bservice standard\b")),
    MetricRule("on_govuk", _words(r"\bon(?:to)? GOV\.UK\b")),
    MetricRule("staff_at_skill_level", _words(r"\blevel \d\b")),
    MetricRule("accessibility", _words(r"\baccessibility of\b")),
    MetricRule("meets_user_needs", _words(r"\baccommodate the needs\b|\bmeets? user needs\b")),
    MetricRule("digital_capability", _words(r"\bdigital capability\b")),
    MetricRule("advice", _words(r"\badvice to\b")),
    MetricRule("assisted_digital", _words(r"\bassisted digital\b")),
)
"""What all of something have or do; where none is named the metric is `applies_to_all`."""

QUALIFIERS: tuple[tuple[str, Pattern], ...] = tuple(
    (name, re.compile(rf"(?:\b(?:{words})|{symbols}) ?$", re.I))
    for name, words, symbols in (
        ("over", "over|more than|in excess of|exceeding|upwards of|better than", ">"),
        ("above", "above", "(?!)"),
        ("at_least", "at least|no(?:t)? less than|no(?:t)? fewer than|a minimum of", "≥|>="),
        ("up_to", "up to|at most|no(?:t)? more than|a maximum of", "≤|<="),
        ("under", "under|below|less than|fewer than", "<"),
        (
            "around",
            "around|about|approximately|roughly|some|circa|c\\.|nearly|almost|close to",
            "~",
        ),
    )
)
"""How exactly a value is meant, by the words directly before it; without any it is exact."""

ESTIMATE = _words(r"\b(?:an? )?estimate[ds]?\b")
CHANGE = _words(
    r"\b(?:increas(?:e|es|ed|ing)|ris(?:e|es|en|ing)|rose|gr(?:ow|ows|ew|own|owing)|up|"
    r"fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?|down|decreas(?:e|es|ed|ing)|reduc(?:e|es|ed|ing)|"
    r"improv(?:e|es|ed|ing)|extend(?:s|ed|ing)?|bring(?:s|ing)?|move[sd]?|went|gone)\b"
)
"""Words of change: without one, `to` before a number is not a direction."""

INTENDED = _words(
    r"\b(?:will|would|shall|aims?|aiming|plans to|planning to|planned to|is planned|intends?|"
    r"with a view to|sought to|seeks? to|seeking to|hopes? to|expects? to|could be|should)\b"
)
"""Words that make a figure a target: something that is still to come."""

PRESENT = _words(r"\b(?:currently|current|already|at present|so far|to date|now)\b")
"""Words that make a figure an outcome even among plans."""

TARGET_BEFORE = re.compile(r"\btargets? (?:of |was |is |for )?(?:\w+ )?$", re.I)

SCOPES: tuple[Pattern, ...] = (
    _words(r"\bfor (current (?:\w+ )?registrations)\b"),
    re.compile(r"\b(Phase \d+)\b"),
    re.compile(r"\breceived from ([A-Z]\w+)\b"),
    _words(r"\bhave (low or no digital capability)\b"),
    _words(r"\b(from offline to digital channels)\b"),
)
"""The part of its subject that a claim covers."""
SINCE = re.compile(r"\bsince (?:the )?((?:[A-Z][a-z]+ )?(?:19|20)\d\d)\b", re.I)

PER = re.compile(
    r"^[^.;]{0,14}?\b(?:a|per|each|every) "
    r"(year|month|week|day|transaction|application|claim|call)\b",
    re.I,
)

STOP_WORDS = frozenset(
    "of in to and for by with who which that from at on are were was is be been being will have "
    "has had or as would can could should may might so since through via into during when where "
    "while than a an the self-report this these each per use used using do don't handle handled "
    "received issued rose rise rises grew fell stood stands reached increased went".split()
)
"""Words that end a noun phrase."""

NOUNS_IN_ING = frozenset(
    "training booking learning funding licensing planning parking banking housing building "
    "filing reporting marketing".split()
)
"""Words that do not end a noun phrase although they look like verbs."""
