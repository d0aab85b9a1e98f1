"""When a department has to say something of a quarter's figures, as far as is known beforehand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from core.periods import Quarter
from publish.database import reading
from publish.display import day, percentage

MOVEMENT: float = 0.05
"""As the models' variable `commentary` has it, in percentage points; a test holds them alike."""
_ASKED = f"""
    with before as (
        select service_id, take_up_ratio as ratio
        from take_up_headline
        where period_kind = 'quarter' and value_status = 'complete' and period_end = $before
    ),
    aims as (
        select service_id, max_by(target_ratio, due_on) as target_ratio, max(due_on) as due_on
        from targets
        where metric = 'digital_take_up' and period_kind = 'quarter' and due_on <= $ends_on
        group by service_id
    )
    select
        coalesce(before.service_id, aims.service_id) as service_id,
        before.ratio, before.ratio - {MOVEMENT}, before.ratio + {MOVEMENT},
        aims.target_ratio, aims.due_on
    from before full join aims on before.service_id = aims.service_id
    where coalesce(before.service_id, aims.service_id) is not null
    order by service_id
"""


def commentary_asked(published: Path, quarter: str) -> dict[str, str]:
    """By service, in a sentence, which take-up of a quarter would need commentary: by the quarter
    before it and the targets that are due, as a published file has them. None where there is no
    file.

    Raises:
        UsageError: no such quarter.
        TakeupError: the file can't be read.
    """
    asked = Quarter.parse(quarter)
    if not published.is_file():
        return {}
    with reading(published) as connection:
        before = asked.start - dt.timedelta(days=1)
        rows = connection.execute(_ASKED, {"before": before, "ends_on": asked.end}).fetchall()
    return {service: _sentence(*row) for service, *row in rows}


def _sentence(
    ratio: float | None, low: float, high: float, target: float | None, due_on: dt.date
) -> str:
    said = []
    if ratio is not None:
        beyond = [f"below {percentage(low)}"] if low > 0 else []
        beyond += [f"above {percentage(high)}"] if high < 1 else []
        limits = " or ".join(beyond)
        if limits:
            said.append(f"take-up is {limits} ({percentage(ratio)} in the quarter before)")
    if target is not None:
        said.append(f"it is below the target of {percentage(target)} (due {day(due_on)})")
    return f"Needed if {', or if '.join(said)}." if said else ""
