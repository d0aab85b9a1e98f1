"""From a row of the register to rows of `target_projections`, and the page of the back-test."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import UsageError
from core.settings import PROJECT_ROOT
from projections.method import MULTIPLES
from projections.targets import NOT_PROJECTABLE, PROJECTED
from publish.pages import projections as projections_page

CARERS = "dwp-carers-allowance-new-claims"
CLAIMS = "dwp-jobseekers-allowance-jsa-new-claims"
MODELS = (
    "targets",
    "mart_targets",
    "int_target_path_segments",
    "int_target_periods",
    "int_target_standings",
    "target_attainment",
    "int_target_quarters",
    "int_target_projections",
    "target_projections",
)
TARGETS: tuple[dict[str, str], ...] = (
    {
        "target_id": "year-with-a-due-date",
        "service_id": CARERS,
        "target_ratio": "0.8",
        "due_on": "2017-06-30",
        "period_kind": "rolling_year",
    },
    {"target_id": "quarter", "service_id": CLAIMS, "target_ratio": "0.95"},
    {"target_id": "set-after-all", "service_id": CLAIMS, "target_ratio": "0.95"}
    | {"set_on": "2017-01-01"},
    {"target_id": "months", "service_id": CLAIMS, "target_ratio": "0.95", "period_kind": "month"},
    {"target_id": "department", "department_id": "hmrc", "target_ratio": "0.99"}
    | {"due_on": "2016-12-31"},
    {"target_id": "attained", "service_id": CLAIMS, "target_ratio": "0.1"},
)


def register_row(stated: dict[str, str]) -> dict[str, str]:
    common = {
        "department_id": "dwp",
        "metric": "digital_take_up",
        "set_on": "2015-01-01",
        "is_set_on_estimated": "false",
        "period_kind": "quarter",
        "definition_id": "transactions-explorer",
        "scope": "All",
        "source": "Test",
        "note": "Test",
    }
    return common | stated


def with_targets(folder: Path) -> Path:
    """A copy of models and registers, with targets in the register that are still ahead."""
    project = folder / "project"
    shutil.copytree(
        PROJECT_ROOT / "dbt_project",
        project / "dbt_project",
        ignore=shutil.ignore_patterns("target"),
    )
    shutil.copytree(PROJECT_ROOT / "seeds", project / "seeds")
    register = project / "seeds" / "targets.csv"
    columns = register.read_text(encoding="utf-8").splitlines()[0].split(",")
    with register.open("a", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writerows(register_row(target) for target in TARGETS)
    return project


@pytest.fixture(scope="module")
def projected(
    vintages_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """Rows of the mart by target, after the vintages' night and a build with the new targets."""
    folder = tmp_path_factory.mktemp("projections")
    project, staging = with_targets(folder), folder / "takeup.duckdb"
    shutil.copyfile(vintages_home / "warehouse" / "takeup.duckdb", staging)
    facts = {
        "run_at": "2017-06-06T15:27:25+00:00",
        "is_simulated": False,
        "log_version": 1,
        "chain_head": "blake3:0",
        "code_version": "test",
        "held_log_version": 1,
    }
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--no-send-anonymous-usage-stats", "--no-use-colors", "--log-level=warn"),
            *(f"--log-path={project / 'logs'}", "build", "--exclude-resource-type=unit_test"),
            *(f"--project-dir={project / 'dbt_project'}", "--vars", json.dumps(facts)),
            *(f"--profiles-dir={project / 'dbt_project'}", f"--target-path={project / 'target'}"),
            *("--select", *MODELS),
        ],
        env=os.environ | {"TAKEUP_STAGING_FILE": str(staging)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-2000:]}"
    found: dict[str, list[dict[str, Any]]] = {}
    with duckdb.connect(str(staging), read_only=True) as connection:
        result = connection.execute("from target_projections order by target_id, period_end")
        names = [column[0] for column in result.description or ()]
        for row in (dict(zip(names, values, strict=True)) for values in result.fetchall()):
            found.setdefault(row["target_id"], []).append(row)
    return found


def test_targets_still_ahead_have_rows_and_others_have_none(
    projected: dict[str, list[dict[str, Any]]],
) -> None:
    assert set(projected) == {target["target_id"] for target in TARGETS} - {"attained"}


