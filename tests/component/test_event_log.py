"""The event log as a Delta table: what a commit holds, and what time does to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import deltalake
import pytest
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from core.errors import IntegrityError, TakeupError, UsageError
from core.settings import PROJECT_ROOT
from ingest.log.event_log import CONFIGURATION, EventLog
from ingest.log.verification import verify
from takeup.trace import trace_of
from tests.support.events import COMPLETED, SERVICE, completed, started, volume
from tests.support.homes import RUN_AT, Home, rows_of

DAY = timedelta(days=1)


def test_a_new_log_says_what_it_is(tmp_path: Path) -> None:
    log = EventLog.create(tmp_path / "log", is_simulated=True, run_at=RUN_AT)
    assert (log.version, log.is_simulated, log.run_at()) == (0, True, RUN_AT)
    assert EventLog.open(tmp_path / "log").is_simulated
    assert DeltaTable(str(tmp_path / "log")).metadata().configuration == CONFIGURATION
    assert verify(tmp_path / "log").problems == []


def test_no_log_is_begun_over_one_whose_commits_are_gone(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    for path in (home.settings.log / "_delta_log").iterdir():
        path.unlink()
    home.land_events("b.jsonl", completed("2"))
    with pytest.raises(IntegrityError, match="no commit is left of it"):
        home.ingest()
    assert list((home.settings.log / "_delta_log").iterdir()) == []


def test_a_log_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert not EventLog.exists(tmp_path)
    with pytest.raises(UsageError, match="no event log in"):
        EventLog.open(tmp_path)


def test_a_version_that_is_not_there_is_a_usage_error(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    assert EventLog.open(home.settings.log, version=1).version == 1
    with pytest.raises(UsageError, match="has no version 2"):
        EventLog.open(home.settings.log, version=2)


def test_one_commit_holds_everything_of_its_batch(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"), completed("1"), "no event")
    home.ingest()
    log = home.log()
    assert log.version == 1
    kinds = {file.record_kind: (file.row_count, file.commit_version) for file in log.files()}
    assert kinds == {
        "event": (1, 1),
        "duplicate": (1, 1),
        "quarantine": (1, 1),
        "file": (1, 1),
    }
    facts = log.commit_at(1).facts
    assert facts is not None
    assert {part["path"] for part in facts["parts"]} == {
        Path(file.path).relative_to(home.settings.log).as_posix() for file in log.files()
    }
    assert facts["run_at"] == "2015-08-01T02:00:00.000000+00:00"
    for kind in kinds:
        for row in home.rows(kind):
            assert (row["commit_version"], row["recorded_at"]) == (1, RUN_AT)


def test_files_after_a_version_are_those_of_later_commits(home: Home) -> None:
    for number in range(3):
        home.land_events(f"{number}.jsonl", completed(f"e{number}"))
        home.ingest()
    log = home.log()
    assert [file.commit_version for file in log.files("event")] == [1, 2, 3]
    assert [file.commit_version for file in log.files("event", after=1)] == [2, 3]
    assert log.files("event", after=3) == []
    assert [
        file.commit_version for file in EventLog.open(log.folder, version=2).files("event")
    ] == [
        1,
        2,
    ]


def test_what_was_never_committed_is_removed_and_nothing_else(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    log = home.log()
    live = {file.path for file in log.files()}
    left = [
        log.part_path("event", 2, 0),
        log.part_path("file", 3, 7),
        log.folder / "record_kind=event" / "unknown.parquet",
        log.folder / "record_kind=event" / "00000000000000000002-00001.parquet.tmp",
    ]
    for path in left:
        path.write_bytes(b"left by a run that died")
    assert sorted(log.remove_uncommitted()) == sorted(left)
    assert all(Path(path).is_file() for path in live)
    assert len(home.rows("event")) == 1


WRITER = f"""
import sys
from datetime import datetime
from pathlib import Path
from core.errors import TakeupError
from ingest.log.event_log import EventLog

log, part = EventLog.open(Path(sys.argv[1])), Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
try:
    log.commit([part], run_at=datetime.fromisoformat("{RUN_AT.isoformat()}"))
    print("written")
except TakeupError as error:
    print(type(error).__name__, error)
