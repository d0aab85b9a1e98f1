"""Sentences on where a target stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from publish.standings import Period, Target, standing


def quarters(*ratios: float | None, first: int = 2) -> list[Period]:
    """Quarters from the `first` one of 2015 on."""
    found = []
    for number, ratio in enumerate(ratios, start=first - 1):
        year, month = 2015 + number // 4, number % 4 * 3 + 1
        end = dt.date(year + month // 12, (month + 2) % 12 + 1, 1) - dt.timedelta(days=1)
        found.append(span("quarter", dt.date(year, month, 1), end, ratio))
    return found


def span(
    kind: str, start: dt.date, end: dt.date, ratio: float | None, *, slack: float = 0
) -> Period:
    return Period(
        kind=kind,
        start=start,
        end=end,
        ratio=ratio,
        lowest=None if ratio is None else ratio - slack,
        highest=None if ratio is None else ratio + slack,
        is_judged=False,
    )


YEAR = replace(
    span("rolling_year", dt.date(2014, 10, 1), dt.date(2015, 9, 30), 0.9376), is_judged=True
)
REGISTRATIONS = Target(
    target_id="registrations-90",
    service_id="registrations",
    service="Registrations",
    metric="digital_take_up",
    target_ratio=0.9,
    due_on=None,
    period_kind="rolling_year",
    definition_id="transactions-explorer",
    digital_count=48_807,
    total_count=52_055,
    measured_ratio=0.9376,
    measured_period_start=YEAR.start,
    measured_period_end=YEAR.end,
    gap_pp=3.76,
    attained_not_before=None,
    attained_by=None,
    periods_early=None,
    latest_period_kind="quarter",
    latest_period_end=dt.date(2016, 6, 30),
    latest_says="slipping",
    is_stale=True,
    verdict="already_above",
    reason="above before it was set",
    is_simulated=False,
    periods=[*quarters(0.873, 0.899, None, 0.856, 0.835), YEAR],
)
QUARTER = replace(
    span("quarter", dt.date(2013, 7, 1), dt.date(2013, 9, 30), 0.8156, slack=0.0053),
    is_judged=True,
)
CLAIMS = replace(
    REGISTRATIONS,
    target_ratio=0.8,
    due_on=QUARTER.end,
    period_kind="quarter",
    measured_ratio=QUARTER.ratio,
    measured_period_start=QUARTER.start,
    measured_period_end=QUARTER.end,
    attained_not_before=QUARTER.end,
    attained_by=QUARTER.end,
    periods_early=0,
    latest_period_kind=None,
    latest_period_end=None,
    latest_says="unknown",
    is_stale=False,
    verdict="attained",
    reason=None,
    periods=[QUARTER, span("rolling_year", dt.date(2012, 10, 1), QUARTER.end, 0.605)],
)


def test_a_stale_year_beside_the_quarters_since() -> None:
    assert standing(REGISTRATIONS) == (
        "Year to September 2015 93.8%, above 90%; not measured since; quarters to June 2016 "
        "87.3 (April to June 2015), 89.9, none, 85.6, 83.5%: slipping"
    )


def test_a_quarter_met_with_its_rounding_the_report_and_the_year_that_lags() -> None:
    assert standing(replace(CLAIMS, months_early_reported=1)) == (
        "80% or more in July to September 2013 (81.0 to 82.1% allowing for rounding), the quarter "
        "it was due by; the department reports 1 month early by its own count; year to that day "
        "60.5%"
    )


@pytest.mark.parametrize(
    ("early", "words"),
    [
        (1, "1 quarter before the one it was due by"),
        (3, "3 quarters before the one it was due by"),
        (-2, "2 quarters after the one it was due by"),
    ],
)
def test_early_and_late_in_whole_periods(early: int, words: str) -> None:
    assert words in standing(replace(CLAIMS, periods_early=early))


def test_a_crossing_in_a_gap_has_no_day() -> None:
    april = replace(
        span("quarter", dt.date(2013, 4, 1), dt.date(2013, 6, 30), None), is_judged=True
    )
    text = standing(
        replace(
            CLAIMS,
            attained_not_before=april.end,
            periods_early=None,
            periods=[april, *CLAIMS.periods],
        )
    )
    assert text.startswith(
        "80% or more by July to September 2013, perhaps from April to June 2013 on: nothing "
        "decides in between"
    )
    assert "due by" not in text


@pytest.mark.parametrize(
    ("ratio", "slack", "words"),
    [
        (0.8999, 0.0, "90.0%, below 90%"),
        (0.9, 0.0, "90.0%, at 90%"),
        (0.901, 0.005, "90.1%, too close to 90% to say on which side"),
    ],
)
def test_the_side_is_decided_unrounded(ratio: float, slack: float, words: str) -> None:
    year = replace(YEAR, ratio=ratio, lowest=ratio - slack, highest=ratio + slack)
    assert words in standing(replace(REGISTRATIONS, periods=[year], latest_period_end=None))


def test_nothing_is_said_of_what_has_no_value() -> None:
    unmeasured = replace(
        REGISTRATIONS,
        measured_period_end=None,
        latest_period_end=None,
        is_stale=False,
        periods=[],
    )
    assert standing(unmeasured) == ""
