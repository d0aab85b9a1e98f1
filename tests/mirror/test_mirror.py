"""The mirror of the log: readers get the same table, and no other log ever gets in."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from deltalake import DeltaTable

from core.errors import IntegrityError, TakeupError, UsageError
from core.settings import PROJECT_ROOT
from ingest.load.erasure import erase
from ingest.log.event_log import EventLog
from ingest.log.verification import verify
from takeup import cli
from takeup.mirror import mirror_log
from takeup.restore import restore
from tests.support.events import SOURCE, completed
from tests.support.homes import RUN_AT, Home
from tests.support.object_stores import S3, SECRET, contents, delete, put, s3_server

pytestmark = pytest.mark.mirror

COMMIT = "_delta_log/{:020d}.json"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with s3_server(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def s3(server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """A server, and in the environment how it is reached."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


@pytest.fixture
def address(s3: S3) -> str:
    """Where nothing is yet."""
    return s3.bucket()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home of four commits with every kind of record but one."""
    home = Home.at(tmp_path_factory.mktemp("filled") / "home")
    home.land_events("0.jsonl", completed("0"), completed("0"), "no event", completed("gone"))
    home.ingest()
    for number in (1, 2):
        home.land_events(f"{number}.jsonl", completed(f"event-{number}"))
        home.ingest()
    return home


@pytest.fixture
def home(filled: Home, tmp_path: Path) -> Home:
    """A copy of it to work on."""
    shutil.copytree(filled.settings.home, tmp_path / "home")
    return Home.at(tmp_path / "home")


def another(tmp_path: Path) -> Home:
    """A home with a log of its own."""
    home = Home.at(tmp_path / "another")
    home.land_events("0.jsonl", completed("of another"))
    home.ingest(run_at=RUN_AT + timedelta(days=9))
    return home


def add(home: Home, name: str) -> None:
    """One commit more."""
    home.land_events(f"{name}.jsonl", completed(name))
    home.ingest()


def rows(table: DeltaTable) -> list[str]:
    return sorted(map(str, table.to_pyarrow_table().to_pylist()))


def files(table: DeltaTable, root: str) -> set[str]:
    return {uri.partition(root)[2].strip("/") for uri in table.file_uris()}


def assert_same_table(home: Home, address: str) -> None:
    """Delta's own reader gets of the mirror what it gets of the log, at every version."""
    here, there = DeltaTable(str(home.settings.log)), DeltaTable(address)
    assert there.version() == here.version()
    assert files(there, address) == files(here, str(home.settings.log))
    assert rows(there) == rows(here)
    assert there.history() == here.history()


