"""Where a target stands, in sentences that can be quoted.

A day of attainment is never said: the crossing is somewhere inside a period. What is missing is
said as missing, and what rounding leaves open is said with both ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from publish.display import exact_percentage, month_and_year, percentage, period

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PERIODS_SHOWN = 5
"""Of the shorter periods the latest and those before it, back to the same one a year before."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """A period of a target's series: take-up from 0 to 1, None where there is none, and the ends
    between which rounding or missing parts leave it."""

    kind: str
    start: dt.date
    end: dt.date
    ratio: float | None
    lowest: float | None
    highest: float | None
    is_judged: bool


@dataclass(frozen=True, kw_only=True)
class Target:
    """One target and its standing, as `target_attainment` has it."""

    target_id: str
    service_id: str | None
    service: str
    metric: str
    target_ratio: float
    due_on: dt.date | None
    period_kind: str
    definition_id: str
    digital_count: int | None
    total_count: int | None
    measured_ratio: float | None
    measured_period_start: dt.date | None
    measured_period_end: dt.date | None
    gap_pp: float | None
    attained_not_before: dt.date | None
    attained_by: dt.date | None
    periods_early: int | None
    latest_period_kind: str | None
    latest_period_end: dt.date | None
    latest_says: str
    is_stale: bool
    verdict: str
    reason: str | None
    is_simulated: bool
    periods: Sequence[Period] = ()
    months_early_reported: int | None = None
    """Months early by which a report says that the target was met, by its own count."""


# The parts are those of the row that gave the measured value, so that what is shown divides to
# what is shown.
_TARGETS = """
    with series as (
        select
            target_id,
            list({
                'kind': period_kind, 'start': period_start, 'end': period_end,
                'ratio': take_up_ratio, 'lowest': lowest_ratio, 'highest': highest_ratio,
                'is_judged': is_judged
            } order by period_end, period_start desc) as periods
        from as_of.target_periods
        group by target_id
    ),

    reported as (
        select
            figure_reconciliation.target_id,
            max(published_figures.value)::bigint as months_early
        from figure_reconciliation
        inner join published_figures using (figure_id)
        where published_figures.metric = 'target_met_early'
        group by figure_reconciliation.target_id
    )

    select
        targets.target_id,
        targets.service_id,
        coalesce(services.service_name, targets.service_id, targets.department_id) as service,
        targets.metric,
        targets.target_ratio::double as target_ratio,
        targets.due_on,
        targets.period_kind,
        targets.definition_id,
        measured.digital_count,
        measured.total_count,
        targets.measured_ratio::double as measured_ratio,
        targets.measured_period_start,
        targets.measured_period_end,
        targets.gap_pp::double as gap_pp,
        targets.attained_not_before,
        targets.attained_by,
        targets.periods_early,
        targets.latest_period_kind,
        targets.latest_period_end,
        targets.latest_says,
        targets.is_stale,
        targets.verdict,
        targets.reason,
        targets.is_simulated,
        coalesce(series.periods, []) as periods,
        reported.months_early as months_early_reported
    from target_attainment as targets
    left join services on targets.service_id = services.service_id
    left join series on targets.target_id = series.target_id
    left join reported on targets.target_id = reported.target_id
    left join as_of.target_periods as measured
        on
            targets.target_id = measured.target_id
            and measured.is_judged
            and targets.measured_period_end = measured.period_end
    order by service, targets.target_id
