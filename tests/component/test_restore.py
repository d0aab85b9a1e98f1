"""A log is restored from a copy: what it lacks is taken again, and an epoch says so."""

from __future__ import annotations

import errno
import json
import shutil
import sys
from functools import partial
from pathlib import Path

import duckdb
import pytest

from core.errors import IntegrityError, UsageError
from core.lease import lease
from ingest.landing.landed import scan
from ingest.load import run as ingestion
from ingest.log import restored
from ingest.log.epochs import require_version
from ingest.log.event_log import EventLog
from ingest.log.verification import verify
from takeup import cli
from takeup.restore import restore
from takeup.status import status_of
from takeup.verification import verify_home
from tests.support.events import completed
from tests.support.homes import RUN_AT, Home

SIMULATED = {"simulated": True}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of four nights, and beside it a copy that was taken after the second."""
    folder = tmp_path_factory.mktemp("made")
    home = Home.at(folder / "home")
    for number in range(1, 5):
        home.land_events(f"{number}.jsonl", completed(f"event-{number}"))
        home.ingest()
        if number == 2:
            shutil.copytree(home.settings.log, folder / "copy" / "log")
    return home


@pytest.fixture
def home(made: Home, tmp_path: Path) -> Home:
    shutil.copytree(made.settings.home.parent / "copy", tmp_path / "copy")
    return made.copied(tmp_path / "home")


@pytest.fixture(autouse=True)
def no_second_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the second between two looks at a landed file."""
    monkeypatch.setattr(ingestion, "scan", partial(scan, pause=0))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "copy"


def damage(home: Home) -> None:
    part = next(Path(file.path) for file in home.log().files("event") if file.commit_version == 3)
    part.write_bytes(part.read_bytes()[:-9])


def events(home: Home) -> list[str]:
    return sorted(row["id"] for row in home.rows("event"))


ALL = [f"event-{number}" for number in range(1, 5)]


def publish_version(home: Home, *, version: int, head: str, epoch: int | None = None) -> None:
    """A published file that says which log it was made of."""
    home.settings.published.mkdir(parents=True, exist_ok=True)
    column = "" if epoch is None else f", {epoch} as epoch"
    with duckdb.connect(str(home.settings.published_file)) as connection:
        connection.execute(
            f"create table warehouse_version as select {version} as log_version, '{head}' as"
            " chain_head, 'code' as code_version, now() as run_at, false as is_simulated,"
            f" 'digest' as definitions_digest{column}"
        )


def test_what_the_copy_lacks_is_taken_again_and_an_epoch_begins(home: Home, copy: Path) -> None:
    lost = home.log()
    publish_version(home, version=lost.version, head=lost.head())
    assert verify_home(home.settings).problems == []
    damage(home)
    done, result = restore(home.settings, copy)
    assert (done.epoch, done.copy_version, done.missing_version) == (2, 2, 4)
    assert (result.total("accepted"), result.known) == (2, 2)
    assert events(home) == ALL
    log = home.log()
    # Two versions of before, the epoch, and one commit for what was taken again.
    assert (log.epoch, log.version) == (2, 4)
    found = verify_home(home.settings)
    assert found.problems == []
    assert [note.partition(",")[0] for note in found.notes] == ["epoch 2 began with version 3"]
    aside = home.settings.home / "log-damaged-1"
    assert verify(aside).problems != []
    assert done.aside == str(aside)
    status = status_of(home.settings)
    assert (status["epoch"], status["published_epoch"]) == (2, 1)


def test_versions_of_before_answer_to_their_chain_head_only(home: Home, copy: Path) -> None:
    before = {version: home.log().commit_at(version).link for version in (1, 4)}
    damage(home)
    restore(home.settings, copy)
    log = home.log()
    require_version(log, 4, chain_head=None)
    require_version(log, 1, chain_head=before[1])
    with pytest.raises(UsageError, match="of before epoch 2, which began with version 3"):
        require_version(log, 1, chain_head=None)
    with pytest.raises(UsageError, match="that one was lost before epoch 2 began"):
        require_version(log, 4, chain_head=before[4])


def test_what_was_published_of_a_missing_version_is_no_damage_and_other_heads_are(
    home: Home, copy: Path
) -> None:
    publish_version(home, version=2, head="blake3:other")
    damage(home)
    restore(home.settings, copy)
    assert verify_home(home.settings).problems == [
        "the published file names another chain at log version 2"
    ]
    home.settings.published_file.unlink()
    publish_version(home, version=4, head="blake3:other", epoch=2)
    assert verify_home(home.settings).problems != []


def test_a_home_without_a_log_is_made_from_copy_and_landing(home: Home, copy: Path) -> None:
    shutil.rmtree(home.settings.log)
    shutil.copy(home.settings.home / "masking.key", copy)
    (home.settings.home / "masking.key").unlink()
    done, _ = restore(home.settings, copy)
    assert (done.epoch, done.aside, events(home)) == (2, None, ALL)
    assert (home.settings.home / "masking.key").read_bytes() == (copy / "masking.key").read_bytes()


