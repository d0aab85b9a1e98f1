"""The change of a body's take-up between two periods, split exactly into four parts, service by
service; and the chain of what services did that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import fsum
from typing import Any

from tests.oracle.activity import Activity, ServiceQuarter, Span
from tests.oracle.departments import (
    CURRENT,
    DEPARTMENT,
    GOVERNMENT,
    ORGANISATION,
    SCOPES,
    WHOLE_GOVERNMENT,
    Owners,
    of_scope,
)
from tests.oracle.periods import (
    QUARTER,
    Period,
    periods_ending_with,
    previous_period_start,
    quarter_end,
    quarters_from_to,
    shift_quarters,
    year_before_start,
)

COMPARISONS = {"previous": previous_period_start, "year": year_before_start}
"""Rule per comparison: where the earlier period starts."""

Unit = tuple[str, int]
"""A service and, in a year, which of its quarters: its first month."""

OneBody = tuple[str, str, str | None]
"""Level, department and, of an organisation, which."""


@dataclass(frozen=True, slots=True)
class Key:
    """What one decomposition is of."""

    level: str
    department_id: str
    organisation_id: str | None
    scope: str
    period_kind: str
    period_start: date
    period_end: date
    comparison: str
    from_period_start: date
    definition_id: str


@dataclass(frozen=True, slots=True)
class Decomposition(Key):
    """One row of `channel_shift_decomposition`, column by column."""

    total_shift_pp: float
    within_service_pp: float | None
    mix_pp: float | None
    entry_exit_pp: float | None
    coverage_pp: float | None
    services_compared: int


@dataclass(frozen=True, slots=True)
class Contribution(Key):
    """One row of `channel_shift_contributions`, column by column."""

    service_id: str
    within_service_pp: float
    mix_pp: float
    entry_exit_pp: float
    coverage_pp: float


@dataclass(frozen=True, slots=True)
class LikeForLike:
    """One row of `take_up_like_for_like`, column by column."""

    level: str
    department_id: str
    scope: str
    period_kind: str
    period_start: date
    period_end: date
    definition_id: str
    base_period_start: date
    change_pp: float
    cumulative_pp: float
    services_count: int
    volume_share: float


@dataclass(frozen=True, slots=True)
class Side:
    """A body in one of the two periods: its measured units, digital count and total."""

    measured: Mapping[Unit, tuple[int, int]]

    def total(self, units: Iterable[Unit]) -> int:
        return sum(self.measured[unit][1] for unit in units)

    def take_up(self, units: Iterable[Unit]) -> float:
        """Sum over sum of some of the measured units."""
        counts = [self.measured[unit] for unit in units]
        return sum(digital for digital, _ in counts) / sum(total for _, total in counts)

    def ratio(self, unit: Unit, other: Side | None = None) -> float:
        """Take-up of one unit; of one without transactions that of the other side."""
        digital, total = self.measured[unit]
        if total:
            return digital / total
        return other.ratio(unit) if other is not None else 0.0


Terms = list[float]
"""Within services, mix, entry and exit, coverage."""


def compared_terms(before: Side, after: Side, both: frozenset[Unit]) -> dict[Unit, Terms]:
    """Rule: within = (s0 + s1) / 2 x (r1 - r0), mix = ((r0 + r1) / 2 - (R0 + R1) / 2) x (s1 - s0),
    R being the take-up of those compared."""
    total_before, total_after = before.total(both), after.total(both)
    middle = (before.take_up(both) + after.take_up(both)) / 2
    terms = {}
    for unit in both:
        s0 = before.measured[unit][1] / total_before
        s1 = after.measured[unit][1] / total_after
        r0, r1 = before.ratio(unit, after), after.ratio(unit, before)
        within, mix = (s0 + s1) / 2 * (r1 - r0), ((r0 + r1) / 2 - middle) * (s1 - s0)
        terms[unit] = [100 * within, 100 * mix, 0.0, 0.0]
    return terms


def split(
    before: Side, after: Side, is_entry_or_exit: Mapping[Unit, bool]
) -> dict[Unit, Terms] | None:
    """The terms of every measured unit, or none where nothing is measured on both sides. Rule: a
    unit on one side only weighs 100 x w x (r - R^C) there, w being its share of the whole."""
    both = frozenset(before.measured) & frozenset(after.measured)
    if not both or not before.total(both) or not after.total(both):
        return None
    terms = compared_terms(before, after, both)
    for side, sign in ((after, 1), (before, -1)):
        whole, common = side.total(side.measured), side.take_up(both)
        for unit in side.measured.keys() - both:
            digital, total = side.measured[unit]
            weight = sign * 100 * (digital - total * common) / whole
            place = 2 if is_entry_or_exit[unit] else 3
            terms[unit] = [weight if position == place else 0.0 for position in range(4)]
    return terms


def quarters_of(kind: str, start: date) -> list[date]:
    """The quarters of a period."""
    return [start] if kind == QUARTER else quarters_from_to(start, shift_quarters(start, 3))


def side_of(
    by_quarter: Mapping[date, list[ServiceQuarter]], kind: str, start: date
) -> dict[Unit, ServiceQuarter]:
    """A body's measured units in a period. In a quarter a service is its only unit."""
    return {
        (one.service_id, 0 if kind == QUARTER else quarter.month): one
        for quarter in quarters_of(kind, start)
        for one in by_quarter.get(quarter, [])
        if one.is_measured
    }


