"""Lists of services: who has not returned, and where the offline transactions are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.oracle.activity import NEVER_DIGITAL, UNKNOWN, Activity, ServiceQuarter
from tests.oracle.departments import CURRENT, Owners
from tests.oracle.periods import (
    periods_ending_with,
    quarter_end,
    quarters_from_to,
    shift_quarters,
    year_of_quarters,
)


@dataclass(frozen=True, slots=True)
class Unmeasured:
    """One row of `unmeasured_services`, column by column."""

    department_id: str
    period_start: date
    period_end: date
    service_id: str
    status: str
    definition_id: str
    last_total_count: int | None
    last_period_end: date | None
    assumed_count: int | None


@dataclass(frozen=True, slots=True)
class OfflineVolume:
    """One row of `offline_volumes`, column by column."""

    service_id: str
    period_kind: str
    period_start: date
    period_end: date
    offline_count: int
    total_count: int
    offline_share: float | None
    cumulative_share: float | None
    change_count: int | None
    offers_digital: bool
    quarters_measured: int
    quarters_compared: int


def unmeasured_services(found: Activity | None, owners: Owners) -> list[Unmeasured]:
    """All rows of `unmeasured_services`."""
    return [
        Unmeasured(
            department_id=owners.owner(one.service_id, CURRENT, one.quarter)[0],
            period_start=one.quarter,
            period_end=quarter_end(one.quarter),
            service_id=one.service_id,
            status=one.status,
            definition_id=one.definition_id,
            last_total_count=one.last_total,
            last_period_end=one.last_quarter,
            assumed_count=one.unmeasured,
        )
        for one in (found.quarters if found else [])
        if not one.is_measured
    ]


def offline(one: ServiceQuarter) -> int:
    """Transactions of a measured quarter that were not digital."""
    return (one.total or 0) - (one.digital or 0)


def offline_volumes(found: Activity | None) -> list[OfflineVolume]:
    """All rows of `offline_volumes`: per year the services in order of what they have offline."""
    if found is None:
        return []
    measured = {(one.service_id, one.quarter): one for one in found.quarters if one.is_measured}
    services = sorted({service_id for service_id, _ in measured})
    rows = []
    for last in quarters_from_to(shift_quarters(found.first, 3), found.last):
        years = {
            service_id: [
                measured[service_id, quarter]
                for quarter in year_of_quarters(last)
                if (service_id, quarter) in measured
            ]
            for service_id in services
        }
        sums = {
            service_id: sum(offline(one) for one in quarters)
            for service_id, quarters in years.items()
            if quarters
        }
        whole, so_far = sum(sums.values()), 0
        for service_id in sorted(sums, key=lambda service_id: (-sums[service_id], service_id)):
            so_far += sums[service_id]
            pairs = [
                (one, before)
                for one in years[service_id]
                if (before := measured.get((service_id, shift_quarters(one.quarter, -4))))
            ]
            rows += [
                OfflineVolume(
                    service_id=service_id,
                    period_kind=period.kind,
                    period_start=period.start,
                    period_end=period.end,
                    offline_count=sums[service_id],
                    total_count=sum(one.total or 0 for one in years[service_id]),
                    offline_share=sums[service_id] / whole if whole else None,
                    cumulative_share=so_far / whole if whole else None,
                    change_count=(
                        sum(offline(one) - offline(before) for one, before in pairs)
                        if pairs
                        else None
                    ),
                    offers_digital=years[service_id][0].offer not in (NEVER_DIGITAL, UNKNOWN),
                    quarters_measured=len(years[service_id]),
                    quarters_compared=len(pairs),
                )
                for period in periods_ending_with(last)
            ]
    return rows
