"""Starts, feedback, contacts, costs, campaigns and a department's return, from files to marts in
two nights."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from msgspec import structs

from core.settings import SEEDS
from expectations import windows
from expectations.catalogue import suites_of
from expectations.runner import Task, run_suites
from expectations.views import show_warehouse
from expectations.workspace import attached, open_workspace
from ingest.sources.mi_template import write_template
from takeup.build import build
from tests.support.events import SERVICE, Event, completed, envelope, started
from tests.support.homes import Home

pytestmark = pytest.mark.nights

FIRST_NIGHT = datetime(2015, 11, 1, 3, tzinfo=UTC)
SECOND_NIGHT = datetime(2015, 11, 2, 3, tzinfo=UTC)
TABLES = (
    "service_measures",
    "start_adjustments",
    "contacts",
    "barriers",
    "campaigns",
    "mi_returns",
)
RETURNED = "dft-book-practical-driving-test"


def start(identifier: str, transaction: str, time: str) -> Event:
    return started(identifier, data={"transaction_id": transaction}, time=time)


def not_eligible(identifier: str, transaction: str, time: str) -> Event:
    data = {"transaction_id": transaction, "outcome": "not_eligible"}
    return completed(identifier, data=data, time=time)


def feedback(identifier: str, rating: int, **barrier: str) -> Event:
    data = {"service_id": SERVICE, "channel": "online", "rating": rating} | barrier
    kind = "uk.gov.takeup.feedback.given.v1"
    return envelope(kind, identifier, data, time="2015-08-05T10:00:00Z")


def night_one() -> list[Event]:
    contact = {"service_id": SERVICE, "channel": "phone", "reason": "chase_progress"}
    cost = {
        "service_id": SERVICE,
        "breakdown": "total",
        "kind": "per_transaction",
        "amount": 12.5,
        "period": {"kind": "rolling_year", "start": "2014-10-01", "end": "2015-09-30"},
    }
    campaign = {
        "service_id": SERVICE,
        "kind": "posters",
        "start": "2015-08-03",
        "end": "2015-08-09",
    }
    at = {"time": "2015-08-06T10:00:00Z"}
    return [
        start("1", "t1", "2015-07-30T10:00:00Z"),
        completed("2", data={"transaction_id": "t1"}, time="2015-07-31T10:00:00Z"),
        start("3", "t2", "2015-08-03T10:00:00Z"),
        # 11 August in UTC and 12 August in London: the day from which it counts.
        not_eligible("4", "t2", "2015-08-11T23:30:00Z"),
        start("5", "t3", "2015-08-10T10:00:00Z"),
        not_eligible("6", "t3", "2015-08-11T10:00:00Z"),
        feedback("7", 5),
        feedback("8", 2, barrier="skills"),
        envelope("uk.gov.takeup.contact.received.v1", "9", contact, **at),
        envelope("uk.gov.takeup.cost.reported.v1", "10", cost, **at),
        envelope("uk.gov.takeup.campaign.ran.v1", "11", campaign, **at),
    ]


def night_two() -> list[Event]:
    return [
        # Saved in July and taken up again in August.
        start("12", "t1", "2015-08-01T10:00:00Z"),
        # Started in July already, which was not known yet.
        start("13", "t3", "2015-07-20T10:00:00Z"),
    ]


def filled_in(paper: str, **said: str) -> bytes:
    """The template of a department's return as it comes back, of one of its services."""
    template = write_template("dft", "2015-Q1", seeds=SEEDS, due_on=date(2015, 4, 30))
    rows = [row for row in csv.DictReader(io.StringIO(template)) if row["service_id"] == RETURNED]
    counts = {"online": "400,000", "phone": "50,000", "paper": paper, "total": "450,100"}
    for row in rows:
        row |= {"count": counts[row["breakdown"]], "submitted_on": said["submitted_on"]}
    rows[-1] |= said
    written = io.StringIO(newline="")
    writer = csv.DictWriter(written, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


FIRST_RETURN = {
    "submitted_on": "2015-05-01",
    "submitted_by_role": "performance analyst",
    "signed_off_by_role": "service manager",
    "signed_off_on": "02/05/2015",
    "assurance": "department",
    "commentary": "Paper is an estimate.",
}
CORRECTION = {
    "submitted_on": "2015-10-31",
    "signed_off_by_role": "finance director",
    "assurance": "audited",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home.at(tmp_path_factory.mktemp("measures"))
    home.land_events("one.jsonl", *night_one())
    home.land("return.csv", filled_in("99.5", **FIRST_RETURN))
    home.ingest(run_at=FIRST_NIGHT)
    build(home.settings)
    home.land_events("two.jsonl", *night_two())
    home.land("corrected.csv", filled_in("100", **CORRECTION))
    home.ingest(run_at=SECOND_NIGHT)
    build(home.settings)
    return home


@pytest.fixture
def built(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(home.settings.staging_file), read_only=True) as connection:
        yield connection


def completion(connection: duckdb.DuckDBPyConnection, relation: str) -> list[tuple[Any, ...]]:
    return connection.sql(
        f"select month(period_start), started_count, completed_count, completion_ratio"
        f" from {relation} where period_kind = 'month' and started_count is not null"
        " order by period_start"
    ).fetchall()


def test_a_transaction_is_started_once_and_in_its_first_month(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert completion(built, "service_measures") == [(7, 2, 1, 0.5), (8, 1, 1, 1.0)]


def test_the_first_night_is_remembered_as_it_was(built: duckdb.DuckDBPyConnection) -> None:
    relation = f"service_measures_as_of(timestamptz '{FIRST_NIGHT.isoformat()}')"

    assert completion(built, relation) == [(7, 1, 1, 1.0), (8, 2, 1, 0.5)]


def test_feedback_contacts_and_costs_stand_beside(built: duckdb.DuckDBPyConnection) -> None:
    august = built.sql(
        "select ratings_count, satisfaction_ratio, satisfied_ratio, contacts_count,"
        " avoidable_contacts_ratio from service_measures"
        " where period_kind = 'month' and period_start = date '2015-08-01'"
    ).fetchall()
    cost = built.sql(
        "select cost_per_transaction_gbp from service_measures"
        " where period_kind = 'rolling_year' and period_end = date '2015-09-30'"
    ).fetchall()
    barrier = built.sql(
        "select barrier, feedback_count, all_feedback_count from barriers"
        " where period_kind = 'month'"
    ).fetchall()

    assert august == [(2, 0.625, 0.5, 1, 1.0)]
    assert cost == [(12.5,)]
    assert barrier == [("skills", 1, 2)]


def test_a_campaign_is_marked_on_the_series(built: duckdb.DuckDBPyConnection) -> None:
    marked = built.sql(
        "select distinct month(period_start), campaigns_count from channel_shift"
        " where period_kind = 'month' order by all"
    ).fetchall()

    assert (7, 0) in marked
    assert (8, 1) in marked


def test_a_return_and_its_correction(built: duckdb.DuckDBPyConnection) -> None:
    said = (
        "select service_id, cast(due_on as varchar), is_late, submissions_count, refused_count,"
        " signed_off_by_role, strftime(signed_off_at at time zone 'Europe/London', '%d %b %H:%M'),"
        " assurance, release_status, commentary,"
        " strftime(received_at at time zone 'Europe/London', '%d %b') from "
    )
    before = built.sql(said + "mi_returns_as_of(timestamptz '2015-10-30 23:59:00+00')").fetchall()
    after = built.sql(said + "mi_returns").fetchall()

    due = (RETURNED, "2015-04-30", True)
    assert before == [
        (
            *(*due, 1, 1, "service manager", "02 May 00:00", "department", "provisional"),
            *("Paper is an estimate.", "01 May"),
        )
    ]
    assert after == [
        (*due, 2, 0, "finance director", "31 Oct 00:00", "audited", "final", None, "01 May")
    ]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [("total_count", "passed"), ("total_count + 1", "failed")],
)
def test_the_gate_adds_up_the_channels_of_a_return(
    home: Home, tmp_path: Path, change: str, outcome: str
) -> None:
    """A return has no cell `digital` where it has channels: their sums stand in take-up."""
    suite = next(one for one in suites_of("warehouse") if one.table == "take_up")
    name = "quarter_counts_are_those_of_the_log"
    kept = [one for one in suite.expectations if one.name == name]
    file = tmp_path / "takeup.duckdb"
    shutil.copyfile(home.settings.staging_file, file)
    with duckdb.connect(str(file)) as connection:
        returned = f"service_id = '{RETURNED}' and period_kind = 'quarter'"
        shown = connection.sql(
            f"select digital_count, total_count, value_status from take_up where {returned}"
        ).fetchall()
        connection.execute(f"update take_up set total_count = {change} where {returned}")

    with open_workspace(home.settings) as workspace, attached(workspace, file):
        show_warehouse(workspace, settings=home.settings, registers=SEEDS, is_simulated=False)
        rows = workspace.scalar("select count(*) from take_up")
        one = Task(structs.replace(suite, expectations=kept), rows)
        checks = run_suites(workspace, [one], run_id="test", docs=None)[0].checks

    assert shown == [(400_000, 450_100, "complete")]
    assert [check.outcome for check in checks if check.name == name] == [outcome]


def test_every_published_table_has_a_gate(built: duckdb.DuckDBPyConnection) -> None:
    tables = built.sql(
        "select table_name from duckdb_tables() where schema_name = 'main' order by table_name"
    ).fetchall()
    gated = [one.table for one in suites_of("warehouse") if one.table != windows.TABLE]
    assert gated == [table for (table,) in tables]


def test_two_nights_give_what_one_build_gives(home: Home) -> None:
    def rows() -> dict[str, list[tuple[Any, ...]]]:
        with duckdb.connect(str(home.settings.staging_file), read_only=True) as connection:
            return {
                table: connection.sql(f"select * from {table} order by all").fetchall()
                for table in TABLES
            }

    by_night = rows()
    build(home.settings, full=True)

    assert rows() == by_night
    assert by_night["start_adjustments"]
