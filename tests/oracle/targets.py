"""The standing against targets, measured on take-up rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.departments import ALL_SERVICES, AS_AT_PERIOD, DEPARTMENT, DepartmentTakeUp
from tests.oracle.periods import quarter_end, shift_quarters
from tests.oracle.registers import Registers, Target
from tests.oracle.take_up import TakeUp

TAKE_UP_METRIC = "digital_take_up"

ATTAINED = "attained"
LOST = "lost"
MISSED = "missed"
PENDING = "pending"
NOT_MEASURABLE = "not_measurable"
ABOVE_BEFORE_SET = "above before it was set"


@dataclass(frozen=True, slots=True)
class TargetAttainment:
    """One row of `target_attainment`, column by column. In place of the words of `reason` stands
    whether they have to say that the value was above before the target was set."""

    target_id: str
    service_id: str | None
    department_id: str | None
    metric: str
    target_ratio: float
    set_on: date
    due_on: date | None
    period_kind: str
    definition_id: str
    source: str
    planned_ratio: float | None
    measured_ratio: float | None
    measured_period_start: date | None
    measured_period_end: date | None
    gap_pp: float | None
    planned_gap_pp: float | None
    required_pp_per_quarter: float | None
    is_attained: bool | None
    attained_on: date | None
    lost_on: date | None
    days_early: int | None
    verdict: str
    is_above_before_set: bool


@dataclass(frozen=True, slots=True)
class Measurement:
    """A complete period that a target is judged by, with its ratio unrounded."""

    period_start: date
    period_end: date
    ratio: Fraction


def measurement(row: TakeUp | DepartmentTakeUp) -> Measurement:
    """The measurement that a row with a ratio makes."""
    if row.digital_count is None or not row.total_count:
        raise ValueError(f"no ratio for {row}")
    ratio = Fraction(row.digital_count, row.total_count)
    return Measurement(row.period_start, row.period_end, ratio)


def is_at_target(measured: Measurement, target: Target) -> bool:
    """Rule: at or above, on unrounded figures."""
    return measured.ratio >= target.target_ratio


def is_judged_by(target: Target, row: TakeUp | DepartmentTakeUp) -> bool:
    """Rule: a target is measured on its own service's complete rows; one without a service on its
    department's, as at the period and of all services, where enough of it is measured; of its kind
    of period and its definition only."""
    if target.metric != TAKE_UP_METRIC:
        return False
    if (row.period_kind, row.definition_id) != (target.period_kind, target.definition_id):
        return False
    if isinstance(row, TakeUp):
        return row.is_complete and row.service_id == target.service_id
    return (
        target.service_id is None
        and row.take_up_ratio is not None
        and row.coverage_status != "too_incomplete"
        and (row.level, row.structure, row.scope) == (DEPARTMENT, AS_AT_PERIOD, ALL_SERVICES)
        and row.department_id == target.department_id
    )


def measurements(target: Target, rows: Iterable[TakeUp | DepartmentTakeUp]) -> list[Measurement]:
    """What a target is judged by, in order."""
    found = [measurement(row) for row in rows if is_judged_by(target, row)]
    return sorted(found, key=lambda measured: measured.period_end)


def first_attained(target: Target, counted: Sequence[Measurement]) -> Measurement | None:
    """Rule: attained on the first period end, on or after the day it was set, that is at target."""
    return next((measured for measured in counted if is_at_target(measured, target)), None)


def first_below_since(target: Target, counted: Sequence[Measurement]) -> Measurement | None:
    """Rule: lost on the first period end below since it was last attained; periods without a
    value change nothing."""
    attained = [
        position for position, measured in enumerate(counted) if is_at_target(measured, target)
    ]
    if not attained or attained[-1] + 1 == len(counted):
        return None
    return counted[attained[-1] + 1]


def verdict(target: Target, counted: Sequence[Measurement]) -> str:
    """Rule: attained or lost by the latest measured period; where it was never attained, missed
    once a period that ends on or after the due day is measured, until then pending."""
    if not counted:
        return NOT_MEASURABLE
    if first_attained(target, counted):
        return ATTAINED if is_at_target(counted[-1], target) else LOST
    is_due = target.due_on is not None and counted[-1].period_end >= target.due_on
    return MISSED if is_due else PENDING


def quarters_left(measured_end: date, due_on: date) -> int:
    """How many quarters still end after a measured period and by the due day."""
    quarter = shift_quarters(date(measured_end.year, measured_end.month - 2, 1), 1)
    count = 0
    while quarter_end(shift_quarters(quarter, count)) <= due_on:
        count += 1
    return count


def required_pp_per_quarter(target: Target, latest: Measurement) -> float | None:
    """Rule: what is still to be gained, spread evenly over the quarters left; none without a due
    day, without a quarter left, or once at target."""
    if target.due_on is None or is_at_target(latest, target):
        return None
    left = quarters_left(latest.period_end, target.due_on)
    return float(100 * (target.target_ratio - latest.ratio) / left) if left else None


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
    measurable = measurements(target, rows)
    counted = [measured for measured in measurable if measured.period_end >= target.set_on]
    before = [measured for measured in measurable if measured.period_end < target.set_on]
    latest = counted[-1] if counted else None
    first, lost = first_attained(target, counted), first_below_since(target, counted)
    planned = planned_ratio(target, latest.period_end, registers) if latest else None
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
        source=target.source,
        planned_ratio=float(planned) if planned is not None else None,
        measured_ratio=float(latest.ratio) if latest else None,
        measured_period_start=latest.period_start if latest else None,
        measured_period_end=latest.period_end if latest else None,
        gap_pp=float(100 * (latest.ratio - target.target_ratio)) if latest else None,
        planned_gap_pp=(
            float(100 * (latest.ratio - planned)) if latest and planned is not None else None
        ),
        required_pp_per_quarter=required_pp_per_quarter(target, latest) if latest else None,
        is_attained=is_at_target(latest, target) if latest else None,
        attained_on=first.period_end if first else None,
        lost_on=lost.period_end if lost else None,
        days_early=(target.due_on - first.period_end).days if target.due_on and first else None,
        verdict=verdict(target, counted),
        is_above_before_set=bool(before) and is_at_target(before[-1], target),
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
