"""What every service that should be there is in a quarter, and the volume that nobody measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.oracle.knowledge import LONDON
from tests.oracle.periods import quarter_end, quarter_of, quarters_from_to, shift_quarters
from tests.oracle.registers import Registers
from tests.oracle.take_up import COMPLETE, NO_TRANSACTIONS, QUARTER, TakeUp
from tests.oracle.vintages import Vintage

MEASURED = "measured"
WITHOUT_DIGITAL = "without_digital"
NOT_RETURNED = "not_returned"
LAPSED = "lapsed"
NEVER_RETURNED = "never_returned"

OFFERS_BOTH = "offers_both"
NEVER_DIGITAL = "never_digital"
DIGITAL_ONLY = "digital_only"
SWITCHED = "switched"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ServiceQuarter:
    """An active service in a quarter. Counts are null unless it is measured, and `unmeasured` (the
    volume that is assumed of it) unless it is not."""

    service_id: str
    quarter: date
    definition_id: str
    status: str
    digital: int | None
    total: int | None
    unmeasured: int | None
    last_total: int | None
    last_quarter: date | None
    offer: str

    @property
    def is_measured(self) -> bool:
        return self.status == MEASURED


@dataclass(frozen=True, slots=True)
class Presence:
    """From when to when publications list a service; `since` is None for the first publication,
    `until` for the last one known."""

    since: date | None
    until: date | None


@dataclass(frozen=True, slots=True)
class Span:
    """From which quarter on a service is asked for its counts, and from which day no longer."""

    first_total: date | None
    first: date
    before: date

    def asks(self, quarter: date) -> bool:
        return self.first <= quarter < self.before


@dataclass(frozen=True)
class Activity:
    """All service-quarters as of a moment, and each service's span."""

    quarters: Sequence[ServiceQuarter]
    spans: Mapping[str, Span]
    first: date
    last: date


def presences(vintages: Sequence[Vintage], moment: datetime) -> dict[str, Presence]:
    """Rule: delisted by the first publication after the last one that lists the service."""
    known = [vintage for vintage in vintages if vintage.published_at <= moment]
    days = [vintage.published_at.astimezone(LONDON).date() for vintage in known]
    found: dict[str, tuple[int, int]] = {}
    for number, vintage in enumerate(known):
        for service_id in vintage.listings:
            first, _ = found.get(service_id, (number, number))
            found[service_id] = (first, number)
    return {
        service_id: Presence(
            None if first == 0 else days[first],
            None if last == len(known) - 1 else days[last + 1],
        )
        for service_id, (first, last) in found.items()
    }


def offer_of(rows: Iterable[TakeUp]) -> str:
    """Rule: both where one complete quarter shows at least 1% digital and at least 1% other."""
    digital = other = is_any = False
    for row in rows:
        if row.value_status != COMPLETE or row.digital_count is None or row.total_count is None:
            continue
        is_any = True
        has_digital = 100 * row.digital_count >= row.total_count
        has_other = 100 * (row.total_count - row.digital_count) >= row.total_count
        if has_digital and has_other:
            return OFFERS_BOTH
        digital, other = digital or has_digital, other or has_other
    if not is_any:
        return UNKNOWN
    if not digital:
        return NEVER_DIGITAL
    return SWITCHED if other else DIGITAL_ONLY


def span_of(
    rows: Sequence[TakeUp],
    presence: Presence | None,
    registered_from: date | None,
    ended_on: date | None,
) -> Span:
    """Rule: from the first known total; without any from the first listing (the first publication
    speaks for all time before it), the first day in the register or the first row. Until it is
    delisted, or the register has ended all of its channels."""
    totals = [row.period_start for row in rows if row.total_count is not None]
    first_total = min(totals, default=None)
    if first_total is not None:
        first = first_total
    elif presence is not None:
        first = date.min if presence.since is None else quarter_of(presence.since)
    elif registered_from is not None:
        first = date.min if registered_from == date.min else quarter_of(registered_from)
    else:
        first = min(row.period_start for row in rows)
    ends = [presence.until] if presence is not None and presence.until is not None else []
    if ended_on is not None:
        ends.append(ended_on + timedelta(days=1))
    return Span(first_total, first, min(ends, default=date.max))