def run(home: Home, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Give the command; returns its exit code."""
    words = ["takeup", "--home", str(home.settings.home), "log", "mirror", *arguments]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert isinstance(stopped.value.code, int)
    return stopped.value.code


# What readers get.


def test_a_reader_of_the_mirror_gets_the_same_table(home: Home, address: str) -> None:
    done = mirror_log(home.settings, address)

    assert_same_table(home, address)
    assert (done.version, done.head, done.commits) == (3, home.log().head(), 4)
    assert done.files == len(home.log().files())
    assert done.size_bytes == sum(Path(file.path).stat().st_size for file in home.log().files())
    for version in range(4):
        assert rows(DeltaTable(address, version=version)) == rows(
            DeltaTable(str(home.settings.log), version=version)
        )


def test_what_is_new_is_added(home: Home, address: str) -> None:
    mirror_log(home.settings, address)
    before = contents(address)
    add(home, "new")
    done = mirror_log(home.settings, address)

    assert (done.commits, done.files) == (1, 2)
    assert_same_table(home, address)
    unchanged = before.keys() - {"_head.json"}
    assert {name: contents(address)[name] for name in unchanged} == {
        name: before[name] for name in unchanged
    }


def test_only_what_was_committed_is_mirrored(home: Home, address: str) -> None:
    log = home.log()
    committed = {log.below(file) for file in log.files()} | {COMMIT.format(n) for n in range(4)}
    log.part_path("event", 4, 0).write_bytes(b"left by a run that died")
    (log.folder / "_delta_log" / ".00000000000000000004.json.tmp").write_bytes(b"{}")
    mirror_log(home.settings, address)

    assert contents(address).keys() == committed | {"_head.json"}


def test_checkpoints_are_mirrored(home: Home, address: str) -> None:
    mirror_log(home.settings, address)
    DeltaTable(str(home.settings.log)).create_checkpoint()
    mirror_log(home.settings, address)
    assert "_delta_log/00000000000000000003.checkpoint.parquet" in contents(address)
    assert_same_table(home, address)

    add(home, "after it")
    DeltaTable(str(home.settings.log)).create_checkpoint()
    mirror_log(home.settings, address)
    assert json.loads(contents(address)["_delta_log/_last_checkpoint"])["version"] == 4
    assert_same_table(home, address)


def test_what_is_added_meanwhile_waits_for_the_next(home: Home, address: str) -> None:
    from ingest.log.mirror import mirror

    DeltaTable(str(home.settings.log)).create_checkpoint()
    before = EventLog.open(home.settings.log, version=2)
    mirror(before, address)
    assert contents(address).keys() == {
        *(before.below(file) for file in before.files()),
        *(COMMIT.format(version) for version in range(3)),
    }
    assert rows(DeltaTable(address)) == rows(DeltaTable(str(home.settings.log), version=2))

    mirror_log(home.settings, address)
    assert_same_table(home, address)
    assert mirror(before, address).commits == 0


def test_what_another_writer_rewrote_is_mirrored(home: Home, address: str) -> None:
    DeltaTable(str(home.settings.log)).optimize.compact()
    mirror_log(home.settings, address, every_byte=True)

    assert DeltaTable(address).version() == 4
    assert_same_table(home, address)


def test_a_mirror_in_a_folder_is_a_copy_to_restore_from(home: Home, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "mirror"
    mirror_log(home.settings, target.as_uri())

    assert_same_table(home, str(target))
    assert verify(target).problems == []
    events = home.rows("event")
    shutil.rmtree(home.settings.log)
    restored, _ = restore(home.settings, target)
    assert restored.copy_version == 3
    assert home.rows("event") == events


def test_what_is_erased_from_the_log_is_erased_there(home: Home, address: str) -> None:
    mirror_log(home.settings, address)
    erase(
        home.settings,
        SOURCE,
        "gone",
        authority="order of 1 September 2015, data protection",
        run_at=RUN_AT + timedelta(days=1),
        confirm=lambda records, names: True,
    )
    done = mirror_log(home.settings, address)

    assert done.deleted > 0
    assert_same_table(home, address)
    assert not [name for name, content in contents(address).items() if b'"gone"' in content]
    assert mirror_log(home.settings, address).deleted == 0


def test_a_new_mirror_of_a_log_with_erasures_has_none_of_what_is_gone(
    home: Home, address: str
) -> None:
    erase(
        home.settings,
        SOURCE,
        "gone",
        authority="order of 1 September 2015, data protection",
        run_at=RUN_AT + timedelta(days=1),
        confirm=lambda records, names: True,
    )
    mirror_log(home.settings, address, every_byte=True)

    assert_same_table(home, address)


# Again, and after an interruption.


def test_an_unchanged_mirror_costs_a_listing(home: Home, s3: S3, address: str) -> None:
    mirror_log(home.settings, address)
    before = contents(address)
    asked = len(s3.requests())
    done = mirror_log(home.settings, address)
    requests = s3.requests()[asked:]

    assert (done.commits, done.files, done.deleted) == (0, 0, 0)
    assert len(requests) == 1
    assert "list-type=2" in requests[0]
    assert contents(address) == before


@contextmanager
def putting(stand_in: Callable[..., Any]) -> Iterator[None]:
    """Have whatever puts an object go through `stand_in(put, *arguments, **options)`."""
    import obstore

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(obstore, "put", partial(stand_in, obstore.put))
        yield


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def stopping_after(count: int) -> Callable[..., Any]:
    """One that dies in the place of putting, after so many."""
    done = []

    def put_or_die(real: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        if len(done) >= count:
            raise Killed
        done.append(arguments[1])
        return real(*arguments, **options)

    return put_or_die


def test_interrupted_anywhere_it_goes_on(home: Home, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    mirror_log(home.settings, whole.as_uri())
    expected = contents(whole.as_uri())
    for count in range(len(expected)):
        target = tmp_path / str(count)
        with putting(stopping_after(count)), pytest.raises(Killed):
            mirror_log(home.settings, target.as_uri())
        assert contents(target.as_uri()).items() < expected.items()
        if (target / COMMIT.format(0)).exists():
            # Whoever reads it meanwhile gets the log as it was at some version.
            table = DeltaTable(str(target))
            then = DeltaTable(str(home.settings.log), version=table.version())
            assert rows(table) == rows(then)
        mirror_log(home.settings, target.as_uri())
        assert contents(target.as_uri()) == expected


def killed_after_its_first_commit(home: Home, s3: S3, address: str) -> None:
    """Run the command in a process of its own, and kill it once the server has that."""
    command = ["takeup.cli", "--home", str(home.settings.home), "log", "mirror", address]
    mirroring = subprocess.Popen([sys.executable, "-m", *command], cwd=PROJECT_ROOT)
    bucket = address.removeprefix("s3:/").partition("/takeup")[0]
    while mirroring.poll() is None:
        if any(f"PUT {bucket}" in line and ".json" in line for line in s3.requests()):
            mirroring.kill()
        time.sleep(0.001)
    mirroring.wait()


def test_a_process_that_was_killed_leaves_what_the_next_one_completes(home: Home, s3: S3) -> None:
    for number in range(3, 9):
        add(home, f"event-{number}")
    for _ in range(5):
        address = s3.bucket()
        killed_after_its_first_commit(home, s3, address)
        left = contents(address)
        if COMMIT.format(home.log().version) not in left:
            break
    else:
        pytest.fail("it was done each time before it could be killed")
    mirror_log(home.settings, address)

    assert left.items() < contents(address).items()
    assert_same_table(home, address)


def test_what_an_interrupted_one_left_is_read_before_a_commit_answers_for_it(
    home: Home, address: str
) -> None:
    part = home.log().files("event")[0]
    name, content = home.log().below(part), Path(part.path).read_bytes()
    put(address, name, bytes(len(content)))
    mirror_log(home.settings, address)

    assert contents(address)[name] == content


# What is damaged there.


def test_a_file_that_is_cut_short_or_missing_is_put_again(home: Home, address: str) -> None:
    mirror_log(home.settings, address)
    before = contents(address)
    first, second = sorted(name for name in before if name.endswith(".parquet"))[:2]
    put(address, first, before[first][:-1])
    delete(address, second)
    done = mirror_log(home.settings, address)

    assert done.files == 2
    assert contents(address) == before


def test_every_byte_is_read_where_that_is_asked_for(home: Home, s3: S3, address: str) -> None:
    mirror_log(home.settings, address)
    before = contents(address)
    name = next(name for name in before if name.endswith(".parquet"))
    put(address, name, before[name][:-1] + b"?")

    assert mirror_log(home.settings, address).files == 0
    asked = len(s3.requests())
    assert mirror_log(home.settings, address, every_byte=True).files == 1
    requests = s3.requests()[asked:]
    assert [name for name in before if not any(f"/{name} " in one for one in requests)] == []
    assert contents(address) == before


def test_bytes_that_change_on_the_way_get_no_commit(home: Home, address: str) -> None:
    def change(
        real: Callable[..., Any], store: Any, path: str, content: Any, **options: Any
    ) -> Any:
        if path.endswith(".parquet"):
            content = content.read_bytes()[:-1] + b"?"
        return real(store, path, content, **options)

    with (
        putting(change),
        pytest.raises(IntegrityError, match="other bytes come back of record_kind="),
    ):
        mirror_log(home.settings, address)
    assert COMMIT.format(1) not in contents(address)


# What is of another log.


def change_byte(address: str, home: Home) -> None:
    name = COMMIT.format(2)
    put(address, name, contents(address)[name].replace(b"2015-08-01", b"2015-08-02"))


def go_further(address: str, home: Home) -> None:
    put(address, COMMIT.format(4), b"{}")


def leave_checkpoint(address: str, home: Home) -> None:
    put(address, "_delta_log/_last_checkpoint", b'{"version":1,"size":1}')


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (change_byte, COMMIT.format(2)),
        (go_further, COMMIT.format(4)),
        (leave_checkpoint, "_last_checkpoint"),
    ],
)
def test_a_mirror_that_differs_is_refused_and_left_as_it_is(
    change: Callable[[str, Home], None], named: str, home: Home, address: str
) -> None:
    mirror_log(home.settings, address)
    change(address, home)
    add(home, "new") if change is not go_further else None
    before = contents(address)

    with pytest.raises(IntegrityError, match=named) as refused:
        mirror_log(home.settings, address)
    assert "docs/runbook.md, Mirror" in str(refused.value)
    assert contents(address) == before


def test_another_log_is_refused(home: Home, address: str, tmp_path: Path) -> None:
    other = another(tmp_path)
    mirror_log(other.settings, address)
    before = contents(address)

    with pytest.raises(IntegrityError, match="another log"):
        mirror_log(home.settings, address)
    assert contents(address) == before


def test_objects_of_others_are_left_alone(home: Home, address: str) -> None:
    theirs = {"readme.txt": b"theirs", "record_kind=event/theirs.parquet": b"no part of the table"}
    for name, content in theirs.items():
        put(address, name, content)
    mirror_log(home.settings, address)

    assert_same_table(home, address)
    assert theirs.items() <= contents(address).items()


def test_a_damaged_log_is_not_mirrored(home: Home, address: str) -> None:
    part = Path(home.log().files("event")[0].path)
    part.write_bytes(part.read_bytes()[:-1] + b"?")

    with pytest.raises(IntegrityError, match="the event log is damaged"):
        mirror_log(home.settings, address)
    assert contents(address) == {}


# Two at once.


def getting_in_first(content: bytes, name: str) -> Callable[..., Any]:
    """One that has somebody else put this commit just before it is put."""

    def put_second(
        real: Callable[..., Any], store: Any, path: str, *arguments: Any, **options: Any
    ) -> Any:
        if path == name:
            real(store, path, content)
        return real(store, path, *arguments, **options)

    return put_second


def test_a_commit_that_another_writer_puts_first_stays(
    home: Home, address: str, tmp_path: Path
) -> None:
    theirs = EventLog.path_of_commit(another(tmp_path).settings.log, 1).read_bytes()
    with (
        putting(getting_in_first(theirs, COMMIT.format(1))),
        pytest.raises(IntegrityError, match="another writer put"),
    ):
        mirror_log(home.settings, address)

    assert contents(address)[COMMIT.format(1)] == theirs
    assert COMMIT.format(2) not in contents(address)


def test_the_same_commit_by_another_mirror_of_the_log_is_as_good(home: Home, address: str) -> None:
    ours = EventLog.path_of_commit(home.settings.log, 1).read_bytes()
    with putting(getting_in_first(ours, COMMIT.format(1))):
        mirror_log(home.settings, address)

    assert_same_table(home, address)


def test_a_store_that_keeps_to_no_condition_is_refused(home: Home, address: str) -> None:
    def put_anyway(real: Callable[..., Any], *arguments: Any, **_: Any) -> Any:
        return real(*arguments)

    with putting(put_anyway), pytest.raises(TakeupError, match="If-None-Match"):
        mirror_log(home.settings, address)
    assert COMMIT.format(1) not in contents(address)


def test_of_two_logs_at_once_one_gets_in(home: Home, tmp_path: Path) -> None:
    """In a folder, where a conditional put is one step; the server's is two, a look and a write."""
    from ingest.log.mirror import mirror

    logs, barrier, outcomes = [home.log(), another(tmp_path).log()], Barrier(2), []
    address = (tmp_path / "mirror").as_uri()

    def run_one(log: EventLog) -> None:
        barrier.wait()
        try:
            outcomes.append(mirror(log, address))
        except TakeupError as error:
            outcomes.append(error)

    threads = [Thread(target=run_one, args=(log,)) for log in logs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    (refused,) = [one for one in outcomes if isinstance(one, IntegrityError)]
    (done,) = [one for one in outcomes if not isinstance(one, TakeupError)]
    winner = next(log for log in logs if log.head() == done.head)
    assert "another" in str(refused)
    assert rows(DeltaTable(address)) == rows(DeltaTable(str(winner.folder)))


# The command.


def test_the_command_says_what_it_did(
    home: Home, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, monkeypatch, address, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["address"], told["version"], told["commits"]) == (address, 3, 4)
    assert run(home, monkeypatch, address, "--verify") == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{address}: log version 3, head blake3:")
    assert "0 commits and 0 files" in said
    assert "every byte" in said


def test_a_simulated_log_is_said_to_be_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home.at(tmp_path / "home")
    EventLog.create(home.settings.log, is_simulated=True, run_at=RUN_AT)
    address = (tmp_path / "mirror").as_uri()
    assert run(home, monkeypatch, address) == 0
    assert f"{address}: simulated log version 0" in capsys.readouterr().out


def test_a_refused_one_ends_with_exit_code_4(
    home: Home, address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(address, COMMIT.format(0), b"{}")
    assert run(home, monkeypatch, address) == 4
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "no_address",
    [
        "/srv/mirror",
        "s3:",
        "foo://bucket/x",
        f"s3://key:{SECRET}@bucket/x",
        f"s3://b/x?sig={SECRET}",
    ],
)
def test_what_is_no_address_is_a_usage_error(home: Home, s3: S3, no_address: str) -> None:
    with pytest.raises(UsageError, match="s3://BUCKET/PREFIX") as refused:
        mirror_log(home.settings, no_address)
    assert SECRET not in str(refused.value)


def test_a_store_that_refuses_says_so_in_a_line_without_a_secret(
    home: Home, s3: S3, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(home, monkeypatch, "s3://no-such-bucket/log") == 1
    said = capsys.readouterr()
    assert said.err.count("\n") == 1
    assert "404 Not Found" in said.err
    assert "read from the environment" in said.err
    assert SECRET not in said.err + said.out
