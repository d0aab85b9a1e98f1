"""What is new and due in a published file, from a few rows of its tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import UsageError
from core.settings import SEEDS, Settings
from publish.database import WarehouseVersion
from publish.feeds import expected_feeds
from publish.news import news_of
from takeup import nightly

RUN_AT = "2016-07-05T02:00:00.000000Z"
TODAY = dt.date(2016, 7, 5)
TABLES = """
    attach ':memory:' as takeup;
    use takeup;
    set timezone = 'UTC';
    create table services as select * from (values
        ('a', 'Fishing licence'), ('b', 'Passports')) as t(service_id, service_name);
    create table publications (kind varchar, published_at timestamptz, recorded_at timestamptz);
    create table revisions (
        service_id varchar, period_kind varchar, period_start date, period_end date,
        timing varchar, effect_pp double, new_known_at timestamptz);
    create table take_up (
        service_id varchar, period_kind varchar, definition_id varchar, period_end date,
        known_at timestamptz);
    create table target_attainment (
        target_id varchar, service_id varchar, department_id varchar, target_ratio double,
        period_kind varchar, definition_used varchar, verdict varchar, attained_by date,
        lost_on date);
    create table transaction_counts (
        service_id varchar, channel varchar, known_at timestamptz);
    create table service_channels (service_id varchar, channel varchar, valid_to date);
    create table mi_returns (
        department_id varchar, due_on date, received_at timestamptz, service_id varchar,
        period_kind varchar, period_start date, period_end date, commentary_needed_for varchar,
        is_commentary_missing boolean);
    create table promises (
        promise_id varchar, department_id varchar, body varchar, promise varchar, section varchar,
        line integer, is_reviewed boolean, due_on date, reported varchar);
    create table data_quality (severity varchar);
