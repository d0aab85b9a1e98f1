"""Volume and freshness against windows of the same kind, on series in and out of each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from expectations.catalogue import suites_of
from expectations.messages import describe_check
from expectations.results import SuiteResult
from expectations.runner import Task, run_suites
from expectations.windows import Window, show_windows, windows
from expectations.workspace import Workspace, open_workspace
from tests.support.gate_tables import settings_of

DAY = "a_day_of_a_channel_is_like_the_same_weekdays_before"
SILENCE = "a_channel_is_not_silent_for_long"
QUARTER = "a_quarter_of_a_service_is_like_the_same_quarters_before"
SERVICES = "a_quarter_has_as_many_services_as_the_quarters_before"

WORLD = """
create table log_run as select timestamptz '2026-03-03 02:00:00+00' as recorded_at;
create table service_channels (service_id text, channel text, valid_to date, expectation text);
create table log_events (
    source text, id text, service_id text, channel text, type text, time timestamptz
);
create table log_set_aside (source text, id text);
create table transaction_counts (
    service_id text, channel text, month_start date, known_at timestamptz
);
create table take_up (
    service_id text, measure text, basis text, period_kind text, period_start date,
    total_count bigint
);
create table department_take_up (
    structure text, definition_id text, level text, scope text, period_kind text,
    period_start date, services_measured bigint
);
create macro days(first, last) as table
    select unnest(generate_series(first, last, interval 1 day))::date as day;
