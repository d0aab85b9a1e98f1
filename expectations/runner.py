"""Runs suites through Great Expectations. Importing this module imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import great_expectations as gx
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    ExpectationValidationResult,
)
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.data_context.ephemeral_data_context import (
    EphemeralDataContext,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.datasource.fluent.interfaces import Batch
from great_expectations.expectations import core as known_expectations
from great_expectations.expectations.expectation import Expectation as GXExpectation
from sqlalchemy.exc import DBAPIError

from expectations.data_docs import build_site, escape_result
from expectations.definitions import ROW_GUARD, Expectation, Suite, with_row_guard
from expectations.duckdb_datasource import DuckDBDatasource
from expectations.results import (
    CheckResult,
    Outcome,
    SuiteResult,
    file_name_of,
    nothing_checked,
    to_json,
)
from expectations.samples import on_table, sample_rows
from expectations.unexpected_rows import NoUnexpectedRows
from expectations.windows import unchecked_series
from expectations.workspace import Workspace

AT_ONCE = 2
"""Suites that are validated at a time: what DuckDB does for one waits for no Python of another."""


@dataclass(frozen=True)
class Task:
    """A suite to run on a table that holds so many rows."""

    suite: Suite
    rows_expected: int


def run_suites(
    workspace: Workspace,
    tasks: Sequence[Task],
    *,
    run_id: str,
    docs: Path | None,
    is_simulated: bool = False,
) -> list[SuiteResult]:
    """Run each suite on its table, and write Data Docs of them where `docs` is given."""
    context = open_context()
    run = RunIdentifier(run_name=file_name_of(run_id), run_time=datetime.now(UTC))
    shown = workspace.tables()
    with validating(context, workspace.url) as validated:
        results = {task.suite.table: validated(task) for task in tasks if task.suite.table in shown}
        found = [
            conclude_suite(workspace, context, task, results[task.suite.table], run=run)
            if task.suite.table in shown
            else nothing_checked(
                task.suite,
                rows_expected=task.rows_expected,
                outcome="not_run",
                reason=f"there is no table {task.suite.table}",
            )
            for task in tasks
        ]
    if docs is not None:
        build_site(
            context,
            found,
            site=docs,
            scratch=workspace.folder / "data_docs",
            run_id=run_id,
            is_simulated=is_simulated,
        )
    return found


Validated = tuple[Batch, ExpectationSuiteValidationResult]


@contextmanager
def validating(
    context: EphemeralDataContext, url: str
) -> Iterator[Callable[[Task], Future[Validated]]]:
    """A way to have suites validated two at a time: while DuckDB plans what one asks, which is
    half of a gate's time, Great Expectations words what the next one does."""
    names = [f"duckdb_{number}" for number in range(AT_ONCE)]
    opened = [context.data_sources.add_duckdb(name, connection_string=url) for name in names]
    free: SimpleQueue[DuckDBDatasource] = SimpleQueue()
    for one in opened:
        free.put(one)

    def validated(task: Task) -> Validated:
        datasource = free.get()
        try:
            asset = datasource.add_table_asset(task.suite.table, table_name=task.suite.table)
            batch = asset.add_batch_definition_whole_table("whole table").get_batch()
            return batch, validate(batch, task)
        finally:  # every asset makes the datasource build another engine
            datasource.get_execution_engine().close()
            free.put(datasource)

    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            yield lambda task: pool.submit(validated, task)
    finally:
        for one in opened:
            one.get_engine().dispose()


def conclude_suite(
    workspace: Workspace,
    context: EphemeralDataContext,
    task: Task,
    validated: Future[Validated],
    *,
    run: RunIdentifier,
) -> SuiteResult:
    """Our reading of a suite's result, which is stored for the Data Docs."""
    try:
        batch, result = validated.result()
    except Exception as error:  # whatever it is, it says nothing about the data
        return nothing_checked(
            task.suite,
            rows_expected=task.rows_expected,
            outcome="error",
            reason=f"{type(error).__name__}: {error}",
        )
    found = to_suite_result(workspace, task, result)
    store(context, batch, task, result, run=run)
    return found


def open_context() -> EphemeralDataContext:
    """A context of its own, in memory: nothing of an earlier run can disturb it.

    A context of files, of which nothing is kept either, writes its settings out and reads them
    back for everything that it is asked: ten times as long for what comes to the same.
    """
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            analytics_enabled=False,  # it phones nobody
            progress_bars=ProgressBarsConfig(globally=False),
            store_backend_defaults=InMemoryStoreBackendDefaults(),
        ),
    )
    # For every asset it would write all that it was told so far as YAML, and keep that in memory.
    context.variables.save = lambda: None  # type: ignore[method-assign]
    return context


def to_gx(expectation: Expectation, *, rows_expected: int) -> GXExpectation:
    """An expectation of ours in Great Expectations' terms."""
    common: dict[str, Any] = {
        "meta": {"name": expectation.name},
        "severity": "critical" if expectation.severity == "fail" else "warning",
        "notes": [
            f"{expectation.name} ({expectation.severity}): {expectation.means}",
            f"When it trips: {expectation.when_it_trips} Owner: {expectation.owner}.",
        ],
    }
    if expectation.unexpected_rows is not None:
        return NoUnexpectedRows(
            unexpected_rows_query=on_table(expectation.unexpected_rows, "{batch}"), **common
        )
    arguments = dict(expectation.arguments)
    if expectation is ROW_GUARD:
        arguments["value"] = rows_expected
    kind: type[GXExpectation] = getattr(known_expectations, str(expectation.expect))
    return kind(**arguments, **common)


