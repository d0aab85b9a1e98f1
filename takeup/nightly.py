"""The nightly run: land, ingest, gate the log, build, gate the warehouse, publish.

The command line runs the steps in one process, Airflow each as a task. A step may be run
again: what it leaves for the next one is under the home, keyed by the run's id.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from core.errors import UsageError
from core.files import write_file
from core.lease import lease
from core.settings import SEEDS, Settings
from takeup.last_run import run_recorded

StepFacts = dict[str, Any]


def land(settings: Settings, *, run_id: str, landing: Path | None = None) -> StepFacts:
    """Check what the run needs and fix its moment.

    Raises:
        UsageError: the landing folder is missing, or a register contradicts itself.
    """
    from core.registers import check_targets, load_register
    from publish.feeds import expected_feeds

    folder = landing if landing is not None else settings.landing
    with lease(settings.home, purpose="land"):
        if landing is None:
            folder.mkdir(parents=True, exist_ok=True)
        elif not folder.exists():
            raise UsageError(f"no such file or folder: {folder}")
        check_targets(load_register("targets", SEEDS))
        expected_feeds(SEEDS)
        state = _read_state(settings, run_id) or {
            "run_id": run_id,
            "run_at": datetime.now(UTC).isoformat(),
        }
        state["landing"] = _below_home(settings, folder)
        _write_state(settings, run_id, state)
    return {"landing": str(folder)}


def ingest(
    settings: Settings, *, run_id: str, when_new: Callable[[], object] | None = None
) -> StepFacts:
    """Commit what is new in the landing folder to the log."""
    from ingest.load.run import ingest as ingest_files
    from takeup.progress import file_lines

    state = _state(settings, run_id)
    with lease(settings.home, purpose="ingest"):
        result = ingest_files(
            settings,
            [settings.home / state["landing"]],
            run_at=datetime.fromisoformat(state["run_at"]),
            when_new=when_new,
        )
        archived = list(_archive(settings, state))
    notes = [*file_lines(result), *archived]
    facts = result.facts() | {"batches": result.commits, "notes": notes}
    if result.commits:
        state["ingest"] = facts
        _write_state(settings, run_id, state)
    return facts


def _archive(settings: Settings, state: StepFacts) -> Iterator[str]:
    """Move what was taken in to the archive, where the settings want that; lines that say so."""
    if settings.landed_files == "archive":
        from ingest.load.archive import archive_landed

        archived = archive_landed(
            settings,
            settings.home / state["landing"],
            run_at=datetime.fromisoformat(state["run_at"]),
        )
        if archived.moved:
            yield f"  moved to {settings.archive}: {archived.moved:,}"
        yield from archived.notes


def gate_log(settings: Settings, *, run_id: str) -> StepFacts:
    """Hold the events that no gate has passed yet against the log's expectations."""
    from expectations.gates import gate_log as run_gate
    from ingest.log.event_log import EventLog
    from publish.pages.site.gates import drawing_gates

    with lease(settings.home, purpose="gate_log"):
        log = EventLog.open(settings.log)
        passed = settings.warehouse / "gates" / "log_passed.json"
        after = _passed_version(passed, log)
        files = log.files("event", after=after)
        with drawing_gates(settings):
            result = run_gate(
                settings,
                paths=[file.path for file in files],
                expected_rows=sum(file.row_count for file in files),
                run_id=run_id,
            )
        write_file(passed, json.dumps({"version": log.version, "head": log.head()}))
    return {"outcome": result.outcome, "events": sum(file.row_count for file in files)}


def build(settings: Settings, *, run_id: str) -> StepFacts:
    """Bring the staging warehouse up to the log."""
    from publish.database import reading
    from publish.unregistered import unregistered_lines
    from takeup.build import build as run_build

    with lease(settings.home, purpose="build"):
        built = run_build(settings)
        with reading(settings.staging_file) as connection:
            unregistered = unregistered_lines(connection)
    facts = {
        "warehouse": "unchanged" if built.is_unchanged else "built",
        "log_version": built.inputs.log_version,
        "rows": built.rows_read,
    }
    notes = [f"  warning: {line}" for line in unregistered]
    return facts | ({"notes": notes} if notes else {})