"""
"""A home on a Tuesday night: 2 March 2026, a Monday, is the latest day that is over."""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with open_workspace(settings_of(tmp_path)) as workspace:
        run(workspace, WORLD)
        yield workspace


def run(workspace: Workspace, sql: str) -> None:
    for statement in filter(str.strip, sql.split(";\n")):
        workspace.execute(statement)


def compared(workspace: Workspace, window: str) -> dict[str, str]:
    """What became of each series of a window."""
    show_windows(workspace)
    rows = workspace.rows(f"select subject, comparison from windows where window_name = '{window}'")
    return {row["subject"]: row["comparison"] for row in rows}


def sends(
    workspace: Workspace, service: str, *, first: str, last: str = "2026-03-02", count: int | str
) -> None:
    """So many transactions a day (SQL of `day`), each known in the night after it."""
    run(
        workspace,
        f"""
        insert into log_events
        select '{service}', uuid(), '{service}', 'online', 'uk.gov.takeup.transaction.completed.v1',
            day::timestamp at time zone 'Europe/London' + interval 12 hour
        from days(date '{first}', date '{last}'), range({count});
        insert into transaction_counts
        select distinct '{service}', 'online', date_trunc('month', day)::date,
            (day + 1)::timestamp at time zone 'Europe/London' + interval 2 hour
        from days(date '{first}', date '{last}') where {count} > 0
        """,
    )


def reports(workspace: Workspace, service: str, *totals: tuple[str, int]) -> None:
    for start, total in totals:
        workspace.execute(
            "insert into take_up values "
            f"('{service}', 'completed', 'reported', 'quarter', '{start}', {total})"
        )


@pytest.mark.parametrize(
    ("first", "count", "found"),
    [
        ("2025-12-01", "100", "usual"),
        ("2025-12-01", "if(day = date '2026-03-02', 49, 100)", "below"),
        ("2025-12-01", "if(day = date '2026-03-02', 50, 100)", "usual"),
        ("2025-12-01", "if(day = date '2026-03-02', 201, 100)", "above"),
        ("2025-12-01", "if(day = date '2026-03-02', 0, 100)", "below"),
        # Mondays are held against Mondays, and against the eight before alone.
        ("2025-12-01", "if(isodow(day) = 1, 10, 100)", "too_small"),
        ("2025-12-01", "if(isodow(day) = 1, 60, 1000)", "usual"),
        ("2025-12-01", "if(day < date '2026-01-05', 10, 60)", "usual"),
        # Four Mondays before tell, three don't.
        ("2026-02-02", "if(day = date '2026-03-02', 10, 100)", "below"),
        ("2026-02-03", "if(day = date '2026-03-02', 10, 100)", "too_few"),
    ],
)
def test_a_day_is_held_against_the_same_weekdays(
    workspace: Workspace, first: str, count: str, found: str
) -> None:
    sends(workspace, "other", first="2025-12-01", count=60)
    sends(workspace, "alpha", first=first, count=count)
    assert compared(workspace, DAY) == {"alpha online": found, "other online": "usual"}


def test_a_channel_that_stopped_is_told_for_weeks(workspace: Workspace) -> None:
    sends(workspace, "other", first="2025-12-01", count=60)
    sends(workspace, "ended", first="2025-12-01", last="2026-02-15", count=60)
    run(workspace, "insert into service_channels values ('ended', 'online', null, 'expected')")
    assert compared(workspace, DAY)["ended online"] == "below"


def test_a_channel_that_the_register_has_ended_is_asked_for_nothing(workspace: Workspace) -> None:
    sends(workspace, "other", first="2025-12-01", count=60)
    sends(workspace, "ended", first="2025-12-01", last="2026-02-15", count=60)
    run(workspace, "insert into service_channels values ('ended','online','2026-02-15','expected')")
    assert compared(workspace, DAY) == {"other online": "usual"}


@pytest.mark.parametrize(
    ("last", "found"),
    [("2026-03-02", "usual"), ("2026-02-26", "usual"), ("2026-02-25", "above")],
)
def test_a_silence_is_held_against_those_before(
    workspace: Workspace, last: str, found: str
) -> None:
    sends(workspace, "alpha", first="2026-01-01", last="2026-01-20", count=1)
    sends(workspace, "alpha", first="2026-01-29", last=last, count=1)
    sends(workspace, "weekly", first="2026-01-01", count="if(isodow(day) = 4, 1, 0)")
    sends(workspace, "new", first="2026-02-01", last="2026-02-03", count=1)
    assert compared(workspace, SILENCE) == {
        "alpha online": found,
        "weekly online": "usual",
        "new online": "too_few",
    }


def test_a_quarter_is_held_against_the_same_quarters(workspace: Workspace) -> None:
    before = [("2023-10-01", 5000), ("2024-10-01", 3000)]
    others = [("2025-04-01", 90_000), ("2025-07-01", 90_000)]
    reports(workspace, "usual", *before, *others, ("2025-10-01", 1200))
    reports(workspace, "below", *before, *others, ("2025-10-01", 1199))
    reports(workspace, "above", *before, *others, ("2025-10-01", 12_001))
    reports(workspace, "few", before[0], *others, ("2025-10-01", 1))
    reports(workspace, "small", ("2023-10-01", 3), ("2024-10-01", 3), ("2025-10-01", 999))
    reports(workspace, "late", *before, *others)
    assert compared(workspace, QUARTER) == {
        "usual completed": "usual",
        "below completed": "below",
        "above completed": "above",
        "few completed": "too_few",
        "small completed": "too_small",
    }


@pytest.mark.parametrize(("latest", "found"), [(43, "usual"), (42, "below"), (900, "usual")])
def test_a_quarter_has_half_as_many_services_as_those_before(
    workspace: Workspace, latest: int, found: str
) -> None:
    for start, measured in (("2025-01-01", 90), ("2025-04-01", 80), ("2025-07-01", latest)):
        workspace.execute(
            "insert into department_take_up values "
            f"('current', 'd', 'government', 'all', 'quarter', '{start}', {measured})"
        )
    assert compared(workspace, SERVICES) == {"current d": found}


def checked(workspace: Workspace) -> SuiteResult:
    show_windows(workspace)
    (suite,) = (one for one in suites_of("warehouse") if one.table == "windows")
    rows = workspace.scalar("select count(*) from windows")
    return run_suites(workspace, [Task(suite, rows)], run_id="test", docs=None)[0]


def test_the_gate_warns_of_what_is_out_of_its_window_and_says_what_it_did_not_check(
    workspace: Workspace,
) -> None:
    before = [("2023-10-01", 5000), ("2024-10-01", 4000)]
    reports(workspace, "below", *before, ("2025-10-01", 10))
    reports(workspace, "few", ("2025-10-01", 1))
    found = checked(workspace)
    assert {one.name for one in found.checks if one.outcome != "passed"} == {QUARTER}
    (check,) = (one for one in found.checks if one.name == QUARTER)
    assert (check.outcome, check.unexpected_count, check.unchecked_count) == ("warned", 1, 1)
    assert check.samples[0]["subject"] == "below completed"
    said = describe_check(found, check).splitlines()
    assert "  not checked: 1 series with too few points of the same kind, or too small" in said
    assert "  owner: sending department" in said


def test_a_home_without_any_series_has_nothing_to_hold_against(workspace: Workspace) -> None:
    found = checked(workspace)
    assert found.rows_checked == 0
    assert {one.outcome for one in found.checks} == {"passed"}


def test_every_window_has_a_case_here_and_says_what_it_is() -> None:
    assert {one.name for one in windows()} == {DAY, SILENCE, QUARTER, SERVICES}
    assert windows()[0].in_words == (
        "days of a channel: the latest against up to 8 before it of the same weekday, not below "
        "0.5 times nor above 2 times their middle value; not checked with fewer than 4 of them or "
        "where nothing reaches 50"
    )


def test_a_window_that_is_stated_wrong_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "a", "points": 8}, Window)
