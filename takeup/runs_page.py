"""The page of runs: what each step of the last runs of a home took, drawn from `runs.jsonl`.

It lies in `site/runs/` with the runbook, beside the pages of the published file and not among them:
those are the same bytes wherever they are made of one file, and runs are of this home alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from core.errors import LeaseHeld
from core.periods import REPORTING_ZONE
from core.settings import Settings
from publish.pages.site.beside import RUNS, TEMPLATES, draw_or_say, write_folder
from publish.pages.site.model import Table
from takeup.last_run import LAST_STEP
from takeup.run_records import StepRecord, records
from takeup.runbook_page import FILE_NAME as RUNBOOK
from takeup.runbook_page import runbook_body

SHOWN: Final = 90
"""Runs that the page shows, the newest first."""
WIDTH: Final = 700
PANEL_HEIGHT: Final = 84
COLUMN_HEIGHT: Final = 52
WIDEST_COLUMN: Final = 24
"""Of the picture, and of what it shows of each step, in pixels."""
Run = list[StepRecord]
_WHAT: Final = "the page of runs"


@contextmanager
def drawing_runs(settings: Settings) -> Iterator[None]:
    """Draw the page when a run has ended, however it ended: never a reason for it to fail."""
    try:
        yield
    finally:
        draw_or_say(settings, _WHAT, write_runs_page)


@contextmanager
def drawing_failed_run(settings: Settings) -> Iterator[None]:
    """The same for a step that is a process of its own: it draws where its run ends with it.

    A run that another one keeps out is none.
    """
    try:
        yield
    except LeaseHeld:
        raise
    except BaseException:
        draw_or_say(settings, _WHAT, write_runs_page)
        raise


def write_runs_page(settings: Settings) -> Path | None:
    """Write the page into `site/runs/`, whole; returns it, None where no run is recorded.

    Raises:
        LeaseHeld: it is being written already.
        OSError: the folder can't be written.
    """
    runs = _runs(records(settings, tail_bytes=SHOWN * 16 * 1024))
    if not runs:
        return None
    return write_folder(settings, RUNS, partial(_fill, settings=settings, runs=runs))


def _fill(folder: Path, settings: Settings, runs: Sequence[Run]) -> None:
    from expectations.results import kept_results
    from publish.rendering import templates_in

    steps = list(dict.fromkeys(one.step for run in runs for one in run))
    templates = templates_in(TEMPLATES)
    picture = templates.get_template("runs.svg").render(_drawing(runs, steps))
    (folder / "seconds.svg").write_text(picture, encoding="utf-8")
    page = templates.get_template("runs.html").render(
        title="Runs",
        navigation=(),
        simulated=any(one.is_simulated for one in kept_results(settings, "log", at_most=1)),
        table=_table(runs),
        seconds=_seconds_table(runs, steps),
        has_site=(settings.site / "current").exists(),
    )
    (folder / "index.html").write_text(page, encoding="utf-8")
    runbook = templates.get_template("runbook.html").render(body=runbook_body())
    (folder / RUNBOOK).write_text(runbook, encoding="utf-8")


def _runs(found: Sequence[StepRecord]) -> list[Run]:
    """Steps by run, the newest run first, at most as many as are shown."""
    runs: dict[str, Run] = {}
    for record in found:
        runs.setdefault(record.run_id, []).append(record)
    return list(reversed(runs.values()))[:SHOWN]


def _table(runs: Sequence[Run]) -> Table:
    return Table(
        caption="Runs, the newest first",
        columns=(
            *("Began", "Ended", ">Seconds", ">Accepted", "Log versions"),
            *(">MB read", ">MB written", ">Peak MB"),
        ),
        rows=[
            (
                _moment(run[0].started_at),
                _outcome(run),
                f"{sum(one.seconds for one in run):,.1f}",
                f"{sum(one.counts.get('accepted', 0) for one in run):,}",
                ", ".join(str(version) for one in run for version in one.batches),
                _megabytes(_sum(one.bytes_read for one in run)),
                _megabytes(_sum(one.bytes_written for one in run)),
                _megabytes(max((one.peak_memory_bytes or 0 for one in run), default=0)),
            )
            for run in runs
        ],
    )


def _drawing(runs: Sequence[Run], steps: Sequence[str]) -> dict[str, Any]:
    """What the picture is made of: of each step a column for each run that came to it.

    It is drawn here and not by what draws the charts of the site: that takes two seconds to start,
    of every night.
    """
    oldest_first = list(reversed(runs))
    return {
        "width": WIDTH,
        "height": PANEL_HEIGHT * len(steps) + 28,
        "panel_height": PANEL_HEIGHT,
        "panels": [_panel(step, [_seconds(run, step) for run in oldest_first]) for step in steps],
        "first": _moment(oldest_first[0][0].started_at),
        "last": _moment(oldest_first[-1][0].started_at),
    }


def _panel(step: str, took: Sequence[float | None]) -> dict[str, Any]:
    most = max((seconds for seconds in took if seconds is not None), default=0.0)
    slot = (WIDTH - 20) / len(took)
    columns = [
        {"x": f"{number * slot:.1f}", "height": f"{COLUMN_HEIGHT * seconds / (most or 1):.1f}"}
        for number, seconds in enumerate(took)
        if seconds is not None
    ]
    width = min(0.7 * slot, WIDEST_COLUMN)
    return {"step": step, "most": f"{most:,.1f}", "width": f"{width:.1f}", "columns": columns}


def _seconds_table(runs: Sequence[Run], steps: Sequence[str]) -> Table:
    return Table(
        caption="Seconds of each step",
        columns=("Began", *(f">{step}" for step in steps)),
        rows=[
            (
                _moment(run[0].started_at),
                *(
                    "" if (took := _seconds(run, step)) is None else f"{took:,.1f}"
                    for step in steps
                ),
            )
            for run in runs
        ],
    )


def _seconds(run: Run, step: str) -> float | None:
    """What a step took in a run, all of its tries; None where the run did not come to it."""
    took = [one.seconds for one in run if one.step == step]
    return round(sum(took), 3) if took else None


def _outcome(run: Run) -> str:
    """How a run ended; of an error the class, for its words may quote a record."""
    last = run[-1]
    if last.outcome == "failed":
        return f"failed in {last.step}: {last.error_kind}"
    if any(one.step == LAST_STEP for one in run):
        return "published"
    return f"stopped after {last.step}, or goes on"


def _moment(iso: str) -> str:
    return f"{datetime.fromisoformat(iso).astimezone(REPORTING_ZONE):%Y-%m-%d %H:%M}"


def _sum(counts: Iterator[int | None]) -> int:
    return sum(count or 0 for count in counts)


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f}"