def in_gx(task: Task, expectations: Sequence[Expectation]) -> list[GXExpectation]:
    """Several expectations of a suite in Great Expectations' terms."""
    return [to_gx(one, rows_expected=task.rows_expected) for one in expectations]


def validate(batch: Batch, task: Task) -> ExpectationSuiteValidationResult:
    """Run one suite.

    Great Expectations computes all column metrics of a run together, in one scan, and
    everything again whenever one of them raises. So SQL of ours, which gains nothing from
    company, runs alone: it can neither slow nor lose another expectation. Row samples are
    not asked for: of a bad table every row would come back.
    """
    alone = in_gx(task, [one for one in task.suite.expectations if one.unexpected_rows is not None])
    together = in_gx(task, [ROW_GUARD, *(one for one in task.suite.expectations if one.expect)])
    result = batch.validate(
        gx.ExpectationSuite(name=task.suite.table, expectations=together), result_format="SUMMARY"
    )
    result.results += [batch.validate(one, result_format="SUMMARY") for one in alone]
    successes = sum(one.success is True for one in result.results)
    result.success = successes == len(result.results)
    result.statistics = {
        "evaluated_expectations": len(result.results),
        "successful_expectations": successes,
        "unsuccessful_expectations": len(result.results) - successes,
        "success_percent": 100 * successes / len(result.results),
    }
    return result


def to_suite_result(
    workspace: Workspace, task: Task, result: ExpectationSuiteValidationResult
) -> SuiteResult:
    """Our reading of a suite's result: an expectation without one is `not_run`, never passed."""
    by_name = {name_of(one): one for one in result.results}
    checks = [
        to_check_result(workspace, task.suite, expectation, by_name.get(expectation.name))
        for expectation in with_row_guard(task.suite)
    ]
    return SuiteResult(
        table=task.suite.table,
        rows_expected=task.rows_expected,
        rows_checked=rows_checked(list(by_name.values())),
        checks_expected=len(checks),
        checks=checks,
    )


def name_of(result: ExpectationValidationResult) -> str:
    """Our name of the expectation that a result is for."""
    configuration = result.expectation_config
    return "" if configuration is None else str(configuration.meta["name"])


def rows_checked(results: Sequence[ExpectationValidationResult]) -> int:
    """The fewest rows that an expectation reports to have seen; 0 where none reports any."""
    counts = []
    for result in results:
        found: Mapping[str, Any] = result.result or {}
        if "element_count" in found:
            counts.append(int(found["element_count"]))
        elif name_of(result) == ROW_GUARD.name and found.get("observed_value") is not None:
            counts.append(int(found["observed_value"]))
    return min(counts, default=0)


def to_check_result(
    workspace: Workspace,
    suite: Suite,
    expectation: Expectation,
    result: ExpectationValidationResult | None,
) -> CheckResult:
    """Our reading of one expectation's result, with sample rows where the data broke it."""
    outcome: Outcome
    error = None
    samples: list[dict[str, Any]] = []
    observed: dict[str, Any] = {}
    count = None
    if result is None:
        outcome, error = "not_run", "no result came back for it"
    else:
        observed = {str(key): to_json(value) for key, value in (result.result or {}).items()}
        error = exception_of(result.exception_info)
        if error is not None:
            outcome = "error"
        elif result.success:
            outcome = "passed"
        else:
            outcome = "failed" if expectation.severity == "fail" else "warned"
            try:
                samples = sample_rows(workspace, suite, expectation)
            except DBAPIError as failure:  # what was found still holds
                samples = [{"no sample rows": str(failure.orig)}]
        if expectation.unexpected_rows is not None:
            count = observed.get("observed_value")
        else:
            count = observed.get("unexpected_count")
    return CheckResult(
        name=expectation.name,
        severity=expectation.severity,
        means=expectation.means,
        when_it_trips=expectation.when_it_trips,
        owner=expectation.owner,
        outcome=outcome,
        unexpected_count=count,
        unchecked_count=unchecked_series(workspace, expectation),
        samples=samples,
        error=error,
        observed=observed,
    )


def exception_of(info: Mapping[str, Any] | None) -> str | None:
    """The message of an exception inside an expectation; nothing where none was raised.

    It comes in two shapes: one record, or one record per metric that failed.
    """
    if not info:
        return None
    records = [info] if "raised_exception" in info else list(info.values())
    for record in records:
        details = record if isinstance(record, Mapping) else vars(record)
        if details.get("raised_exception", True):
            return str(details.get("exception_message") or "no message")
    return None


def store(
    context: EphemeralDataContext,
    batch: Batch,
    task: Task,
    result: ExpectationSuiteValidationResult,
    *,
    run: RunIdentifier,
) -> None:
    """Put a suite and its result where the Data Docs are built from."""
    everything = in_gx(task, with_row_guard(task.suite))
    context.suites.add(
        gx.ExpectationSuite(name=task.suite.table, expectations=everything, notes=[task.suite.rows])
    )
    escape_result(result)
    result.meta["run_id"] = run
    result.meta["validation_time"] = run.run_time
    context.validation_results_store.set(
        ValidationResultIdentifier(
            expectation_suite_identifier=ExpectationSuiteIdentifier(result.suite_name),
            run_id=run,
            batch_identifier=batch.id,
        ),
        result,
    )
