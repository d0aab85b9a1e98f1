"""The gates: what is between the log and the build, and between the build and the swap.

That of a pack, before it is handed over, is in `pack`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import monotonic

import msgspec
from sqlalchemy.exc import DBAPIError

from core.errors import TakeupError
from core.limits import remedy_for, with_remedy
from core.settings import SEEDS, Settings
from expectations.approval import content_of, record_approval, withdraw_approval
from expectations.catalogue import suites_of
from expectations.deferred import load_runner
from expectations.definitions import Suite
from expectations.messages import describe_failure, describe_warnings, first_line
from expectations.results import (
    GateResult,
    StoppedByGate,
    SuiteResult,
    failure_kinds,
    nothing_checked,
    write_result,
)
from expectations.views import show_log_batch, show_warehouse
from expectations.workspace import Workspace, attached, open_workspace


def gate_log(
    settings: Settings,
    *,
    paths: Sequence[str],
    expected_rows: int,
    run_id: str,
    is_simulated: bool | None = None,
    registers: Path = SEEDS,
) -> GateResult:
    """Check the events that no gate has passed yet, before anything is built from them.

    Args:
        settings: the home, and the limits that the gate keeps to.
        paths: the live Parquet files of record kind `event` committed since the last log
            version that passed.
        expected_rows: how many events the log's commits say these files hold.
        run_id: names the result that is kept.
        is_simulated: whether the log is; by default what it says of itself.
        registers: folder of the registers that the suite compares with.

    Returns:
        The result, `nothing_new` where there is no file and no row to check.

    Raises:
        StoppedByGate: a fail-level expectation is broken, one could not be evaluated, or
            not everything was checked.
        TakeupError: not everything was, for want of memory, handles, room or rights.
    """
    started = monotonic()
    if is_simulated is None:
        is_simulated = kind_of_log(settings)
    suites = suites_of("log")
    rows = dict.fromkeys((suite.table for suite in suites), expected_rows)
    if not paths:
        found = [] if expected_rows == 0 else unreachable(suites, rows, "no file was given")
    else:
        with open_workspace(settings) as workspace:
            try:
                show_log_batch(workspace, paths, settings=settings, registers=registers)
            except DBAPIError as error:
                found = unreachable(suites, rows, str(error.orig))
            else:
                found = run(
                    settings, workspace, suites, rows, run_id=run_id, is_simulated=is_simulated
                )
    result = GateResult(
        gate="log",
        run_id=run_id,
        outcome="nothing_new",
        suites=found,
        is_simulated=is_simulated,
    )
    return conclude(settings, result, started=started)


def gate_warehouse(
    settings: Settings,
    *,
    run_id: str,
    is_simulated: bool | None = None,
    registers: Path = SEEDS,
) -> GateResult:
    """Check the staging file, before anybody reads it.

    An approval is bound to the file's exact content: `approval.require_approval` accepts no other.

    Args:
        settings: the home, and the limits that the gate keeps to.
        run_id: names the result that is kept.
        is_simulated: what every row must say of itself; by default what the log says.
        registers: folder of the registers that the suites compare with.

    Raises:
        StoppedByGate, TakeupError: as for the log.
        GateFailed: there is no staging file, or its build did not close it.
    """
    started = monotonic()
    withdraw_approval(settings)
    if is_simulated is None:
        is_simulated = kind_of_log(settings)
    subject = content_of(settings.staging_file)
    suites = suites_of("warehouse")
    with open_workspace(settings) as workspace:
        try:
            with attached(workspace, settings.staging_file):
                show_warehouse(
                    workspace, settings=settings, registers=registers, is_simulated=is_simulated
                )
                rows = count_rows(workspace, suites)
                found = run(
                    settings, workspace, suites, rows, run_id=run_id, is_simulated=is_simulated
                )
        except DBAPIError as error:
            found = unreachable(suites, {}, str(error.orig))
    result = GateResult(
        gate="warehouse",
        run_id=run_id,
        outcome="nothing_new",
        suites=found,
        subject=subject,
        is_simulated=is_simulated,
    )
    return conclude(settings, result, started=started)


def run(
    settings: Settings,
    workspace: Workspace,
    suites: Sequence[Suite],
    rows_expected: Mapping[str, int],
    *,
    run_id: str,
    is_simulated: bool | None,
) -> list[SuiteResult]:
    """Run suites that have something to look at. Great Expectations is imported here."""
    load_runner()
    from expectations.runner import Task, run_suites

    tasks = [Task(suite, rows_expected.get(suite.table, 0)) for suite in suites]
    docs = settings.site / "data_docs" / suites[0].gate
    return run_suites(workspace, tasks, run_id=run_id, docs=docs, is_simulated=bool(is_simulated))


def kind_of_log(settings: Settings) -> bool | None:
    """Whether the home's log is simulated; nothing where it has no log."""
    from ingest.log.event_log import EventLog

    return EventLog.open(settings.log).is_simulated if EventLog.exists(settings.log) else None


def count_rows(workspace: Workspace, suites: Sequence[Suite]) -> dict[str, int]:
    """Rows that each mart holds, counted without Great Expectations."""
    known = workspace.tables()
    return {
        suite.table: int(workspace.scalar(f"select count(*) from {suite.table}"))
        for suite in suites
        if suite.table in known
    }


def unreachable(
    suites: Sequence[Suite], rows_expected: Mapping[str, int], reason: str
) -> list[SuiteResult]:
    """The results where what has to be checked can't be read at all."""
    return [
        nothing_checked(
            suite,
            rows_expected=rows_expected.get(suite.table, 0),
            outcome="error",
            reason=reason,
        )
        for suite in suites
    ]


def limit_of_the_machine(suites: Sequence[SuiteResult]) -> str | None:
    """The first limit that kept an expectation from being evaluated, with what to do; nothing
    where no limit did."""
    errors = (check.error for suite in suites for check in suite.checks if check.error)
    limit = next(filter(remedy_for, errors), None)
    return None if limit is None else with_remedy(first_line(limit), told_by=limit)


def conclude(settings: Settings, found: GateResult, *, started: float) -> GateResult:
    """Keep the result, say what should be looked at, and stop the run where it must stop."""
    kinds = failure_kinds(found.suites)
    is_empty = not any(suite.rows_expected for suite in found.suites)
    result = msgspec.structs.replace(
        found,
        outcome="failed" if kinds else "nothing_new" if is_empty else "passed",
        failure_kinds=kinds,
        checked_at=datetime.now(UTC).isoformat(timespec="seconds"),
        great_expectations_version=version("great-expectations"),
        seconds=round(monotonic() - started, 3),
    )
    kept = write_result(settings, result)
    warnings = describe_warnings(result)
    if warnings:
        print(warnings, file=sys.stderr)
    if kinds:
        if "data" not in kinds and (limit := limit_of_the_machine(found.suites)):
            raise TakeupError(f"the {result.gate} gate could not look at everything: {limit}")
        raise StoppedByGate(result, describe_failure(result, kept=kept))
    if result.subject is not None:
        record_approval(settings, run_id=result.run_id, file=result.subject)
    return result
