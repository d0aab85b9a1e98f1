"""Both gates on a small world, where every expectation is broken at least once."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec import structs

from core.errors import GateFailed, TakeupError
from core.settings import Settings
from expectations import gates, runner, windows
from expectations.approval import is_approved, require_approval, why_not_approved
from expectations.catalogue import suites_of, written
from expectations.definitions import ROW_GUARD, Expectation, Suite
from expectations.derived import NAMES, name_of
from expectations.gates import gate_log, gate_warehouse
from expectations.results import (
    CheckResult,
    GateResult,
    StoppedByGate,
    SuiteResult,
    read_result,
    result_path,
)
from expectations.runner import Task, run_suites
from expectations.views import show_log_batch, show_register, show_warehouse
from expectations.workspace import Workspace, attached, open_workspace
from ingest.log.columns import declared
from tests.support.gate_measures import withheld
from tests.support.gate_tables import (
    ALPHA_QUARTER,
    BROKEN_BATCHES,
    BROKEN_CONTRACTS,
    BROKEN_TABLES,
    FIRST_RUN,
    MORE_BROKEN_BATCHES,
    MORE_BROKEN_TABLES,
    Event,
    batch_events,
    build_log,
    build_staging,
    event,
    ledger_records,
    settings_of,
    write_records,
    write_registers,
)

LOG_SUITE = suites_of("log")[0]
WAREHOUSE_SUITES = suites_of("warehouse")
FEW = {"take_up", "take_up_headline", "ingest_ledger"}
TABLE_OF = {
    expectation.name: suite for suite in WAREHOUSE_SUITES for expectation in suite.expectations
}
WRITTEN = {
    gate: {
        one.name
        for extra in written().values()
        if extra.gate == gate and extra.table != windows.TABLE
        for one in extra.expectations
    }
    for gate in ("log", "warehouse")
}
"""But for windows, whose cases are in `test_windows`."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_of(tmp_path / "home")


@pytest.fixture
def registers(tmp_path: Path) -> Path:
    return write_registers(tmp_path / "seeds")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a log and a staging file that follows from it."""
    folder = tmp_path_factory.mktemp("world")
    build_staging(folder / "takeup.duckdb", build_log(folder / "log"))
    return folder


@pytest.fixture
def staged(settings: Settings, world: Path) -> Settings:
    """A home whose staging file is a copy of the small world's."""
    settings.warehouse.mkdir(parents=True)
    shutil.copy(world / "takeup.duckdb", settings.staging_file)
    return settings


