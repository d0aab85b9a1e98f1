"""News in lines for a person: on the screen of `takeup status` and in alerts alike."""

from __future__ import annotations

import datetime as dt
from typing import Any

from publish.display import counted, day, percentage_points, period

Facts = dict[str, Any]


def revised_line(one: Facts) -> str:
    """A figure that was revised: whose, of which period, by how many points."""
    start, end = (dt.date.fromisoformat(one[name]) for name in ("period_start", "period_end"))
    moved = percentage_points(one["effect_pp"])
    return f"{_service(one)}, {period(one['period_kind'], start, end)}: {moved}"


def crossed_line(one: Facts) -> str:
    """A target that was crossed: whose, and where it is now."""
    return f"{one['whose']}, {one['says']}"


def silent_line(one: Facts) -> str:
    """A feed that has gone silent, since when, and by what that is too long."""
    since = day(dt.date.fromisoformat(one["since"]))
    came = f"last {since}" if one["last_came_on"] == one["since"] else f"none since {since}"
    too_long = f"longest gap {one['longest_gap_days']}"
    if every := one["every_days"]:
        too_long = f"expected every {counted(every, 'day')} by the register"
    silent = counted(one["silent_days"], "day")
    return f"{_service(one)}, {one['channel']}: {silent}, {came} ({too_long})"


def _service(one: Facts) -> str:
    return str(one["service_name"] or one["service_id"])
