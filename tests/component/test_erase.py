"""A record is erased for ever: the commit says so, and what else is there stays as it was."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import IntegrityError, UsageError
from core.lease import lease
from core.settings import Settings
from ingest.load.erasure import Erased, erase
from ingest.log import erasures
from ingest.log.event_log import EventLog
from ingest.log.verification import verify
from takeup import cli
from tests.support.events import SOURCE, completed
from tests.support.homes import RUN_AT, Home

AUTHORITY = "order of 1 September 2015, data protection"
LATER = RUN_AT + timedelta(days=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of two nights: one record is quarantined in the first, one redelivered in the
    second."""
    home = Home.at(tmp_path_factory.mktemp("made") / "home")
    home.land_events("a.jsonl", completed("1"), completed("gone"), "no event", completed("2"))
    home.ingest()
    home.land_events("b.jsonl", completed("gone"), completed("3"))
    home.ingest()
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    return made.copied(tmp_path / "home")


def erased(home: Home, key: str = SOURCE, record_id: str | None = "gone") -> Erased | None:
    return erase(
        home.settings,
        key,
        record_id,
        authority=AUTHORITY,
        run_at=LATER,
        confirm=lambda records, names: bool(records and names),
    )


def test_every_row_of_it_is_gone_and_nothing_else(home: Home) -> None:
    before = {kind: home.rows(kind) for kind in ("event", "quarantine")}
    done = erased(home)
    assert done == Erased(2, 2, 3, ("a.jsonl", "b.jsonl"))
    kept = [row for row in before["event"] if row["id"] != "gone"]
    assert sorted(map(str, home.rows("event"))) == sorted(map(str, kept))
    assert home.rows("duplicate") == []
    assert home.rows("quarantine") == before["quarantine"]
    for path in home.settings.log.rglob("*"):
        assert path.is_dir() or b'"gone"' not in path.read_bytes()
    assert not home.settings.warehouse.exists(), "it was made of what is gone"


def test_the_ledger_counts_what_is_left(home: Home) -> None:
    erased(home)
    counts = ("read_count", "accepted_count", "duplicate_count", "quarantined_count")
    assert {name: tuple(row[one] for one in counts) for name, row in home.ledger().items()} == {
        "a.jsonl": (3, 2, 0, 1),
        "b.jsonl": (1, 1, 0, 0),
    }
    assert home.log().run_at() == LATER


def test_verify_knows_it_and_says_so(home: Home) -> None:
    erased(home)
    found = verify(home.settings.log)
    assert found.problems == []
    assert found.notes == [
        f"version 3 erased 2 records on 2015-08-02, by authority of: {AUTHORITY}"
    ]
    home.land_events("c.jsonl", completed("4"))
    home.ingest()
    assert verify(home.settings.log).problems == []
    assert home.ingest().known == 3, "the landed files are known, and are not taken again"


def test_parts_that_are_gone_without_one_are_damage(home: Home) -> None:
    erased(home)
    part = Path(home.log().files("event")[0].path)
    part.unlink()
    name = part.relative_to(home.settings.log).as_posix()
    assert f"file is missing: {name}" in verify(home.settings.log).problems


def test_a_quarantined_record_is_named_by_its_key(home: Home) -> None:
    (record,) = home.open_records()
    done = erased(home, record.key, None)
    assert done is not None
    assert (done.records, home.open_records(), home.rows("quarantine")) == (1, [], [])
    assert home.ledger()["a.jsonl"]["quarantined_count"] == 0
    assert verify(home.settings.log).problems == []


def test_one_that_was_accepted_when_tried_again_is_gone_from_all_kinds(tmp_path: Path) -> None:
    home = Home.at(tmp_path / "home")
    home.land_events("a.jsonl", completed("1"), completed("gone", time="2015-09-01T10:00:00Z"))
    home.ingest()
    home.retry(days=60)
    assert [len(home.rows(kind)) for kind in ("event", "quarantine", "retry")] == [2, 1, 1]
    done = erased(home)
    assert done is not None
    assert done.rows == 3
    assert [len(home.rows(kind)) for kind in ("event", "quarantine", "retry")] == [1, 0, 0]
    row = home.ledger()["a.jsonl"]
    assert (row["read_count"], row["accepted_count"], row["quarantined_count"]) == (1, 1, 0)
    assert verify(home.settings.log).problems == []


