"""Digital take-up of a service: quarters from their cells, longer periods from their quarters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle.knowledge import WITHDRAWN, CellState
from tests.oracle.periods import (
    QUARTER,
    Period,
    periods_ending_with,
    quarter_end,
    shift_quarters,
    year_of_quarters,
)
from tests.oracle.registers import STOCK, Registers
from tests.oracle.vintages import PARTS, CellKey

DEFINITION_ID = "transactions-explorer"
MEASURE = "completed"
BASIS = "reported"

NOT_APPLICABLE = "not_applicable"
COMPLETE = "complete"
INCOMPLETE = "incomplete"
INCONSISTENT = "inconsistent"
NO_TRANSACTIONS = "no_transactions"


@dataclass(frozen=True, slots=True)
class QuarterCells:
    """The two cells of a service's quarter; None where no vintage gave one."""

    quarter: date
    digital: CellState | None
    total: CellState | None
    is_not_applicable: bool = False

    @property
    def states(self) -> list[CellState]:
        return [state for state in (self.digital, self.total) if state is not None]

    @property
    def digital_count(self) -> int | None:
        return self.digital.count if self.digital else None

    @property
    def total_count(self) -> int | None:
        return self.total.count if self.total else None

    @property
    def counts(self) -> tuple[int | None, int | None]:
        return self.digital_count, self.total_count

    @property
    def is_inconsistent(self) -> bool:
        """Rule: the parts contradict each other where digital exceeds total."""
        digital, total = self.counts
        return digital is not None and total is not None and digital > total


@dataclass(frozen=True, slots=True)
class TakeUp:
    """One row of `take_up`, column by column (the words of `status_reason` are not a rule)."""

    service_id: str
    period_kind: str
    period_start: date
    period_end: date
    definition_id: str
    measure: str
    digital_count: int | None
    total_count: int | None
    take_up_ratio: float | None
    take_up_lower: float | None
    take_up_upper: float | None
    parts_present: int
    parts_expected: int
    value_status: str
    is_default_definition: bool
    basis: str
    is_authoritative: bool
    known_at: datetime

    @property
    def period(self) -> Period:
        return Period(self.period_kind, self.period_start, self.period_end)

    @property
    def is_complete(self) -> bool:
        return self.value_status == COMPLETE


def sum_of_parts(counts: Iterable[int | None]) -> int | None:
    """Rule: a sum needs all of its parts; there are no partial sums."""
    parts = list(counts)
    present = [count for count in parts if count is not None]
    return sum(present) if len(present) == len(parts) else None


def mean_of_quarters(total: int) -> int:
    """Rule: the average of a stock over four quarters is shown as a whole number, rounded half
    away from zero."""
    return (2 * total + 4) // 8


def quarter_status(cells: QuarterCells) -> str:
    """Rule: not_applicable, withdrawn, inconsistent, incomplete, no_transactions, complete: the
    first that fits."""
    digital, total = cells.counts
    if cells.is_not_applicable:
        return NOT_APPLICABLE
    if any(state.value_status == WITHDRAWN for state in cells.states):
        return WITHDRAWN
    if cells.is_inconsistent:
        return INCONSISTENT
    if digital is None or total is None:
        return INCOMPLETE
    return NO_TRANSACTIONS if total == 0 else COMPLETE


def longer_period_status(quarters: Sequence[QuarterCells]) -> str:
    """Rule: not applicable if all four quarters are. Else one inconsistent quarter makes the period
    inconsistent, else one missing part (withdrawn or never given) makes it incomplete; without
    transactions it has no ratio."""
    if all(cells.is_not_applicable for cells in quarters):
        return NOT_APPLICABLE
    if any(cells.is_inconsistent for cells in quarters):
        return INCONSISTENT
    digital = sum_of_parts(cells.digital_count for cells in quarters)
    total = sum_of_parts(cells.total_count for cells in quarters)
    if digital is None or total is None:
        return INCOMPLETE
    return NO_TRANSACTIONS if total == 0 else COMPLETE


def clipped_ratio(numerator: int, denominator: int) -> float | None:
    """A bound: within 0 and 1, and none where its denominator is zero."""
    if denominator == 0:
        return None
    return min(1.0, max(0.0, numerator / denominator))


def bounds(quarters: Sequence[QuarterCells], status: str) -> tuple[float | None, float | None]:
    """Rule: lower and upper bound of the ratio. Both are the ratio where it is complete. Where
    exactly one part is missing: a total is at least its digital part, a digital part at most its
    total. Otherwise, and where parts contradict each other, nothing can be said."""
    digital = sum(cells.digital_count or 0 for cells in quarters)
    total = sum(cells.total_count or 0 for cells in quarters)
    if status == COMPLETE:
        return digital / total, digital / total
    without_total = [cells for cells in quarters if cells.total_count is None]
    without_digital = [cells for cells in quarters if cells.digital_count is None]
    is_one_missing = len(without_total) + len(without_digital) == 1
    if status not in (INCOMPLETE, WITHDRAWN) or not is_one_missing:
        return None, None
    if without_total:
        return 0.0, clipped_ratio(digital, total + (without_total[0].digital_count or 0))
    most = digital + (without_digital[0].total_count or 0)
    return clipped_ratio(digital, total), clipped_ratio(most, total)


