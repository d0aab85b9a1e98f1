"""What the forecast says about targets that are still ahead: a row for each period to come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby, takewhile
from operator import attrgetter
from typing import Final

from core.periods import Quarter
from projections.method import (
    FEWEST_QUARTERS,
    METHOD,
    QUARTERS_IN_YEAR,
    CountedQuarter,
    Estimate,
    Step,
    angles_of,
    estimate,
    forecast,
    year_ratio,
)

FURTHEST_WITHOUT_DUE_DATE: Final = 8
"""Quarters ahead that a target without a due date is projected."""

DECIMALS: Final = 6
"""Ratios are rounded so: an estimate has no more, and a fit differs in the last digits between
machines."""

COLUMNS: Final = {
    "target_id": "varchar",
    "period_start": "date",
    "period_end": "date",
    "quarters_ahead": "bigint",
    "projected_ratio": "double",
    "lower_80": "double",
    "upper_80": "double",
    "lower_95": "double",
    "upper_95": "double",
    "quarters_used": "bigint",
    "method": "varchar",
    "value_status": "varchar",
    "status_reason": "varchar",
}
"""Names and SQL types of the fields of a `Projection`, in order."""

PROJECTED: Final = "projected"
NOT_PROJECTABLE: Final = "not_projectable"


@dataclass(frozen=True)
class TargetQuarter:
    """One row of the model `int_target_quarters`: a target still ahead, and one quarter of what it
    is measured by. The quarter's fields are None for a target without any quarter."""

    target_id: str
    metric: str
    period_kind: str
    due_on: dt.date | None
    quarter_start: dt.date | None
    digital_count: int | None
    total_count: int | None


@dataclass(frozen=True)
class Projection:
    """One row of the model `int_target_projections`: a target and a period that is to come, or
    with neither period nor ratios, why there is none."""

    target_id: str
    period_start: dt.date | None
    period_end: dt.date | None
    quarters_ahead: int | None
    projected_ratio: float | None
    lower_80: float | None
    upper_80: float | None
    lower_95: float | None
    upper_95: float | None
    quarters_used: int
    method: str | None
    value_status: str
    status_reason: str | None


def project(rows: Iterable[TargetQuarter]) -> list[Projection]:
    """Projections of all targets, in order of target and period.

    Args:
        rows: any order; each target's own facts are the same in all of its rows.
    """
    in_order = sorted(rows, key=attrgetter("target_id"))
    return [
        projection
        for _, of_target in groupby(in_order, key=attrgetter("target_id"))
        for projection in _of_target(list(of_target))
    ]


def _of_target(rows: Sequence[TargetQuarter]) -> Iterator[Projection]:
    target, quarters = rows[0], _quarters(rows)
    used = sum(1 for quarter in quarters if quarter.ratio is not None)
    why_not = _why_not(target, used)
    ends = [] if why_not else _ends(target, quarters[-1].number)
    if why_not or not ends:
        reason = why_not or f"no {_words(target)} ends before it is due"
        yield _without_estimate(target, used, reason)
        return
    origin = quarters[-1].number
    steps = forecast(angles_of(quarters), ends[-1] - origin)
    for end in ends:
        period = _without_estimate(target, used, _gap(target, quarters, end))
        period = replace(
            period,
            period_start=Quarter.at(end - (_quarters_in(target) - 1)).start,
            period_end=Quarter.at(end).end,
            quarters_ahead=end - origin,
        )
        at = _ratio_at(target, quarters, steps, end)
        yield period if at is None else _with_estimate(period, estimate(at))


def _quarters(rows: Iterable[TargetQuarter]) -> list[CountedQuarter]:
    known = (
        CountedQuarter(Quarter.holding(row.quarter_start).index, row.digital_count, row.total_count)
        for row in rows
        if row.quarter_start is not None
        and row.digital_count is not None
        and row.total_count is not None
    )
    return sorted(known, key=attrgetter("number"))


def _why_not(target: TargetQuarter, used: int) -> str | None:
    if target.metric != "digital_take_up":
        return f"nothing measures {target.metric}"
    if target.period_kind not in ENDS_A_PERIOD:
        return f"judged by {target.period_kind}: projections are of quarters and years of quarters"
    if used < FEWEST_QUARTERS:
        return f"{used} quarters with take-up; a projection needs {FEWEST_QUARTERS}"
    return None


ENDS_A_PERIOD: Final[dict[str, Callable[[int], bool]]] = {
    "quarter": lambda number: True,
    "rolling_year": lambda number: True,
    "financial_year": lambda number: number % QUARTERS_IN_YEAR == 0,
}
"""Per kind of period, whether one ends with a quarter; the financial year does in March."""


def _ends(target: TargetQuarter, origin: int) -> list[int]:
    """Quarters after the last one that is known with which a period ends, up to the due date."""

    def is_in_time(number: int) -> bool:
        if target.due_on is None:
            return number <= origin + FURTHEST_WITHOUT_DUE_DATE
        return Quarter.at(number).end <= target.due_on

    ends_a_period = ENDS_A_PERIOD[target.period_kind]
    return [number for number in takewhile(is_in_time, count(origin + 1)) if ends_a_period(number)]


def _ratio_at(
    target: TargetQuarter, quarters: Sequence[CountedQuarter], steps: Sequence[Step], end: int
) -> Callable[[float], float] | None:
    origin = quarters[-1].number
    if target.period_kind == "quarter":
        return steps[end - origin - 1].ratio
    return year_ratio({quarter.number: quarter for quarter in quarters}, steps, origin, end)


def _gap(target: TargetQuarter, quarters: Sequence[CountedQuarter], end: int) -> str:
    """Why a year has no estimate: a quarter of it was never given, or nothing is transacted."""
    known = {quarter.number for quarter in quarters}
    first = end - (_quarters_in(target) - 1)
    missing = [
        Quarter.at(number).start
        for number in range(first, quarters[-1].number + 1)
        if number not in known
    ]
    if missing:
        return f"the quarter from {missing[0]} is part of it and has no take-up"
    return "nothing is transacted in it"


def _without_estimate(target: TargetQuarter, used: int, reason: str) -> Projection:
    return Projection(
        target_id=target.target_id,
        period_start=None,
        period_end=None,
        quarters_ahead=None,
        projected_ratio=None,
        lower_80=None,
        upper_80=None,
        lower_95=None,
        upper_95=None,
        quarters_used=used,
        method=None,
        value_status=NOT_PROJECTABLE,
        status_reason=reason,
    )


def _with_estimate(period: Projection, found: Estimate) -> Projection:
    return replace(
        period,
        projected_ratio=round(found.ratio, DECIMALS),
        lower_80=round(found.lower_80, DECIMALS),
        upper_80=round(found.upper_80, DECIMALS),
        lower_95=round(found.lower_95, DECIMALS),
        upper_95=round(found.upper_95, DECIMALS),
        method=METHOD,
        value_status=PROJECTED,
        status_reason=None,
    )


def _quarters_in(target: TargetQuarter) -> int:
    return 1 if target.period_kind == "quarter" else QUARTERS_IN_YEAR


def _words(target: TargetQuarter) -> str:
    return target.period_kind.replace("_", " ")
