"""The end of a run: what is said of the reports."""

from __future__ import annotations

import datetime as dt
import io
from dataclasses import replace

import yaml
from rich.console import Console

from publish.promises import MeasuredClaim, Overdue, Promises, promise_lines, render_promises
from publish.reported import MEANINGS, SAID
from tests.support.promised import MODEL

DUE = Promises(
    promises_count=9,
    is_from_digest=False,
    due_by=dt.date(2015, 6, 30),
    due_counts={"kept": 2, "kept_late": 1, "not_reported": 2, "open": 1, "no_test": 1},
    overdue=(
        Overdue(
            who="dh",
            promise="A network of 400 centres.",
            due_on=dt.date(2014, 3, 31),
            reported="not_reported",
        ),
        Overdue(
            who="dfe",
            promise="Puts its strategy to work.",
            due_on=dt.date(2014, 12, 31),
            reported="not_kept",
        ),
    ),
    measured=(),
    claims_count=0,
)
CLAIM = MeasuredClaim(
    document="action-8",
    line=69,
    subject="Kite licences",
    metric="digital_take_up",
    qualifier="exact",
    value=0.54,
    unit="ratio",
    measured_value=0.5434,
    verdict="agrees",
)
COUNT = MeasuredClaim(
    document="strategy",
    line=45,
    subject="applications",
    metric="applications",
    qualifier="at_least",
    value=2_000_000.0,
    unit="count",
    measured_value=None,
    verdict="agrees_truncated",
)


def test_what_is_due_and_overdue_then_a_line_per_measured_claim() -> None:
    promises = replace(DUE, measured=(CLAIM, COUNT), claims_count=9)

    _, kept, apart, overdue, *figures = promise_lines(promises)
    assert kept == (
        "promises    3 of 6 with a test that were due by 30 June 2015 were kept (2 by their day,"
        " 1 late, 0 without a day that would tell); of the others 0 kept in part, 0 replaced,"
        " 0 not kept, 2 due and silent, 1 open"
    )
    assert apart == "  counted apart: 1 without a test, 0 not applicable, 0 left to a person"
    assert overdue == (
        "  longest overdue: dh, A network of 400 centres (31 March 2014, due and silent);"
        " dfe, Puts its strategy to work (31 December 2014, not kept)"
    )
    assert figures == [
        "figures     9 stated, 2 measured:",
        "  Kite licences, digital take up 54.0%: agrees, measured 54.3% (action-8, line 69)",
        "  applications, applications at least 2,000,000: agrees truncated (strategy, line 45)",
    ]


def test_what_is_from_digests_says_so() -> None:
    assert next(iter(promise_lines(replace(DUE, is_from_digest=True)))) == (
        "What the reports promised (from digests of the documents, which have not landed"
        " themselves)"
    )


def test_reports_that_promise_nothing_have_their_figures_only() -> None:
    promises = replace(DUE, promises_count=0, due_counts={}, overdue=(), claims_count=2)

    assert list(promise_lines(promises)) == [
        "What the reports promised",
        "figures     2 stated, 0 measured:",
    ]


def test_a_home_without_reports_says_nothing_of_them() -> None:
    out = io.StringIO()
    nothing = replace(DUE, promises_count=0, due_counts={}, overdue=())
    render_promises(nothing, Console(file=out))

    assert out.getvalue() == ""


def test_every_word_of_the_table_is_explained_and_said() -> None:
    model = yaml.safe_load(MODEL.read_text(encoding="utf-8"))["models"][0]
    (rules,) = (test["rules"]["arguments"] for test in model["data_tests"])

    assert sorted(MEANINGS) == sorted(SAID) == sorted(rules["accepted_values"]["reported"])
