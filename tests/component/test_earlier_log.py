"""A log that the product of November 2026 wrote is read, verified, added to and built from.

`tests/fixtures/log-2026-11` was made before the code was rearranged: two nights of events of every
type, a publication and its restatement, redelivered and refused records, rejected files.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from core.settings import PROJECT_ROOT
from ingest.log import event_log
from ingest.log.formats import FORMAT
from ingest.log.verification import verify
from takeup import cli, nightly
from tests.support.events import completed
from tests.support.homes import RUN_AT, Home
from tests.support.publications import LISTING, QUARTERS, publication

EARLIER_LOG = PROJECT_ROOT / "tests" / "fixtures" / "log-2026-11"
JSA = "dwp-jobseekers-allowance-jsa-new-claims"


@pytest.fixture
def earlier(tmp_path: Path) -> Home:
    """A home that holds nothing but the earlier log."""
    home = Home.at(tmp_path / "home")
    shutil.copytree(EARLIER_LOG, home.settings.log)
    return home


def test_every_byte_of_it_is_verified(earlier: Home) -> None:
    found = verify(earlier.settings.log)
    assert found.problems == []
    assert found.commits == 3


def test_it_is_known_record_by_record(earlier: Home) -> None:
    assert {kind: len(earlier.rows(kind)) for kind in ("event", "duplicate", "quarantine")} == {
        "event": 117,
        "duplicate": 3,
        "quarantine": 5,
    }
    assert sorted(record.reason for record in earlier.open_records()) == [
        "id_conflict",
        "in_the_future",
        "not_json",
        "personal_data",
        "unknown_service",
    ]


def test_what_it_holds_is_a_duplicate_and_what_is_new_is_added(earlier: Home) -> None:
    times = {"time": "2015-04-01T10:00:00Z", "data": {"assistance": "on_behalf"}}
    earlier.land_events("again.jsonl", completed("c0", **times), completed("new"))
    (file,) = earlier.ingest().files
    assert (file.accepted, file.duplicate, file.quarantined) == (1, 1, 0)
    assert verify(earlier.settings.log).problems == []


def test_a_publication_that_it_holds_may_be_saved_again(earlier: Home) -> None:
    carers = {"carers-allowance": [500, 400, "", 450], JSA: [1000, 810, 1100, 900]}
    copy = publication(carers, header=(*QUARTERS, *reversed(LISTING)))
    earlier.land("again/services-2015-07-30 (1).csv", b"\xef\xbb\xbf" + copy)
    (file,) = earlier.ingest().files
    assert (file.accepted, file.duplicate, file.quarantined) == (0, 10, 0)
    assert verify(earlier.settings.log).problems == []


def test_it_is_of_the_first_epoch_and_what_is_added_says_its_format(earlier: Home) -> None:
    assert earlier.log().epoch == 1
    earlier.land_events("new.jsonl", completed("new"))
    earlier.ingest()
    log = earlier.log()
    facts = [log.commit_at(version).facts or {} for version in range(log.version + 1)]
    assert [one.get("format") for one in facts] == [None, None, None, FORMAT]
    assert log.epoch == 1


@pytest.mark.parametrize("command", ["verify", "build", "nightly", "status"])
def test_a_log_that_later_code_wrote_is_refused_and_left_as_it_is(
    earlier: Home,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    earlier.land_events("new.jsonl", completed("new"))
    with patch.multiple(event_log, FORMAT=FORMAT + 1, require_known=lambda facts: None):
        earlier.log().commit([], run_at=RUN_AT)
    before = sorted(path.name for path in earlier.settings.log.rglob("*"))
    monkeypatch.setattr(sys, "argv", ["takeup", "--home", str(earlier.settings.home), command])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "a later version of takeup wrote version 3 of the log" in said
    assert "Traceback" not in said
    assert sorted(path.name for path in earlier.settings.log.rglob("*")) == before


@pytest.mark.nights
def test_a_night_is_built_from_it(earlier: Home) -> None:
    import duckdb

    dict(nightly.run_all(earlier.settings, landing=earlier.settings.landing))
    with duckdb.connect(str(earlier.settings.published_file), read_only=True) as connection:
        reported = connection.execute(
            "select period_start::varchar, digital_count, total_count from take_up"
            f" where service_id = '{JSA}' and basis = 'reported' and period_kind = 'quarter'"
            " order by period_start"
        ).fetchall()
        ((counted,),) = connection.execute(
            "select sum(transactions_count) from channel_volumes"
            f" where service_id = '{JSA}' and basis = 'events' and period_kind = 'month'"
            " and period_start = '2015-04-01'"
        ).fetchall()
    assert reported == [("2015-01-01", 810, 1000), ("2015-04-01", 900, 1100)]
    assert counted == 59, "sixty completed, one of them voided, one moved to another channel"
