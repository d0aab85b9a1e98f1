"""The standing against targets, measured on take-up rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.departments import ALL_SERVICES, AS_AT_PERIOD, DEPARTMENT, DepartmentTakeUp
from tests.oracle.periods import (
    FINANCIAL_YEAR,
    QUARTER,
    ROLLING_YEAR,
    quarter_end,
    shift_quarters,
)
from tests.oracle.registers import Registers, Target
from tests.oracle.take_up import TakeUp

TAKE_UP_METRIC = "digital_take_up"

ATTAINED = "attained"
ALREADY_ABOVE = "already_above"
LOST = "lost"
MISSED = "missed"
TOO_CLOSE = "too_close"
PENDING = "pending"
NOT_MEASURABLE = "not_measurable"
UNKNOWN = "unknown"
WITHOUT_GAP = ("complete", "no_transactions", "not_applicable")
MONTHS = {QUARTER: 3, ROLLING_YEAR: 12, FINANCIAL_YEAR: 12}


@dataclass(frozen=True, slots=True)
class TargetAttainment:
    """One row of `target_attainment`, column by column, without the words of `reason`."""

    target_id: str
    service_id: str | None
    department_id: str | None
    metric: str
    target_ratio: float
    set_on: date
    due_on: date | None
    period_kind: str
    definition_id: str
    definition_used: str | None
    source: str
    planned_ratio: float | None
    measured_ratio: float | None
    measured_period_start: date | None
    measured_period_end: date | None
    gap_pp: float | None
    planned_gap_pp: float | None
    required_pp_per_quarter: float | None
    is_attained: bool | None
    attained_not_before: date | None
    attained_by: date | None
    attained_on: date | None
    lost_on: date | None
    periods_early: int | None
    latest_period_kind: str | None
    latest_period_end: date | None
    latest_ratio: float | None
    latest_says: str
    is_stale: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A period of a target's series: its ratio, unrounded, and the ends between which it lies."""

    kind: str
    period_start: date
    period_end: date
    definition_id: str
    ratio: Fraction | None
    lowest: Fraction | float | None
    highest: Fraction | float | None
    has_gap: bool

    def side(self, target: Target) -> bool | None:
        """Rule: at or above the target, below it, or not known: it has to hold of both ends."""
        if self.lowest is not None and self.lowest >= target.target_ratio:
            return True
        if self.highest is not None and self.highest < target.target_ratio:
            return False
        return None

    def says_something(self, target: Target) -> bool:
        """Whether it is measured, or decided by its bounds."""
        return self.ratio is not None or self.side(target) is not None


def reading_of_service(row: TakeUp, registers: Registers) -> Reading:
    """Rule: a complete period is its ratio, half a rounding unit of each rounded quarter's total
    aside; one that lacks a part lies within its bounds; any other is unknown."""
    lowest: Fraction | float | None
    highest: Fraction | float | None
    ratio = None
    if row.is_complete and row.digital_count is not None and row.total_count:
        ratio = Fraction(row.digital_count, row.total_count)
        slack = rounding_slack(row, registers)
        lowest = Fraction(row.digital_count) / (row.total_count + slack)
        highest = (
            Fraction(1)
            if row.total_count - slack <= row.digital_count and slack
            else Fraction(row.digital_count) / (row.total_count - slack)
        )
    elif row.value_status in ("incomplete", "withdrawn"):
        lowest, highest = row.take_up_lower, row.take_up_upper
    else:
        lowest = highest = None
    return Reading(
        row.period_kind,
        row.period_start,
        row.period_end,
        row.definition_id,
        ratio,
        lowest,
        highest,
        row.value_status not in WITHOUT_GAP,
    )


def rounding_slack(row: TakeUp, registers: Registers) -> Fraction:
    """What the total may be off by: half a unit for every quarter until the rounding ended."""
    facts = registers.service(row.service_id)
    until = facts.rounding_until
    quarters, quarter = 0, row.period_start
    while quarter < row.period_end:
        # The quarter in which the rounding ends is rounded as well.
        quarters += until is None or quarter <= until
        quarter = shift_quarters(quarter, 1)
    return Fraction(facts.rounding_unit, 2) * quarters


def reading_of_body(row: DepartmentTakeUp) -> Reading:
    """A body's period: its ratio, or a gap, also where too little of it is measured."""
    is_enough = row.take_up_ratio is not None and row.coverage_status != "too_incomplete"
    ratio = (
        Fraction(row.digital_count, row.total_count)
        if is_enough and row.digital_count is not None and row.total_count
        else None
    )
    return Reading(
        row.period_kind,
        row.period_start,
        row.period_end,
        row.definition_id,
        ratio,
        ratio,
        ratio,
        ratio is None,
    )