def status_of(row: TakeUp | None, quarter: date, totals: Mapping[date, int]) -> str:
    """Rule: what a service is in a quarter, by its row and the totals that are known of it."""
    if row is not None and row.value_status in (COMPLETE, NO_TRANSACTIONS):
        return MEASURED
    if quarter in totals:
        return WITHOUT_DIGITAL
    if not totals:
        return NEVER_RETURNED
    year_before = [shift_quarters(quarter, -back) for back in (1, 2, 3, 4)]
    return NOT_RETURNED if any(past in totals for past in year_before) else LAPSED


def distance(one: date, other: date) -> int:
    """Quarters between two."""
    return abs((one.year - other.year) * 12 + one.month - other.month) // 3


def assumed_volume(status: str, quarter: date, totals: Mapping[date, int]) -> int | None:
    """Rule: the total where it is known; of what was not returned the nearest one, the earlier of
    two as near as each other; of what lapsed the last; of what never returned none."""
    if status == WITHOUT_DIGITAL:
        return totals[quarter]
    if status == NOT_RETURNED:
        return totals[min(totals, key=lambda other: (distance(quarter, other), other))]
    if status == LAPSED:
        return totals[max(other for other in totals if other < quarter)]
    return None


def quarters_of_service(
    service_id: str, rows: Sequence[TakeUp], span: Span, quarters: Iterable[date], definition: str
) -> Iterator[ServiceQuarter]:
    """The quarters in which a service is active: it is asked for its counts, or gave a total."""
    by_quarter = {row.period_start: row for row in rows}
    totals = {row.period_start: row.total_count for row in rows if row.total_count is not None}
    offer = offer_of(rows)
    for quarter in quarters:
        if not span.asks(quarter) and quarter not in totals:
            continue
        row = by_quarter.get(quarter)
        status = status_of(row, quarter, totals)
        last = max((other for other in totals if other < quarter), default=None)
        is_measured = status == MEASURED and row is not None
        yield ServiceQuarter(
            service_id=service_id,
            quarter=quarter,
            definition_id=definition,
            status=status,
            digital=row.digital_count if is_measured and row else None,
            total=row.total_count if is_measured and row else None,
            unmeasured=assumed_volume(status, quarter, totals),
            last_total=None if last is None else totals[last],
            last_quarter=None if last is None else quarter_end(last),
            offer=offer,
        )


def activity(
    rows: Iterable[TakeUp], vintages: Sequence[Vintage], registers: Registers, moment: datetime
) -> Activity | None:
    """All service-quarters between the first and the last total of any flow service; None where
    there is no total."""
    by_service: dict[str, list[TakeUp]] = {}
    for row in rows:
        if row.period_kind == QUARTER and registers.is_flow(row.service_id):
            by_service.setdefault(row.service_id, []).append(row)
    given = [
        row.period_start
        for found in by_service.values()
        for row in found
        if row.total_count is not None
    ]
    if not given:
        return None
    definition = next(iter(by_service.values()))[0].definition_id
    listed = presences(vintages, moment)
    known = by_service.keys() | listed.keys() | registers.expected_channels.keys()
    spans = {
        service_id: span_of(
            by_service.get(service_id, []),
            listed.get(service_id),
            registers.registered_from(service_id),
            registers.ended_on(service_id),
        )
        for service_id in known
        if registers.is_flow(service_id)
    }
    calendar = quarters_from_to(min(given), max(given))
    found = [
        quarter
        for service_id, span in sorted(spans.items())
        for quarter in quarters_of_service(
            service_id, by_service.get(service_id, []), span, calendar, definition
        )
    ]
    return Activity(found, spans, min(given), max(given))
