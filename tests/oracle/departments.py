"""Take-up of the government, its departments and their organisations: sum over sum of what was
measured, and how much of them that is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle.activity import (
    DIGITAL_ONLY,
    LAPSED,
    MEASURED,
    NEVER_DIGITAL,
    NEVER_RETURNED,
    NOT_RETURNED,
    OFFERS_BOTH,
    WITHOUT_DIGITAL,
    Activity,
    ServiceQuarter,
)
from tests.oracle.knowledge import DatedListing
from tests.oracle.periods import (
    QUARTER,
    Period,
    periods_ending_with,
    quarter_end,
    shift_quarters,
    year_of_quarters,
)
from tests.oracle.registers import Registers

GOVERNMENT = "government"
DEPARTMENT = "department"
ORGANISATION = "organisation"
WHOLE_GOVERNMENT = "all"
AS_AT_PERIOD = "as_at_period"
CURRENT = "current"
STRUCTURES = (AS_AT_PERIOD, CURRENT)
ALL_SERVICES = "all"
SCOPES = (ALL_SERVICES, OFFERS_BOTH)
IN_PART = "in_part"
ENOUGH = 0.94


@dataclass(frozen=True, slots=True)
class Body:
    """Whose take-up it is, and by which structure services were gathered."""

    level: str
    department_id: str
    organisation_id: str | None
    structure: str


@dataclass(frozen=True, slots=True)
class DepartmentTakeUp:
    """One row of `department_take_up`, column by column."""

    level: str
    department_id: str
    organisation_id: str | None
    structure: str
    is_closed: bool
    period_kind: str
    period_start: date
    period_end: date
    definition_id: str
    scope: str
    digital_count: int | None
    total_count: int | None
    take_up_ratio: float | None
    take_up_lower: float | None
    take_up_upper: float | None
    services_active: int
    services_measured: int
    services_in_part: int
    services_without_digital: int
    services_not_returned: int
    services_lapsed: int
    services_never_returned: int
    coverage_ratio: float | None
    coverage_status: str
    offline_count: int | None
    largest_service_id: str | None
    largest_service_share: float | None
    services_never_digital: int
    never_digital_count: int
    services_digital_only: int
    digital_only_count: int


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose each service is, as of a moment."""

    listings: Mapping[str, Sequence[DatedListing]]
    registers: Registers
    moment: datetime

    def owner(self, service_id: str, structure: str, period_end: date) -> tuple[str, str | None]:
        """Department and organisation of a service. A service that no publication lists is whose
        the register says."""
        listings = self.listings.get(service_id)
        if not listings:
            department_id = self.registers.service(service_id).department_id
            is_current = structure == CURRENT
            return self.registers.successor(department_id) if is_current else department_id, None
        if structure == CURRENT:
            department_id, organisation_id = self.printed(listings[-1])
            return self.registers.successor(department_id), organisation_id
        return self.owner_at_period(listings, period_end)

    def owner_at_period(
        self, listings: Sequence[DatedListing], day: date
    ) -> tuple[str, str | None]:
        """Rule: the latest listing of the day whose department lives on it, else the next one whose
        department does, else the predecessor of the earliest one's."""
        living = [dated for dated in listings if self.registers.lives(self.printed(dated)[0], day)]
        if by_then := [dated for dated in living if dated.published_on <= day]:
            return self.printed(by_then[-1])
        if living:
            return self.printed(living[0])
        department_id, organisation_id = self.printed(listings[0])
        for predecessor in self.registers.predecessors(department_id):
            if self.registers.lives(predecessor, day):
                return predecessor, organisation_id
        return department_id, organisation_id

    def printed(self, dated: DatedListing) -> tuple[str, str | None]:
        """Department and organisation as a listing names them."""
        listing = dated.listing
        return (
            self.registers.department_id(listing.department_name, listing.department_abbreviation),
            self.registers.organisation_id(listing.organisation_name),
        )


@dataclass(frozen=True, slots=True)
class ServicePeriod:
    """A service in a period: what it is, and the sums of its measured quarters."""

    service_id: str
    status: str
    offer: str
    digital: int
    total: int
    unmeasured: int

    @property
    def is_counted(self) -> bool:
        return self.status in (MEASURED, IN_PART)


def service_period(quarters: Sequence[ServiceQuarter]) -> ServicePeriod:
    """Rule: measured in each of its quarters, in part in some, else what it is in the last."""
    measured = [quarter for quarter in quarters if quarter.is_measured]
    if len(measured) == len(quarters):
        status = MEASURED
    elif measured:
        status = IN_PART
    else:
        status = max(quarters, key=lambda quarter: quarter.quarter).status
    return ServicePeriod(
        service_id=quarters[0].service_id,
        status=status,
        offer=quarters[0].offer,
        digital=sum(quarter.digital or 0 for quarter in measured),
        total=sum(quarter.total or 0 for quarter in measured),
        unmeasured=sum(quarter.unmeasured or 0 for quarter in quarters),
    )