"""


def targets_of(connection: DuckDBPyConnection) -> list[Target]:
    """Every target of a published file, ordered by service, then by target."""
    found = connection.execute(_TARGETS)
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return [
        Target(**row | {"periods": tuple(Period(**period) for period in row["periods"])})
        for row in rows
    ]


def standing(target: Target) -> str:
    """Where the target stands, as sentences without a full stop, apart by semicolons."""
    said = [
        _attained(target),
        _reported(target),
        _year_to_attained(target),
        _judged(target),
        "not measured since" if target.is_stale else None,
        _latest(target),
    ]
    text = "; ".join(part for part in said if part)
    return text[:1].upper() + text[1:]


def _attained(target: Target) -> str | None:
    """When it was first at or above: the period, and how that lies to the one it was due by."""
    crossed = _judged_period(target, target.attained_by)
    if crossed is None:
        return None
    goal = f"{exact_percentage(target.target_ratio)} or more"
    if target.attained_not_before != target.attained_by:
        first = _judged_period(target, target.attained_not_before)
        since = _named(first) if first else f"the {_unit(target)} to {target.attained_not_before}"
        return f"{goal} by {_named(crossed)}, perhaps from {since} on: nothing decides in between"
    return f"{goal} in {_named(crossed)}{_rounding(crossed)}{_timing(target)}"


def _rounding(crossed: Period) -> str:
    if crossed.lowest is None or crossed.highest is None or crossed.lowest == crossed.highest:
        return ""
    return f" ({_bare(crossed.lowest)} to {percentage(crossed.highest)} allowing for rounding)"


def _timing(target: Target) -> str:
    early = target.periods_early
    if early is None:
        return ""
    if early == 0:
        return f", the {_unit(target)} it was due by"
    unit = _unit(target) if abs(early) == 1 else f"{_unit(target)}s"
    return f", {abs(early)} {unit} {'before' if early > 0 else 'after'} the one it was due by"


def _reported(target: Target) -> str | None:
    months = target.months_early_reported
    if months is None:
        return None
    unit = "month" if months == 1 else "months"
    return f"the department reports {months} {unit} early by its own count"


def _year_to_attained(target: Target) -> str | None:
    """Beside a quarter or a month the year that ends with it, which moves later."""
    if target.period_kind not in ("quarter", "month"):
        return None
    years = [p for p in target.periods if p.kind == "rolling_year" and p.end == target.attained_by]
    return f"year to that day {percentage(years[0].ratio)}" if years and years[0].ratio else None


def _judged(target: Target) -> str | None:
    """The latest measured period beside the target, unless that is the one first above."""
    measured = _judged_period(target, target.measured_period_end)
    if measured is None or measured.ratio is None or measured.end == target.attained_by:
        return None
    return f"{_named(measured)} {percentage(measured.ratio)}, {_side(measured, target)}"


def _side(measured: Period, target: Target) -> str:
    goal = exact_percentage(target.target_ratio)
    if measured.lowest is not None and measured.lowest >= target.target_ratio:
        return f"at {goal}" if measured.ratio == target.target_ratio else f"above {goal}"
    if measured.highest is not None and measured.highest < target.target_ratio:
        return f"below {goal}"
    return f"too close to {goal} to say on which side"


def _latest(target: Target) -> str | None:
    """The shorter periods up to the latest, gaps said, and what they say together."""
    series = [
        p
        for p in target.periods
        if p.kind == target.latest_period_kind
        and target.latest_period_end is not None
        and p.end <= target.latest_period_end
    ][-PERIODS_SHOWN:]
    if not series:
        return None
    first, *others = series
    values = [f"{_value(first)} ({period(first.kind, first.start, first.end)})"]
    values += [_value(other) for other in others]
    percent = "%" if series[-1].ratio is not None else ""
    word = target.latest_says.replace("_", " ")
    kind = target.latest_period_kind
    return f"{kind}s to {month_and_year(series[-1].end)} {', '.join(values)}{percent}: {word}"


def _value(shown: Period) -> str:
    return "none" if shown.ratio is None else _bare(shown.ratio)


def _bare(ratio: float) -> str:
    return percentage(ratio).removesuffix("%")


def _judged_period(target: Target, end: dt.date | None) -> Period | None:
    return next((p for p in target.periods if p.is_judged and p.end == end), None)


def _named(shown: Period) -> str:
    if shown.kind == "rolling_year":
        return f"year to {month_and_year(shown.end)}"
    return period(shown.kind, shown.start, shown.end)


def _unit(target: Target) -> str:
    return "year" if target.period_kind.endswith("year") else target.period_kind
