"""Runs suites through Great Expectations. Importing this module imports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
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
    datasource = context.data_sources.add_duckdb("duckdb", connection_string=workspace.url)
    run = RunIdentifier(run_name=file_name_of(run_id), run_time=datetime.now(UTC))
    try:
        shown = workspace.tables()
        found = [
            run_suite(workspace, context, datasource, task, run=run)
            if task.suite.table in shown
            else nothing_checked(
                task.suite,
                rows_expected=task.rows_expected,
                outcome="not_run",
                reason=f"there is no table {task.suite.table}",
            )
            for task in tasks
        ]
    finally:
        datasource.get_engine().dispose()
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


def run_suite(
    workspace: Workspace,
    context: EphemeralDataContext,
    datasource: DuckDBDatasource,
    task: Task,
    *,
    run: RunIdentifier,
) -> SuiteResult:
    """Run one suite, and store its result for the Data Docs."""
    table, rows_expected = task.suite.table, task.rows_expected
    try:
        asset = datasource.add_table_asset(table, table_name=table)
        batch = asset.add_batch_definition_whole_table("whole table").get_batch()
        result = validate(context, batch, task)
    except Exception as error:  # whatever it is, it says nothing about the data
        return nothing_checked(
            task.suite,
            rows_expected=rows_expected,
            outcome="error",
            reason=f"{type(error).__name__}: {error}",
        )
    finally:  # every asset makes the datasource build another engine
        datasource.get_execution_engine().close()
    found = to_suite_result(workspace, task, result)
    store(context, batch, result, run=run)
    return found


def open_context() -> EphemeralDataContext:
    """A context of its own, in memory: nothing of an earlier run can disturb it.

    A context of files, of which nothing is kept either, writes its settings out and reads them
    back for everything that it is asked: ten times as long for what comes to the same.
    """
    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            analytics_enabled=False,  # it phones nobody
            progress_bars=ProgressBarsConfig(globally=False),
            store_backend_defaults=InMemoryStoreBackendDefaults(),
        ),
    )


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


def validate(
    context: EphemeralDataContext, batch: Batch, task: Task
) -> ExpectationSuiteValidationResult:
    """Run one suite.

    Great Expectations computes all column metrics of a run together, in one scan, and
    everything again whenever one of them raises. So SQL of ours, which gains nothing from
    company, runs alone: it can neither slow nor lose another expectation. Row samples are
    not asked for: of a bad table every row would come back.
    """
    alone = in_gx(task, [one for one in task.suite.expectations if one.unexpected_rows is not None])
    together = in_gx(task, [ROW_GUARD, *(one for one in task.suite.expectations if one.expect)])
    name = task.suite.table
    result = batch.validate(
        gx.ExpectationSuite(name=name, expectations=together), result_format="SUMMARY"
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
    everything = in_gx(task, with_row_guard(task.suite))
    context.suites.add(  # for its page in the Data Docs
        gx.ExpectationSuite(name=name, expectations=everything, notes=[task.suite.rows])
    )
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
    result: ExpectationSuiteValidationResult,
    *,
    run: RunIdentifier,
) -> None:
    """Put a result where the Data Docs are built from."""
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
