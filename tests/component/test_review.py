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
from publish.reviews import export_reviews, reports_are_new
from publish.swap import publish as swap
from tests.support.promised import promise, promises_in
from tests.support.warehouse import build_staging, gate_passed, make_settings

REPORTED = """
    create or replace table commitments as
    select * from (values
        ('co', 8, 2013, 'under_way'), ('co', 8, 2014, 'done'), ('dwp', 8, 2014, 'no_entry')
    ) as t (department_id, action, reported_year, status), (select false as is_simulated);

    create table exemplars as
    select 'register' as exemplar_id, 'promised 3, counted 1' as finding, false as is_simulated;

    create or replace table report_claims as
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

OF_NO_YEAR = {"section_kind": None, "section_year": None, "due_on": None}
PROMISED = (
    promise("kept", "kept"),
    promise("due on the last day", "not_reported", section_year=2015),
    promise("due the day after", "open", section_year=2015, due_on="2015-01-01"),
    promise("due later", "open", due_on="2015-12-31", progress="under_way"),
    promise("without a day", "kept_undated", section_year=2012, due_on=None),
    promise("of the year after", "open", section_year=2015, due_on=None),
    promise("no test", "no_test"),
    promise("of a strategy", "open", **OF_NO_YEAR, known_at="2012-11-30 00:00:00+00"),
    promise("known on the last day", "open", **OF_NO_YEAR, known_at="2014-12-31 23:59:59+00"),
    promise("known later", "open", **OF_NO_YEAR, known_at="2015-01-01 00:00:00+00"),
    promise("replaced version", "open", known_to="2016-01-01 00:00:00+00"),
    promise("replaced version", "kept_late", known_at="2016-01-01 00:00:00+00"),
    promise("known after the file", "kept", known_at="2017-07-01 02:00:01+00"),
    promise(
        "a target",
        "open",
        target_id="licence-60",
        target_verdict="attained",
        latest_says="dipped",
    ),
)
"""Promises before the file's moment, 1 July 2017 at 02:00, and one after it."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home that published what reports say beside the measures."""
    found = make_settings(tmp_path / "home")
    staging = build_staging(found)
    with duckdb.connect(str(staging)) as connection:
        connection.execute(REPORTED)
        promises_in(connection, *PROMISED)
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


def test_promises_of_the_year_or_due_by_its_end_are_those_of_the_packs_moment(
    settings: Settings,
) -> None:
    rows = rows_of(export_review(settings, year=2014).path, "promises.csv")

    assert {row["promise_id"]: row["reported"] for row in rows} == {
        "kept": "kept",
        "due on the last day": "not_reported",
        "due later": "open",
        "without a day": "kept_undated",
        "no test": "no_test",
        "of a strategy": "open",
        "known on the last day": "open",
        "replaced version": "kept_late",
        "a target": "open",
    }
    (target,) = (row for row in rows if row["promise_id"] == "a target")
    assert (target["target_verdict"], target["latest_says"]) == ("attained", "dipped")


def test_the_kept_ones_are_never_counted_without_their_parts(settings: Settings) -> None:
    pack = export_review(settings, year=2014)
    manifest = json.loads((pack.path / "manifest.json").read_text(encoding="utf-8"))

    told = manifest["promises"]
    assert (told["kept_count"], told["with_test_count"], told["promises_count"]) == (3, 8, 9)
    counts = {word: said["promises_count"] for word, said in told["reported"].items()}
    assert sum(counts.values()) == 9
    assert (counts["no_test"], counts["not_reported"], counts["open"]) == (1, 1, 4)
    assert told["reported"]["kept_late"]["means"] == "kept after its day"
    assert pack.notes[-1] == (
        "3 of 8 promises with a test were kept (1 by their day, 1 late, 1 without a day that would"
        " tell); of the others 0 kept in part, 0 replaced, 0 not kept, 1 due and silent, 4 open."
        " Counted apart: 1 without a test, 0 not applicable, 0 left to a person. Together 9."
    )


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
        path.name
        for path in pack.path.iterdir()
        if path.name not in ("manifest.json", "edition.json")
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


def change_published(settings: Settings, statement: str) -> None:
    with duckdb.connect(str(settings.published_file)) as connection:
        connection.execute(statement)


def test_reviews_are_made_again_only_where_something_is_new_of_reports(settings: Settings) -> None:
    assert reports_are_new(settings)
    made = export_reviews(settings)
    assert [(one.path.name, one.state) for one in made] == [
        ("mi-review-2013", "written"),
        ("mi-review-2014", "written"),
    ]
    assert not reports_are_new(settings)
    change_published(settings, "update commitments set status = 'done' where department_id = 'dwp'")
    assert reports_are_new(settings)
    assert [(one.path.name, one.edition) for one in export_reviews(settings)] == [
        ("mi-review-2013", 1),
        ("mi-review-2014-edition-2", 2),
    ]
    assert not reports_are_new(settings)


def test_where_no_report_has_landed_nothing_is_new(settings: Settings) -> None:
    change_published(settings, "delete from commitments")
    assert not reports_are_new(settings)
    assert export_reviews(settings) == []


def test_a_review_that_can_not_be_made_keeps_no_other_from_being_made_and_is_tried_again(
    settings: Settings,
) -> None:
    settings.exports.mkdir()
    (settings.exports / "mi-review-2013").write_text("in its place")
    with pytest.raises(TakeupError, match=r"2013: .*is not a folder"):
        export_reviews(settings)
    assert (settings.exports / "mi-review-2014" / "manifest.json").is_file()
    assert reports_are_new(settings)
