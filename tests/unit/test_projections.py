"""Projections of targets: what is projected, how wide, and what can't be."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.periods import Quarter
from projections import backtest
from projections.method import (
    MULTIPLES,
    SMALLEST_STEP,
    CountedQuarter,
    angle_of,
    angles_of,
    forecast,
    random_walk,
    ratio_of,
    year_ratio,
)
from projections.targets import (
    NOT_PROJECTABLE,
    PROJECTED,
    Projection,
    TargetQuarter,
    project,
)

FIRST = Quarter.holding(dt.date(2014, 1, 1)).index
RISING = [30, 34, 33, 38, 41, 40, 45, 47]
RATIOS = st.lists(st.integers(0, 100), min_size=8, max_size=16)


def rows(
    digital: Sequence[int | None],
    *,
    totals: Sequence[int] | None = None,
    period_kind: str = "quarter",
    due_on: dt.date | None = None,
    metric: str = "digital_take_up",
    target_id: str = "t",
) -> list[TargetQuarter]:
    """A target and its quarters from 2014 on, None for one without counts."""
    target = TargetQuarter(target_id, metric, period_kind, due_on, None, None, None)
    quarters = [
        replace(
            target,
            quarter_start=Quarter.at(FIRST + place).start,
            digital_count=count,
            total_count=100 if totals is None else totals[place],
        )
        for place, count in enumerate(digital)
        if count is not None
    ]
    return quarters or [target]


def known(row: Projection) -> tuple[float, float, float, float, float]:
    """The row's five ratios from the lowest to the highest, all there."""
    values = (row.lower_95, row.lower_80, row.projected_ratio, row.upper_80, row.upper_95)
    assert None not in values
    return values  # type: ignore[return-value]


# what a target gets


def test_a_target_without_a_due_date_is_projected_two_years_ahead() -> None:
    found = project(rows(RISING))

    assert [row.quarters_ahead for row in found] == list(range(1, 9))
    assert found[0].period_start == dt.date(2016, 1, 1)
    assert found[-1].period_end == dt.date(2017, 12, 31)
    assert {row.value_status for row in found} == {PROJECTED}
    assert {row.quarters_used for row in found} == {8}
    assert {row.status_reason for row in found} == {None}


def test_a_target_is_projected_up_to_its_due_date() -> None:
    found = project(rows(RISING, due_on=dt.date(2016, 9, 29)))

    assert [row.period_end for row in found] == [dt.date(2016, 3, 31), dt.date(2016, 6, 30)]


def test_where_no_period_ends_before_it_is_due_the_row_says_so() -> None:
    (row,) = project(rows(RISING, due_on=dt.date(2016, 3, 30)))

    assert row.value_status == NOT_PROJECTABLE
    assert row.status_reason == "no quarter ends before it is due"
    assert row.projected_ratio is None


def test_quarters_are_expected_to_stay_and_are_less_sure_with_each() -> None:
    found = project(rows(RISING))

    assert {row.projected_ratio for row in found} == {0.47}
    widths = [known(row)[4] - known(row)[0] for row in found]
    assert widths == sorted(widths)
    assert len(set(widths)) == len(widths)


def test_a_rolling_year_takes_in_the_quarters_that_are_known() -> None:
    found = project(rows(RISING, period_kind="rolling_year"))

    assert found[0].period_start == dt.date(2015, 4, 1)
    assert found[0].projected_ratio == pytest.approx((40 + 45 + 47 + 47) / 400)
    assert found[3].projected_ratio == pytest.approx(0.47)
    assert known(found[0])[0] > (40 + 45 + 47) / 400 * 0.99
    widths = [known(row)[4] - known(row)[0] for row in found]
    assert widths == sorted(widths)


def test_a_year_weighs_what_is_to_come_by_the_same_quarter_of_the_year_before() -> None:
    found = project(
        rows([50] * 7 + [80], totals=[100] * 4 + [500, 100, 100, 100], period_kind="rolling_year")
    )

    of_first = (50 + 50 + 80 + 500 * 0.8) / 800
    assert found[0].projected_ratio == pytest.approx(of_first, abs=1e-6)


def test_a_financial_year_ends_in_march() -> None:
    found = project(rows(RISING, period_kind="financial_year"))

    assert [row.period_end for row in found] == [dt.date(2016, 3, 31), dt.date(2017, 3, 31)]
    assert [row.period_start for row in found] == [dt.date(2015, 4, 1), dt.date(2016, 4, 1)]
    assert [row.quarters_ahead for row in found] == [1, 5]


