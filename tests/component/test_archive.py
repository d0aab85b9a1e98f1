"""Landed files that were taken in are moved to the archive, and none of them is ever lost."""

from __future__ import annotations

import errno
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest

from ingest.landing.landed import scan
from ingest.load import archive
from ingest.load import run as ingestion
from ingest.load.archive import Archived, archive_landed
from takeup import nightly
from takeup.restore import restore
from takeup.verification import verify_home
from tests.support.events import completed
from tests.support.homes import RUN_AT, Home
from tests.support.publications import publication

JSA = "dwp-jobseekers-allowance-jsa-new-claims"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home", landed_files="archive")


@pytest.fixture(autouse=True)
def no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingestion, "scan", partial(scan, pause=0))


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def moved(home: Home, *, days: int = 0) -> Archived:
    return archive_landed(
        home.settings, home.settings.landing, run_at=RUN_AT + timedelta(days=days)
    )


def test_only_what_the_log_holds_whole_is_moved(home: Home) -> None:
    home.land_events("in/a.jsonl", completed("1"))
    home.land_events("in/copy of a.jsonl", completed("1"))
    home.land_events("open.jsonl", completed("2"), "no event")
    home.land("rejected.bin", b"\x00\x01\x02")
    home.land("2015/vintages.csv", b"file,published_at\ns.csv,2015-07-30T09:30:00+01:00\n")
    home.land("2015/s.csv", publication({JSA: [1000, 810, 1100, 900]}))
    home.ingest()
    home.land_events("new.jsonl", completed("3"))
    before = files(home.settings.landing)
    assert moved(home) == Archived(3)
    assert sorted(files(home.settings.archive / "2015-08-01")) == [
        *("2015/s.csv", "2015/vintages.csv", "in/a.jsonl", "in/copy of a.jsonl"),
    ]
    # A manifest stays: it speaks of files that are still to come. Its copy goes along.
    assert sorted(files(home.settings.landing)) == [
        *("2015/vintages.csv", "new.jsonl", "open.jsonl", "rejected.bin"),
    ]
    now = files(home.settings.landing) | files(home.settings.archive / "2015-08-01")
    assert now == before
    assert verify_home(home.settings, landing=True).problems == []
    assert moved(home) == Archived(0)


def test_a_record_that_was_retried_lets_its_file_go(home: Home) -> None:
    home.land_events("a.jsonl", completed("1", data={"service_id": "nobody-knows-it"}))
    home.ingest()
    assert moved(home) == Archived(0)
    home.land("vintages.csv", b"file,published_at\ns.csv,2015-07-30T09:30:00+01:00\n")
    home.land("s.csv", publication({"nobody-knows-it": [1000, 810, 1100, 900]}))
    home.ingest()
    home.retry()
    assert moved(home).moved == 2


def test_bytes_that_are_no_longer_what_was_committed_stay(home: Home) -> None:
    path = home.land_events("a.jsonl", completed("1"))
    home.ingest()

    with patch.object(archive, "digest_stream", lambda stream: "blake3:other"):
        assert moved(home) == Archived(0)
    assert path.exists()


def test_a_name_that_is_taken_goes_to_the_next_folder_of_the_day(home: Home) -> None:
    for number in range(3):
        home.land_events("a.jsonl", completed(str(number)))
        home.ingest()
        assert moved(home) == Archived(1)
    assert sorted(files(home.settings.archive)) == [
        *("2015-08-01.2/a.jsonl", "2015-08-01.3/a.jsonl", "2015-08-01/a.jsonl"),
    ]
    assert verify_home(home.settings, landing=True).problems == []
    (home.settings.archive / "2015-08-01.2" / "a.jsonl").write_bytes(b"{}")
    assert verify_home(home.settings, landing=True).problems == [
        "landed file a.jsonl has other bytes than the ledger recorded"
    ]


def across(path: Path, target: Path) -> Path:
    """As between two file systems."""
    if "landing" in path.parts and "archive" in target.parts:
        raise OSError(errno.EXDEV, "Invalid cross-device link")
    path.replace(target)
    return target


def test_to_another_file_system_it_is_copied_first(home: Home) -> None:
    path = home.land_events("a.jsonl", completed("1"))
    content = path.read_bytes()
    home.ingest()
    with patch.object(Path, "rename", across):
        with (
            patch.object(Path, "unlink", side_effect=KeyboardInterrupt),
            pytest.raises(KeyboardInterrupt),
        ):
            moved(home)
        # Killed before it was gone: it is in both places, whole.
        assert files(home.settings.landing) == {"a.jsonl": content}
        assert moved(home, days=1) == Archived(1)
    assert files(home.settings.landing) == {}
    assert set(files(home.settings.archive).values()) == {content}


def test_parts_commits_and_folders_are_on_disk_first(home: Home) -> None:
    home.land_events("a.jsonl", completed("1"))
    home.ingest()
    order: list[str] = []
    flush, move = archive.flush, archive._move

    def flushed(path: Path) -> None:
        order.append(path.name)
        flush(path)

    def moves(path: Path, target: Path) -> None:
        order.append("moved")
        move(path, target)

    with patch.object(archive, "flush", flushed), patch.object(archive, "_move", moves):
        moved(home)
    paths = [path for path in home.settings.log.rglob("*") if path.is_file()]
    written = {path.name for path in paths} | {path.parent.name for path in paths}
    assert {*written, "log", "home"} <= set(order[: order.index("moved")])


def test_a_landing_folder_that_is_read_only_is_told_once_and_ends_nothing(home: Home) -> None:
    for number in range(3):
        home.land_events(f"{number}.jsonl", completed(str(number)))
    before = files(home.settings.landing)
    with patch.object(archive.os, "access", return_value=False):
        nightly.land(home.settings, run_id="r")
        facts = nightly.ingest(home.settings, run_id="r")
    assert facts["notes"] == [
        f"  {home.settings.landing} can't be written: files that were taken in stay there"
    ]
    assert files(home.settings.landing) == before
    assert nightly.ingest(home.settings, run_id="r")["notes"] == [
        f"  moved to {home.settings.archive}: 3"
    ]


def test_by_default_files_stay_where_they_landed(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    path = home.land_events("a.jsonl", completed("1"))
    nightly.land(home.settings, run_id="r")
    assert nightly.ingest(home.settings, run_id="r")["notes"] == []
    assert path.exists()
    assert not home.settings.archive.exists()


def test_what_a_restored_log_lacks_comes_back(home: Home, tmp_path: Path) -> None:
    manifest = b"file,published_at\ns.csv,2015-%s-30T09:30:00+01:00\n"
    for number in range(3):
        home.land("2015/vintages.csv", manifest % (b"05", b"06", b"07")[number])
        home.land("2015/s.csv", publication({JSA: [1000, 810, 1100 + number, 900]}))
        home.ingest()
        assert moved(home).moved == 1
        if number == 0:
            shutil.copytree(home.settings.log, tmp_path / "copy")
    before = {(row["id"], row["data"]) for row in home.rows("event")}
    shutil.rmtree(home.settings.log)
    done, _ = restore(home.settings, tmp_path / "copy")
    # Of the second the manifest says something else by now: it comes back with its own.
    assert done.archived_files == 2
    assert {(row["id"], row["data"]) for row in home.rows("event")} == before
    assert home.ledger().keys() >= {"2015/s.csv", "2015-08-01.2/2015/s.csv"}
