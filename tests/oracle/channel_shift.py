"""Channel shift of a service: its take-up against earlier periods, in percentage points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tests.oracle.periods import QUARTER, previous_period_start, year_before_start
from tests.oracle.registers import Registers, ServiceFacts
from tests.oracle.take_up import TakeUp


@dataclass(frozen=True, slots=True)
class ChannelShift:
    """One row of `channel_shift`, column by column."""

    service_id: str
    period_kind: str
    period_start: date
    period_end: date
    definition_id: str
    take_up_ratio: float | None
    shift_pp_previous: float | None
    shift_pp_year: float | None
    baseline_period_start: date | None
    shift_pp_baseline: float | None
    value_status: str


def shift_pp(row: TakeUp, earlier: TakeUp | None) -> float | None:
    """Percentage points from an earlier period; none where either has no ratio."""
    if earlier is None or row.take_up_ratio is None or earlier.take_up_ratio is None:
        return None
    return 100 * (row.take_up_ratio - earlier.take_up_ratio)


def baseline(rows: Sequence[TakeUp]) -> TakeUp | None:
    """Rule: the baseline is the first complete period of its kind."""
    complete = [row for row in rows if row.is_complete]
    return min(complete, key=lambda row: row.period_start, default=None)


def is_year_only(facts: ServiceFacts, row: TakeUp) -> bool:
    """Rule: a seasonal service's quarter is compared with the year before only. A period of four
    quarters has every season in it."""
    return facts.is_seasonal and row.period_kind == QUARTER


def shift_row(
    row: TakeUp, series: Mapping[date, TakeUp], first: TakeUp | None, facts: ServiceFacts
) -> ChannelShift:
    """One row. Rule: a service that never had an offline route has take-up but no shift."""
    previous = series.get(previous_period_start(row.period))
    year_before = series.get(year_before_start(row.period))
    if not facts.has_offline_route:
        previous = year_before = first = None
    if is_year_only(facts, row):
        previous = first = None
    return ChannelShift(
        service_id=row.service_id,
        period_kind=row.period_kind,
        period_start=row.period_start,
        period_end=row.period_end,
        definition_id=row.definition_id,
        take_up_ratio=row.take_up_ratio,
        shift_pp_previous=shift_pp(row, previous),
        shift_pp_year=shift_pp(row, year_before),
        baseline_period_start=first.period_start if first else None,
        shift_pp_baseline=shift_pp(row, first),
        value_status=row.value_status,
    )


def channel_shift(rows: Iterable[TakeUp], registers: Registers) -> list[ChannelShift]:
    """All rows of `channel_shift`: one per row of take-up, stocks included (it is the aggregates
    that they stay out of)."""
    series: dict[tuple[str, str, str], list[TakeUp]] = {}
    for row in rows:
        series.setdefault((row.service_id, row.period_kind, row.definition_id), []).append(row)
    shifts: list[ChannelShift] = []
    for (service_id, _, _), members in series.items():
        by_start = {row.period_start: row for row in members}
        first, facts = baseline(members), registers.service(service_id)
        shifts.extend(shift_row(row, by_start, first, facts) for row in members)
    return shifts