def test_a_stock_is_projected_by_its_ratio_as_a_flow_is() -> None:
    """Over a year a caseload averages; sum over sum and mean over mean are the same."""
    found = project(rows(RISING, period_kind="rolling_year"))
    tenfold = project(
        rows([10 * count for count in RISING], totals=[1000] * 8, period_kind="rolling_year")
    )

    assert found == tenfold


def test_targets_do_not_touch_each_other() -> None:
    one, other = rows(RISING, target_id="a"), rows([90] * 9, target_id="b")
    together = project([*other, *one])

    assert together == project(one) + project(other)


# what can't be projected


def test_too_few_quarters_are_said_and_no_zero_is_made_of_them() -> None:
    (row,) = project(rows([40] * 7))

    assert row.value_status == NOT_PROJECTABLE
    assert row.status_reason == "7 quarters with take-up; a projection needs 8"
    assert (row.projected_ratio, row.lower_95, row.upper_95, row.period_end) == (None,) * 4
    assert row.method is None


def test_quarters_without_transactions_are_none_of_the_eight() -> None:
    (row,) = project(rows([40] * 7 + [0], totals=[100] * 7 + [0]))

    assert row.quarters_used == 7
    assert row.value_status == NOT_PROJECTABLE


def test_a_target_without_any_quarter_says_so() -> None:
    (row,) = project(rows([]))

    assert (row.quarters_used, row.value_status) == (0, NOT_PROJECTABLE)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"metric": "user_satisfaction"}, "nothing measures user_satisfaction"),
        (
            {"period_kind": "month"},
            "judged by month: projections are of quarters and years of quarters",
        ),
    ],
)
def test_what_is_not_made_of_quarters_of_take_up(changes: dict[str, str], reason: str) -> None:
    (row,) = project(rows(RISING, **changes))  # type: ignore[arg-type]

    assert (row.value_status, row.status_reason) == (NOT_PROJECTABLE, reason)


def test_a_gap_long_ago_is_no_hindrance() -> None:
    found = project(rows([*RISING[:2], None, *RISING[2:]]))

    assert {row.value_status for row in found} == {PROJECTED}
    assert {row.quarters_used for row in found} == {8}


def test_a_year_with_a_gap_in_it_is_not_projected_and_later_years_are() -> None:
    digital = [*RISING, None, 47]
    found = project(rows(digital, period_kind="rolling_year"))

    assert [row.value_status for row in found[:4]] == [
        NOT_PROJECTABLE,
        NOT_PROJECTABLE,
        PROJECTED,
        PROJECTED,
    ]
    assert found[0].status_reason == (
        "the quarter from 2016-01-01 is part of it and has no take-up"
    )
    assert found[0].period_end == dt.date(2016, 9, 30)
    assert project(rows(digital))[0].value_status == PROJECTED


def test_a_quarter_without_transactions_adds_zeros_to_its_year() -> None:
    found = project(rows([*RISING, 0, 50], totals=[100] * 8 + [0, 100], period_kind="rolling_year"))

    assert found[0].value_status == PROJECTED
    assert found[0].projected_ratio == pytest.approx((47 + 0 + 50 + 50) / 300, abs=1e-6)


# how wide


@pytest.mark.parametrize(("count", "end"), [(0, 0.0), (100, 1.0)])
def test_a_service_that_stood_at_an_end_may_still_leave_it(count: int, end: float) -> None:
    found = project(rows([count] * 8))

    for row in found:
        assert row.projected_ratio == end
        assert 0.0 <= known(row)[0] <= known(row)[4] <= 1.0
        assert known(row)[4] - known(row)[0] > 0.01


def test_a_constant_series_has_the_smallest_step() -> None:
    steps = forecast([angle_of(0.5)] * 8, 4)

    assert [step.deviation for step in steps] == pytest.approx(
        [SMALLEST_STEP * math.sqrt(ahead) for ahead in (1, 2, 3, 4)]
    )


def test_the_walk_is_what_its_steps_say() -> None:
    """Maximum likelihood of a random walk: the mean of the squared steps."""
    angles = angles_of(
        [CountedQuarter(FIRST + place, count, 100) for place, count in enumerate(RISING)]
    )
    squares = [(later - earlier) ** 2 for earlier, later in pairwise(angles)]

    steps = random_walk(angles, 3)

    assert [step.mean for step in steps] == pytest.approx([angles[-1]] * 3)
    variance = sum(squares) / len(squares)
    assert [step.deviation**2 for step in steps] == pytest.approx(
        [variance * ahead for ahead in (1, 2, 3)], rel=1e-3
    )