def quarters_by_period(found: Activity) -> dict[Period, list[list[ServiceQuarter]]]:
    """Per period the active quarters of each service; years only where all four quarters are known
    of somebody."""
    by_quarter: dict[date, list[ServiceQuarter]] = {}
    for quarter in found.quarters:
        by_quarter.setdefault(quarter.quarter, []).append(quarter)
    periods: dict[Period, list[list[ServiceQuarter]]] = {}
    for last, quarters in by_quarter.items():
        periods[Period(QUARTER, last, quarter_end(last))] = [[one] for one in quarters]
        if shift_quarters(last, -3) < found.first:
            continue
        of_service: dict[str, list[ServiceQuarter]] = {}
        for start in year_of_quarters(last):
            for one in by_quarter.get(start, []):
                of_service.setdefault(one.service_id, []).append(one)
        for period in periods_ending_with(last):
            periods[period] = list(of_service.values())
    return periods


def bodies(service_id: str, period_end: date, owners: Owners) -> Iterator[Body]:
    """The bodies that a service counts towards: the government, a department and an
    organisation, by each structure."""
    for structure in STRUCTURES:
        department_id, organisation_id = owners.owner(service_id, structure, period_end)
        yield Body(GOVERNMENT, WHOLE_GOVERNMENT, None, structure)
        yield Body(DEPARTMENT, department_id, None, structure)
        if organisation_id is not None:
            yield Body(ORGANISATION, department_id, organisation_id, structure)


def coverage_status(coverage: float | None, members: Sequence[ServicePeriod]) -> str:
    """Rule: complete where every service is measured, partial from 0.94 on."""
    if all(member.status == MEASURED for member in members):
        return "complete"
    return "partial" if coverage is not None and coverage >= ENOUGH else "too_incomplete"


def body_row(
    body: Body,
    period: Period,
    definition_id: str,
    scope: str,
    everybody: Sequence[ServicePeriod],
    *,
    is_closed: bool,
) -> DepartmentTakeUp | None:
    """One row, or none where the scope holds no service."""
    members = [one for one in everybody if scope == ALL_SERVICES or one.offer == OFFERS_BOTH]
    if not members:
        return None
    counted = [member for member in members if member.is_counted]
    digital, total = (sum(getattr(one, part) for one in counted) for part in ("digital", "total"))
    unmeasured = sum(member.unmeasured for member in members)
    volume = total + unmeasured
    coverage = total / volume if volume else None
    largest = max(counted, key=lambda one: (one.total, one.service_id)) if total else None
    statuses = [member.status for member in members]
    never = [one for one in everybody if one.offer == NEVER_DIGITAL]
    only = [one for one in everybody if one.offer == DIGITAL_ONLY]
    return DepartmentTakeUp(
        level=body.level,
        department_id=body.department_id,
        organisation_id=body.organisation_id,
        structure=body.structure,
        is_closed=is_closed,
        period_kind=period.kind,
        period_start=period.start,
        period_end=period.end,
        definition_id=definition_id,
        scope=scope,
        digital_count=digital if counted else None,
        total_count=total if counted else None,
        take_up_ratio=digital / total if total else None,
        take_up_lower=digital / volume if volume else None,
        take_up_upper=(digital + unmeasured) / volume if volume else None,
        services_active=len(members),
        services_measured=statuses.count(MEASURED),
        services_in_part=statuses.count(IN_PART),
        services_without_digital=statuses.count(WITHOUT_DIGITAL),
        services_not_returned=statuses.count(NOT_RETURNED),
        services_lapsed=statuses.count(LAPSED),
        services_never_returned=statuses.count(NEVER_RETURNED),
        coverage_ratio=coverage,
        coverage_status=coverage_status(coverage, members),
        offline_count=total - digital if counted else None,
        largest_service_id=largest.service_id if largest else None,
        largest_service_share=largest.total / total if largest else None,
        services_never_digital=len(never),
        never_digital_count=sum(one.total for one in never),
        services_digital_only=len(only),
        digital_only_count=sum(one.total for one in only),
    )


def department_take_up(found: Activity | None, owners: Owners) -> list[DepartmentTakeUp]:
    """All rows of `department_take_up`."""
    if found is None:
        return []
    definition_id = found.quarters[0].definition_id
    rows = []
    for period, services in quarters_by_period(found).items():
        gathered: dict[Body, list[ServicePeriod]] = {}
        for quarters in services:
            service = service_period(quarters)
            for body in bodies(service.service_id, period.end, owners):
                gathered.setdefault(body, []).append(service)
        for body, members in gathered.items():
            is_closed = (
                body.structure == CURRENT
                and body.level != GOVERNMENT
                and owners.registers.has_ended(body.department_id, owners.moment.date())
            )
            rows += [
                body_row(body, period, definition_id, scope, members, is_closed=is_closed)
                for scope in SCOPES
            ]
    return [row for row in rows if row is not None]


def of_scope(quarters: Iterable[ServiceQuarter], scope: str) -> list[ServiceQuarter]:
    """The service-quarters of a scope."""
    return [one for one in quarters if scope == ALL_SERVICES or one.offer == OFFERS_BOTH]
