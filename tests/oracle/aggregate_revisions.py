"""Why the figure of a body differs between two publications, service by service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle.activity import OFFERS_BOTH, Activity, ServiceQuarter
from tests.oracle.decomposition import quarters_of
from tests.oracle.departments import (
    ALL_SERVICES,
    CURRENT,
    DEPARTMENT,
    GOVERNMENT,
    SCOPES,
    WHOLE_GOVERNMENT,
    Owners,
    of_scope,
)
from tests.oracle.periods import (
    QUARTER,
    Period,
    periods_ending_with,
    quarter_end,
    quarters_from_to,
)

Unit = tuple[str, date]
Counts = tuple[int, int]
OneBody = tuple[str, str, str]
"""Level, department, scope."""


@dataclass(frozen=True, slots=True)
class AggregateRevision:
    """One row of `aggregate_revisions`, column by column."""

    level: str
    department_id: str
    scope: str
    period_kind: str
    period_start: date
    period_end: date
    definition_id: str
    old_known_at: datetime
    new_known_at: datetime
    old_ratio: float
    new_ratio: float
    service_id: str
    effect_pp: float
    effect_kind: str


@dataclass(frozen=True)
class State:
    """What was known at a publication: the measured quarters of each body, and whose and of which
    offer each measured service was."""

    known_at: datetime
    first: date
    last: date
    bodies: Mapping[OneBody, Mapping[Unit, Counts]]
    departments: Mapping[str, str]
    offers: Mapping[str, str]
    definition_id: str


def state(found: Activity, owners: Owners, known_at: datetime) -> State:
    """The state of a publication."""
    measured = [one for one in found.quarters if one.is_measured]
    services = {one.service_id for one in measured}
    departments = {
        service_id: owners.owner(service_id, CURRENT, date.max)[0] for service_id in services
    }
    bodies: dict[OneBody, dict[Unit, Counts]] = {}
    for scope in SCOPES:
        for one in of_scope(measured, scope):
            for body in (
                (GOVERNMENT, WHOLE_GOVERNMENT, scope),
                (DEPARTMENT, departments[one.service_id], scope),
            ):
                bodies.setdefault(body, {})[one.service_id, one.quarter] = counts_of(one)
    offers = {one.service_id: one.offer for one in measured}
    definition_id = found.quarters[0].definition_id
    return State(known_at, found.first, found.last, bodies, departments, offers, definition_id)


def counts_of(one: ServiceQuarter) -> Counts:
    return one.digital or 0, one.total or 0


def total(counts: Mapping[Unit, Counts]) -> Counts:
    """Digital count and total of some quarters."""
    return sum(d for d, _ in counts.values()), sum(t for _, t in counts.values())


def in_period(units: Mapping[Unit, Counts], period: Period) -> dict[Unit, Counts]:
    quarters = set(quarters_of(period.kind, period.start))
    return {unit: counts for unit, counts in units.items() if unit[1] in quarters}


def effects(
    old: Mapping[Unit, Counts], new: Mapping[Unit, Counts]
) -> dict[str, tuple[float, float, float]]:
    """Per service that differs: what came, what was withdrawn and what was restated, in points.
    Rule: a quarter that is there at both moments moves the figure by 100 x (change of its digital
    count - R x change of its total) / T, R and T being the middle of those common to both; one
    that is there at one moment weighs 100 x w x (r - R^C) there."""
    both = old.keys() & new.keys()
    old_digital, old_total = total({unit: old[unit] for unit in both})
    new_digital, new_total = total({unit: new[unit] for unit in both})
    (old_all_digital, old_all), (new_all_digital, new_all) = total(old), total(new)
    middle = (old_all_digital / old_all + new_all_digital / new_all) / 2
    if old_total or new_total:
        old_middle = old_digital / old_total if old_total else new_digital / new_total
        new_middle = new_digital / new_total if new_total else old_middle
    else:
        old_middle = new_middle = middle
    found: dict[str, tuple[float, float, float]] = {}
    for unit in old.keys() | new.keys():
        if old.get(unit) == new.get(unit):
            continue
        came = withdrawn = restated = 0.0
        if unit not in old:
            digital, count = new[unit]
            came = 100 * (digital - count * new_middle) / new_all
        elif unit not in new:
            digital, count = old[unit]
            withdrawn = -100 * (digital - count * old_middle) / old_all
        elif old_total + new_total:
            moved_digital, moved_total = (b - a for a, b in zip(old[unit], new[unit], strict=True))
            rest = moved_digital - (old_middle + new_middle) / 2 * moved_total
            restated = 100 * rest / ((old_total + new_total) / 2)
        before = found.get(unit[0], (0.0, 0.0, 0.0))
        found[unit[0]] = (before[0] + came, before[1] + withdrawn, before[2] + restated)
    return found


def was_moved(service_id: str, old: State, new: State) -> bool:
    """Whether a service is another department's at the later moment."""
    return old.departments[service_id] != new.departments[service_id]


def kind(
    service_id: str, body: OneBody, parts: tuple[float, float, float], old: State, new: State
) -> str:
    """Rule: another department's, or in the scope at one moment only; else the largest part."""
    level, _, scope = body
    is_at_both = service_id in old.offers and service_id in new.offers
    if is_at_both and level == DEPARTMENT and was_moved(service_id, old, new):
        return "moved_department"
    if (
        is_at_both
        and scope != ALL_SERVICES
        and ((old.offers[service_id] == OFFERS_BOTH) != (new.offers[service_id] == OFFERS_BOTH))
    ):
        return "scope"
    came, withdrawn, restated = (abs(part) for part in parts)
    if came > withdrawn and came > restated:
        return "came"
    return "withdrawn" if withdrawn > restated else "restated"


def revisions_between(old: State, new: State) -> Iterator[AggregateRevision]:
    """The rows of two publications that follow each other."""
    first, last = max(old.first, new.first), min(old.last, new.last)
    periods = [
        period
        for end in quarters_from_to(first, last)
        for period in [Period(QUARTER, end, quarter_end(end)), *periods_ending_with(end)]
        if period.start >= first
    ]
    for body in old.bodies.keys() & new.bodies.keys():
        if old.bodies[body] == new.bodies[body]:
            continue
        for period in periods:
            before = in_period(old.bodies[body], period)
            after = in_period(new.bodies[body], period)
            (old_digital, old_total), (new_digital, new_total) = total(before), total(after)
            if not old_total or not new_total:
                continue
            for service_id, parts in effects(before, after).items():
                yield AggregateRevision(
                    level=body[0],
                    department_id=body[1],
                    scope=body[2],
                    period_kind=period.kind,
                    period_start=period.start,
                    period_end=period.end,
                    definition_id=new.definition_id,
                    old_known_at=old.known_at,
                    new_known_at=new.known_at,
                    old_ratio=old_digital / old_total,
                    new_ratio=new_digital / new_total,
                    service_id=service_id,
                    effect_pp=sum(parts),
                    effect_kind=kind(service_id, body, parts, old, new),
                )