def test_a_gap_at_the_end_makes_it_less_sure() -> None:
    angles = [angle_of(0.5)] * 8

    assert forecast([*angles, math.nan], 1)[0].deviation > forecast(angles, 1)[0].deviation


def test_the_95_interval_is_wider_than_the_models_own() -> None:
    assert MULTIPLES[95] > backtest.NORMAL_95
    assert MULTIPLES[80] < MULTIPLES[95]


@settings(max_examples=40)
@given(counts=RATIOS, kind=st.sampled_from(["quarter", "rolling_year", "financial_year"]))
def test_intervals_are_nested_within_0_and_1(counts: list[int], kind: str) -> None:
    for row in project(rows(counts, period_kind=kind)):
        assert row.value_status == PROJECTED
        values = known(row)
        assert list(values) == sorted(values)
        assert values[0] >= 0.0
        assert values[-1] <= 1.0


@settings(max_examples=10)
@given(counts=RATIOS)
def test_the_same_quarters_in_any_order_give_the_same(counts: list[int]) -> None:
    given_rows = rows(counts, period_kind="rolling_year")

    assert project(given_rows) == project(list(reversed(given_rows)))


@given(st.floats(0, 1))
def test_the_scale_goes_both_ways(ratio: float) -> None:
    assert ratio_of(angle_of(ratio)) == pytest.approx(ratio, abs=1e-12)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)))
def test_quarters_are_numbered_without_a_hole(day: dt.date) -> None:
    number = Quarter.holding(day).index

    assert Quarter.at(number).start <= day <= Quarter.at(number).end


# the back-test


def history(counts: Sequence[int], service_id: str = "s") -> dict[str, list[CountedQuarter]]:
    return {
        service_id: [
            CountedQuarter(FIRST + place, count, 100) for place, count in enumerate(counts)
        ]
    }


def test_only_what_was_known_is_projected_from() -> None:
    """A jump in what is held back doesn't change what is projected for it."""
    flat = list(backtest.held_back(history([50, 52] * 4 + [52, 52])))
    jumped = list(backtest.held_back(history([50, 52] * 4 + [95, 95])))

    first = [one.projected for one in flat if one.origin == FIRST + 7]
    assert first == [one.projected for one in jumped if one.origin == FIRST + 7]
    assert backtest.coverage(flat, MULTIPLES[95]) == 1.0
    assert backtest.coverage([one for one in jumped if one.origin == FIRST + 7], 3.0) == 0.0


def test_everything_after_eight_quarters_is_held_back_once() -> None:
    found = list(backtest.held_back(history([50, 52] * 5)))

    assert [(one.kind, one.origin - FIRST, one.quarters_ahead) for one in found] == [
        (kind, origin, ahead)
        for origin, ahead in [(7, 1), (7, 2), (8, 1)]
        for kind in ("quarter", "rolling_year")
    ]


def test_a_quarter_that_was_never_given_is_not_held_back() -> None:
    quarters = [one for one in history([50, 52] * 6)["s"] if one.number != FIRST + 9]
    found = list(backtest.held_back({"s": quarters}))

    assert all(one.origin + one.quarters_ahead != FIRST + 9 for one in found)
    assert {one.quarters_ahead for one in found if one.kind == "quarter"} == {1, 2, 3, 4}
    assert not [one for one in found if one.kind == "rolling_year" and one.origin > FIRST + 9]


def test_the_needed_width_is_the_one_that_just_holds() -> None:
    step = forecast([angle_of(0.5)] * 8, 1)[0]
    needed = backtest.needed_for(step.ratio, 0.58)

    assert step.ratio(needed) == pytest.approx(0.58, abs=1e-6)
    assert step.ratio(-backtest.needed_for(step.ratio, 0.3)) == pytest.approx(0.3, abs=1e-6)
    assert backtest.needed_for(step.ratio, 0.5) == 0.0
    assert backtest.needed_for(lambda multiple: 0.0, 0.1) == math.inf


def test_halves_are_by_name_and_both_are_there() -> None:
    names = [f"service-{number}" for number in range(100)]
    halves = [backtest.is_for_fitting(name) for name in names]

    assert halves == [backtest.is_for_fitting(name) for name in names]
    assert 30 < sum(halves) < 70


def test_a_year_of_nothing_has_no_ratio() -> None:
    nothing = {FIRST + place: CountedQuarter(FIRST + place, 0, 0) for place in range(8)}

    assert year_ratio(nothing, forecast([0.1] * 8, 1), FIRST + 7, FIRST + 8) is None
