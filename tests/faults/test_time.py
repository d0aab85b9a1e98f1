"""Moments: with and without a zone, at the edges of the calendar, in the future, late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from takeup.trace import trace_of
from tests.support.events import SERVICE, completed, lines, volume
from tests.support.homes import Home, Row
from tests.support.invariants import check_log

RUN_AT = datetime(2016, 7, 1, 2, tzinfo=UTC)
TOLERANCE = timedelta(minutes=60)


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


ACCEPTED: dict[str, datetime] = {
    "2015-03-02T10:00:00Z": at("2015-03-02T10:00:00"),
    "2015-03-02T10:00:00.1Z": at("2015-03-02T10:00:00.100000"),
    "2015-03-02T10:00:00.123456Z": at("2015-03-02T10:00:00.123456"),
    # More digits than are kept: cut, never rounded into the next second.
    "2015-03-02T10:00:00.1234567Z": at("2015-03-02T10:00:00.123456"),
    "2015-03-02T23:59:59.999999999Z": at("2015-03-02T23:59:59.999999"),
    "2015-03-02t10:00:00z": at("2015-03-02T10:00:00"),
    # Any offset is the same instant.
    "2015-03-02T10:00:00+00:00": at("2015-03-02T10:00:00"),
    "2015-03-02T10:00:00-00:00": at("2015-03-02T10:00:00"),
    "2015-03-02T10:00:00+01:00": at("2015-03-02T09:00:00"),
    "2015-03-02T10:00:00.123456+01:00": at("2015-03-02T09:00:00.123456"),
    "2015-03-02T10:00:00+05:45": at("2015-03-02T04:15:00"),
    "2015-03-02T10:00:00+14:00": at("2015-03-01T20:00:00"),
    "2015-03-02T10:00:00-12:00": at("2015-03-02T22:00:00"),
    "2015-12-31T23:30:00-01:00": at("2016-01-01T00:30:00"),
    # Edges of the calendar.
    "2016-02-29T10:00:00Z": at("2016-02-29T10:00:00"),
    "1900-01-01T00:00:00Z": at("1900-01-01T00:00:00"),
    "1969-12-31T23:59:59Z": at("1969-12-31T23:59:59"),
    # The clock change of London: each instant once, in its own hour.
    "2015-03-29T00:30:00Z": at("2015-03-29T00:30:00"),
    "2015-03-29T01:30:00Z": at("2015-03-29T01:30:00"),
    "2015-03-29T02:30:00+01:00": at("2015-03-29T01:30:00"),
    "2015-10-25T01:30:00+01:00": at("2015-10-25T00:30:00"),
    "2015-10-25T01:30:00+00:00": at("2015-10-25T01:30:00"),
    # The run's clock, exactly at the tolerance.
    "2016-07-01T02:00:00Z": RUN_AT,
    "2016-07-01T03:00:00Z": RUN_AT + TOLERANCE,
    "2016-07-01T03:00:00.000000Z": RUN_AT + TOLERANCE,
    "2016-07-01T03:00:00.0000009Z": RUN_AT + TOLERANCE,
    "2016-07-01T04:00:00+01:00": RUN_AT + TOLERANCE,
}
REFUSED: dict[str, str] = {
    "2015-03-02T10:00:00": "no_time_zone",
    "2015-03-02 10:00:00": "no_time_zone",
    "2015-03-02T10:00:00.123": "no_time_zone",
    "2015-03-02T10:00": "no_time_zone",
    "2015-03-02": "no_time_zone",
    "2016-07-01T03:00:00.000001Z": "in_the_future",
    "2016-07-01T03:00:01Z": "in_the_future",
    "2016-07-01T04:00:01+01:00": "in_the_future",
    "2016-06-30T23:00:01-04:00": "in_the_future",
    "2115-03-02T10:00:00Z": "in_the_future",
    "9999-12-31T23:59:59Z": "in_the_future",
    "2015-02-29T10:00:00Z": "invalid_time",
    "2015-13-01T10:00:00Z": "invalid_time",
    "2015-00-10T10:00:00Z": "invalid_time",
    "2015-04-31T10:00:00Z": "invalid_time",
    "2015-03-02T24:00:00Z": "invalid_time",
    "2015-03-02T25:00:00Z": "invalid_time",
    "2015-03-02T10:60:00Z": "invalid_time",
    "2015-06-30T23:59:60Z": "invalid_time",
    "2015-03-02 10:00:00Z": "invalid_time",
    "2015-03-02T10:00Z": "invalid_time",
    "2015-03-02T10:00:00+0100": "invalid_time",
    "2015-03-02T10:00:00+01": "invalid_time",
    "2015-03-02T10:00:00+15:00": "invalid_time",
    "2015-03-02T10:00:00+01:60": "invalid_time",
    "2015-03-02T10:00:00 UTC": "invalid_time",
    "2015-03-02T10:00:00 Europe/London": "invalid_time",
    "2015-03-02T10:00:00[Europe/London]": "invalid_time",
    "2015-03-02T10:00:00Z ": "invalid_time",
    " 2015-03-02T10:00:00Z": "invalid_time",
    "2015-03-02T10:00:00Z\n": "invalid_time",
    "2015-03-02T10:00:00.Z": "invalid_time",
    "2015-03-02T10:00:00,5Z": "invalid_time",
    "2015-03-02T10:00:00.1 Z": "invalid_time",
    "2015-03-02T1:00:00.1Z": "invalid_time",
    "2015-3-2T10:00:00.12Z": "invalid_time",
    "02015-3-02T10:00:00Z": "invalid_time",
    "2015/03/02T10:00:00Z": "invalid_time",
    "20150302T100000Z": "invalid_time",
    "2015-W10-1T10:00:00Z": "invalid_time",
    "2015-061T10:00:00Z": "invalid_time",
    "10000-01-01T00:00:00Z": "invalid_time",
    "0000-01-01T00:00:00Z": "invalid_time",
    "1900-01-01T00:00:00+01:00": "invalid_time",
    "0001-01-01T00:00:00Z": "invalid_time",
    "-0044-03-15T00:00:00Z": "invalid_time",
    "44-03-15 (BC) 00:00:00Z": "invalid_time",
    "1425290400": "invalid_time",
    "now": "invalid_time",
    "today": "invalid_time",
    "infinity": "invalid_time",
    "epoch": "invalid_time",
    "02/03/2015 10:00": "invalid_time",
    "٢٠١٥-03-02T10:00:00Z": "invalid_time",
}
PUBLISHED: dict[Any, str | None] = {
    "2015-05-02T00:00:00+01:00": None,
    "2015-05-02T00:00:00.9999999Z": None,
    "2016-07-01T03:00:00Z": None,
    "2016-07-01T03:00:01Z": "in_the_future",
    "2015-05-02T00:00:00": "invalid_time",
    "2015-05-02": "invalid_time",
    "0000-05-02T00:00:00Z": "invalid_time",
    "": "invalid_time",
    5: "invalid_time",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that took every moment in, as one file."""
    home = Home.at(tmp_path_factory.mktemp("time") / "home")
    records = [completed(f"t{i}", time=time) for i, time in enumerate([*ACCEPTED, *REFUSED])]
    records += [volume(f"p{i}", publishedat=moment) for i, moment in enumerate(PUBLISHED)]
    home.land_events("times.jsonl", *records)
    home.ingest(run_at=RUN_AT)
    return home