def test_what_is_not_confirmed_not_there_or_by_nobodys_authority_changes_nothing(
    home: Home,
) -> None:
    def ask(key: str, record_id: str, *, authority: str = AUTHORITY, says: bool = True) -> object:
        return erase(
            home.settings,
            key,
            record_id,
            authority=authority,
            run_at=LATER,
            confirm=lambda *_: says,
        )

    assert ask(SOURCE, "gone", says=False) is None
    with pytest.raises(UsageError, match="holds no record"):
        ask(SOURCE, "unknown")
    with pytest.raises(UsageError, match="--authority"):
        ask(SOURCE, "gone", authority="  ")
    with pytest.raises(UsageError, match="restore them instead"):
        ask("urn:takeup:set-aside", "x")
    assert home.log().version == 2
    assert home.settings.warehouse.exists()


class Killed(BaseException):
    """Stands for a run that ended where it was."""


def die(*_: object, **__: object) -> None:
    raise Killed


@pytest.mark.parametrize("step", ["remove_erased", "_write_commit"])
def test_killed_on_the_way_it_is_finished_by_the_next(
    home: Home, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(erasures, step, die)
        with pytest.raises(Killed):
            erased(home)
    problems = verify(home.settings.log).problems
    assert all("what it erased is still there, erase it again" in one for one in problems)
    assert bool(problems) == (step == "remove_erased")
    erased(home)
    assert verify(home.settings.log).problems == []
    assert "gone" not in {row["id"] for row in home.rows("event")}
    assert home.log().version == 3


def test_another_writer_in_between_loses_nothing(home: Home) -> None:
    stale = home.log()
    home.land_events("c.jsonl", completed("4"))
    home.ingest()
    events = home.rows("event")

    with pytest.raises(IntegrityError, match="another writer has written version 3"):
        erasures.commit_erasure(
            stale, stale.files("event"), [], records=1, rows=1, authority=AUTHORITY, run_at=LATER
        )
    assert home.rows("event") == events
    assert verify(home.settings.log).problems == []
    assert not list(home.settings.log.rglob("*.tmp"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"rows": 7}, "it erases other rows than it says"),
        ({"parts": []}, "it removes files, which an append never does"),
    ],
)
def test_one_that_does_not_add_up_is_damage(
    home: Home, change: dict[str, object], problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chained = erasures.chained

    def forged(
        log: EventLog, parts: list[Path], *, run_at: object, says: dict[str, dict[str, object]]
    ) -> object:
        return chained(log, parts, run_at=LATER, says={"erased": says["erased"] | change})

    with monkeypatch.context() as patched:
        patched.setattr(erasures, "chained", forged)
        erased(home)
    assert any(problem in one for one in verify(home.settings.log).problems)


def test_the_command_asks_and_waits_for_no_run(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def exit_code(*arguments: str) -> object:
        where = ["takeup", "--home", str(home.settings.home), "erase", SOURCE, "gone"]
        monkeypatch.setattr(sys, "argv", [*where, "--authority", AUTHORITY, *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return stopped.value.code

    assert exit_code() == 2, "nobody can be asked"
    with lease(home.settings.home, purpose="nightly"):
        monkeypatch.setattr("core.lease._held", set())
        assert exit_code("--yes") == 5
    assert home.log().version == 2
    capsys.readouterr()
    assert exit_code("--yes") == 0
    said = capsys.readouterr().out
    assert "erased: 2 records, log version 3 says so" in said
    assert "the landed file has it still: a.jsonl" in said
    assert verify(Settings(home=home.settings.home).log).problems == []


def test_what_stays_of_a_part_is_known_when_it_comes_again(home: Home) -> None:
    erased(home)
    home.land_events("c.jsonl", completed("1"), completed("3"), completed("4"))
    home.ingest()
    assert sorted(row["id"] for row in home.rows("event")) == ["1", "2", "3", "4"]
    assert sorted(row["id"] for row in home.rows("duplicate")) == ["1", "3"]