def series(
    target: Target, rows: Iterable[TakeUp | DepartmentTakeUp], registers: Registers
) -> list[Reading]:
    """Rule: a target is measured on its own service's rows; one without a service on its
    department's, as at the period and of all services; by its definition."""
    if target.metric != TAKE_UP_METRIC:
        return []
    found = []
    for row in rows:
        if row.definition_id != target.definition_id:
            continue
        if isinstance(row, TakeUp):
            if row.service_id == target.service_id:
                found.append(reading_of_service(row, registers))
        elif (
            target.service_id is None
            and (row.level, row.structure, row.scope) == (DEPARTMENT, AS_AT_PERIOD, ALL_SERVICES)
            and row.department_id == target.department_id
        ):
            found.append(reading_of_body(row))
    return sorted(found, key=lambda reading: (reading.period_end, reading.period_start))


def period_ends(kind: str, start: date, end: date) -> list[date]:
    """The last days of the periods of a kind that end within two days, both included."""
    quarter = shift_quarters(date(start.year, 1, 1), -4)
    found = []
    while (last := quarter_end(quarter)) <= end:
        if last >= start and (kind != FINANCIAL_YEAR or last.month == 3):
            found.append(last)
        quarter = shift_quarters(quarter, 1)
    return found


def was_above_before(target: Target, readings: Sequence[Reading]) -> bool:
    """Rule: the last judged period that ended before the target was set, or the latest shorter one
    where that says nothing, is at or above."""
    day_before = target.set_on - timedelta(days=1)
    last = period_ends(target.period_kind, day_before - timedelta(days=800), day_before)[-1]
    judged = [r for r in readings if r.kind == target.period_kind and r.period_end == last]
    shorter = [
        r
        for r in readings
        if MONTHS[r.kind] < MONTHS[target.period_kind] and r.period_end <= day_before
    ]
    telling = [r for r in [*shorter, *judged] if r.says_something(target)]
    return bool(telling) and telling[-1].side(target) is True


def not_attained_before(target: Target, counted: Sequence[Reading], first: Reading) -> date:
    """Rule: the end of the first period that may have been at or above: the one after the last
    known below, or the first that counts."""
    below = [
        r.period_end for r in counted if r.side(target) is False and r.period_end < first.period_end
    ]
    start = below[-1] + timedelta(days=1) if below else target.set_on
    return period_ends(target.period_kind, start, first.period_end)[0]


def lost_on(target: Target, counted: Sequence[Reading], *, above_before: bool) -> date | None:
    """Rule: the first period end known below since the last one known at or above."""
    sides = [r.side(target) for r in counted]
    if True not in sides and not above_before:
        return None
    after = len(sides) - sides[::-1].index(True) if True in sides else 0
    return next((r.period_end for r in counted[after:] if r.side(target) is False), None)


def periods_early(target: Target, attained_on: date | None) -> int | None:
    """Rule: whole judged periods from the one attained to the last that ends by the due day."""
    if target.due_on is None or attained_on is None:
        return None
    if attained_on <= target.due_on:
        return len(period_ends(target.period_kind, attained_on, target.due_on)) - 1
    late = period_ends(target.period_kind, target.due_on + timedelta(days=1), attained_on)
    return -len(late)


def verdict(target: Target, counted: Sequence[Reading], *, above_before: bool) -> str:
    """Rule: by the latest judged period that says something. What was above before the target was
    set was not attained; where it was never attained it is missed once it is due."""
    telling = [r for r in counted if r.says_something(target)]
    if not telling:
        return NOT_MEASURABLE
    if above_before:
        return ALREADY_ABOVE
    side = telling[-1].side(target)
    if side is None:
        return TOO_CLOSE
    if side:
        return ATTAINED
    if any(r.side(target) for r in counted):
        return LOST
    is_due = target.due_on is not None and telling[-1].period_end >= target.due_on
    return MISSED if is_due else PENDING


def latest_shorter(
    target: Target, readings: Sequence[Reading], judged: Reading | None
) -> Reading | None:
    """The latest measured shorter period that ends on or after the judged one."""
    if judged is None:
        return None
    shorter = [
        r
        for r in readings
        if MONTHS[r.kind] < MONTHS[target.period_kind]
        and r.ratio is not None
        and r.period_end >= judged.period_end
    ]
    return shorter[-1] if shorter else None


def latest_says(
    target: Target,
    readings: Sequence[Reading],
    judged: Reading | None,
    latest: Reading | None,
    *,
    is_seasonal: bool,
) -> str:
    """Rule: the word on the latest shorter period; a seasonal service's is compared with the year
    before only."""
    if judged is None or latest is None or latest.ratio is None:
        return UNKNOWN
    was, now = judged.side(target), latest.side(target)
    year_before = [
        r.ratio
        for r in readings
        if r.kind == latest.kind and r.period_start == shift_quarters(latest.period_start, -4)
    ]
    fell = latest.ratio < year_before[0] if year_before and year_before[0] is not None else None
    if was is None or now is None or (is_seasonal and fell is None):
        return UNKNOWN
    if was:
        if now:
            return "holding"
        return "slipping" if fell else "holding" if is_seasonal else "dipped"
    return "recovering" if now and not (is_seasonal and fell) else "still_below"


