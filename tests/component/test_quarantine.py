"""Quarantine: what is open, and what a retry does with it."""

from __future__ import annotations

import csv
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import UsageError
from ingest.load import environment
from ingest.load.retry import retry
from ingest.log.quarantine import counts_by_reason, open_records
from ingest.validation import event_types
from tests.support.events import COMPLETED, SERVICE, Event, completed, text
from tests.support.homes import RUN_AT, Home
from tests.support.invariants import check_log

UNKNOWN = {"service_id": "new-service"}
PIGEON = {"channel": "pigeon"}


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the registers that a test may add to."""
    folder = tmp_path / "seeds"
    shutil.copytree(environment.SEEDS, folder)
    monkeypatch.setattr(environment, "SEEDS", folder)
    return folder


def learn(seeds: Path, register: str, **known: str) -> None:
    """Add a row to a register, blank but for what is given."""
    path = seeds / f"{register}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    with path.open("a", encoding="utf-8", newline="") as stream:
        csv.DictWriter(stream, header, restval="").writerow(known)


def outcomes(home: Home) -> list[tuple[str, int, str | None]]:
    """Outcome, attempt and reason of every retry, in order."""
    return [(row["outcome"], row["attempt"], row["reason"]) for row in home.rows("retry")]


def test_open_records_say_where_they_came_from_and_why(home: Home) -> None:
    home.land_events("b.jsonl", completed("1"), "no event", completed("2", data=PIGEON))
    home.ingest()
    first, second = home.open_records()
    assert (first.name, first.position, first.place, first.reason) == (
        "b.jsonl",
        2,
        None,
        "not_json",
    )
    assert (second.reason, second.attempts) == ("unknown_channel", 0)
    assert second.detail == "data.channel is not known: pigeon"
    assert first.raw == b"no event"
    assert second.recorded_at == RUN_AT
    assert first.key == f"{home.rows('file')[0]['file_hash'][7:19]}:2"
    shown = second.as_dict()
    assert shown["raw"] == text(completed("2", data=PIGEON))
    assert shown["recorded_at"] == RUN_AT.isoformat()


def test_open_records_are_chosen_by_reason_key_and_number(home: Home) -> None:
    home.land_events("a.jsonl", "x", "y", completed("2", data=PIGEON))
    home.ingest()
    with environment.connect(home.settings) as connection:
        log = home.log()
        assert [r.position for r in open_records(connection, log, reason="not_json")] == [1, 2]
        assert [r.position for r in open_records(connection, log, limit=1)] == [1]
        (third,) = open_records(connection, log, reason="unknown_channel")
        assert open_records(connection, log, key=third.key) == [third]
        assert open_records(connection, log, key="no such key") == []
        assert counts_by_reason(connection, log) == [
            ("not_json", "a.jsonl", 2),
            ("unknown_channel", "a.jsonl", 1),
        ]


def test_a_log_without_quarantine_has_nothing_open(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    assert home.open_records() == []
    done = home.retry()
    assert (done.tried, done.commit) == (0, None)
    assert home.log().version == 1


def test_no_log_and_no_such_record_are_usage_errors(home: Home) -> None:
    with pytest.raises(UsageError, match="no event log"):
        home.retry()
    home.land_events("a.jsonl", "x")
    home.ingest()
    with (
        environment.connect(home.settings) as connection,
        pytest.raises(UsageError, match="no open"),
    ):
        retry(connection, home.settings, run_at=RUN_AT, key="a:1")


def test_a_record_passes_once_the_register_knows_it(home: Home, seeds: Path) -> None:
    home.land_events(
        "a.jsonl", completed("1"), completed("2", data=UNKNOWN), completed("3", data=PIGEON)
    )
    home.ingest()
    first = home.retry()
    assert (first.tried, first.accepted, first.quarantined) == (2, 0, 2)
    learn(seeds, "services", service_id="new-service", service_name="New", department_id="dwp")
    second = home.retry(days=2)
    assert (second.tried, second.accepted, second.quarantined, second.commit) == (2, 1, 1, 3)
    assert outcomes(home) == [
        ("quarantined", 1, "unknown_service"),
        ("quarantined", 1, "unknown_channel"),
        ("accepted", 2, None),
        ("quarantined", 2, "unknown_channel"),
    ]
    (moved,) = (row for row in home.rows("event") if row["id"] == "2")
    (kept,) = (row for row in home.rows("quarantine") if row["position"] == 2)
    assert (moved["file_hash"], moved["position"]) == (kept["file_hash"], kept["position"])
    assert (moved["commit_version"], moved["recorded_at"]) == (3, RUN_AT + timedelta(days=2))
    assert moved["service_id"] == "new-service"
    (still_open,) = home.open_records()
    assert (still_open.position, still_open.attempts) == (3, 2)
    learn(seeds, "channels", channel="pigeon")
    assert home.retry(days=3).accepted == 1
    assert home.open_records() == []
    check_log(home)


def test_a_record_passes_once_its_schema_is_there(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = COMPLETED.replace(".v1", ".v2")
    home.land_events("a.jsonl", completed("1", type=later), completed("2"))
    home.ingest()
    assert [record.reason for record in home.open_records()] == ["unknown_schema"]
    schemas = tmp_path / "schemas"
    shutil.copytree(event_types.SCHEMAS, schemas)
    old = schemas / "transaction.completed.v1.json"
    new = old.read_text().replace("transaction.completed.v1", "transaction.completed.v2")
    (schemas / "transaction.completed.v2.json").write_text(new)
    before = event_types.schema_version()
    monkeypatch.setattr(event_types, "SCHEMAS", schemas)
    caches = (event_types.event_types, event_types.schema_version)
    try:
        for cache in caches:
            cache.cache_clear()
        assert event_types.schema_version() != before
        assert home.retry().accepted == 1
        (moved,) = (row for row in home.rows("event") if row["type"] == later)
        assert (moved["id"], moved["service_id"]) == ("1", SERVICE)
        check_log(home, is_again_a_no_op=False)
    finally:
        monkeypatch.undo()
        for cache in caches:
            cache.cache_clear()


def test_a_retry_of_what_was_delivered_right_meanwhile_is_a_duplicate(
    home: Home, seeds: Path
) -> None:
    late = completed("1", data=UNKNOWN)
    home.land_events("a.jsonl", late, completed("2", data=UNKNOWN))
    home.ingest()
    learn(seeds, "services", service_id="new-service", service_name="New", department_id="dwp")
    home.land_events("b.jsonl", late, completed("2"))
    home.ingest()
    done = home.retry()
    assert (done.tried, done.accepted, done.duplicate, done.quarantined) == (2, 0, 1, 1)
    assert outcomes(home) == [("duplicate", 1, None), ("quarantined", 1, "id_conflict")]
    (duplicate,) = home.rows("duplicate")
    assert duplicate["winner_file_hash"] == home.ledger()["b.jsonl"]["file_hash"]
    assert [record.reason for record in home.open_records()] == ["id_conflict"]
    check_log(home)


def test_two_open_deliveries_of_one_identity_give_one_event(home: Home, seeds: Path) -> None:
    late = completed("1", data=UNKNOWN)
    home.land_events("a.jsonl", late, late, completed("1", data=UNKNOWN | {"channel": "phone"}))
    home.ingest()
    learn(seeds, "services", service_id="new-service", service_name="New", department_id="dwp")
    done = home.retry()
    assert (done.accepted, done.duplicate, done.quarantined) == (1, 1, 1)
    assert outcomes(home)[2] == ("quarantined", 1, "id_conflict")
    check_log(home)


def test_only_the_chosen_are_tried(home: Home, seeds: Path) -> None:
    home.land_events("a.jsonl", completed("1", data=UNKNOWN), completed("2", data=PIGEON), "x")
    home.ingest()
    learn(seeds, "services", service_id="new-service", service_name="New", department_id="dwp")
    learn(seeds, "channels", channel="pigeon")
    assert home.retry(reason="unknown_channel").tried == 1
    key = next(r.key for r in home.open_records() if r.reason == "unknown_service")
    with environment.connect(home.settings) as connection:
        done = retry(connection, home.settings, run_at=RUN_AT, key=key)
    assert (done.tried, done.accepted) == (1, 1)
    assert [record.attempts for record in home.open_records()] == [0]


NEVER: dict[str, list[Event | str]] = {
    "not_json": ["x", "{", '{"nino":"kept-by-nobody"'],
    "personal_data": [completed("1", data={"nino": "kept-by-nobody"})],
    "duplicate_key": ['{"a":1,"a":2}'],
    "invalid_envelope": ["{}"],
    "too_large": [completed("2", data={"pad": "p" * 1_100_000})],
}


def test_what_can_never_pass_counts_its_attempts_and_stays_as_it_is(home: Home) -> None:
    home.land_events("a.jsonl", *(line for cases in NEVER.values() for line in cases))
    home.land("torn.jsonl", b'{"id":"1"')
    home.ingest()
    before = home.rows("quarantine")
    for attempt in (1, 2):
        assert home.retry(days=attempt).quarantined == len(before)
        assert {record.attempts for record in home.open_records()} == {attempt}
    assert home.rows("quarantine") == before
    reasons = sorted(row["reason"] for row in before)
    assert sorted(record.reason for record in home.open_records()) == reasons
    assert sorted(row["reason"] for row in home.rows("retry")) == sorted(reasons * 2)
    for row in (*home.rows("retry"), *home.rows("quarantine")):
        assert "kept-by-nobody" not in str(row)
    check_log(home)


def test_a_retry_that_dies_leaves_nothing(
    home: Home, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.land_events("a.jsonl", completed("1", data=UNKNOWN))
    home.ingest()
    learn(seeds, "services", service_id="new-service", service_name="New", department_id="dwp")
    files = sorted(path for path in home.settings.log.rglob("*.parquet"))

    def die(*_: object, **__: object) -> None:
        raise RuntimeError("out of luck")

    with monkeypatch.context() as patch:
        patch.setattr("ingest.log.event_log.EventLog.commit", die)
        with pytest.raises(RuntimeError, match="out of luck"):
            home.retry()
    assert home.log().version == 1
    assert [record.attempts for record in home.open_records()] == [0]
    assert home.retry().accepted == 1
    assert set(files) < set(home.settings.log.rglob("*.parquet"))
    check_log(home)


def test_bytes_that_are_no_text_can_be_shown() -> None:
    from ingest.log.quarantine import QuarantinedRecord

    record = QuarantinedRecord("k", "n", 1, None, "r", None, b"caf\xe9", RUN_AT, "s", "c", 0)
    assert record.as_dict()["raw"] == "caf\\xe9"