def test_a_year_is_projected_up_to_its_due_date(
    projected: dict[str, list[dict[str, Any]]], published: duckdb.DuckDBPyConnection
) -> None:
    found = projected["year-with-a-due-date"]
    quarters = dict(
        published.execute(
            "select period_start, (digital_count, total_count) from take_up where service_id = ? "
            "and period_kind = 'quarter' and value_status = 'complete'",
            [CARERS],
        ).fetchall()
    )
    digital, total = quarters[dt.date(2016, 4, 1)]
    ratio = digital / total

    assert [row["period_end"] for row in found] == [
        dt.date(2016, 9, 30),
        dt.date(2016, 12, 31),
        dt.date(2017, 3, 31),
        dt.date(2017, 6, 30),
    ]
    assert [row["quarters_ahead"] for row in found] == [1, 2, 3, 4]
    assert {row["value_status"] for row in found} == {PROJECTED}
    # The first year holds three quarters that are known, and one like the last.
    known = [quarters[start] for start in sorted(quarters)[-3:]]
    volume = quarters[dt.date(2015, 7, 1)][1]
    counted = sum(count for count, _ in known) + volume * ratio
    assert found[0]["projected_ratio"] == pytest.approx(
        counted / (sum(count for _, count in known) + volume), abs=1e-6
    )
    assert found[3]["projected_ratio"] == pytest.approx(ratio, abs=1e-6)
    for row in found:
        assert row["lower_95"] < row["lower_80"] < row["projected_ratio"]
        assert row["projected_ratio"] < row["upper_80"] < row["upper_95"]
        assert (row["target_ratio"], row["service_id"]) == (0.8, CARERS)
        assert row["quarters_used"] == len(quarters)
        assert row["known_at"] is not None


def test_a_quarter_without_a_due_date_is_projected_two_years_ahead(
    projected: dict[str, list[dict[str, Any]]],
) -> None:
    found = projected["quarter"]

    assert [row["quarters_ahead"] for row in found] == list(range(1, 9))
    assert len({row["projected_ratio"] for row in found}) == 1
    assert found[0]["period_start"] == dt.date(2016, 7, 1)


def test_a_target_that_nothing_counts_for_yet_is_projected_from_what_was_before(
    projected: dict[str, list[dict[str, Any]]],
) -> None:
    ratios = [
        [(row["period_end"], row["projected_ratio"], row["upper_95"]) for row in projected[target]]
        for target in ("set-after-all", "quarter")
    ]

    assert ratios[0] == ratios[1]


def test_a_department_is_projected_by_its_own_take_up(
    projected: dict[str, list[dict[str, Any]]], published: duckdb.DuckDBPyConnection
) -> None:
    last, end = published.execute(
        "select arg_max(take_up_ratio, period_end), max(period_end) from department_take_up "
        "where level = 'department' and department_id = 'hmrc' and period_kind = 'quarter' "
        "and structure = 'as_at_period' and scope = 'all' and take_up_ratio is not null "
        "and coverage_status <> 'too_incomplete'"
    ).fetchall()[0]
    found = projected["department"]

    assert end < found[0]["period_end"] <= dt.date(2016, 12, 31)
    assert found[0]["projected_ratio"] == pytest.approx(last, abs=1e-6)
    assert found[0]["service_id"] is None


def test_what_cannot_be_projected_says_why_and_has_no_number(
    projected: dict[str, list[dict[str, Any]]],
) -> None:
    (row,) = projected["months"]

    assert row["value_status"] == NOT_PROJECTABLE
    assert row["status_reason"] == (
        "judged by month: projections are of quarters and years of quarters"
    )
    assert (row["projected_ratio"], row["lower_80"], row["upper_95"]) == (None, None, None)


def test_no_target_of_the_register_is_ahead_on_the_vintages(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """All three were attained at some time: nothing is projected that is over."""
    assert published.execute("select count(*) from target_projections").fetchone() == (0,)


# the page


@pytest.fixture(scope="module")
def page(published_vintages: Path) -> str:
    return projections_page.page(projections_page.histories(published_vintages))


NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?")


@pytest.mark.slow
def test_page_is_current(page: str) -> None:
    """Word for word; figures to the last digit but one, as fits differ between machines."""
    written = projections_page.PAGE.path.read_text(encoding="utf-8")

    assert NUMBER.sub("#", written) == NUMBER.sub("#", page)
    numbers = [
        [float(number.replace(",", "")) for number in NUMBER.findall(text)]
        for text in (written, page)
    ]
    assert numbers[0] == pytest.approx(numbers[1], abs=0.11)


@pytest.mark.slow
def test_the_95_interval_holds_at_least_nine_in_ten_where_it_was_not_fitted(page: str) -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if line.count("|") == 8 and "%" in line
    ]
    widened = {
        (row[0], row[1]): float(row[5].rstrip("%")) for row in rows if row[1] == "held against"
    }
    of_all = [float(row[3].rstrip("%")) for row in rows if row[0][0].isdigit()]

    assert set(widened) == {("Quarters", "held against"), ("Rolling years", "held against")}
    assert min(widened.values()) >= 90
    assert len(of_all) == 4 * 6
    assert min(of_all) >= 90
    fitted = [float(row[6]) for row in rows if row[1] == "fitted"]
    assert max(fitted) <= MULTIPLES[95]


def test_a_home_that_published_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no published file"):
        projections_page.histories(tmp_path / "published" / "takeup.duckdb")