def take_up_row(
    service_id: str,
    period: Period,
    quarters: Sequence[QuarterCells],
    *,
    status: str,
    digital_count: int | None,
    total_count: int | None,
) -> TakeUp:
    """One row from its quarters: ratio (only where complete, from the unrounded sums), bounds,
    completeness, and the moment since which all of its parts have been what they are."""
    counts = [count for cells in quarters for count in cells.counts]
    lower, upper = bounds(quarters, status)
    return TakeUp(
        service_id=service_id,
        period_kind=period.kind,
        period_start=period.start,
        period_end=period.end,
        definition_id=DEFINITION_ID,
        measure=MEASURE,
        digital_count=digital_count,
        total_count=total_count,
        take_up_ratio=lower if status == COMPLETE else None,
        take_up_lower=lower,
        take_up_upper=upper,
        parts_present=sum(count is not None for count in counts),
        parts_expected=len(counts),
        value_status=status,
        is_default_definition=True,
        basis=BASIS,
        is_authoritative=True,
        known_at=max(state.known_at for cells in quarters for state in cells.states),
    )


def quarter_row(service_id: str, cells: QuarterCells) -> TakeUp:
    """A quarter's row. The counts that there are stand in it, whatever its status."""
    return take_up_row(
        service_id,
        Period(QUARTER, cells.quarter, quarter_end(cells.quarter)),
        [cells],
        status=quarter_status(cells),
        digital_count=cells.digital_count,
        total_count=cells.total_count,
    )


def longer_period_row(
    service_id: str, period: Period, quarters: Sequence[QuarterCells], *, is_stock: bool
) -> TakeUp:
    """A longer period's row: flows add up, stocks average; no count from less than its parts."""
    digital = sum_of_parts(cells.digital_count for cells in quarters)
    total = sum_of_parts(cells.total_count for cells in quarters)
    if is_stock:
        digital = None if digital is None else mean_of_quarters(digital)
        total = None if total is None else mean_of_quarters(total)
    return take_up_row(
        service_id,
        period,
        quarters,
        status=longer_period_status(quarters),
        digital_count=digital,
        total_count=total,
    )


def quarters_by_service(
    cells: Mapping[CellKey, CellState], registers: Registers
) -> dict[str, list[QuarterCells]]:
    """Per service its quarters in order: every quarter from its first cell to its last."""
    found: dict[str, set[date]] = {}
    for key in cells:
        found.setdefault(key.service_id, set()).add(key.quarter)
    return {
        service_id: [
            QuarterCells(
                quarter,
                cells.get(CellKey(service_id, quarter, "digital")),
                cells.get(CellKey(service_id, quarter, "total")),
                any(
                    registers.is_not_applicable(service_id, part, quarter, quarter_end(quarter))
                    for part in PARTS
                ),
            )
            for quarter in sorted(quarters)
        ]
        for service_id, quarters in found.items()
    }


def service_rows(
    service_id: str, quarters: Sequence[QuarterCells], *, is_stock: bool
) -> list[TakeUp]:
    """All rows of one service: its quarters, and each longer period whose four quarters it has."""
    by_quarter = {cells.quarter: cells for cells in quarters}
    rows = [quarter_row(service_id, cells) for cells in quarters]
    first = quarters[0].quarter
    for last in by_quarter:
        if shift_quarters(last, -3) < first:
            continue
        four = [
            by_quarter.get(quarter, QuarterCells(quarter, None, None))
            for quarter in year_of_quarters(last)
        ]
        rows.extend(
            longer_period_row(service_id, period, four, is_stock=is_stock)
            for period in periods_ending_with(last)
        )
    return rows


def take_up(cells: Mapping[CellKey, CellState], registers: Registers) -> list[TakeUp]:
    """All rows of `take_up`: one per service and period (published totals know one definition)."""
    return [
        row
        for service_id, quarters in quarters_by_service(cells, registers).items()
        for row in service_rows(
            service_id,
            quarters,
            is_stock=registers.service(service_id).volume_kind == STOCK,
        )
    ]


def headline(rows: Iterable[TakeUp]) -> list[TakeUp]:
    """Rule: one row to quote per service, period kind and period: the default definition's.

    Raises:
        ValueError: two rows claim to be the one."""
    chosen: dict[tuple[str, Period], TakeUp] = {}
    for row in rows:
        if not row.is_default_definition:
            continue
        if (row.service_id, row.period) in chosen:
            raise ValueError(f"two headlines for {row.service_id}, {row.period}")
        chosen[row.service_id, row.period] = row
    return list(chosen.values())