def counts(units: Mapping[Unit, ServiceQuarter]) -> Side:
    return Side({unit: (one.digital or 0, one.total or 0) for unit, one in units.items()})


def entered_or_left(
    before: Mapping[Unit, ServiceQuarter],
    after: Mapping[Unit, ServiceQuarter],
    quarters_after: Mapping[int, date],
    quarters_before: Mapping[int, date],
    spans: Mapping[str, Span],
) -> dict[Unit, bool]:
    """Rule: its first known total lies after the earlier quarter, or it was delisted or ended
    before the later one."""
    found = {}
    for unit in before.keys() ^ after.keys():
        service_id, month = unit
        span = spans[service_id]
        is_new = span.first_total is not None and span.first_total > quarters_before[month]
        found[unit] = is_new or span.before <= quarters_after[month]
    return found


def bodies_of(service_id: str, owners: Owners) -> Iterator[OneBody]:
    """The bodies whose change a service is part of, by today's structure, so that a service that
    changes hands is no entry."""
    department_id, organisation_id = owners.owner(service_id, CURRENT, date.max)
    yield GOVERNMENT, WHOLE_GOVERNMENT, None
    yield DEPARTMENT, department_id, None
    if organisation_id is not None:
        yield ORGANISATION, department_id, organisation_id


def compared_periods(found: Activity) -> Iterator[tuple[Period, str, date]]:
    """Every period, comparison and start of the earlier period, both of which lie within what is
    known."""
    for last in quarters_from_to(found.first, found.last):
        for period in [Period(QUARTER, last, quarter_end(last)), *periods_ending_with(last)]:
            for comparison, start_of in COMPARISONS.items():
                if start_of(period) >= found.first:
                    yield period, comparison, start_of(period)


def by_month(kind: str, start: date) -> dict[int, date]:
    return {0 if kind == QUARTER else one.month: one for one in quarters_of(kind, start)}


@dataclass(frozen=True)
class Change:
    """A body between two periods."""

    key: Key
    before: Side
    after: Side
    terms: dict[Unit, Terms] | None

    @property
    def services_compared(self) -> int:
        if self.terms is None:
            return 0
        both = self.before.measured.keys() & self.after.measured.keys()
        return len({service_id for service_id, _ in both})


