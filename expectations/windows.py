"""Volume and freshness, held against windows of the same kind: a Monday against Mondays before it.

`windows.yml` states the windows, `windows.sql` has the points of their series; an expectation for
each says which series are out of theirs. One with too few points, or too small ones, is not
checked, and counted.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from core.sql import quote
from expectations.contracts import read_yaml
from expectations.definitions import Expectation, Owner, Severity, Written
from expectations.derived import Contract
from expectations.workspace import Workspace

STATED: Final = Path(__file__).with_suffix(".yml")
POINTS: Final = Path(__file__).with_suffix(".sql")
TABLE: Final = "windows"
COLUMNS: Final = ("window_name subject began_on value points_count usual_value comparison").split()


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One window, as `windows.yml` states it (there is what each field means)."""

    name: str
    series: str
    same: str
    points: int
    least_points: int
    lowest: float
    highest: float | None = None
    least_value: int = 0
    severity: Severity
    owner: Owner
    means: str
    when_it_trips: str

    @property
    def in_words(self) -> str:
        """What the latest point is held against, and when it is not."""
        limits = [f"below {self.lowest:g} times"] if self.lowest else []
        limits += [] if self.highest is None else [f"above {self.highest:g} times"]
        least = f" or where nothing reaches {self.least_value:,}" if self.least_value else ""
        return (
            f"{self.series}: the latest against up to {self.points} before it of the same "
            f"{self.same}, not {' nor '.join(limits)} their middle value; not checked "
            f"with fewer than {self.least_points} of them{least}"
        )

    @property
    def expectation(self) -> Expectation:
        """That no series is out of this window."""
        return Expectation(
            name=self.name,
            severity=self.severity,
            means=self.means,
            when_it_trips=self.when_it_trips,
            owner=self.owner,
            window=self.in_words,
            unexpected_rows=(
                "select subject, began_on, value, points_count, usual_value, comparison\n"
                f"from batch\nwhere window_name = {quote(self.name)}\n"
                "    and comparison in ('below', 'above')"
            ),
        )


@cache
def windows() -> tuple[Window, ...]:
    """All windows, as they are stated.

    Raises:
        msgspec.ValidationError: a field is missing, unknown, or of another type.
    """
    return tuple(msgspec.convert(read_yaml(STATED.read_text("utf-8")), list[Window]))


def window_contract() -> Contract:
    """The contract of the table that `windows.sql` makes."""
    return Contract(
        table=TABLE,
        rows="window and series: its latest value, and what it is held against",
        columns={name: name != "usual_value" for name in COLUMNS},
        keys=(("window_name", "subject"),),
        accepted={"comparison": ("below", "usual", "above", "too_few", "too_small")},
    )


def window_suite() -> Written:
    """What is expected of that table: one expectation for each window."""
    return Written(
        gate="warehouse", table=TABLE, expectations=[one.expectation for one in windows()]
    )


def show_windows(workspace: Workspace) -> None:
    """Work the windows out, as the table `windows`."""
    rules = ", ".join(f"({', '.join(map(_sql, _rule(one)))})" for one in windows())
    workspace.execute(
        "create table window_rules as select * from (values "
        f"{rules}) as rules "
        "(name, series, points, least_points, lowest, highest, least_value)"
    )
    workspace.execute_all(POINTS)


def _rule(one: Window) -> tuple[Any, ...]:
    limits = (one.lowest, one.highest, one.least_value)
    return (one.name, one.series, one.points, one.least_points, *limits)


def _sql(value: Any) -> str:
    if value is None:
        return "null"
    return quote(value) if isinstance(value, str) else str(value)


def unchecked_series(workspace: Workspace, expectation: Expectation) -> int | None:
    """How many series an expectation could not check; nothing where it is of no window."""
    if expectation.window is None:
        return None
    return int(
        workspace.scalar(
            f"select count(*) from {TABLE} where comparison in ('too_few', 'too_small') "
            f"and window_name = {quote(expectation.name)}"
        )
    )