def quarters_left(measured_end: date, due_on: date) -> int:
    """How many quarters still end after a measured period and by the due day."""
    quarter = shift_quarters(date(measured_end.year, measured_end.month - 2, 1), 1)
    count = 0
    while quarter_end(shift_quarters(quarter, count)) <= due_on:
        count += 1
    return count


def required_pp_per_quarter(
    target: Target, judged: Reading | None, measured: Reading | None
) -> float | None:
    """Rule: what is still to be gained, spread evenly over the quarters left; none without a due
    day, without a quarter left, or once at target."""
    if judged is None or measured is None or measured.ratio is None or target.due_on is None:
        return None
    if judged.side(target) is not False or measured.ratio >= target.target_ratio:
        return None
    left = quarters_left(measured.period_end, target.due_on)
    return float(100 * (target.target_ratio - measured.ratio) / left) if left else None


def planned_path(target: Target, registers: Registers) -> dict[date, Fraction]:
    """The values of a planned path by day. Rule: it sets out from the baseline on the day the
    target was set, where a baseline is stated and no value stands on or before that day."""
    path = {
        day: ratio
        for (name, day), ratio in registers.planned_ratios.items()
        if name == target.target_id
    }
    if path and target.baseline_ratio is not None and target.set_on < min(path):
        path[target.set_on] = target.baseline_ratio
    return path


def planned_ratio(target: Target, period_end: date, registers: Registers) -> Fraction | None:
    """Rule: between two values of a planned path the plan is a straight line over the days;
    outside of them there is none."""
    path = planned_path(target, registers)
    before = max((day for day in path if day <= period_end), default=None)
    after = min((day for day in path if day >= period_end), default=None)
    if before is None or after is None:
        return None
    if before == after:
        return path[before]
    way = Fraction((period_end - before).days, (after - before).days)
    return path[before] + way * (path[after] - path[before])


def attainment(
    target: Target, rows: Iterable[TakeUp | DepartmentTakeUp], registers: Registers
) -> TargetAttainment:
    """One target's standing. Rule: only period ends on or after the day it was set count."""
    readings = series(target, rows, registers)
    counted = [
        r for r in readings if r.kind == target.period_kind and r.period_end >= target.set_on
    ]
    judged = next((r for r in reversed(counted) if r.says_something(target)), None)
    measured = next((r for r in reversed(counted) if r.ratio is not None), None)
    ratio = measured.ratio if measured else None
    above_before = was_above_before(target, readings)
    first = next((r for r in counted if r.side(target)), None) if not above_before else None
    not_before = not_attained_before(target, counted, first) if first else None
    attained_on = first.period_end if first and first.period_end == not_before else None
    latest = latest_shorter(target, readings, judged)
    is_stale = judged is not None and any(
        r.has_gap for r in counted if r.period_end > judged.period_end
    )
    planned = planned_ratio(target, measured.period_end, registers) if measured else None
    facts = registers.service(target.service_id or "")
    return TargetAttainment(
        target_id=target.target_id,
        service_id=target.service_id,
        department_id=target.department_id,
        metric=target.metric,
        target_ratio=float(target.target_ratio),
        set_on=target.set_on,
        due_on=target.due_on,
        period_kind=target.period_kind,
        definition_id=target.definition_id,
        definition_used=judged.definition_id if judged else None,
        source=target.source,
        planned_ratio=float(planned) if planned is not None else None,
        measured_ratio=float(ratio) if ratio is not None else None,
        measured_period_start=measured.period_start if measured else None,
        measured_period_end=measured.period_end if measured else None,
        gap_pp=float(100 * (ratio - target.target_ratio)) if ratio is not None else None,
        planned_gap_pp=(
            float(100 * (ratio - planned)) if ratio is not None and planned is not None else None
        ),
        required_pp_per_quarter=required_pp_per_quarter(target, judged, measured),
        is_attained=judged.side(target) if judged and not is_stale else None,
        attained_not_before=not_before,
        attained_by=first.period_end if first else None,
        attained_on=attained_on,
        lost_on=lost_on(target, counted, above_before=above_before),
        periods_early=periods_early(target, attained_on),
        latest_period_kind=latest.kind if latest else None,
        latest_period_end=latest.period_end if latest else None,
        latest_ratio=float(latest.ratio) if latest and latest.ratio is not None else None,
        latest_says=latest_says(target, readings, judged, latest, is_seasonal=facts.is_seasonal),
        is_stale=is_stale,
        verdict=verdict(target, counted, above_before=above_before),
    )


def target_attainment(
    rows: Iterable[TakeUp], body_rows: Iterable[DepartmentTakeUp], registers: Registers
) -> list[TargetAttainment]:
    """All rows of `target_attainment`: one per target in the register."""
    judged = {target.service_id for target in registers.targets}
    candidates: list[TakeUp | DepartmentTakeUp] = [
        *(row for row in rows if row.service_id in judged),
        *body_rows,
    ]
    return [attainment(target, candidates, registers) for target in registers.targets]
