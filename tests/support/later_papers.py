"""What two later versions of an action paper add: for each department a plan for 2016, what is
reported of it, and the word that this gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from tests.support.action_papers import continued
from tests.support.shared import seed_documents
from tests.support.told_reports import registers

SECOND, THIRD, FOURTH = date(2016, 1, 15), date(2017, 1, 20), date(2018, 1, 19)

QUIET = "Letters were answered within a week."
NONE = "This action is not applicable to {body}."


@dataclass(frozen=True)
class Course:
    """What a department plans for 2016, reports of 2016 and plans for 2017, and the word."""

    plan: str
    report: str
    next_plan: str
    word: str


COURSES = {
    "ago": Course("AGO will continue to look after the {thing}.", QUIET, QUIET, "no_test"),
    "co": Course(
        "Cabinet Office will publish a {thing} by June 2016.",
        "Cabinet Office published the {thing} in May 2016.",
        QUIET,
        "kept",
    ),
    "bis": Course(
        "BIS will publish a {thing} by June 2016.",
        "BIS published the {thing} in September 2016.",
        QUIET,
        "kept_late",
    ),
    "dcms": Course(
        "DCMS will publish a {thing} by June 2016.",
        "DCMS published the {thing}.",
        QUIET,
        "kept_undated",
    ),
    "dfe": Course(
        "DfE will publish a {thing}.",
        "Part of the {thing} was published by DfE.",
        QUIET,
        "partly",
    ),
    "defra": Course("Defra will publish a {thing}.", QUIET, QUIET, "not_reported"),
    "dfid": Course(NONE, NONE, NONE, "not_applicable"),
    "dft": Course(
        "DfT will publish a {thing}.", QUIET, "DfT will publish the {thing}.", "not_kept"
    ),
    "dwp": Course(
        "DWP will publish a {thing}.", "The {thing} was replaced by a film.", QUIET, "replaced"
    ),
    "decc": Course(
        "DECC will publish a {thing}.", "The {thing} was talked of in June.", QUIET, "unclear"
    ),
    "dh": Course("DH will publish a {thing} by March 2018.", QUIET, QUIET, "open"),
    "fco": Course(
        "FCO will publish a {thing}.", "The {thing} has not been published.", QUIET, "not_kept"
    ),
    "hmrc": Course(
        "HMRC will publish a {thing} by summer 2016.",
        "The {thing} of HMRC was published in July 2016.",
        QUIET,
        "kept",
    ),
}
OTHERS = ("hmt", "home-office", "mod", "moj")
THINGS = {8: "chart of harbour gates", 9: "list of canteen spoons", 15: "map of garden walls"}
"""What is planned under each action: things that no paper speaks of otherwise."""

Added = dict[tuple[str, str, int], str]


def of_2015(told: dict[str, str], action: int) -> Added:
    """What the version of January 2016 adds; `told` has what departments report of 2015."""
    thing = THINGS[action]
    added: Added = {}
    for body in (*COURSES, *OTHERS):
        plan = COURSES[body].plan if body in COURSES else QUIET
        added[body, "progress", 2015] = told.get(body, QUIET)
        added[body, "plan", 2016] = plan.format(thing=thing, body=body.upper())
    return added


def of_2016(action: int) -> Added:
    """What the version of January 2017 adds to that."""
    thing = THINGS[action]
    added: Added = {}
    for body in (*COURSES, *OTHERS):
        course = COURSES.get(body)
        report, plan = (course.report, course.next_plan) if course else (QUIET, QUIET)
        added[body, "progress", 2016] = report.format(thing=thing, body=body.upper())
        added[body, "plan", 2017] = plan.format(thing=thing, body=body.upper())
    return added


REPORTED_OF_2015 = {
    8: {
        "home-office": "In April 2015 the digital strategy refresh set out aims: transparency, "
        "and promotion of digital services.",
        "mod": "MOD repeated the Digital Innovation awards in November.",
    },
    9: {"co": "GDS set up a consistent approach to the procurement of assisted digital support."},
    15: {
        "dh": "DH completed its audit of services against the digital inclusion scale. By the end "
        "of 2015 the Widening Digital Participation programme had trained 52,000 people.",
        "hmrc": "iCharities opened to all new charities in October 2015.",
    },
}
"""What departments report of 2015, by action; of others nothing is heard."""


@cache
def versions(action: int) -> tuple[bytes, bytes, bytes]:
    """A paper as it was published, and as it may have been one and two years on."""
    title = f"Action {action}:".encode()
    (first,) = (p.read_bytes() for p in seed_documents() if title in p.read_bytes()[:200])
    told = REPORTED_OF_2015[action]
    second = continued(first, of_2015(told, action), updated_on=SECOND, registers=registers())
    return (
        first,
        second,
        continued(second, of_2016(action), updated_on=THIRD, registers=registers()),
    )


def without_a_body(action: int, heading: str, following: str) -> bytes:
    """A fourth version that lost a department, and reports of a promise that was not kept."""
    body = {("dft", "progress", 2017): f"DfT published the {THINGS[action]} in May 2017."}
    fourth = continued(versions(action)[2], body, updated_on=FOURTH, registers=registers()).decode()
    lines = fourth.split("\n")
    del lines[lines.index(heading) : lines.index(following)]
    return "\n".join(lines).encode()