"""
"""Opens a log, waits for a word, then commits a part that is written already."""


def test_of_two_writers_one_writes_and_the_other_is_told(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    log = home.log()
    (part,) = (Path(file.path) for file in log.files("event"))
    writers = []
    for number in (0, 1):
        mine = log.part_path("event", 2, number)
        mine.write_bytes(part.read_bytes())
        writers.append(
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(log.folder), str(mine)],
                cwd=PROJECT_ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("now\n")
        writer.stdin.flush()
    told, written = sorted(writer.communicate(timeout=60)[0] for writer in writers)

    assert written == "written\n"
    assert told.startswith("IntegrityError ")
    assert "another writer has written version 2" in told
    assert "takeup verify" in told
    assert home.log().version == 2
    assert verify(log.folder).problems == []


def test_a_stale_writer_is_never_joined(home: Home) -> None:
    """By default Delta would append what a stale writer brings, in a commit after the newest."""
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    stale = home.log()
    home.land_events("b.jsonl", completed("2"))
    home.ingest()
    home.land_events("c.jsonl", completed("3"))
    home.ingest()
    (part, *_) = (Path(file.path) for file in stale.files("event"))
    late = stale.part_path("event", 2, 7)
    late.write_bytes(part.read_bytes())

    with pytest.raises(IntegrityError, match="another writer has written version 2"):
        stale.commit([late], run_at=RUN_AT)
    assert home.log().version == 3


def test_two_logs_are_never_begun_in_one_folder(tmp_path: Path) -> None:
    EventLog.create(tmp_path / "log", is_simulated=False, run_at=RUN_AT)
    with pytest.raises(IntegrityError, match="another writer has written version 0"):
        EventLog.create(tmp_path / "log", is_simulated=True, run_at=RUN_AT)
    assert not EventLog.open(tmp_path / "log").is_simulated


def test_each_link_hangs_on_the_commit_before(home: Home) -> None:
    heads = []
    for number in range(3):
        home.land_events(f"{number}.jsonl", completed(f"e{number}"))
        home.ingest()
        heads.append(home.log().head())
    assert len(set(heads)) == 3
    log = home.log()
    assert [log.commit_at(version).link for version in (1, 2, 3)] == heads
    assert json.loads((log.folder / "_head.json").read_text())["link"] == heads[-1]


def test_an_aged_log_loses_nothing_at_a_checkpoint(home: Home) -> None:
    """By default Delta drops commits older than 30 days at a checkpoint, without a word."""
    for number in range(4):
        home.land_events(f"{number}.jsonl", completed(f"e{number}", time="2014-01-01T00:00:00Z"))
        home.ingest(run_at=RUN_AT - 500 * DAY + number * DAY)
    commits = home.settings.log / "_delta_log"
    long_ago = (datetime.now(UTC) - 400 * DAY).timestamp()
    for path in commits.glob("*.json"):
        os.utime(path, (long_ago, long_ago))
    table = DeltaTable(str(home.settings.log))
    table.create_checkpoint()
    table.cleanup_metadata()
    assert (commits / "_last_checkpoint").is_file()
    for number in range(4, 6):
        home.land_events(f"{number}.jsonl", completed(f"e{number}"))
        home.ingest()
        DeltaTable(str(home.settings.log)).create_checkpoint()
    assert len(list(commits.glob("*.json"))) == 7
    assert {row["id"] for row in home.rows("event")} == {f"e{number}" for number in range(6)}
    assert verify(home.settings.log).problems == []
    assert len(EventLog.open(home.settings.log, version=1).files("event")) == 1


def test_a_log_is_the_same_to_those_who_come_by_another_path(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    monkeypatch.chdir(home.settings.home)
    assert EventLog.open(Path("log")).head() == home.log().head()
    assert trace_of(home.settings, service_id=SERVICE, period="2015-03")["first_events"]


def test_a_log_that_no_handle_is_left_for_is_not_damaged(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()

    def without_handles(*_: object, **__: object) -> DeltaTable:
        raise DeltaError(
            "Kernel error -> LocalFileSystem\n \u21b3 Too many open files (os error 24)"
        )

    monkeypatch.setattr(deltalake, "DeltaTable", without_handles)
    with pytest.raises(TakeupError, match=r"Too many open files .*: allow more") as told:
        EventLog.open(home.settings.log)
    assert told.value.exit_code == 1


def test_an_unreadable_log_is_an_integrity_error(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    commit = EventLog.path_of_commit(home.settings.log, 0)
    commit.write_text("no commit")
    with pytest.raises(IntegrityError):
        home.log()
    with pytest.raises(IntegrityError, match="commit 0 can't be read"):
        EventLog.read_commit(home.settings.log, 0)
    with pytest.raises(IntegrityError, match="commit 5 is missing"):
        EventLog.read_commit(home.settings.log, 5)


def test_a_commit_says_between_which_values_its_parts_lie(home: Home) -> None:
    """Read back by Delta's own reader, which passes over parts by it."""
    late = "2015-07-30T09:00:00.123999Z"
    home.land_events(
        "a.jsonl", completed("1"), started("2", time=late), volume("3"), completed("1")
    )
    home.ingest()

    files = home.log().files("event")
    assert {file.may_hold(COMPLETED) for file in files} == {True, False}
    for file in files:
        rows = rows_of([file.path])
        types, times = ({row[name] for row in rows} for name in ("type", "time"))
        assert (file.first_type, file.last_type) == (min(types), max(types))
        assert file.first_time is not None
        assert file.last_time is not None
        assert min(times) - file.first_time < timedelta(milliseconds=1)
        assert timedelta(0) <= file.last_time - max(times) < timedelta(milliseconds=1)
        assert file.first_time <= min(times)
    read = DeltaTable(str(home.settings.log)).to_pyarrow_table(
        filters=[("type", "=", COMPLETED)], columns=["id"]
    )
    assert read["id"].to_pylist() == ["1"]


def test_what_is_listed_is_looked_for_only_where_it_may_be(home: Home) -> None:
    home.land_events("a.jsonl", *(completed(str(number)) for number in range(9)))
    home.ingest()
    for file in home.log().files("event"):
        Path(file.path).unlink()
    home.land_events("b.jsonl", completed("later"))
    home.ingest()
    assert home.rows("file")[-1]["accepted_count"] == 1


def test_a_part_of_which_nothing_is_stated_may_hold_anything(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    path = EventLog.path_of_commit(home.settings.log, 1)
    actions = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for action in actions:
        if "add" in action:
            action["add"]["stats"] = '{"numRecords": 1}'
    path.write_text("".join(f"{json.dumps(action)}\n" for action in actions), encoding="utf-8")

    (file,) = home.log().files("event")
    assert (file.first_type, file.first_time) == (None, None)
    assert file.may_hold("uk.gov.takeup.service.listed.v1")
