"""What two later versions of an action paper add: for each department a plan for 2016, what is
reported of it, and the word that this gives."""

from __future__ import annotations

from dataclasses import dataclass

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
