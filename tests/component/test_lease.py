"""The lease keeps two runs of one home apart, and dies with its holder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.errors import LeaseHeld, TakeupError
from core.lease import FILE_NAME, holder, is_held, lease
from core.settings import PROJECT_ROOT

HOLD = """
import sys, time
from pathlib import Path
from core.lease import lease
with lease(Path(sys.argv[1]), purpose="nightly"):
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def held_by_another_process(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease for as long as the block lasts."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_a_second_run_is_told_who_holds_it_and_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with held_by_another_process(home) as process:
        assert is_held(home)
        with pytest.raises(LeaseHeld) as refused, lease(home, purpose="ingest"):
            pytest.fail("the lease was held")
        assert refused.value.exit_code == 5
        assert f"(nightly, process {process.pid}, since 20" in str(refused.value)
        process.send_signal(signal.SIGKILL)
        process.wait()
        # The file still names the dead; only the lock counts.
        assert json.loads((home / FILE_NAME).read_text())["pid"] == process.pid
        assert not is_held(home)
        with lease(home, purpose="ingest"):
            assert holder(home).startswith(f"ingest, process {os.getpid()}, since 20")


def test_another_home_is_free(tmp_path: Path) -> None:
    with held_by_another_process(tmp_path / "one"), lease(tmp_path / "two", purpose="ingest"):
        assert is_held(tmp_path / "two")


def test_the_command_line_exits_5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from takeup import cli

    with held_by_another_process(tmp_path):
        monkeypatch.setattr(sys, "argv", ["takeup", "--home", str(tmp_path), "build"])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        assert stopped.value.code == 5
        said = capsys.readouterr()
        assert said.err.startswith(f"takeup: another run works on {tmp_path} (nightly, process ")
        assert said.err.count("\n") == 1
        monkeypatch.setattr(sys, "argv", ["takeup", "--home", str(tmp_path), "status"])
        with pytest.raises(SystemExit) as shown:
            cli.main()
        assert shown.value.code == 0
        assert "nightly, process " in capsys.readouterr().out


def test_one_process_may_take_it_again_and_the_outer_block_keeps_it(tmp_path: Path) -> None:
    with lease(tmp_path, purpose="nightly"):
        with lease(tmp_path, purpose="ingest"):
            assert is_held(tmp_path)
        assert is_held(tmp_path)
        assert holder(tmp_path).startswith("nightly")
    assert not is_held(tmp_path)
    assert (tmp_path / FILE_NAME).read_text() == ""


def test_it_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="broken"), lease(tmp_path, purpose="ingest"):
        raise RuntimeError("broken")
    assert not is_held(tmp_path)
    with lease(tmp_path, purpose="ingest"):
        assert is_held(tmp_path)


def test_a_child_process_does_not_keep_it(tmp_path: Path) -> None:
    """dbt runs as a child: were the lock handed on, a killed run would hold on through it."""
    with lease(tmp_path, purpose="build"):
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        assert not is_held(tmp_path)
    finally:
        child.kill()
        child.wait()


def test_a_home_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with (
        pytest.raises(TakeupError, match="can't be written: Not a directory") as failed,
        lease(tmp_path / "file" / "home", purpose="ingest"),
    ):
        pytest.fail("there is no such home")
    assert failed.value.exit_code == 1


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '"x"', "\x00"])
def test_a_lease_file_that_says_nothing_names_nobody(content: str, tmp_path: Path) -> None:
    assert holder(tmp_path) == "unknown holder"
    (tmp_path / FILE_NAME).write_text(content)
    assert holder(tmp_path) == "unknown holder"
    assert not is_held(tmp_path)


def test_a_home_without_room_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.pwrite", full)
    with (
        pytest.raises(TakeupError, match=f"{tmp_path} can't be written: No space left on device"),
        lease(tmp_path, purpose="test"),
    ):
        raise AssertionError("it is held")
    monkeypatch.undo()
    with lease(tmp_path, purpose="test"):
        pass