@pytest.fixture
def few_suites(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warehouse's gate of a few tables, where it matters that it runs and not what it finds."""
    few = [one for one in WAREHOUSE_SUITES if one.table in FEW]
    monkeypatch.setattr(gates, "suites_of", lambda _: few)


@pytest.fixture(scope="module")
def passing_run(
    world: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, GateResult]:
    """A home whose staging file, the small world's, has passed its gate. Nobody changes it."""
    folder = tmp_path_factory.mktemp("passed")
    home = settings_of(folder / "home")
    home.warehouse.mkdir(parents=True)
    shutil.copy(world / "takeup.duckdb", home.staging_file)
    seeds = write_registers(folder / "seeds")
    return home, gate_warehouse(home, run_id="r", is_simulated=False, registers=seeds)


@pytest.fixture
def passed(settings: Settings, passing_run: tuple[Settings, GateResult]) -> Settings:
    """A copy of that home, to the moment of each file's last change."""
    shutil.copytree(passing_run[0].home, settings.home)
    return settings


def change_staging(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(settings.staging_file)) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(sql)


@contextmanager
def shown_batch(settings: Settings, registers: Path, events: list[Event]) -> Iterator[Workspace]:
    path = write_records(settings.home / "batch.parquet", "event", events)
    with open_workspace(settings) as workspace:
        show_log_batch(workspace, [path], settings=settings, registers=registers)
        yield workspace


def run_one(workspace: Workspace, suite: Suite, rows: int) -> SuiteResult:
    return run_suites(workspace, [Task(suite, rows)], run_id="test", docs=None)[0]


def outcomes(suite: SuiteResult) -> dict[str, str]:
    """What did not pass, with its outcome."""
    return {check.name: check.outcome for check in suite.checks if check.outcome != "passed"}


def named(suite: SuiteResult, name: str) -> CheckResult:
    return next(check for check in suite.checks if check.name == name)


def only(suite: Suite, name: str) -> Suite:
    """The suite with one of its expectations."""
    kept = [one for one in suite.expectations if one.name == name]
    return structs.replace(suite, expectations=kept)


def severity_of(suite: Suite, name: str) -> str:
    return next(one.severity for one in suite.expectations if one.name == name)


# every expectation can fail


def test_every_expectation_has_a_case_that_breaks_it() -> None:
    assert set(BROKEN_BATCHES) == WRITTEN["log"]
    assert set(BROKEN_TABLES) == WRITTEN["warehouse"]
    assert {kind for kind, _, _ in BROKEN_CONTRACTS} == set(NAMES)


def test_a_good_batch_passes(settings: Settings, registers: Path) -> None:
    events = batch_events()
    with shown_batch(settings, registers, events) as workspace:
        found = run_one(workspace, LOG_SUITE, len(events))
    assert outcomes(found) == {}
    assert found.rows_checked == len(events)
    assert found.checks_run == found.checks_expected == len(LOG_SUITE.expectations) + 1


@pytest.mark.parametrize(
    ("name", "break_batch"),
    [*BROKEN_BATCHES.items(), *MORE_BROKEN_BATCHES],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_batch_is_noticed(
    settings: Settings,
    registers: Path,
    name: str,
    break_batch: Callable[[list[Event]], None],
) -> None:
    events = batch_events()
    break_batch(events)
    with shown_batch(settings, registers, events) as workspace:
        found = run_one(workspace, only(LOG_SUITE, name), len(events))
    expected = "failed" if severity_of(LOG_SUITE, name) == "fail" else "warned"
    assert outcomes(found).get(name) == expected
    check = named(found, name)
    assert check.unexpected_count is not None
    assert check.unexpected_count >= 1
    assert 1 <= len(check.samples) <= 5


@pytest.mark.parametrize(
    "column", [name for name, column in declared("event").items() if column.is_always_filled]
)
def test_an_event_without_what_every_event_has_is_noticed(
    settings: Settings, registers: Path, column: str
) -> None:
    events = batch_events()
    events[3][column] = None
    with shown_batch(settings, registers, events) as workspace:
        found = run_one(workspace, only(LOG_SUITE, "log_events_has_no_gaps"), len(events))
    (sample,) = named(found, "log_events_has_no_gaps").samples
    assert sample["broken"] == f"{column} = null"


def test_a_column_that_is_missing_is_named_and_what_needs_it_is_no_data_failure(
    settings: Settings, registers: Path
) -> None:
    path = write_records(settings.home / "batch.parquet", "event", batch_events())
    without = settings.home / "without.parquet"
    duckdb.sql(f"copy (select * exclude (file_hash) from '{path}') to '{without}'")
    with open_workspace(settings) as workspace:
        show_log_batch(workspace, [str(without)], settings=settings, registers=registers)
        found = run_one(workspace, LOG_SUITE, len(batch_events()))
    assert outcomes(found)["log_events_has_its_columns"] == "failed"
    assert outcomes(found)["origin_is_given"] == "error"
    assert "file_hash" in str(named(found, "origin_is_given").error)
    assert "type_is_known" not in outcomes(found)


def test_a_good_warehouse_passes(world: Path, settings: Settings, registers: Path) -> None:
    with (
        open_workspace(settings) as workspace,
        attached(workspace, world / "takeup.duckdb"),
    ):
        show_warehouse(workspace, settings=settings, registers=registers, is_simulated=False)
        tasks = [
            Task(suite, workspace.scalar(f"select count(*) from {suite.table}"))
            for suite in suites_of("warehouse")
        ]
        found = run_suites(workspace, tasks, run_id="test", docs=None)
    assert {suite.table: outcomes(suite) for suite in found} == {suite.table: {} for suite in found}
    assert all(suite.rows_checked > 0 for suite in found if suite.table in written())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sql"),
    [
        *BROKEN_TABLES.items(),
        *MORE_BROKEN_TABLES,
        *((name_of(table, kind), sql) for kind, table, sql in BROKEN_CONTRACTS),
    ],
    ids=lambda value: value[:60],
)
def test_a_broken_warehouse_is_noticed(
    staged: Settings, registers: Path, name: str, sql: str
) -> None:
    change_staging(staged, sql)
    suite = TABLE_OF[name]
    with open_workspace(staged) as workspace, attached(workspace, staged.staging_file):
        show_warehouse(workspace, settings=staged, registers=registers, is_simulated=False)
        rows = workspace.scalar(f"select count(*) from {suite.table}")
        found = run_one(workspace, only(suite, name), rows)
    expected = "failed" if severity_of(suite, name) == "fail" else "warned"
    assert outcomes(found).get(name) == expected, outcomes(found)
    assert 1 <= len(named(found, name).samples) <= 5


@pytest.mark.parametrize("states_its_types", [True, False])
def test_what_is_set_aside_is_not_counted_in_files_of_transactions_alone(
    staged: Settings, registers: Path, states_its_types: bool
) -> None:
    completed = "uk.gov.takeup.transaction.completed.v1"
    ended = {"service_id": "alpha", "channel": "online"}
    sent = [event("transaction.completed", name, **ended) for name in ("a", "b", "c")]
    aside = json.dumps({"source": sent[1]["source"], "id": sent[1]["id"]})
    transactions = write_records(staged.home / "transactions.parquet", "event", sent)
    others = write_records(
        staged.home / "others.parquet", "event", [event("record.set_aside", "not b", data=aside)]
    )
    stated = f"'{completed}', '{completed}'" if states_its_types else "null, null"
    change_staging(
        staged,
        "delete from internal.log_files where record_kind = 'event';"
        f"insert into internal.log_files values ('event', '{transactions}', 1, {stated}),"
        f" ('event', '{others}', 1, null, null);"
        "delete from transaction_counts;"
        "insert into transaction_counts by name select date '2014-01-01' as month_start",
    )
    with open_workspace(staged) as workspace, attached(workspace, staged.staging_file):
        show_warehouse(workspace, settings=staged, registers=registers, is_simulated=False)
        for table, counted in (("log_types", 3), ("log_counts", 2)):
            count = f"select events_count from {table} where type = '{completed}'"
            assert workspace.scalar(count) == counted
        assert workspace.scalar("select sum(completed_count) from log_days") == 2
        apart = workspace.scalar("select count(*) from log_transactions")
        assert apart == (3 if states_its_types else 0)


def withheld_outcomes(home: Settings, registers: Path) -> dict[str, str]:
    """What did not pass of `data_quality`, with the count in the staging file as it is."""
    suite = next(one for one in WAREHOUSE_SUITES if one.table == "data_quality")
    with open_workspace(home) as workspace, attached(workspace, home.staging_file):
        show_warehouse(workspace, settings=home, registers=registers, is_simulated=False)
        rows = workspace.scalar("select count(*) from data_quality")
        return outcomes(run_one(workspace, suite, rows))


WITHHOLD = "range({0}).list_transform(lambda number: 'new ' || number)"


@pytest.mark.parametrize(
    ("withheld_count", "services_count", "found"),
    [
        (5, 800, {"nothing_is_newly_withheld": "warned"}),
        (5, 100, {"nothing_is_newly_withheld": "warned"}),
        (16, 800, {"nothing_is_newly_withheld": "warned"}),
        (
            17,
            800,
            {"withheld_services_are_few": "failed", "nothing_is_newly_withheld": "warned"},
        ),
        (
            6,
            100,
            {"withheld_services_are_few": "failed", "nothing_is_newly_withheld": "warned"},
        ),
    ],
)
def test_the_gate_stops_where_more_is_newly_withheld_than_the_settings_allow(
    staged: Settings,
    registers: Path,
    withheld_count: int,
    services_count: int,
    found: dict[str, str],
) -> None:
    change_staging(
        staged,
        f"delete from services; insert into services (service_id) from range({services_count}); "
        + withheld(services=WITHHOLD.format(withheld_count)),
    )
    assert withheld_outcomes(staged, registers) == found


def test_what_the_published_file_withholds_already_is_not_new(
    staged: Settings, registers: Path
) -> None:
    change_staging(staged, withheld(services=WITHHOLD.format(6)))
    staged.published.mkdir()
    shutil.copy(staged.staging_file, staged.published_file)
    assert withheld_outcomes(staged, registers) == {}

    change_staging(staged, withheld(services=WITHHOLD.format(6), quantity="total_count"))
    assert withheld_outcomes(staged, registers)["withheld_services_are_few"] == "failed"
    raised = staged.model_copy(update={"withheld_services": 6})
    assert "withheld_services_are_few" not in withheld_outcomes(raised, registers)


@pytest.mark.parametrize("content", [b"not a database", None])
def test_a_published_file_that_can_not_say_what_it_withholds_counts_as_none(
    staged: Settings, registers: Path, content: bytes | None
) -> None:
    change_staging(staged, withheld(services=WITHHOLD.format(1)))
    staged.published.mkdir()
    if content is None:  # of before figures were withheld
        with duckdb.connect(str(staged.published_file)) as connection:
            connection.execute("create table take_up as select 1 as number")
    else:
        staged.published_file.write_bytes(content)
    assert withheld_outcomes(staged, registers) == {"nothing_is_newly_withheld": "warned"}


# the log's gate


def test_the_log_gate_passes_and_keeps_a_result_that_reads_back(
    settings: Settings, registers: Path
) -> None:
    path = write_records(settings.home / "batch.parquet", "event", batch_events())
    result = gate_log(
        settings,
        paths=[path],
        expected_rows=len(batch_events()),
        run_id="manual__2017-01-01T03:00:00+00:00",
        registers=registers,
    )
    assert result.outcome == "passed"
    assert result.failure_kinds == []
    assert result.suites[0].rows_checked == len(batch_events())
    kept = result_path(settings, run_id="manual__2017-01-01T03:00:00+00:00", gate="log")
    assert kept.parent == settings.home / "warehouse" / "gates"
    assert read_result(kept) == result
    assert not (settings.warehouse / "gate.tmp").exists()


def test_several_files_are_one_batch(settings: Settings, registers: Path) -> None:
    events = batch_events()
    paths = [
        write_records(settings.home / f"it's [{number}]*.parquet", "event", events[number::2])
        for number in range(2)
    ]
    result = gate_log(
        settings, paths=paths, expected_rows=len(events), run_id="r", registers=registers
    )
    assert result.suites[0].rows_checked == len(events)


def test_an_empty_batch_is_nothing_new(settings: Settings, registers: Path) -> None:
    result = gate_log(settings, paths=[], expected_rows=0, run_id="r", registers=registers)
    assert result.outcome == "nothing_new"
    empty = write_records(settings.home / "empty.parquet", "event", [])
    result = gate_log(settings, paths=[empty], expected_rows=0, run_id="r", registers=registers)
    assert result.outcome == "nothing_new"
    assert read_result(result_path(settings, run_id="r", gate="log")) == result


@pytest.mark.parametrize("difference", [-1, 1])
def test_a_batch_of_another_size_fails(
    settings: Settings, registers: Path, difference: int
) -> None:
    events = batch_events()
    path = write_records(settings.home / "batch.parquet", "event", events)
    expected = len(events) + difference
    with pytest.raises(StoppedByGate) as stopped:
        gate_log(settings, paths=[path], expected_rows=expected, run_id="r", registers=registers)
    assert stopped.value.result.failure_kinds == ["incomplete"]
    assert f"{len(events)} of {expected} rows were checked" in str(stopped.value)


def test_rows_without_files_and_files_without_rows_fail(
    settings: Settings, registers: Path
) -> None:
    with pytest.raises(StoppedByGate, match="no file was given"):
        gate_log(settings, paths=[], expected_rows=5, run_id="r", registers=registers)
    path = write_records(settings.home / "batch.parquet", "event", batch_events())
    with pytest.raises(StoppedByGate, match="of 0 rows were checked"):
        gate_log(settings, paths=[path], expected_rows=0, run_id="r", registers=registers)


def test_a_file_that_can_not_be_read_is_an_error_and_not_bad_data(
    settings: Settings, registers: Path
) -> None:
    path = Path(write_records(settings.home / "batch.parquet", "event", batch_events()))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(StoppedByGate) as stopped:
        gate_log(settings, paths=[str(path)], expected_rows=24, run_id="r", registers=registers)
    assert stopped.value.result.failure_kinds == ["error", "incomplete"]
    assert stopped.value.result.suites[0].rows_checked == 0
    assert str(stopped.value).count("nothing was checked") == 1


def test_the_message_names_expectation_meaning_rows_and_remedy(
    settings: Settings, registers: Path
) -> None:
    events = batch_events()
    BROKEN_BATCHES["channel_is_registered"](events)
    path = write_records(settings.home / "batch.parquet", "event", events)
    with pytest.raises(GateFailed) as stopped:
        gate_log(settings, paths=[path], expected_rows=len(events), run_id="r", registers=registers)
    assert stopped.value.exit_code == 3
    message = str(stopped.value)
    assert message.startswith("the log gate stopped the run, nothing was published")
    assert "log_events: channel_is_registered, 1 unexpected" in message
    assert "an unmapped one is an error" in message
    assert '"channel": "telegram"' in message
    assert "seeds/channels.csv" in message
    assert str(result_path(settings, run_id="r", gate="log")) in message


def test_a_warning_is_printed_and_stops_nothing(
    settings: Settings, registers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    events = batch_events()
    BROKEN_BATCHES["time_is_not_ancient"](events)
    path = write_records(settings.home / "batch.parquet", "event", events)
    result = gate_log(
        settings, paths=[path], expected_rows=len(events), run_id="r", registers=registers
    )
    assert result.outcome == "passed"
    assert [check.name for _, check in result.warnings] == ["time_is_not_ancient"]
    said = capsys.readouterr()
    assert "time_is_not_ancient (warning), 1 unexpected" in said.err
    assert said.out == ""


# expectations that raise, vanish, or give back what JSON does not know


def suite_with(expectation: Expectation) -> Suite:
    return Suite(
        gate="log",
        table="log_events",
        rows=LOG_SUITE.rows,
        show=LOG_SUITE.show,
        expectations=[expectation],
    )


def sql_expectation(name: str, sql: str, severity: Any = "fail") -> Expectation:
    return Expectation(
        name=name,
        severity=severity,
        means="It holds.",
        when_it_trips="Mend it.",
        unexpected_rows=sql,
    )


def gate_with(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, registers: Path, suite: Suite
) -> GateResult:
    monkeypatch.setattr(gates, "suites_of", lambda gate: (suite,))
    events = batch_events()
    path = write_records(settings.home / "batch.parquet", "event", events)
    return gate_log(
        settings, paths=[path], expected_rows=len(events), run_id="r", registers=registers
    )


@pytest.mark.parametrize("severity", ["fail", "warn"])
def test_an_exception_inside_an_expectation_is_reported_apart(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, registers: Path, severity: str
) -> None:
    suite = suite_with(
        sql_expectation("divides", "select * from batch where no_such_column = 1", severity)
    )
    with pytest.raises(StoppedByGate) as stopped:
        gate_with(monkeypatch, settings, registers, suite)
    result = stopped.value.result
    assert result.failure_kinds == ["error", "incomplete"]
    assert outcomes(result.suites[0]) == {"divides": "error"}
    assert "says nothing about the data" in str(stopped.value)
    assert "no_such_column" in str(stopped.value)


def test_an_expectation_without_a_result_fails_the_gate(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, registers: Path
) -> None:
    suite = suite_with(sql_expectation("lost", "select * from batch where false"))
    real = runner.validate

    def losing(*arguments: Any) -> Any:
        result = real(*arguments)
        result.results = [one for one in result.results if runner.name_of(one) != "lost"]
        return result

    monkeypatch.setattr(runner, "validate", losing)
    with pytest.raises(StoppedByGate) as stopped:
        gate_with(monkeypatch, settings, registers, suite)
    assert stopped.value.result.failure_kinds == ["incomplete"]
    assert stopped.value.result.suites[0].checks_run == 1
    assert "lost" in str(stopped.value)


def test_a_failure_of_great_expectations_itself_is_an_error(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, registers: Path
) -> None:
    def broken(*arguments: Any) -> Any:
        raise RuntimeError("no more memory")

    monkeypatch.setattr(runner, "validate", broken)
    with pytest.raises(StoppedByGate, match="RuntimeError: no more memory") as stopped:
        gate_with(monkeypatch, settings, registers, LOG_SUITE)
    assert stopped.value.result.failure_kinds == ["error", "incomplete"]


def test_a_numpy_bool_does_not_keep_a_result_from_being_stored(
    settings: Settings, registers: Path
) -> None:
    """Quantiles come back with NumPy bools among their details, which JSON does not take."""
    from great_expectations.expectations.core import ExpectColumnQuantileValuesToBeBetween

    quantiles = ExpectColumnQuantileValuesToBeBetween(
        column="position",
        quantile_ranges={"quantiles": [0.5], "value_ranges": [[0, 1]]},
        meta={"name": "quantiles"},
    )
    events = batch_events()
    with shown_batch(settings, registers, events) as workspace:
        context = runner.open_context()
        datasource = context.data_sources.add_duckdb("duckdb", connection_string=workspace.url)
        asset = datasource.add_table_asset("log_events", table_name="log_events")
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        raw = batch.validate(quantiles, result_format="SUMMARY")
        with pytest.raises(TypeError, match="bool is not JSON serializable"):
            json.dumps(raw.to_json_dict())
        check = runner.to_check_result(
            workspace,
            LOG_SUITE,
            sql_expectation("quantiles", "select * from batch"),
            raw,
        )
        datasource.get_execution_engine().close()
        datasource.get_engine().dispose()
    assert check.observed["details"]["success_details"] == [True]
    assert json.loads(json.dumps(check.observed)) == check.observed


# the warehouse's gate, and what a pass is good for


def test_a_pass_is_bound_to_the_file(
    staged: Settings, passing_run: tuple[Settings, GateResult]
) -> None:
    assert not is_approved(staged)
    passed, result = passing_run
    assert result.outcome == "passed"
    assert result.subject is not None
    assert result.subject.size_bytes == passed.staging_file.stat().st_size
    assert is_approved(passed)
    require_approval(passed)

    shutil.rmtree(staged.home)
    shutil.copytree(passed.home, staged.home)
    assert is_approved(staged)
    change_staging(staged, "comment on table take_up is 'touched'")
    assert not is_approved(staged)
    with pytest.raises(GateFailed, match="is not the file that passed in run r"):
        require_approval(staged)


@pytest.mark.usefixtures("few_suites")
def test_the_gate_leaves_the_staging_file_alone_and_lets_go_of_it(
    staged: Settings, registers: Path
) -> None:
    before = staged.staging_file.read_bytes()
    gate_warehouse(staged, run_id="r", is_simulated=False, registers=registers)
    assert staged.staging_file.read_bytes() == before
    assert sorted(path.name for path in staged.warehouse.iterdir()) == ["gates", "takeup.duckdb"]
    change_staging(staged, "create table mine as select 1 as number")  # it can be written again


@pytest.mark.usefixtures("few_suites")
def test_a_failed_gate_withdraws_an_earlier_pass(passed: Settings, registers: Path) -> None:
    kept = passed.home / "kept.duckdb"
    shutil.copy2(passed.staging_file, kept)
    change_staging(passed, BROKEN_TABLES["headline_is_a_row_of_take_up"])
    with pytest.raises(StoppedByGate) as stopped:
        gate_warehouse(passed, run_id="bad", is_simulated=False, registers=registers)
    assert stopped.value.result.failure_kinds == ["data"]
    assert stopped.value.result.subject is not None
    shutil.copy2(kept, passed.staging_file)
    assert why_not_approved(passed) == "no warehouse gate has passed"


@pytest.mark.usefixtures("few_suites")
def test_a_table_that_is_missing_fails_the_gate(staged: Settings, registers: Path) -> None:
    change_staging(staged, "drop table ingest_ledger")
    with pytest.raises(StoppedByGate) as stopped:
        gate_warehouse(staged, run_id="r", is_simulated=False, registers=registers)
    assert stopped.value.result.failure_kinds == ["incomplete"]
    assert "ingest_ledger: nothing was checked: there is no table ingest_ledger" in str(
        stopped.value
    )


@pytest.mark.slow
def test_an_empty_mart_passes_where_the_log_has_nothing_for_it(
    staged: Settings, registers: Path
) -> None:
    empty = write_records(staged.home / "no_events.parquet", "event", [])
    notes = next(record for record in ledger_records() if record["name"] == "notes")
    rejected = write_records(staged.home / "rejected.parquet", "file", [notes])
    kept = {"target_attainment", "warehouse_version", "ingest_ledger", "run_history"}
    change_staging(
        staged,
        f"update internal.log_files set path = '{empty}' where record_kind = 'event';"
        f"update internal.log_files set path = '{rejected}' where record_kind = 'file';"
        "delete from target_attainment where target_id = 'reached';"
        "delete from ingest_ledger where name <> 'notes';"
        "delete from run_history where commit_version <> 1;"
        "update run_history set files_count = 1, files_rejected_count = 1, read_count = 0, "
        "accepted_count = 0, duplicate_count = 0, quarantined_count = 0;"
        f"update warehouse_version set run_at = '{FIRST_RUN}';"
        + "".join(
            f"delete from {suite.table};"
            for suite in WAREHOUSE_SUITES
            if suite.table not in {*kept, windows.TABLE}
        ),
    )
    (registers / "targets.csv").write_text(
        "target_id,service_id,target_ratio,set_on,due_on,period_kind,definition_id\n"
        "unmeasured,beta,0.9,2014-06-30,,rolling_year,transactions-explorer\n"
    )
    result = gate_warehouse(staged, run_id="r", is_simulated=False, registers=registers)
    assert result.outcome == "passed"
    assert is_approved(staged)


@pytest.mark.slow
def test_simulated_figures_do_not_pass_for_real_ones(staged: Settings, registers: Path) -> None:
    with pytest.raises(StoppedByGate) as stopped:
        gate_warehouse(staged, run_id="r", is_simulated=True, registers=registers)
    broken = {check.name for _, check in stopped.value.result.failures}
    of_tables = (one for one in written().values() if one.table != windows.TABLE)
    assert len(broken) == sum(suite.gate == "warehouse" for suite in of_tables)
    assert all("simulated" in name for name in broken)
    assert "on simulated data" in str(stopped.value)


def test_a_staging_file_that_was_not_closed_is_refused(staged: Settings, registers: Path) -> None:
    staged.staging_file.with_name("takeup.duckdb.wal").write_bytes(b"left over")
    with pytest.raises(GateFailed, match="did not close it"):
        gate_warehouse(staged, run_id="r", is_simulated=False, registers=registers)


def test_no_staging_file_and_a_broken_one(settings: Settings, registers: Path) -> None:
    with pytest.raises(GateFailed, match="build the warehouse first"):
        gate_warehouse(settings, run_id="r", is_simulated=False, registers=registers)
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    settings.staging_file.write_bytes(b"no database" * 1000)
    with pytest.raises(StoppedByGate) as stopped:
        gate_warehouse(settings, run_id="r", is_simulated=False, registers=registers)
    assert stopped.value.result.failure_kinds == ["error", "incomplete"]
    assert not is_approved(settings)


def test_a_pass_without_a_write_ahead_log_is_lost_when_one_appears(
    passed: Settings,
) -> None:
    assert is_approved(passed)
    passed.staging_file.with_name("takeup.duckdb.wal").write_bytes(b"later")
    assert not is_approved(passed)


# Data Docs


@pytest.mark.usefixtures("few_suites")
def test_data_docs_are_written_and_neither_run_nor_load_anything(
    staged: Settings, registers: Path
) -> None:
    change_staging(
        staged,
        f"update take_up set value_status = '<script>alert(1)</script>' where {ALPHA_QUARTER}",
    )
    with pytest.raises(StoppedByGate):
        gate_warehouse(staged, run_id="<b>run", is_simulated=False, registers=registers)
    site = staged.site / "data_docs"
    pages = list(site.rglob("*.html"))
    assert site / "index.html" in pages
    assert site / "warehouse" / "index.html" in pages
    assert len(pages) == 2 + 2 * len(FEW)
    for page in pages:
        text = page.read_text("utf-8")
        assert "<script" not in text
        assert "http://" not in text.replace("http-equiv", "")
        assert "https://" not in text
        assert "Content-Security-Policy" in text
    index = (site / "warehouse" / "index.html").read_text("utf-8")
    assert "take_up: take_up_values_are_known, 1 unexpected" in index
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in index
    for link in (part.split('"')[0] for part in index.split('href="')[1:]):
        assert (site / "warehouse" / link).is_file()
    assert "<b>run" not in index


def test_data_docs_of_simulated_data_say_so(settings: Settings, registers: Path) -> None:
    path = write_records(settings.home / "batch.parquet", "event", batch_events())
    gate_log(
        settings,
        paths=[path],
        expected_rows=len(batch_events()),
        run_id="r",
        is_simulated=True,
        registers=registers,
    )
    pages = list((settings.site / "data_docs" / "log").rglob("*.html"))
    assert len(pages) == 3
    assert all("Simulated data" in page.read_text("utf-8") for page in pages)


@pytest.mark.usefixtures("few_suites")
def test_the_gate_opens_no_connection_and_writes_only_under_the_home(
    staged: Settings, registers: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*arguments: Any, **options: Any) -> Any:
        raise AssertionError("a gate opened a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    person = tmp_path / "person"
    person.mkdir()
    monkeypatch.setenv("HOME", str(person))
    monkeypatch.chdir(person)
    gate_warehouse(staged, run_id="r", is_simulated=False, registers=registers)
    assert list(person.iterdir()) == []


def test_the_row_guard_heads_every_suite(passing_run: tuple[Settings, GateResult]) -> None:
    _, result = passing_run
    assert [suite.table for suite in result.suites] == [one.table for one in WAREHOUSE_SUITES]
    for suite in result.suites:
        assert suite.checks[0].name == ROW_GUARD.name
        assert suite.rows_checked == suite.rows_expected
        assert suite.rows_expected > 0 or suite.table not in written()


@pytest.mark.slow
def test_gates_print_nothing_of_their_own(staged: Settings, registers: Path) -> None:
    """Great Expectations draws progress bars and remarks unless it is told not to."""
    code = (
        "import sys; from pathlib import Path; from core.settings import Settings;"
        "from expectations.gates import gate_warehouse;"
        "gate_warehouse(Settings(home=Path(sys.argv[1]), threads=1), run_id='r', "
        "is_simulated=False, registers=Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(staged.home), str(registers)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == ""
    assert done.stderr == ""


def test_a_gate_that_the_machine_gives_no_memory_has_not_tripped(
    staged: Settings, registers: Path
) -> None:
    poor = staged.model_copy(update={"memory_limit": "4MB"})
    with pytest.raises(TakeupError, match="TAKEUP_MEMORY_LIMIT") as told:
        gate_warehouse(poor, run_id="r", is_simulated=False, registers=registers)
    assert told.value.exit_code == 1
    assert not is_approved(staged)


def test_what_the_library_logs_of_an_error_is_in_the_result_alone(
    settings: Settings, registers: Path
) -> None:
    """A file of the log goes while the gate looks at it."""
    path = write_records(settings.home / "batch.parquet", "event", batch_events())
    code = (
        "import sys; from pathlib import Path; from core.settings import Settings;"
        "from expectations.deferred import load_runner; load_runner();"
        "from expectations import gates, runner; validate = runner.validate;"
        "runner.validate = lambda *given: (Path(sys.argv[3]).unlink(), validate(*given))[1];"
        "gates.gate_log(Settings(home=Path(sys.argv[1])), paths=[sys.argv[3]], expected_rows=2,"
        "run_id='r', is_simulated=False, registers=Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(settings.home), str(registers), str(path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    _, said = done.stderr.split("expectations.results.StoppedByGate: ")
    assert done.stderr.count("Traceback") == 1, "that of the process itself"
    assert "could not be evaluated" in said


def test_a_register_whose_lines_end_in_two_ways_is_shown(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "channels.csv").write_bytes(b"channel,channel_name\nonline,Online\r\npost,\n")
    with open_workspace(settings) as workspace:
        show_register(workspace, tmp_path, "channels")
        assert workspace.rows("from register_channels order by channel") == [
            {"channel": "online", "channel_name": "Online"},
            {"channel": "post", "channel_name": None},
        ]
