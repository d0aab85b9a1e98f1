"""The end of a run: a table per target, then where things are."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from core.settings import Settings
from core.terminal import unguarded
from publish.after_run import latest_pack, newest_pack, pages_line
from publish.database import reading
from publish.display import day, exact_percentage, period, printable
from publish.doubts import doubt_lines
from publish.promises import promises_of, render_promises
from publish.standings import Target, standing, targets_of
from publish.withheld import withheld_lines

if TYPE_CHECKING:
    from rich.console import Console

SIMULATED = "SIMULATED DATA: these figures were made up by the simulator, nobody measured them."

_VERDICT_STYLES = {
    "attained": "green",
    "already_above": "yellow",
    "lost": "red",
    "missed": "red",
    "too_close": "yellow",
    "pending": "yellow",
    "not_measurable": "dim",
}


def print_summary(settings: Settings) -> None:
    """Print what is withheld of services with a target, all targets of the published file, what
    reports promised and the largest doubts, make pack and pages, and print the places of a home."""
    from rich.console import Console

    console = Console(file=unguarded(sys.stdout))
    with reading(settings.published_file) as connection:
        for line in withheld_lines(connection):
            print(line)
        render_targets(targets_of(connection), console)
        render_promises(promises_of(connection), console)
        for number, line in enumerate(doubt_lines(connection)):
            print(f"  {line}" if number else f"\nin doubt in {line}")
    pack = latest_pack(settings)
    if pack.line:
        print(f"\n{pack.line}")
    if settings.pages:
        print("\nmaking the pages", flush=True)
        print(pages_line(settings))
    render_places(
        {
            "published file": settings.published_file,
            "MI pack": pack.path or newest_pack(settings.exports),
            "gates": _if_there(settings.site / "gates" / "index.html"),
            "gate results": settings.warehouse / "gates",
            "pages": _if_there(settings.site / "current" / "index.html"),
        },
        console,
    )


def _if_there(path: Path) -> Path | None:
    return path if path.exists() else None


def render_targets(rows: Iterable[Target], console: Console) -> None:
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


def _render_target(row: Target, console: Console) -> None:
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


def target_lines(row: Target) -> list[tuple[str, str]]:
    """What the table of one target says, as label and text."""
    lines = [
        ("target", _target_text(row)),
        ("standing", standing(row) or "no value"),
    ]
    if row.digital_count is not None and row.total_count is not None:
        lines.append(("parts", _parts_text(row)))
    verdict = row.verdict.replace("_", " ")
    return [*lines, ("verdict", verdict + (f": {row.reason}" if row.reason else ""))]


def _target_text(row: Target) -> str:
    due = f" by {day(row.due_on)}" if row.due_on else ", no due date"
    judged = row.period_kind.replace("_", " ")
    return f"{exact_percentage(row.target_ratio)}{due} (by {judged}, {row.definition_id})"


def _parts_text(row: Target) -> str:
    text = f"{row.digital_count:,} digital of {row.total_count:,}"
    if row.measured_period_start is None or row.measured_period_end is None:
        return text
    measured = period(row.period_kind, row.measured_period_start, row.measured_period_end)
    return f"{text} in {measured}"
