"""Figures that changed between two publications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from tests.oracle.knowledge import Statement
from tests.oracle.periods import QUARTER, quarter_end, shift_quarters
from tests.oracle.vintages import CellKey, Vintage

RESTATED = "restated"
WITHDRAWN = "withdrawn"
FIRST_GIVEN = "first_given"


@dataclass(frozen=True, slots=True)
class Revision:
    """One row of `revisions`, column by column. `measure` is `digital_count` or `total_count`."""

    service_id: str
    period_kind: str
    period_start: date
    period_end: date
    measure: str
    old_value: int | None
    new_value: int | None
    old_known_at: datetime
    new_known_at: datetime
    cause: str
    input: str

    @property
    def change(self) -> str:
        """Restated (a number for a number), withdrawn (a number taken back) or first given."""
        if self.new_value is None:
            return WITHDRAWN
        return FIRST_GIVEN if self.old_value is None else RESTATED


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a cause is judged by: the histories, and which vintages brought a new quarter."""

    histories: Mapping[CellKey, Sequence[Statement]]
    scheduled: frozenset[str]

    def count_before(self, key: CellKey, moment: datetime) -> int | None:
        """The value that a cell had just before a moment."""
        earlier = [
            statement for statement in self.histories.get(key, ()) if statement.known_at < moment
        ]
        return earlier[-1].count if earlier else None


def scheduled_vintages(vintages: Sequence[Vintage]) -> frozenset[str]:
    """The vintages that brought a quarter that none before them had. The others were published
    between two due ones, to correct."""
    seen: set[date] = set()
    scheduled = set()
    for vintage in vintages:
        if vintage.quarters - seen:
            scheduled.add(vintage.name)
        seen |= vintage.quarters
    return frozenset(scheduled)


def was_copied(key: CellKey, old: int, moment: datetime, evidence: Evidence) -> bool:
    """Rule: a positive figure that equalled the quarter before to the last digit was a copy."""
    before = CellKey(key.service_id, shift_quarters(key.quarter, -1), key.part)
    return old > 0 and evidence.count_before(before, moment) == old


def was_contradictory(key: CellKey, moment: datetime, evidence: Evidence) -> bool:
    """Rule: a figure was wrong where digital exceeded total."""
    digital = evidence.count_before(CellKey(key.service_id, key.quarter, "digital"), moment)
    total = evidence.count_before(CellKey(key.service_id, key.quarter, "total"), moment)
    return digital is not None and total is not None and digital > total


def cause(key: CellKey, old: Statement, new: Statement, evidence: Evidence) -> str:
    """Rule: withdrawn; late (asked for in an earlier publication and given in this); error (the
    old figure was a copy or a contradiction, or the publication was a correction out of
    schedule); else scheduled. A change of method can't be seen in the figures."""
    if new.count is None:
        return "withdrawn"
    if old.count is None:
        return "late"
    if (
        new.vintage not in evidence.scheduled
        or was_copied(key, old.count, new.known_at, evidence)
        or was_contradictory(key, new.known_at, evidence)
    ):
        return "error"
    return "scheduled"


def revisions(
    histories: Mapping[CellKey, Sequence[Statement]],
    vintages: Sequence[Vintage],
    moment: datetime,
) -> list[Revision]:
    """All rows of `revisions`: one per change of a quarter's cell that was known at the moment."""
    evidence = Evidence(histories, scheduled_vintages(vintages))
    return [
        Revision(
            service_id=key.service_id,
            period_kind=QUARTER,
            period_start=key.quarter,
            period_end=quarter_end(key.quarter),
            measure=f"{key.part}_count",
            old_value=old.count,
            new_value=new.count,
            old_known_at=old.known_at,
            new_known_at=new.known_at,
            cause=cause(key, old, new, evidence),
            input=new.vintage,
        )
        for key, history in histories.items()
        for old, new in pairwise(history)
        if new.known_at <= moment
    ]