def gate_warehouse(settings: Settings, *, run_id: str) -> StepFacts:
    """Hold the staging warehouse against the expectations of what is published."""
    from expectations.approval import is_approved

    with lease(settings.home, purpose="gate_warehouse"):
        if is_approved(settings):
            return {"outcome": "passed", "warehouse": "unchanged since it passed"}
        from expectations.gates import gate_warehouse as run_gate
        from ingest.log.event_log import EventLog
        from publish.pages.site.gates import drawing_gates

        with drawing_gates(settings):
            result = run_gate(
                settings, run_id=run_id, is_simulated=EventLog.open(settings.log).is_simulated
            )
    return {
        "outcome": result.outcome,
        "rows": sum(suite.rows_checked for suite in result.suites),
    }


def publish(settings: Settings, *, run_id: str) -> StepFacts:
    """Swap the staging warehouse in as the file that analysts read."""
    from publish.swap import publish as swap
    from takeup.retention import remove_old

    with lease(settings.home, purpose="publish"):
        published = swap(settings, run_id=run_id)
        removed = remove_old(settings)
    facts = {
        "file": published.state,
        "log_version": published.version.log_version,
        "rows": sum(published.row_counts.values()),
    }
    return facts | ({"notes": [f"  {removed}"]} if removed else {})


STEPS: tuple[tuple[str, Callable[..., StepFacts]], ...] = (
    ("land", land),
    ("ingest", ingest),
    ("gate_log", gate_log),
    ("build", build),
    ("gate_warehouse", gate_warehouse),
    ("publish", publish),
)


def new_run_id() -> str:
    """Id of a run that no scheduler named."""
    return f"manual__{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%f}"


def run_all(settings: Settings, *, landing: Path | None = None) -> Iterator[tuple[str, StepFacts]]:
    """Run every step under one lease, yielding each with its facts when it is done."""
    from takeup.dbt_process import end_unused

    run_id = new_run_id()
    with ExitStack() as held:
        held.enter_context(lease(settings.home, purpose="nightly"))
        held.enter_context(_kept_on_failure(settings, run_id))
        held.callback(end_unused)
        given: dict[str, dict[str, Any]] = {
            "land": {"landing": landing},
            "ingest": {"when_new": partial(_load, settings)},
        }
        for name, step in STEPS:
            yield name, run_recorded(settings, name, step, run_id=run_id, **given.get(name, {}))


def _load(settings: Settings) -> None:
    """Load dbt and Great Expectations while ingest waits for files and for DuckDB."""
    from expectations.deferred import load_runner_aside
    from takeup.dbt_process import start_early

    start_early(settings.staging_file)
    load_runner_aside()


@contextmanager
def _kept_on_failure(settings: Settings, run_id: str) -> Iterator[None]:
    """Keep the run's state file only for runs that changed or failed something."""
    yield
    state = _read_state(settings, run_id)
    if state is not None and "ingest" not in state:
        _state_path(settings, run_id).unlink(missing_ok=True)


def _passed_version(path: Path, log: Any) -> int:
    """The log version up to which events have passed the gate, -1 when none is known."""
    try:
        passed = json.loads(path.read_text(encoding="utf-8"))
        version = int(passed["version"])
    except (OSError, ValueError, KeyError):
        return -1
    if version > log.version or log.commit_at(version).link != passed["head"]:
        return -1
    return version


def _below_home(settings: Settings, folder: Path) -> str:
    """A folder as a run's state names it: within the home by its path below that, which stays true
    when the home is moved between two steps."""
    path = folder.absolute()
    return str(path.relative_to(settings.home) if path.is_relative_to(settings.home) else path)


def _state_path(settings: Settings, run_id: str) -> Path:
    name = re.sub(r"[^A-Za-z0-9._+-]", "_", run_id)
    return settings.warehouse / "runs" / f"{name}.json"


def _read_state(settings: Settings, run_id: str) -> StepFacts | None:
    try:
        state: StepFacts = json.loads(_state_path(settings, run_id).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state


def _state(settings: Settings, run_id: str) -> StepFacts:
    state = _read_state(settings, run_id)
    if state is None:
        raise UsageError(f"run {run_id} has not landed: run the step land first")
    return state


def _write_state(settings: Settings, run_id: str, state: StepFacts) -> None:
    write_file(_state_path(settings, run_id), json.dumps(state, indent=1))