def changes(found: Activity | None, owners: Owners) -> Iterator[Change]:
    """Every body, scope, period and comparison where both periods have transactions."""
    if found is None:
        return
    members: dict[OneBody, list[ServiceQuarter]] = {}
    for one in found.quarters:
        for body in bodies_of(one.service_id, owners):
            members.setdefault(body, []).append(one)
    periods = list(compared_periods(found))
    definition_id = found.quarters[0].definition_id
    for body, quarters in members.items():
        for scope in SCOPES:
            by_quarter: dict[date, list[ServiceQuarter]] = {}
            for one in of_scope(quarters, scope):
                by_quarter.setdefault(one.quarter, []).append(one)
            for period, comparison, start in periods:
                earlier = side_of(by_quarter, period.kind, start)
                later = side_of(by_quarter, period.kind, period.start)
                before, after = counts(earlier), counts(later)
                if not before.total(before.measured) or not after.total(after.measured):
                    continue
                moved = entered_or_left(
                    earlier,
                    later,
                    by_month(period.kind, period.start),
                    by_month(period.kind, start),
                    found.spans,
                )
                key = Key(
                    *body,
                    scope,
                    period.kind,
                    period.start,
                    period.end,
                    comparison,
                    start,
                    definition_id,
                )
                yield Change(key, before, after, split(before, after, moved))


def columns(key: Key) -> dict[str, Any]:
    return {name: getattr(key, name) for name in Key.__dataclass_fields__}


def decomposition_row(change: Change) -> Decomposition:
    """Rule: the sums of its units' terms; none where nothing says how to split."""
    before, after = change.before, change.after
    shift = 100 * (after.take_up(after.measured) - before.take_up(before.measured))
    sums: list[float | None] = [None] * 4
    if change.terms is not None:
        sums = [fsum(terms[place] for terms in change.terms.values()) for place in range(4)]
    return Decomposition(
        **columns(change.key),
        total_shift_pp=shift,
        within_service_pp=sums[0],
        mix_pp=sums[1],
        entry_exit_pp=sums[2],
        coverage_pp=sums[3],
        services_compared=change.services_compared,
    )


def contribution_rows(change: Change) -> Iterator[Contribution]:
    """Rule: a service's terms are the sums over its units."""
    by_service: dict[str, list[Terms]] = {}
    for (service_id, _), terms in (change.terms or {}).items():
        by_service.setdefault(service_id, []).append(terms)
    for service_id, units in by_service.items():
        sums = [fsum(terms[place] for terms in units) for place in range(4)]
        yield Contribution(*columns(change.key).values(), service_id, *sums)


def like_for_like(all_changes: Iterable[Change]) -> list[LikeForLike]:
    """Rule: each quarter's change within services against the year before, added up quarter by
    quarter of the calendar from its base; where a link is missing the chain begins anew."""
    links = {
        (change.key.level, change.key.department_id, change.key.scope, change.key.period_start): (
            change
        )
        for change in all_changes
        if change.key.period_kind == QUARTER
        and change.key.comparison == "year"
        and change.key.level != ORGANISATION
        and change.terms is not None
    }
    rows: dict[tuple[str, str, str, date], LikeForLike] = {}
    for place, change in sorted(links.items(), key=lambda item: item[0][3]):
        *body, start = place
        earlier = rows.get((*body, shift_quarters(start, -4)))  # type: ignore[arg-type]
        within = fsum(terms[0] for terms in (change.terms or {}).values())
        both = change.before.measured.keys() & change.after.measured.keys()
        rows[place] = LikeForLike(
            level=change.key.level,
            department_id=change.key.department_id,
            scope=change.key.scope,
            period_kind=QUARTER,
            period_start=start,
            period_end=change.key.period_end,
            definition_id=change.key.definition_id,
            base_period_start=(
                earlier.base_period_start if earlier else change.key.from_period_start
            ),
            change_pp=within,
            cumulative_pp=within + (earlier.cumulative_pp if earlier else 0.0),
            services_count=change.services_compared,
            volume_share=change.after.total(both) / change.after.total(change.after.measured),
        )
    return list(rows.values())
