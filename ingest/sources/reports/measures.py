"""What a claim measures, of what and how exactly, as data: wordings on the left, fields on the
right. A wording that is missing here leaves the number undecided."""

from __future__ import annotations

import re
from dataclasses import dataclass

Pattern = re.Pattern[str]


def words(pattern: str) -> Pattern:
    """Words in any case."""
    return re.compile(pattern, re.I)


@dataclass(frozen=True, eq=False)
class MetricRule:
    """A metric and the words that tell it. The words nearest to the number decide."""

    metric: str
    words: Pattern


DIGITAL = r"(?:digital|online)"
ONE_DID = (
    "made|submitted|completed|received|done|filed|booked|paid|sent|apply|applied|applying|claim|"
    "claimed|registered|register|renewed|renew|transacted|transact|started|handled|dealt with|"
    "taxed|ordered|bought|sold|granted|requested|opened|updated|checked|viewed|notified|declared|"
    "lodged|returned|arrived|came in|reported|placed|processed|signed up|did so|do so|did it"
)
BE = "are|were|is|was|be|been|being"
DET = "the|an?|its|our"
ENDS_THERE = (
    r"(?=[.,;)]|$| (?:by|in|from|to|at|since|during|throughout|compared|against|up|down|and|but|"
    r"over|within|with)\b)"
)
BY_WAY_OF = "(?:through|via|by|using|to use|used?|chose|opted for|over)"
WAYS = r"(?:channels?|services?|options?|routes?|forms?)"
DOINGS = "applications|claims|bookings|submissions|transactions|renewals|returns|sales|orders"
PART = r"(?:%|\bper ?cent|\bhalf|\bthirds?|\bquarters?|\bfifths?)"
CAME = rf"\b(?:{ONE_DID}|{BE}|came|come|comes|of (?:them|these|which))(?: still| only)?"
WAYS_TO_SAY_TAKE_UP = (
    r"\b(?:take[ -]?up|up-?take)\b",
    r"\bdigital update of\b",
    r"\bdigital registrations\b",
    rf"\b{BY_WAY_OF} (?:(?:{DET}) )?{DIGITAL} {WAYS}\b",
    rf"\b(?:{ONE_DID}) (?:\w+ )?(?:online|digitally)\b",
    rf"\b{DIGITAL} (?:{DOINGS})\b",
    rf"\b{DIGITAL} {WAYS} (?:{BE}) (?:now )?used by\b",
    rf"\b(?:{DOINGS}) (?:\w+ )?online\b",
    rf"\b(?:{BE}|went|go|gone|come|came) (?:now |already )?{DIGITAL}{ENDS_THERE}",
    rf"{PART} (?:of (?:them|these|which) )?(?:(?:{BE}|now) )*(?:digitally|{DIGITAL}){ENDS_THERE}",
)
TAKE_UP = "|".join(WAYS_TO_SAY_TAKE_UP)

SHARE_METRICS: tuple[MetricRule, ...] = (
    MetricRule(
        "people_online",
        words(
            r"\b(?:population|people|adults|households) (?:is|are) "
            r"(?:now )?online\b"
        ),
    ),
    MetricRule("digital_take_up", words(TAKE_UP)),
    MetricRule("digital_enablement", words(r"\bdigital service enablement\b|\bdigitally enabled")),
    MetricRule("premises_coverage", words(r"\bpremises\b")),
    MetricRule(
        "staff_at_skill_level", words(r"\bstaff\b(?=.*\b(?:levels?|skills?|standard|capab))")
    ),
    MetricRule("customers_served", words(r"\bcustomer base\b")),
    MetricRule("contact_signposted", words(r"\bcontacts? (?:\w+ )?signposted\b")),
    MetricRule("offline_channels_closed", words(r"\boffline channels\b")),
    MetricRule(
        "services_without_digital_option",
        words(
            r"\b(?:don't|do not|doesn't|does not) offer an? (?:digital|online) option\b"
            r"|\bwithout an? (?:digital|online) option\b"
        ),
    ),
    MetricRule("services_mostly_digital", words(r"\bmajority of people who could use the online")),
    MetricRule("share_of_transactions", words(r"\bgovernment transactions\b")),
    MetricRule("completion_rate", words(r"\bcompletion rate\b")),
    MetricRule("user_satisfaction", words(r"\bsatisfaction\b|\bsatisfied\b")),
    MetricRule(
        "avoidable_contact",
        words(
            r"\bavoidable contact\b|\bcall volumes?\b"
            r"|\btelephone calls\b|\bphone calls\b"
        ),
    ),
    MetricRule("assisted_digital", words(r"\bassisted digital\b")),
    MetricRule("paper_share", words(rf"{CAME} (?:on paper|by post)\b")),
    MetricRule("phone_share", words(rf"{CAME} (?:by (?:tele)?phone|over the phone)\b")),
)
"""Metrics of percentages, fractions, majorities and handfuls."""

CARRIED = frozenset(
    "digital_take_up user_satisfaction completion_rate cost applications people_trained "
    "people_engaged people_reached premises_reached claims bookings registrations transactions "
    "visits renewals returns".split()
)
"""Metrics whose service may be named in the sentence before (`it had received ...`)."""

USERS = frozenset(
    "users applicants customers people claimants respondents candidates callers drivers patients "
    "farmers businesses households parents students taxpayers visitors citizens them".split()
)
"""People of whom a share is taken without its being known for what."""