@pytest.fixture(scope="module")
def outcomes(home: Home) -> list[tuple[str, Row]]:
    return [outcome for _, outcome in sorted(home.outcomes().items())]


@pytest.mark.parametrize("number", range(len(ACCEPTED)), ids=list(ACCEPTED))
def test_accepted_as_the_same_instant(number: int, outcomes: list[tuple[str, Row]]) -> None:
    kind, row = outcomes[number]
    assert (kind, row.get("reason")) == ("event", None)
    assert row["time"] == list(ACCEPTED.values())[number]


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=list(REFUSED))
def test_refused(number: int, outcomes: list[tuple[str, Row]]) -> None:
    kind, row = outcomes[len(ACCEPTED) + number]
    assert (kind, row.get("reason")) == ("quarantine", list(REFUSED.values())[number])


@pytest.mark.parametrize("number", range(len(PUBLISHED)), ids=map(str, PUBLISHED))
def test_publication_time(number: int, outcomes: list[tuple[str, Row]]) -> None:
    kind, row = outcomes[len(ACCEPTED) + len(REFUSED) + number]
    reason = list(PUBLISHED.values())[number]
    assert (kind, row.get("reason")) == ("event" if reason is None else "quarantine", reason)
    if number == 0:
        assert row["published_at"] == at("2015-05-01T23:00:00")


