"""Figures that changed between two publications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from tests.oracle.knowledge import LONDON, Statement
from tests.oracle.periods import QUARTER, quarter_end
from tests.oracle.vintages import CellKey, Vintage

RESTATED = "restated"
WITHDRAWN = "withdrawn"
FIRST_GIVEN = "first_given"

StatedCauses = Mapping[tuple[str, str, date], str]
"""The register of causes: by service, quantity and London day of the publication."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One row of `revisions` of volumes, column by column. `quantity` is `digital_count` or
    `total_count`, whole numbers in a column that holds shares too."""

    service_id: str
    period_kind: str
    period_start: date
    period_end: date
    quantity: str
    old_value: float | None
    new_value: float | None
    old_known_at: datetime
    new_known_at: datetime
    timing: str
    cause: str | None
    relative_size: float | None
    effect_pp: float | None
    input: str

    @property
    def change(self) -> str:
        """Restated (a number for a number), withdrawn (a number taken back) or first given."""
        if self.new_value is None:
            return WITHDRAWN
        return FIRST_GIVEN if self.old_value is None else RESTATED


def scheduled_vintages(vintages: Sequence[Vintage]) -> frozenset[str]:
    """The vintages that brought a quarter that none before them had. The others were published
    between two releases."""
    seen: set[date] = set()
    scheduled = set()
    for vintage in vintages:
        if vintage.quarters - seen:
            scheduled.add(vintage.name)
        seen |= vintage.quarters
    return frozenset(scheduled)


def timing(history: Sequence[Statement], place: int, scheduled: frozenset[str]) -> str:
    """Rule: a first value has no number before it, ever; else a change came in a publication that
    adds a period, or in one between two such."""
    new = history[place]
    if new.count is not None and all(earlier.count is None for earlier in history[:place]):
        return "first_value"
    return "with_scheduled_release" if new.vintage in scheduled else "between_releases"


def relative_size(old: int | None, new: int | None) -> float | None:
    """Rule: the change as a share of the old value; null from zero."""
    return None if not old or new is None else (new - old) / old


def count_at(history: Sequence[Statement], moment: datetime, *, before: bool) -> int | None:
    """A cell's value at a moment, or just before it."""
    known = [
        one for one in history if one.known_at < moment or (one.known_at == moment and not before)
    ]
    return known[-1].count if known else None


def take_up_at(
    histories: Mapping[CellKey, Sequence[Statement]],
    key: CellKey,
    moment: datetime,
    *,
    before: bool,
) -> float | None:
    """A service's take-up of a quarter at a moment, or just before it; None where a part is
    missing, there are no transactions or the parts contradict each other."""
    digital, total = (
        count_at(histories.get(replace(key, part=part), ()), moment, before=before)
        for part in ("digital", "total")
    )
    if digital is None or not total or digital > total:
        return None
    return digital / total


def effect(
    histories: Mapping[CellKey, Sequence[Statement]], key: CellKey, moment: datetime
) -> float | None:
    """Rule: the points by which take-up is another from a moment on, once for both parts: beside
    the digital count where it changed."""
    if key.part == "total" and moment in changes_of(
        histories.get(replace(key, part="digital"), ())
    ):
        return None
    old, new = (take_up_at(histories, key, moment, before=before) for before in (True, False))
    return None if old is None or new is None else 100 * (new - old)


def changes_of(history: Sequence[Statement]) -> set[datetime]:
    """The moments at which a cell that had been given before changed."""
    return {statement.known_at for statement in history[1:]}


def revisions(
    histories: Mapping[CellKey, Sequence[Statement]],
    vintages: Sequence[Vintage],
    causes: StatedCauses,
    moment: datetime,
) -> list[Revision]:
    """All rows of `revisions`: one per change of a quarter's cell that was known at the moment."""
    scheduled = scheduled_vintages(vintages)

    def rows() -> Iterator[Revision]:
        for key, history in histories.items():
            for place, (old, new) in enumerate(pairwise(history), start=1):
                if new.known_at > moment:
                    continue
                quantity = f"{key.part}_count"
                published_on = new.known_at.astimezone(LONDON).date()
                yield Revision(
                    service_id=key.service_id,
                    period_kind=QUARTER,
                    period_start=key.quarter,
                    period_end=quarter_end(key.quarter),
                    quantity=quantity,
                    old_value=old.count,
                    new_value=new.count,
                    old_known_at=old.known_at,
                    new_known_at=new.known_at,
                    timing=timing(history, place, scheduled),
                    cause=None
                    if old.count is None
                    else causes.get((key.service_id, quantity, published_on)),
                    relative_size=relative_size(old.count, new.count),
                    effect_pp=effect(histories, key, new.known_at),
                    input=new.vintage,
                )

    return list(rows())
