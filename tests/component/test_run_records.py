"""What is kept of each step of a run, in logs and in the home, and the page that shows it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from mmap import mmap
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from expectations.results import GateResult, write_result
from takeup import logs
from takeup.last_run import last_run, last_steps, run_recorded
from takeup.run_records import FILE_NAME, StepRecord, append, records
from takeup.runs_page import SHOWN, drawing_runs, write_runs_page
from takeup.step_table import lines_of

MIB = 1024 * 1024
RECORD = StepRecord(
    run_id="one",
    step="build",
    started_at="2026-07-01T01:00:00+00:00",
    ended_at="2026-07-01T01:00:09+00:00",
    seconds=9.25,
    outcome="done",
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home")
    settings.warehouse.mkdir(parents=True)
    return settings


@pytest.fixture
def json_lines(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> Iterator[pytest.CaptureFixture[str]]:
    logs.configure(settings.model_copy(update={"log_format": "json"}))
    yield capsys
    logs.configure(settings)


def test_a_step_is_kept_with_what_it_took(settings: Settings) -> None:
    def ingest(settings: Settings, *, run_id: str) -> dict[str, Any]:
        (settings.home / "made").write_bytes(bytes(8 * MIB))
        # Pages of its own: memory that other tests gave back is in the process already.
        with mmap(-1, 64 * MIB) as held:
            held.write(b"x" * len(held))
            counts = {"accepted": len(held) // MIB, "log_version": 5}
        return counts | {"is_new": True, "batches": [4, 5], "notes": ["n"]}

    run_recorded(settings, "ingest", ingest, run_id="one")
    run_recorded(settings, "publish", lambda *_, **__: {}, run_id="one")
    first, second = records(settings)
    assert (first.run_id, first.step, first.outcome) == ("one", "ingest", "done")
    assert (first.counts, first.log_version, first.batches) == ({"accepted": 64}, 5, [4, 5])
    assert first.bytes_written is not None
    assert second.bytes_written is not None
    assert 8 * MIB <= first.bytes_written < 12 * MIB
    assert second.bytes_written < MIB
    assert first.peak_memory_bytes is not None
    assert second.peak_memory_bytes is not None
    # What the first step held is given back: the second one's peak is its own.
    assert first.peak_memory_bytes > second.peak_memory_bytes + 32 * MIB
    assert first.seconds > second.seconds >= 0


def test_the_line_that_a_kill_or_a_full_disk_tore_spoils_no_other(settings: Settings) -> None:
    append(settings, RECORD)
    with (settings.home / FILE_NAME).open("a") as stream:
        stream.write('{"run_id": "one", "st')
    append(settings, replace(RECORD, step="publish"))
    assert [one.step for one in records(settings)] == ["build", "publish"]
    assert last_run(settings) is not None


def test_the_last_run_is_told_step_by_step(settings: Settings) -> None:
    assert list(lines_of(last_steps(settings))) == ["no run is recorded yet"]
    append(settings, replace(RECORD, run_id="before"))
    append(settings, replace(RECORD, counts={"rows": 1234}, bytes_read=56_700_000))
    failed = replace(RECORD, step="publish", outcome="failed", error="no room", seconds=0.5)
    append(settings, failed)

    head, _, *steps = lines_of(last_steps(settings))
    assert head == "run one, in UTC from 2026-07-01T01:00:00"
    assert [line.split() for line in steps] == [
        ["build", "9.2", "1,234", "56.7", "-", "-"],
        ["publish", "0.5", "-", "-", "-", "-", "failed:", "no", "room"],
    ]


def test_only_the_end_of_a_long_file_is_read(settings: Settings) -> None:
    for number in range(50):
        append(settings, replace(RECORD, run_id=f"run {number}"))
    found = records(settings, tail_bytes=2000)
    assert 1 < len(found) < 10
    assert found[-1].run_id == "run 49"


def test_a_record_that_can_not_be_kept_fails_no_run(settings: Settings) -> None:
    (settings.home / FILE_NAME).mkdir()
    assert run_recorded(settings, "land", lambda *_, **__: {"a": 1}, run_id="one") == {"a": 1}
    assert records(settings) == []


def test_a_step_that_comes_after_publishing_leaves_the_run_published(settings: Settings) -> None:
    append(settings, replace(RECORD, step="publish"))
    append(settings, replace(RECORD, step="pages"))
    run = last_run(settings)
    assert run is not None
    assert (run.outcome, run.step) == ("published", "pages")


def test_logs_are_json_lines_with_run_and_batches(
    settings: Settings, json_lines: pytest.CaptureFixture[str]
) -> None:
    run_recorded(settings, "ingest", lambda *_, **__: {"accepted": 2, "batches": [3]}, run_id="r")

    def fails(*_: object, **__: object) -> dict[str, Any]:
        raise OSError("no space\nleft")

    with pytest.raises(OSError, match="no space"):
        run_recorded(settings, "build", fails, run_id="r")
    told = [json.loads(line) for line in json_lines.readouterr().err.splitlines()]
    assert [(one["event"], one["level"], one["step"], one["run_id"]) for one in told] == [
        ("step_started", "info", "ingest", "r"),
        ("step_done", "info", "ingest", "r"),
        ("step_started", "info", "build", "r"),
        ("step_failed", "error", "build", "r"),
    ]
    assert (told[1]["batches"], told[1]["counts"]) == ([3], {"accepted": 2})
    assert told[3]["error"] == "OSError: no space left"


def test_without_the_setting_nothing_is_logged(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(settings)
    run_recorded(settings, "land", lambda *_, **__: {}, run_id="r")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "")


# The page.


def test_the_page_has_every_step_of_the_last_runs_and_quotes_no_error(settings: Settings) -> None:
    for number in range(SHOWN + 3):
        run = replace(RECORD, run_id=f"run {number}", batches=[number])
        append(settings, run)
        append(settings, replace(run, step="publish", seconds=1.5, batches=[]))
    append(
        settings,
        replace(RECORD, run_id="<b>", outcome="failed", error_kind="KeyError", error="QQ123456C"),
    )
    index = write_runs_page(settings)
    assert index == settings.site / "runs" / "index.html"
    text = index.read_text(encoding="utf-8")
    assert text.count('<th scope="row">2026-07-01 02:00</th>') == 2 * SHOWN
    assert "failed in build: KeyError" in text
    assert "QQ123456C" not in text
    assert '<td class="number">10.8</td>' in text
    picture = (index.parent / "seconds.svg").read_text(encoding="utf-8")
    assert re.findall(r"<text y=\"16\">(\w+), up to ([\d.]+) s", picture) == [
        ("build", "9.2"),
        ("publish", "1.5"),
    ]
    before = {path.name: path.read_bytes() for path in index.parent.iterdir()}
    write_runs_page(settings)
    assert {path.name: path.read_bytes() for path in index.parent.iterdir()} == before


def test_a_run_that_did_not_come_to_a_step_leaves_a_gap(settings: Settings) -> None:
    for number, steps in enumerate(["ab", "ab", "a", "ab"]):
        for name in steps:
            append(settings, replace(RECORD, run_id=f"{number}", step=name))
    index = write_runs_page(settings)
    assert index is not None
    picture = (index.parent / "seconds.svg").read_text(encoding="utf-8")
    first, second = (re.findall(r'<rect x="([\d.]+)"', one) for one in picture.split("<text ")[1:3])
    assert (len(first), second) == (4, [*first[:2], first[3]])


@pytest.mark.parametrize("is_simulated", [True, False])
def test_runs_on_simulated_data_say_so(settings: Settings, is_simulated: bool) -> None:
    append(settings, RECORD)
    result = GateResult(gate="log", run_id="r", outcome="passed", is_simulated=is_simulated)
    write_result(settings, result)
    index = write_runs_page(settings)
    assert index is not None
    assert ("Simulated data." in index.read_text(encoding="utf-8")) == is_simulated


def test_a_home_without_runs_has_no_page(settings: Settings) -> None:
    assert write_runs_page(settings) is None
    assert not settings.site.exists()


def test_a_page_that_can_not_be_made_fails_no_run(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    append(settings, RECORD)
    settings.site.write_text("in the way")
    with drawing_runs(settings.model_copy(update={"pages": True})):
        pass
    assert "the page of runs could not be made" in capsys.readouterr().err