def test_invariants_hold(home: Home) -> None:
    check_log(home)


def test_the_clock_is_the_runs(tmp_path: Path) -> None:
    """The same file, checked by an earlier and by a later run."""
    content = lines(completed("1", time="2030-01-01T00:00:00Z"))
    early, late = Home.at(tmp_path / "early"), Home.at(tmp_path / "late")
    for home, run_at in ((early, at("2029-12-31T22:59:59")), (late, at("2029-12-31T23:00:00"))):
        home.land("a.jsonl", content)
        home.ingest(run_at=run_at)
    assert [row["reason"] for row in early.rows("quarantine")] == ["in_the_future"]
    assert len(late.rows("event")) == 1


def test_what_was_in_the_future_is_accepted_on_retry_once_its_time_has_come(
    tmp_path: Path,
) -> None:
    home = Home.at(tmp_path)
    home.land_events("a.jsonl", completed("1", time="2015-08-03T00:00:00Z"))
    home.ingest()
    assert home.retry(days=1).quarantined == 1
    assert home.retry(days=2).accepted == 1
    (event,) = home.rows("event")
    assert event["time"] == at("2015-08-03T00:00:00")


def test_a_tolerance_of_none_is_the_runs_moment(tmp_path: Path) -> None:
    home = Home.at(tmp_path, future_tolerance_minutes=0)
    moments = ("2016-07-01T02:00:00Z", "2016-07-01T02:00:00.000001Z")
    home.land_events("a.jsonl", *(completed(time, time=time) for time in moments))
    home.ingest(run_at=RUN_AT)
    assert [kind for _, (kind, _) in sorted(home.outcomes().items())] == ["event", "quarantine"]


def test_the_order_of_files_and_lines_changes_nothing(tmp_path: Path) -> None:
    """The same events, early and late ones mixed otherwise over files and runs."""
    records = [completed(str(i), time=f"2015-0{1 + i % 6}-15T00:00:00Z") for i in range(12)]
    orders = [
        [[records]],
        [[list(reversed(records))]],
        [[records[6:], records[:6]]],
        [[records[::2]], [records[1::2]]],
        [[[record]] for record in reversed(records[:3])] + [[records[3:]]],
    ]
    held = []
    for number, runs in enumerate(orders):
        home = Home.at(tmp_path / str(number))
        for run, contents in enumerate(runs):
            for part, content in enumerate(contents):
                home.land_events(f"{run}-{part}.jsonl", *content)
            home.ingest()
        unlike = {"file_hash", "position", "commit_version"}
        rows = [{k: v for k, v in row.items() if k not in unlike} for row in home.rows("event")]
        held.append(sorted(rows, key=lambda row: int(row["id"])))
    assert len(held[0]) == 12
    assert all(rows == held[0] for rows in held)


# The period of an event is the London date of its time.

MONTHS = {
    # Summer time: London is an hour ahead.
    "2015-06-30T22:59:59.999999Z": "2015-06",
    "2015-06-30T23:00:00Z": "2015-07",
    "2015-06-30T23:30:00Z": "2015-07",
    "2015-07-01T00:30:00+01:00": "2015-07",
    "2015-06-30T23:30:00+01:00": "2015-06",
    # Winter time: London is at UTC.
    "2015-12-31T23:59:59.999999Z": "2015-12",
    "2016-01-01T00:00:00Z": "2016-01",
    "2016-01-01T00:30:00+01:00": "2015-12",
    # The months in which the clocks change.
    "2015-03-31T22:59:59Z": "2015-03",
    "2015-03-31T23:00:00Z": "2015-04",
    "2015-10-31T23:30:00Z": "2015-10",
    "2015-10-25T00:30:00Z": "2015-10",
    "2015-10-25T01:30:00Z": "2015-10",
}


def test_trace_shows_an_event_in_its_london_month(tmp_path: Path) -> None:
    home = Home.at(tmp_path)
    home.land_events("a.jsonl", *(completed(time, time=time) for time in MONTHS))
    home.ingest(run_at=RUN_AT)
    for month in sorted(set(MONTHS.values())):
        found = trace_of(home.settings, service_id=SERVICE, period=month)
        shown = {event["id"] for event in found["first_events"]}
        assert shown == {time for time, expected in MONTHS.items() if expected == month}
        assert sum(row["count"] for row in found["transaction_counts"]) == len(shown)
