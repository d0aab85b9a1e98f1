"""Small files of the log are read many in one: the same rows, and the log stays as it is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import UsageError
from ingest.load.environment import connect
from ingest.load.erasure import erase
from ingest.log.compacted import FOLDER, LISTING, Compacted, compact, readable
from ingest.log.event_log import EventLog
from ingest.log.ledger import Ledger
from ingest.log.quarantine import open_by_reason
from ingest.log.verification import verify
from takeup import cli
from takeup.compaction import compact_log
from takeup.verification import verify_home
from tests.support.events import COMPLETED, FEEDBACK, SOURCE, completed, feedback
from tests.support.homes import RUN_AT, Home, Row, rows_of

KINDS = ("event", "duplicate", "quarantine", "file", "retry")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of three nights with every kind of record but retries, which the first has."""
    home = Home.at(tmp_path_factory.mktemp("made") / "home")
    for night in range(3):
        records = [completed(f"t{night}"), completed(f"t{night}"), feedback(f"f{night}"), "broken"]
        home.land_events(f"{night}.jsonl", *records)
        home.ingest()
    home.retry()
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    return made.copied(tmp_path / "home")


def compacted(home: Home) -> list[Compacted]:
    with connect(home.settings) as connection:
        return compact(connection, home.log(), enough=2)


def read(log: EventLog, kind: str) -> list[Row]:
    """Rows of a kind as readers get them."""
    return rows_of([file.path for file in readable(log, kind)])


def folder_of(home: Home) -> Path:
    return home.settings.log / FOLDER


def test_readers_get_the_same_rows_from_fewer_files(home: Home) -> None:
    copies = compacted(home)
    log = home.log()
    for kind in KINDS:
        assert read(log, kind) == home.rows(kind)
    assert [len(log.files(kind)) for kind in KINDS] == [6, 3, 3, 3, 1]
    assert [len(readable(log, kind)) for kind in KINDS] == [2, 1, 1, 1, 1]
    assert sorted(len(copy.parts) for copy in copies) == [3, 3, 3, 3, 3]
    with connect(home.settings) as connection:
        assert Ledger.read(connection, log).counts() == {"ingested": 3}
        assert open_by_reason(connection, log) == {"not_json": 3}


def test_transactions_stay_apart_from_what_else_happens(home: Home) -> None:
    compacted(home)
    files = readable(home.log(), "event")
    (transactions,) = [file for file in files if file.may_hold(COMPLETED)]
    (others,) = [file for file in files if file.may_hold(FEEDBACK)]
    assert transactions != others
    assert (others.first_commit, others.last_commit, others.row_count) == (1, 3, 3)


def test_the_log_and_its_chain_stay_as_they_are(home: Home) -> None:
    def files() -> dict[str, bytes]:
        paths = [path for path in home.settings.log.rglob("*") if path.is_file()]
        return {str(path): path.read_bytes() for path in paths if FOLDER not in path.parts}

    before, head = files(), home.log().head()
    compacted(home)
    assert (files(), home.log().head()) == (before, head)
    assert verify_home(home.settings, copies=True).problems == []
    assert home.log().remove_uncommitted() == []


def test_later_nights_are_beside_it_until_enough_of_them_wait(home: Home) -> None:
    first = compacted(home)
    for number in (7, 8):
        home.land_events(f"{number}.jsonl", completed(f"t{number}"), completed("t0"))
        home.ingest()
        assert read(home.log(), "event") == home.rows("event")
    with connect(home.settings) as connection:
        assert compact(connection, home.log(), enough=3) == []
    assert len(readable(home.log(), "file")) == 3
    second = compacted(home)
    assert {len(copy.parts) for copy in second} == {2}
    assert len(readable(home.log(), "file")) == 2
    assert all((home.settings.log / copy.path).is_file() for copy in (*first, *second))
    assert [row["id"] for row in home.rows("duplicate")] == ["t0", "t1", "t2", "t0", "t0"]


def test_one_is_made_again_where_that_is_asked_for(home: Home) -> None:
    first = compacted(home)
    with connect(home.settings) as connection:
        again = compact(connection, home.log(), enough=2, anew=True)
    assert [copy.path for copy in again] == [copy.path for copy in first]
    assert [copy.signature for copy in again] != [copy.signature for copy in first]
    assert read(home.log(), "event") == home.rows("event")
    with connect(home.settings) as connection:
        assert compact(connection, home.log(), anew=True) == []
    assert list(folder_of(home).glob("*.parquet")) == [], "too few wait"


