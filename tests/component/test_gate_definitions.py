from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml

from expectations.definitions import (
    ROW_GUARD,
    SUITES,
    Expectation,
    Suite,
    digest_of_suites,
    parse_suite,
    suites_of,
)
from expectations.samples import on_table
from ingest.log.columns import PARTITION, columns_of
from ingest.validation.event_types import event_types

ROOT = Path(__file__).parents[2]
ALL_SUITES = [*suites_of("log"), *suites_of("warehouse")]
ALL_EXPECTATIONS = [one for suite in ALL_SUITES for one in suite.expectations]

GOOD = {
    "gate": "log",
    "table": "things",
    "rows": "a thing",
    "show": ["id"],
    "expectations": [
        {
            "name": "things_are",
            "severity": "fail",
            "means": "They are.",
            "when_it_trips": "Look.",
            "unexpected_rows": "select * from batch where false",
        }
    ],
}


def in_suite(**changes: object) -> str:
    return yaml.safe_dump(GOOD | {"expectations": [GOOD["expectations"][0] | changes]})  # type: ignore[index]


def argument_of(name: str, argument: str) -> set[str]:
    found = next(one for one in ALL_EXPECTATIONS if one.name == name)
    return set(found.arguments[argument])


def test_a_suite_reads_as_it_is_written() -> None:
    suite = parse_suite(yaml.safe_dump(GOOD))
    assert suite.expectations[0].unexpected_rows == "select * from batch where false"


@pytest.mark.parametrize(
    "changes",
    [
        {"severity": "error"},
        {"serverity": "warn"},
        {"means": None},
        {"expect": "ExpectColumnValuesToNotBeNull"},  # and unexpected_rows
        {"unexpected_rows": None},  # neither of the two
        {"unexpected_rows": None, "expect": "ExpectColumnValuesToMatchRegex"},
        {"unexpected_rows": "select * from batches"},
    ],
)
def test_a_suite_that_is_written_wrong_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_suite(in_suite(**changes))


def test_two_expectations_of_one_name_are_refused() -> None:
    with pytest.raises(msgspec.ValidationError, match="things_are is there twice"):
        parse_suite(yaml.safe_dump(GOOD | {"expectations": 2 * GOOD["expectations"]}))  # type: ignore[operator]


def test_every_file_is_a_suite_of_a_table_of_its_own_name() -> None:
    files = sorted(path.stem for path in SUITES.glob("*.yml"))
    assert sorted(suite.table for suite in ALL_SUITES) == files
    assert {"take_up", "take_up_headline", "department_take_up", "target_attainment"} <= set(files)
    assert {"services", "ingest_ledger", "log_events"} <= set(files)


def test_a_name_says_which_expectation_is_meant() -> None:
    names = [one.name for one in ALL_EXPECTATIONS]
    assert len(set(names)) == len(names)
    assert ROW_GUARD.name not in names
    assert all(re.fullmatch(r"[a-z][a-z_]+", name) for name in names)


@pytest.mark.parametrize("expectation", [ROW_GUARD, *ALL_EXPECTATIONS], ids=lambda one: one.name)
def test_every_expectation_says_what_it_means_and_what_to_do(expectation: Expectation) -> None:
    for text in (expectation.means, expectation.when_it_trips):
        assert len(text.split()) >= 3
        assert text.strip().endswith(".")


@pytest.mark.parametrize(
    "expectation",
    [one for one in ALL_EXPECTATIONS if one.unexpected_rows],
    ids=lambda one: one.name,
)
def test_sql_holds_nothing_that_is_read_as_a_parameter(expectation: Expectation) -> None:
    """SQLAlchemy takes `:name` for a parameter, Great Expectations takes braces for one."""
    sql = str(expectation.unexpected_rows)
    assert "{" not in sql
    assert "}" not in sql
    assert re.search(r"(?<![:\w\\]):\w+(?!:)", sql) is None


def test_the_suites_know_the_columns_and_types_of_the_log() -> None:
    columns = set(columns_of("event")) - {PARTITION}
    assert argument_of("event_columns_are_there", "column_set") == columns
    assert argument_of("type_is_known", "value_set") == set(event_types())


def test_sql_is_put_on_its_table_whether_it_has_a_join_or_not() -> None:
    sql = on_table("select 1 from batch join other using (id)\n", "(select * from things)")
    assert sql.startswith("with batch as not materialized (select * from (select * from things))")


def test_the_digest_covers_every_suite(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yml", tmp_path / "b.yml"
    first.write_text("x")
    second.write_text("y")
    before = digest_of_suites([first, second])
    assert digest_of_suites([second, first]) == before
    second.write_text("z")
    assert digest_of_suites([first, second]) != before
    first.write_text("xb.yml 1\n")
    assert digest_of_suites([first]) != before


def test_suites_are_frozen() -> None:
    suite: Suite = ALL_SUITES[0]
    with pytest.raises(AttributeError):
        suite.table = "other"  # type: ignore[misc]


@pytest.mark.parametrize("module", ["expectations", "expectations.seal", "expectations.gates"])
def test_importing_the_gates_is_cheap(module: str) -> None:
    code = (
        f"import sys, {module}; "
        "heavy = {'great_expectations', 'pandas', 'pyarrow', 'duckdb', 'deltalake', 'numpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