def test_a_copy_that_lacks_nothing_begins_no_epoch(home: Home, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    shutil.copytree(home.settings.log, whole)
    head = home.log().head()
    damage(home)
    done, result = restore(home.settings, whole)
    assert (done.epoch, home.log().head(), result.commits) == (1, head, [])


def test_a_second_restore_begins_a_third_epoch(home: Home, copy: Path, tmp_path: Path) -> None:
    damage(home)
    restore(home.settings, copy)
    shutil.copytree(home.settings.log, tmp_path / "later")
    home.land_events("5.jsonl", completed("event-5"))
    home.ingest()
    lost = home.log()
    publish_version(home, version=lost.version, head=lost.head(), epoch=2)
    EventLog.path_of_commit(home.settings.log, lost.version).unlink()
    done, _ = restore(home.settings, tmp_path / "later")
    assert done.epoch == 3
    assert events(home) == [*ALL, "event-5"]
    assert verify_home(home.settings).problems == []


# What is refused, and changes nothing.


def test_a_sound_log_is_not_replaced(home: Home, copy: Path) -> None:
    with pytest.raises(UsageError, match="is sound"):
        restore(home.settings, copy)
    assert home.log().version == 4


def test_a_damaged_copy_is_refused(home: Home, copy: Path) -> None:
    damage(home)
    next((copy / "log").glob("record_kind=event/*")).write_bytes(b"")
    with pytest.raises(IntegrityError, match="is damaged, nothing was changed"):
        restore(home.settings, copy)
    assert not (home.settings.home / "log-damaged-1").exists()


def test_a_copy_that_is_none_is_refused(home: Home, tmp_path: Path) -> None:
    damage(home)
    (tmp_path / "empty").mkdir()
    for copy in (tmp_path / "empty", home.settings.log, home.settings.home):
        with pytest.raises(UsageError):
            restore(home.settings, copy)


def test_a_copy_of_the_other_kind_is_refused(home: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    other.land_events("a.jsonl", completed("x") | SIMULATED)
    other.ingest()
    publish_version(home, version=4, head=home.log().head())
    damage(home)
    with pytest.raises(UsageError, match="the copy is a simulated log"):
        restore(home.settings, other.settings.log)


def test_the_command_is_refused_while_a_run_works(
    home: Home, copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(home)
    where = ["takeup", "--home", str(home.settings.home)]

    def exit_code(*arguments: str) -> object:
        monkeypatch.setattr(sys, "argv", [*where, *arguments])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        return stopped.value.code

    with lease(home.settings.home, purpose="nightly"):
        monkeypatch.setattr("core.lease._held", set())
        assert exit_code("restore", str(copy)) == 5
    capsys.readouterr()
    assert exit_code("restore", str(copy), "--json") == 0
    assert json.loads(capsys.readouterr().out)["epoch"] == 2
    assert exit_code("verify") == 0
    assert "epoch 2 began with version 3" in capsys.readouterr().out


# Killed on the way.


class Killed(BaseException):
    """Stands for a run that ended where it was."""


def kill_at(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    if step == "second rename":
        rename = Path.rename

        def once(path: Path, target: Path) -> Path:
            if path.name == restored.STAGED:
                raise Killed
            return rename(path, target)

        monkeypatch.setattr(Path, "rename", once)
    else:
        monkeypatch.setattr(step, die)


def restore_killed_at(step: str, home: Home, copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    damage(home)
    with monkeypatch.context() as patched:
        kill_at(step, patched)
        with pytest.raises(Killed):
            restore(home.settings, copy)


STEPS = [
    "shutil.copytree",
    "takeup.restore.begin_epoch",
    "takeup.restore.bring_back",
    "ingest.log.restored.flush_tree",
    "second rename",
    "takeup.restore._take_again",
]


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_one_that_is_killed_is_finished_by_the_next_restore(
    home: Home, copy: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore_killed_at(step, home, copy, monkeypatch)
    restore(home.settings, copy)
    assert (home.log().epoch, events(home)) == (2, ALL)
    assert verify_home(home.settings).problems == []
    assert len(list(home.settings.home.glob("log-damaged-*"))) == 1
    assert list(home.settings.home.glob(".log-restored*")) == []


@pytest.mark.parametrize("step", ["second rename", "takeup.restore._take_again"])
def test_one_that_is_killed_with_the_log_staged_is_finished_by_the_next_run(
    home: Home, copy: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    restore_killed_at(step, home, copy, monkeypatch)
    if step == "second rename":
        with pytest.raises(UsageError, match="stopped half-way"):
            verify_home(home.settings)
    home.ingest()
    assert (home.log().epoch, events(home)) == (2, ALL)
    assert verify_home(home.settings).problems == []


def test_a_full_disk_leaves_the_log_as_it_was(
    home: Home, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(home)
    before = verify(home.settings.log).problems

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("shutil.copytree", full)
        with pytest.raises(OSError, match="No space"):
            restore(home.settings, copy)
    assert verify(home.settings.log).problems == before
    restore(home.settings, copy)
    assert events(home) == ALL


# What nobody may say of an epoch.


@pytest.mark.parametrize(
    ("says", "problem"),
    [
        ({"epoch": 2}, "it is of epoch 2, which no commit began"),
        (
            {"epoch": 2, "restored": {"version": 1, "head": "blake3:other"}},
            "the epoch that it begins does not follow what is before it",
        ),
        (
            {"epoch": 7, "restored": {"version": 4, "head": "HEAD"}},
            "the epoch that it begins does not follow what is before it",
        ),
    ],
)
def test_an_epoch_that_does_not_follow_is_a_problem(
    home: Home, says: dict[str, object], problem: str
) -> None:
    log = home.log()
    spelt = json.loads(json.dumps(says).replace("HEAD", log.head()))
    log.commit([], run_at=RUN_AT, says=spelt)
    assert verify(home.settings.log).problems == [f"commit 5: {problem}"]