def test_an_older_version_is_read_from_its_own_files(home: Home) -> None:
    compacted(home)
    log = EventLog.open(home.settings.log, version=2)
    assert [file.path for file in readable(log)] == [file.path for file in log.files()]
    later = EventLog.open(home.settings.log, version=3)
    assert len(readable(later, "event")) == 2


def test_what_is_read_after_a_version_has_all_that_came_after_it(home: Home) -> None:
    compacted(home)
    home.land_events("late.jsonl", completed("late"))
    home.ingest()
    log = home.log()
    late = [file.path for file in log.files("event", after=4)]
    assert [file.path for file in readable(log, "event", after=4)] == late
    found = rows_of([file.path for file in readable(log, "event", after=1)])
    assert {row["commit_version"] for row in found} >= {2, 3, 5}


def test_what_is_erased_is_in_no_compacted_file(home: Home) -> None:
    compacted(home)
    erase(
        home.settings,
        SOURCE,
        "t1",
        authority="order",
        run_at=RUN_AT + timedelta(days=1),
        confirm=lambda records, names: True,
    )
    assert not folder_of(home).exists()
    compacted(home)
    assert read(home.log(), "event") == home.rows("event")
    assert "t1" not in {row["id"] for row in home.rows("event")}
    assert verify(home.settings.log).problems == []


def test_a_copy_of_what_the_log_lost_is_not_read(home: Home, tmp_path: Path) -> None:
    """The log was restored as it was before, and went on otherwise under the same versions."""
    copy = tmp_path / "copy"
    shutil.copytree(home.settings.log, copy)
    home.land_events("lost.jsonl", completed("lost"))
    home.ingest()
    compacted(home)
    folder_of(home).rename(copy / FOLDER)
    shutil.rmtree(home.settings.log)
    copy.rename(home.settings.log)
    shutil.rmtree(home.settings.landing)
    home.settings.landing.mkdir()
    home.land_events("other.jsonl", completed("other"))
    home.ingest()
    assert read(home.log(), "event") == home.rows("event")
    assert verify(home.settings.log).problems == []
    compacted(home)
    assert read(home.log(), "event") == home.rows("event")
    assert len(list(folder_of(home).glob("*.parquet"))) == 5


def test_one_that_is_lost_is_made_again(home: Home) -> None:
    compacted(home)
    (folder_of(home) / LISTING).write_text("{", encoding="utf-8")
    assert read(home.log(), "event") == home.rows("event")
    assert len(compacted(home)) == 5
    shutil.rmtree(folder_of(home))
    assert read(home.log(), "event") == home.rows("event")


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def copy_again(path: Path) -> None:
    """As a home that was copied to another machine has it."""
    copy = path.with_suffix(".copy")
    shutil.copy2(path, copy)
    copy.replace(path)


@pytest.mark.parametrize("damage", [flip, cut, copy_again, Path.unlink])
def test_one_that_is_not_as_it_was_written_is_not_read_and_made_again(
    home: Home, damage: Callable[[Path], None]
) -> None:
    compacted(home)
    for path in folder_of(home).glob("event-*.parquet"):
        damage(path)
    log = home.log()
    own = {file.path for file in log.files("event")}
    assert {file.path for file in readable(log, "event")} == own
    assert read(log, "duplicate") == home.rows("duplicate")
    assert verify(home.settings.log).problems == []
    assert [copy.record_kind for copy in compacted(home)] == ["event", "event"]
    assert len(readable(home.log(), "event")) == 2
    assert read(home.log(), "event") == home.rows("event")


def test_one_with_other_rows_shows_to_the_whole_verification(home: Home) -> None:
    """The listing was made to agree with it."""
    compacted(home)
    listing = json.loads((folder_of(home) / LISTING).read_bytes())
    one, other = [file for file in listing["files"] if file["record_kind"] == "event"]
    one |= {name: other[name] for name in ("path", "signature")}
    (folder_of(home) / LISTING).write_text(json.dumps(listing), encoding="utf-8")
    (problem,) = verify_home(home.settings, copies=True).problems
    assert problem.startswith("compacted file has 6 other rows than the log: _compacted/event-")


def test_the_command_says_what_it_did(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*arguments: str) -> str:
        command = ["takeup", "--home", str(home.settings.home), "log", "compact", *arguments]
        monkeypatch.setattr("sys.argv", command)
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code in (0, None)
        return capsys.readouterr().out

    assert json.loads(said("--json")).items() >= {"files": 15, "into": 5}.items()
    assert said() == "no small files wait\n"


def test_there_is_a_log_to_compact(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no event log in"):
        compact_log(Home.at(tmp_path / "home").settings)
