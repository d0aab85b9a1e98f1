"""The change of a body's take-up between two periods, split exactly into four parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum

from tests.oracle.departments import (
    CURRENT,
    DEPARTMENT,
    GOVERNMENT,
    ORGANISATION,
    WHOLE_GOVERNMENT,
    Owners,
)
from tests.oracle.periods import Period, previous_period_start, year_before_start
from tests.oracle.take_up import TakeUp

COMPARISONS = {"previous": previous_period_start, "year": year_before_start}
"""Rule per comparison: where the earlier period starts."""


@dataclass(frozen=True, slots=True)
class Decomposition:
    """One row of `channel_shift_decomposition`, column by column."""

    level: str
    department_id: str
    organisation_id: str | None
    period_kind: str
    period_start: date
    period_end: date
    comparison: str
    from_period_start: date
    definition_id: str
    total_shift_pp: float
    within_service_pp: float | None
    mix_pp: float | None
    entry_exit_pp: float | None
    coverage_pp: float | None


@dataclass(frozen=True, slots=True)
class Split:
    """The four parts in percentage points; none where no service is measured in both periods."""

    within_service_pp: float | None
    mix_pp: float | None
    entry_exit_pp: float | None
    coverage_pp: float | None


@dataclass(frozen=True, slots=True)
class Side:
    """A body in one of the two periods: the services that it lists, and those it measures."""

    listed: frozenset[str]
    measured: Mapping[str, tuple[int, int]]

    def take_up(self, services: Iterable[str]) -> float:
        """Sum over sum of some of the measured services."""
        counts = [self.measured[service_id] for service_id in services]
        return sum(digital for digital, _ in counts) / sum(total for _, total in counts)

    def ratio(self, service_id: str) -> float:
        """Take-up of one service."""
        digital, total = self.measured[service_id]
        return digital / total

    def shares(self, services: Iterable[str]) -> dict[str, float]:
        """Each service's part of the total of some services."""
        totals = {service_id: self.measured[service_id][1] for service_id in services}
        whole = sum(totals.values())
        return {service_id: total / whole for service_id, total in totals.items()}


def side(rows: Iterable[TakeUp]) -> Side:
    """A body's side from the rows of its services for the period."""
    members = list(rows)
    return Side(
        frozenset(row.service_id for row in members),
        {
            row.service_id: (row.digital_count, row.total_count)
            for row in members
            if row.is_complete and row.digital_count is not None and row.total_count is not None
        },
    )


def within_services(before: Side, after: Side, both: frozenset[str]) -> float:
    """Rule: within = 100 x sum over C of (s0 + s1) / 2 x (r1 - r0)."""
    s0, s1 = before.shares(both), after.shares(both)
    return 100 * fsum(
        (s0[service_id] + s1[service_id]) / 2 * (after.ratio(service_id) - before.ratio(service_id))
        for service_id in both
    )


def mix_of_services(before: Side, after: Side, both: frozenset[str]) -> float:
    """Rule: mix = 100 x sum over C of (r0 + r1) / 2 x (s1 - s0)."""
    s0, s1 = before.shares(both), after.shares(both)
    return 100 * fsum(
        (before.ratio(service_id) + after.ratio(service_id)) / 2 * (s1[service_id] - s0[service_id])
        for service_id in both
    )


def contributions(measured: Side, both: frozenset[str]) -> Iterator[tuple[str, float]]:
    """Rule: a service outside C weighs 100 x w x (r - R^C), w being its share of the whole."""
    common = measured.take_up(both)
    weights = measured.shares(measured.measured)
    for service_id in measured.measured.keys() - both:
        yield service_id, 100 * weights[service_id] * (measured.ratio(service_id) - common)


def split(before: Side, after: Side) -> Split:
    """Rule: C are the services measured in both periods. The others add what they weigh in the
    later period and subtract what they weighed in the earlier, to entry and exit where the body
    lists them in one of the two only, to coverage where it lists them in both."""
    both = frozenset(before.measured) & frozenset(after.measured)
    if not both:
        return Split(None, None, None, None)
    listed_in_both = before.listed & after.listed
    weights = list(contributions(after, both))
    weights += [(service_id, -weight) for service_id, weight in contributions(before, both)]
    return Split(
        within_services(before, after, both),
        mix_of_services(before, after, both),
        fsum(weight for service_id, weight in weights if service_id not in listed_in_both),
        fsum(weight for service_id, weight in weights if service_id in listed_in_both),
    )


OneBody = tuple[str, str, str | None]
"""Level, department and, of an organisation, which."""


def bodies_of(service_id: str, owners: Owners, period: Period) -> Iterator[OneBody]:
    """The bodies whose change a service is part of, by today's structure, so that a service that
    changes hands is no entry."""
    department_id, organisation_id = owners.owner(service_id, CURRENT, period.end)
    yield GOVERNMENT, WHOLE_GOVERNMENT, None
    yield DEPARTMENT, department_id, None
    if organisation_id is not None:
        yield ORGANISATION, department_id, organisation_id


def members_by_period(
    rows: Iterable[TakeUp], owners: Owners
) -> dict[tuple[OneBody, str], dict[Period, list[TakeUp]]]:
    """Per body and definition: the rows of flow services by period."""
    members: dict[tuple[OneBody, str], dict[Period, list[TakeUp]]] = {}
    for row in rows:
        if not owners.registers.is_flow(row.service_id):
            continue
        for body in bodies_of(row.service_id, owners, row.period):
            series = members.setdefault((body, row.definition_id), {})
            series.setdefault(row.period, []).append(row)
    return members


def decomposition_row(
    body: OneBody,
    definition_id: str,
    period: Period,
    comparison: str,
    sides: Mapping[tuple[str, date], Side],
) -> Decomposition | None:
    """One row, or none where either period has no measured service."""
    level, department_id, organisation_id = body
    from_start = COMPARISONS[comparison](period)
    before = sides.get((period.kind, from_start))
    after = sides[period.kind, period.start]
    if before is None or not before.measured or not after.measured:
        return None
    parts = split(before, after)
    return Decomposition(
        level=level,
        department_id=department_id,
        organisation_id=organisation_id,
        period_kind=period.kind,
        period_start=period.start,
        period_end=period.end,
        comparison=comparison,
        from_period_start=from_start,
        definition_id=definition_id,
        total_shift_pp=100 * (after.take_up(after.measured) - before.take_up(before.measured)),
        within_service_pp=parts.within_service_pp,
        mix_pp=parts.mix_pp,
        entry_exit_pp=parts.entry_exit_pp,
        coverage_pp=parts.coverage_pp,
    )


def channel_shift_decomposition(rows: Iterable[TakeUp], owners: Owners) -> list[Decomposition]:
    """All rows of `channel_shift_decomposition`: per body, period and comparison, where both
    periods have a measured service."""
    found = []
    for (body, definition_id), series in members_by_period(rows, owners).items():
        sides = {(period.kind, period.start): side(members) for period, members in series.items()}
        for period in series:
            for comparison in COMPARISONS:
                row = decomposition_row(body, definition_id, period, comparison, sides)
                if row is not None:
                    found.append(row)
    return found