NOT_USERS = re.compile(
    r"\b(?:jobcentres?|offices|librar(?:y|ies)|councils|authorities|departments|agencies|staff|"
    r"employees|officers|teams|schools|colleges|surgeries|practices|prisons|courts|branches|"
    r"centres|hubs|partners|charities|organisations|premises|homes|sites|websites|pages|"
    r"champions|volunteers|landlords|boroughs|areas|managers|pilots|"
    r"(?:people|adults|residents|learners|tenants|those|citizens|claimants|customers) (?:who were |"
    r"we |it |they |being )?(?:helped|trained|supported|assisted|reached|engaged|surveyed|asked|"
    r"interviewed|taught))\b",
    re.I,
)
"""A share of these, done online or not, is nobody's take-up of a service."""

WITHOUT_SERVICE = frozenset("exemplars departments services actions recommendations".split())
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
        "passports": "passports",
        "visas": "visas",
        "certificates": "certificates",
        "payments": "payments",
        "orders": "orders",
        "accounts": "accounts",
        "enquiries": "enquiries queries",
        "requests": "requests",
        "submissions": "submissions",
        "responses": "responses",
        "downloads": "downloads",
        "emails": "emails e-mails",
        "messages": "messages",
        "vehicles": "vehicles",
        "councils": "councils authorities",
        "offices": "offices branches",
        "volunteers": "volunteers",
        "learners": "learners trainees",
        "patients": "patients",
        "taxpayers": "taxpayers",
        "employers": "employers",
        "tenants": "tenants",
        "landlords": "landlords",
        "websites": "websites",
        "pages": "pages guides",
        "questions": "questions",
        "countries": "countries",
        "lines": "lines",
        "sales": "sales",
    }.items()
    for noun in nouns.split()
}
"""The noun that is counted, and the metric that counts it."""

PEOPLE_METRICS: tuple[MetricRule, ...] = (
    MetricRule("people_helped_online", words(r"\bget(?:ting)? online\b")),
    MetricRule("people_trained", words(r"\btrain(?:ed|ing)?\b")),
    MetricRule("people_engaged", words(r"\bengag(?:e|ed|ing)\b")),
    MetricRule("people_reached", words(r"\breach(?:ed|ing)?\b")),
    MetricRule("people_skilled", words(r"\bimprov(?:e|ed|ing) the (?:\w+ )?skills\b")),
    MetricRule("people_helped", words(r"\bhelp(?:ed|ing)?\b|\bsupport(?:ed|ing)?\b")),
)
"""What is done with the people who are counted; getting online outranks the rest."""

MONEY_METRICS: tuple[MetricRule, ...] = (
    MetricRule("savings", words(r"\bsav(?:e|es|ed|ings?)\b")),
    MetricRule("cost", words(r"\bcost(?:s|ing)?\b|\bspen(?:d|ds|t|ding)\b")),
    MetricRule(
        "funding",
        words(
            r"\bfund(?:s|ed|ing)?\b|\bcontribut(?:e|ed|es|ing|ion)\b|\binvest(?:ed|ing|ment)?\b"
            r"|\ballocat(?:e|ed|ing)\b|\bgrants?\b|\baward(?:ed)?\b"
        ),
    ),
)

FEATURES: tuple[MetricRule, ...] = (
    MetricRule("offline_availability", words(r"\bavailable offline\b")),
    MetricRule("offline_alternative", words(r"\boffline alternative\b")),
    MetricRule("exit_survey", words(r"\bexit survey\b")),
    MetricRule(
        "promotion_plan",
        words(
            r"\bplans for promotion\b|\bpromotion plans?\b"
            r"|\bmarketing plans?\b"
        ),
    ),
    MetricRule("channel_shift_strategy", words(r"\bchannel shift strateg(?:y|ies)\b")),
    MetricRule("channel_shift", words(r"\bchannel shift\b(?! strateg)")),
    MetricRule("agile_development", words(r"\bagile\b")),
    MetricRule("audit", words(r"\baudit(?:s|ed|ing)?\b")),
    MetricRule("redesign", words(r"\bredesign of\b|\bservice redesign\b")),
    MetricRule("service_standard", words(r"\bservice standard\b")),
    MetricRule("on_govuk", words(r"\bon(?:to)? GOV\.UK\b")),
    MetricRule("staff_at_skill_level", words(r"\blevel \d\b")),
    MetricRule("accessibility", words(r"\baccessibility of\b")),
    MetricRule("meets_user_needs", words(r"\baccommodate the needs\b|\bmeets? user needs\b")),
    MetricRule("digital_capability", words(r"\bdigital capability\b")),
    MetricRule("advice", words(r"\badvice to\b")),
    MetricRule("assisted_digital", words(r"\bassisted digital\b")),
)
"""What all of something have or do; where none is named the metric is `applies_to_all`."""

STOP_WORDS = frozenset(
    "of in to and for by with who which that from at on are were was is be been being will have "
    "has had or as would can could should may might so since through via into during when where "
    "while than a an the self-report this these each per use used using do don't handle handled "
    "over across within received issued rose rise rises grew fell stood stands reached increased "
    "went".split()
)
"""Words that end a noun phrase."""

NOUNS_IN_ING = frozenset(
    "training driving booking learning funding licensing planning parking banking housing building "
    "filing reporting marketing".split()
)
"""Words that do not end a noun phrase although they look like verbs."""
