"""How rows of a published mart are held against the oracle's.

Counts, dates and words agree exactly, ratios within 1e-12, percentage points within 1e-10, the
parts of a decomposition within 1e-9.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from operator import attrgetter, is_, itemgetter
from typing import Any, get_type_hints

from tests.oracle.aggregate_revisions import AggregateRevision
from tests.oracle.channel_shift import ChannelShift
from tests.oracle.decomposition import Contribution, Decomposition, LikeForLike
from tests.oracle.departments import DepartmentTakeUp
from tests.oracle.lists import OfflineVolume, Unmeasured
from tests.oracle.revisions import Revision
from tests.oracle.take_up import TakeUp
from tests.oracle.targets import TargetAttainment

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN_DIFFERENCES = 10


@dataclass(frozen=True)
class Mart:
    """How a mart is compared: the oracle's row, the columns that name one, and tolerances."""

    name: str
    row: type
    key: tuple[str, ...]
    left_out: frozenset[str] = frozenset()
    percentage_point_tolerance: float = 1e-10

    @property
    def columns(self) -> list[str]:
        return [column.name for column in fields(self.row) if column.name not in self.left_out]

    def tolerance(self, column: str) -> float:
        if column.endswith("_pp") or "_pp_" in column:
            return self.percentage_point_tolerance
        return 1e-12 if get_type_hints(self.row)[column] in (float, float | None) else 0.0

    def selection(self) -> str:
        """The select list; moments as microseconds, which need no time zone library."""
        hints = get_type_hints(self.row)
        return ", ".join(
            f"epoch_us({column}) as {column}" if hints[column] is datetime else column
            for column in self.columns
        )


PERIOD = ("period_kind", "period_start", "period_end", "definition_id")
TAKE_UP_KEY = ("service_id", *PERIOD, "measure", "basis")
TAKE_UP = Mart("take_up", TakeUp, TAKE_UP_KEY)
TAKE_UP_HEADLINE = Mart("take_up_headline", TakeUp, TAKE_UP_KEY)
DEPARTMENT_TAKE_UP = Mart(
    "department_take_up",
    DepartmentTakeUp,
    ("level", "department_id", "organisation_id", "structure", "scope", *PERIOD),
)
CHANNEL_SHIFT = Mart("channel_shift", ChannelShift, ("service_id", *PERIOD))
CHANGE_KEY = ("level", "department_id", "organisation_id", "scope", *PERIOD, "comparison")
DECOMPOSITION = Mart(
    "channel_shift_decomposition",
    Decomposition,
    CHANGE_KEY,
    percentage_point_tolerance=1e-9,
)
CONTRIBUTIONS = Mart(
    "channel_shift_contributions",
    Contribution,
    (*CHANGE_KEY, "service_id"),
    percentage_point_tolerance=1e-9,
)
LIKE_FOR_LIKE = Mart(
    "take_up_like_for_like",
    LikeForLike,
    ("level", "department_id", "scope", *PERIOD),
    percentage_point_tolerance=1e-9,
)
UNMEASURED_SERVICES = Mart("unmeasured_services", Unmeasured, ("service_id", "period_start"))
OFFLINE_VOLUMES = Mart(
    "offline_volumes", OfflineVolume, ("service_id", "period_kind", "period_start")
)
AGGREGATE_REVISIONS = Mart(
    "aggregate_revisions",
    AggregateRevision,
    ("level", "department_id", "scope", *PERIOD, "new_known_at", "service_id"),
    percentage_point_tolerance=1e-9,
)
TARGET_ATTAINMENT = Mart(
    "target_attainment",
    TargetAttainment,
    ("target_id",),
)
REVISIONS = Mart(
    "revisions",
    Revision,
    ("service_id", "period_kind", "period_start", "quantity", "new_known_at"),
)


def oracle_rows(rows: Sequence[Any], mart: Mart) -> list[tuple[Any, ...]]:
    """The oracle's rows as tuples of the mart's columns, moments as microseconds."""
    hints = get_type_hints(mart.row)
    moments = [place for place, column in enumerate(mart.columns) if hints[column] is datetime]
    values_of = attrgetter(*mart.columns)
    found = []
    for row in rows:
        values = list(values_of(row))
        for place in moments:
            values[place] = (values[place] - EPOCH) // timedelta(microseconds=1)
        found.append(tuple(values))
    return found


def agrees(ours: Any, theirs: Any, tolerance: float) -> bool:
    """Whether two values of a column are the same; null is like null only."""
    if ours is None or theirs is None or not tolerance:
        return type(ours) is type(theirs) and bool(ours == theirs)
    return bool(abs(ours - theirs) <= tolerance)


def by_key(rows: Sequence[tuple[Any, ...]], mart: Mart) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    key_of = itemgetter(*[mart.columns.index(column) for column in mart.key])
    return {key_of(row): row for row in rows}


def row_differences(
    key: tuple[Any, ...],
    expected: tuple[Any, ...],
    actual: tuple[Any, ...],
    columns: Sequence[tuple[str, float]],
) -> Iterator[str]:
    for (column, tolerance), ours, theirs in zip(columns, expected, actual, strict=True):
        if not agrees(ours, theirs, tolerance):
            yield f"{key}: {column}: oracle {ours!r}, published {theirs!r}"


def differences(
    expected: Sequence[tuple[Any, ...]], actual: Sequence[tuple[Any, ...]], mart: Mart
) -> list[str]:
    """Every disagreement as a line: rows that only one has, rows twice, values that differ."""
    ours, theirs = by_key(expected, mart), by_key(actual, mart)
    assert len(ours) == len(expected), f"the oracle has a row of {mart.name} twice"
    found = [] if len(theirs) == len(actual) else [f"{len(actual) - len(theirs)} rows twice"]
    found += [f"{key}: published only: {theirs[key]}" for key in theirs.keys() - ours.keys()]
    found += [f"{key}: oracle only: {ours[key]}" for key in ours.keys() - theirs.keys()]
    columns = [(column, mart.tolerance(column)) for column in mart.columns]
    for key in ours.keys() & theirs.keys():
        if not is_identical(ours[key], theirs[key]):
            found.extend(row_differences(key, ours[key], theirs[key], columns))
    return sorted(found)


def is_identical(ours: tuple[Any, ...], theirs: tuple[Any, ...]) -> bool:
    """Whether two rows hold the same values of the same types: most do, and need no closer look."""
    return ours == theirs and all(map(is_, map(type, ours), map(type, theirs)))


def summary(found: Sequence[str], mart: Mart) -> str:
    """The first differences and, in brief, how many there are of which column."""
    kinds = Counter(line.split(": ")[1] for line in found if ": " in line)
    shown = "\n".join(found[:SHOWN_DIFFERENCES])
    return f"{mart.name}: {len(found)} differences {dict(kinds)}\n{shown}"
