"""The command line: exit codes, one clear line, JSON for programs, and a light start."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake.exceptions import DeltaError

from core.errors import GateFailed, IntegrityError, LeaseHeld, TakeupError, UsageError
from core.settings import PROJECT_ROOT
from ingest.landing.landed import scan
from ingest.load import run as ingestion
from takeup import cli
from tests.support.events import SERVICE, completed, lines

HEAVY = {
    "airflow",
    "altair",
    "dbt",
    "deltalake",
    "duckdb",
    "great_expectations",
    "msgspec",
    "numpy",
    "pandas",
    "pyarrow",
    "pydantic_settings",
    "sqlalchemy",
}


@dataclass(frozen=True)
class Said:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """What it printed, for a program."""
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture
def takeup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Run the command in this process, on a home of the test's own."""
    monkeypatch.setattr(ingestion, "scan", partial(scan, pause=0))
    monkeypatch.setenv("TAKEUP_HOME", str(tmp_path / "home"))

    def run(*arguments: str | Path) -> Said:
        monkeypatch.setattr(sys, "argv", ["takeup", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        said = capsys.readouterr()
        code = stopped.value.code
        assert code is None or isinstance(code, int)
        return Said(code or 0, said.out, said.err)

    return run


@pytest.fixture
def landed(tmp_path: Path) -> Path:
    """A folder with a good line, a redelivery, a broken line, a broken file and a waiting one."""
    folder = tmp_path / "landed"
    folder.mkdir()
    good = completed("event-1", time="2015-03-02T10:00:00Z")
    (folder / "a.jsonl").write_bytes(lines(good, good, "no event"))
    (folder / "b.jsonl.gz").write_bytes(b"\x1f\x8b")
    (folder / "c.jsonl.part").write_bytes(b"")
    return folder


def one_line(said: Said) -> str:
    """The one line of an error; nothing else was said."""
    assert said.out == ""
    assert said.err.startswith("takeup: ")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    return said.err.strip()


# Usage: exit 2.


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["quarantine", "frobnicate"], "No such command 'frobnicate'"),
        (["status", "--frobnicate"], "No such option: --frobnicate"),
        (["ingest"], "Missing argument"),
        (["status", "and", "more"], "unexpected extra argument"),
        (["quarantine", "show", "--limit", "many"], "Invalid value for '--limit'"),
        (["trace", SERVICE], "Missing argument"),
    ],
)
def test_a_wrong_command_line_exits_2(arguments: list[str], named: str, takeup: Command) -> None:
    said = takeup(*arguments)
    assert said.code == 2
    assert named in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["ingest", "not-there"], "no such file or folder: not-there"),
        (["ingest", ".", "--source", "carrier"], "no source 'carrier': one of published_volumes, "),
        (["ingest", ".", "--published-at", "yesterday"], "yesterday"),
        (["nightly", "--landing", "not-there"], "no such file or folder: not-there"),
        (["verify"], "no event log in"),
        (["build"], "no event log in"),
        (["replay"], "no event log in"),
        (["quarantine", "list"], "no event log in"),
        (["quarantine", "show"], "no event log in"),
        (["quarantine", "retry"], "no event log in"),
        (["trace", SERVICE, "2015-Q5"], "neither a quarter, such as 2015-Q1"),
        (["trace", SERVICE, "2015-Q1"], "no event log in"),
        (["export", "--quarter", "2015-Q9"], "2015-Q9"),
        (["export", "--quarter", "2015-Q1", "--as-of", "soon"], "soon"),
        (["simulate", "out", "--from", "2015-02-30"], "--from is a day such as"),
        (["simulate", "out", "--format", "xml"], "no format 'xml'"),
        (["simulate", "out", "--files", "hourly"], "--files is a number or daily"),
        (["simulate", "out", "--late-ratio", "0.5"], "each ratio must lie between 0 and 0.3"),
        (["template", "--department", "nobody", "--quarter", "2015-Q1"], "nobody"),
        (["template", "--department", "dwp", "--quarter", "2015-Q1", "--due-on", "soon"], "soon"),
    ],
)
def test_a_wrong_value_exits_2_with_one_line(
    arguments: list[str],
    named: str,
    takeup: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = takeup(*arguments)
    assert said.code == 2
    assert named in one_line(said)


def test_a_mirror_without_its_client_says_what_installs_it(
    takeup: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    for name in ("ingest.log.mirror", "ingest.log.object_store"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    said = takeup("log", "mirror", "s3://bucket/log")
    assert said.code == 2
    assert "run `make mirror`" in one_line(said)


@pytest.mark.parametrize(
    ("name", "value"),
    [("TAKEUP_THREADS", "none"), ("TAKEUP_THREADS", "0")],
)
def test_a_wrong_setting_exits_2_and_is_named(
    name: str, value: str, takeup: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    said = takeup("status")
    assert said.code == 2
    assert f"setting {name}: " in one_line(said)


# Other errors: the exit code of their class; of a limit of the machine, what to do.

ACCESS = "let the user who runs it read and write there, then run it again"
OF_DUCKDB = (
    "raise TAKEUP_MEMORY_LIMIT as memory allows, or lower TAKEUP_BATCH_BYTES, then run it again"
)
ROOM = "free room on that disk, then run it again"
MEMORY = (
    "lower TAKEUP_MEMORY_LIMIT or TAKEUP_BATCH_BYTES, or give it more memory, then run it again"
)


@pytest.mark.parametrize(
    ("error", "code", "shown"),
    [
        (TakeupError("it went wrong"), 1, "it went wrong"),
        (UsageError("it went wrong"), 2, "it went wrong"),
        (GateFailed("it went wrong"), 3, "it went wrong"),
        (IntegrityError("it went wrong"), 4, "it went wrong"),
        (LeaseHeld("it went wrong"), 5, "it went wrong"),
        (MemoryError(), 1, f"out of memory: {MEMORY}"),
        (RuntimeError("can't start new thread"), 1, f"can't start new thread: {MEMORY}"),
        (
            OSError(28, "No space left on device", "/full/disk"),
            1,
            f"No space left on device: /full/disk: {ROOM}",
        ),
        (
            TakeupError("old file stays: [Errno 28] No space left on device"),
            1,
            f"old file stays: [Errno 28] No space left on device: {ROOM}",
        ),
        (
            PermissionError(13, "Permission denied", "/locked"),
            1,
            f"Permission denied: /locked: {ACCESS}",
        ),
        (
            OSError(24, "Too many open files"),
            1,
            "Too many open files: allow more open files (ulimit -n), then run it again",
        ),
        (OSError(5, "Input/output error", "/disk"), 1, "Input/output error: /disk"),
        (
            duckdb.OutOfMemoryException("Out of Memory Error: 50 MiB used\n\nPossible solutions:"),
            1,
            f"Out of Memory Error: 50 MiB used: {OF_DUCKDB}",
        ),
        (
            duckdb.IOException("IO Error: Could not write file /x: No space left on device\nmore"),
            1,
            f"IO Error: Could not write file /x: No space left on device: {ROOM}",
        ),
        (
            DeltaError("Generic LocalFileSystem error: No space left on device\nmore"),
            1,
            f"Generic LocalFileSystem error: No space left on device: {ROOM}",
        ),
    ],
)
def test_each_class_of_error_has_its_exit_code(
    error: BaseException, code: int, shown: str, takeup: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("takeup.status.status_of", fail)
    said = takeup("status")
    assert said.code == code
    assert one_line(said) == f"takeup: {shown}"


def test_a_command_that_is_stopped_exits_130(
    takeup: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("takeup.status.status_of", stop)
    said = takeup("status")
    assert (said.code, said.out) == (130, "")
    assert "Traceback" not in said.err


def test_an_error_of_ours_keeps_its_traceback(
    takeup: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a mistake in the code")

    monkeypatch.setattr("takeup.status.status_of", fail)
    with pytest.raises(ZeroDivisionError):
        takeup("status")


# What the commands say.


def test_ingest_says_what_it_did(takeup: Command, landed: Path) -> None:
    said = takeup("ingest", landed)
    assert said.code == 0
    assert said.err == ""
    first, *rest = said.out.splitlines()
    assert first.split(maxsplit=1)[1] == (
        "2 files, 3 records: 1 accepted, 1 duplicate, 1 quarantined; 1 file rejected; 1 waiting"
    )
    assert any("b.jsonl.gz: rejected, corrupt: gzip" in line for line in rest)
    assert any("a.jsonl: 1 of 3 records in quarantine" in line for line in rest)
    assert any("c.jsonl.part: still being written" in line for line in rest)
    again = takeup("ingest", landed)
    assert again.code == 0
    assert "nothing new: 2 files are in the log already" in again.out


def test_refused_records_and_files_never_fail_a_command(takeup: Command, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_bytes(b"x\n" * 10)
    (tmp_path / "broken.parquet").write_bytes(b"x")
    assert takeup("ingest", tmp_path / "broken.jsonl", tmp_path / "broken.parquet").code == 0


def test_json_is_json(takeup: Command, landed: Path, tmp_path: Path) -> None:
    ingested = takeup("ingest", landed, "--json").json()
    assert (ingested["read"], ingested["accepted"], ingested["quarantined"]) == (3, 1, 1)
    assert {outcome["name"] for outcome in ingested["outcomes"]} == {"a.jsonl", "b.jsonl.gz"}
    counts = takeup("quarantine", "list", "--json").json()
    assert counts == [{"reason": "not_json", "file": "a.jsonl", "count": 1}]
    (shown,) = takeup("quarantine", "show", "--json").json()
    assert (shown["raw"], shown["position"]) == ("no event", 3)
    retried = takeup("quarantine", "retry", "--json").json()
    assert (retried["tried"], retried["quarantined"]) == (1, 1)
    verified = takeup("verify", "--json").json()
    assert (verified["commits"], verified["problems"]) == (3, [])
    status = takeup("status", "--json").json()
    assert (status["log"], status["events"], status["quarantine"]) == ("real", 1, {"not_json": 1})
    assert status["published"] == "nothing yet"
    traced = takeup("trace", SERVICE, "2015-03", "--json").json()
    assert [event["id"] for event in traced["first_events"]] == ["event-1"]
    simulated = takeup("simulate", tmp_path / "out", "--events", "100", "--json").json()
    assert simulated["events"] == 100


def test_plain_words_for_people(takeup: Command, landed: Path) -> None:
    takeup("ingest", landed)
    assert "1  not_json" in takeup("quarantine", "list").out
    shown = takeup("quarantine", "show").out
    assert "a.jsonl line 3\n  not_json: " in shown
    assert "\n  no event\n" in shown
    key = shown.split()[0]
    assert takeup("quarantine", "show", key).out == shown
    assert takeup("quarantine", "retry", key).out == (
        "tried 1: 0 accepted, 0 duplicates, 1 still in quarantine\n"
    )
    assert "(attempts: 1)" in takeup("quarantine", "show").out
    assert takeup("verify").out.startswith("sound: 3 commits, ")
    assert re.search(r"^events +1$", takeup("status").out, re.MULTILINE)
    assert (
        "1 transaction.completed.v1 online (none)  a.jsonl"
        in takeup("trace", SERVICE, "2015-03").out
    )
    nothing = takeup("trace", SERVICE, "2014-03")
    assert (nothing.code, one_line(nothing)) == (
        2,
        f"takeup: the log holds nothing of service '{SERVICE}' in 2014-03",
    )
    wrong = takeup("quarantine", "retry", "no-such-key")
    assert (wrong.code, "no open record no-such-key" in one_line(wrong)) == (2, True)


def test_simulate_makes_as_many_of_a_kind_as_was_asked_for(takeup: Command, tmp_path: Path) -> None:
    out = tmp_path / "simulated"
    days = ["--from", "2015-01-01", "--to", "2015-01-04"]
    kinds = ["--duplicates-ratio", "0.1", "--faults", "--broken-ratio", "0.02"]
    made = takeup("simulate", out, "--events", "3000", "--files", "daily", *days, *kinds, "--json")
    truth = json.loads((out / "truth" / "truth.json").read_text())
    assert made.json()["events"] == truth["read_count"] == 3000
    assert (truth["duplicate_count"], truth["quarantined_count"]) == (300, 60)
    assert (out / "landing" / "events-2015-01-04.jsonl").is_file()


def test_the_home_is_an_option_before_and_after_the_command(
    takeup: Command, tmp_path: Path
) -> None:
    for number, arguments in enumerate(([], ["--home", tmp_path / "before"], []), 0):
        found = takeup(*arguments, "status", "--json").json()["home"]
        assert found == str(tmp_path / ("before" if number == 1 else "home"))
    after = takeup("--home", tmp_path / "before", "status", "--json", "--home", tmp_path / "after")
    assert after.json()["home"] == str(tmp_path / "after")


def test_a_real_log_refuses_simulated_files_and_the_other_way_round(
    takeup: Command, landed: Path, tmp_path: Path
) -> None:
    simulated = tmp_path / "simulated.jsonl"
    simulated.write_bytes(lines(completed("event-2", simulated=True)))
    takeup("ingest", landed)
    said = takeup("ingest", simulated)
    assert said.code == 2
    assert f"simulated.jsonl is simulated, the log in {tmp_path / 'home' / 'log'} is real" in (
        one_line(said)
    )
    assert takeup("status", "--json").json()["events"] == 1
    other = ["--home", tmp_path / "other"]
    assert takeup(*other, "ingest", simulated).code == 0
    said = takeup(*other, "ingest", landed)
    assert said.code == 2
    assert "a.jsonl is real, the log in" in one_line(said)
    assert takeup(*other, "status", "--json").json()["log"] == "simulated"


# A light start.


def in_a_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "takeup.cli", *arguments],
        cwd=PROJECT_ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("arguments", [["--help"], ["ingest", "--help"], ["quarantine", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from takeup import cli; sys.argv = ['takeup', *sys.argv[1:]]\n"
        "try: cli.main()\n"
        "except SystemExit as stopped: assert stopped.code == 0\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "Usage: takeup" in done.stdout
    loaded = set(done.stderr.split())
    assert "takeup" in loaded
    assert loaded & HEAVY == set()
    assert not any(name.startswith(("ingest", "publish", "expectations")) for name in loaded)


def test_every_heavy_package_is_one_that_the_project_has() -> None:
    """A misspelt name above would guard nothing."""
    from importlib.util import find_spec

    assert [name for name in HEAVY if find_spec(name) is None] == []


def test_help_names_every_command(takeup: Command) -> None:
    said = takeup("--help")
    assert said.code == 0
    commands = "nightly ingest build check publish export replay verify status simulate template"
    for command in (*commands.split(), "trace", "quarantine", "reports"):
        assert re.search(rf"^  {command} ", said.out, re.MULTILINE), command


def test_a_command_of_its_own_process_ends_the_same_way(tmp_path: Path) -> None:
    done = in_a_process("verify", TAKEUP_HOME=str(tmp_path / "home"))
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        done.stderr
        == f"takeup: no event log in {tmp_path / 'home' / 'log'}: ingest something first\n"
    )
    unknown = in_a_process("frobnicate")
    assert unknown.returncode == 2
    assert "No such command 'frobnicate'" in unknown.stderr
    assert "Traceback" not in unknown.stderr
    nothing = in_a_process()
    assert nothing.returncode in (0, 2)
    assert "Usage: " in nothing.stdout + nothing.stderr
