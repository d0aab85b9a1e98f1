from __future__ import annotations

import dataclasses
import datetime as dt
import io
from pathlib import Path

import duckdb
import pytest
from rich.console import Console

from publish.database import reading
from publish.standings import Period, Target, targets_of
from publish.summary import SIMULATED, render_places, render_targets
from tests.support.warehouse import build_staging, make_settings

LICENCE = Target(
    target_id="licence-85",
    service_id="licence",
    service="Jobseeker's Allowance: [new] claims",
    metric="take_up",
    target_ratio=0.85,
    due_on=dt.date(2013, 9, 30),
    period_kind="rolling_year",
    definition_id="transactions-explorer",
    digital_count=1_118_223,
    total_count=1_292_361,
    measured_ratio=0.8652558,
    measured_period_start=dt.date(2015, 1, 1),
    measured_period_end=dt.date(2015, 12, 31),
    gap_pp=1.52558,
    attained_not_before=None,
    attained_by=None,
    periods_early=None,
    latest_period_kind=None,
    latest_period_end=None,
    latest_says="unknown",
    is_stale=False,
    verdict="attained",
    reason=None,
    is_simulated=False,
    periods=[
        Period(
            kind="rolling_year",
            start=dt.date(2015, 1, 1),
            end=dt.date(2015, 12, 31),
            ratio=0.8652558,
            lowest=0.8652558,
            highest=0.8652558,
            is_judged=True,
        )
    ],
)


def printed(*rows: Target, width: int = 80, terminal: bool = False) -> str:
    out = io.StringIO()
    render_targets(rows, Console(file=out, width=width, force_terminal=terminal))
    # Tables are filled up to their width: what counts is what can be seen.
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def test_a_target_and_where_it_stands() -> None:
    assert printed(LICENCE) == (
        "\n"
        "Jobseeker's Allowance: [new] claims\n"
        "target    85% by 30 September 2013 (by rolling year, transactions-explorer)\n"
        "standing  Year to December 2015 86.5%, above 85%\n"
        "parts     1,118,223 digital of 1,292,361 in year to 31 December 2015\n"
        "verdict   attained\n"
    )  # fmt: skip


def test_a_target_that_can_not_be_measured() -> None:
    unmeasured = dataclasses.replace(
        LICENCE,
        due_on=None,
        digital_count=None,
        measured_period_end=None,
        periods=[],
        verdict="not_measurable",
        reason="no complete period since it was set",
    )
    text = printed(unmeasured)
    assert "target    85%, no due date" in text
    assert "standing  no value" in text
    assert "parts" not in text
    assert "verdict   not measurable: no complete period since it was set" in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_is_cut_off_however_narrow(width: int) -> None:
    long = dataclasses.replace(LICENCE, service="Vehicle " * 20, reason="because " * 20)
    text = printed(long, width=width)
    lines = text.splitlines()
    assert all(len(line) <= width for line in lines)
    assert text.count("Vehicle") == 20
    assert text.count("because") == 20
    assert "…" not in text
    assert "1,292,361" in text


def test_colours_only_on_a_terminal() -> None:
    assert "\x1b[" not in printed(LICENCE)
    assert "\x1b[32m" in printed(LICENCE, terminal=True)


def test_text_from_a_source_can_not_steer_the_terminal() -> None:
    row = dataclasses.replace(LICENCE, service="a\x1b[2Jb", reason="[bold]x\x07")
    text = printed(row)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "[bold]x" in text


def test_simulated_data_is_said_first_and_with_each_target() -> None:
    text = printed(dataclasses.replace(LICENCE, is_simulated=True))
    assert " ".join(text.split()).startswith(SIMULATED)
    assert "[new] claims (simulated)" in text
    assert "SIMULATED" not in printed(LICENCE)


def test_no_targets_is_said() -> None:
    assert printed() == "No targets are registered.\n"


def test_places_are_never_broken(tmp_path: Path) -> None:
    out = io.StringIO()
    long = tmp_path / ("folder [x] " * 12)
    render_places(
        {"published file": long, "MI pack": None}, Console(file=out, width=40, force_terminal=False)
    )
    assert out.getvalue() == f"\npublished file  {long}\nMI pack         none yet\n"


def test_rows_carry_the_parts_of_the_value_that_was_measured(tmp_path: Path) -> None:
    path = build_staging(make_settings(tmp_path))
    with reading(path) as connection:
        (row,) = targets_of(connection)
    assert row.service == "Fishing [rod] licence"
    assert (row.digital_count, row.total_count, row.measured_ratio) == (2600, 4000, 0.65)
    assert row.measured_period_end == dt.date(2014, 12, 31)
    assert (row.verdict, row.periods_early, row.is_simulated) == ("attained", 1, False)
    assert row.months_early_reported == 1
    assert {period.kind for period in row.periods} == {"quarter", "rolling_year"}


def test_a_target_without_parts_or_service_is_still_listed(tmp_path: Path) -> None:
    path = build_staging(make_settings(tmp_path))
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from as_of.target_periods")
        connection.execute("update target_attainment set service_id = null")
    with reading(path) as connection:
        (row,) = targets_of(connection)
    assert (row.service, row.digital_count) == ("defra", None)
    assert "parts" not in printed(row)
