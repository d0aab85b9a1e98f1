"""Take-up of the government, its departments and their organisations: sum over sum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tests.oracle.knowledge import DatedListing, current_listing, listing_at_period
from tests.oracle.periods import Period
from tests.oracle.registers import Registers
from tests.oracle.take_up import TakeUp

GOVERNMENT = "government"
DEPARTMENT = "department"
ORGANISATION = "organisation"
WHOLE_GOVERNMENT = "all"
AS_AT_PERIOD = "as_at_period"
CURRENT = "current"
STRUCTURES = (AS_AT_PERIOD, CURRENT)


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
    period_kind: str
    period_start: date
    period_end: date
    definition_id: str
    digital_count: int | None
    total_count: int | None
    take_up_ratio: float | None
    services_measured: int
    services_expected: int


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose each service is, as of a moment."""

    listings: Mapping[str, Sequence[DatedListing]]
    registers: Registers

    def owner(self, service_id: str, structure: str, period_end: date) -> tuple[str, str | None]:
        """Department and organisation of a service. Rule: as at the period, what was printed then;
        by today's structure, what was printed last, with the department's successor in its place.
        """
        listings = self.listings[service_id]
        if structure == AS_AT_PERIOD:
            listing = listing_at_period(listings, period_end)
        else:
            listing = current_listing(listings)
        department_id = self.registers.department_id(
            listing.department_name, listing.department_abbreviation
        )
        if structure == CURRENT:
            department_id = self.registers.successor(department_id)
        return department_id, self.registers.organisation_id(listing.organisation_name)


def bodies(row: TakeUp, owners: Owners) -> Iterator[Body]:
    """The bodies that a service's row counts towards: the government, a department and an
    organisation, by each structure."""
    for structure in STRUCTURES:
        department_id, organisation_id = owners.owner(row.service_id, structure, row.period_end)
        yield Body(GOVERNMENT, WHOLE_GOVERNMENT, None, structure)
        yield Body(DEPARTMENT, department_id, None, structure)
        if organisation_id is not None:
            yield Body(ORGANISATION, department_id, organisation_id, structure)


def body_row(
    body: Body, period: Period, definition_id: str, rows: list[TakeUp]
) -> DepartmentTakeUp:
    """Rule: the sums of the services that have a ratio for the period, and how many of how many;
    no sums where none has one."""
    measured = [row for row in rows if row.is_complete]
    digital = sum(row.digital_count or 0 for row in measured)
    total = sum(row.total_count or 0 for row in measured)
    return DepartmentTakeUp(
        level=body.level,
        department_id=body.department_id,
        organisation_id=body.organisation_id,
        structure=body.structure,
        period_kind=period.kind,
        period_start=period.start,
        period_end=period.end,
        definition_id=definition_id,
        digital_count=digital if measured else None,
        total_count=total if measured else None,
        take_up_ratio=digital / total if measured else None,
        services_measured=len(measured),
        services_expected=len(rows),
    )


def department_take_up(rows: Iterable[TakeUp], owners: Owners) -> list[DepartmentTakeUp]:
    """All rows of `department_take_up`. Stocks are no transactions and stay out."""
    gathered: dict[tuple[Body, Period, str], list[TakeUp]] = {}
    for row in rows:
        if not owners.registers.is_flow(row.service_id):
            continue
        for body in bodies(row, owners):
            gathered.setdefault((body, row.period, row.definition_id), []).append(row)
    return [body_row(*key, members) for key, members in gathered.items()]
