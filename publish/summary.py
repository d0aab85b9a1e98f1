"""The end of a run: a table per target, then where things are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings
from publish.database import reading
from publish.display import day, percentage, percentage_points, period, printable
from publish.withheld import withheld_lines

if TYPE_CHECKING:
    from rich.console import Console

SIMULATED = "SIMULATED DATA: these figures were made up by the simulator, nobody measured them."

_VERDICT_STYLES = {
    "attained": "green",
    "lost": "red",
    "missed": "red",
    "pending": "yellow",
    "not_measurable": "dim",
}


@dataclass(frozen=True, kw_only=True)
class TargetRow:
    """One target and its standing. Ratios 0 to 1, `gap_pp` in percentage points, counts those
    of the period measured; None where the marts have no value."""

    target_id: str
    service: str
    metric: str
    target_ratio: float
    due_on: dt.date | None
    period_kind: str
    definition_id: str
    digital_count: int | None
    total_count: int | None
    measured_ratio: float | None
    measured_period_start: dt.date | None
    measured_period_end: dt.date | None
    gap_pp: float | None
    attained_on: dt.date | None
    lost_on: dt.date | None
    days_early: int | None
    verdict: str
    reason: str | None
    is_simulated: bool


# The parts are those of the row that gave the measured value, so that what is shown divides to
# what is shown.
_TARGETS = """
    with parts as (
        select
            service_id,
            period_kind,
            period_start,
            period_end,
            definition_id,
            take_up_ratio,
            digital_count,
            total_count
        from take_up
        where value_status = 'complete'
        qualify row_number() over (
            partition by
                service_id, period_kind, period_start, period_end,
                definition_id, take_up_ratio
            order by is_authoritative desc, basis, measure
        ) = 1
    )

    select
        targets.target_id,
        coalesce(services.service_name, targets.service_id, targets.department_id),
        targets.metric,
        cast(targets.target_ratio as double),
        targets.due_on,
        targets.period_kind,
        targets.definition_id,
        parts.digital_count,
        parts.total_count,
        cast(targets.measured_ratio as double),
        targets.measured_period_start,
        targets.measured_period_end,
        cast(targets.gap_pp as double),
        targets.attained_on,
        targets.lost_on,
        targets.days_early,
        targets.verdict,
        targets.reason,
        targets.is_simulated
    from target_attainment as targets
    left join services on targets.service_id = services.service_id
    left join parts
        on
            targets.service_id = parts.service_id
            and targets.period_kind = parts.period_kind
            and targets.measured_period_start = parts.period_start
            and targets.measured_period_end = parts.period_end
            and targets.definition_id = parts.definition_id
            and targets.measured_ratio = parts.take_up_ratio
    order by 2, 1
"""


def target_rows(database: Path) -> list[TargetRow]:
    """Every target of a published file with the counts behind its latest measured value,
    ordered by service, then by target.

    Raises:
        TakeupError: the file can't be read.
    """
    with reading(database) as connection:
        rows = connection.execute(_TARGETS).fetchall()
    names = list(TargetRow.__dataclass_fields__)
    return [TargetRow(**dict(zip(names, row, strict=True))) for row in rows]


def print_summary(settings: Settings) -> None:
    """Print what is withheld of services with a target, all targets of the published file, then
    the places of a home."""
    from rich.console import Console

    console = Console()
    for line in withheld_lines(settings.published_file):
        print(line)
    render_targets(target_rows(settings.published_file), console)
    render_places(
        {
            "published file": settings.published_file,
            "MI packs": _if_there(settings.exports),
            "data docs": _if_there(settings.site / "data_docs" / "index.html"),
            "gate results": settings.warehouse / "gates",
        },
        console,
    )


def _if_there(path: Path) -> Path | None:
    return path if path.exists() else None


def render_targets(rows: Iterable[TargetRow], console: Console) -> None:
    """Print a table per target that reads well from 40 columns on.

    Colours are the console's business: it has none unless it writes to a terminal.
    """
    listed = list(rows)
    if not listed:
        console.print("No targets are registered.")
    elif any(row.is_simulated for row in listed):
        console.print(SIMULATED, style="bold yellow", highlight=False)
    for row in listed:
        console.print()
        _render_target(row, console)


def render_places(places: Mapping[str, Path | None], console: Console) -> None:
    """Print where things are, one line each, paths unbroken so that they can be copied."""
    width = max((len(name) for name in places), default=0)
    console.print()
    for name, path in places.items():
        where = "none yet" if path is None else str(path)
        console.print(
            f"{name:<{width}}  {where}", soft_wrap=True, highlight=False, markup=False, emoji=False
        )


def _render_target(row: TargetRow, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    title = Text(printable(row.service), style="bold")
    if row.is_simulated:
        title.append(" (simulated)", style="yellow")
    # Text throughout: square brackets in a name are a name, not markup.
    console.print(title)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for label, value in target_lines(row):
        style = _VERDICT_STYLES.get(row.verdict, "") if label == "verdict" else ""
        table.add_row(label, Text(printable(value), style=style))
    console.print(table)


def target_lines(row: TargetRow) -> list[tuple[str, str]]:
    """What the table of one target says, as label and text."""
    lines = [("target", _target_text(row))]
    if (
        row.measured_ratio is None
        or row.measured_period_start is None
        or row.measured_period_end is None
    ):
        lines.append(("take-up", "no value"))
    else:
        lines += [
            ("take-up", percentage(row.measured_ratio) + _parts_text(row)),
            (
                "period",
                period(row.period_kind, row.measured_period_start, row.measured_period_end),
            ),
        ]
        if row.gap_pp is not None:
            lines.append(("gap", percentage_points(row.gap_pp)))
    lines += [
        ("attained", _attained_text(row)),
        ("lost", day(row.lost_on) if row.lost_on else "no"),
        ("verdict", row.verdict.replace("_", " ") + (f": {row.reason}" if row.reason else "")),
    ]
    return lines


def _target_text(row: TargetRow) -> str:
    text = percentage(row.target_ratio)
    if row.due_on:
        text += f" by {day(row.due_on)}"
    else:
        text += ", no due date"
    return text + f" ({row.period_kind.replace('_', ' ')}, {row.definition_id})"


def _parts_text(row: TargetRow) -> str:
    if row.digital_count is None or row.total_count is None:
        return ""
    return f"  {row.digital_count:,} digital of {row.total_count:,}"


def _attained_text(row: TargetRow) -> str:
    if row.attained_on is None:
        return "no"
    text = day(row.attained_on)
    if row.days_early is None:
        return text
    if row.days_early == 0:
        return f"{text}, on the day it was due"
    days = abs(row.days_early)
    unit = "day" if days == 1 else "days"
    return f"{text}, {days:,} {unit} {'early' if row.days_early > 0 else 'late'}"
