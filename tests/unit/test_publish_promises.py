"""The end of a run: what is said of the reports."""

from __future__ import annotations

import io

from rich.console import Console

from publish.promises import MeasuredClaim, Promises, Standing, promise_lines, render_promises

STANDINGS = (
    Standing(action=8, year=2014, status="under_way", departments_count=7, is_from_digest=False),
    Standing(action=8, year=2014, status="done", departments_count=2, is_from_digest=False),
    Standing(action=9, year=2014, status="done", departments_count=3, is_from_digest=True),
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


def test_a_line_per_action_and_year_and_one_per_measured_claim() -> None:
    promises = Promises(standings=STANDINGS[:2], measured=(CLAIM, COUNT), claims_count=9)

    assert list(promise_lines(promises)) == [
        "What the reports promised",
        "action 8   2014  departments: 7 under way, 2 done",
        "figures     9 stated, 2 measured:",
        "  Kite licences, digital take up 54.0%: agrees, measured 54.3% (action-8, line 69)",
        "  applications, applications at least 2,000,000: agrees truncated (strategy, line 45)",
    ]


def test_what_is_from_digests_says_so() -> None:
    promises = Promises(standings=STANDINGS, measured=(), claims_count=0)

    assert next(iter(promise_lines(promises))) == (
        "What the reports promised (from digests of the documents, which have not landed"
        " themselves)"
    )


def test_a_home_without_reports_says_nothing_of_them() -> None:
    out = io.StringIO()
    render_promises(Promises(standings=(), measured=(), claims_count=0), Console(file=out))

    assert out.getvalue() == ""
