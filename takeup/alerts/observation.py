"""What is to be told of a home now: its own counts and names, never a record or a field of one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Final

from core.errors import IntegrityError, UsageError
from core.lease import is_held
from core.periods import REPORTING_ZONE
from core.settings import Settings
from publish.display import counted, moment
from takeup import logs
from takeup.last_run import LastRun, goes_on, last_run

OF_GATES: Final = ("GateFailed", "StoppedByGate")
OWN_WORDS: Final = tuple(kind.__name__ for kind in (UsageError, IntegrityError))
"""Errors whose words are about settings, registers and the log's files: they may be told. What
others say may quote a record."""


Found = dict[str, tuple[str, ...]]
"""Lines that say what is the matter, by cause; none where a cause is over. A cause of which
nothing can be said is not in it."""


def observe(settings: Settings, *, now: datetime, known: Found | None = None) -> Found:
    """What holds at the moment `now`.

    Args:
        known: what a scheduler says, of which the home itself may not know: a run that was killed.
    """
    found = dict(known or {}) | _of_runs(settings, now=now, known=known or {})
    looks: tuple[Callable[[], Found], ...] = (
        lambda: {"disk_low": tuple(_full_disks(settings))},
        lambda: _of_quarantine(settings),
        lambda: _of_published(settings, now=now),
    )
    for look in looks:
        try:
            found |= look()
        except Exception as error:
            # A damaged log or file, which the run itself tells, keeps nothing else from being told.
            why = f"{type(error).__name__}: {error}"
            logs.tell("alert_failed", level="warning", error=why)
    return found


def _of_runs(settings: Settings, *, now: datetime, known: Found) -> Found:
    """Of the last run: one of both causes, none where it published, neither while it goes on."""
    run = last_run(settings)
    if run is not None and run.outcome == "failed":
        if run.error_kind in OF_GATES:
            return {"run_failed": (), "gate_tripped": tuple(_broken(settings, run))}
        return {"run_failed": (_why(run),), "gate_tripped": ()}
    if run is None or known.get("run_failed"):
        return {}
    if run.outcome == "published":
        return {"run_failed": (), "gate_tripped": ()}
    if goes_on(run, is_held=is_held(settings.home), now=now):
        return {}
    said = f"killed after the step {run.step}, which was done {moment(run.ended_at)}"
    return {"run_failed": (said,), "gate_tripped": ()}


def _why(run: LastRun) -> str:
    said = f": {run.error}" if run.error and run.error_kind in OWN_WORDS else ""
    kind = "stopped by a person" if run.error_kind == "KeyboardInterrupt" else run.error_kind
    return f"in the step {run.step}, {moment(run.ended_at)}, {kind}{said}"


def _broken(settings: Settings, run: LastRun) -> Iterator[str]:
    """The expectations that a gate found broken, with what they mean and how many rows break
    them; which rows, only the gate's result says."""
    from expectations.results import read_result, result_path

    gate = run.step.removeprefix("gate_")
    yield f"in the step {run.step}, {moment(run.ended_at)}"
    if run.step == "build":
        yield from _failed_tests(settings)
        return
    try:
        result = read_result(result_path(settings, run_id=run.run_id, gate=gate))
    except (OSError, ValueError):
        return
    for suite, check in result.failures:
        count = check.unexpected_count
        rows = "" if count is None else f", {counted(count, 'row')}"
        means = " ".join(check.means.split()).rstrip(".")
        yield f"{suite.table}: {check.name}{rows}. Expected: {means}. Owner: {check.owner}"


def _failed_tests(settings: Settings) -> Iterator[str]:
    """The tests of the models that failed in the last build, by their names."""
    results = settings.warehouse / "dbt" / "target" / "run_results.json"
    try:
        nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, KeyError):
        return
    for node in nodes:
        if node["status"] == "fail":
            yield str(node["unique_id"])


def _full_disks(settings: Settings) -> Iterator[str]:
    """Disks with less room than the margin, each by the first folder that lies on it."""
    disks: set[int] = set()
    for folder in (settings.home, settings.landing, settings.log, settings.warehouse):
        if not folder.exists() or (disk := folder.stat().st_dev) in disks:
            continue
        disks.add(disk)
        free = shutil.disk_usage(folder).free
        if free < settings.alert_disk_bytes:
            margin = _size(settings.alert_disk_bytes)
            yield f"{folder}: {_size(free)} free, less than {margin} (TAKEUP_ALERT_DISK_BYTES)"


def _of_quarantine(settings: Settings) -> Found:
    from ingest.load.environment import connect
    from ingest.log.event_log import EventLog
    from ingest.log.quarantine import open_by_reason

    if not EventLog.exists(settings.log):
        return {}
    with connect(settings) as connection:
        reasons = open_by_reason(connection, EventLog.open(settings.log))
    if (total := sum(reasons.values())) <= settings.alert_quarantine:
        return {"quarantine_full": ()}
    most = f"{total:,} records, more than {settings.alert_quarantine:,} (TAKEUP_ALERT_QUARANTINE)"
    return {
        "quarantine_full": (most, *(f"{count:,} {reason}" for reason, count in reasons.items()))
    }


def _of_published(settings: Settings, *, now: datetime) -> Found:
    from publish.database import reading, version_of
    from publish.news import news_of
    from publish.unregistered import unregistered_lines

    if not settings.published_file.is_file():
        return {}
    with reading(settings.published_file) as connection:
        today = now.astimezone(REPORTING_ZONE).date()
        news = news_of(connection, version_of(connection), today=today, named=None)
        unregistered = tuple(unregistered_lines(connection))
    return {"unregistered": unregistered} | _of_news(news)


def _of_news(news: dict[str, Any]) -> Found:
    """What is new by cause; of what an earlier version's file can't tell, nothing."""
    from takeup.news_lines import crossed_line, revised_line, silent_line

    found: Found = {}
    if "revised" in news:
        found["figure_revised"] = tuple(map(revised_line, news["revised"]["largest"]))
    if "crossed" in news:
        found["target_crossed"] = tuple(map(crossed_line, news["crossed"]["targets"]))
    if "silent" in news and "returns" in news:
        returns = news["returns"]["overdue_of"].items()
        found["feed_overdue"] = (
            *([problem] if (problem := news["silent"]["problem"]) else []),
            *map(silent_line, news["silent"]["longest"]),
            *(f"{who}: {counted(count, 'return')}" for who, count in returns),
        )
    return found


def _size(count: int) -> str:
    return f"{count / 1024**3:.1f} GiB" if count >= 1024**3 else f"{count / 1024**2:.0f} MiB"