"""


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        opened.execute(TABLES)
        yield opened


def news(
    connection: duckdb.DuckDBPyConnection, today: dt.date = TODAY, registers: Path = SEEDS
) -> dict[str, Any]:
    version = WarehouseVersion(
        log_version=3,
        chain_head="h",
        code_version="c",
        run_at=RUN_AT,
        is_simulated=False,
        definitions_digest="d",
    )
    return news_of(connection, version, today=today, registers=registers)


def published(connection: duckdb.DuckDBPyConnection, *, recorded_at: str) -> None:
    connection.execute(
        "insert into publications values ('volumes', '2016-03-01', '2016-03-01'),"
        f" ('volumes', '2016-06-01', '{recorded_at}'), ('report', '2016-06-20', '{recorded_at}')"
    )


@pytest.mark.parametrize(
    ("recorded_at", "since"),
    [
        (RUN_AT, "2016-03-01T00:00:00.000000Z"),
        ("2016-06-02 02:00:00+00", "2016-07-04T02:00:00+00:00"),
        (None, "2016-07-04T02:00:00+00:00"),
    ],
    ids=["a publication came in the last day", "it came earlier", "there is none"],
)
def test_what_is_new_is_so_since_the_publication_before_or_for_a_day(
    connection: duckdb.DuckDBPyConnection, recorded_at: str | None, since: str
) -> None:
    if recorded_at:
        published(connection, recorded_at=recorded_at)
    assert news(connection)["new_since"] == since


def test_a_figure_is_told_where_its_take_up_moved_by_more_than_a_point_since(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    quarter = "'quarter', date '2015-10-01', date '2015-12-31'"
    earlier = "'quarter', date '2015-07-01', date '2015-09-30'"
    connection.execute(
        f"""insert into revisions values
        ('a', {quarter}, 'between_releases', -0.75, '2016-07-04 10:00:00+00'),
        ('a', {quarter}, 'between_releases', -0.5, '2016-07-05 01:00:00+00'),
        ('a', {earlier}, 'between_releases', 1.0, '2016-07-05 01:00:00+00'),
        ('b', {quarter}, 'with_scheduled_release', 5.0, '2016-07-04 01:00:00+00'),
        ('b', {earlier}, 'first_value', 9.0, '2016-07-05 01:00:00+00'),
        (null, {earlier}, 'between_releases', 9.0, '2016-07-05 01:00:00+00')"""
    )
    (told,) = news(connection)["revised"]["largest"]
    assert news(connection)["revised"]["count"] == 1
    assert (told["service_name"], told["period_end"]) == ("Fishing licence", "2015-12-31")
    assert told["effect_pp"] == pytest.approx(-1.25)


def test_a_target_is_crossed_where_what_was_known_before_says_otherwise(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        """
        insert into target_attainment values
            ('new', 'a', null, 0.8, 'quarter', 'd', 'attained', '2016-03-31', null),
            ('lost', 'b', null, 0.9, 'quarter', 'd', 'lost', '2015-03-31', '2016-03-31'),
            ('restated', 'a', null, 0.7, 'quarter', 'd', 'attained', '2016-03-31', null),
            ('old', 'b', null, 0.5, 'quarter', 'd', 'attained', '2015-03-31', null);
        insert into take_up values
            ('a', 'quarter', 'd', '2016-03-31', '2016-07-05 01:00:00+00'),
            ('b', 'quarter', 'd', '2016-03-31', '2016-07-05 01:00:00+00'),
            ('b', 'quarter', 'd', '2015-03-31', '2015-06-05 01:00:00+00');
        create macro target_attainment_as_of(ts) as table
            select * from (values
                ('new', null, null),
                ('lost', date '2015-03-31', null),
                ('restated', date '2016-03-31', null)
            ) as t(target_id, attained_by, lost_on);
        """
    )
    crossed = news(connection)["crossed"]
    assert crossed["count"] == 2
    assert {one["target_id"]: (one["whose"], one["says"]) for one in crossed["targets"]} == {
        "lost": ("Passports", "below 90% since the period to 31 March 2016"),
        "new": ("Fishing licence", "80% or more in the period to 31 March 2016"),
    }


@pytest.mark.parametrize(
    ("today", "silent"),
    [(dt.date(2016, 7, 4), []), (dt.date(2016, 7, 5), ["a"])],
    ids=["as long as over a weekend", "longer than ever"],
)
def test_a_feed_is_silent_when_it_stays_away_longer_than_it_ever_did(
    connection: duckdb.DuckDBPyConnection, today: dt.date, silent: list[str]
) -> None:
    days = {"a": ("06-27", "06-28", "07-01"), "b": ("06-01", "06-02")}
    for service, came in days.items():
        came_on(connection, service, "online", *came)
    found = news(connection, today)["silent"]
    assert (found["feeds_count"], [one["service_id"] for one in found["longest"]]) == (2, silent)
    assert found["count"] == len(silent)


def test_a_channel_that_is_silent_is_not_hidden_by_the_others_of_its_service(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    came_on(connection, "a", "online", "07-02", "07-03", "07-04")
    came_on(connection, "a", "phone", "06-27", "06-28", "07-01")
    (silent,) = news(connection)["silent"]["longest"]
    assert (silent["service_name"], silent["channel"]) == ("Fishing licence", "phone")


def feeds(folder: Path, *rows: str) -> Path:
    """A folder of registers with these rows in that of feeds."""
    header = "service_id,channel,every_days,expected_from,source"
    (folder / "feeds.csv").write_text("\n".join([header, *(f"{row},a letter" for row in rows), ""]))
    (folder / "channels.csv").write_text((SEEDS / "channels.csv").read_text())
    return folder


@pytest.mark.parametrize(
    ("every_days", "today", "silent"),
    [
        (1, dt.date(2016, 7, 2), []),
        (1, dt.date(2016, 7, 3), [(2, 1)]),
        (10, dt.date(2016, 7, 5), []),
        (10, dt.date(2016, 7, 11), []),
        (10, dt.date(2016, 7, 12), [(11, 10)]),
    ],
    ids=["shorter: a day", "shorter: two", "longer than its gap", "longer: ten", "longer: eleven"],
)
def test_what_the_register_states_goes_before_what_a_feed_ever_did(
    connection: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    every_days: int,
    today: dt.date,
    silent: list[tuple[int, int]],
) -> None:
    came_on(connection, "a", "online", "06-27", "06-28", "07-01")
    found = news(connection, today, feeds(tmp_path, f"a,online,{every_days},"))["silent"]
    assert [(one["silent_days"], one["every_days"]) for one in found["longest"]] == silent


def test_a_registered_feed_is_missed_after_its_first_delivery_and_without_any_from_its_day(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    came_on(connection, "a", "online", "07-01")
    rows = ("a,online,1,", "a,phone,1,2016-06-30", "a,paper,1,", "b,online,5,2016-06-30")
    found = news(connection, registers=feeds(tmp_path, *rows))["silent"]
    assert [(one["channel"], one["last_came_on"], one["since"]) for one in found["longest"]] == [
        ("phone", None, "2016-06-30"),
        ("online", "2016-07-01", "2016-07-01"),
    ]
    assert found["feeds_count"] == 3


@pytest.mark.parametrize(
    ("valid_to", "count"),
    [(["2016-07-04"], 0), (["2016-07-05"], 1), (["2016-07-04", None], 1)],
    ids=["it ended yesterday", "it ends today", "it ended and began again"],
)
def test_a_channel_that_has_ended_is_not_missed(
    connection: duckdb.DuckDBPyConnection, valid_to: list[str | None], count: int
) -> None:
    came_on(connection, "a", "online", "06-27", "06-28", "06-29")
    for day in valid_to:
        connection.execute("insert into service_channels values ('a', 'online', ?)", [day])
    assert news(connection)["silent"]["count"] == count


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (",online,1,", "no service_id"),
        ("a,pigeon,1,", "'pigeon' is not a channel of channels.csv"),
        ("a,online,0,", "'0' is not a number of days from 1 to 999"),
        ("a,online,daily,", "'daily' is not a number of days from 1 to 999"),
        ("a,online,1,soon", "'soon' in expected_from is not a day"),
        ("a,phone,2,", "a, phone appears twice"),
    ],
)
def test_a_broken_register_names_the_line_and_hides_no_silence(
    connection: duckdb.DuckDBPyConnection, tmp_path: Path, row: str, said: str
) -> None:
    registers = feeds(tmp_path, "a,phone,30,", row)
    with pytest.raises(UsageError) as stopped:
        expected_feeds(registers)
    assert str(stopped.value) == f"register feeds.csv, line 3: {said}"
    came_on(connection, "a", "phone", "06-27", "06-28", "06-29")
    found = news(connection, registers=registers)["silent"]
    assert (found["problem"], found["count"]) == (str(stopped.value), 1)


def test_a_run_begins_with_looking_whether_the_register_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registers = feeds(tmp_path, "a,online,soon,")
    (registers / "targets.csv").write_text((SEEDS / "targets.csv").read_text())
    monkeypatch.setattr(nightly, "SEEDS", registers)
    with pytest.raises(UsageError, match=r"feeds\.csv, line 2: 'soon' is not a number of days"):
        nightly.land(Settings(home=tmp_path / "home"), run_id="one")


def test_the_register_of_the_project_can_be_read() -> None:
    assert expected_feeds() == ()


def came_on(connection: duckdb.DuckDBPyConnection, service: str, channel: str, *days: str) -> None:
    for day in days:
        connection.execute(
            "insert into transaction_counts values (?, ?, cast(? as timestamptz))",
            [service, channel, f"2016-{day} 02:00:00+00"],
        )


def test_a_return_is_overdue_from_the_day_after_it_was_due(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute(
        """insert into mi_returns (department_id, due_on, received_at) values
        ('dwp', '2016-07-04', null), ('dwp', '2016-07-01', null), ('co', '2016-07-01', null),
        ('co', '2016-07-05', null), ('co', '2016-08-01', null), ('co', null, null),
        ('dwp', '2016-07-01', '2016-07-01 09:00:00+00')"""
    )
    assert news(connection)["returns"] == {
        "received": 1,
        "overdue": 3,
        "overdue_of": {"dwp": 2, "co": 1},
        "due": 2,
        "next_due_on": "2016-07-05",
    }


def test_returns_without_commentary_are_told_with_what_they_owe(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    quarter = "'quarter', date '2016-01-01', date '2016-03-31'"
    connection.execute(
        f"""insert into mi_returns values
        ('dwp', null, '2016-04-20', 'a', {quarter}, 'movement, restatement', true),
        ('co', null, '2016-04-20', 'b', {quarter}, 'missed_target', false),
        ('co', null, '2016-04-20', 'c', {quarter}, null, false)"""
    )
    assert news(connection)["commentary"] == {
        "missing": 1,
        "latest": [
            {
                "department_id": "dwp",
                "service_id": "a",
                "service_name": "Fishing licence",
                "period_kind": "quarter",
                "period_start": "2016-01-01",
                "period_end": "2016-03-31",
                "commentary_needed_for": "movement, restatement",
            }
        ],
    }


def test_promises_that_came_due_have_a_test(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """insert into promises values
        ('p1', 'dwp', null, 'A page.', 's', 1, true, '2016-07-04', 'open'),
        ('p2', null, 'Ofcom', 'A plan.', 's', 2, false, '2016-01-31', 'kept'),
        ('p3', 'dwp', null, 'Support.', 's', 3, true, '2016-07-04', 'no_test'),
        ('p4', 'dwp', null, 'A form.', 's', 4, true, '2016-07-05', 'open'),
        ('p5', 'dwp', null, 'A list.', 's', 5, true, '2015-07-04', 'not_kept')"""
    )
    found = news(connection)["promises"]
    assert (found["due"], found["unanswered"], found["came_due"]) == (3, 2, 1)
    assert [(one["who"], one["promise"]) for one in found["latest"]] == [("dwp", "A page.")]


def test_what_a_file_of_an_earlier_version_lacks_is_named(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    connection.execute("drop table promises; alter table revisions drop column effect_pp")
    found = news(connection)
    assert found["not_told"] == ["revised", "promises"]
    assert "promises" not in found
    assert found["withheld_count"] == 0
