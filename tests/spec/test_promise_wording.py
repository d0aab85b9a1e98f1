"""What the rules take for a report of a promise and what not: sentence against sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.support.action_papers import Entries, paper
from tests.support.told_reports import Told

BODIES = (
    "Cabinet Office",
    "Department for Business, Innovation and Skills",
    "Department for Culture, Media and Sport",
    "Department for Education",
    "Department for Environment, Food and Rural Affairs",
    "Department for International Development",
    "Department for Transport",
    "Department for Work and Pensions",
    "Department of Energy and Climate Change",
    "Department of Health",
    "Foreign and Commonwealth Office",
    "HM Revenue and Customs",
    "HM Treasury",
    "Home Office",
    "Ministry of Defence",
    "Ministry of Justice",
)
QUIET = "Letters were answered within a week."


@pytest.fixture
def told(warehouse: duckdb.DuckDBPyConnection, empty_build: Path) -> Iterator[Told]:
    warehouse.begin()
    yield Told(warehouse, empty_build)
    warehouse.rollback()


def reported(told: Told, cases: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """What is reported of the plan for 2014 of each case, which is that of a department of its own.

    A case is a plan and then, year after year, what is reported and what is planned next.
    """
    kinds = (("plan", 2014), ("progress", 2014), ("plan", 2015), ("progress", 2015))
    entries: Entries = {
        (body, *kind): text
        for body, texts in zip(BODIES, cases.values(), strict=False)
        for kind, text in zip(kinds, texts, strict=False)
        if text
    }
    content = paper(entries, updated_on=date(2016, 1, 15), action=3)
    told.land(content, recorded_at="2027-01-01 02:00:00+00", commit=1)
    told.tell()
    rows = told.ask(
        "select string_agg(reported, ' ' order by promise_id) from promises_as_of("
        "timestamptz '2029-01-01 00:00:00+00') where section like '%plan-2014'"
        " group by department_id order by min(line)"
    )
    return dict(zip(cases, (word for (word,) in rows), strict=True))


NAMED = {
    "one of two": (
        "Charts of Salisbury Plain and Dartmoor will be published.",
        "The chart of Dartmoor was published with other charts.",
        "unclear",
    ),
    "both": (
        "Charts of Salisbury Plain and Dartmoor will be published.",
        "The charts of Dartmoor and Salisbury Plain were published.",
        "kept",
    ),
    "elsewhere": (
        "The department will open a desk for boot permits in Leeds.",
        "The department opened the desk for boot permits in York.",
        "unclear",
    ),
    "there": (
        "The department will open a desk for boot permits in Leeds.",
        "The Leeds desk for boot permits opened.",
        "kept",
    ),
    "another edition": (
        "The department will publish the second edition of its boot atlas.",
        "The first edition of the boot atlas was published.",
        "unclear",
    ),
    "one of all": (
        "Every regiment will publish its kit inventory.",
        "One regiment published its kit inventory.",
        "unclear",
    ),
    "all": (
        "Every regiment will publish its kit inventory.",
        "All regiments published their kit inventory.",
        "kept",
    ),
    "none": (
        "The department will publish a chart of parade grounds.",
        "No chart of parade grounds was published.",
        "unclear",
    ),
    "two things": (
        "The department will publish a chart of parade grounds.",
        "The chart of parade grounds was published, but posters of it have not been printed.",
        "unclear",
    ),
    "tendered": (
        "The department will publish a chart of parade grounds.",
        "A tender for the chart of parade grounds was published.",
        "unclear",
    ),
    "for others": (
        "The department will issue guidance on boots to cadets.",
        "Guidance on boots was issued to veterans.",
        "unclear",
    ),
    "not done, and then perhaps": (
        "The department will issue a manual of army saddlery to cadets.",
        "The manual of army saddlery for cadets has not been issued.",
        "",
        "The manual of army saddlery was issued to veterans.",
        "unclear",
    ),
    "once more": (
        "The department will hold a conference of army farriers.",
        QUIET,
        "The department will hold a second conference of army farriers.",
        "unclear",
    ),
    "planned again": (
        "The department will hold a conference of army farriers.",
        QUIET,
        "The department will hold the conference of army farriers.",
        "not_kept",
    ),
    "summer": (
        "The department will publish a chart of parade grounds by summer 2014.",
        "The chart of parade grounds was published in October 2014.",
        "kept_late",
    ),
}


def test_a_report_names_what_the_promise_names(told: Told) -> None:
    found = reported(told, {name: case[:-1] for name, case in NAMED.items()})
    assert found == {name: case[-1] for name, case in NAMED.items()}


TOOL = "The department will launch the court booking tool by June 2014."
GUIDE = "The department will publish the guide to border queues by June 2014."
OFFICES = "The department will close 4 records offices in Leeds by June 2014."
AUDIT = "The department will audit harbour fees by June 2014."
NOT_YET = {
    "hoped": (TOOL, "The department had hoped to launch the court booking tool in May 2014."),
    "owed": (TOOL, "The court booking tool should have been launched in May 2014."),
    "planned": (GUIDE, "The department planned to publish the guide to border queues in May 2014."),
    "expected": (GUIDE, "The department expects the guide to border queues to be published."),
    "plans": (OFFICES, "The department discussed plans to close 4 records offices in Leeds."),
    "how to": (AUDIT, "The department agreed how to audit harbour fees in May 2014."),
    "asked to": (TOOL, "The department was asked to launch the court booking tool in May 2014."),
    "asked when": (GUIDE, "Users asked when the guide to border queues would be published."),
    "less": (TOOL, "The department delivered a business case to launch the court booking tool."),
    "if": (TOOL, "Courts save paper if the court booking tool is launched."),
    "would have": (GUIDE, "The guide to border queues would have been published in May 2014."),
    "question": (TOOL, "Was the court booking tool launched in May 2014?"),
    "wanted": (GUIDE, "Ministers wanted the guide to border queues published by May 2014."),
    "said": (TOOL, "Officials said the court booking tool was launched in May 2014."),
    "due": (GUIDE, "The guide to border queues was due to be published in May 2014."),
    "not": (GUIDE, "The guide to border queues was written but not published."),
}


def test_what_is_wanted_owed_or_asked_is_not_done(told: Told) -> None:
    assert reported(told, NOT_YET) == dict.fromkeys(NOT_YET, "unclear")


AUDITS = "The department will complete 5 clinic audits by June 2014."
COUNTED = {
    "3 of 5": (AUDITS, "The department had completed 3 of 5 clinic audits in May 2014.", "partly"),
    "in words": (
        "The department will complete five clinic audits by June 2014.",
        "The department completed three of five clinic audits in May 2014.",
        "partly",
    ),
    "out of": (AUDITS, "The department completed 2 out of 5 clinic audits in May 2014.", "partly"),
    "of our": (AUDITS, "We completed 4 of our 5 clinic audits in May 2014.", "partly"),
    "of those planned": (
        AUDITS,
        "The department completed 4 of the planned 5 clinic audits in May 2014.",
        "partly",
    ),
    "against": (
        AUDITS,
        "The department completed 3 clinic audits in May 2014 against a plan of 5.",
        "unclear",
    ),
    "of more": (AUDITS, "The department completed 5 of 9 clinic audits in May 2014.", "partly"),
    "all of them": (
        AUDITS,
        "The department completed 5 of 5 clinic audits in May 2014.",
        "kept",
    ),
    "just that": (AUDITS, "The department completed 5 clinic audits in May 2014.", "kept"),
    "asked for": (AUDITS, "The department was asked to complete 3 of 5 clinic audits.", "unclear"),
}


def test_a_number_that_is_part_of_the_promised_one_is_not_all(told: Told) -> None:
    found = reported(told, {name: case[:-1] for name, case in COUNTED.items()})
    assert found == {name: case[-1] for name, case in COUNTED.items()}


BESIDE = {
    "denied before": (
        GUIDE,
        "The guide to border queues, which had not been printed before, was published in May 2014.",
        "unclear",
    ),
    "late before": (
        GUIDE,
        "The guide to border queues, which had been delayed, was published in May 2014.",
        "unclear",
    ),
    "replaced elsewhere": (
        GUIDE,
        "The guide to border queues that was replaced by posters in York was published in Leeds.",
        "unclear",
    ),
    "found not to be": (
        TOOL,
        "Officials tested the court booking tool where it had not been launched.",
        "unclear",
    ),
    "not for all": (
        GUIDE,
        "The guide to border queues reached those who were not at ports.",
        "unclear",
    ),
    "may be replaced": (
        GUIDE,
        "The guide to border queues could be replaced by a web page.",
        "unclear",
    ),
    "denied itself": (
        GUIDE,
        "The guide to border queues, which ports wanted, was not published.",
        "not_kept",
    ),
    "replaced itself": (
        GUIDE,
        "The guide to border queues, which ports wanted, was replaced by a web page.",
        "replaced",
    ),
    "done itself": (
        GUIDE,
        "The guide to border queues, which ports wanted, was published in May 2014.",
        "kept",
    ),
}


def test_what_a_relative_clause_says_is_not_said_of_the_promise(told: Told) -> None:
    found = reported(told, {name: case[:-1] for name, case in BESIDE.items()})
    assert found == {name: case[-1] for name, case in BESIDE.items()}


RAISE = "The department will raise digital take-up of rod licences to 60%."
ROSE = "Take-up of rod licences rose to {}."
FIGURES = {
    "reached, then lost": (RAISE, ROSE.format("62%"), "", ROSE.format("55%"), "kept"),
    "reached, then more": (RAISE, ROSE.format("62%"), "", ROSE.format("65%"), "kept"),
    "missed, then reached": (RAISE, ROSE.format("55%"), "", ROSE.format("65%"), "kept_late"),
    "not said, then reached": (RAISE, QUIET, "", ROSE.format("65%"), "kept_undated"),
    "not said": (RAISE, QUIET, "not_reported"),
    "about as much": (RAISE, ROSE.format("around 60%"), "unclear"),
    "more than about": (RAISE, ROSE.format("around 70%"), "kept"),
    "over less": (RAISE, ROSE.format("over 50%"), "unclear"),
    "over it": (RAISE, ROSE.format("over 60%"), "kept"),
    "in part of the year": (
        "The department will raise digital take-up of rod licences to 60% by September 2014.",
        "Take-up of rod licences rose to 62% in September 2014.",
        "kept",
    ),
    "some time of the year": (
        "The department will raise digital take-up of rod licences to 60% by September 2014.",
        ROSE.format("62%"),
        "kept_undated",
    ),
    "beside another": (
        "We will raise digital take-up of rod licences to 60% and publish an atlas of weirs.",
        ROSE.format("63%"),
        "unclear not_reported",
    ),
}


def test_a_figure_answers_by_the_first_that_reaches_it(told: Told) -> None:
    found = reported(told, {name: case[:-1] for name, case in FIGURES.items()})
    assert found == {name: case[-1] for name, case in FIGURES.items()}


def test_less_may_be_what_was_promised(told: Told) -> None:
    cases = {
        "fewer": (
            "The department will bring calls about Carer's Allowance down to 40,000 in 2014.",
            "There were 60,000 calls about Carer's Allowance in 2014.",
        )
    }
    assert reported(told, cases) == {"fewer": "unclear"}
