"""`takeup status`: what a home holds, how its last run went, what is new and what is due.

It reads what is there and changes nothing. The keys are a contract: `--json` prints them all.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from core.errors import TakeupError
from core.periods import REPORTING_ZONE
from core.settings import Settings
from takeup.last_run import LAST_STEP, goes_on, last_run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from ingest.log.event_log import EventLog

Facts = dict[str, Any]


def status_of(settings: Settings, *, now: datetime | None = None) -> Facts:
    """Facts of a home at the moment `now`, in the order in which someone on call asks for them."""
    from core.lease import holder, is_held

    now = now or datetime.now(UTC)
    is_running = is_held(settings.home)
    found: Facts = {
        "home": str(settings.home),
        "looked_at": now.isoformat(timespec="seconds"),
        "running": holder(settings.home) if is_running else "nothing",
        "last_run": _last_run(settings, is_running=is_running, now=now),
    }
    found |= _log_facts(settings)
    found |= _published_facts(settings, now=now)
    return found | {"hand_over": _hand_over(settings), "places": _places(settings)}


def _last_run(settings: Settings, *, is_running: bool, now: datetime) -> Facts | None:
    """How the last run went; None where none is recorded. Its `state` is `published`, `failed`,
    `under_way` (it may be another one that holds the home now) or `stopped`, which a killed run
    is."""
    run = last_run(settings)
    if run is None:
        return None
    state: str = run.outcome
    if state == "step_done":
        state = "under_way" if goes_on(run, is_held=is_running, now=now) else "stopped"
    return asdict(run) | {"state": state, "seconds": round(run.seconds, 1)}


def _log_facts(settings: Settings) -> Facts:
    from ingest.log.event_log import EventLog

    if not EventLog.exists(settings.log):
        return {"log": "none yet"}
    from ingest.load.environment import connect
    from ingest.log import identity_index
    from ingest.log.compacted import readable
    from ingest.log.ledger import Ledger
    from ingest.log.set_asides import count_set_asides

    log = EventLog.open(settings.log)
    with connect(settings) as connection:
        quarantine = _quarantine(connection, log)
        return {
            "log": "simulated" if log.is_simulated else "real",
            "log_version": log.version,
            "epoch": log.epoch,
            "chain_head": log.head(),
            "last_addition": log.run_at().isoformat(timespec="seconds"),
            "events": sum(file.row_count for file in log.files("event")),
            "files": Ledger.read(connection, log).counts(),
            "log_files": len(log.files()),
            "log_files_read": len(readable(log)),
            "identity_index_bytes": identity_index.size_in(settings),
            "sources": {
                kind: {"files": files, "last_at": last_at.astimezone(UTC).isoformat()}
                for kind, files, last_at in Ledger.sources(connection, log)
            },
            **quarantine,
            "set_aside": count_set_asides(connection, log) or "nothing",
        }


def _quarantine(connection: DuckDBPyConnection, log: EventLog) -> Facts:
    """How many records are open by reason, and what to do next about each reason."""
    from ingest.log.quarantine import open_by_reason
    from ingest.refusals import NEXT_STEPS

    reasons = open_by_reason(connection, log)
    return {
        "quarantine": reasons or "empty",
        "next_steps": {reason: NEXT_STEPS.get(reason, "read it") for reason in reasons},
    }


def _published_facts(settings: Settings, *, now: datetime) -> Facts:
    if not settings.published_file.is_file():
        return {"published": "nothing yet"}
    from publish.database import reading, version_of
    from publish.news import news_of

    found: Facts = {"published": str(settings.published_file)}
    try:
        with reading(settings.published_file) as connection:
            version = version_of(connection)
            news = news_of(connection, version, today=now.astimezone(REPORTING_ZONE).date())
            in_question = _in_question(connection)
    except TakeupError as error:
        return found | {"published_problem": str(error)}
    found |= {
        "published_log_version": version.log_version,
        "published_epoch": version.epoch,
        "published_run_at": version.run_at,
        "published_code_version": version.code_version,
        "published_is_simulated": version.is_simulated,
    }
    return found | in_question | news


def _hand_over(settings: Settings) -> list[Facts] | str:
    """The packs that recipients are to get; in words where there are none, or they can't be
    told."""
    from publish.hand_over import waiting

    try:
        return [asdict(one) for one in waiting(settings)] or "nothing"
    except TakeupError as error:
        return f"can't be told: {error}"


def _in_question(published: DuckDBPyConnection) -> Facts:
    """What is withheld of services with a target, where anything is, what no register knows, and
    what is most in doubt."""
    import duckdb

    from publish.doubts import doubt_lines
    from publish.unregistered import unregistered_lines
    from publish.withheld import withheld_lines

    found: Facts = {
        "unregistered": unregistered_lines(published) or "nothing",
        "in_doubt": doubt_lines(published) or "nothing",
    }
    try:
        withheld = [line.removeprefix("withheld: ") for line in withheld_lines(published)]
    except (duckdb.CatalogException, duckdb.BinderException):
        return found  # A file of an earlier version withholds nothing.
    return ({"withheld": withheld} if withheld else {}) | found


def _places(settings: Settings) -> dict[str, str | None]:
    """Where things are; None where there is none yet."""
    from publish.after_run import newest_pack

    paths = {
        "published file": settings.published_file,
        "MI pack": newest_pack(settings.exports),
        "pages": settings.site / "current" / "index.html",
        "runs": settings.site / "runs" / "index.html",
        "gates": settings.site / "gates" / "index.html",
        "data docs": settings.site / "data_docs" / "index.html",
        "gate results": settings.warehouse / "gates",
    }
    return {
        name: str(path) if path is not None and path.exists() else None
        for name, path in paths.items()
    }


def step_after(step: str) -> str:
    """The step that a run comes to after another; the last one has none after it."""
    from takeup.nightly import STEPS

    names = [name for name, _ in STEPS]
    return LAST_STEP if step == LAST_STEP else names[names.index(step) + 1]
