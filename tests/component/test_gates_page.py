"""The page of the gates, the line of it that the overview shows, and what is explained of one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.errors import GateFailed, UsageError
from core.settings import Settings
from expectations.catalogue import suites_of
from expectations.definitions import ROW_GUARD, Gate
from expectations.results import (
    CheckResult,
    GateResult,
    Outcome,
    SuiteResult,
    failure_kinds,
    nothing_checked,
    result_path,
    write_result,
)
from publish.pages.site.gates import SHOWN, drawing_gates, write_gates_page
from takeup.explanation import explain, explanation_lines
from tests.support.site_pages import read_page

HOSTILE = "<script>alert(1)</script>\x1b[2J"
NAME = "take_up_has_no_gaps"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", pages=True)


def check(name: str, outcome: Outcome, **more: Any) -> CheckResult:
    fields = {
        "severity": "warn" if outcome == "warned" else "fail",
        "means": "It holds.",
        "when_it_trips": "Mend it.",
        "owner": "register keepers",
    }
    return CheckResult(name=name, outcome=outcome, **(fields | more))


def kept(
    settings: Settings, gate: Gate, *checks: CheckResult, number: int = 1, rows: int = 1200
) -> Path:
    """A result of a gate, of the minute of that number."""
    suite = SuiteResult(
        table="take_up",
        rows_expected=rows,
        rows_checked=rows,
        checks_expected=len(checks),
        checks=list(checks),
    )
    kinds = failure_kinds([suite])
    path = write_result(
        settings,
        GateResult(
            gate=gate,
            run_id=f"run {number}",
            outcome="failed" if kinds else "passed" if checks else "nothing_new",
            failure_kinds=kinds,
            suites=[suite] if checks else [],
            checked_at=f"2026-11-30T02:{number:02}:00+00:00",
        ),
    )
    os.utime(path, (number, number))
    return path


def drawn(settings: Settings) -> tuple[str, str]:
    """The text of the page, and of the line for the overview."""
    index = write_gates_page(settings)
    return read_page(index).text, read_page(index.with_name("standing.html")).text


def test_a_home_whose_gates_have_not_run_says_so(settings: Settings) -> None:
    page, line = drawn(settings)
    assert "Not run" in line
    assert "No gate has looked at anything in this home yet." in page


def test_what_passed_is_there_at_a_glance_and_in_full(settings: Settings) -> None:
    kept(settings, "log", check("identity_is_unique", "passed"))
    kept(settings, "warehouse", check(NAME, "passed"), check("odd", "warned", unexpected_count=3))
    page, line = drawn(settings)
    assert "✓ Passed" in line
    assert "Last looked at on 30 November 2026 at 02:01, with 1 warning." in line
    read = read_page(settings.site / "gates" / "index.html")
    assert {"identity_is_unique", NAME, "odd"} <= read.ids
    assert ["oddIt holds.", "! warning", "3", "warn", "register keepers"] in read.rows
    assert "1,200 in 1 table" in page


def test_what_stopped_a_run_is_said_with_its_owner_and_remedy(settings: Settings) -> None:
    kept(settings, "log", check("identity_is_unique", "passed"))
    kept(settings, "warehouse", check(NAME, "passed"), number=1)
    kept(settings, "warehouse", check(NAME, "failed", unexpected_count=7), number=2)
    page, line = drawn(settings)
    assert "✗ Stopped" in line
    assert "The warehouse gate stopped the run on 30 November 2026 at 02:02" in line
    assert "1 expectation did not hold" in line
    for said in ("failed, 7 unexpected", "register keepers", "Mend it.", "of which it stopped 1;"):
        assert said in page
    kept(settings, "warehouse", check(NAME, "passed"), number=3)
    assert "✓ Passed" in drawn(settings)[1]


def test_a_night_without_anything_new_changes_only_when_it_was_looked_at(
    settings: Settings,
) -> None:
    kept(settings, "log", check("identity_is_unique", "failed"), number=1)
    kept(settings, "log", number=2)
    page, line = drawn(settings)
    assert "Stopped" in line
    assert "Last without anything new30 November 2026 at 02:02" in page


def test_the_page_shows_the_last_runs_alone(settings: Settings) -> None:
    for number in range(SHOWN + 3):
        kept(settings, "warehouse", check(NAME, "passed"), number=number, rows=number)
    rows = [row for row in read_page(write_gates_page(settings)).rows if row[1:2] == ["passed"]]
    assert len(rows) == SHOWN
    assert rows[0][0] == "30 November 2026 at 02:16"


def test_a_result_that_can_not_be_read_or_is_of_an_earlier_version_spoils_no_page(
    settings: Settings,
) -> None:
    path = kept(settings, "log", check("identity_is_unique", "passed"))
    said = json.loads(path.read_bytes())
    del said["checked_at"], said["suites"][0]["checks"][0]["owner"]
    path.write_text(json.dumps(said))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    path.with_name("torn-log.json").write_text("{")
    assert "Last looked at on 14 November 2023" in drawn(settings)[1]


def test_whatever_a_row_an_error_or_a_run_says_is_text(settings: Settings) -> None:
    kept(
        settings,
        "warehouse",
        check(NAME, "failed", unexpected_count=1, samples=[{"name": HOSTILE}]),
        check("other", "error", error=HOSTILE),
    )
    path = kept(settings, "pack", check(NAME, "passed"))
    path.write_text(path.read_text().replace("run 1", "<b>"))
    page = read_page(write_gates_page(settings))
    text = (settings.site / "gates" / "index.html").read_text()
    assert text.count("<script") == 1
    assert "<b>" not in text
    assert page.text.count("<script>alert(1)</script>") == 2
    assert "\x1b" not in text


def test_simulated_data_have_their_banner(settings: Settings) -> None:
    path = kept(settings, "log", check("identity_is_unique", "passed"))
    path.write_text(path.read_text().replace('"is_simulated": null', '"is_simulated": true'))
    assert "Simulated data." in drawn(settings)[0]


def test_the_page_is_drawn_when_a_gate_stops_the_run_and_fails_none(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(GateFailed), drawing_gates(settings):
        raise GateFailed("stopped")
    assert (settings.site / "gates" / "index.html").is_file()
    blocked = settings.model_copy(update={"home": settings.home / "other"})
    blocked.home.mkdir()
    blocked.site.write_text("in the way")
    with drawing_gates(blocked):
        pass
    assert "the page of the gates could not be made" in capsys.readouterr().err
    with drawing_gates(blocked.model_copy(update={"pages": False})):
        pass
    assert capsys.readouterr().err == ""


# What is explained.


def test_an_expectation_is_explained_with_its_last_result(settings: Settings) -> None:
    kept(
        settings, "warehouse", check(NAME, "failed", unexpected_count=7, samples=[{"id": "a\x1b"}])
    )
    kept(settings, "warehouse", check("other", "passed"), number=2)
    lines = list(explanation_lines(explain(settings, NAME)))
    assert lines[0] == f"{NAME}: take_up, of the warehouse gate"
    assert "  severity  fail: stops the run" in lines
    assert "  owner     take-up data team" in lines
    assert (
        "  last      failed on 30 November 2026 at 02:01: 1,200 rows checked, 7 unexpected" in lines
    )
    assert "\x1b" not in "".join(lines)
    assert lines[-1].endswith(str(result_path(settings, run_id="run 1", gate="warehouse")))


def test_a_window_is_explained_and_what_it_could_not_check(settings: Settings) -> None:
    name = "a_day_of_a_channel_is_like_the_same_weekdays_before"
    kept(settings, "warehouse", check(name, "passed", unexpected_count=0, unchecked_count=12))
    said = "\n".join(explanation_lines(explain(settings, name)))
    assert "up to 8 before it of the same weekday" in said
    assert "expectations/windows.yml" in said
    assert "not checked: 12 series with too few points" in said


def test_what_every_table_has_is_explained_over_all_of_them(settings: Settings) -> None:
    suites = [
        nothing_checked(suite, rows_expected=0, outcome="not_run", reason="gone")
        for suite in suites_of("warehouse")[:2]
    ]
    write_result(
        settings, GateResult(gate="warehouse", run_id="r", outcome="failed", suites=suites)
    )
    found = explain(settings, ROW_GUARD.name)
    assert found["last"]["outcome"] == "not_run"
    assert next(explanation_lines(found)) == f"{ROW_GUARD.name}: every table, of the warehouse gate"


@pytest.mark.parametrize("gate", ["log", "warehouse", "pack"])
def test_whatever_a_gate_expects_can_be_explained(settings: Settings, gate: Gate) -> None:
    for suite in suites_of(gate):
        for one in suite.expectations:
            found = explain(settings, one.name)
            assert (found["gate"], found["table"], found["last"]) == (gate, suite.table, None)


def test_an_unknown_name_is_refused_with_those_near(settings: Settings) -> None:
    with pytest.raises(UsageError, match="did you mean take_up_has_no_gaps"):
        explain(settings, "take_up_has_gaps")
    with pytest.raises(UsageError, match=r"did you mean .*_of_a_service_is_like_the_same"):
        explain(settings, "a_quarter_of")
    with pytest.raises(UsageError, match=r"docs/gates\.md lists all"):
        explain(settings, "0")


def test_the_command_explains_and_exits_2_for_an_unknown_name(settings: Settings) -> None:
    command = [str(Path(sys.executable).with_name("takeup")), "--home", str(settings.home), "check"]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *words], capture_output=True, text=True, timeout=120, check=False
        )

    done = run("--explain", NAME, "--json")
    assert json.loads(done.stdout)["owner"] == "take-up data team"
    assert run("--explain", "no_such_thing_at_all").returncode == 2
    assert not settings.home.exists()
