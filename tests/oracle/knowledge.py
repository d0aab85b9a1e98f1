"""What was known at a moment: the newest value of each cell, and who listed each service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tests.oracle.vintages import CellKey, Listing, Vintage

LONDON = ZoneInfo("Europe/London")
PROVIDED = "provided"
NOT_PROVIDED = "not_provided"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Statement:
    """A value that a publication gave a cell and that the one before it did not."""

    known_at: datetime
    count: int | None
    vintage: str


@dataclass(frozen=True, slots=True)
class CellState:
    """A cell as of a moment. `known_at` is since when it has had this value without a break."""

    count: int | None
    value_status: str
    known_at: datetime


@dataclass(frozen=True, slots=True)
class DatedListing:
    """A listing with the London day on which it was published."""

    published_on: date
    published_at: datetime
    listing: Listing


def statements_by_cell(vintages: Iterable[Vintage]) -> dict[CellKey, list[Statement]]:
    """The history of each cell, changes only. A vintage that does not list the service, or has no
    column for the quarter, says nothing and so changes nothing."""
    histories: dict[CellKey, list[Statement]] = {}
    for vintage in vintages:
        for key, count in vintage.counts.items():
            history = histories.setdefault(key, [])
            if not history or history[-1].count != count:
                history.append(Statement(vintage.published_at, count, vintage.name))
    return histories


def cell_state(history: Sequence[Statement], moment: datetime) -> CellState | None:
    """Rule: the newest value that is known wins. Where it is no number, it is withdrawn if any
    earlier known vintage had a number, else it was never provided."""
    known = [statement for statement in history if statement.known_at <= moment]
    if not known:
        return None
    newest = known[-1]
    if newest.count is not None:
        value_status = PROVIDED
    elif any(statement.count is not None for statement in known):
        value_status = WITHDRAWN
    else:
        value_status = NOT_PROVIDED
    return CellState(newest.count, value_status, newest.known_at)


def cells_as_of(
    histories: Mapping[CellKey, Sequence[Statement]], moment: datetime
) -> dict[CellKey, CellState]:
    """All cells that any vintage known at the moment gave, blanks included."""
    states = {key: cell_state(history, moment) for key, history in histories.items()}
    return {key: state for key, state in states.items() if state is not None}


def listings_as_of(vintages: Iterable[Vintage], moment: datetime) -> dict[str, list[DatedListing]]:
    """Per service, its listings in the vintages known at the moment, oldest first."""
    listings: dict[str, list[DatedListing]] = {}
    for vintage in vintages:
        if vintage.published_at > moment:
            continue
        published_on = vintage.published_at.astimezone(LONDON).date()
        for service_id, listing in vintage.listings.items():
            dated = DatedListing(published_on, vintage.published_at, listing)
            listings.setdefault(service_id, []).append(dated)
    return listings


def listing_at_period(listings: Sequence[DatedListing], period_end: date) -> Listing:
    """Rule: whose service it was at a period is what the latest vintage published by the period's
    last day says, else what the earliest known vintage says."""
    by_then = [dated for dated in listings if dated.published_on <= period_end]
    return (by_then[-1] if by_then else listings[0]).listing


def current_listing(listings: Sequence[DatedListing]) -> Listing:
    """What the latest known vintage that lists the service says."""
    return listings[-1].listing
