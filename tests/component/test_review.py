"""The pack of an annual review, from a small published file to bytes on disk."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.errors import TakeupError, UsageError
from core.settings import PROJECT_ROOT, Settings
from publish.review import export_review
from publish.swap import publish as swap
from tests.support.warehouse import build_staging, gate_passed, make_settings

REPORTED = """
    create or replace table commitments as
    select * from (values
        ('co', 8, 2013, 'under_way'), ('co', 8, 2014, 'done'), ('dwp', 8, 2014, 'no_entry')
    ) as t (department_id, action, reported_year, status), (select false as is_simulated);

    create table exemplars as
    select 'register' as exemplar_id, 'promised 3, counted 1' as finding, false as is_simulated;

    create table report_claims as
    select * from (values
        ('a', 'outcome', 2014, null, null, '=1+1'),
        ('b', 'outcome', null, '2014-12-31', null, 'of a period'),
        ('c', 'target', 2013, null, '2014-03-31', 'due'),
        ('d', 'outcome', 2013, '2013-12-31', null, 'of another year')
    ) as t (figure_id, claim_kind, section_year, period_end, due_on, subject),
        (select false as is_simulated);
    alter table report_claims alter period_end type date;
    alter table report_claims alter due_on type date;
    alter table report_claims add column period_start date;

    create or replace table figure_reconciliation as
    select figure_id, 'differs' as verdict, -0.5 as difference, false as is_simulated
    from report_claims;

    create table strategy_tests as
    select 'services' as test_id, 'rolling_year' as period_kind,
        date '2014-12-31' as period_end, false as is_simulated;
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that published what reports say beside the measures."""
    found = make_settings(tmp_path / "home")
    staging = build_staging(found)
    with duckdb.connect(str(staging)) as connection:
        connection.execute(REPORTED)
        connection.execute("checkpoint")
    swap(found, run_id="run", require_pass=gate_passed)
    return found


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("takeup")),
            *("--home", str(settings.home), "export", *arguments),
        ],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_review_holds_what_is_of_its_year(settings: Settings) -> None:
    pack = export_review(settings, year=2014)

    assert (pack.path, pack.state) == (settings.exports / "mi-review-2014", "written")
    commitments = rows_of(pack.path, "commitments.csv")
    assert [(row["department_id"], row["status"]) for row in commitments] == [
        ("co", "done"),
        ("dwp", "no_entry"),
    ]
    claims = rows_of(pack.path, "claims.csv")
    assert [row["figure_id"] for row in claims] == ["a", "b", "c"]
    assert {row["verdict"] for row in claims} == {"differs"}
    assert claims[0]["subject"] == "'=1+1"
    assert claims[0]["difference"] == "-0.5"
    assert [row["finding"] for row in rows_of(pack.path, "exemplars.csv")] == [
        "promised 3, counted 1"
    ]
    assert {row["set_on"] <= "2014-12-31" for row in rows_of(pack.path, "targets.csv")} == {True}


def test_the_same_file_gives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    first = export_review(settings, year=2014)
    assert export_review(settings, year=2014).state == "unchanged"

    elsewhere = export_review(settings, year=2014, out=tmp_path / "elsewhere")
    for path in first.path.iterdir():
        assert path.read_bytes() == (elsewhere.path / path.name).read_bytes()


def test_the_manifest_says_what_it_was_made_from(settings: Settings) -> None:
    pack = export_review(settings, year=2014)
    manifest = json.loads((pack.path / "manifest.json").read_text(encoding="utf-8"))

    assert manifest["review"] == 2014
    assert manifest["log_version"] == 7
    assert manifest["files"]["claims.csv"]["row_count"] == 3
    assert sorted(manifest["files"]) == sorted(
        path.name for path in pack.path.iterdir() if path.name != "manifest.json"
    )


def test_a_year_of_which_nobody_speaks_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match=r"no report speaks of 1999: .* has 2013, 2014"):
        export_review(settings, year=1999)


def test_nothing_published_is_said(tmp_path: Path) -> None:
    with pytest.raises(TakeupError, match="nothing is published yet"):
        export_review(make_settings(tmp_path / "home"), year=2014)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "one of the two"),
        (("--quarter", "2014-Q4", "--review", "2014"), "one of the two"),
        (("--review", "2014", "--log-version", "1"), "go with --quarter"),
    ],
)
def test_the_command_wants_a_quarter_or_a_year(
    settings: Settings, arguments: tuple[str, ...], said: str
) -> None:
    done = run(settings, *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr


def test_the_command_writes_a_review(settings: Settings) -> None:
    done = run(settings, "--review", "2014")
    assert done.returncode == 0, done.stderr
    assert str(settings.exports / "mi-review-2014") in done.stdout
